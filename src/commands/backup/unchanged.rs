//! What is taken from an earlier backup instead of being read again, as it provably did not change.
//!
//! Chunks are stored once anyhow; this saves the reading. The proof is the engine's
//! ([`Witness`](crate::model::snapshot::Witness)), and speaks for the whole database: without one
//! all is read.

use std::collections::BTreeSet;

use crate::engine::Session;
use crate::engine::backup::{Backup, Extract};
use crate::error::Result;
use crate::model::catalog::Name;
use crate::model::snapshot::{BackupType, Chunk, Form, Image, Part, Snapshot, Table};
use crate::store::Repository;
use crate::store::repository::State;

/// An earlier backup that shows the same rows.
pub struct Base {
    snapshot: Snapshot,
    witnessed: BTreeSet<Name>,
    /// Chunks that are not there any more.
    missing: BTreeSet<String>,
}

/// Why nothing can be taken from an earlier backup.
type Why = &'static str;

impl Base {
    /// The backup that `snapshot`, of which only the rows are missing, can take rows from.
    pub fn find(
        repository: &Repository,
        backup: &dyn Backup,
        session: &mut dyn Session,
        snapshot: &Snapshot,
    ) -> Result<Result<Base, Why>> {
        let Some(now) = &snapshot.witness else {
            return Ok(Err(
                "it cannot be told whether anything changed: see \"What is not read\" in docs/backup.md",
            ));
        };
        let Some(base) = newest(repository, snapshot)? else {
            return Ok(Err("there is no earlier backup to compare with"));
        };
        if base.made_by != snapshot.made_by || base.compression != snapshot.compression {
            return Ok(Err("the backup before was made by another version, or is compressed otherwise"));
        }
        if base.statements_with_privileges != snapshot.statements_with_privileges {
            return Ok(Err("the schema changed"));
        }
        let same = base.witness.as_ref().is_some_and(|then| backup.is_unchanged(then, now));
        if !same {
            return Ok(Err("something was written since the backup before, or the server was started again"));
        }
        let missing = repository.missing(&base)?.into_iter().map(|chunk| chunk.id).collect();
        Ok(Ok(Base { snapshot: base, witnessed: backup.witnessed(session)?, missing }))
    }

    pub fn id(&self) -> &str {
        &self.snapshot.id
    }

    /// The rows of a table, if they need not be read.
    pub fn table(&self, extract: &Extract) -> Option<Table> {
        let tables = &self.snapshot.tables;
        let found = tables.iter().find(|table| {
            table.schema == extract.table.schema
                && table.name == extract.table.name
                && table.form == extract.form
                && table.load == extract.load
        })?;
        let is_there = extract.form != Form::Image
            && self.witnessed.contains(&extract.table)
            && self.are_there(&found.parts);
        is_there.then(|| self.taken(found.clone()))
    }

    /// The file and its tables, if it need not be read.
    pub fn image(&self, extract: &Extract) -> Option<(Image, Vec<Table>)> {
        let image = self.snapshot.image.as_ref().filter(|image| image.page_size == extract.page_size)?;
        let is_there = extract.form == Form::Image
            && self.witnessed.contains(&extract.table)
            && self.are_there(&image.parts);
        let from = |taken: &Option<String>| Some(taken.clone().unwrap_or_else(|| self.id().to_owned()));
        is_there.then(|| {
            let image = Image { taken_from: from(&image.taken_from), ..image.clone() };
            (image, self.snapshot.tables.iter().cloned().map(|table| self.taken(table)).collect())
        })
    }

    fn taken(&self, table: Table) -> Table {
        let from = table.taken_from.clone().unwrap_or_else(|| self.id().to_owned());
        Table { taken_from: Some(from), ..table }
    }

    fn are_there(&self, parts: &[Part]) -> bool {
        let mut chunks = parts.iter().flat_map(|part| &part.chunks);
        chunks.all(|Chunk { id, .. }| !self.missing.contains(id))
    }
}

/// The newest backup of the same database on the same server; of the full ones, for a differential
/// one. One that is damaged is verify's business.
fn newest(repository: &Repository, snapshot: &Snapshot) -> Result<Option<Snapshot>> {
    let identity = |snapshot: &Snapshot| snapshot.witness.as_ref().map(|witness| witness.identity.clone());
    let wanted = (&snapshot.engine, identity(snapshot));
    let ids = repository.ids()?;
    for (id, _) in ids.iter().rev().filter(|(_, state)| **state == State::Whole) {
        let Ok(found) = repository.snapshot(id) else { continue };
        let is_of_type =
            snapshot.backup_type != BackupType::Differential || found.backup_type == BackupType::Full;
        let is_all = found.partial.is_none() && found.masked.is_empty();
        if is_of_type && is_all && (&found.engine, identity(&found)) == wanted {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
