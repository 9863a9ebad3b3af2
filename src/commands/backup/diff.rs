//! `backup diff`: what changed between two backups, told by their manifests alone.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde_json::{Value, json};

use super::args::choose;
use super::keys;
use crate::commands::Context;
use crate::commands::formats::printed_as;
use crate::error::{Error, Kind, Result};
use crate::model::catalog::Name;
use crate::model::listing::Listing;
use crate::model::snapshot::{Form, Snapshot, Statement, Table};
use crate::store::Repository;
use crate::ui::{Format, Style, human};

/// Show what changed between two backups
///
/// The objects of the schema that came, went or are defined otherwise, with their owners and grants,
/// and the tables whose rows are not the same. No server is asked, and no row is read: backups keep
/// a digest of every table.
#[derive(Debug, Args)]
#[command(arg(printed_as(&[Format::Table, Format::Json])), after_help = "\
Examples:
  dbwright backup diff 20261122T02 latest --repo /backups/prod
  dbwright backup diff 20261122T02 latest --repo /backups/prod --exit-code --quiet && echo the same
  dbwright backup diff 20261122T02 latest --profile prod --json | jq '.tables[] | select(.state != \"same\")'")]
pub struct DiffArgs {
    /// The backup to start from: `latest`, its id, or how that begins
    #[arg(value_name = "A")]
    from: String,
    /// The backup to compare it with
    #[arg(value_name = "B")]
    to: String,
    /// The folder of the repository, or s3://BUCKET/PREFIX [default: the profile's]
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    repo: Option<String>,
    #[command(flatten)]
    identities: keys::Identities,
    /// Exit with 1 when anything differs
    #[arg(long)]
    exit_code: bool,
}

/// Runs the command.
pub fn run(context: &Context, args: &DiffArgs) -> Result<()> {
    let repository = keys::open(context, args.repo.as_deref(), &args.identities)?;
    let [from, to] = [&args.from, &args.to].map(|said| read(&repository, said));
    let (from, to) = (from?, to?);
    if from.engine != to.engine {
        return Err(Error::usage(format!(
            "backup {} is of {}, and {} of {}",
            from.id, from.engine, to.id, to.engine
        ))
        .hint("dbwright backup list shows what each backup is of"));
    }
    if from.database != to.database {
        context
            .ui
            .warn(&format!("backup {} is of {}, and {} of {}", from.id, from.database, to.id, to.database));
    }
    let objects = objects(&repository, &from, &to)?;
    let tables = tables(&from, &to);
    match context.ui.wants_json() {
        true => context.ui.print_json(&document(&from, &to, &objects, &tables))?,
        false => print(context, &objects, &tables)?,
    }
    let summary = summary(&objects, &tables);
    context.ui.status(&summary);
    let differs = !objects.is_empty() || tables.iter().any(|table| table.state != State::Same);
    match args.exit_code && differs {
        true => Err(Error::new(Kind::Found, summary)),
        false => Ok(()),
    }
}

fn read(repository: &Repository, said: &str) -> Result<Snapshot> {
    repository.snapshot(&choose(repository, said)?)
}

/// What became of an object or a table from one backup to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Gone,
    Changed,
    Same,
    /// As many rows as before in a file that changed: which they are is not known.
    Unknown,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::New => "new",
            State::Gone => "gone",
            State::Changed => "changed",
            State::Same => "same",
            State::Unknown => "unknown",
        }
    }

    fn of<T: PartialEq>(from: Option<T>, to: Option<T>) -> Self {
        match (from, to) {
            (None, _) => State::New,
            (_, None) => State::Gone,
            (from, to) if from == to => State::Same,
            _ => State::Changed,
        }
    }
}

/// A kind of object, its schema and its name.
type Key = (String, String, String);

/// The objects that are not the same, by what builds them.
fn objects(repository: &Repository, from: &Snapshot, to: &Snapshot) -> Result<Vec<(Key, State)>> {
    if from.statements_with_privileges == to.statements_with_privileges {
        return Ok(Vec::new());
    }
    let (from, to) = (statements(repository, from)?, statements(repository, to)?);
    let keys: BTreeSet<&Key> = from.keys().chain(to.keys()).collect();
    let states = keys.into_iter().map(|key| (key.clone(), State::of(from.get(key), to.get(key))));
    Ok(states.filter(|(_, state)| *state != State::Same).collect())
}

fn statements(repository: &Repository, snapshot: &Snapshot) -> Result<BTreeMap<Key, Vec<String>>> {
    let mut found: BTreeMap<Key, Vec<String>> = BTreeMap::new();
    let text = repository.text(&snapshot.statements_with_privileges, snapshot.compression)?;
    for line in text.lines() {
        let statement: Statement = serde_json::from_str(line).map_err(|error| {
            Error::new(Kind::Data, format!("a statement of backup {} cannot be read", snapshot.id))
                .because(error)
        })?;
        let key = (statement.object, statement.schema, statement.name);
        found.entry(key).or_default().push(statement.sql);
    }
    Ok(found)
}

/// A table in both backups, or in one.
struct Pair<'a> {
    name: Name,
    from: Option<&'a Table>,
    to: Option<&'a Table>,
    state: State,
}

