use super::*;
use crate::model::catalog::{
    Action, Column, Constraint, ConstraintKind, Index, IndexKey, Name, Reference, Table, View,
};
use crate::model::target::EngineKind;

fn catalog(objects: Vec<Object>) -> Catalog {
    let mut catalog = Catalog::empty(EngineKind::Postgres);
    catalog.default_schema = "public".into();
    catalog.objects = objects;
    catalog.sort();
    catalog
}

fn table(name: &str, columns: &[(&str, &str)]) -> Object {
    let columns = columns.iter().map(|(name, ty)| Column {
        name: (*name).into(),
        ty: (*ty).into(),
        nullable: true,
        ..Column::default()
    });
    let table = Table { columns: columns.collect(), ..Table::default() };
    Object::new(Name::new("public", name), Detail::Table(table))
}

fn edit(mut object: Object, change: impl FnOnce(&mut Table)) -> Object {
    if let Detail::Table(table) = &mut object.detail {
        change(table);
    }
    object
}

/// Every change in one line, as a test reads it.
fn told(from: &Catalog, to: &Catalog) -> Vec<String> {
    let mut lines = Vec::new();
    for change in diff(from, to) {
        match change {
            Change::Create { to: id } => lines.push(format!("+ {}", to.get(id).name)),
            Change::Drop { from: id } => lines.push(format!("- {}", from.get(id).name)),
            Change::Alter { to: id, parts, .. } => {
                for part in parts {
                    let head = format!("{} {} {}", to.get(id).name, part.what.word(), part.name);
                    lines.push(match part.step {
                        Step::Add { to } => format!("{head} + {to}"),
                        Step::Drop { from } => format!("{head} - {from}"),
                        Step::Alter { facets } => {
                            let facets: Vec<String> = facets
                                .iter()
                                .map(|facet| format!("{}: {} -> {}", facet.property, facet.from, facet.to))
                                .collect();
                            format!("{head} ~ {}", facets.join("; "))
                        }
                    });
                }
            }
        }
    }
    lines
}

#[test]
fn a_catalog_does_not_differ_from_itself() {
    let one = catalog(vec![table("a", &[("id", "integer")])]);
    assert_eq!(diff(&one, &one.clone()), []);
}

#[test]
fn objects_come_and_go_and_kinds_of_one_name_are_told_apart() {
    let from = catalog(vec![table("gone", &[]), table("t", &[])]);
    let view = Object::new(Name::new("public", "t"), Detail::View(View::default()));
    let to = catalog(vec![table("new", &[]), view]);
    assert_eq!(told(&from, &to), ["- public.gone", "- public.t", "+ public.new", "+ public.t"]);
}

#[test]
fn columns_are_compared_by_name_and_their_order_too() {
    let from = catalog(vec![table("t", &[("a", "integer"), ("b", "text"), ("c", "text")])]);
    let to = table("t", &[("c", "varchar(5)"), ("a", "integer"), ("d", "date")]);
    let to = catalog(vec![edit(to, |table| {
        table.columns[1].nullable = false;
        table.columns[1].default = Some("7".into());
    })]);
    assert_eq!(
        told(&from, &to),
        [
            "public.t   ~ order of columns: a, c -> c, a",
            "public.t column b - text",
            "public.t column c ~ type: text -> varchar(5)",
            "public.t column a ~ not null: no -> yes; default:  -> 7",
            "public.t column d + date",
        ]
    );
}

#[test]
fn an_empty_comment_is_not_a_missing_one() {
    let from = catalog(vec![table("t", &[])]);
    let mut to = table("t", &[]);
    to.comment = Some(String::new());
    assert_eq!(told(&from, &catalog(vec![to])), ["public.t   ~ comment:  -> "]);
}

#[test]
fn constraints_without_names_are_matched_by_what_they_say() {
    let check =
        |text: &str| Constraint::new(None, ConstraintKind::Check { expression: text.into() }, Vec::new());
    let from = edit(table("t", &[]), |table| table.constraints = vec![check("a > 0"), check("a > 0")]);
    let to = edit(table("t", &[]), |table| table.constraints = vec![check("b > 0"), check("a > 0")]);
    assert_eq!(
        told(&catalog(vec![from]), &catalog(vec![to])),
        ["public.t constraint  - check (a > 0)", "public.t constraint  + check (b > 0)"]
    );
}

#[test]
fn a_foreign_key_tells_its_actions() {
    let key = |on_delete| {
        let reference = Reference {
            table: Name::new("public", "parent"),
            referenced: vec!["id".into()],
            on_update: Action::NoAction,
            on_delete,
            full: false,
        };
        let columns = vec!["parent_id".into()];
        Constraint::new(Some("fk".into()), ConstraintKind::ForeignKey(reference), columns)
    };
    let from = edit(table("t", &[]), |table| table.constraints = vec![key(Action::NoAction)]);
    let to = edit(table("t", &[]), |table| table.constraints = vec![key(Action::Cascade)]);
    assert_eq!(
        told(&catalog(vec![from]), &catalog(vec![to])),
        ["public.t constraint fk ~ definition: foreign key (parent_id) references public.parent (id) -> \
             foreign key (parent_id) references public.parent (id) on delete cascade"]
    );
}

#[test]
fn the_index_of_a_constraint_and_sizes_are_no_differences() {
    let from = table("t", &[("a", "integer")]);
    let to = edit(from.clone(), |table| {
        table.rows = Some(9);
        table.bytes = Some(8192);
        table.indexes =
            vec![Index { name: "t_pkey".into(), constraint: Some("t_pkey".into()), ..Index::default() }];
    });
    assert_eq!(diff(&catalog(vec![from]), &catalog(vec![to])), []);
}

#[test]
fn an_index_differs_by_its_keys_and_predicate() {
    let index = |descending, predicate: Option<&str>| Index {
        name: "i".into(),
        keys: vec![IndexKey { column: Some("a".into()), descending, ..IndexKey::default() }],
        predicate: predicate.map(Into::into),
        usable: true,
        ..Index::default()
    };
    let from = edit(table("t", &[]), |table| table.indexes = vec![index(false, None)]);
    let to = edit(table("t", &[]), |table| table.indexes = vec![index(true, Some("a > 0"))]);
    assert_eq!(
        told(&catalog(vec![from]), &catalog(vec![to])),
        ["public.t index i ~ definition: (a) -> (a desc) where a > 0"]
    );
}

#[test]
fn labels_of_an_enum_come_go_and_change_places() {
    let labels = |labels: &[&str]| {
        let labels = labels.iter().map(ToString::to_string).collect();
        catalog(vec![Object::new(Name::new("public", "e"), Detail::Type(Type::Enum { labels }))])
    };
    assert_eq!(
        told(&labels(&["a", "b", "c"]), &labels(&["c", "d", "a"])),
        ["public.e   ~ order of labels: a, c -> c, a", "public.e label b - ", "public.e label d + ",]
    );
}

#[test]
fn members_of_extensions_come_with_them() {
    let mut member = table("spatial_ref_sys", &[]);
    member.extension = Some("postgis".into());
    assert_eq!(diff(&catalog(vec![]), &catalog(vec![member])), []);
}
