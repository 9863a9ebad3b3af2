//! Random schemas, and random changes of them.

use proptest::collection::vec;
use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::select;

use super::schema::{
    Act, Check, Column, Event, ForeignKey, Generated, Index, Key, Schema, Table, Trigger, Ty, Unique, View,
};

/// A schema and what it becomes.
#[derive(Debug, Clone)]
pub struct Pair {
    pub a: Schema,
    pub b: Schema,
}

const TABLES: &[&str] =
    &["t", "u", "orders", "Größe", "two words", "select", "quo\"te", "back`tick", "semi;x"];
const COLUMNS: &[&str] = &["id", "a", "b", "c", "d", "Name", "from", "with space", "o'clock", "\"q\"", "ünï"];
const VIEWS: &[&str] = &["v", "w", "v two", "view", "V\"3"];

fn name(pool: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(pool).prop_map(ToOwned::to_owned)
}

fn numbered(prefix: &'static str) -> impl Strategy<Value = String> {
    (0..12_u8).prop_map(move |number| format!("{prefix}{number}"))
}

fn columns() -> impl Strategy<Value = Vec<String>> {
    vec(name(COLUMNS), 1..4)
}

pub fn column() -> impl Strategy<Value = Column> {
    let generated = (name(COLUMNS), any::<bool>()).prop_map(|(of, stored)| Generated { of, stored });
    (
        name(COLUMNS),
        select(&Ty::ALL[..]),
        prop::bool::weighted(0.7),
        weighted(0.3, 0..3_u8),
        weighted(0.15, generated),
        weighted(0.1, 0..3_u8),
        prop_oneof![2 => Just(0), 1 => any::<u8>()],
    )
        .prop_map(|(name, ty, nullable, default, generated, comment, flavour)| Column {
            name,
            ty,
            nullable,
            default,
            generated,
            comment,
            flavour,
        })
}

fn key() -> impl Strategy<Value = Key> {
    (columns(), weighted(0.3, numbered("pk")), prop::bool::weighted(0.3))
        .prop_map(|(columns, name, numbered)| Key { columns, name, numbered })
}

fn unique() -> impl Strategy<Value = Unique> {
    (columns(), of(numbered("uq"))).prop_map(|(columns, name)| Unique { columns, name })
}

fn check() -> impl Strategy<Value = Check> {
    (name(COLUMNS), 1..5_u8, of(numbered("ck"))).prop_map(|(column, bound, name)| Check {
        column,
        bound,
        name,
    })
}

fn act() -> impl Strategy<Value = Act> {
    select(&[Act::NoAction, Act::Restrict, Act::Cascade, Act::SetNull][..])
}

fn foreign_key() -> impl Strategy<Value = ForeignKey> {
    let flags = (any::<bool>(), prop::bool::weighted(0.2), prop::bool::weighted(0.8));
    (of(numbered("fk")), name(&TABLES[..4]), flags, act(), act(), 0..3_u8).prop_map(
        |(name, table, (to_unique, by_key, nullable), on_delete, on_update, number)| ForeignKey {
            columns: Vec::new(),
            name,
            table,
            referenced: Vec::new(),
            to_unique,
            by_key,
            nullable,
            on_delete,
            on_update,
            number,
        },
    )
}

fn index() -> impl Strategy<Value = Index> {
    let keys = vec((name(COLUMNS), any::<bool>()), 1..4);
    let rare = || prop::bool::weighted(0.2);
    (numbered("ix"), keys, rare(), rare(), rare()).prop_map(|(name, columns, unique, partial, expression)| {
        Index { name, columns, unique, partial, expression }
    })
}

fn trigger() -> impl Strategy<Value = Trigger> {
    let event = select(&[Event::Insert, Event::Update, Event::Delete][..]);
    (numbered("tr"), any::<bool>(), event, name(&TABLES[..4]), 0..3_u8)
        .prop_map(|(name, after, event, reads, body)| Trigger { name, after, event, reads, body })
}

pub fn table() -> impl Strategy<Value = Table> {
    // The first names come often, so that tables meet.
    let table_name = prop_oneof![3 => name(&TABLES[..4]), 1 => name(TABLES)];
    (
        (table_name, vec(column(), 1..7), weighted(0.8, key())),
        (vec(unique(), 0..2), vec(check(), 0..2), vec(foreign_key(), 0..3)),
        (vec(index(), 0..3), vec(trigger(), 0..2)),
        (weighted(0.1, 0..3_u8), prop_oneof![2 => Just(0), 1 => any::<u8>()]),
    )
        .prop_map(
            |(
                (name, columns, key),
                (uniques, checks, foreign_keys),
                (indexes, triggers),
                (comment, flavour),
            )| {
                Table {
                    name,
                    columns,
                    key,
                    uniques,
                    checks,
                    foreign_keys,
                    indexes,
                    triggers,
                    comment,
                    flavour,
                }
            },
        )
}

