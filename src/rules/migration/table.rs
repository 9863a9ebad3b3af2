//! Columns, constraints and the actions of ALTER TABLE.

use super::words::{Named, Words};

/// A column as it is written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Column {
    pub name: Named,
    /// In lower case, with its brackets: `varchar(20)`, `timestamp with time zone`.
    pub ty: String,
    pub not_null: bool,
    pub default: Option<Expression>,
    pub generated: Option<Generated>,
    /// GENERATED … AS IDENTITY, AUTO_INCREMENT, AUTOINCREMENT, serial.
    pub numbered: bool,
    pub unique: bool,
    pub primary_key: bool,
    pub references: Option<Named>,
    pub checked: bool,
    /// MySQL: FIRST or AFTER.
    pub placed: bool,
}

/// Whether a generated column is kept on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generated {
    Stored,
    Virtual,
}

/// What a default says.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    pub text: String,
    /// A function in it whose value differs from row to row.
    pub volatile: Option<&'static str>,
    /// Neither a plain value nor NULL.
    pub computed: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Constraint {
    pub name: Option<Named>,
    pub kind: ConstraintKind,
    /// What stands behind its name: `CHECK (a > 0)`.
    pub text: String,
    pub columns: Vec<String>,
    pub not_valid: bool,
    pub using_index: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ConstraintKind {
    Check,
    ForeignKey(Named),
    Unique,
    PrimaryKey,
    Exclude,
    NotNull,
}

/// A part of ALTER TABLE.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    AddColumn {
        column: Column,
        if_not_exists: bool,
    },
    DropColumn {
        column: Named,
    },
    /// PostgreSQL's ALTER COLUMN … TYPE.
    ChangeType {
        column: Named,
        ty: String,
    },
    /// MySQL's MODIFY and CHANGE; `from` is what it was called.
    Redefine {
        from: Named,
        column: Column,
    },
    SetNotNull {
        column: Named,
    },
    DropNotNull {
        column: Named,
    },
    RenameColumn {
        from: Named,
        to: Named,
    },
    RenameTo {
        to: Named,
    },
    AddConstraint(Constraint),
    DropConstraint,
    DropPrimaryKey,
    ValidateConstraint,
    /// MySQL: `fulltext` and `spatial` are special.
    AddIndex {
        unique: bool,
        special: Option<&'static str>,
    },
    Detach {
        partition: Named,
        concurrently: bool,
    },
    Attach {
        partition: Named,
    },
    DropPartition {
        name: String,
    },
    /// The whole table is written anew, by the words that say so.
    Rewrite(&'static str),
    /// Triggers or constraints stop being looked at.
    DisableTriggers,
    /// `LOCK=` or `ALGORITHM=`.
    Algorithm {
        word: String,
    },
    Other,
}

/// Functions of PostgreSQL whose value differs from row to row, so that a default cannot be kept once
/// for all rows (pg_proc.provolatile = 'v').
const VOLATILE: &[&str] = &[
    "random",
    "gen_random_uuid",
    "uuid_generate_v4",
    "uuid_generate_v1",
    "uuidv4",
    "uuidv7",
    "clock_timestamp",
    "timeofday",
    "nextval",
    "random_normal",
];

pub fn actions(words: &Words<'_>) -> Vec<Action> {
    words.clone().items().into_iter().flat_map(|item| action(item.clone())).collect()
}

