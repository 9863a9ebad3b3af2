//! Reads an expression with the types of what it names, and writes it down for the other engine as
//! it goes. Whatever is not understood ends it.

use super::kind::Kind;
use super::query::Select;
use super::{Piece, Translation, unquoted_name, unquoted_string};
use crate::sql::{TokenKind, quote_ident, quote_literal};

/// Words that are never names here.
const RESERVED: &[&str] = &[
    "and",
    "or",
    "not",
    "in",
    "is",
    "null",
    "between",
    "case",
    "when",
    "then",
    "else",
    "end",
    "true",
    "false",
    "select",
    "distinct",
    "from",
    "where",
    "join",
    "inner",
    "left",
    "right",
    "full",
    "outer",
    "cross",
    "natural",
    "on",
    "using",
    "as",
    "group",
    "by",
    "having",
    "order",
    "asc",
    "desc",
    "union",
    "all",
    "intersect",
    "except",
    "limit",
    "offset",
    "fetch",
    "window",
    "with",
    "exists",
    "like",
    "any",
    "some",
    "for",
    "nulls",
    "collate",
    "values",
];

pub struct Reader<'a> {
    pub way: &'a Translation<'a>,
    pub pieces: &'a [Piece],
    /// The text that the pieces are of.
    pub original: &'a str,
    pub at: usize,
    /// Each piece as the other engine has it.
    pub out: Vec<String>,
    /// The queries around this place, the innermost last.
    pub selects: Vec<Select>,
    pub in_aggregate: bool,
    /// Whether functions over groups may stand here.
    pub aggregates: bool,
}

impl<'a> Reader<'a> {
    pub fn new(way: &'a Translation<'a>, pieces: &'a [Piece], original: &'a str) -> Self {
        let out = pieces.iter().map(|piece| piece.text.clone()).collect();
        Reader {
            way,
            pieces,
            original,
            at: 0,
            out,
            selects: Vec::new(),
            in_aggregate: false,
            aggregates: false,
        }
    }

    /// What was written, with the blanks of the text.
    pub fn written(&self) -> String {
        let mut written = String::new();
        for (piece, out) in self.pieces.iter().zip(&self.out) {
            if piece.spaced && !written.is_empty() && !written.ends_with('(') && !out.starts_with(',') {
                written.push(' ');
            }
            written.push_str(out);
        }
        written
    }

