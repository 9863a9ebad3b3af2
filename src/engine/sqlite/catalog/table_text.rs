//! What only the text of CREATE TABLE tells: names of constraints, checks, collations, generated
//! columns, conflict clauses (<https://www.sqlite.org/lang_createtable.html>).
//!
//! The text was accepted by SQLite, perhaps by a newer one. What is not understood ends the
//! reading, and the text is then marked as not understood to its end.

use super::code::{Code, items};
use crate::model::catalog::{Action, Attribute, Constraint, ConstraintKind, Name, Reference};

/// What the text of a table says.
#[derive(Debug, Default, PartialEq)]
pub struct TableText {
    pub columns: Vec<ColumnText>,
    /// In the order in which they are written; those of columns too.
    pub constraints: Vec<Constraint>,
    /// Everything was understood.
    pub complete: bool,
}

/// What the text of a column says beyond what the pragmas tell.
#[derive(Debug, Default, PartialEq)]
pub struct ColumnText {
    pub name: String,
    pub collation: Option<String>,
    pub generated: Option<String>,
    pub autoincrement: bool,
    pub attributes: Vec<Attribute>,
}

/// Words that end the type of a column.
const AFTER_TYPE: &[&str] = &[
    "constraint",
    "primary",
    "not",
    "null",
    "unique",
    "check",
    "default",
    "collate",
    "references",
    "generated",
    "as",
    "deferrable",
    ",",
    ")",
];

const TABLE_CONSTRAINTS: &[&str] = &["constraint", "primary", "unique", "check", "foreign"];

/// Reads a table's text.
pub fn read(sql: &str) -> TableText {
    let mut reader = Reader { code: Code::new(sql), text: TableText::default() };
    reader.text.complete = reader.table().is_some();
    reader.text
}

struct Reader<'a> {
    code: Code<'a>,
    text: TableText,
}

/// None: something was not understood.
type Understood<T = ()> = Option<T>;

impl Reader<'_> {
    fn table(&mut self) -> Understood {
        let code = &mut self.code;
        if !code.eat("create") {
            return None;
        }
        let _ = code.eat("temp") || code.eat("temporary");
        if !code.eat("table") {
            return None;
        }
        code.eat_all(&["if", "not", "exists"]);
        code.name()?;
        if code.eat(".") {
            code.name()?;
        }
        if !code.eat("(") {
            return None;
        }
        while !self.code.is(")") {
            match self.code.is_any(TABLE_CONSTRAINTS) {
                true => self.table_constraint()?,
                false => self.column()?,
            }
            // Between table constraints SQLite does not insist on a comma.
            self.code.eat(",");
        }
        self.code.skip();
        while !self.code.is_end() {
            let known =
                self.code.eat_all(&["without", "rowid"]) || self.code.eat("strict") || self.code.eat(",");
            if !known {
                return None;
            }
        }
        Some(())
    }

    fn column(&mut self) -> Understood {
        let column = ColumnText { name: self.code.name()?, ..ColumnText::default() };
        self.text.columns.push(column);
        while !self.code.is_any(AFTER_TYPE) {
            if self.code.is_end() || (self.code.is("(") && self.code.parens().is_none()) {
                return None;
            }
            // After the brackets of a type comes no other word of it.
            if !self.code.is_any(AFTER_TYPE) {
                self.code.skip();
            }
        }
        while !self.code.is_any(&[",", ")"]) {
            self.column_constraint()?;
        }
        Some(())
    }

    fn constraint_name(&mut self) -> Understood<Option<String>> {
        let mut name = None;
        while self.code.eat("constraint") {
            name = Some(self.code.name()?);
        }
        Some(name)
    }

    fn column_constraint(&mut self) -> Understood {
        let name = self.constraint_name()?;
        let column = self.text.columns.last_mut()?;
        let columns = vec![column.name.clone()];
        let code = &mut self.code;
        if code.eat("default") {
            return skip_default(code);
        } else if code.eat_all(&["not", "null"]) {
            let conflict = conflict(code);
            let named = name.map(|name| attribute("not null constraint", name));
            let conflict = conflict.map(|action| attribute("not null on conflict", action));
            column.attributes.extend(named.into_iter().chain(conflict));
        } else if code.eat("null") {
            conflict(code);
        } else if code.eat_all(&["primary", "key"]) {
            let mut constraint = Constraint::new(name, ConstraintKind::PrimaryKey, columns);
            if code.eat("desc") {
                constraint.attributes.push(attribute("descending", ""));
            }
            code.eat("asc");
            constraint.attributes.extend(conflict(code).map(|action| attribute("on conflict", action)));
            column.autoincrement = code.eat("autoincrement");
            self.text.constraints.push(constraint);
        } else if code.eat("unique") {
            let mut constraint = Constraint::new(name, ConstraintKind::Unique, columns);
            constraint.attributes.extend(conflict(code).map(|action| attribute("on conflict", action)));
            self.text.constraints.push(constraint);
        } else if code.eat("check") {
            let expression = code.parens()?.to_owned();
            self.text.constraints.push(Constraint::new(
                name,
                ConstraintKind::Check { expression },
                Vec::new(),
            ));
        } else if code.eat("references") {
            let mut constraint = Constraint::new(name, reference(code)?, columns);
            deferrable(code, &mut constraint);
            self.text.constraints.push(constraint);
        } else if code.eat("collate") {
            column.collation = Some(code.name()?);
        } else if code.eat_all(&["generated", "always", "as"]) || code.eat("as") {
            column.generated = Some(code.parens()?.to_owned());
            let _ = code.eat("stored") || code.eat("virtual");
        } else if code.is_any(&["not", "deferrable", "initially"]) {
            let constraint = self.text.constraints.last_mut()?;
            if !deferrable(code, constraint) {
                return None;
            }
        } else if name.is_none() {
            // (A name without a constraint is allowed, and says nothing.)
            return None;
        }
        Some(())
    }

    fn table_constraint(&mut self) -> Understood {
        let name = self.constraint_name()?;
        let code = &mut self.code;
        let constraint = if code.eat_all(&["primary", "key"]) {
            let (columns, attributes) = self.key()?;
            Constraint { attributes, ..Constraint::new(name, ConstraintKind::PrimaryKey, columns) }
        } else if code.eat("unique") {
            let (columns, attributes) = self.key()?;
            Constraint { attributes, ..Constraint::new(name, ConstraintKind::Unique, columns) }
        } else if code.eat("check") {
            let expression = code.parens()?.to_owned();
            let mut check = Constraint::new(name, ConstraintKind::Check { expression }, Vec::new());
            check.attributes.extend(conflict(code).map(|action| attribute("on conflict", action)));
            check
        } else if code.eat_all(&["foreign", "key"]) {
            let columns = names(code.parens()?)?;
            if !code.eat("references") {
                return None;
            }
            let mut constraint = Constraint::new(name, reference(code)?, columns);
            deferrable(code, &mut constraint);
            constraint
        } else {
            return name.map(|_| ());
        };
        self.text.constraints.push(constraint);
        Some(())
    }

    /// `(a, b COLLATE c DESC) ON CONFLICT …`
    fn key(&mut self) -> Understood<(Vec<String>, Vec<Attribute>)> {
        let mut columns = Vec::new();
        let mut attributes = Vec::new();
        for item in items(self.code.parens()?) {
            let mut item = Code::new(item);
            let column = item.name()?;
            if item.eat("collate") {
                attributes.push(attribute("collation", format!("{column} {}", item.name()?)));
            }
            if item.eat("desc") {
                attributes.push(attribute("descending", column.clone()));
            }
            item.eat("asc");
            if item.eat("autoincrement") {
                let column =
                    self.text.columns.iter_mut().find(|each| each.name.eq_ignore_ascii_case(&column))?;
                column.autoincrement = true;
            }
            if !item.is_end() {
                return None;
            }
            columns.push(column);
        }
        attributes.extend(conflict(&mut self.code).map(|action| attribute("on conflict", action)));
        Some((columns, attributes))
    }
}

