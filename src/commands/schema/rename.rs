//! Renames: given on the command line, or proposed and asked.

use crate::commands::Context;
use crate::error::{Error, Kind, Result, nearest};
use crate::model::catalog::{Catalog, Name, Object};
use crate::model::diff::{diff_without_privileges, proposals};
use crate::model::plan::Rename;

/// The renames that were given, and those of the proposals that a person agrees to. Without a
/// person the proposals are hints, and come second.
pub fn settle(
    context: &Context,
    from: &Catalog,
    to: &Catalog,
    given: &[String],
) -> Result<(Vec<Rename>, Vec<Rename>)> {
    let mut renames = given.iter().map(|text| parse(text, from, to)).collect::<Result<Vec<Rename>>>()?;
    let known = |renames: &[Rename], rename: &Rename| {
        renames.iter().any(|each| {
            each.table == rename.table
                && each.column.is_some() == rename.column.is_some()
                && (each.column == rename.column || each.to == rename.to)
        })
    };
    let mut open = proposals(from, to, &diff_without_privileges(from, to));
    open.retain(|rename| !known(&renames, rename));
    // Somebody who answers yes to everything has not looked at this.
    if context.ui.is_interactive() && !context.ui.options().yes && !context.ui.wants_json() {
        for rename in std::mem::take(&mut open) {
            if context.ui.confirm(&question(from, &rename), true)? {
                renames.push(rename);
            }
        }
    }
    // A column is named by the table that it stands in before.
    renames.sort_by_key(|rename| rename.column.is_none());
    Ok((renames, open))
}

/// Says how the proposals could be taken up.
pub fn hint(context: &Context, from: &Catalog, open: &[Rename]) {
    for rename in open {
        let what = if rename.column.is_some() { "a column" } else { "a table" };
        context.ui.status(&format!("if {what} was only renamed: --rename {}", argument(from, rename)));
    }
}

fn question(from: &Catalog, rename: &Rename) -> String {
    let table = from.short(&rename.table);
    match &rename.column {
        Some(column) => format!("Was column {table}.{column} renamed to {}?", rename.to),
        None => format!("Was table {table} renamed to {}?", rename.to),
    }
}

/// The rename in one line of a report.
pub fn words(from: &Catalog, rename: &Rename) -> String {
    let table = from.short(&rename.table);
    match &rename.column {
        Some(column) => format!("column {table}.{column}: renamed to {}", rename.to),
        None => format!("table {table}: renamed to {}", rename.to),
    }
}

