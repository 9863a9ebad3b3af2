//! What can go wrong in production when a migration runs: which lock it takes, what it writes anew,
//! whom it breaks. A rule is its data and a pure function over one statement and what is around it.

mod checks;
mod columns;
mod data;
mod drops;
mod indexes;
mod mysql;
mod postgres;
mod renames;
mod sqlite;
mod squawk;
mod statement;
mod table;
mod words;

#[cfg(test)]
mod tests;

use crate::model::catalog::{Catalog, Object, Table};
use crate::model::finding::{FilePlace, Finding, Fix, Rule, Severity};
use crate::model::target::EngineKind;
use crate::sql::Dialect;
use statement::Deed;
use words::Named;

pub use squawk::of_squawk;

/// A rule and the function that looks for what it warns of.
pub struct MigrationRule {
    pub rule: Rule,
    /// Runs only when it is asked for, by name or in the profile file.
    pub opt_in: bool,
    check: fn(&Look<'_>, &mut Found<'_>),
}

/// Every rule, family by family.
pub fn rules() -> impl Iterator<Item = &'static MigrationRule> {
    const FAMILIES: [&[MigrationRule]; 9] = [
        indexes::RULES,
        checks::RULES,
        columns::RULES,
        renames::RULES,
        drops::RULES,
        data::RULES,
        postgres::RULES,
        mysql::RULES,
        sqlite::RULES,
    ];
    FAMILIES.into_iter().flatten()
}

const ALL: &[EngineKind] = &EngineKind::ALL;
const SQLITE: &[EngineKind] = &[EngineKind::Sqlite];
const POSTGRES: &[EngineKind] = &[EngineKind::Postgres];
const MYSQL: &[EngineKind] = &[EngineKind::Mysql, EngineKind::Mariadb];
const SERVERS: &[EngineKind] = &[EngineKind::Postgres, EngineKind::Mysql, EngineKind::Mariadb];

/// A migration, as its file says it.
#[derive(Debug, Clone)]
pub struct Script {
    /// The version, or the name of one that is repeated.
    pub id: String,
    pub statements: Vec<Written>,
    /// Whether it runs in a transaction.
    pub transaction: bool,
}

/// A statement and where it is written.
#[derive(Debug, Clone)]
pub struct Written {
    pub sql: String,
    pub place: FilePlace,
}

/// What migrations are looked at for.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    pub engine: EngineKind,
    pub dialect: &'a Dialect,
    /// As [`ServerInfo::version_num`](crate::model::server::ServerInfo::version_num) counts; None
    /// for the newest.
    pub version: Option<u32>,
    /// The database as it is now, with sizes.
    pub catalog: Option<&'a Catalog>,
    pub statement_timeout: bool,
}

/// Runs the rules that `wanted` lets through on migrations, in their order.
pub fn check(
    scripts: &[Script],
    ground: &Ground<'_>,
    wanted: impl Fn(&MigrationRule) -> bool,
) -> Vec<Finding> {
    let rules: Vec<&'static MigrationRule> =
        rules().filter(|each| each.rule.engines.contains(&ground.engine) && wanted(each)).collect();
    let mut findings = Vec::new();
    for script in scripts {
        let deeds: Vec<Deed> =
            script.statements.iter().map(|written| statement::read(&written.sql, ground.dialect)).collect();
        for (at, written) in script.statements.iter().enumerate() {
            let look = Look { ground, script, deeds: &deeds, at, written };
            for each in &rules {
                let mut found = Found { look: &look, rule: &each.rule, findings: &mut findings };
                (each.check)(&look, &mut found);
            }
        }
    }
    findings
}

/// A statement and all that is known around it.
struct Look<'a> {
    ground: &'a Ground<'a>,
    script: &'a Script,
    /// Of each statement of the script.
    deeds: &'a [Deed],
    at: usize,
    written: &'a Written,
}

