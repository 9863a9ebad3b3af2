//! The keys of a definition. docs/definition.schema.json has the same ones; a test compares them.

/// A table of keys in a definition, and the keys it may have.
#[derive(Debug)]
pub struct Block {
    /// Its name in docs/definition.schema.json.
    pub name: &'static str,
    pub keys: &'static [&'static str],
}

pub const DOCUMENT: Block =
    Block { name: "document", keys: &["$schema", "version", "schemas", "enums", "tables", "views"] };
pub const SCHEMA: Block = Block { name: "schema", keys: &["comment"] };
pub const ENUM: Block = Block { name: "enum", keys: &["values", "comment"] };
pub const TABLE: Block = Block {
    name: "table",
    keys: &["columns", "primary_key", "unique", "foreign_keys", "checks", "indexes", "comment", "options"],
};
pub const COLUMN: Block = Block {
    name: "column",
    keys: &[
        "type",
        "native",
        "nullable",
        "default",
        "generated",
        "identity",
        "primary_key",
        "unique",
        "references",
        "check",
        "collation",
        "on_update_now",
        "comment",
        "options",
    ],
};
pub const GENERATED: Block =
    Block { name: "generated", keys: &["sql", "sqlite", "postgres", "mysql", "mariadb", "stored"] };
pub const DEFAULT: Block =
    Block { name: "default", keys: &["value", "sql", "sqlite", "postgres", "mysql", "mariadb"] };
pub const IDENTITY: Block = Block { name: "identity", keys: &["rule", "options"] };
pub const KEY: Block = Block {
    name: "key",
    keys: &["columns", "name", "nulls_not_distinct", "deferrable", "comment", "options"],
};
pub const FOREIGN_KEY: Block = Block {
    name: "foreign_key",
    keys: &[
        "columns",
        "references",
        "on_delete",
        "on_update",
        "match",
        "name",
        "deferrable",
        "validated",
        "enforced",
        "comment",
        "options",
    ],
};
pub const CHECK: Block = Block {
    name: "check",
    keys: &[
        "sql",
        "sqlite",
        "postgres",
        "mysql",
        "mariadb",
        "name",
        "validated",
        "enforced",
        "comment",
        "options",
    ],
};
pub const INDEX: Block = Block {
    name: "index",
    keys: &[
        "columns",
        "unique",
        "where",
        "include",
        "method",
        "name",
        "nulls_not_distinct",
        "comment",
        "options",
    ],
};
pub const INDEX_KEY: Block = Block {
    name: "index_key",
    keys: &["column", "expression", "order", "nulls", "collation", "opclass", "prefix"],
};
pub const SQL: Block = Block { name: "sql", keys: &["sql", "sqlite", "postgres", "mysql", "mariadb"] };
pub const OPTIONS: Block = Block { name: "options", keys: &["sqlite", "postgres", "mysql", "mariadb"] };
pub const VIEW: Block =
    Block { name: "view", keys: &["columns", "query", "materialized", "comment", "options"] };

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::target::EngineKind;

    /// All of them.
    const BLOCKS: &[&Block] = &[
        &DOCUMENT,
        &SCHEMA,
        &ENUM,
        &TABLE,
        &COLUMN,
        &GENERATED,
        &DEFAULT,
        &IDENTITY,
        &KEY,
        &FOREIGN_KEY,
        &CHECK,
        &INDEX,
        &INDEX_KEY,
        &SQL,
        &OPTIONS,
        &VIEW,
    ];

    /// Every key that the reader knows is in the JSON Schema, and the reverse.
    #[test]
    fn the_json_schema_has_the_same_keys() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/definition.schema.json");
        let schema: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let described: BTreeSet<&str> =
            schema["$defs"].as_object().unwrap().keys().map(String::as_str).collect();
        for block in BLOCKS {
            let keys = match block.name {
                "document" => &schema["properties"],
                name => &schema["$defs"][name]["properties"],
            };
            let keys: BTreeSet<&str> = keys
                .as_object()
                .unwrap_or_else(|| panic!("`{}` is not described", block.name))
                .keys()
                .map(String::as_str)
                .collect();
            assert_eq!(keys, block.keys.iter().copied().collect(), "keys of `{}`", block.name);
        }
        for name in described {
            let known = BLOCKS.iter().any(|block| block.name == name);
            let has_keys = schema["$defs"][name].get("properties").is_some();
            assert!(known || !has_keys, "`{name}` is described, but unknown to the reader");
        }
    }

    #[test]
    fn every_engine_can_have_its_own_text() {
        for engine in EngineKind::ALL {
            for block in [&SQL, &OPTIONS, &DEFAULT, &GENERATED, &CHECK] {
                assert!(block.keys.contains(&engine.word()), "{} in `{}`", engine.word(), block.name);
            }
        }
    }
}