fn view() -> impl Strategy<Value = View> {
    let of_what = prop_oneof![2 => name(&TABLES[..4]), 1 => name(VIEWS)];
    let chosen = weighted(0.7, columns());
    (name(VIEWS), of_what, chosen, any::<bool>(), weighted(0.3, name(&TABLES[..4])), any::<u8>()).prop_map(
        |(name, of, columns, filtered, joined, flavour)| View {
            name,
            of,
            columns,
            filtered,
            joined,
            flavour,
        },
    )
}

pub fn schema() -> impl Strategy<Value = Schema> {
    (vec(table(), 0..5), vec(view(), 0..4)).prop_map(|(tables, views)| Schema { tables, views })
}

/// One random change. Places are taken modulo what is there.
#[derive(Debug, Clone)]
enum Mutation {
    AddTable(Table),
    DropTable(usize),
    /// The same name, and all else anew.
    ReplaceTable(usize, Table),
    TableComment(usize, Option<u8>),
    TableFlavour(usize, u8),
    AddColumn(usize, usize, Column),
    DropColumn(usize, usize),
    /// The same name, and all else anew.
    ReplaceColumn(usize, usize, Column),
    Nullable(usize, usize),
    Default(usize, usize, Option<u8>),
    MoveColumn(usize, usize, usize),
    Key(usize, Option<Key>),
    Unique(usize, Unique),
    DropUnique(usize),
    Check(usize, Check),
    DropCheck(usize),
    ForeignKey(usize, ForeignKey),
    DropForeignKey(usize),
    Index(usize, Index),
    DropIndex(usize),
    Trigger(usize, Trigger),
    DropTrigger(usize),
    View(usize, View),
    DropView(usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    use Mutation as M;
    let at = || 0..8_usize;
    prop_oneof![
        1 => table().prop_map(M::AddTable),
        1 => at().prop_map(M::DropTable),
        1 => (at(), table()).prop_map(|(at, table)| M::ReplaceTable(at, table)),
        1 => (at(), of(0..3_u8)).prop_map(|(at, comment)| M::TableComment(at, comment)),
        1 => (at(), any::<u8>()).prop_map(|(at, flavour)| M::TableFlavour(at, flavour)),
        3 => (at(), prop_oneof![Just(99), at()], column()).prop_map(|(at, place, column)| M::AddColumn(at, place, column)),
        3 => (at(), at()).prop_map(|(at, column)| M::DropColumn(at, column)),
        3 => (at(), at(), column()).prop_map(|(at, place, column)| M::ReplaceColumn(at, place, column)),
        2 => (at(), at()).prop_map(|(at, column)| M::Nullable(at, column)),
        2 => (at(), at(), of(0..3_u8)).prop_map(|(at, column, default)| M::Default(at, column, default)),
        1 => (at(), at(), at()).prop_map(|(at, from, to)| M::MoveColumn(at, from, to)),
        1 => (at(), of(key())).prop_map(|(at, key)| M::Key(at, key)),
        1 => (at(), unique()).prop_map(|(at, unique)| M::Unique(at, unique)),
        1 => at().prop_map(M::DropUnique),
        1 => (at(), check()).prop_map(|(at, check)| M::Check(at, check)),
        1 => at().prop_map(M::DropCheck),
        2 => (at(), foreign_key()).prop_map(|(at, key)| M::ForeignKey(at, key)),
        1 => at().prop_map(M::DropForeignKey),
        2 => (at(), index()).prop_map(|(at, index)| M::Index(at, index)),
        1 => at().prop_map(M::DropIndex),
        2 => (at(), trigger()).prop_map(|(at, trigger)| M::Trigger(at, trigger)),
        1 => at().prop_map(M::DropTrigger),
        2 => (at(), view()).prop_map(|(at, view)| M::View(at, view)),
        1 => at().prop_map(M::DropView),
    ]
}

/// The element at a place, modulo.
fn pick<T>(list: &mut [T], at: usize) -> Option<&mut T> {
    let count = list.len();
    if count == 0 { None } else { list.get_mut(at % count) }
}

fn remove<T>(list: &mut Vec<T>, at: usize) {
    if !list.is_empty() {
        list.remove(at % list.len());
    }
}

/// Puts a part in, instead of the one of its name.
fn put<T>(list: &mut Vec<T>, part: T, same: impl Fn(&T, &T) -> bool) {
    match list.iter_mut().find(|each| same(each, &part)) {
        Some(place) => *place = part,
        None => list.push(part),
    }
}

impl Mutation {
    fn apply(self, schema: &mut Schema) {
        use Mutation as M;
        match self {
            M::AddTable(table) => schema.tables.push(table),
            M::DropTable(at) => remove(&mut schema.tables, at),
            M::DropView(at) => remove(&mut schema.views, at),
            M::View(at, view) => {
                if let Some(place) = schema.views.iter_mut().find(|each| each.name == view.name) {
                    *place = view;
                } else {
                    let at = at.min(schema.views.len());
                    schema.views.insert(at, view);
                }
            }
            M::ReplaceTable(at, _)
            | M::TableComment(at, _)
            | M::TableFlavour(at, _)
            | M::AddColumn(at, ..)
            | M::DropColumn(at, _)
            | M::ReplaceColumn(at, ..)
            | M::Nullable(at, _)
            | M::Default(at, ..)
            | M::MoveColumn(at, ..)
            | M::Key(at, _)
            | M::Unique(at, _)
            | M::DropUnique(at)
            | M::Check(at, _)
            | M::DropCheck(at)
            | M::ForeignKey(at, _)
            | M::DropForeignKey(at)
            | M::Index(at, _)
            | M::DropIndex(at)
            | M::Trigger(at, _)
            | M::DropTrigger(at) => {
                if let Some(table) = pick(&mut schema.tables, at) {
                    self.apply_to_table(table);
                }
            }
        }
    }

