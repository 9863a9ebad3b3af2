//! docs/type-map.md is what the code does.

use std::fmt::Write;

use dbwright::engine::engine_for;
use dbwright::engine::type_map::Usage;
use dbwright::model::target::EngineKind;
use dbwright::model::types::Portable;

/// Types as they are written in a definition.
const PORTABLE: &[&str] = &[
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "decimal(10,2)",
    "decimal",
    "float32",
    "float64",
    "text",
    "varchar(200)",
    "char(2)",
    "bytes",
    "bytes(16)",
    "date",
    "time",
    "timestamp",
    "timestamp(0)",
    "timestamptz",
    "interval",
    "uuid",
    "json",
    "enum('a','b')",
    "int32[]",
];

/// Types as a catalog of the engine tells them.
fn native(engine: EngineKind) -> &'static [&'static str] {
    match engine {
        EngineKind::Sqlite => &[
            "INTEGER",
            "INT",
            "BIGINT",
            "TINYINT(1)",
            "BOOLEAN",
            "SMALLINT",
            "REAL",
            "FLOAT",
            "DOUBLE",
            "DECIMAL(10,2)",
            "NUMERIC",
            "TEXT",
            "VARCHAR(20)",
            "NVARCHAR(20)",
            "CHAR(2)",
            "BLOB",
            "DATE",
            "TIME",
            "DATETIME",
            "TIMESTAMP",
            "JSON",
            "UUID",
            "ANY",
            "",
        ],
        EngineKind::Postgres => &[
            "boolean",
            "smallint",
            "integer",
            "bigint",
            "numeric(10,2)",
            "numeric",
            "real",
            "double precision",
            "money",
            "text",
            "character varying(20)",
            "character varying",
            "character(2)",
            "name",
            "citext",
            "bytea",
            "date",
            "time without time zone",
            "time with time zone",
            "timestamp without time zone",
            "timestamp(3) with time zone",
            "interval",
            "uuid",
            "json",
            "jsonb",
            "xml",
            "inet",
            "cidr",
            "macaddr",
            "bit(8)",
            "bit varying(8)",
            "tsvector",
            "oid",
            "integer[]",
            "point",
            "int4range",
        ],
        EngineKind::Mysql | EngineKind::Mariadb => &[
            "tinyint(1)",
            "tinyint",
            "tinyint unsigned",
            "smallint",
            "mediumint",
            "mediumint unsigned",
            "int",
            "int unsigned",
            "bigint",
            "bigint unsigned",
            "decimal(10,2)",
            "float",
            "float(7,2)",
            "double",
            "bit(1)",
            "bit(8)",
            "year",
            "char(2)",
            "varchar(20)",
            "tinytext",
            "text",
            "mediumtext",
            "longtext",
            "binary(16)",
            "varbinary(16)",
            "blob",
            "longblob",
            "date",
            "time",
            "datetime",
            "datetime(6)",
            "timestamp",
            "json",
            "uuid",
            "enum('a','b')",
            "set('a','b')",
            "inet6",
            "point",
        ],
    }
}

fn out_table(out: &mut String) {
    out.push_str("| portable |");
    EngineKind::ALL.iter().for_each(|engine| write!(out, " {} |", engine.title()).unwrap());
    out.push_str("\n|---|---|---|---|---|\n");
    let mut notes: Vec<String> = Vec::new();
    for text in PORTABLE {
        let mut ty = Portable::parse(text, &[]).unwrap();
        write!(out, "| `{text}` |").unwrap();
        for engine in EngineKind::ALL {
            let map = engine_for(engine).type_map(engine);
            if engine == EngineKind::Postgres
                && let Portable::Enum { name, .. } = &mut ty
            {
                name.name = "table_column".into();
            }
            let native = map.native(&ty, Usage::default());
            write!(out, " `{}`", native.ty).unwrap();
            if let Some(check) = native.check {
                write!(out, " with `CHECK ({})`", check.replace("{}", "c")).unwrap();
            }
            if let Some(loss) = native.loss {
                let at = notes.iter().position(|note| note == loss).unwrap_or_else(|| {
                    notes.push(loss.to_owned());
                    notes.len() - 1
                });
                write!(out, " ({})", at + 1).unwrap();
            }
            out.push_str(" |");
        }
        out.push('\n');
    }
    out.push('\n');
    notes.iter().enumerate().for_each(|(number, note)| writeln!(out, "{}. {note}", number + 1).unwrap());
}

fn in_table(out: &mut String, engine: EngineKind, title: &str) {
    let map = engine_for(engine).type_map(engine);
    write!(out, "\n### {title}\n| type | portable | what is lost |\n|---|---|---|\n").unwrap();
    for native in native(engine) {
        let shown = if native.is_empty() { "no type".to_owned() } else { format!("`{native}`") };
        match map.portable(native) {
            Some(meaning) => {
                let loss = meaning.loss.unwrap_or_default();
                writeln!(out, "| {shown} | `{}` | {loss} |", meaning.ty).unwrap();
            }
            None => writeln!(out, "| {shown} | none | the column is text on another engine |").unwrap(),
        }
    }
}

/// `DBWRIGHT_BLESS=1` writes the tables.
#[test]
fn the_document_says_what_the_code_does() {
    dbwright_engines::install();
    let mut tables = String::new();
    tables.push_str("## From a definition to an engine\n");
    out_table(&mut tables);
    tables.push_str("\n## From an engine to a definition\n");
    for engine in [EngineKind::Sqlite, EngineKind::Postgres, EngineKind::Mysql] {
        let title = if engine == EngineKind::Mysql { "MySQL and MariaDB" } else { engine.title() };
        in_table(&mut tables, engine, title);
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/type-map.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once("<!-- tables -->\n").expect("the place of the tables");
    let (_, after) = rest.split_once("<!-- end of tables -->").expect("the end of the tables");
    let new = format!("{before}<!-- tables -->\n{tables}<!-- end of tables -->{after}");
    if std::env::var_os("DBWRIGHT_BLESS").is_some() {
        std::fs::write(path, &new).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), new, "DBWRIGHT_BLESS=1 writes it");
}
