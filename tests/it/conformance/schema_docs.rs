//! `schema docs` and `schema graph` on every engine.

use crate::sandbox::Sandbox;
use crate::servers::{Bed, on_every_server};

on_every_server!(documentation_follows_the_database);

fn fill(bed: &Bed) {
    let mut session = bed.open();
    let quote = bed.server.pick("\"", "\"", "`");
    let odd = format!(
        "create table {quote}odd <b> & 'x' é{quote} (id int primary key, customer_id int references customer (id))"
    );
    for sql in [
        "create table customer (id int primary key, email varchar(100) not null unique)",
        "create table orders (id int primary key, customer_id int not null, \
         constraint orders_customer foreign key (customer_id) references customer (id) on delete cascade)",
        "create index orders_by_customer on orders (customer_id)",
        "create view busy as select customer_id from orders",
        odd.as_str(),
    ] {
        session.execute(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

fn documentation_follows_the_database(bed: &Bed) {
    fill(bed);
    let (sandbox, url) = (Sandbox::new(), bed.url());
    let docs = |more: &[&str]| sandbox.run(&[&["schema", "docs", url.as_str()], more].concat());

    docs(&["--out", "page.html"]).ok();
    let page = sandbox.read("page.html");
    for said in ["orders_customer", "orders_by_customer", "on delete cascade", "Referenced by", "<svg "] {
        assert!(page.contains(said), "{said} is not in the page");
    }
    assert!(page.contains("odd &lt;b&gt; &amp; &#39;x&#39; é") && !page.contains("odd <b>"));

    docs(&["--out", "docs"]).ok();
    docs(&["--out", "docs", "--check"]).ok();
    docs(&["--out", "page.html", "--check"]).ok();
    let index = sandbox.read("docs/README.md");
    assert!(index.contains("||--o{") && index.contains("orders"), "{index}");
    let mut session = bed.open();
    session.execute("drop view busy", &[]).unwrap();
    session.execute("alter table orders add column note varchar(20)", &[]).unwrap();
    let checked = docs(&["--out", "docs", "--check"]);
    assert_eq!(checked.code(), 1);
    assert!(checked.out().contains("not up to date: docs/tables/"), "{}", checked.out());
    assert_eq!(sandbox.read("docs/README.md"), index, "a check writes nothing");
    docs(&["--out", "docs"]).ok();
    docs(&["--out", "docs", "--check"]).ok();
    assert!(!sandbox.read("docs/README.md").contains("busy"));

    for (format, said) in [("mermaid", "erDiagram"), ("dot", "digraph"), ("svg", "</svg>")] {
        let graph =
            sandbox.run(&["schema", "graph", &url, "orders", "--depth", "1", "--format", format]).ok();
        assert!(graph.contains(said) && graph.contains("customer"), "{graph}");
        assert!(!graph.contains("odd"), "two steps away: {graph}");
    }
}
