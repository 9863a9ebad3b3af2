//! What a copy would do: for a person before it is done, and in full for `--plan`.

use serde_json::json;

use super::CopyArgs;
use super::build::Schema;
use super::mapping::Mapping;
use super::place::Found;
use super::source::{Source, backup_of};
use crate::commands::Context;
use crate::engine::copy::Seen;
use crate::engine::engine_for;
use crate::error::Result;
use crate::model::listing::Listing;
use crate::model::target::Target;
use crate::ui::human;

/// Rows a second that an ordinary machine copies, for a guess of the time.
const ROWS_PER_SECOND: u64 = 100_000;

pub struct Plan<'a> {
    pub source: &'a Source,
    pub mapping: &'a Mapping,
    pub to: &'a Target,
    pub args: &'a CopyArgs,
}

impl Plan<'_> {
    /// In a few lines, with what cannot be carried.
    pub fn summary(&self, found: &Found) -> String {
        let mapping = self.mapping;
        let rows = mapping.rows().filter(|_| !self.args.schema_only);
        let rows = rows.map(|rows| format!(", about {}", human::counted(rows, "rows")));
        let (verb, what) = match (found, self.args.schema_only, self.args.data_only) {
            (Found::Begun(_), ..) => ("go on to copy", ""),
            (_, true, _) => ("copy", "the schema of "),
            (_, _, true) => ("copy", "the rows of "),
            _ => ("copy", ""),
        };
        let from = &self.source.target;
        let mut lines = vec![format!(
            "{verb} {what}{} ({}, {}{}) into {} ({})",
            from.label(),
            from.engine.title(),
            human::counted(mapping.tables.len() as u64, "tables"),
            rows.unwrap_or_default(),
            self.to.label(),
            self.to.engine.title()
        )];
        let seen = self.source.seen.iter();
        lines.extend(seen.map(|seen| format!("  {}: {} as {}", place(seen), seen.what, seen.meant)));
        lines.extend(self.source.left_out.iter().map(|what| format!("  left out: {what}")));
        lines.extend(
            mapping
                .losses
                .iter()
                .map(|loss| format!("  not carried: {}: {}: {}", loss.object, loss.what, loss.reason)),
        );
        lines.join("\n")
    }

    /// Everything, on standard output.
    pub fn show(&self, context: &Context) -> Result<()> {
        let schema = match self.args.data_only {
            true => None,
            false => Some(Schema::of(&self.mapping.to, backup_of(self.to)?)),
        };
        let statements: Vec<&str> = schema
            .iter()
            .flat_map(|schema| schema.before.iter().chain(&schema.after))
            .map(|statement| statement.sql.as_str())
            .collect();
        let seconds = self.mapping.rows().map(|rows| rows / ROWS_PER_SECOND + 1);
        if context.ui.wants_json() {
            return context.ui.print_json(&self.json(&statements, seconds));
        }
        context.ui.status(&format!("would {}", self.summary(&Found::Empty)));
        context.ui.print_listing(&Listing {
            headers: ["Table", "Column", "Type", "Becomes", "Rule"].map(str::to_owned).to_vec(),
            rows: self.columns(),
            ..Listing::default()
        })?;
        let dialect = engine_for(self.to.engine).dialect(self.to.engine);
        let mut script = Vec::new();
        for sql in statements {
            crate::sql::write_statement(&mut script, sql, dialect)?;
        }
        if !script.is_empty() {
            context.ui.print(String::from_utf8_lossy(&script).trim_end())?;
        }
        if let Some(seconds) = seconds {
            let time = human::duration(std::time::Duration::from_secs(seconds));
            context.ui.status(&format!(
                "about {time} at {} rows a second, beside indexes and the comparison",
                human::count(ROWS_PER_SECOND)
            ));
        }
        context.ui.status("nothing was changed");
        Ok(())
    }

    fn columns(&self) -> Vec<Vec<String>> {
        let tables = self.mapping.tables.iter();
        tables
            .flat_map(|pair| {
                pair.ways.iter().map(|way| {
                    let seen = self
                        .source
                        .seen
                        .iter()
                        .any(|seen| pair.from.contains(&seen.table) && seen.column == way.from.name);
                    let rule = way.shape.rule();
                    vec![
                        self.mapping.to.short(&pair.to),
                        way.to.name.clone(),
                        way.from.ty.clone(),
                        way.to.ty.clone(),
                        if seen { format!("{rule}, as seen") } else { rule.to_owned() },
                    ]
                })
            })
            .collect()
    }

    fn json(&self, statements: &[&str], seconds: Option<u64>) -> serde_json::Value {
        let columns: Vec<_> = self
            .columns()
            .into_iter()
            .map(|row| json!({ "table": row[0], "column": row[1], "type": row[2], "becomes": row[3], "rule": row[4] }))
            .collect();
        json!({
            "version": 1,
            "kind": "migrate_copy_plan",
            "from": self.source.target.label(),
            "to": self.to.label(),
            "rows": self.mapping.rows(),
            "seconds": seconds,
            "columns": columns,
            "statements": statements,
            "seen": seen_json(&self.source.seen),
            "left_out": self.source.left_out,
            "losses": self.mapping.losses,
        })
    }
}

fn place(seen: &Seen) -> String {
    format!("{}.{}", seen.table, seen.column)
}

pub fn seen_json(seen: &[Seen]) -> Vec<serde_json::Value> {
    let one = |each: &Seen| {
        json!({
            "table": each.table.to_string(),
            "column": each.column,
            "what": each.what,
            "as": each.meant.to_string(),
        })
    };
    seen.iter().map(one).collect()
}