    /// The word or sign at a distance, in small letters; nothing for a quoted name.
    pub fn peek(&self, offset: usize) -> &'a str {
        match self.pieces.get(self.at + offset) {
            Some(piece) if !matches!(piece.kind, TokenKind::QuotedIdent | TokenKind::String) => &piece.lower,
            _ => "",
        }
    }

    pub fn eat(&mut self, word: &str) -> bool {
        let found = self.peek(0) == word;
        self.at += usize::from(found);
        found
    }

    pub fn expect(&mut self, word: &str) -> Option<()> {
        self.eat(word).then_some(())
    }

    /// Something that is true or false.
    pub fn condition(&mut self) -> Option<()> {
        let kind = self.expression()?;
        self.must_be_flag(&kind)
    }

    pub fn expression(&mut self) -> Option<Kind> {
        self.chain("or", |reader| reader.chain("and", Self::negation))
    }

    fn chain(&mut self, word: &str, part: impl Fn(&mut Self) -> Option<Kind>) -> Option<Kind> {
        let mut kind = part(self)?;
        while self.peek(0) == word {
            self.must_be_flag(&kind)?;
            self.at += 1;
            let next = part(self)?;
            self.must_be_flag(&next)?;
            kind = Kind::Bool;
        }
        Some(kind)
    }

    fn must_be_flag(&self, kind: &Kind) -> Option<()> {
        let number = self.way.is_loose() && *kind == Kind::Number;
        (number || matches!(kind, Kind::Bool | Kind::Null)).then_some(())
    }

    fn negation(&mut self) -> Option<Kind> {
        if !self.eat("not") {
            return self.predicate();
        }
        let kind = self.negation()?;
        self.must_be_flag(&kind)?;
        Some(Kind::Bool)
    }

    fn predicate(&mut self) -> Option<Kind> {
        let left = self.joined()?;
        let sign = self.peek(0);
        if matches!(sign, "=" | "<>" | "!=" | "<" | "<=" | ">" | ">=") {
            self.at += 1;
            let right = self.joined()?;
            self.compare(left, right, !matches!(sign, "=" | "<>" | "!="))?;
            return Some(Kind::Bool);
        }
        if self.eat("is") {
            return self.is(&left);
        }
        let (inverse, word) = match sign {
            "not" => (1, self.peek(1)),
            word => (0, word),
        };
        match word {
            "in" => {
                self.at += inverse + 1;
                self.list(left)?;
            }
            "between" => {
                self.at += inverse + 1;
                for end in ["and", ""] {
                    let bound = self.joined()?;
                    self.compare(left.clone(), bound, true)?;
                    if !end.is_empty() {
                        self.expect(end)?;
                    }
                }
            }
            _ => return Some(left),
        }
        Some(Kind::Bool)
    }

    fn compare(&self, left: Kind, right: Kind, order: bool) -> Option<()> {
        let kind = left.with(right, self.way.is_loose())?;
        (!order || kind.has_order()).then_some(())
    }

    /// IS with what every engine can be asked.
    fn is(&mut self, left: &Kind) -> Option<Kind> {
        self.eat("not");
        if !self.eat("null") {
            self.must_be_flag(left)?;
            (self.eat("true") || self.eat("false")).then_some(())?;
        }
        Some(Kind::Bool)
    }

    fn list(&mut self, left: Kind) -> Option<()> {
        self.expect("(")?;
        if self.peek(0) == "select" {
            let columns = self.subquery()?;
            let [column] = columns.as_slice() else { return None };
            self.compare(left, column.kind.clone(), false)?;
        } else {
            loop {
                let each = self.joined()?;
                self.compare(left.clone(), each, false)?;
                if !self.eat(",") {
                    break;
                }
            }
        }
        self.expect(")")
    }

    /// Texts joined by `||`, which some engines take for OR.
    fn joined(&mut self) -> Option<Kind> {
        let first = self.at;
        let mut kind = self.sum()?;
        let mut bars = Vec::new();
        while self.peek(0) == "||" {
            bars.push(self.at);
            self.at += 1;
            let right = self.sum()?;
            (kind.is_text() && right.is_text()).then_some(())?;
            kind = Kind::Text;
        }
        if !bars.is_empty() && !self.way.bars_join {
            return None;
        }
        if !bars.is_empty() && !self.way.abilities.concat_bars {
            self.out[first].insert_str(0, "CONCAT(");
            self.out[self.at - 1].push(')');
            bars.into_iter().for_each(|bar| self.out[bar] = ",".to_owned());
        }
        Some(kind)
    }

    fn sum(&mut self) -> Option<Kind> {
        self.arithmetic(&["+", "-"], |reader| reader.arithmetic(&["*"], Self::signed))
    }

    fn arithmetic(&mut self, signs: &[&str], part: impl Fn(&mut Self) -> Option<Kind>) -> Option<Kind> {
        let mut kind = part(self)?;
        while signs.contains(&self.peek(0)) {
            self.at += 1;
            let right = part(self)?;
            let numbers = [&kind, &right].iter().all(|each| matches!(each, Kind::Number | Kind::Null));
            numbers.then_some(())?;
            kind = Kind::Number;
        }
        Some(kind)
    }

    fn signed(&mut self) -> Option<Kind> {
        if !(self.eat("-") || self.eat("+")) {
            return self.primary();
        }
        (self.signed()? == Kind::Number).then_some(Kind::Number)
    }

    fn primary(&mut self) -> Option<Kind> {
        let piece = self.pieces.get(self.at)?;
        match piece.kind {
            TokenKind::Number => {
                let plain =
                    piece.text.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-()".contains(&byte));
                self.at += 1;
                plain.then_some(Kind::Number)
            }
            TokenKind::String => {
                let text = unquoted_string(&piece.text, self.way.from)?;
                self.out[self.at] = quote_literal(self.way.to, &text).ok()?;
                self.at += 1;
                Some(Kind::Literal(text))
            }
            TokenKind::QuotedIdent => self.column(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Option<Kind> {
        let word = self.peek(0);
        match word {
            "(" => {
                self.at += 1;
                let kind = self.expression()?;
                self.expect(")")?;
                Some(kind)
            }
            "null" => {
                self.at += 1;
                Some(Kind::Null)
            }
            "true" | "false" => {
                self.at += 1;
                Some(Kind::Bool)
            }
            "case" => self.case(),
            _ if RESERVED.contains(&word) => None,
            _ if self.peek(1) == "(" => self.function(),
            _ => self.column(),
        }
    }

    fn case(&mut self) -> Option<Kind> {
        self.expect("case")?;
        let subject = if self.peek(0) == "when" { None } else { Some(self.expression()?) };
        let mut kind = Kind::Null;
        while self.eat("when") {
            match &subject {
                None => self.condition()?,
                Some(subject) => {
                    let value = self.expression()?;
                    self.compare(subject.clone(), value, false)?;
                }
            }
            self.expect("then")?;
            kind = self.one_more(kind)?;
        }
        if self.eat("else") {
            kind = self.one_more(kind)?;
        }
        self.expect("end")?;
        Some(kind)
    }

    /// The kind of a value, and of those that may stand in its place.
    fn one_more(&mut self, kind: Kind) -> Option<Kind> {
        kind.with(self.expression()?, self.way.is_loose())
    }

    /// Functions that mean the same on every engine, and their kin.
    fn function(&mut self) -> Option<Kind> {
        let (place, name) = (self.at, self.peek(0));
        self.at += 2;
        if matches!(name, "count" | "sum" | "min" | "max") {
            return self.aggregate(name);
        }
        let mut arguments = Vec::new();
        let mut commas = Vec::new();
        loop {
            arguments.push(self.expression()?);
            commas.push(self.at);
            if !self.eat(",") {
                break;
            }
        }
        commas.pop();
        self.expect(")")?;
        let text = arguments.iter().all(Kind::is_text);
        let kind = match (name, arguments.as_slice()) {
            ("lower" | "upper" | "trim", [_]) if text => Kind::Text,
            ("abs", [Kind::Number]) => Kind::Number,
            ("length" | "char_length" | "character_length", [_]) if text => {
                // Where `length` counts bytes, it is another question.
                let source = self.way.source;
                let bytes = name == "length" && source.character_length != "length" && !self.way.bars_join;
                self.out[place] = self.way.abilities.character_length.to_owned();
                (!bytes).then_some(Kind::Number)?
            }
            ("coalesce", [_, _, ..]) | ("nullif", [_, _]) => {
                let mut all = arguments.into_iter();
                let first = all.next()?;
                all.try_fold(first, |kind, each| kind.with(each, self.way.is_loose()))?
            }
            // PostgreSQL would leave NULLs out.
            ("concat", [_, _, ..]) if text && !self.way.bars_join => {
                if self.way.abilities.concat_bars {
                    self.out[place].clear();
                    commas.into_iter().for_each(|comma| self.out[comma] = " ||".to_owned());
                }
                Kind::Text
            }
            ("json_valid", [_]) if text && !self.way.abilities.include => Kind::Bool,
            _ => return None,
        };
        Some(kind)
    }

    fn aggregate(&mut self, name: &str) -> Option<Kind> {
        if !self.aggregates || self.in_aggregate {
            return None;
        }
        self.selects.last_mut()?.has_aggregate = true;
        if name == "count" && self.eat("*") {
            self.expect(")")?;
            return Some(Kind::Number);
        }
        let distinct = self.eat("distinct");
        self.in_aggregate = true;
        let kind = self.expression()?;
        self.in_aggregate = false;
        self.expect(")")?;
        match name {
            "count" => (!distinct || kind != Kind::Other).then_some(Kind::Number),
            "sum" => (kind == Kind::Number).then_some(Kind::Number),
            _ => kind.has_order().then_some(kind),
        }
    }

    /// A column, with or without the name of its table.
    fn column(&mut self) -> Option<Kind> {
        let first = self.name()?;
        if self.peek(0) == "." && !self.selects.is_empty() {
            let place = self.at - 1;
            self.at += 1;
            let second = self.name()?;
            let (table, column) = self.find(Some(&first), &second)?;
            self.out[place] = quote_ident(self.way.to, &table);
            return self.named(self.at - 1, &column);
        }
        let (_, column) = self.find(None, &first)?;
        self.named(self.at - 1, &column)
    }

    fn named(&mut self, place: usize, column: &Named) -> Option<Kind> {
        self.out[place] = quote_ident(self.way.to, &column.name);
        if let (false, true, Some(select)) = (self.in_aggregate, column.is_here, self.selects.last_mut()) {
            select.bare.push((place, column.id.clone()));
        }
        Some(self.way.seen(&column.kind))
    }

    /// A name; its words may not be those of the language.
    pub fn name(&mut self) -> Option<String> {
        let piece = self.pieces.get(self.at)?;
        let is_name = match piece.kind {
            TokenKind::QuotedIdent => true,
            kind => kind.is_word() && !RESERVED.contains(&piece.lower.as_str()),
        };
        self.at += 1;
        is_name.then(|| unquoted_name(&piece.text))
    }

    /// The column of a name, and the table as it is called here.
    fn find(&self, table: Option<&str>, name: &str) -> Option<(String, Named)> {
        if self.selects.is_empty() {
            let here = self.way.here?;
            let column = here.column(name)?;
            let (name, kind) = (column.name.clone(), column.kind.clone());
            return Some((String::new(), Named { id: name.clone(), name, kind, is_here: false }));
        }
        for (depth, select) in self.selects.iter().rev().enumerate() {
            let visible = select.sources.get(select.visible_from..)?;
            let of_table = |alias: &str| table.is_none_or(|table| alias.eq_ignore_ascii_case(table));
            let mut found = visible.iter().filter(|source| of_table(&source.name));
            let mut found = found.by_ref().filter_map(|source| Some((source, source.column(name)?)));
            let Some((source, column)) = found.next() else { continue };
            if found.next().is_some() {
                return None;
            }
            let id = format!("{}\0{}", source.name, column.name);
            let (name, kind) = (column.name.clone(), column.kind.clone());
            return Some((source.name.clone(), Named { id, name, kind, is_here: depth == 0 }));
        }
        None
    }
}

/// A column that was found.
struct Named {
    id: String,
    name: String,
    kind: Kind,
    /// Of the query in hand, not of one around it.
    is_here: bool,
}
