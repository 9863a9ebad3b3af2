//! A small catalog with something of everything, as HTML and as Markdown.

use super::book::Book;
use super::*;
use crate::model::catalog::{
    Attribute, Catalog, Detail, Domain, Grant, Name, Object, ObjectId, PartitionOf, Partitioning, Policy,
    Routine, Rule, Sequence, Trigger, Type, Unread, View,
};
use shop::shop;

#[path = "../../../ui/diagram/tests/shop.rs"]
mod shop;

fn object(name: &str, detail: Detail) -> Object {
    Object::new(Name::new("", name), detail)
}

/// The shop, with a view, a routine, types, what hangs on tables, and secrets.
fn catalog() -> Catalog {
    let mut catalog = shop();
    catalog.database = "/srv/data/shop.db".into();
    catalog.unread.push(Unread { what: "table vault".into(), why: "permission denied".into() });
    for each in &mut catalog.objects {
        let Detail::Table(table) = &mut each.detail else { continue };
        match each.name.name.as_str() {
            "order" => {
                each.comment = Some("What was bought.\n# By <whom> & when".into());
                each.grants.push(Grant {
                    grantee: "ann".into(),
                    grantor: "root".into(),
                    privilege: "SELECT".into(),
                    grantable: false,
                });
                table.columns[2].ty = "mood".into();
                table.columns[2].comment = Some("a | b".into());
                table.columns[2].default = Some("'`'".into());
                table.partitioning = Some(Partitioning { by: "RANGE (id)".into(), partitions: Vec::new() });
                table.triggers.push(Trigger {
                    name: "stamp".into(),
                    timing: "BEFORE".into(),
                    events: vec!["INSERT".into(), "UPDATE OF note".into()],
                    each_row: true,
                    action: "stamp()".into(),
                    state: "disabled".into(),
                    ..Trigger::default()
                });
                table.policies.push(Policy {
                    name: "own".into(),
                    permissive: true,
                    command: "ALL".into(),
                    roles: vec!["PUBLIC".into()],
                    using: Some("owner = current_user".into()),
                    ..Policy::default()
                });
                table.rules.push(Rule {
                    name: "keep".into(),
                    state: "enabled".into(),
                    definition: "CREATE RULE keep".into(),
                    ..Rule::default()
                });
            }
            "setting" => {
                table.partition_of =
                    Some(PartitionOf { parent: Name::new("", "order"), bound: "DEFAULT".into() });
                each.definition = Some("CREATE TABLE setting (name text, value)".into());
            }
            _ => {}
        }
    }
    catalog.objects.extend(more());
    catalog.sort();
    let order = catalog.iter().find(|(_, each)| each.name.name == "order").map(|(id, _)| id).unwrap();
    for each in &mut catalog.objects {
        if each.name.name == "totals" {
            each.depends_on = vec![order, ObjectId(0)];
        }
    }
    catalog
}

fn more() -> Vec<Object> {
    let view = View { query: "SELECT 1 AS \"</script>\"".into(), ..View::default() };
    let routine = Routine {
        arguments: "a integer".into(),
        returns: Some("text".into()),
        language: "sql".into(),
        body: Some("SELECT '```'".into()),
        ..Routine::default()
    };
    let mut function = object("stamp", Detail::Routine(routine));
    function.signature = Some("integer".into());
    let domain = Domain { base: "mood".into(), default: Some("'glad'".into()), ..Domain::default() };
    let sequence =
        Sequence { start: 5, owned_by: Some((Name::new("", "order"), "id".into())), ..Sequence::default() };
    let mut mapping = object("ann on far", Detail::Other { kind: crate::model::catalog::Kind::UserMapping });
    mapping.definition = Some("CREATE USER MAPPING FOR ann SERVER far OPTIONS (pass 'hunter2')".into());
    mapping.attributes = vec![Attribute { name: "pass".into(), value: "hunter2".into() }];
    let mut feed = object("feed", Detail::Other { kind: crate::model::catalog::Kind::Subscription });
    feed.definition = Some("CREATE SUBSCRIPTION feed CONNECTION 'host=far password=hunter2'".into());
    let mut member = object("of_extension", Detail::Table(Default::default()));
    member.extension = Some("postgis".into());
    vec![
        object("totals", Detail::View(view)),
        function,
        object("mood", Detail::Type(Type::Enum { labels: vec!["sad".into(), "glad".into()] })),
        object("good_mood", Detail::Type(Type::Domain(domain))),
        object("order_id", Detail::Sequence(sequence)),
        object("postgis", Detail::Extension { version: "3.4".into() }),
        mapping,
        feed,
        member,
    ]
}

fn page(catalog: &Catalog) -> String {
    let book = Book::new(catalog);
    html::html(&book, &book.title())
}

fn files(catalog: &Catalog) -> Vec<(String, String)> {
    let book = Book::new(catalog);
    markdown::markdown(&book, &book.title()).into_iter().map(|file| (file.path, file.text)).collect()
}

