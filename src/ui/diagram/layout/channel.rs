//! Routes: where each net turns in the channel between two layers, and the lines that come of it.

use super::nets::{Grid, Hop, Item, Loop, Port};
use super::{End, Layout, Node, Wire};

/// Beside the boxes, free of turns: room for marks and for lines from a box to itself.
const MARGIN: i32 = 30;
/// Between the tracks of a channel.
const TRACK: i32 = 8;
/// The corner of a branch, which the last of the trunk is drawn with.
const CORNER: i32 = 6;

/// A net's part in a channel.
struct Run {
    net: usize,
    left: usize,
    left_y: i32,
    /// Items of the next layer and the heights there.
    right: Vec<(usize, i32)>,
    top: i32,
    bottom: i32,
    track: i32,
}

pub fn route(nodes: &[Node], grid: &Grid) -> Layout {
    let mut layout = Layout {
        places: vec![(0, 0); nodes.len()],
        wires: grid.nets.iter().map(|net| Wire { links: net.links.clone(), ..Wire::default() }).collect(),
        ..Layout::default()
    };
    let mut x = 0;
    for (layer, items) in grid.layers.iter().enumerate() {
        let own: Vec<usize> =
            items.iter().copied().filter(|&item| matches!(grid.items[item], Item::Node(_))).collect();
        let wide = own.iter().map(|&node| nodes[node].width).max().unwrap_or(0);
        for node in own {
            layout.places[node] = (x, grid.tops[node]);
        }
        let (runs, tracks) = runs(grid, &grid.hops[layer]);
        let begin = x + wide;
        let width = match runs.is_empty() {
            true => MARGIN,
            false => 2 * MARGIN + (tracks - 1).max(0) * TRACK,
        };
        let next_wide = grid.layers.get(layer + 1).map_or(0, |items| widest(nodes, grid, items));
        for run in &runs {
            let start = match grid.items[run.left] {
                Item::Node(node) => x + nodes[node].width,
                Item::Bend(_) => begin,
            };
            let lines = lines(run, grid, start, begin + MARGIN + run.track * TRACK, begin + width, next_wide);
            layout.wires[run.net].lines.extend(lines);
        }
        layout.width = layout.width.max(begin);
        x = begin + width;
    }
    finish(nodes, grid, &mut layout);
    layout
}

fn widest(nodes: &[Node], grid: &Grid, items: &[usize]) -> i32 {
    let width = |&item: &usize| match grid.items[item] {
        Item::Node(node) => nodes[node].width,
        Item::Bend(_) => 0,
    };
    items.iter().map(width).max().unwrap_or(0)
}

/// The marks, the lines from boxes to themselves, and the size of the whole.
fn finish(nodes: &[Node], grid: &Grid, layout: &mut Layout) {
    let end = |port: &Port, right: bool| {
        let (x, y) = layout.places[port.node];
        let width = if right { nodes[port.node].width } else { 0 };
        End { x: x + width, y: y + port.y, right, mark: port.mark }
    };
    let mut ends: Vec<Vec<End>> = Vec::new();
    for net in &grid.nets {
        let mut own = vec![end(&net.source, true)];
        own.extend(net.sinks.iter().map(|sink| end(sink, false)));
        ends.push(own);
    }
    let loops: Vec<Wire> = grid.loops.iter().map(|each| own_line(each, &end)).collect();
    for (wire, ends) in layout.wires.iter_mut().zip(ends) {
        wire.ends = ends;
    }
    for wire in &loops {
        let right = wire.lines.iter().flatten().map(|point| point.0).max().unwrap_or(0);
        layout.width = layout.width.max(right);
    }
    layout.wires.extend(loops);
    let bottoms = layout.places.iter().zip(nodes).map(|(place, node)| place.1 + node.height);
    let lows = layout.wires.iter().flat_map(|wire| wire.lines.iter().flatten()).map(|point| point.1);
    layout.height = bottoms.chain(lows).max().unwrap_or(0);
}