fn tables<'a>(from: &'a Snapshot, to: &'a Snapshot) -> Vec<Pair<'a>> {
    let image = |snapshot: &'a Snapshot| snapshot.image.as_ref().map(|image| &image.parts);
    let chunks = |snapshot| image(snapshot).map(|parts| parts.iter().flat_map(|part| &part.chunks));
    let same_file = match (chunks(from), chunks(to)) {
        (Some(from), Some(to)) => from.eq(to),
        _ => false,
    };
    let by_name = |snapshot: &'a Snapshot| -> BTreeMap<Name, &'a Table> {
        snapshot.tables.iter().map(|table| (table.full_name(), table)).collect()
    };
    let (from, to) = (by_name(from), by_name(to));
    let names: BTreeSet<&Name> = from.keys().chain(to.keys()).collect();
    let pair = |name: &Name| {
        let (from, to) = (from.get(name).copied(), to.get(name).copied());
        Pair { name: name.clone(), from, to, state: state(from, to, same_file) }
    };
    names.into_iter().map(pair).collect()
}

fn state(from: Option<&Table>, to: Option<&Table>, same_file: bool) -> State {
    let (Some(one), Some(other)) = (from, to) else { return State::of(from.map(drop), to.map(drop)) };
    match (one.form, other.form) {
        _ if one.rows != other.rows => State::Changed,
        (Form::Image, Form::Image) if same_file => State::Same,
        (Form::Image, _) | (_, Form::Image) => State::Unknown,
        _ => State::of(Some(&one.digest), Some(&other.digest)),
    }
}

fn print(context: &Context, objects: &[(Key, State)], tables: &[Pair<'_>]) -> Result<()> {
    let mut text = String::new();
    for ((kind, schema, name), state) in objects {
        let (sign, style) = match state {
            State::New => ('+', Style::Green),
            State::Gone => ('-', Style::Red),
            State::Changed | State::Same | State::Unknown => ('~', Style::Yellow),
        };
        let name = Name::new(schema.clone(), name.clone());
        text.push_str(&context.ui.paint(style, &format!("{sign} {} {name}", kind.replace('_', " "))));
        text.push('\n');
    }
    let rows: Vec<Vec<String>> =
        tables.iter().filter(|table| table.state != State::Same).map(listed).collect();
    if !text.is_empty() {
        text.push_str(if rows.is_empty() { "" } else { "\n" });
        context.ui.print(&text)?;
    }
    if rows.is_empty() {
        return Ok(());
    }
    context.ui.print_listing(&Listing {
        headers: ["Table", "Rows of A", "Rows of B", "Bytes of A", "Bytes of B", "Rows"]
            .map(str::to_owned)
            .to_vec(),
        rows,
        ..Listing::default()
    })
}

fn listed(pair: &Pair<'_>) -> Vec<String> {
    let rows = |table: Option<&Table>| table.map_or(String::new(), |table| human::count(table.rows));
    let bytes = |table: Option<&Table>| match table {
        Some(table) if table.form != Form::Image => human::bytes(table.bytes),
        _ => String::new(),
    };
    vec![
        pair.name.to_string(),
        rows(pair.from),
        rows(pair.to),
        bytes(pair.from),
        bytes(pair.to),
        pair.state.word().to_owned(),
    ]
}

fn summary(objects: &[(Key, State)], tables: &[Pair<'_>]) -> String {
    let count = |state: State| tables.iter().filter(|table| table.state == state).count() as u64;
    let mut parts = vec![match objects.len() as u64 {
        0 => "the schema is the same".to_owned(),
        1 => "1 object of the schema differs".to_owned(),
        count => format!("{} of the schema differ", human::counted(count, "objects")),
    }];
    for (state, words) in [
        (State::New, "new"),
        (State::Gone, "gone"),
        (State::Changed, "with other rows"),
        (State::Unknown, "with as many rows, in a file that changed"),
    ] {
        if count(state) > 0 {
            parts.push(format!("{} {words}", human::counted(count(state), "tables")));
        }
    }
    parts.push(format!("{} the same", human::counted(count(State::Same), "tables")));
    parts.join("; ")
}

fn document(from: &Snapshot, to: &Snapshot, objects: &[(Key, State)], tables: &[Pair<'_>]) -> Value {
    let side = |snapshot: &Snapshot| {
        json!({
            "id": snapshot.id,
            "database": snapshot.database,
            "started": snapshot.started,
            "totals": snapshot.totals,
        })
    };
    let objects = objects.iter().map(
        |((kind, schema, name), state)| json!({ "object": kind, "schema": schema, "name": name, "state": state.word() }),
    );
    let numbers = |table: Option<&Table>| {
        table.map(|table| {
            let bytes = (table.form != Form::Image).then_some(table.bytes);
            json!({ "rows": table.rows, "bytes": bytes })
        })
    };
    let tables = tables.iter().map(|pair| {
        json!({
            "schema": pair.name.schema,
            "name": pair.name.name,
            "state": pair.state.word(),
            "from": numbers(pair.from),
            "to": numbers(pair.to),
        })
    });
    json!({
        "version": 1,
        "kind": "backup_diff",
        "engine": from.engine,
        "from": side(from),
        "to": side(to),
        "objects": objects.collect::<Vec<_>>(),
        "tables": tables.collect::<Vec<_>>(),
    })
}
