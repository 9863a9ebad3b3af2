//! A definition out of a catalog.

use super::carried;
use super::values::understand;
use super::{
    Column, Constraint, ConstraintKind, DefaultValue, Definition, Enum, Generated, Identity, Index, IndexKey,
    Loss, Options, Place, Rule, Schema, Sql, Table, View, values,
};
use crate::engine::engine_for;
use crate::engine::type_map::{Meaning, TypeMap, Usage};
use crate::model::catalog::{self, Attribute, COLUMN_LIST, Catalog, Detail, Name, Object, Type, attribute};
use crate::model::target::EngineKind;
use crate::model::types::Portable;

/// Turns a catalog into a definition, for the same engine or the way to `target`.
pub fn from_catalog(catalog: &Catalog, target: EngineKind) -> (Definition, Vec<Loss>) {
    let (carried, losses) = carried::only(catalog);
    let catalog = &carried;
    let mut taker = Taker {
        catalog,
        engine: catalog.engine,
        target,
        map: engine_for(catalog.engine).type_map(catalog.engine),
        losses,
    };
    let mut definition = Definition::default();
    for object in catalog.objects.iter().filter(|object| object.extension.is_none()) {
        taker.object(&mut definition, object);
    }
    for unread in &catalog.unread {
        taker.lose(unread.what.clone(), "all of it", unread.why.clone());
    }
    (definition, taker.losses)
}

struct Taker<'a> {
    catalog: &'a Catalog,
    engine: EngineKind,
    target: EngineKind,
    map: &'static dyn TypeMap,
    losses: Vec<Loss>,
}

