//! Places boxes and the lines between them on a plane: in layers from left to right, parents before
//! children, lines at right angles in channels between the layers. Nothing overlaps, and the same
//! input always gives the same picture.
//!
//! The steps are those of Sugiyama, Tagawa and Toda (1981): break cycles and assign layers, order
//! within layers by barycentres, place, route. Lines from one column of a parent share a trunk.

mod channel;
mod nets;
mod order;
mod pack;
mod place;
mod rank;

pub use nets::Mark;

/// A box.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    pub width: i32,
    pub height: i32,
}

/// A line between two boxes. The heights count from the top of each box.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    pub parent: usize,
    pub parent_y: i32,
    pub child: usize,
    pub child_y: i32,
    pub optional: bool,
    pub many: bool,
}

/// Where everything goes.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    pub width: i32,
    pub height: i32,
    /// The top left corner of each box.
    pub places: Vec<(i32, i32)>,
    pub wires: Vec<Wire>,
}

/// Lines that leave one box at one point and lead to one or more others.
#[derive(Debug, Clone, Default)]
pub struct Wire {
    /// The links it stands for.
    pub links: Vec<usize>,
    /// Corners, to be rounded.
    pub lines: Vec<Vec<(i32, i32)>>,
    pub ends: Vec<End>,
}

/// Where a line touches a box.
#[derive(Debug, Clone, Copy)]
pub struct End {
    pub x: i32,
    pub y: i32,
    /// The line is on the right of this point, outside the box.
    pub right: bool,
    pub mark: Mark,
}

/// Between boxes in a layer.
const GAP: i32 = 26;

/// Lays out boxes and lines.
pub fn layout(nodes: &[Node], links: &[Link]) -> Layout {
    let mut pieces = Vec::new();
    for group in groups(nodes.len(), links) {
        pieces.push(piece(nodes, links, group));
    }
    pack::pack(nodes, pieces)
}

/// A group of boxes that hang together, laid out.
struct Piece {
    /// The boxes, as numbered from outside.
    nodes: Vec<usize>,
    layout: Layout,
}

fn piece(nodes: &[Node], links: &[Link], group: Group) -> Piece {
    let mut number = std::collections::HashMap::new();
    for (at, &node) in group.nodes.iter().enumerate() {
        number.insert(node, at);
    }
    let own_nodes: Vec<Node> = group.nodes.iter().map(|&node| nodes[node]).collect();
    let own_links: Vec<Link> = group
        .links
        .iter()
        .map(|&link| {
            let link = links[link];
            Link { parent: number[&link.parent], child: number[&link.child], ..link }
        })
        .collect();
    let mut layout = layered(&own_nodes, &own_links);
    for link in layout.wires.iter_mut().flat_map(|wire| &mut wire.links) {
        *link = group.links[*link];
    }
    Piece { nodes: group.nodes, layout }
}

fn layered(nodes: &[Node], links: &[Link]) -> Layout {
    let ranks = rank::rank(nodes, links);
    let mut grid = nets::grid(nodes, links, &ranks);
    order::order(&mut grid);
    place::place(&mut grid);
    channel::route(nodes, &grid)
}

struct Group {
    nodes: Vec<usize>,
    links: Vec<usize>,
}

/// What hangs together, in the order of the first box of each group.
fn groups(count: usize, links: &[Link]) -> Vec<Group> {
    let mut root: Vec<usize> = (0..count).collect();
    fn find(root: &mut [usize], mut at: usize) -> usize {
        while root[at] != at {
            root[at] = root[root[at]];
            at = root[at];
        }
        at
    }
    for link in links {
        let (a, b) = (find(&mut root, link.parent), find(&mut root, link.child));
        root[a.max(b)] = a.min(b);
    }
    let mut place = vec![usize::MAX; count];
    let mut groups: Vec<Group> = Vec::new();
    for node in 0..count {
        let at = find(&mut root, node);
        if place[at] == usize::MAX {
            place[at] = groups.len();
            groups.push(Group { nodes: Vec::new(), links: Vec::new() });
        }
        groups[place[at]].nodes.push(node);
    }
    for (number, link) in links.iter().enumerate() {
        let at = find(&mut root, link.parent);
        groups[place[at]].links.push(number);
    }
    groups
}

#[cfg(test)]
mod tests;
