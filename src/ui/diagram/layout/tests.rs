use super::*;
use proptest::prelude::*;

/// Boxes and links made of numbers: as many as there are, in any arrangement.
fn input() -> impl Strategy<Value = (Vec<Node>, Vec<Link>)> {
    let nodes = prop::collection::vec((60..240i32, 0..12i32), 1..40);
    let links = prop::collection::vec((any::<u16>(), any::<u16>(), 0..12i32, 0..12i32, any::<u8>()), 0..90);
    (nodes, links).prop_map(|(nodes, links)| {
        let nodes: Vec<Node> =
            nodes.into_iter().map(|(width, rows)| Node { width, height: 24 + 18 * rows }).collect();
        let y = |node: usize, row: i32| match nodes[node].height {
            24 => 12,
            height => 24 + 18 * (row % ((height - 24) / 18)) + 9,
        };
        let links = links
            .into_iter()
            .map(|(parent, child, parent_row, child_row, bits)| {
                let (parent, child) = (usize::from(parent) % nodes.len(), usize::from(child) % nodes.len());
                Link {
                    parent,
                    parent_y: y(parent, parent_row),
                    child,
                    child_y: y(child, child_row),
                    optional: bits & 1 > 0,
                    many: bits & 2 > 0,
                }
            })
            .collect();
        (nodes, links)
    })
}

fn boxes(nodes: &[Node], layout: &Layout) -> Vec<(i32, i32, i32, i32)> {
    let corners =
        |(node, place): (&Node, &(i32, i32))| (place.0, place.1, place.0 + node.width, place.1 + node.height);
    nodes.iter().zip(&layout.places).map(corners).collect()
}

fn check(nodes: &[Node], links: &[Link]) {
    let layout = layout(nodes, links);
    let boxes = boxes(nodes, &layout);
    for (at, a) in boxes.iter().enumerate() {
        assert!(a.0 >= 0 && a.1 >= 0 && a.2 <= layout.width && a.3 <= layout.height, "{a:?} outside");
        for b in &boxes[at + 1..] {
            let apart = a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1;
            assert!(apart, "{a:?} overlaps {b:?}");
        }
    }
    let mut drawn: Vec<usize> = layout.wires.iter().flat_map(|wire| wire.links.clone()).collect();
    drawn.sort_unstable();
    assert_eq!(drawn, (0..links.len()).collect::<Vec<_>>(), "every link is drawn once");
    for wire in &layout.wires {
        for end in &wire.ends {
            let side = |each: &&(i32, i32, i32, i32)| {
                end.x == if end.right { each.2 } else { each.0 } && (each.1..=each.3).contains(&end.y)
            };
            assert!(boxes.iter().any(|each| side(&each)), "{end:?} touches no box");
            let reached = wire.lines.iter().any(|line| line.contains(&(end.x, end.y)));
            assert!(reached, "no line comes to {end:?}: {wire:?}");
        }
        for pair in wire.lines.iter().flat_map(|line| line.windows(2)) {
            let (a, b) = (pair[0], pair[1]);
            assert!(a.0 == b.0 || a.1 == b.1, "{a:?} to {b:?} is not straight");
            let (left, right) = (a.0.min(b.0), a.0.max(b.0));
            let (top, bottom) = (a.1.min(b.1), a.1.max(b.1));
            let through =
                boxes.iter().find(|each| left < each.2 && right > each.0 && top < each.3 && bottom > each.1);
            assert!(through.is_none(), "{a:?} to {b:?} runs through {through:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]
    #[test]
    fn nothing_overlaps_and_everything_is_connected((nodes, links) in input()) {
        check(&nodes, &links);
    }

    #[test]
    fn the_same_input_gives_the_same_picture((nodes, links) in input()) {
        prop_assert_eq!(format!("{:?}", layout(&nodes, &links)), format!("{:?}", layout(&nodes, &links)));
    }
}

fn link(parent: usize, child: usize) -> Link {
    Link { parent, parent_y: 33, child, child_y: 51, optional: false, many: true }
}

#[test]
fn parents_stand_on_the_left() {
    let nodes = vec![Node { width: 100, height: 60 }; 4];
    let layout = layout(&nodes, &[link(0, 1), link(1, 2), link(0, 2), link(2, 3)]);
    let x: Vec<i32> = layout.places.iter().map(|place| place.0).collect();
    assert!(x.is_sorted() && x[0] < x[3], "{x:?}");
}

#[test]
fn lines_from_one_column_share_a_trunk() {
    let nodes = vec![Node { width: 100, height: 60 }; 6];
    let links: Vec<Link> = (1..6).map(|child| link(0, child)).collect();
    let layout = layout(&nodes, &links);
    assert_eq!(layout.wires.len(), 1);
    assert_eq!(layout.wires[0].ends.len(), 6);
}

#[test]
fn cycles_and_tables_that_refer_to_themselves_are_drawn() {
    let nodes = vec![Node { width: 100, height: 60 }; 3];
    check(&nodes, &[link(0, 1), link(1, 2), link(2, 0), link(1, 1), link(0, 1)]);
}

#[test]
fn nothing_is_a_picture_too() {
    let layout = layout(&[], &[]);
    assert_eq!((layout.width, layout.height, layout.places.len()), (0, 0, 0));
}