    fn apply_to_table(self, table: &mut Table) {
        use Mutation as M;
        match self {
            M::ReplaceTable(_, new) => *table = Table { name: table.name.clone(), ..new },
            M::TableComment(_, comment) => table.comment = comment,
            M::TableFlavour(_, flavour) => table.flavour = flavour,
            M::AddColumn(_, place, column) => {
                let place = place.min(table.columns.len());
                table.columns.insert(place, column);
            }
            M::DropColumn(_, at) => remove(&mut table.columns, at),
            M::ReplaceColumn(_, at, new) => {
                if let Some(column) = pick(&mut table.columns, at) {
                    *column = Column { name: column.name.clone(), ..new };
                }
            }
            M::Nullable(_, at) => {
                if let Some(column) = pick(&mut table.columns, at) {
                    column.nullable = !column.nullable;
                }
            }
            M::Default(_, at, default) => {
                if let Some(column) = pick(&mut table.columns, at) {
                    column.default = default;
                }
            }
            M::MoveColumn(_, from, to) => {
                if !table.columns.is_empty() {
                    let column = table.columns.remove(from % table.columns.len());
                    let to = to.min(table.columns.len());
                    table.columns.insert(to, column);
                }
            }
            M::Key(_, key) => table.key = key,
            M::Unique(_, unique) => put(&mut table.uniques, unique, |a, b| a.name == b.name),
            M::DropUnique(at) => remove(&mut table.uniques, at),
            M::Check(_, check) => put(&mut table.checks, check, |a, b| a.name == b.name),
            M::DropCheck(at) => remove(&mut table.checks, at),
            M::ForeignKey(_, key) => put(&mut table.foreign_keys, key, |a, b| a.number == b.number),
            M::DropForeignKey(at) => remove(&mut table.foreign_keys, at),
            M::Index(_, index) => put(&mut table.indexes, index, |a, b| a.name == b.name),
            M::DropIndex(at) => remove(&mut table.indexes, at),
            M::Trigger(_, trigger) => put(&mut table.triggers, trigger, |a, b| a.name == b.name),
            M::DropTrigger(at) => remove(&mut table.triggers, at),
            M::AddTable(_) | M::DropTable(_) | M::View(..) | M::DropView(_) => {}
        }
    }
}

/// A schema with a few changes of it; seldom with another that has nothing to do with it.
pub fn pair() -> impl Strategy<Value = Pair> {
    let changed = (schema(), vec(mutation(), 1..6)).prop_map(|(a, mutations)| {
        let mut b = a.clone();
        for mutation in mutations {
            mutation.apply(&mut b);
        }
        (a, b)
    });
    let both = prop_oneof![9 => changed, 1 => (schema(), schema())];
    both.prop_map(|(a, b)| Pair { a: a.settled(), b: b.settled() })
}

/// A schema, and a table or a column of it that gets a name it does not have.
#[derive(Debug, Clone)]
pub struct Renaming {
    pub schema: Schema,
    pub table: String,
    pub column: Option<String>,
    pub new: String,
}

pub fn renaming() -> impl Strategy<Value = Renaming> {
    let tables = vec(table(), 1..4);
    let new = select(&["renamed", "re named", "values", "ren\"amed", "Ren'amed"][..]);
    (tables, vec(view(), 0..4), 0..8_usize, of(0..8_usize), new).prop_map(
        |(tables, views, at, column, new)| {
            let schema = Schema { tables, views }.settled();
            let table = &schema.tables[at % schema.tables.len()];
            let column = column.map(|at| table.columns[at % table.columns.len()].name.clone());
            Renaming { table: table.name.clone(), column, new: new.to_owned(), schema: schema.clone() }
        },
    )
}
