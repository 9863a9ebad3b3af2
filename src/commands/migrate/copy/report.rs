//! What came of a copy, table by table.

use std::time::Duration;

use serde_json::json;

use super::journal::Note;
use super::mapping::{Mapping, Pair};
use super::plan::seen_json;
use crate::commands::Context;
use crate::engine::copy::Seen;
use crate::error::{Error, Kind, Result};
use crate::model::listing::Listing;
use crate::model::progress::Unit;
use crate::store::digest::Sum;
use crate::ui::{human, summary};

/// What became of a table.
pub struct Copied {
    pub table: String,
    pub read: u64,
    pub written: u64,
    /// The sum of what was read, as digits.
    pub digest: String,
    /// What is there that is not what was read.
    pub differs: Option<String>,
}

impl Copied {
    fn rejected(&self) -> u64 {
        self.read - self.written
    }
}

/// Compares what was read with what is there.
pub fn copied(mapping: &Mapping, notes: &[Note], sums: Vec<Result<Sum, String>>) -> Vec<Copied> {
    let tables = mapping.tables.iter().zip(notes).zip(sums);
    let one = |((pair, note), sum): ((&Pair, &Note), Result<Sum, String>)| Copied {
        table: mapping.to.short(&pair.to),
        read: note.read,
        written: note.sum.count,
        digest: crate::store::digest::hex(note.sum.sum),
        differs: match sum {
            Err(reason) => Some(reason),
            Ok(sum) if sum.count != note.sum.count => {
                Some(format!("{} are there", human::counted(sum.count, "rows")))
            }
            Ok(sum) if sum != note.sum => Some("values differ".to_owned()),
            Ok(_) => None,
        },
    };
    tables.map(one).collect()
}

/// What came of it.
#[derive(Default)]
pub struct Filled {
    pub tables: Vec<Copied>,
    /// Dates of zeros that are NULL.
    pub zeros: u64,
    pub schema_only: bool,
}

pub struct Report {
    pub from: String,
    pub to: String,
    pub how: String,
    pub seen: Vec<Seen>,
    pub took: Duration,
    pub filled: Filled,
    pub allow_loss: bool,
}

impl Report {
    /// Prints it; an error when not everything arrived.
    pub fn tell(&self, context: &Context, mapping: &Mapping) -> Result<()> {
        let (read, written) =
            self.filled.tables.iter().fold((0, 0), |sum, each| (sum.0 + each.read, sum.1 + each.written));
        match context.ui.wants_json() {
            true => context.ui.print_json(&self.json(mapping))?,
            false => self.print(context, written)?,
        }
        let differ: Vec<&str> = self
            .filled
            .tables
            .iter()
            .filter(|each| each.differs.is_some())
            .map(|each| each.table.as_str())
            .collect();
        if !differ.is_empty() {
            let message = format!("not the same in the copy: {}", differ.join(", "));
            return Err(Error::new(Kind::Partial, message)
                .hint("a value was changed by the engine, or somebody wrote into the copy"));
        }
        let losses = mapping.losses.len() as u64;
        let rejected = read - written;
        if self.allow_loss || losses == 0 && rejected == 0 {
            return Ok(());
        }
        let mut lost = Vec::new();
        if rejected > 0 {
            lost.push(format!("{} left out", human::counted(rejected, "rows")));
        }
        if losses > 0 {
            lost.push(format!("{} not carried over as they are", human::counted(losses, "things")));
        }
        Err(Error::new(Kind::Found, lost.join(", ")).hint("--allow-loss says that this is as you want it"))
    }

    fn print(&self, context: &Context, written: u64) -> Result<()> {
        if self.filled.schema_only {
            context.ui.status(&summary("made the schema", &[], self.took));
            return Ok(());
        }
        let rows = self.filled.tables.iter().map(|each| {
            let proof = each.differs.clone().unwrap_or_else(|| "the same".to_owned());
            vec![
                each.table.clone(),
                each.read.to_string(),
                each.written.to_string(),
                each.rejected().to_string(),
                proof,
            ]
        });
        context.ui.print_listing(&Listing {
            headers: ["Table", "Read", "Written", "Rejected", "Compared"].map(str::to_owned).to_vec(),
            rows: rows.collect(),
            ..Listing::default()
        })?;
        if self.filled.zeros > 0 {
            context.ui.warn(&format!("{} of zeros are NULL", human::counted(self.filled.zeros, "dates")));
        }
        context.ui.status(&summary("copied", &[(written, Unit::Count("rows"))], self.took));
        context.ui.status(&format!("one moment by {}", self.how));
        Ok(())
    }

    fn json(&self, mapping: &Mapping) -> serde_json::Value {
        let tables: Vec<_> = self
            .filled
            .tables
            .iter()
            .map(|each| {
                json!({
                    "table": each.table,
                    "read": each.read,
                    "written": each.written,
                    "rejected": each.rejected(),
                    "digest": each.digest,
                    "verified": each.differs.is_none(),
                    "differs": each.differs,
                })
            })
            .collect();
        json!({
            "version": 1,
            "kind": "migrate_copy",
            "from": self.from,
            "to": self.to,
            "moment": self.how,
            "seconds": self.took.as_secs_f64(),
            "tables": tables,
            "zero_dates_made_null": self.filled.zeros,
            "seen": seen_json(&self.seen),
            "losses": mapping.losses,
        })
    }
}
