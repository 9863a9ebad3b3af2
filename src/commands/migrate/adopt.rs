//! `migrate adopt`: takes over what another tool has noted.

use clap::Args;

use super::folder::{Folder, Migration};
use super::history::text;
use super::open::{Opened, PlaceArgs, RunArgs, runner};
use super::run::{Author, named};
use crate::commands::{Context, interrupt};
use crate::engine::Session;
use crate::error::{Error, Kind, Result};
use crate::migrations::{Id, Record, id_of_file};
use crate::model::listing::Listing;
use crate::ui::{Guard, human};

/// Take over the history that another tool has kept in the database
///
/// Shows what it will write into the history of dbwright; the table of the other tool stays as it is,
/// and no migration is run.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  dbwright migrate adopt app.db --dry-run
  dbwright migrate adopt prod --from flyway --yes-on prod")]
pub struct AdoptArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// The other tool, where the database has tables of several
    #[arg(long, value_name = "TOOL")]
    from: Option<Tool>,
    /// Show what would be taken over, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    run: RunArgs,
}

/// Tools whose tables are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Tool {
    Dbmate,
    GolangMigrate,
    Flyway,
    Goose,
    Sqlx,
    Refinery,
    SqlMigrate,
    Diesel,
    Liquibase,
    Sqitch,
}

impl Tool {
    /// As its makers write it.
    fn title(self) -> &'static str {
        match self {
            Tool::Dbmate => "dbmate",
            Tool::GolangMigrate => "golang-migrate",
            Tool::Flyway => "Flyway",
            Tool::Goose => "goose",
            Tool::Sqlx => "sqlx",
            Tool::Refinery => "refinery",
            Tool::SqlMigrate => "sql-migrate",
            Tool::Diesel => "Diesel",
            Tool::Liquibase => "Liquibase",
            Tool::Sqitch => "sqitch",
        }
    }
}

/// A migration that another tool has applied: what it is known by, and when and how.
#[derive(Debug, Default)]
struct Taken {
    id: Option<Id>,
    name: String,
    baseline: bool,
    applied_at: String,
    /// It was applied in part, by the tool's own account.
    failed: bool,
    /// It was taken back, or struck out of the history, after it had been applied.
    undone: bool,
    /// All before it were applied too, and have no row.
    and_all_before: bool,
    /// How many parts of the file the tool counts by itself it stands for; 0 where it is the whole.
    changesets: usize,
}

type Cells = Vec<Option<String>>;

/// A tool, what asks for its rows in the order in which they were applied, and what a row means.
struct Peer {
    tool: Tool,
    sql: &'static str,
    read: fn(Cells) -> Taken,
}

/// golang-migrate and dbmate call their tables alike; the first has a column more.
const PEERS: [Peer; 10] = [
    Peer {
        tool: Tool::GolangMigrate,
        sql: "SELECT version, dirty FROM schema_migrations",
        read: |cells| Taken {
            failed: is_true(&cells, 1),
            and_all_before: true,
            ..versioned(&cells, 0, None, None)
        },
    },
    Peer {
        tool: Tool::Dbmate,
        sql: "SELECT version FROM schema_migrations ORDER BY version",
        read: |cells| versioned(&cells, 0, None, None),
    },
    Peer {
        tool: Tool::Flyway,
        sql: "SELECT version, description, installed_on, success, type FROM flyway_schema_history \
              WHERE type <> 'SCHEMA' ORDER BY installed_rank",
        read: |cells| {
            let taken = versioned(&cells, 0, Some(1), Some(2));
            let id = taken.id.or_else(|| Some(Id::Repeatable(at(&cells, 1))));
            let (failed, ty) = (!is_true(&cells, 3), at(&cells, 4));
            let (baseline, undone) = (ty.ends_with("BASELINE"), ty.starts_with("UNDO") || ty == "DELETE");
            Taken { id, failed, baseline, undone, ..taken }
        },
    },
    Peer {
        tool: Tool::Goose,
        sql: "SELECT version_id, tstamp FROM goose_db_version g WHERE version_id > 0 AND is_applied \
              AND id = (SELECT max(id) FROM goose_db_version l WHERE l.version_id = g.version_id) ORDER BY id",
        read: |cells| versioned(&cells, 0, None, Some(1)),
    },
    Peer {
        tool: Tool::Sqlx,
        sql: "SELECT version, description, installed_on, success FROM _sqlx_migrations ORDER BY version",
        read: |cells| Taken { failed: !is_true(&cells, 3), ..versioned(&cells, 0, Some(1), Some(2)) },
    },
    Peer {
        tool: Tool::Refinery,
        sql: "SELECT version, name, applied_on FROM refinery_schema_history ORDER BY version",
        read: |cells| versioned(&cells, 0, Some(1), Some(2)),
    },
    Peer {
        tool: Tool::SqlMigrate,
        sql: "SELECT id, applied_at FROM gorp_migrations ORDER BY applied_at, id",
        read: |cells| Taken {
            id: id_of_file(&at(&cells, 0)),
            name: at(&cells, 0),
            applied_at: at(&cells, 1),
            ..Taken::default()
        },
    },
    Peer {
        tool: Tool::Diesel,
        sql: "SELECT version, run_on FROM __diesel_schema_migrations ORDER BY version",
        read: |cells| versioned(&cells, 0, None, Some(1)),
    },
    Peer {
        tool: Tool::Liquibase,
        sql: "SELECT FILENAME, DATEEXECUTED FROM DATABASECHANGELOG ORDER BY ORDEREXECUTED",
        read: |cells| {
            let path = at(&cells, 0);
            let file = path.rsplit(['/', '\\']).next().unwrap_or_default();
            let (id, name) = (id_of_file(file), path.clone());
            Taken { id, name, applied_at: at(&cells, 1), changesets: 1, ..Taken::default() }
        },
    },
    // Its changes have names and no numbers.
    Peer {
        tool: Tool::Sqitch,
        sql: "SELECT c.change, c.committed_at FROM sqitch.changes c ORDER BY c.committed_at",
        read: |cells| Taken { name: at(&cells, 0), applied_at: at(&cells, 1), ..Taken::default() },
    },
];