/// The rename as `--rename` takes it.
pub fn argument(from: &Catalog, rename: &Rename) -> String {
    let in_default = rename.table.schema.is_empty() || rename.table.schema == from.default_schema;
    let schema = (!in_default).then(|| quoted(&rename.table.schema));
    let path = |last: Vec<&str>| {
        let parts = schema.clone().into_iter().chain(last.into_iter().map(quoted));
        parts.collect::<Vec<_>>().join(".")
    };
    let table = rename.table.name.as_str();
    let text = match &rename.column {
        Some(column) => format!("{}={}", path(vec![table, column]), path(vec![table, &rename.to])),
        None => format!("{}={}", path(vec![table]), path(vec![&rename.to])),
    };
    // A shell takes the double quotes away.
    if text.chars().all(|letter| letter.is_alphanumeric() || "_.=-".contains(letter)) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

fn quoted(name: &str) -> String {
    match name.is_empty() || name.contains(['.', '=', '"', ' ']) {
        true => format!("\"{}\"", name.replace('"', "\"\"")),
        false => name.to_owned(),
    }
}

/// `a=b`, `a.b=a.c`, with a schema before either where there are some.
fn parse(text: &str, from: &Catalog, to: &Catalog) -> Result<Rename> {
    let wrong = |why: String| Error::usage(format!("cannot use --rename {text}")).because(Error::usage(why));
    let form = || {
        wrong("it is not of the form TABLE.COLUMN=TABLE.NEW or TABLE=NEW".into())
            .hint("a name with a dot or an equals sign stands in double quotes")
    };
    let (old, new) = sides(text).ok_or_else(form)?;
    let (last, before) = new.split_last().ok_or_else(form)?;
    let rename = find(&old, last, from).ok_or_else(|| {
        let names = from.tables().map(|(object, _)| from.short(&object.name)).collect::<Vec<_>>();
        let near = nearest(&old.join("."), names.iter().map(String::as_str)).map(str::to_owned);
        let error = wrong(format!("A has no table or column {}", old.join(".")));
        match near {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error,
        }
    })?;
    // What stands before the new name must be what stands before the old one.
    let (_, old_before) = old.split_last().ok_or_else(form)?;
    if !before.is_empty() && before != old_before {
        return Err(wrong("both names must stand in the same place: only the last part may differ".into()));
    }
    let renamed = |name: &Name| match rename.column {
        None if *name == rename.table => Name::new(name.schema.clone(), rename.to.clone()),
        _ => name.clone(),
    };
    let has = |catalog: &Catalog, name: &Name, column: Option<&str>| {
        catalog.relation(name).and_then(Object::as_table).is_some_and(|table| {
            column.is_none_or(|column| table.columns.iter().any(|each| each.name == column))
        })
    };
    let taken = match &rename.column {
        Some(_) => has(from, &rename.table, Some(&rename.to)),
        None => from.relation(&renamed(&rename.table)).is_some(),
    };
    if taken {
        return Err(wrong(format!("A has {} already", new.join("."))).with_kind(Kind::Usage));
    }
    // The table of a column may itself be renamed, so that only the column's own name can be looked for.
    let there = match &rename.column {
        Some(_) => to.tables().any(|(object, _)| has(to, &object.name, Some(&rename.to))),
        None => has(to, &renamed(&rename.table), None),
    };
    match there {
        true => Ok(rename),
        false => {
            let tables =
                to.tables().filter(|(object, _)| rename.column.is_none() || object.name == rename.table);
            let names = tables.flat_map(|(object, table)| match &rename.column {
                Some(_) => table.columns.iter().map(|column| column.name.as_str()).collect(),
                None => vec![object.name.name.as_str()],
            });
            let near = nearest(&rename.to, names).map(|near| format!("did you mean {near}?"));
            let error = wrong(format!("B has no {}", new.join(".")));
            Err(near.into_iter().fold(error, Error::hint))
        }
    }
}

/// The table or column that the parts of a name mean.
fn find(parts: &[String], to: &str, catalog: &Catalog) -> Option<Rename> {
    let table = |schema: &str, name: &str| {
        let name = Name::new(schema, name);
        catalog.relation(&name).and_then(Object::as_table).map(|table| (name, table))
    };
    let rename = |table: Name, column: Option<&str>| Rename {
        table,
        column: column.map(str::to_owned),
        to: to.to_owned(),
    };
    let in_default = catalog.default_schema.as_str();
    let of = |schema: &str, name: &str, column: &str| {
        let (name, table) = table(schema, name)?;
        table.columns.iter().any(|each| each.name == column).then(|| rename(name, Some(column)))
    };
    match parts {
        [name] => Some(rename(table(in_default, name)?.0, None)),
        [one, two] => of(in_default, one, two)
            .or_else(|| Some(rename(table(one, two).filter(|_| !in_default.is_empty())?.0, None))),
        [schema, name, column] if !in_default.is_empty() => of(schema, name, column),
        _ => None,
    }
}

/// The parts of the old name and of the new one.
fn sides(text: &str) -> Option<(Vec<String>, Vec<String>)> {
    let (mut sides, mut part, mut quote) = (vec![Vec::new()], String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quote && letters.peek() == Some(&'"') => {
                letters.next();
                part.push('"');
            }
            '"' => quote = !quote,
            '.' | '=' if !quote => {
                sides.last_mut()?.push(std::mem::take(&mut part));
                if letter == '=' {
                    sides.push(Vec::new());
                }
            }
            _ => part.push(letter),
        }
    }
    sides.last_mut()?.push(part);
    let whole = !quote && sides.iter().flatten().all(|part| !part.is_empty());
    match <[Vec<String>; 2]>::try_from(sides) {
        Ok([old, new]) if whole => Some((old, new)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Column, Detail, Table};
    use crate::model::target::EngineKind;

    fn catalog(tables: &[(&str, &str, &[&str])]) -> Catalog {
        let mut catalog = Catalog::empty(EngineKind::Postgres);
        catalog.default_schema = "public".into();
        for (schema, name, columns) in tables {
            let columns = columns.iter().map(|name| Column { name: (*name).into(), ..Column::default() });
            let table = Table { columns: columns.collect(), ..Table::default() };
            catalog.objects.push(Object::new(Name::new(*schema, *name), Detail::Table(table)));
        }
        catalog.sort();
        catalog
    }

    #[test]
    fn a_name_is_a_table_or_a_column() {
        let from = catalog(&[("public", "film", &["name", "a.b"]), ("sales", "order", &["nr"])]);
        let to = catalog(&[
            ("public", "film", &["title", "a=c"]),
            ("public", "movie", &[]),
            ("sales", "order", &["number"]),
            ("sales", "orders", &[]),
        ]);
        for (text, schema, table, column, new) in [
            ("film.name=film.title", "public", "film", Some("name"), "title"),
            ("film.name=title", "public", "film", Some("name"), "title"),
            ("film=movie", "public", "film", None, "movie"),
            ("public.film=movie", "public", "film", None, "movie"),
            ("film.\"a.b\"=film.\"a=c\"", "public", "film", Some("a.b"), "a=c"),
            ("sales.order=sales.orders", "sales", "order", None, "orders"),
            ("sales.order.nr=sales.order.number", "sales", "order", Some("nr"), "number"),
        ] {
            let rename = parse(text, &from, &to).unwrap_or_else(|error| panic!("{text}: {error}"));
            let expected =
                Rename { table: Name::new(schema, table), column: column.map(Into::into), to: new.into() };
            assert_eq!(rename, expected, "{text}");
            let again = argument(&from, &rename);
            assert_eq!(parse(again.trim_matches('\''), &from, &to).unwrap(), rename, "{again}");
        }
    }

    #[test]
    fn what_cannot_be_renamed_is_refused() {
        let from = catalog(&[("public", "film", &["name", "year"]), ("public", "actor", &[])]);
        let to = catalog(&[("public", "film", &["title"])]);
        for (text, why) in [
            ("film", "not of the form"),
            ("film.=x", "not of the form"),
            ("\"film=x", "not of the form"),
            ("a=b=c", "not of the form"),
            ("flim=x", "A has no table or column flim"),
            ("film.name=film.year", "A has film.year already"),
            ("film=actor", "A has actor already"),
            ("film.name=film.nothing", "B has no film.nothing"),
            ("film.name=actor.title", "same place"),
        ] {
            let error = parse(text, &from, &to).unwrap_err();
            assert_eq!(error.kind(), Kind::Usage);
            assert!(error.to_string().contains(why), "{text}: {error}");
        }
    }
}
