//! Diagrams of small catalogs, and of a large one.

mod shop;

use shop::{catalog, shop};

use super::*;
use crate::model::catalog::{Detail, Name};

/// A made-up schema of `count` tables: each refers to up to three earlier ones, some to hubs.
pub(crate) fn many_tables(count: usize) -> Catalog {
    let mut random = fastrand::Rng::with_seed(7);
    let lines: Vec<String> = (0..count)
        .map(|at| {
            let mut line = format!("t{at:03}_{}: id bigint pk, name text", random.choice(WORDS).unwrap());
            for key in 0..random.usize(0..4).min(at) {
                let parent = if random.u8(0..4) == 0 {
                    random.usize(0..at.min(6))
                } else {
                    random.usize(at.saturating_sub(30)..at)
                };
                line.push_str(&format!(
                    ", ref{key} bigint {} -> #{parent}",
                    if random.bool() { "?" } else { "" }
                ));
            }
            line
        })
        .collect();
    let names: Vec<String> = lines.iter().map(|line| line.split(':').next().unwrap().to_owned()).collect();
    let lines: Vec<String> = lines
        .iter()
        .map(|line| {
            line.split('#').enumerate().fold(String::new(), |out, (at, piece)| match at {
                0 => piece.to_owned(),
                _ => {
                    let end = piece.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(piece.len());
                    let parent: usize = piece[..end].parse().unwrap();
                    out + &names[parent] + &piece[end..]
                }
            })
        })
        .collect();
    catalog(&lines.iter().map(String::as_str).collect::<Vec<_>>())
}

const WORDS: &[&str] = &["order", "customer", "invoice_line", "shipment", "audit_event", "tag"];

fn drawn(catalog: &Catalog, fields: Fields) -> Diagram {
    Diagram::of(catalog, &Links::of(catalog), &tables_to_draw(catalog), fields)
}

fn picture(diagram: &Diagram) -> String {
    svg(diagram, &SvgOptions { standalone: true, title: "A shop", link: None })
}

#[test]
fn a_shop_in_mermaid() {
    insta::assert_snapshot!(mermaid(&drawn(&shop(), Fields::Keys)));
}

#[test]
fn a_shop_in_dot() {
    insta::assert_snapshot!(dot(&drawn(&shop(), Fields::All)));
}

#[test]
fn a_shop_in_svg() {
    let text = picture(&drawn(&shop(), Fields::Keys));
    insta::assert_snapshot!(text.replace("><", ">\n<").replace(SVG_STYLE, "(style)"));
}

const ODD: &[&str] = &[
    "\"q\" <b>&'x';#%\\`: i\u{1}d in<t pk",
    "🦀: id integer pk, 1st numeric(5;2) ? -> \"q\" <b>&'x';#%\\`, <i> text",
];

#[test]
fn odd_names_are_escaped() {
    let diagram = drawn(&catalog(ODD), Fields::All);
    let text = mermaid(&diagram);
    assert!(text.contains("\"#34;q#34; #60;b#62;#38;'x'#59;#35;#37;#92;#96;\" {"), "{text}");
    assert!(text.contains("numeric(5_2) _1st FK \"1st\""), "{text}");
    assert!(text.contains("text i \"#60;i#62;\""), "{text}");
    for text in [picture(&diagram), dot(&diagram)] {
        assert!(text.contains("&quot;q&quot; &lt;b&gt;&amp;&#39;x&#39;;#%\\`"), "{text}");
        assert!(!text.contains("<i>") && !text.contains('\u{1}'), "{text}");
    }
}

#[test]
fn the_neighbours_of_a_table_are_drawn_without_their_own_affairs() {
    let catalog = shop();
    let links = Links::of(&catalog);
    let order = links.relation(&Name::new("", "order")).unwrap();
    let (diagram, left_out) = Diagram::around(&catalog, &links, order, 10);
    let names: Vec<&str> = diagram.entities.iter().map(|entity| entity.name.as_str()).collect();
    assert_eq!((names, left_out), (vec!["order", "customer", "line"], 0));
    assert_eq!(diagram.relations.len(), 2, "customer's own link is not told");
    assert!(diagram.entities[0].focus);
    assert_eq!(Diagram::around(&catalog, &links, order, 2).1, 1);
}

#[test]
fn partitions_are_told_by_the_whole() {
    use crate::model::catalog::PartitionOf;
    let mut catalog = catalog(&[
        "customer: id integer pk",
        "payment: id integer pk, customer integer",
        "payment_1: id integer pk, customer integer -> customer",
        "payment_2: id integer pk, customer integer -> customer",
    ]);
    for object in &mut catalog.objects[2..] {
        if let Detail::Table(table) = &mut object.detail {
            let of = PartitionOf { parent: Name::new("", "payment"), bound: "DEFAULT".into() };
            table.partition_of = Some(of);
        }
    }
    let diagram = drawn(&catalog, Fields::Keys);
    assert_eq!(diagram.entities.len(), 2);
    assert_eq!(diagram.relations.len(), 1, "the partitions' keys, once");
    assert!(diagram.entities[1].fields.iter().any(|field| field.name == "customer" && field.foreign));
}

#[test]
fn big_schemas_are_cut_into_parts() {
    let catalog = many_tables(500);
    let links = Links::of(&catalog);
    let tables = tables_to_draw(&catalog);
    let parts = parts(&catalog, &links, &tables, 50);
    assert!(parts.iter().all(|part| (1..=50).contains(&part.tables.len())));
    let mut all: Vec<ObjectId> = parts.iter().flat_map(|part| part.tables.clone()).collect();
    all.sort_unstable();
    assert_eq!(all, tables, "every table is in one part");
    assert!(parts.len() < 20, "{}", parts.len());
    // GitHub refuses a Mermaid text of more than 50,000 characters.
    for part in &parts {
        let diagram = Diagram::of(&catalog, &links, &part.tables, Fields::Keys);
        assert!(mermaid(&diagram).len() < 50_000);
    }
    assert_eq!(super::parts(&catalog, &links, &tables, 500).len(), 1);
}

#[test]
fn five_hundred_tables_are_drawn_at_once() {
    let diagram = drawn(&many_tables(500), Fields::Keys);
    let begin = std::time::Instant::now();
    let text = picture(&diagram);
    assert!(text.len() > 100_000);
    // Far below a second when optimized; this build is not, and the machine may be busy.
    assert!(begin.elapsed().as_secs() < 10, "{:?}", begin.elapsed());
}
