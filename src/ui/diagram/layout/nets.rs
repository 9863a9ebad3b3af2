//! Nets: links from one point of a box, drawn as one trunk; and the grid of boxes and bends that
//! they run through.

use std::collections::BTreeMap;

use super::rank::Ranks;
use super::{Link, Node};

/// How many rows stand at an end of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    One,
    ZeroOrOne,
    ZeroOrMany,
}

/// A point on the side of a box, counted from its top.
#[derive(Debug, Clone, Copy)]
pub struct Port {
    pub node: usize,
    pub y: i32,
    pub mark: Mark,
}

/// Lines from the right side of one box to the left sides of others, further right.
#[derive(Debug, Clone)]
pub struct Net {
    pub source: Port,
    pub sinks: Vec<Port>,
    pub links: Vec<usize>,
}

/// A line from a box to itself.
#[derive(Debug, Clone, Copy)]
pub struct Loop {
    pub from: Port,
    pub to: Port,
    pub link: usize,
}

/// What stands in a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    Node(usize),
    /// A net on its way through the layer.
    Bend(usize),
}

/// A net's way through the channel on the right of a layer, to one item of the next.
#[derive(Debug, Clone, Copy)]
pub struct Hop {
    pub net: usize,
    pub left: usize,
    pub left_y: i32,
    pub right: usize,
    pub right_y: i32,
}

/// Layers of items, and the hops between each and the next.
pub struct Grid {
    pub nets: Vec<Net>,
    pub loops: Vec<Loop>,
    pub items: Vec<Item>,
    pub heights: Vec<i32>,
    /// Items from top to bottom.
    pub layers: Vec<Vec<usize>>,
    pub hops: Vec<Vec<Hop>>,
    /// The top of each item.
    pub tops: Vec<i32>,
}

pub fn grid(nodes: &[Node], links: &[Link], ranks: &Ranks) -> Grid {
    let (mut nets, mut loops) = nets(links, &ranks.reversed);
    spread_ports(&mut nets, &mut loops);
    let mut grid = Grid {
        nets,
        loops,
        items: (0..nodes.len()).map(Item::Node).collect(),
        heights: nodes.iter().map(|node| node.height).collect(),
        layers: vec![Vec::new(); ranks.count],
        hops: vec![Vec::new(); ranks.count],
        tops: Vec::new(),
    };
    for node in 0..nodes.len() {
        grid.layers[ranks.layer[node]].push(node);
    }
    for net in 0..grid.nets.len() {
        run_through(&mut grid, net, ranks);
    }
    grid.tops = vec![0; grid.items.len()];
    grid
}

fn nets(links: &[Link], reversed: &[bool]) -> (Vec<Net>, Vec<Loop>) {
    let mut nets: Vec<Net> = Vec::new();
    let mut loops = Vec::new();
    let mut trunks: BTreeMap<(usize, i32, bool), usize> = BTreeMap::new();
    for (number, link) in links.iter().enumerate() {
        let one = if link.optional { Mark::ZeroOrOne } else { Mark::One };
        let many = if link.many { Mark::ZeroOrMany } else { Mark::ZeroOrOne };
        let parent = Port { node: link.parent, y: link.parent_y, mark: one };
        let child = Port { node: link.child, y: link.child_y, mark: many };
        if link.parent == link.child {
            loops.push(Loop { from: child, to: parent, link: number });
        } else if reversed[number] {
            nets.push(Net { source: child, sinks: vec![parent], links: vec![number] });
        } else {
            let at = *trunks.entry((link.parent, link.parent_y, link.optional)).or_insert(nets.len());
            if at == nets.len() {
                nets.push(Net { source: parent, sinks: Vec::new(), links: Vec::new() });
            }
            nets[at].sinks.push(child);
            nets[at].links.push(number);
        }
    }
    (nets, loops)
}

/// Lines that touch a box at the same point move apart a little.
fn spread_ports(nets: &mut [Net], loops: &mut [Loop]) {
    let mut users: BTreeMap<(usize, bool, i32), Vec<&mut Port>> = BTreeMap::new();
    for net in nets {
        let source = &mut net.source;
        users.entry((source.node, true, source.y)).or_default().push(source);
        for sink in &mut net.sinks {
            users.entry((sink.node, false, sink.y)).or_default().push(sink);
        }
    }
    for own in loops {
        for port in [&mut own.from, &mut own.to] {
            users.entry((port.node, true, port.y)).or_default().push(port);
        }
    }
    for ports in users.into_values().filter(|ports| ports.len() > 1) {
        let count = i32::try_from(ports.len()).unwrap_or(i32::MAX);
        let step = (14 / count).clamp(1, 7);
        for (at, port) in (0..).zip(ports) {
            port.y += (at * step - (count - 1) * step / 2).clamp(-8, 8);
        }
    }
}

/// Lets a net run to its farthest sink, with a bend in every layer between.
fn run_through(grid: &mut Grid, net: usize, ranks: &Ranks) {
    let Net { source, sinks, .. } = grid.nets[net].clone();
    let first = ranks.layer[source.node];
    let last = sinks.iter().map(|sink| ranks.layer[sink.node]).max().unwrap_or(first);
    let (mut left, mut left_y) = (source.node, source.y);
    for layer in first..last {
        for sink in sinks.iter().filter(|sink| ranks.layer[sink.node] == layer + 1) {
            grid.hops[layer].push(Hop { net, left, left_y, right: sink.node, right_y: sink.y });
        }
        if layer + 1 < last {
            let bend = grid.items.len();
            grid.items.push(Item::Bend(net));
            grid.heights.push(0);
            grid.layers[layer + 1].push(bend);
            grid.hops[layer].push(Hop { net, left, left_y, right: bend, right_y: 0 });
            (left, left_y) = (bend, 0);
        }
    }
}
