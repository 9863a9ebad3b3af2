//! Columns: types, defaults, numbers that are given.

use super::Maker;
use crate::definition::expression::Kind;
use crate::definition::{Column, Rule, Table, values};
use crate::engine::type_map::{Enums, IdentityKey, Native, Usage};
use crate::model::catalog::{self, Attribute, Constraint, Detail, Name, Object, Type};
use crate::model::types::Portable;
use crate::sql::quote_ident;

/// What a column brings to its table.
pub struct Made {
    pub column: catalog::Column,
    /// The checks that make up for its type.
    pub checks: Vec<Constraint>,
    /// The type that was made for it.
    pub object: Option<Object>,
    /// What a trigger must set it to whenever the row changes.
    pub set_to: Option<String>,
}

impl Maker<'_> {
    pub(super) fn column(&mut self, table: &Table, column: &Column) -> Made {
        let shown = format!("column {}.{}", table.name, column.name);
        let (ty, object) = self.portable(table, column);
        let native = self.native(&shown, table, column, ty.as_ref());
        let mut made = catalog::Column {
            name: self.names.column(&table.name, &column.name),
            ty: native.ty,
            nullable: column.nullable && (self.abilities.loose_types || !column.null_in_key),
            comment: column.comment.clone(),
            ..catalog::Column::default()
        };
        if let Some(loss) = native.loss {
            self.lose(&shown, format!("type {}", named(column)), loss);
        }
        let mut checks = Vec::new();
        if let Some(check) = &native.check
            && column.identity.is_none()
        {
            let expression = check.replace("{}", &quote_ident(self.dialect(), &made.name));
            let kind = catalog::ConstraintKind::Check { expression };
            checks.push(Constraint::new(None, kind, Vec::new()));
        }
        self.collation(&shown, column, &mut made);
        self.options_of_column(column, &mut made);
        self.value(&shown, table, column, ty.as_ref(), &mut made);
        self.identity(&shown, table, column, &mut made);
        let set_to = self.on_update(&shown, column, ty.as_ref(), &mut made);
        Made { column: made, checks, object, set_to }
    }

    pub(super) fn dialect(&self) -> &'static crate::sql::Dialect {
        crate::engine::engine_for(self.engine).dialect(self.engine)
    }

    /// The portable type, with a named type in place of a list of words where the engine needs one.
    fn portable(&mut self, table: &Table, column: &Column) -> (Option<Portable>, Option<Object>) {
        let wide = self.widest.contains(&(table.name.clone(), column.name.clone()));
        let mut object = None;
        let ty = match &column.ty {
            Some(_) if wide => {
                let shown = format!("column {}.{}", table.name, column.name);
                self.lose(&shown, "type uint64", "numbers above 9223372036854775807 do not fit");
                Some(Portable::int(64))
            }
            Some(Portable::Enum { name, labels }) if self.abilities.enums == Enums::Type => {
                let named = match name.name.is_empty() {
                    false => self.names.relation(name),
                    true => {
                        let new = self.names.short(&format!("{}_{}", table.name.name, column.name));
                        let new = Name::new(self.names.relation(&table.name).schema, new);
                        let detail = Detail::Type(Type::Enum { labels: labels.clone() });
                        if !column.native.own.contains_key(&self.engine) {
                            object = Some(Object::new(new.clone(), detail));
                        }
                        new
                    }
                };
                Some(Portable::Enum { name: named, labels: labels.clone() })
            }
            other => other.clone(),
        };
        (ty, object)
    }

    fn native(&mut self, shown: &str, table: &Table, column: &Column, ty: Option<&Portable>) -> Native {
        if let Some(own) = column.native.own.get(&self.engine) {
            return Native::exact(own);
        }
        let kin = self.engine.kin().and_then(|kin| column.native.own.get(&kin));
        if let Some(kin) = kin.filter(|kin| self.map.knows(kin)) {
            return Native::exact(kin);
        }
        // What another engine's own type says beyond the portable one.
        for (other, native) in &column.native.own {
            let meaning = crate::engine::engine_for(*other).type_map(*other).portable(native);
            if let Some(loss) = meaning.and_then(|meaning| meaning.loss) {
                let what = if native.is_empty() { "no type".into() } else { format!("type {native}") };
                self.lose(shown, what, loss);
            }
        }
        let key = is_in_key(table, &column.name) || self.is_referenced(table, &column.name);
        let empty = Vec::new();
        let attributes = table.options.get(&self.engine).unwrap_or(&empty);
        let usage = Usage { identity: column.identity.is_some(), key, table: attributes };
        match (ty, &column.native.any) {
            (Some(ty), _) => self.map.native(ty, usage),
            (None, Some(any)) => Native::exact(any),
            (None, None) => {
                let native = self.map.native(&Portable::Text, usage);
                Native { loss: Some("the engine has no such type; the column is text"), ..native }
            }
        }
    }

    fn is_referenced(&self, table: &Table, column: &str) -> bool {
        let keys = self.definition.tables.iter().flat_map(|table| &table.constraints);
        keys.filter_map(|each| match &each.kind {
            crate::definition::ConstraintKind::ForeignKey(reference) => Some(reference),
            _ => None,
        })
        .any(|reference| {
            reference.table == table.name && reference.referenced.iter().any(|each| each == column)
        })
    }

    fn collation(&mut self, shown: &str, column: &Column, made: &mut catalog::Column) {
        let own = column.collation.own.get(&self.engine);
        let kin = self.engine.kin().and_then(|kin| column.collation.own.get(&kin));
        let kin = kin.filter(|name| self.has_collation(name));
        made.collation = own.or(kin).or(column.collation.any.as_ref()).cloned();
        if made.collation.is_none()
            && let Some((_, name)) = column.collation.own.first_key_value()
        {
            let reason = "the engine has no such collation: comparisons and sorting may differ";
            self.lose(shown, format!("collation {name}"), reason);
        }
    }

    fn options_of_column(&self, column: &Column, made: &mut catalog::Column) {
        let own = column.options.get(&self.engine);
        let kin = self.engine.kin().and_then(|kin| column.options.get(&kin));
        for attribute in own.or(kin).into_iter().flatten() {
            match attribute.name.as_str() {
                "charset" => made.charset = Some(attribute.value.clone()),
                _ => made.attributes.push(attribute.clone()),
            }
        }
    }

    /// Default or expression.
    fn value(
        &mut self,
        shown: &str,
        table: &Table,
        column: &Column,
        ty: Option<&Portable>,
        made: &mut catalog::Column,
    ) {
        if let Some(generated) = &column.generated {
            let wanted = Kind::of(ty);
            let expression = self.sql(&generated.expression, |kind, loose| kind.fits(&wanted, loose));
            let own = generated.expression.own.contains_key(&self.engine);
            let barred = |text: &String| self.barred_generated(table, column, text).filter(|_| !own);
            let checked = match expression {
                Ok(text) => barred(&text).map_or(Ok(text), Err),
                Err(reason) => Err(reason.to_owned()),
            };
            let expression = match checked {
                Ok(expression) => expression,
                Err(reason) => {
                    let what = format!("generated {}", shortened(&generated.expression));
                    return self.lose(shown, what, format!("{reason}; the column is an ordinary one"));
                }
            };
            let stored = generated.stored || !self.abilities.virtual_columns;
            made.generated = Some(catalog::Generated { expression, stored });
        } else if let Some(value) = &column.default {
            match values::write(self.engine, value, ty, &made.ty) {
                Ok(text) => made.default = Some(text),
                Err(reason) => {
                    let what = match value {
                        crate::definition::DefaultValue::Sql(sql) => format!("default {}", shortened(sql)),
                        crate::definition::DefaultValue::Text(text) => format!("default '{text}'"),
                        _ => "default".to_owned(),
                    };
                    self.lose(shown, what, reason);
                }
            }
        }
    }

    fn identity(&mut self, shown: &str, table: &Table, column: &Column, made: &mut catalog::Column) {
        let Some(identity) = &column.identity else { return };
        let alone = table.primary_key().is_some_and(|key| key.columns == [column.name.as_str()]);
        let first = |columns: &[String]| columns.first() == Some(&column.name);
        let leads = table.constraints.iter().any(|each| {
            let key = !matches!(
                each.kind,
                crate::definition::ConstraintKind::Check(_)
                    | crate::definition::ConstraintKind::ForeignKey(_)
            );
            key && first(&each.columns)
        }) || table
            .indexes
            .iter()
            .any(|index| index.keys.first().and_then(|key| key.column.as_ref()) == Some(&column.name));
        let possible = match self.abilities.identity_key {
            IdentityKey::Nothing => true,
            IdentityKey::First => leads,
            IdentityKey::Primary => alone,
        };
        if !possible {
            let reason = "the engine gives numbers to the column of a key only";
            return self.lose(shown, "identity", reason);
        }
        if identity.rule == Rule::Always && !self.abilities.identity_always {
            self.lose(shown, "identity always", "a value given by the user is taken");
        }
        if identity.rule == Rule::Reuse && self.abilities.identity_reuse {
            made.attributes.push(Attribute { name: "rowid".into(), value: String::new() });
            return;
        }
        let options = self.abilities.identity_always;
        if !options && !identity.attributes.is_empty() {
            let names: Vec<&str> = identity.attributes.iter().map(|each| each.name.as_str()).collect();
            self.lose(shown, format!("identity {}", names.join(", ")), "the engine counts from 1 by 1");
        }
        made.identity = Some(catalog::Identity {
            always: identity.rule == Rule::Always && self.abilities.identity_always,
            attributes: if options { identity.attributes.clone() } else { Vec::new() },
            last_value: None,
        });
    }

    /// Sets ON UPDATE, or returns what a trigger must set the column to.
    fn on_update(
        &mut self,
        shown: &str,
        column: &Column,
        ty: Option<&Portable>,
        made: &mut catalog::Column,
    ) -> Option<String> {
        if !column.on_update_now {
            return None;
        }
        let moment = ty.cloned().unwrap_or(Portable::Timestamp(None));
        let Some(now) = self.map.default(crate::engine::type_map::Function::Now, &moment) else {
            self.lose(shown, "ON UPDATE CURRENT_TIMESTAMP", "the engine has no such moment for the type");
            return None;
        };
        if self.abilities.on_update_now {
            made.on_update = Some(now);
            return None;
        }
        Some(now)
    }
}

fn named(column: &Column) -> String {
    match (&column.ty, column.native.own.first_key_value()) {
        (None, Some((_, native))) => native.clone(),
        (Some(ty), _) => ty.to_string(),
        (None, None) => column.native.any.clone().unwrap_or_default(),
    }
}

/// One of the texts, for people.
pub fn shortened(sql: &crate::definition::Sql) -> String {
    let text = sql.own.values().next().or(sql.any.as_ref()).cloned().unwrap_or_default();
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match one_line.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", &one_line[..at]),
        None => one_line,
    }
}

fn is_in_key(table: &Table, column: &str) -> bool {
    let constraint = |each: &crate::definition::Constraint| each.columns.iter().any(|name| name == column);
    let index = |each: &crate::definition::Index| {
        let plain =
            |key: &crate::definition::IndexKey| key.prefix.is_none() && key.column.as_deref() == Some(column);
        each.unique && each.keys.iter().any(plain)
    };
    table.constraints.iter().any(constraint) || table.indexes.iter().any(index)
}