fn own_line(each: &Loop, end: &impl Fn(&Port, bool) -> End) -> Wire {
    let (from, to) = (end(&each.from, true), end(&each.to, true));
    let turn = from.x + MARGIN - 4;
    Wire {
        links: vec![each.link],
        lines: vec![vec![(from.x, from.y), (turn, from.y), (turn, to.y), (to.x, to.y)]],
        ends: vec![from, to],
    }
}

/// The runs of a channel, each on its track, and the number of tracks.
fn runs(grid: &Grid, hops: &[Hop]) -> (Vec<Run>, i32) {
    let mut runs: Vec<Run> = Vec::new();
    // The hops of a net follow each other.
    for hop in hops {
        let (left_y, right_y) = (grid.tops[hop.left] + hop.left_y, grid.tops[hop.right] + hop.right_y);
        match runs.last_mut() {
            Some(run) if run.net == hop.net => {
                run.right.push((hop.right, right_y));
                run.top = run.top.min(right_y);
                run.bottom = run.bottom.max(right_y);
            }
            _ => runs.push(Run {
                net: hop.net,
                left: hop.left,
                left_y,
                right: vec![(hop.right, right_y)],
                top: left_y.min(right_y),
                bottom: left_y.max(right_y),
                track: 0,
            }),
        }
    }
    runs.sort_by_key(|run| (run.left_y, run.net));
    exchange(&mut runs);
    let tracks = assign(&mut runs);
    (runs, tracks)
}

/// Neighbours change places as long as that saves crossings.
fn exchange(runs: &mut [Run]) {
    for _ in 0..runs.len().min(60) {
        let mut changed = false;
        for at in 1..runs.len() {
            if price(&runs[at], &runs[at - 1]) < price(&runs[at - 1], &runs[at]) {
                runs.swap(at - 1, at);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
}

/// What it costs that `first` turns on the left of `second`: crossings, and lines upon lines.
fn price(first: &Run, second: &Run) -> u32 {
    let within = |y: i32, run: &Run| run.top < run.bottom && (run.top..=run.bottom).contains(&y);
    let mut price = u32::from(within(second.left_y, first));
    for &(_, y) in &first.right {
        price += u32::from(within(y, second));
        price += match (y - second.left_y).abs() {
            0 => 100,
            1..=3 => 20,
            _ => 0,
        };
    }
    price
}

/// Each run on the first track on the right of all it must pass.
fn assign(runs: &mut [Run]) -> i32 {
    let mut count = 0;
    for at in 0..runs.len() {
        let (before, rest) = runs.split_at_mut(at);
        let Some(run) = rest.first_mut() else { continue };
        if run.top == run.bottom {
            continue;
        }
        let meets = |other: &&Run| {
            other.top < other.bottom && other.top <= run.bottom + 4 && run.top <= other.bottom + 4
        };
        run.track = before.iter().filter(meets).map(|other| other.track + 1).max().unwrap_or(0);
        count = count.max(run.track + 1);
    }
    count
}

/// The lines of a run: whole ones to the uppermost and the lowest, branches to those between.
fn lines(run: &Run, grid: &Grid, start: i32, turn: i32, end: i32, next_wide: i32) -> Vec<Vec<(i32, i32)>> {
    let above = run.right.iter().map(|right| right.1).min().unwrap_or(run.left_y);
    let below = run.right.iter().map(|right| right.1).max().unwrap_or(run.left_y);
    let mut lines = Vec::with_capacity(run.right.len());
    for &(item, y) in &run.right {
        // A bend lets the line through to the next channel.
        let stop = match grid.items[item] {
            Item::Node(_) => end,
            Item::Bend(_) => end + next_wide,
        };
        let whole = (y == above && y <= run.left_y) || (y == below && y >= run.left_y);
        lines.push(if y == run.left_y {
            vec![(start, y), (stop, y)]
        } else if whole || (y - run.left_y).abs() <= CORNER {
            vec![(start, run.left_y), (turn, run.left_y), (turn, y), (stop, y)]
        } else {
            let from = if y < run.left_y { y + CORNER } else { y - CORNER };
            vec![(turn, from), (turn, y), (stop, y)]
        });
    }
    lines
}