fn action(mut words: Words<'_>) -> Vec<Action> {
    const VERBS: [&str; 17] = [
        "ADD",
        "DROP",
        "ALTER",
        "MODIFY",
        "CHANGE",
        "RENAME",
        "SET",
        "VALIDATE",
        "DETACH",
        "ATTACH",
        "DISABLE",
        "CONVERT",
        "ENGINE",
        "FORCE",
        "ORDER BY",
        "PARTITION BY",
        "ROW_FORMAT",
    ];
    let found = match words.eat_any(&VERBS) {
        Some("ADD") => return add(words),
        Some("DROP") => drop(&mut words),
        Some("ALTER") => alter(&mut words),
        Some("MODIFY") => {
            words.eat("COLUMN");
            words.eat("IF EXISTS");
            column(&mut words).map(|column| Action::Redefine { from: column.name.clone(), column })
        }
        Some("CHANGE") => {
            words.eat("COLUMN");
            words.eat("IF EXISTS");
            words.name().zip(column(&mut words)).map(|(from, column)| Action::Redefine { from, column })
        }
        Some("RENAME") => rename(&mut words),
        Some("SET") => match words.eat_any(&["TABLESPACE", "LOGGED", "UNLOGGED", "ACCESS METHOD"]) {
            Some("TABLESPACE") => Some(Action::Rewrite("SET TABLESPACE")),
            Some("LOGGED") => Some(Action::Rewrite("SET LOGGED")),
            Some("UNLOGGED") => Some(Action::Rewrite("SET UNLOGGED")),
            Some(_) => Some(Action::Rewrite("SET ACCESS METHOD")),
            None => None,
        },
        Some("VALIDATE") => Some(Action::ValidateConstraint),
        Some("DETACH") => {
            words.eat("PARTITION");
            let concurrently = words.has("CONCURRENTLY") || words.has("FINALIZE");
            words.name().map(|partition| Action::Detach { partition, concurrently })
        }
        Some("ATTACH") => {
            words.eat("PARTITION");
            words.name().map(|partition| Action::Attach { partition })
        }
        Some("DISABLE") => words.is("TRIGGER").then_some(Action::DisableTriggers),
        Some("CONVERT") => Some(Action::Rewrite("CONVERT TO CHARACTER SET")),
        Some("ENGINE") => Some(Action::Rewrite("ENGINE")),
        Some("FORCE") => words.is_empty().then_some(Action::Rewrite("FORCE")),
        Some("ORDER BY") => Some(Action::Rewrite("ORDER BY")),
        Some("PARTITION BY") => Some(Action::Rewrite("PARTITION BY")),
        Some(_) => Some(Action::Rewrite("ROW_FORMAT")),
        None => match words.eat_any(&["ALGORITHM", "LOCK"]) {
            Some(_) => {
                words.eat("=");
                words.next().map(|word| Action::Algorithm { word: word.to_ascii_uppercase() })
            }
            None => None,
        },
    };
    vec![found.unwrap_or(Action::Other)]
}

fn add(mut words: Words<'_>) -> Vec<Action> {
    if words.eat("PARTITION") {
        return vec![Action::Other];
    }
    let mut index = words.clone();
    let unique = index.eat("UNIQUE");
    let special = match index.eat_any(&["FULLTEXT", "SPATIAL"]) {
        Some("FULLTEXT") => Some("fulltext"),
        Some(_) => Some("spatial"),
        None => None,
    };
    let says_index = index.eat_any(&["INDEX", "KEY"]).is_some();
    if says_index || special.is_some() {
        return vec![Action::AddIndex { unique, special }];
    }
    if let Some(constraint) = constraint(&mut words.clone()) {
        return vec![Action::AddConstraint(constraint)];
    }
    words.eat("COLUMN");
    let if_not_exists = words.eat("IF NOT EXISTS");
    // MySQL's ADD (a int, b int).
    if let Some(inside) = words.brackets() {
        return inside
            .items()
            .into_iter()
            .filter_map(|item| column(&mut item.clone()))
            .map(|column| Action::AddColumn { column, if_not_exists })
            .collect();
    }
    vec![column(&mut words).map_or(Action::Other, |column| Action::AddColumn { column, if_not_exists })]
}

fn drop(words: &mut Words<'_>) -> Option<Action> {
    let what = words.eat_any(&[
        "PRIMARY KEY",
        "CONSTRAINT",
        "FOREIGN KEY",
        "INDEX",
        "KEY",
        "CHECK",
        "PARTITION",
        "COLUMN",
    ]);
    match what {
        Some("PRIMARY KEY") => Some(Action::DropPrimaryKey),
        Some("CONSTRAINT" | "FOREIGN KEY" | "CHECK") => Some(Action::DropConstraint),
        Some("INDEX" | "KEY") => Some(Action::Other),
        Some("PARTITION") => {
            words.eat("IF EXISTS");
            Some(Action::DropPartition { name: words.text() })
        }
        _ => {
            words.eat("IF EXISTS");
            words.name().map(|column| Action::DropColumn { column })
        }
    }
}

fn alter(words: &mut Words<'_>) -> Option<Action> {
    if words.eat_any(&["INDEX", "CONSTRAINT", "CHECK"]).is_some() {
        return None;
    }
    words.eat("COLUMN");
    let column = words.name()?;
    let what = words.eat_any(&["SET DATA TYPE", "TYPE", "SET NOT NULL", "DROP NOT NULL"])?;
    Some(match what {
        "SET NOT NULL" => Action::SetNotNull { column },
        "DROP NOT NULL" => Action::DropNotNull { column },
        _ => Action::ChangeType { column, ty: ty(words) },
    })
}

