//! Routines, MariaDB's packages, and events.

use super::table::attribute;
use super::{Reader, cell, program_attributes, text};
use crate::error::Result;
use crate::model::catalog::{Detail, Kind, Name, Object, Routine, RoutineKind};
use crate::session::NamedRow;

/// What a routine needs so that its body can be seen.
const BODY_RIGHTS: &str = "its source is shown to its definer and to accounts with SHOW_ROUTINE (MySQL), \
     SHOW CREATE ROUTINE (MariaDB 11.3) or SELECT on the mysql schema";

pub fn read(reader: &mut Reader<'_>) -> Result<()> {
    let sql = format!(
        "SELECT routine_name, routine_type, dtd_identifier, is_deterministic, sql_data_access, \
         security_type, routine_comment, routine_body, external_language, definer \
         FROM information_schema.routines WHERE {} ORDER BY routine_type, routine_name",
        reader.is_ours("routine_schema")
    );
    let rows = reader.session.collect_named(&sql, &[])?;
    for kind in ["FUNCTION", "PROCEDURE", "PACKAGE", "PACKAGE BODY"] {
        let of_kind: Vec<&NamedRow> = rows.iter().filter(|row| row.text("routine_type") == kind).collect();
        read_kind(reader, &kind.to_ascii_lowercase(), &of_kind)?;
    }
    if reader.catalog.objects.iter().any(|object| {
        matches!(&object.detail, Detail::Routine(routine) if routine.arguments.is_empty() && routine.body.is_none())
    }) {
        read_parameters(reader)?;
    }
    read_events(reader)
}

fn read_kind(reader: &mut Reader<'_>, kind: &str, rows: &[&NamedRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = rows.iter().map(|row| row.text("routine_name").to_owned()).collect();
    let known = reader.catalog.unread.len();
    let definitions = reader.definitions(kind, &names)?;
    // It was listed a moment ago: what `SHOW CREATE` calls unknown may not be seen.
    reader.catalog.unread.truncate(known);
    for (row, found) in rows.iter().zip(definitions) {
        let found = found.unwrap_or_default();
        let definition = found.get(2).cloned().flatten();
        let name = row.text("routine_name");
        if definition.is_none() {
            reader.not_read(format!("body of {kind} {name}"), BODY_RIGHTS);
        }
        let attributes = program_attributes(cell(&found, 1), cell(&found, 3), cell(&found, 4));
        match kind {
            "function" | "procedure" => routine(reader, row, definition, attributes),
            "package" => {
                let mut object = Object::new(Name::new("", name), Detail::Other { kind: Kind::Package });
                object.attributes = attributes;
                finish(reader, object, row, definition);
            }
            // The body is part of the package's object.
            _ => {
                let package = reader
                    .catalog
                    .objects
                    .iter_mut()
                    .find(|object| object.kind() == Kind::Package && object.name.name == name);
                if let (Some(package), Some(definition)) = (package, definition) {
                    package.attributes.push(attribute("body", definition));
                }
            }
        }
    }
    Ok(())
}

fn routine(
    reader: &mut Reader<'_>,
    row: &NamedRow,
    definition: Option<String>,
    mut attributes: Vec<crate::model::catalog::Attribute>,
) {
    let mode = attributes.first().map_or("", |mode| mode.value.as_str());
    let dialect = text::dialect_under(reader.dialect, mode);
    let read = definition.as_deref().and_then(|sql| text::routine(sql, &dialect));
    let is_function = row.text("routine_type") == "FUNCTION";
    let language = match row.text("external_language") {
        "" => "sql".to_owned(),
        language => language.to_ascii_lowercase(),
    };
    let mut routine = Routine {
        kind: if is_function { RoutineKind::Function } else { RoutineKind::Procedure },
        returns: is_function.then(|| row.text("dtd_identifier").to_owned()),
        language,
        ..Routine::default()
    };
    if let Some(read) = read {
        if read.aggregate {
            routine.kind = RoutineKind::Aggregate;
        }
        routine.arguments = read.arguments;
        routine.returns = read.returns.or(routine.returns);
        routine.body = Some(read.body);
    }
    for (name, column, usual) in [
        ("deterministic", "is_deterministic", "NO"),
        ("data access", "sql_data_access", "CONTAINS SQL"),
        ("security", "security_type", "DEFINER"),
    ] {
        if row.text(column) != usual {
            attributes.push(attribute(name, row.text(column)));
        }
    }
    let mut object = Object::new(Name::new("", row.text("routine_name")), Detail::Routine(routine));
    // A function and a procedure may have the same name.
    object.signature = (!is_function).then(|| "procedure".to_owned());
    object.attributes = attributes;
    finish(reader, object, row, definition);
}

fn finish(reader: &mut Reader<'_>, mut object: Object, row: &NamedRow, definition: Option<String>) {
    let comment = row.text("routine_comment");
    object.comment = (!comment.is_empty()).then(|| comment.to_owned());
    if reader.scope.privileges {
        object.owner = Some(row.text("definer").to_owned());
    }
    object.definition = definition;
    reader.catalog.objects.push(object);
}

/// The arguments of routines whose text may not be seen.
fn read_parameters(reader: &mut Reader<'_>) -> Result<()> {
    let sql = format!(
        "SELECT specific_name, routine_type, CONCAT_WS(' ', NULLIF(parameter_mode, 'IN'), parameter_name, \
         dtd_identifier) FROM information_schema.parameters WHERE {} AND ordinal_position > 0 \
         ORDER BY specific_name, ordinal_position",
        reader.is_ours("specific_schema")
    );
    for row in reader.session.collect(&sql, &[])? {
        let is_procedure = cell(&row, 1) == "PROCEDURE";
        let of = reader.catalog.objects.iter_mut().filter(|object| object.name.name == cell(&row, 0));
        for object in of {
            if let Detail::Routine(routine) = &mut object.detail
                && routine.body.is_none()
                && (routine.kind == RoutineKind::Procedure) == is_procedure
            {
                if !routine.arguments.is_empty() {
                    routine.arguments.push_str(", ");
                }
                routine.arguments.push_str(cell(&row, 2));
            }
        }
    }
    Ok(())
}

fn read_events(reader: &mut Reader<'_>) -> Result<()> {
    let sql = format!(
        "SELECT event_name, status, on_completion, event_comment, definer FROM information_schema.events \
         WHERE {} ORDER BY event_name",
        reader.is_ours("event_schema")
    );
    let rows = reader.session.collect(&sql, &[])?;
    let names: Vec<String> = rows.iter().map(|row| cell(row, 0).to_owned()).collect();
    let definitions = reader.definitions("event", &names)?;
    for (row, found) in rows.iter().zip(definitions) {
        let Some(found) = found else { continue };
        let mut object = Object::new(Name::new("", cell(row, 0)), Detail::Other { kind: Kind::Event });
        object.attributes = program_attributes(cell(&found, 1), cell(&found, 4), cell(&found, 5));
        object.attributes.push(attribute("time_zone", cell(&found, 2)));
        object.attributes.push(attribute("status", cell(row, 1).to_ascii_lowercase()));
        if cell(row, 2) == "PRESERVE" {
            object.attributes.push(attribute("on completion", "preserve"));
        }
        object.comment = Some(cell(row, 3).to_owned()).filter(|comment| !comment.is_empty());
        if reader.scope.privileges {
            object.owner = Some(cell(row, 4).to_owned());
        }
        object.definition = Some(cell(&found, 3).to_owned());
        reader.catalog.objects.push(object);
    }
    Ok(())
}
