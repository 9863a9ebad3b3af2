//! `schema graph`: tables and foreign keys as a diagram.

use std::collections::BTreeSet;

use clap::Args;

use super::read::read_catalog;
use crate::commands::Context;
use crate::commands::formats::printed_as;
use crate::error::{Error, Result, nearest};
use crate::model::catalog::{Catalog, ObjectId, Scope};
use crate::model::links::Links;
use crate::ui::Format;
use crate::ui::diagram::{Diagram, Fields, SvgOptions, dot, mermaid, svg, tables_to_draw};

/// Draw tables and the foreign keys between them
#[derive(Debug, Args)]
#[command(
    arg(printed_as(&[Format::Mermaid, Format::Dot, Format::Svg])),
    after_help = "\
Examples:
  dbwright schema graph app.db
  dbwright schema graph prod --format svg > schema.svg
  dbwright schema graph prod orders --depth 2 --columns all --format svg > orders.svg
  dbwright schema graph app.db --format dot | dot -Tpdf -o schema.pdf"
)]
pub struct GraphArgs {
    /// Profile, URL or SQLite file [default: the default profile, or DATABASE_URL], then the tables
    /// to start from [default: all]
    #[arg(value_names = ["PROFILE|URL", "TABLE"], num_args = 0..)]
    names: Vec<String>,
    /// How many foreign keys to follow from the tables named, in both directions
    #[arg(long, value_name = "N", default_value_t = 1)]
    depth: usize,
    /// The columns to show
    #[arg(long, value_enum, value_name = "WHICH", default_value = "keys")]
    columns: Fields,
}

/// Runs the command.
pub fn run(context: &Context, args: GraphArgs) -> Result<()> {
    let (target, tables) =
        context.database_and_names(args.names.first(), args.names.get(1..).unwrap_or_default());
    let catalog = read_catalog(context, target, Scope::default())?;
    for unread in &catalog.unread {
        context.ui.warn(&format!("not read: {}: {}", unread.what, unread.why));
    }
    let links = Links::of(&catalog);
    let ids = match tables.is_empty() {
        true => tables_to_draw(&catalog),
        false => around(&catalog, &links, &tables, args.depth)?,
    };
    let diagram = Diagram::of(&catalog, &links, &ids, args.columns);
    context.ui.print(&match context.ui.format() {
        Some(Format::Svg) => {
            let title = format!("Tables of {}", catalog.database);
            svg(&diagram, &SvgOptions { standalone: true, title: &title, link: None })
        }
        Some(Format::Dot) => dot(&diagram),
        _ => mermaid(&diagram),
    })
}

/// The tables named, and those that some steps along foreign keys lead to.
fn around(catalog: &Catalog, links: &Links, names: &[String], depth: usize) -> Result<Vec<ObjectId>> {
    let named = names.iter().map(|name| find(catalog, name)).collect::<Result<BTreeSet<_>>>()?;
    let drawn: BTreeSet<ObjectId> = tables_to_draw(catalog).into_iter().collect();
    let (mut all, mut edge) = (named.clone(), named);
    for _ in 0..depth {
        let mut next = BTreeSet::new();
        for &id in &edge {
            next.extend(links.outgoing(id).map(|key| key.parent));
            next.extend(links.incoming(id).map(|key| key.child));
        }
        edge = next.into_iter().filter(|id| drawn.contains(id) && !all.contains(id)).collect();
        if edge.is_empty() {
            break;
        }
        all.extend(&edge);
    }
    Ok(all.into_iter().collect())
}

/// The table of a name: as people write it, with its schema, or alone if that is enough.
fn find(catalog: &Catalog, name: &str) -> Result<ObjectId> {
    let tables = || catalog.iter().filter(|(_, object)| object.as_table().is_some());
    let matching = |matches: &dyn Fn(&crate::model::catalog::Object) -> bool| -> Vec<ObjectId> {
        tables().filter(|(_, object)| matches(object)).map(|(id, _)| id).collect()
    };
    let ways: [&dyn Fn(&crate::model::catalog::Object) -> bool; 4] = [
        &|object| catalog.short(&object.name) == name,
        &|object| object.name.to_string() == name,
        &|object| object.name.name == name,
        &|object| object.name.to_string().eq_ignore_ascii_case(name),
    ];
    for way in ways {
        match matching(way).as_slice() {
            [] => {}
            [id] => return Ok(*id),
            [id, ..] => {
                return Err(Error::usage(format!("more than one table is called {name}"))
                    .hint(format!("with its schema: {}", catalog.get(*id).name)));
            }
        }
    }
    let error = Error::usage(format!("there is no table {name}"));
    let names: Vec<String> = tables().map(|(_, object)| catalog.short(&object.name)).collect();
    Err(match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error.hint("`dbwright schema show` lists the tables"),
    })
}