fn rename(words: &mut Words<'_>) -> Option<Action> {
    if words.eat_any(&["CONSTRAINT", "INDEX", "KEY"]).is_some() {
        return None;
    }
    let says_column = words.eat("COLUMN");
    if !says_column && words.eat_any(&["TO", "AS", "="]).is_some() {
        return words.name().map(|to| Action::RenameTo { to });
    }
    let from = words.name()?;
    match words.eat("TO") {
        true => words.name().map(|to| Action::RenameColumn { from, to }),
        false => Some(Action::RenameTo { to: from }),
    }
}

/// A constraint of a table; None where these words begin a column.
pub fn constraint(words: &mut Words<'_>) -> Option<Constraint> {
    let mut name = None;
    if words.eat("CONSTRAINT") {
        let is_named = !["CHECK", "FOREIGN KEY", "UNIQUE", "PRIMARY KEY"].iter().any(|kind| words.is(kind));
        name = if is_named { words.name() } else { None };
    }
    let text = words.text();
    let what = words.eat_any(&["CHECK", "FOREIGN KEY", "UNIQUE", "PRIMARY KEY", "EXCLUDE", "NOT NULL"])?;
    let using_index = words.eat("USING INDEX");
    let not_valid = words.has("NOT VALID") || words.has("NOT ENFORCED");
    if what == "UNIQUE" {
        words.eat_any(&["KEY", "INDEX", "NULLS NOT DISTINCT"]);
    }
    if !words.is("(") && !using_index {
        // MySQL's name of the index.
        words.name();
    }
    let mut columns: Vec<String> = Vec::new();
    if !matches!(what, "CHECK" | "EXCLUDE") {
        for mut item in words.brackets().map(Words::items).unwrap_or_default() {
            columns.extend(item.name().map(|column| column.plain));
        }
    }
    let kind = match what {
        "CHECK" => ConstraintKind::Check,
        "FOREIGN KEY" => {
            words.skip_to("REFERENCES");
            ConstraintKind::ForeignKey(words.name()?)
        }
        "UNIQUE" => ConstraintKind::Unique,
        "PRIMARY KEY" => ConstraintKind::PrimaryKey,
        "NOT NULL" => {
            columns.extend(words.name().map(|column| column.plain));
            ConstraintKind::NotNull
        }
        _ => ConstraintKind::Exclude,
    };
    Some(Constraint { name, kind, text, columns, not_valid, using_index })
}

/// Words that end a column's type.
const AFTER_TYPE: [&str; 26] = [
    "NOT",
    "NULL",
    "DEFAULT",
    "PRIMARY",
    "UNIQUE",
    "REFERENCES",
    "CHECK",
    "CONSTRAINT",
    "COLLATE",
    "GENERATED",
    "AS",
    "AUTO_INCREMENT",
    "AUTOINCREMENT",
    "COMMENT",
    "FIRST",
    "AFTER",
    "ON",
    "USING",
    "KEY",
    "STORAGE",
    "COMPRESSION",
    "VIRTUAL",
    "STORED",
    "INVISIBLE",
    "VISIBLE",
    "DEFERRABLE",
];

fn ty(words: &mut Words<'_>) -> String {
    let mut text = String::new();
    while !words.is_empty() && !AFTER_TYPE.iter().any(|word| words.is(word)) {
        if let Some(inside) = words.brackets() {
            text.push_str(&format!("({})", inside.text()));
            continue;
        }
        let word = words.next().unwrap_or_default();
        let joined = matches!(word, "[" | "]" | ".") || text.ends_with('.');
        if !text.is_empty() && !joined {
            text.push(' ');
        }
        text.push_str(word);
    }
    text.to_lowercase()
}

/// A column's definition.
pub fn column(words: &mut Words<'_>) -> Option<Column> {
    let mut found = Column { name: words.name()?, ty: ty(words), ..Column::default() };
    while !words.is_empty() {
        let words_of = [
            "NOT NULL",
            "DEFAULT",
            "PRIMARY KEY",
            "UNIQUE",
            "REFERENCES",
            "CHECK",
            "GENERATED",
            "AS",
            "AUTO_INCREMENT",
            "AUTOINCREMENT",
            "FIRST",
            "AFTER",
            "STORED",
            "PERSISTENT",
            "COLLATE",
            "CHARACTER SET",
        ];
        match words.eat_any(&words_of) {
            Some("NOT NULL") => found.not_null = true,
            Some("DEFAULT") => found.default = Some(expression(words)),
            Some("PRIMARY KEY") => found.primary_key = true,
            Some("UNIQUE") => found.unique = true,
            Some("REFERENCES") => found.references = words.name(),
            Some("CHECK") => {
                found.checked = true;
                words.brackets();
            }
            Some("GENERATED") => {
                words.eat_any(&["ALWAYS", "BY DEFAULT"]);
            }
            Some("AS") => match words.eat("IDENTITY") {
                true => found.numbered = true,
                false => {
                    words.brackets();
                    found.generated = Some(Generated::Virtual);
                }
            },
            Some("AUTO_INCREMENT" | "AUTOINCREMENT") => found.numbered = true,
            Some("FIRST" | "AFTER") => found.placed = true,
            Some("STORED" | "PERSISTENT") if found.generated.is_some() => {
                found.generated = Some(Generated::Stored);
            }
            Some("COLLATE" | "CHARACTER SET") => {
                words.name();
            }
            Some(_) => {}
            None => {
                words.next();
            }
        }
    }
    let serial = ["serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"];
    found.numbered |= serial.contains(&found.ty.as_str());
    Some(found)
}