fn attribute(name: &str, value: impl Into<String>) -> Attribute {
    Attribute { name: name.to_owned(), value: value.into() }
}

/// A list of plain names.
fn names(list: &str) -> Understood<Vec<String>> {
    items(list)
        .into_iter()
        .map(|item| {
            let mut item = Code::new(item);
            item.name().filter(|_| item.is_end())
        })
        .collect()
}

/// `DEFAULT (expression)`, a signed number or one word; the pragma tells which.
fn skip_default(code: &mut Code<'_>) -> Understood {
    if code.is("(") {
        return code.parens().map(|_| ());
    }
    let _ = code.eat("+") || code.eat("-");
    code.token()?;
    code.skip();
    Some(())
}

/// `ON CONFLICT action`, as a lower-case word.
fn conflict(code: &mut Code<'_>) -> Option<String> {
    if !code.eat_all(&["on", "conflict"]) {
        return None;
    }
    code.name().map(|action| action.to_lowercase())
}

/// What follows REFERENCES, without DEFERRABLE.
fn reference(code: &mut Code<'_>) -> Understood<ConstraintKind> {
    let table = Name::new("", code.name()?);
    let referenced = if code.is("(") { names(code.parens()?)? } else { Vec::new() };
    let mut reference = Reference {
        table,
        referenced,
        on_update: Action::NoAction,
        on_delete: Action::NoAction,
        full: false,
    };
    loop {
        if code.eat_all(&["on", "delete"]) {
            reference.on_delete = action(code)?;
        } else if code.eat_all(&["on", "update"]) {
            reference.on_update = action(code)?;
        } else if code.eat_all(&["on", "insert"]) {
            // Taken, and without effect.
            action(code)?;
        } else if code.eat("match") {
            reference.full = code.name()?.eq_ignore_ascii_case("full");
        } else {
            return Some(ConstraintKind::ForeignKey(reference));
        }
    }
}

fn action(code: &mut Code<'_>) -> Understood<Action> {
    let actions = [
        (&["no", "action"][..], Action::NoAction),
        (&["set", "null"], Action::SetNull),
        (&["set", "default"], Action::SetDefault),
        (&["restrict"], Action::Restrict),
        (&["cascade"], Action::Cascade),
    ];
    actions.into_iter().find(|(words, _)| code.eat_all(words)).map(|(_, action)| action)
}

/// `[NOT] DEFERRABLE [INITIALLY DEFERRED|IMMEDIATE]`; false when it does not come next.
fn deferrable(code: &mut Code<'_>, constraint: &mut Constraint) -> bool {
    let not = code.eat_all(&["not", "deferrable"]);
    if !not && !code.eat("deferrable") {
        return false;
    }
    constraint.deferrable = !not;
    let deferred = code.eat_all(&["initially", "deferred"]);
    constraint.initially_deferred = deferred && !not;
    code.eat_all(&["initially", "immediate"]);
    true
}
