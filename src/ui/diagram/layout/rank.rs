//! Layers: parents to the left of their children, no layer much taller than the picture should be.

use super::{GAP, Link, Node};

/// The layer of each box, and the links that lead against the order.
pub struct Ranks {
    pub layer: Vec<usize>,
    pub count: usize,
    pub reversed: Vec<bool>,
}

/// How much wider than tall a picture should be.
const RATIO: f64 = 1.5;
/// A picture of this height is never too tall.
const LOW: i32 = 420;
/// What lines take between layers, about.
const CHANNEL: i32 = 90;

pub fn rank(nodes: &[Node], links: &[Link]) -> Ranks {
    let mut before: Vec<Vec<(usize, usize)>> = vec![Vec::new(); nodes.len()];
    for (number, link) in links.iter().enumerate() {
        if link.parent != link.child {
            before[link.parent].push((link.child, number));
        }
    }
    let reversed = back_links(nodes.len(), links, &before);
    let (mut left, mut right) = (vec![Vec::new(); nodes.len()], vec![Vec::new(); nodes.len()]);
    for (link, &reversed) in links.iter().zip(&reversed) {
        let (from, to) = match reversed {
            true => (link.child, link.parent),
            false => (link.parent, link.child),
        };
        if from != to {
            right[from].push(to);
            left[to].push(from);
        }
    }
    let sequence = sequence(&left, &right);
    let wanted = wanted(&sequence, &left, &right);
    let (layer, count) = fill(nodes, &sequence, &left, &wanted);
    Ranks { layer, count, reversed }
}

/// The links that close a cycle, seen from the boxes with the fewest parents.
fn back_links(count: usize, links: &[Link], children: &[Vec<(usize, usize)>]) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        New,
        Open,
        Done,
    }
    let mut parents = vec![0; count];
    for link in links.iter().filter(|link| link.parent != link.child) {
        parents[link.child] += 1;
    }
    let mut starts: Vec<usize> = (0..count).collect();
    starts.sort_by_key(|&node| (parents[node], std::cmp::Reverse(children[node].len()), node));
    let mut reversed = vec![false; links.len()];
    let mut state = vec![State::New; count];
    for start in starts {
        if state[start] != State::New {
            continue;
        }
        state[start] = State::Open;
        let mut path = vec![(start, 0)];
        while let Some((node, next)) = path.last_mut() {
            match children[*node].get(*next) {
                Some(&(child, link)) => {
                    *next += 1;
                    match state[child] {
                        State::Open => reversed[link] = true,
                        State::Done => {}
                        State::New => {
                            state[child] = State::Open;
                            path.push((child, 0));
                        }
                    }
                }
                None => {
                    state[*node] = State::Done;
                    path.pop();
                }
            }
        }
    }
    reversed
}

/// Every box after all on its left.
fn sequence(left: &[Vec<usize>], right: &[Vec<usize>]) -> Vec<usize> {
    let mut waiting: Vec<usize> = left.iter().map(Vec::len).collect();
    let mut sequence: Vec<usize> = (0..left.len()).filter(|&node| waiting[node] == 0).collect();
    let mut at = 0;
    while let Some(&node) = sequence.get(at) {
        for &next in &right[node] {
            waiting[next] -= 1;
            if waiting[next] == 0 {
                sequence.push(next);
            }
        }
        at += 1;
    }
    sequence
}

/// The layer each box would have with all the room of the world: as far left as its parents let
/// it; one without parents as far right as its children let it.
fn wanted(sequence: &[usize], left: &[Vec<usize>], right: &[Vec<usize>]) -> Vec<usize> {
    let mut layer = vec![0usize; left.len()];
    for &node in sequence {
        layer[node] = left[node].iter().map(|&near| layer[near] + 1).max().unwrap_or(0);
    }
    for &node in sequence {
        if left[node].is_empty() {
            let nearest: Option<usize> = right[node].iter().map(|&near| layer[near]).min();
            layer[node] = nearest.map_or(0, |nearest| nearest.saturating_sub(1));
        }
    }
    layer
}

/// Layers of bounded height: what has no room goes further right, its children with it.
fn fill(nodes: &[Node], sequence: &[usize], left: &[Vec<usize>], wanted: &[usize]) -> (Vec<usize>, usize) {
    let area: f64 =
        nodes.iter().map(|node| f64::from(node.width + CHANNEL) * f64::from(node.height + GAP)).sum();
    let tallest = nodes.iter().map(|node| node.height + GAP).max().unwrap_or(0);
    let most = tallest.max((area / RATIO).sqrt() as i32).max(LOW);
    let mut order = sequence.to_vec();
    order.sort_by_key(|&node| wanted[node]);
    let mut layer = vec![0; nodes.len()];
    let mut heights: Vec<i32> = Vec::new();
    for node in order {
        let from = left[node].iter().map(|&near| layer[near] + 1).max().unwrap_or(0).max(wanted[node]);
        let tall = nodes[node].height + GAP;
        let mut at = from;
        while heights.get(at).is_some_and(|&height| height > 0 && height + tall > most) {
            at += 1;
        }
        if heights.len() <= at {
            heights.resize(at + 1, 0);
        }
        heights[at] += tall;
        layer[node] = at;
    }
    close_up(&mut layer, &heights)
}

/// Without the layers that stayed empty.
fn close_up(layer: &mut [usize], heights: &[i32]) -> (Vec<usize>, usize) {
    let mut number = Vec::with_capacity(heights.len());
    let mut next = 0;
    for &height in heights {
        number.push(next);
        next += usize::from(height > 0);
    }
    (layer.iter().map(|&at| number[at]).collect(), next)
}