impl Taker<'_> {
    fn lose(&mut self, object: impl Into<String>, what: impl Into<String>, reason: impl Into<String>) {
        self.losses.push(Loss { object: object.into(), what: what.into(), reason: reason.into() });
    }

    /// A name without the schema that is meant anyway.
    fn name(&self, name: &Name) -> Name {
        match name.schema == self.catalog.default_schema {
            true => Name::new("", &name.name),
            false => name.clone(),
        }
    }

    fn object(&mut self, definition: &mut Definition, object: &Object) {
        let shown = format!("{} {}", object.kind().word(), self.catalog.short(&object.name));
        let comment = object.comment.clone();
        match &object.detail {
            Detail::Schema if object.name.name == self.catalog.default_schema => {}
            Detail::Schema => {
                let name = object.name.name.clone();
                definition.schemas.push(Schema { at: Place::default(), name, comment });
            }
            Detail::Type(Type::Enum { labels }) => definition.enums.push(Enum {
                at: Place::default(),
                name: self.name(&object.name),
                labels: labels.clone(),
                comment,
            }),
            // Its columns say what it is.
            Detail::Type(Type::Domain(_)) => {}
            Detail::Sequence(sequence) if sequence.identity || sequence.owned_by.is_some() => {}
            Detail::Table(table) if table.foreign.is_some() => {
                let kind = table.foreign.clone().unwrap_or_default();
                self.lose(
                    shown,
                    "all of it",
                    format!("its rows are elsewhere ({kind}): only this engine has it"),
                );
            }
            Detail::Table(table) if table.partition_of.is_some() => {
                self.lose(shown, "all of it", "it is a partition: its rows belong to the partitioned table");
            }
            Detail::Table(table) => {
                let taken = self.table(object, table);
                definition.tables.push(taken);
            }
            Detail::View(view) => {
                let taken = self.view(object, view);
                definition.views.push(taken);
            }
            _ => self.lose(shown, "all of it", "a definition holds tables, views and enums only"),
        }
    }

    fn options(&self, attributes: &[Attribute]) -> Options {
        match attributes.is_empty() {
            true => Options::new(),
            false => Options::from([(self.engine, attributes.to_vec())]),
        }
    }

    fn table(&mut self, object: &Object, table: &catalog::Table) -> Table {
        let mut taken = Table {
            at: Place::default(),
            name: self.name(&object.name),
            comment: object.comment.clone(),
            options: self.options(&object.attributes),
            ..Table::default()
        };
        let shown = format!("table {}", taken.name);
        self.what_only_this_engine_has(&shown, table);
        for column in &table.columns {
            let mut taken_column = self.column(&mut taken, object, table, column);
            taken_column.null_in_key = is_null_in_key(table, column) && taken_column.identity.is_none();
            taken.columns.push(taken_column);
        }
        for constraint in &table.constraints {
            let constraint = self.constraint(&shown, table, constraint);
            taken.constraints.extend(constraint);
        }
        for index in &table.indexes {
            let index = self.index(&shown, table, index);
            taken.indexes.extend(index);
        }
        self.json_by_check(&mut taken);
        taken
    }

    fn what_only_this_engine_has(&mut self, shown: &str, table: &catalog::Table) {
        const BODY: &str = "its body is in this engine's own language";
        for trigger in &table.triggers {
            self.lose(shown, format!("trigger {}", trigger.name), BODY);
        }
        for policy in &table.policies {
            self.lose(shown, format!("policy {}", policy.name), "a definition holds no rights");
        }
        for rule in &table.rules {
            self.lose(shown, format!("rule {}", rule.name), BODY);
        }
        if let Some(partitioning) = &table.partitioning {
            let what = format!("PARTITION BY {}", partitioning.by);
            self.lose(shown, what, "it becomes a table without partitions");
        }
        for parent in &table.inherits {
            let parent = self.catalog.short(parent);
            self.lose(shown, format!("INHERITS {parent}"), "it becomes a table of its own");
        }
    }

    fn column(
        &mut self,
        taken: &mut Table,
        object: &Object,
        table: &catalog::Table,
        column: &catalog::Column,
    ) -> Column {
        let shown = format!("column {}.{}", taken.name, column.name);
        let mut attributes = column.attributes.clone();
        attributes.retain(|each| each.name != "rowid");
        if let Some(charset) = &column.charset {
            attributes.push(Attribute { name: "charset".into(), value: charset.clone() });
        }
        let mut made = Column {
            name: column.name.clone(),
            nullable: column.nullable,
            collation: column.collation.as_deref().map(|name| Sql::of(self.engine, name)).unwrap_or_default(),
            on_update_now: column.on_update.is_some(),
            comment: column.comment.clone(),
            options: self.options(&attributes),
            ..Column::default()
        };
        made.identity = self.identity(&shown, table, column);
        self.take_type(taken, &mut made, &column.ty, &object.attributes);
        if let Some(generated) = &column.generated {
            let expression = Sql::of(self.engine, &generated.expression);
            made.generated = Some(Generated { expression, stored: generated.stored });
        } else if made.identity.is_none()
            && let Some(text) = &column.default
        {
            made.default = self.default(text, made.ty.as_ref(), &column.ty);
        }
        made
    }

    /// Numbers that are given: told so, or by a sequence of the column's own (serial).
    fn identity(
        &mut self,
        shown: &str,
        table: &catalog::Table,
        column: &catalog::Column,
    ) -> Option<Identity> {
        if let Some(identity) = &column.identity {
            let rule = if identity.always { Rule::Always } else { Rule::ByDefault };
            return Some(Identity { rule, attributes: identity.attributes.clone() });
        }
        if self.map.numbers_itself(table, column) {
            return Some(Identity { rule: Rule::Reuse, attributes: Vec::new() });
        }
        let serial = column.default.as_deref().is_some_and(|text| text.starts_with("nextval("));
        let owned = self.catalog.objects.iter().any(|object| match &object.detail {
            Detail::Sequence(sequence) => {
                sequence.owned_by.as_ref().is_some_and(|(_, name)| *name == column.name)
                    && column.default.as_deref().is_some_and(|text| text.contains(&object.name.name))
            }
            _ => false,
        });
        if serial && owned && self.target == self.engine {
            self.lose(shown, "serial", "it becomes an identity column, which gives the same numbers");
        }
        (serial && owned).then(Identity::default)
    }

    fn take_type(&mut self, taken: &mut Table, column: &mut Column, native: &str, table: &[Attribute]) {
        let (mut native, mut meaning) = (native.to_owned(), self.meaning(native));
        while meaning.is_none()
            && let Some(base) = self.domain(taken, column, &native)
        {
            meaning = self.meaning(&base);
            native = base;
        }
        let usage = Usage { identity: column.identity.is_some(), key: false, table };
        let exact = meaning.as_ref().is_some_and(|meaning| {
            let back = self.map.native(&meaning.ty, usage);
            meaning.loss.is_none()
                && back.loss.is_none()
                && back.check.is_none()
                && back.ty.eq_ignore_ascii_case(&native)
        });
        if !exact {
            column.native = Sql::of(self.engine, native);
        }
        column.ty = meaning.map(|meaning| meaning.ty);
    }

    fn meaning(&self, native: &str) -> Option<Meaning> {
        self.map.portable(native).or_else(|| {
            let item = native.strip_suffix("[]");
            let (name, labels) = self.catalog.objects.iter().find_map(|object| match &object.detail {
                Detail::Type(Type::Enum { labels }) if self.is_called(object, item.unwrap_or(native)) => {
                    Some((self.name(&object.name), labels.clone()))
                }
                _ => None,
            })?;
            let ty = Portable::Enum { name, labels };
            Meaning::exact(if item.is_some() { Portable::Array(Box::new(ty)) } else { ty })
        })
    }

    /// A domain is its base, and its checks are the column's.
    fn domain(&mut self, taken: &mut Table, column: &mut Column, native: &str) -> Option<String> {
        let found = self.catalog.objects.iter().find_map(|object| match &object.detail {
            Detail::Type(Type::Domain(domain)) if self.is_called(object, native) => Some((object, domain)),
            _ => None,
        });
        let (object, domain) = found?;
        let shown = format!("column {}.{}", taken.name, column.name);
        column.nullable &= domain.nullable;
        let what = format!("domain {}", self.catalog.short(&object.name));
        self.lose(shown, what, format!("the column has the domain's base, {}", domain.base));
        let dialect = engine_for(self.engine).dialect(self.engine);
        for constraint in &domain.constraints {
            if let catalog::ConstraintKind::Check { expression } = &constraint.kind {
                let quoted = crate::sql::quote_ident(dialect, &column.name);
                let text = replace_word(expression, "VALUE", &quoted, dialect);
                let check = ConstraintKind::Check(Sql::of(self.engine, text));
                taken.constraints.push(Constraint::new(Place::default(), check, Vec::new()));
            }
        }
        Some(domain.base.clone())
    }

    /// Whether a type's text names an object.
    fn is_called(&self, object: &Object, text: &str) -> bool {
        let dialect = engine_for(self.engine).dialect(self.engine);
        let quoted = |name: &str| crate::sql::quote_ident_if_needed(dialect, name);
        let name = quoted(&object.name.name);
        text == name || text == format!("{}.{name}", quoted(&object.name.schema))
    }

    fn default(&self, text: &str, ty: Option<&Portable>, native: &str) -> Option<DefaultValue> {
        let value = understand(self.engine, text, ty)?;
        let function = matches!(value, DefaultValue::Now | DefaultValue::Uuid);
        let back = values::write(self.engine, &value, ty, native);
        match function && !back.is_ok_and(|back| back.eq_ignore_ascii_case(text)) {
            true => Some(DefaultValue::Sql(Sql::of(self.engine, text))),
            false => Some(value),
        }
    }

    fn constraint(
        &mut self,
        shown: &str,
        table: &catalog::Table,
        constraint: &catalog::Constraint,
    ) -> Option<Constraint> {
        let index = table
            .indexes
            .iter()
            .find(|index| index.constraint.is_some() && index.constraint == constraint.name);
        let kind = match &constraint.kind {
            catalog::ConstraintKind::PrimaryKey => ConstraintKind::PrimaryKey,
            // It is told as an index, which says more.
            catalog::ConstraintKind::Unique
                if index.is_some_and(is_more_than_a_key) && !says_order(constraint) =>
            {
                return None;
            }
            catalog::ConstraintKind::Unique => ConstraintKind::Unique {
                nulls_not_distinct: index.is_some_and(|index| index.nulls_not_distinct),
            },
            catalog::ConstraintKind::Check { expression } => {
                ConstraintKind::Check(Sql::of(self.engine, expression))
            }
            catalog::ConstraintKind::ForeignKey(reference) => {
                let table = self.name(&reference.table);
                ConstraintKind::ForeignKey(catalog::Reference { table, ..reference.clone() })
            }
            // The column says so.
            catalog::ConstraintKind::NotNull => return None,
            catalog::ConstraintKind::Exclusion | catalog::ConstraintKind::Other => {
                let name = constraint.name.clone().unwrap_or_default();
                self.lose(shown, format!("constraint {name}"), "only this engine has such constraints");
                return None;
            }
        };
        let primary = kind == ConstraintKind::PrimaryKey;
        let mut made = Constraint::new(Place::default(), kind, constraint.columns.clone());
        let mut attributes = constraint.attributes.clone();
        if matches!(made.kind, ConstraintKind::Check(_)) {
            // A check in a column's own line says whose.
            if catalog::attribute(&attributes, "level").is_some() {
                let column = constraint.columns.first().cloned().unwrap_or_default();
                attributes.push(Attribute { name: "column".into(), value: column });
            }
            made.columns = Vec::new();
        }
        made.name = constraint.name.clone().filter(|name| !(primary && name == "PRIMARY"));
        (made.deferrable, made.initially_deferred) = (constraint.deferrable, constraint.initially_deferred);
        (made.validated, made.enforced) = (constraint.validated, constraint.enforced);
        made.comment = constraint.comment.clone();
        made.options = self.options(&attributes);
        Some(made)
    }

    fn index(&mut self, shown: &str, table: &catalog::Table, index: &catalog::Index) -> Option<Index> {
        let is_said = table.constraints.iter().any(|each| says_order(each) && is_of(index, each));
        if is_said || index.constraint.is_some() && !(index.unique && is_more_than_a_key(index)) {
            return None;
        }
        if !index.usable {
            self.lose(shown, format!("index {}", index.name), "it is not in use here; there it is");
        }
        let usual = self.map.abilities().index_methods.first() == Some(&index.method.as_str());
        let own = |text: &Option<String>| {
            text.as_deref().map(|text| Sql::of(self.engine, text)).unwrap_or_default()
        };
        let key = |key: &catalog::IndexKey| IndexKey {
            column: key.column.clone(),
            expression: key.expression.as_deref().map(|text| Sql::of(self.engine, text)),
            descending: key.descending,
            nulls_first: key.nulls_first,
            collation: own(&key.collation),
            opclass: own(&key.opclass),
            prefix: key.prefix,
        };
        Some(Index {
            at: Place::default(),
            name: Some(index.name.clone()),
            keys: index.keys.iter().map(key).collect(),
            include: index.include.clone(),
            unique: index.unique,
            nulls_not_distinct: index.nulls_not_distinct,
            method: match usual || index.method.is_empty() {
                true => Sql::default(),
                false => Sql::of(self.engine, &index.method),
            },
            predicate: index.predicate.as_deref().map(|text| Sql::of(self.engine, text)),
            comment: index.comment.clone(),
            options: self.options(&index.attributes),
        })
    }

    fn view(&mut self, object: &Object, view: &catalog::View) -> View {
        let shown = format!("view {}", self.catalog.short(&object.name));
        for trigger in &view.triggers {
            let reason = "its body is in this engine's own language";
            self.lose(&shown, format!("trigger {}", trigger.name), reason);
        }
        for index in &view.indexes {
            self.lose(&shown, format!("index {}", index.name), "a definition's views have no indexes");
        }
        let has_list = attribute(&object.attributes, COLUMN_LIST).is_some();
        let columns: Vec<String> = view.columns.iter().map(|column| column.name.clone()).collect();
        if has_list && columns.is_empty() {
            self.lose(&shown, "the names of its columns", "it cannot be read, and so nobody tells them");
        }
        let others: Vec<Attribute> =
            object.attributes.iter().filter(|each| each.name != COLUMN_LIST).cloned().collect();
        View {
            at: Place::default(),
            name: self.name(&object.name),
            columns: if has_list { columns } else { Vec::new() },
            query: Sql::of(self.engine, view.query.trim().trim_end_matches(';')),
            materialized: view.materialized,
            comment: object.comment.clone(),
            options: self.options(&others),
        }
    }

    /// Text with the check that it is JSON is JSON: so MariaDB and SQLite keep it.
    fn json_by_check(&self, table: &mut Table) {
        let engine = self.engine;
        let is_json = |constraint: &Constraint, name: &str| match &constraint.kind {
            ConstraintKind::Check(sql) => {
                let text = sql.get(engine).unwrap_or_default().replace(['`', '"', ' '], "");
                text.eq_ignore_ascii_case(&format!("json_valid({name})"))
            }
            _ => false,
        };
        for column in &mut table.columns {
            let text = matches!(column.ty, Some(Portable::Text));
            if text && table.constraints.iter().any(|each| is_json(each, &column.name)) {
                table.constraints.retain(|each| !is_json(each, &column.name));
                (column.ty, column.native) = (Some(Portable::Json), Sql::default());
                // The engine gives such a column its own collation.
                column.collation = Sql::default();
                column.options.clear();
            }
        }
    }
}