fn at(cells: &Cells, index: usize) -> String {
    cells.get(index).cloned().flatten().unwrap_or_default()
}

fn is_true(cells: &Cells, index: usize) -> bool {
    matches!(at(cells, index).as_str(), "1" | "t" | "true" | "TRUE")
}

fn versioned(cells: &Cells, version: usize, name: Option<usize>, time: Option<usize>) -> Taken {
    Taken {
        id: Id::read(&at(cells, version)),
        name: name.map(|index| at(cells, index)).unwrap_or_default(),
        applied_at: time.map(|index| at(cells, index)).unwrap_or_default(),
        ..Taken::default()
    }
}

/// Runs the command.
pub fn run(context: &Context, args: &AdoptArgs) -> Result<()> {
    let Opened { target, session, history, records: before, folder, .. } =
        Opened::open(context, &args.place, !args.dry_run)?;
    let mut runner = runner(context, &target, &folder, session, history, &args.run);
    let label = target.label();
    let has_none = |records: &[Record]| match records.is_empty() {
        true => Ok(()),
        false => Err(Error::new(Kind::Refused, format!("{label} has a history of dbwright already"))
            .hint("dbwright migrate status shows it")),
    };
    has_none(&before)?;
    let (tool, taken) = find(runner.session.as_mut(), args.from, &label)?;
    let tool = tool.title();
    let author = Author::of(context, runner.session.as_ref());
    let taken = whole(&folder, taken)?;
    let records = records(&folder, &taken, &author)?;
    let headers = ["Migration", "Name", "Applied", "File"].map(str::to_owned).to_vec();
    let rows = records.iter().map(|record| {
        let file = if record.checksum.is_some() { "yes" } else { "gone" };
        vec![record.id.clone(), record.name.clone(), record.started_at.clone(), file.to_owned()]
    });
    context.ui.print_listing(&Listing { headers, rows: rows.collect(), ..Listing::default() })?;
    let count = human::counted(records.len() as u64, "migrations");
    let summary = format!("{count} of {tool} to take over into the history of {label}; none of them is run");
    if args.dry_run {
        context.ui.status(&format!("{summary}\na dry run: nothing was changed"));
        return Ok(());
    }
    let (profile, protected) = (target.profile.as_deref(), target.protected);
    context.ui.guard(&Guard { summary: &summary, profile, protected, loses: None, allow_loss: false })?;
    interrupt::listen()?;
    runner.claim()?;
    has_none(&runner.history()?)?;
    for record in &records {
        let [_, insert] = runner.history.write(record)?;
        runner.waiting.push(insert);
    }
    runner.flush()?;
    context.ui.status(&format!("took over {count}; the table of {tool} was left as it is"));
    Ok(())
}

/// The tool whose table is there, and what it has noted.
fn find(session: &mut dyn Session, wanted: Option<Tool>, label: &str) -> Result<(Tool, Vec<Taken>)> {
    let mut found: Vec<(Tool, Vec<Taken>)> = Vec::new();
    for peer in PEERS.iter().filter(|peer| wanted.is_none_or(|wanted| wanted == peer.tool)) {
        // What dbmate is asked for golang-migrate's table can answer too.
        let told_apart =
            peer.tool == Tool::Dbmate && found.iter().any(|(tool, _)| *tool == Tool::GolangMigrate);
        if told_apart {
            continue;
        }
        if let Some(rows) = ask(session, peer.sql)? {
            found.push((peer.tool, rows.into_iter().map(peer.read).collect()));
        }
    }
    let names: Vec<&str> = found.iter().map(|(tool, _)| tool.title()).collect();
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Error::usage(format!("{label} has no history of another tool that is known"))
            .hint("of dbmate, golang-migrate, Flyway, goose, sqlx, refinery, sql-migrate, Diesel, Liquibase and sqitch")
            .hint("when the database has some migrations already: dbwright migrate baseline --at ID")),
        _ => Err(Error::usage(format!("{label} has the history of several tools: {}", names.join(", ")))
            .hint("say which one: --from TOOL")),
    }
}

