//! Reads a query over known tables and views, as [`Reader`] reads expressions.

use super::kind::Kind;
use super::reader::Reader;
use super::{Known, Relation};
use crate::sql::{TokenKind, quote_ident};

/// A SELECT that is being read.
#[derive(Debug, Default)]
pub struct Select {
    pub sources: Vec<Relation>,
    /// ON sees the tables of its own join only.
    pub visible_from: usize,
    /// Columns outside of functions over groups: where they stand, and which they are.
    pub bare: Vec<(usize, String)>,
    pub has_aggregate: bool,
}

/// What a query gives in one place.
struct Item {
    /// The pieces of its expression.
    from: usize,
    to: usize,
    text: String,
    column: Known,
}

impl Reader<'_> {
    /// The whole of a query; `named` is whether its columns need names of their own.
    pub fn query(&mut self, named: bool) -> Option<Vec<Known>> {
        let (mut columns, mut distinct, mut items) = self.select(named)?;
        let mut united = false;
        while self.eat("union") {
            distinct |= !self.eat("all");
            let (others, ..) = self.select(false)?;
            if others.len() != columns.len() {
                return None;
            }
            for (column, other) in columns.iter_mut().zip(others) {
                column.kind = column.kind.clone().with(other.kind, self.way.is_loose())?;
            }
            united = true;
            items.clear();
        }
        if self.eat("order") {
            self.expect("by")?;
            self.order(&columns, &items, distinct || united, united)?;
        }
        Some(columns)
    }

    pub fn subquery(&mut self) -> Option<Vec<Known>> {
        let (in_aggregate, aggregates) = (self.in_aggregate, self.aggregates);
        self.in_aggregate = false;
        let depth = self.selects.len();
        let columns = self.query(false)?;
        self.selects.truncate(depth);
        (self.in_aggregate, self.aggregates) = (in_aggregate, aggregates);
        Some(columns)
    }

    fn select(&mut self, named: bool) -> Option<(Vec<Known>, bool, Vec<String>)> {
        self.expect("select")?;
        let distinct = self.eat("distinct");
        if !distinct {
            self.eat("all");
        }
        let items_at = self.at;
        self.selects.push(Select::default());
        self.skip_items()?;
        if self.eat("from") {
            self.sources()?;
        }
        let after = self.at;
        self.at = items_at;
        let items = self.items(named)?;
        let end_of_items = self.at;
        self.at = after.max(end_of_items);
        if self.eat("where") {
            self.without_aggregates(Self::condition)?;
        }
        self.groups(&items)?;
        let has_opaque = items.iter().any(|item| item.column.kind == Kind::Other);
        if distinct && has_opaque {
            return None;
        }
        let texts = items.iter().map(|item| item.text.clone()).collect();
        let columns: Vec<Known> = items.into_iter().map(|item| item.column).collect();
        // The tables stay for ORDER BY.
        if self.peek(0) != "order" {
            self.selects.pop();
        }
        Some((columns, distinct, texts))
    }

    /// The pieces as they are written there, for comparison.
    fn text(&self, from: usize, to: usize) -> String {
        self.out[from..to].join(" ")
    }

    fn without_aggregates<T>(&mut self, read: impl Fn(&mut Self) -> Option<T>) -> Option<T> {
        let before = std::mem::replace(&mut self.aggregates, false);
        let found = read(self);
        self.aggregates = before;
        found
    }

    /// To FROM, or to where the query ends: names are known after it only.
    fn skip_items(&mut self) -> Option<()> {
        let mut depth = 0usize;
        while self.at < self.pieces.len() {
            match self.peek(0) {
                "(" => depth += 1,
                ")" if depth == 0 => break,
                ")" => depth -= 1,
                "from" | "where" | "group" | "having" | "order" | "union" if depth == 0 => break,
                _ => {}
            }
            self.at += 1;
        }
        Some(())
    }

    fn items(&mut self, named: bool) -> Option<Vec<Item>> {
        let mut items: Vec<Item> = Vec::new();
        self.aggregates = true;
        loop {
            if self.peek(0) == "*" || self.peek(1) == "." && self.peek(2) == "*" {
                items.extend(self.all_columns()?);
            } else {
                let item = self.item(named)?;
                items.push(item);
            }
            if !self.eat(",") {
                break;
            }
        }
        self.aggregates = false;
        let is_end = self.at == self.pieces.len()
            || matches!(self.peek(0), "from" | "where" | "group" | "having" | "order" | "union" | ")");
        let mut names: Vec<String> = items.iter().map(|item| item.column.name.to_lowercase()).collect();
        names.sort();
        let twice = names.windows(2).any(|pair| pair[0] == pair[1]);
        (is_end && !(named && twice)).then_some(items)
    }

    fn all_columns(&mut self) -> Option<Vec<Item>> {
        let from = self.at;
        let table = if self.peek(0) == "*" { None } else { Some(self.name()?) };
        if let Some(table) = &table {
            let select = self.selects.last()?;
            let source = select.sources.iter().find(|source| source.name.eq_ignore_ascii_case(table))?;
            self.out[from] = quote_ident(self.way.to, &source.name);
            self.at += 1;
        }
        self.expect("*")?;
        let to = self.at;
        let select = self.selects.last_mut()?;
        let named =
            |source: &&Relation| table.as_ref().is_none_or(|table| source.name.eq_ignore_ascii_case(table));
        let mut items = Vec::new();
        for source in select.sources.iter().filter(named) {
            for column in &source.columns {
                select.bare.push((from, format!("{}\0{}", source.name, column.name)));
                let column = Known { kind: self.way.seen(&column.kind), ..column.clone() };
                items.push(Item { from, to, text: String::new(), column });
            }
            // A column that cannot be named there cannot be among all.
            source.is_whole.then_some(())?;
        }
        (!items.is_empty()).then_some(items)
    }

    fn item(&mut self, named: bool) -> Option<Item> {
        let from = self.at;
        let kind = self.expression()?;
        let to = self.at;
        let text = self.text(from, to);
        let said = self.eat("as");
        let is_alias = self.pieces.get(self.at).is_some_and(|piece| {
            piece.kind == TokenKind::QuotedIdent
                || piece.kind.is_word()
                    && !matches!(self.peek(0), "from" | "where" | "group" | "having" | "order" | "union")
        });
        let name = if said || is_alias {
            let name = self.alias()?;
            if !said {
                self.out[self.at - 1].insert_str(0, "AS ");
            }
            name
        } else if let Some(name) = self.column_alone(from, to) {
            name
        } else if !named {
            String::new()
        } else {
            self.name_as_sqlite(from, to)?
        };
        Some(Item { from, to, text, column: Known { name, kind } })
    }

    /// A name that the query gives.
    fn alias(&mut self) -> Option<String> {
        let name = self.name()?;
        let fits = name.len() <= self.way.abilities.longest_name && !name.contains('\0');
        self.out[self.at - 1] = quote_ident(self.way.to, &name);
        fits.then_some(name)
    }

    /// The name of an expression that is nothing but a column.
    fn column_alone(&self, from: usize, to: usize) -> Option<String> {
        let is_name = |at: usize| {
            let kind = self.pieces[at].kind;
            kind == TokenKind::QuotedIdent || kind.is_word()
        };
        let alone = to - from == 1 || to - from == 3 && self.pieces[from + 1].text == ".";
        let (place, id) = self.selects.last()?.bare.last()?;
        (alone && is_name(to - 1) && *place == to - 1)
            .then(|| id.split('\0').next_back().map(str::to_owned))?
    }

    /// SQLite calls a column by the text that it is computed from; others by other words.
    fn name_as_sqlite(&mut self, from: usize, to: usize) -> Option<String> {
        let name = self.original.get(self.pieces[from].start..self.pieces[to - 1].end)?;
        if !self.way.source.names_by_text || name.len() > self.way.abilities.longest_name.min(60) {
            return None;
        }
        let quoted = quote_ident(self.way.to, name);
        self.out[to - 1].push_str(&format!(" AS {quoted}"));
        Some(name.to_owned())
    }

    fn sources(&mut self) -> Option<()> {
        loop {
            let first = self.selects.last()?.sources.len();
            self.joins(first)?;
            if !self.eat(",") {
                return Some(());
            }
        }
    }

    fn joins(&mut self, first: usize) -> Option<()> {
        self.source()?;
        loop {
            match (self.peek(0), self.peek(1)) {
                ("cross", "join") => {
                    self.at += 2;
                    self.source()?;
                    continue;
                }
                ("join", _) => self.at += 1,
                ("inner" | "left", "join") => self.at += 2,
                ("left", "outer") if self.peek(2) == "join" => self.at += 3,
                _ => return Some(()),
            }
            self.source()?;
            self.expect("on")?;
            self.selects.last_mut()?.visible_from = first;
            self.without_aggregates(Self::condition)?;
            self.selects.last_mut()?.visible_from = 0;
        }
    }

    fn source(&mut self) -> Option<()> {
        if self.eat("(") {
            if self.peek(0) == "select" {
                // It sees nothing of the tables beside it.
                let outer = std::mem::take(&mut self.selects);
                let columns = self.query(true)?;
                self.selects = outer;
                self.expect(")")?;
                let said = self.eat("as");
                let name = self.alias()?;
                if !said {
                    self.out[self.at - 1].insert_str(0, "AS ");
                }
                return self.add(Relation { name, columns, is_whole: true });
            }
            let inner = self.selects.last()?.sources.len();
            self.joins(inner)?;
            return self.expect(")");
        }
        let name = self.name()?;
        let known = self.way.relations.iter();
        let found = known.clone().find(|each| each.name == name);
        let found = found.or_else(|| known.clone().find(|each| each.name.eq_ignore_ascii_case(&name)))?;
        let mut found = found.clone();
        self.out[self.at - 1] = quote_ident(self.way.to, &found.name);
        let said = self.eat("as");
        let next = self.peek(0);
        let clause = matches!(
            next,
            "" | ","
                | ")"
                | "join"
                | "cross"
                | "inner"
                | "left"
                | "on"
                | "where"
                | "group"
                | "having"
                | "order"
                | "union"
        );
        let quoted = self.pieces.get(self.at).is_some_and(|piece| piece.kind == TokenKind::QuotedIdent);
        if said || quoted || !clause {
            found.name = self.alias()?;
        }
        self.add(found)
    }

    /// One more table, under a name that no other has.
    fn add(&mut self, relation: Relation) -> Option<()> {
        let sources = &mut self.selects.last_mut()?.sources;
        let taken = sources.iter().any(|each| each.name.eq_ignore_ascii_case(&relation.name));
        sources.push(relation);
        (!taken).then_some(())
    }

    /// GROUP BY and HAVING; all that is not computed over a group must be what the groups are by.
    fn groups(&mut self, items: &[Item]) -> Option<()> {
        let (mut texts, mut columns) = (Vec::new(), Vec::new());
        let grouped = self.eat("group");
        if grouped {
            self.expect("by")?;
            self.selects.last_mut()?.has_aggregate = true;
            while texts.is_empty() || self.eat(",") {
                let (text, column) = self.group(items)?;
                texts.push(text);
                columns.extend(column);
            }
        }
        let having_from = self.at;
        if self.eat("having") {
            grouped.then_some(())?;
            self.aggregates = true;
            self.condition()?;
            self.aggregates = false;
        }
        let select = self.selects.last()?;
        if !grouped && !select.has_aggregate {
            return Some(());
        }
        let in_groups = |from: usize, to: usize| {
            let mut bare = select.bare.iter().filter(|(at, _)| (from..to).contains(at));
            bare.all(|(_, id)| columns.contains(id))
        };
        let by_text = |item: &Item| texts.contains(&item.text) || in_groups(item.from, item.to);
        let fine = items.iter().all(by_text) && in_groups(having_from, self.at);
        fine.then_some(())
    }

    /// What a group is by, and the column if that is one.
    fn group(&mut self, items: &[Item]) -> Option<(String, Option<String>)> {
        let (from, to, text) = if let Some(item) = self.number_of(items) {
            (item.from, item.to, item.text.clone())
        } else {
            let from = self.at;
            let kind = self.without_aggregates(Self::expression)?;
            if matches!(kind, Kind::Other | Kind::Null | Kind::Literal(_)) || self.is_number(from) {
                return None;
            }
            (from, self.at, self.text(from, self.at))
        };
        let alone = to - from == 1 || to - from == 3 && self.pieces[from + 1].text == ".";
        let mut bare = self.selects.last()?.bare.iter().filter(|(at, _)| *at == to - 1 && alone);
        Some((text, bare.next().map(|(_, id)| id.clone())))
    }

    fn is_number(&self, at: usize) -> bool {
        self.pieces.get(at).is_some_and(|piece| piece.kind == TokenKind::Number)
    }

    /// The item that a number stands for.
    fn number_of<'i>(&mut self, items: &'i [Item]) -> Option<&'i Item> {
        let piece = self.pieces.get(self.at).filter(|piece| piece.kind == TokenKind::Number)?;
        let next = self.peek(1);
        if !matches!(next, "" | "," | "having" | "order" | "union" | ")") {
            return None;
        }
        let number: usize = piece.text.parse().ok()?;
        self.at += 1;
        items.get(number.checked_sub(1)?)
    }

    /// ORDER BY: by the names of what is given; by other columns only where each row has one of
    /// them.
    fn order(&mut self, columns: &[Known], items: &[String], given_only: bool, united: bool) -> Option<()> {
        let grouped = self.selects.last().is_some_and(|select| select.has_aggregate);
        loop {
            let piece = self.pieces.get(self.at)?;
            let word = super::unquoted_name(&piece.text);
            let name = columns.iter().find(|column| column.name.eq_ignore_ascii_case(&word));
            let ends = matches!(self.peek(1), "" | "," | "asc" | "desc" | ")");
            let number = piece.kind == TokenKind::Number
                && piece.text.parse().is_ok_and(|number: usize| (1..=columns.len()).contains(&number));
            if let (Some(column), true) = (name, ends && piece.kind != TokenKind::String) {
                if column.kind == Kind::Other {
                    return None;
                }
                self.out[self.at] = quote_ident(self.way.to, &column.name);
                self.at += 1;
            } else if number && ends {
                self.at += 1;
            } else {
                let from = self.at;
                self.aggregates = grouped;
                let kind = self.expression()?;
                self.aggregates = false;
                let given = items.contains(&self.text(from, self.at));
                let must = given_only || grouped;
                if united || must && !given || matches!(kind, Kind::Other | Kind::Null | Kind::Literal(_)) {
                    return None;
                }
            }
            let _ = self.eat("asc") || self.eat("desc");
            if !self.eat(",") {
                break;
            }
        }
        self.selects.pop();
        Some(())
    }
}