impl<'a> Look<'a> {
    fn deed(&self) -> &'a Deed {
        &self.deeds[self.at]
    }

    fn before(&self) -> &'a [Deed] {
        &self.deeds[..self.at]
    }

    fn after(&self) -> &'a [Deed] {
        &self.deeds[self.at + 1..]
    }

    /// The actions of an ALTER TABLE on a table that was there before this migration.
    fn alters(&self) -> Option<(&'a Named, &'a [table::Action])> {
        match self.deed() {
            Deed::AlterTable { table, actions } if !self.is_new(table) => Some((table, actions)),
            _ => None,
        }
    }

    /// Whether the migration itself made the table, or one before it that is pending too: nobody uses
    /// it yet, and it holds no rows.
    fn is_new(&self, table: &Named) -> bool {
        let is_unknown = self.ground.catalog.is_some() && self.table(table).is_none();
        is_unknown
            || self.before().iter().any(|deed| match deed {
                Deed::CreateTable(new) => new.name.is(table),
                Deed::CreateMaterialized { name } => name.is(table),
                Deed::AlterTable { table: old, actions } => actions.iter().any(|action| {
                    matches!(action, table::Action::RenameTo { to } if to.last() == table.last())
                        && self.is_made(old)
                }),
                _ => false,
            })
    }

    fn is_made(&self, table: &Named) -> bool {
        self.before().iter().any(|deed| matches!(deed, Deed::CreateTable(new) if new.name.is(table)))
    }

    /// Whether the server is older than this version; an unknown one is new.
    fn is_older(&self, version: u32) -> bool {
        self.ground.version.is_some_and(|ours| ours < version)
    }

    fn is_mariadb(&self) -> bool {
        self.ground.engine == EngineKind::Mariadb
    }

    /// The table as it is in the database.
    fn table(&self, name: &Named) -> Option<(&'a Object, &'a Table)> {
        let catalog = self.ground.catalog?;
        catalog.tables().find(|(object, _)| {
            let own = Named { plain: object.name.to_string(), ..Named::default() };
            let short = Named { plain: catalog.short(&object.name), ..Named::default() };
            short.is(name) && short.has_schema() == name.has_schema()
                || own.plain.eq_ignore_ascii_case(&name.plain)
        })
    }

    /// How large a table is, and how long it takes to read or write all of it; empty when that is
    /// not known.
    fn size(&self, name: &Named) -> Size {
        let Some((_, table)) = self.table(name) else { return Size::default() };
        Size { rows: table.rows, bytes: table.bytes }
    }
}

/// How large a table is, as far as it is known.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    rows: Option<u64>,
    bytes: Option<u64>,
}

/// What a table is read or written at, in bytes a second: a cautious figure for a server that has
/// other things to do.
const PACE: u64 = 100 * 1024 * 1024;
/// A table of this many bytes is done before anybody notices.
const SMALL: u64 = 16 * 1024 * 1024;

impl Size {
    fn is_small(self) -> bool {
        self.bytes.is_some_and(|bytes| bytes < SMALL)
    }

    /// ` (41 GiB, about 120,000,000 rows: about 7 min)`.
    fn told(self) -> String {
        let Some(bytes) = self.bytes else { return String::new() };
        let rows = self.rows.map(|rows| format!(", about {} rows", grouped(rows))).unwrap_or_default();
        let seconds = bytes / PACE;
        let time = match seconds {
            0 => "less than a second".to_owned(),
            1..=119 => format!("about {seconds} s"),
            _ => format!("about {} min", seconds.div_ceil(60)),
        };
        format!(" ({}{rows}: {time})", size(bytes))
    }
}

fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut rest = bytes;
    while rest >= 10 * 1024 && unit < UNITS.len() - 1 {
        rest /= 1024;
        unit += 1;
    }
    format!("{rest} {}", UNITS[unit])
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Where a rule puts what it finds.
struct Found<'a> {
    look: &'a Look<'a>,
    rule: &'static Rule,
    findings: &'a mut Vec<Finding>,
}

impl Found<'_> {
    fn add(&mut self, hit: Hit) {
        let rule = self.rule;
        let id = format!("{}:{}:{}", rule.id, self.look.script.id, hit.object);
        self.findings.push(Finding {
            id,
            rule: rule.id,
            severity: hit.severity.unwrap_or(rule.severity),
            engine: self.look.ground.engine,
            object: hit.object,
            object_kind: hit.kind,
            title: rule.title,
            evidence: hit.evidence,
            fix: Fix { sql: hit.sql, text: hit.text.unwrap_or_else(|| rule.fix.to_owned()) },
            undo: None,
            place: Some(self.look.written.place.clone()),
            references: rule.references,
        });
    }

    /// For a table that is read or written as a whole: `evidence` and its size. A small one does
    /// little harm.
    fn add_by_size(&mut self, table: &Named, hit: Hit) {
        let size = self.look.size(table);
        let severity = match size.is_small() {
            true => Some(Severity::Info),
            false => hit.severity,
        };
        let evidence = format!("{}{}", hit.evidence, size.told());
        self.add(Hit { evidence, severity, ..hit });
    }
}

/// What a rule says of one statement; the rest of a finding is the rule's.
struct Hit {
    kind: &'static str,
    object: String,
    evidence: String,
    severity: Option<Severity>,
    sql: Option<String>,
    text: Option<String>,
}

impl Hit {
    fn new(kind: &'static str, object: impl Into<String>, evidence: impl Into<String>) -> Self {
        let (object, evidence) = (object.into(), evidence.into());
        Hit { kind, object, evidence, severity: None, sql: None, text: None }
    }

    fn table(name: &Named, evidence: impl Into<String>) -> Self {
        Self::new("table", &name.plain, evidence)
    }

    fn column(table: &Named, column: &str, evidence: impl Into<String>) -> Self {
        Self::new("column", format!("{}.{column}", table.plain), evidence)
    }

    fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// The safe way, as statements.
    fn sql(mut self, sql: impl Into<String>) -> Self {
        self.sql = Some(sql.into());
        self
    }

    /// Instead of the rule's own advice.
    fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }
}
