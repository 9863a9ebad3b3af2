//! The order of items within their layers: by barycentres, to and fro, as long as lines cross less.

use super::nets::{Grid, Hop};

const SWEEPS: usize = 14;

pub fn order(grid: &mut Grid) {
    let mut places = vec![0; grid.items.len()];
    number(&grid.layers, &mut places);
    let mut best = (crossings(grid, &places), grid.layers.clone());
    for sweep in 0..SWEEPS {
        if best.0 == 0 {
            break;
        }
        let count = grid.layers.len();
        let to_right = sweep % 2 == 0;
        let layers: Vec<usize> = match to_right {
            true => (1..count).collect(),
            false => (0..count.saturating_sub(1)).rev().collect(),
        };
        for layer in layers {
            sort_layer(grid, layer, to_right, &mut places);
        }
        let now = crossings(grid, &places);
        if now < best.0 {
            best = (now, grid.layers.clone());
        }
    }
    grid.layers = best.1;
}

fn number(layers: &[Vec<usize>], places: &mut [usize]) {
    for layer in layers {
        for (place, &item) in layer.iter().enumerate() {
            places[item] = place;
        }
    }
}

/// Sorts a layer by where its neighbours of one side are.
fn sort_layer(grid: &mut Grid, layer: usize, by_left: bool, places: &mut [usize]) {
    let hops = if by_left { &grid.hops[layer - 1] } else { &grid.hops[layer] };
    let mut sums = std::collections::HashMap::new();
    for hop in hops {
        let (own, other, other_y) = match by_left {
            true => (hop.right, hop.left, hop.left_y),
            false => (hop.left, hop.right, hop.right_y),
        };
        let inside = f64::from(other_y) / f64::from(grid.heights[other].max(1) + 1);
        let (sum, count) = sums.entry(own).or_insert((0.0, 0.0));
        *sum += places[other] as f64 + inside;
        *count += 1.0;
    }
    // Items without a neighbour on this side stay where they are, in the scale of the others.
    let scale = grid.layers[if by_left { layer - 1 } else { layer + 1 }].len().max(1) as f64
        / grid.layers[layer].len().max(1) as f64;
    let mut keyed: Vec<(f64, usize)> = grid.layers[layer]
        .iter()
        .map(|&item| match sums.get(&item) {
            Some((sum, count)) => (sum / count, item),
            None => (places[item] as f64 * scale, item),
        })
        .collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (place, (_, item)) in keyed.iter().enumerate() {
        places[*item] = place;
        grid.layers[layer][place] = *item;
    }
}

fn crossings(grid: &Grid, places: &[usize]) -> u64 {
    grid.hops.iter().map(|hops| crossings_between(hops, places)).sum()
}

/// Pairs of hops that cross: inversions, counted with a tree of sums (Barth, Jünger and Mutzel).
fn crossings_between(hops: &[Hop], places: &[usize]) -> u64 {
    let left = |hop: &Hop| (places[hop.left], hop.left_y);
    let right = |hop: &Hop| (places[hop.right], hop.right_y);
    let mut sorted: Vec<&Hop> = hops.iter().collect();
    sorted.sort_by_key(|hop| (left(hop), right(hop)));
    let mut ends: Vec<(usize, i32)> = hops.iter().map(right).collect();
    ends.sort_unstable();
    ends.dedup();
    let mut tree = vec![0u64; ends.len() + 1];
    let (mut seen, mut crossed) = (0, 0);
    for hop in sorted {
        // Every end is in the list that was made of them.
        let rank = ends.partition_point(|end| *end <= right(hop));
        let mut at = rank;
        let mut before = 0;
        while at > 0 {
            before += tree[at];
            at &= at - 1;
        }
        crossed += seen - before;
        seen += 1;
        at = rank;
        while at < tree.len() {
            tree[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    crossed
}