/// The text of the file at a path.
fn file<'a>(files: &'a [(String, String)], path: &str) -> &'a str {
    let found = files.iter().find(|(file, _)| file == path);
    found.map(|(_, text)| text.as_str()).unwrap_or_else(|| panic!("no {path}"))
}

#[test]
fn a_shop_in_html() {
    let page = page(&catalog());
    let style = page.find("<style>").unwrap()..page.find("</style>").unwrap();
    let script = page.find("<script>").unwrap()..page.find("</script>").unwrap();
    let rest = [&page[..style.start], &page[style.end..script.start], &page[script.end..]].concat();
    insta::assert_snapshot!(rest);
}

#[test]
fn a_shop_in_markdown() {
    let all: Vec<String> =
        files(&catalog()).into_iter().map(|(path, text)| format!("==== {path}\n{text}")).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn secrets_and_members_of_extensions_are_left_out() {
    let catalog = catalog();
    let all: String = files(&catalog).into_iter().map(|(path, text)| path + &text).collect();
    for text in [page(&catalog), all] {
        assert!(!text.contains("hunter2"), "{text}");
        assert!(!text.contains("of_extension"));
        assert!(text.contains("1 objects") || text.contains("1 object"));
    }
}

/// The values of an attribute, as they stand in the text.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let begin = format!(" {attribute}=\"");
    page.split(&begin).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn every_link_leads_somewhere_and_every_anchor_is_one() {
    let catalog = catalog();
    let page = page(&catalog);
    let ids = values(&page, "id");
    let different: std::collections::HashSet<&&str> = ids.iter().collect();
    assert_eq!(different.len(), ids.len(), "an id is there twice");
    let links = values(&page, "href");
    assert!(links.len() > 30);
    for link in links {
        let anchor = link.strip_prefix('#').unwrap_or_else(|| panic!("{link} leads out of the page"));
        assert!(different.contains(&anchor), "{link} leads nowhere");
    }
    let files = files(&catalog);
    let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    for (path, text) in &files {
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = match link.strip_prefix("../") {
                Some(target) => target,
                None => link,
            };
            assert_eq!(link.starts_with("../"), path.contains('/'), "{path}: {link}");
            assert!(paths.contains(&target), "{path}: {link}");
        }
    }
}

#[test]
fn nothing_is_fetched_and_nothing_breaks_out() {
    let page = page(&catalog());
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("</script>").count(), 1);
    for word in [" src=", "http-equiv=\"refresh\"", "url(", "@import", "fetch("] {
        assert!(!page.contains(word), "{word}");
    }
    let addresses: Vec<&str> = page.split("://").skip(1).map(|rest| &rest[..rest.len().min(20)]).collect();
    assert!(addresses.iter().all(|rest| rest.starts_with("www.w3.org/2000/svg")), "{addresses:?}");
}

#[test]
fn markdown_signs_stand_for_themselves() {
    let files = files(&catalog());
    let order = file(&files, "tables/order.md");
    assert!(order.contains("What was bought.  \n\\# By &lt;whom&gt; &amp; when"), "{order}");
    assert!(order.contains("a \\| b"), "{order}");
    assert!(order.contains("<code>'\\`'</code>"), "{order}");
    assert!(order.contains("[mood](../types/mood.md)"), "{order}");
    let (_, routine) = files.iter().find(|(path, _)| path.starts_with("routines/")).unwrap();
    assert!(routine.contains("````sql\nSELECT '```'\n````"), "{routine}");
}

#[test]
fn two_readings_of_a_catalog_give_the_same_text() {
    assert_eq!(page(&catalog()), page(&catalog()));
    assert_eq!(files(&catalog()), files(&catalog()));
}

#[test]
fn the_title_of_a_file_is_its_name_alone() {
    let mut catalog = catalog();
    assert_eq!(Book::new(&catalog).title(), "shop.db");
    catalog.database = String::new();
    assert_eq!(Book::new(&catalog).title(), "Database");
}

#[test]
fn a_page_of_others_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("index.html");
    let text = page(&catalog());
    assert_eq!(page_changes(&out, text.clone()).unwrap().write.len(), 1);
    std::fs::write(&out, &text).unwrap();
    assert!(page_changes(&out, text.clone()).unwrap().is_empty());
    assert_eq!(page_changes(&out, text.replace("ann", "ben")).unwrap().write.len(), 1);
    std::fs::write(&out, "<h1>mine</h1>").unwrap();
    assert_eq!(page_changes(&out, text).unwrap_err().kind(), Kind::Refused);
}

#[test]
fn the_path_tells_the_format() {
    let of = |asked, path: &str| format(asked, Path::new(path)).unwrap();
    assert_eq!(of(None, "/no/such/docs"), Format::Markdown);
    assert_eq!(of(None, "/no/such/docs.HTML"), Format::Html);
    assert_eq!(of(Some(Format::Html), "/no/such/docs"), Format::Html);
    assert_eq!(format(Some(Format::Html), Path::new("/")).unwrap_err().kind(), Kind::Usage);
}