/// The rows; None when there is no such table.
fn ask(session: &mut dyn Session, sql: &str) -> Result<Option<Vec<Cells>>> {
    let mut rows = Vec::new();
    let outcome = session.query(sql, &[], &mut |cursor| {
        let width = cursor.columns().len();
        while cursor.advance()? {
            rows.push((0..width).map(|index| text(cursor.cell(index))).collect());
        }
        Ok(())
    });
    match outcome {
        Ok(_) => Ok(Some(rows)),
        // Not there, in a database that is not there, or nothing that this user may know of.
        Err(error) if matches!(error.kind(), Kind::Syntax | Kind::Permission) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Rows that stand for a part of a file made one, once all parts of it are there.
fn whole(folder: &Folder, taken: Vec<Taken>) -> Result<Vec<Taken>> {
    let mut whole: Vec<Taken> = Vec::new();
    for each in taken {
        match whole.iter_mut().find(|known| each.changesets > 0 && known.name == each.name) {
            Some(known) => known.changesets += each.changesets,
            None => whole.push(each),
        }
    }
    for each in &whole {
        let file = folder.migrations.iter().find(|migration| Some(&migration.wanted.id) == each.id.as_ref());
        let Some(file) = file.filter(|_| each.changesets > 0) else { continue };
        let is_changeset = |line: &str| {
            let said = line.trim_start().strip_prefix("--").map(str::trim_start);
            said.is_some_and(|said| said.to_ascii_lowercase().starts_with("changeset "))
        };
        let all = folder.files[file.file].text.lines().filter(|line| is_changeset(line)).count();
        if each.changesets < all {
            let message =
                format!("{} was applied in part: {} of its {all} changesets", each.name, each.changesets);
            return Err(Error::new(Kind::Refused, message).hint("apply the rest with the other tool first"));
        }
    }
    Ok(whole)
}

/// The number of what has only a name: that of the file with this name.
fn by_name(folder: &Folder, taken: &Taken) -> Option<Id> {
    let found = folder.migrations.iter().find(|migration| migration.wanted.name == taken.name)?;
    Some(found.wanted.id.clone())
}

/// The rows of our own history.
fn records(folder: &Folder, taken: &[Taken], author: &Author) -> Result<Vec<Record>> {
    let mut records: Vec<Record> = Vec::new();
    for each in taken {
        let Some(id) = &each.id.clone().or_else(|| by_name(folder, each)) else {
            return Err(Error::new(
                Kind::Data,
                format!("the other tool has a migration without a number: {}", each.name),
            )
            .hint("call the file that does it NUMBER_NAME.sql, in the order in which they were applied")
            .hint("or leave its history and say what the database has: dbwright migrate baseline --at ID"));
        };
        if each.undone && !each.failed {
            let id = id.to_string();
            records.retain(|record| record.id != id);
            continue;
        }
        if each.failed {
            let title = named(&id.to_string(), &each.name);
            return Err(Error::new(
                Kind::Refused,
                format!("by the other tool's account {title} failed half way"),
            )
            .hint("mend it with that tool first, or say what holds with it (golang-migrate: force)"));
        }
        let before =
            folder.migrations.iter().filter(|migration| each.and_all_before && migration.wanted.id < *id);
        let file = folder.migrations.iter().find(|migration| migration.wanted.id == *id);
        for migration in before {
            records.push(record(Some(migration), &migration.wanted.id, each, author));
        }
        records.push(record(file, id, each, author));
    }
    // A repeatable one was applied more than once: the last time counts.
    let mut last: Vec<Record> = Vec::new();
    for record in records {
        last.retain(|known| known.id != record.id);
        last.push(Record { position: last.len() as u64 + 1, ..record });
    }
    Ok(last)
}

fn record(file: Option<&Migration>, id: &Id, taken: &Taken, author: &Author) -> Record {
    let name = file.map_or(taken.name.as_str(), |migration| migration.wanted.name.as_str());
    let begun = author.begin(&id.to_string(), name);
    let started_at =
        if taken.applied_at.is_empty() { begun.started_at.clone() } else { taken.applied_at.clone() };
    let statements = file.map_or(0, |migration| migration.up.statements.len() as u64);
    let down = file.and_then(|migration| migration.down.as_ref());
    let down =
        down.iter().flat_map(|script| &script.statements).map(|statement| statement.sql.clone()).collect();
    let checksum = file.map(|migration| migration.wanted.checksum.clone());
    let (baseline, applied) = (taken.baseline, true);
    Record { started_at, checksum, statements, done: statements, baseline, applied, down, ..begun }
}
