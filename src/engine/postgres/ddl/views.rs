//! Views and materialized views.

use super::order::Part;
use super::text::{before, ident, qualified};
use super::{columns, storage};
use crate::model::catalog::{Object, View, attribute};
use crate::model::ddl::Piece;

pub fn create(object: &Object, view: &View, part: Part) -> Vec<Piece> {
    let name = qualified(&object.name);
    let with = storage::with(&object.attributes);
    let query = &view.query;
    let list = written_names(view);
    let mut pieces = Vec::new();
    let sql = match (view.materialized, part) {
        (true, _) => {
            let method = attribute(&object.attributes, "access method");
            let method = method.map_or(String::new(), |method| format!("\nUSING {}", ident(method)));
            let space = attribute(&object.attributes, "tablespace");
            let space = space.map_or(String::new(), |space| format!("\nTABLESPACE {}", ident(space)));
            // The rows come when those of its tables are there.
            format!("CREATE MATERIALIZED VIEW {name}{list}{method}{with}{space} AS\n{query}\n  WITH NO DATA")
        }
        (false, Part::Early) => format!("CREATE VIEW {name} AS\nSELECT\n{}", without_content(view)),
        (false, Part::Whole) => format!("CREATE VIEW {name}{list}{with} AS\n{query}"),
        (false, Part::Rest) => format!("CREATE OR REPLACE VIEW {name}{list}{with} AS\n{query}"),
    };
    pieces.push(before("view", &object.name, sql));
    if part != Part::Early {
        pieces.extend(columns::settings(object, &view.columns));
        for column in &view.columns {
            if let Some(default) = &column.default {
                let column = ident(&column.name);
                let sql = format!("ALTER VIEW {name} ALTER COLUMN {column} SET DEFAULT {default}");
                pieces.push(before("view", &object.name, sql));
            }
        }
    }
    pieces
}

/// Names that were written down beside the query. The server keeps them in the query, and knows the
/// types of columns; those that were written have none.
fn written_names(view: &View) -> String {
    let names = view.columns.iter().filter(|column| column.ty.is_empty()).map(|column| ident(&column.name));
    let names: Vec<_> = names.collect();
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}

/// The columns of the view as they will be, so that it can be replaced.
fn without_content(view: &View) -> String {
    let columns = view.columns.iter().map(|column| {
        let collation = column.collation.as_ref().map_or(String::new(), |name| format!(" COLLATE {name}"));
        format!("    NULL::{}{collation} AS {}", column.ty, ident(&column.name))
    });
    columns.collect::<Vec<_>>().join(",\n")
}