/// The value of a default: up to the next word of a column's definition.
fn expression(words: &mut Words<'_>) -> Expression {
    const END: [&str; 12] = [
        "NOT NULL",
        "PRIMARY KEY",
        "UNIQUE",
        "REFERENCES",
        "CHECK",
        "CONSTRAINT",
        "GENERATED",
        "COLLATE",
        "COMMENT",
        "FIRST",
        "AFTER",
        "ON UPDATE",
    ];
    const NOW: [&str; 3] = ["current_timestamp", "current_date", "current_time"];
    let start = words.clone();
    let mut computed = false;
    while !words.is_empty() && !END.iter().any(|word| words.is(word)) {
        match words.brackets() {
            Some(_) => computed = true,
            None => computed |= words.next().is_some_and(|word| NOW.contains(&word.to_lowercase().as_str())),
        }
    }
    let value = words.since(&start);
    Expression { text: value.text(), volatile: value.call(VOLATILE), computed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{MYSQL, POSTGRES};

    fn of(sql: &str) -> Column {
        column(&mut Words::new(sql, &POSTGRES)).unwrap()
    }

    #[test]
    fn columns_are_read() {
        let found = of("a varchar(20) not null default 'x' check (a <> '') unique");
        assert_eq!(
            (found.ty.as_str(), found.not_null, found.checked, found.unique),
            ("varchar(20)", true, true, true)
        );
        assert_eq!(found.default.unwrap().text, "'x'");
        assert_eq!(of("t timestamp with time zone").ty, "timestamp with time zone");
        assert_eq!(of("t int[] not null").ty, "int[]");
        assert!(of("id bigint generated always as identity primary key").numbered);
        assert_eq!(of("g int generated always as (a + 1) stored").generated, Some(Generated::Stored));
        assert_eq!(of("g int generated always as (a + 1)").generated, Some(Generated::Virtual));
        assert_eq!(
            of("u uuid default gen_random_uuid() not null").default.unwrap().volatile,
            Some("gen_random_uuid")
        );
        let plain = of("n int default -1 not null").default.unwrap();
        assert!(!plain.computed && plain.text == "- 1", "{plain:?}");
        assert!(of("t timestamptz default now()").default.unwrap().volatile.is_none());
        assert!(of("id serial").numbered);
        assert_eq!(of("o int references s.t (id)").references.unwrap().plain, "s.t");
    }

    #[test]
    fn actions_are_read() {
        let read = |sql: &str| format!("{:?}", actions(&Words::new(sql, &MYSQL)));
        for (sql, what) in [
            ("add column a int, drop column b", "DropColumn"),
            ("add a int", "AddColumn"),
            ("add (a int, b int)", "b"),
            ("add constraint c check (a > 0) not valid", "not_valid: true"),
            ("add constraint foreign key (a) references t (b)", "ForeignKey"),
            ("add unique key k (a)", "AddIndex { unique: true"),
            ("add fulltext (a)", "fulltext"),
            ("add primary key (a)", "PrimaryKey"),
            ("add constraint u unique using index i", "using_index: true"),
            ("alter column a set data type bigint using a::bigint", "ty: \"bigint\""),
            ("alter a set not null", "SetNotNull"),
            ("modify column a bigint not null after b", "placed: true"),
            ("change a b int", "Redefine"),
            ("rename to t2", "RenameTo"),
            ("rename column a to b", "RenameColumn"),
            ("rename a to b", "RenameColumn"),
            ("detach partition p concurrently", "concurrently: true"),
            ("engine = innodb", "ENGINE"),
            ("algorithm=instant, lock=none", "INSTANT"),
            ("drop primary key", "DropPrimaryKey"),
            ("set (fillfactor = 70)", "Other"),
        ] {
            assert!(read(sql).contains(what), "{sql}: {}", read(sql));
        }
    }
}
