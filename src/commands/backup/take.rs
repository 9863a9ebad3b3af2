//! What a backup takes of a database, once the moment is held: its schema, and which rows.

use super::filter::Filtered;
use super::masking;
use super::wanted::Wanted;
use crate::commands::Context;
use crate::engine::Session;
use crate::engine::backup::{Backup, Extract};
use crate::engine::masking::MaskKey;
use crate::error::{Error, Kind, Result};
use crate::model::catalog::{Catalog, Scope};
use crate::model::partial::Partial;
use crate::model::snapshot::Snapshot;
use crate::ui::human;

/// What is to be taken.
pub struct Taking<'a> {
    pub context: &'a Context,
    pub backup: &'static dyn Backup,
    pub wanted: Wanted,
    pub mask_key: MaskKey,
    /// What could not be read is left out, and told, instead of being a reason to stop.
    pub incomplete: bool,
}

/// What there is to take.
pub struct Taken {
    /// The whole database.
    all: Catalog,
    filtered: Option<Filtered>,
    pub extracts: Vec<Extract>,
}

/// With owners and grants.
const SCOPE: Scope = Scope { privileges: true, sizes: false, statements: false };

impl Taking<'_> {
    /// Looks at the database in sessions that hold the moment.
    pub fn look(&self, sessions: &mut [Box<dyn Session>]) -> Result<Taken> {
        let all = first(sessions)?.catalog(SCOPE)?;
        self.refuse_unread(&all)?;
        let filtered = match self.wanted.is_all() {
            true => None,
            false => Some(Filtered::of(&self.wanted, &all, self.backup)?),
        };
        let extracts = match &filtered {
            None => self.backup.extracts(first(sessions)?, &all)?,
            Some(filtered) => {
                self.masks(filtered, sessions)?;
                let extracts =
                    self.backup.extracts_of(first(sessions)?, &filtered.catalog, &filtered.choice)?;
                filtered.of_extracts(extracts)
            }
        };
        Ok(Taken { all, filtered, extracts })
    }

    fn masks(&self, filtered: &Filtered, sessions: &mut [Box<dyn Session>]) -> Result<()> {
        if filtered.masked.is_empty() {
            return Ok(());
        }
        for session in sessions.iter_mut() {
            self.backup.set_mask_key(session.as_mut(), &self.mask_key)?;
        }
        masking::refuse_broken_checks(first(sessions)?, &filtered.catalog, &filtered.choice)
    }

    fn refuse_unread(&self, catalog: &Catalog) -> Result<()> {
        for unread in &catalog.unread {
            self.context.ui.warn(&format!("{} could not be read: {}", unread.what, unread.why));
        }
        match catalog.unread.is_empty() || self.incomplete {
            true => Ok(()),
            false => Err(Error::new(
                Kind::Refused,
                format!(
                    "{} of the database could not be read",
                    human::counted(catalog.unread.len() as u64, "parts")
                ),
            )
            .hint(
                "give the user the rights that are named above, or make a backup without them: --incomplete",
            )),
        }
    }

    /// The statements that set what is neither definition nor row.
    pub fn values(&self, session: &mut dyn Session, taken: &Taken) -> Result<Vec<String>> {
        let mut values = Vec::new();
        if taken.filtered.as_ref().is_none_or(Filtered::with_settings) {
            values = self.backup.settings(session)?;
        }
        if !self.wanted.schema_only {
            values.extend(self.backup.values(session, taken.catalog())?);
        }
        Ok(values)
    }

    /// For an engine that cannot keep others from changing the schema meanwhile.
    pub fn refuse_changed(&self, session: &mut dyn Session, taken: &Taken) -> Result<()> {
        match session.catalog(SCOPE)?.objects == taken.all.objects {
            true => Ok(()),
            false => Err(Error::new(Kind::Sql, "the schema was changed while the backup was made")
                .hint("run it again at a time when nobody changes the schema")),
        }
    }
}

impl Taken {
    pub fn catalog(&self) -> &Catalog {
        self.filtered.as_ref().map_or(&self.all, |filtered| &filtered.catalog)
    }

    /// Notes in the manifest that it is not all, or not as it was.
    pub fn note(&self, snapshot: &mut Snapshot) {
        if let Some(filtered) = &self.filtered {
            snapshot.partial = self.partial().cloned();
            snapshot.masked.clone_from(&filtered.masked);
        }
    }

    fn partial(&self) -> Option<&Partial> {
        let partial = self.filtered.as_ref().map(|filtered| &filtered.partial);
        partial.filter(|partial| **partial != Partial::default())
    }

    /// What was left out, for people.
    pub fn left_out(&self) -> &[String] {
        self.filtered.as_ref().map_or(&[], |filtered| &filtered.partial.left_out)
    }
}

/// The session that looks at what is not rows.
pub fn first(sessions: &mut [Box<dyn Session>]) -> Result<&mut dyn Session> {
    match sessions.first_mut() {
        Some(session) => Ok(session.as_mut()),
        None => Err(Error::new(Kind::Connect, "there is no session")),
    }
}