/// SQLite lets the columns of a primary key be NULL.
fn is_null_in_key(table: &catalog::Table, column: &catalog::Column) -> bool {
    let in_key = |each: &catalog::Constraint| {
        each.kind == catalog::ConstraintKind::PrimaryKey && each.columns.contains(&column.name)
    };
    column.nullable && table.constraints.iter().any(in_key)
}

/// A key that tells the order of its columns by itself.
fn says_order(constraint: &catalog::Constraint) -> bool {
    attribute(&constraint.attributes, "descending").is_some()
}

/// Whether an index is the one of a key.
fn is_of(index: &catalog::Index, key: &catalog::Constraint) -> bool {
    index.constraint.is_some()
        && index.keys.iter().map(|key| key.column.as_ref()).eq(key.columns.iter().map(Some))
}

/// A unique index that says more than a constraint can.
fn is_more_than_a_key(index: &catalog::Index) -> bool {
    index.predicate.is_some()
        || index.keys.iter().any(|key| key.column.is_none() || key.prefix.is_some() || key.descending)
}

fn replace_word(text: &str, word: &str, by: &str, dialect: &crate::sql::Dialect) -> String {
    let mut out = String::new();
    for token in crate::sql::Lexer::new(text, dialect) {
        let piece = token.text(text);
        out.push_str(if token.kind.is_word() && piece.eq_ignore_ascii_case(word) { by } else { piece });
    }
    out
}
