//! The heights of items: each as near to its neighbours as the order and the gaps allow.

use super::GAP;
use super::nets::{Grid, Item};

const ROUNDS: usize = 5;

/// Whose neighbours draw an item.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
    Both,
}

pub fn place(grid: &mut Grid) {
    let gaps: Vec<Vec<i32>> = grid.layers.iter().map(|layer| steps(grid, layer)).collect();
    for (layer, steps) in grid.layers.iter().zip(&gaps) {
        for (&item, &step) in layer.iter().zip(steps) {
            grid.tops[item] = step;
        }
    }
    let count = grid.layers.len();
    for _ in 0..ROUNDS {
        (1..count).for_each(|layer| settle(grid, layer, &gaps[layer], Side::Left));
        (0..count).rev().for_each(|layer| settle(grid, layer, &gaps[layer], Side::Right));
    }
    for _ in 0..2 {
        (0..count).for_each(|layer| settle(grid, layer, &gaps[layer], Side::Both));
        (0..count).rev().for_each(|layer| settle(grid, layer, &gaps[layer], Side::Both));
    }
    (1..count).for_each(|layer| straighten(grid, layer, &gaps[layer]));
    let top = grid.tops.iter().copied().min().unwrap_or(0);
    grid.tops.iter_mut().for_each(|each| *each -= top);
}

/// The least height of each item of a layer, if the first is at 0.
fn steps(grid: &Grid, layer: &[usize]) -> Vec<i32> {
    let is_bend = |item: usize| matches!(grid.items[item], Item::Bend(_));
    let mut steps = Vec::with_capacity(layer.len());
    let mut at = 0;
    for (place, &item) in layer.iter().enumerate() {
        if let Some(&above) = place.checked_sub(1).and_then(|above| layer.get(above)) {
            at += grid.heights[above];
            at += match (is_bend(above), is_bend(item)) {
                (true, true) => 10,
                (false, false) => GAP,
                _ => 14,
            };
        }
        steps.push(at);
    }
    steps
}

/// Moves the items of a layer to where they want to be: the least sum of squared distances under
/// the gaps, which is an isotonic regression (pool adjacent violators).
fn settle(grid: &mut Grid, layer: usize, steps: &[i32], side: Side) {
    let wishes = wishes(grid, layer, side);
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for (&(wish, weight), &step) in wishes.iter().zip(steps) {
        let mut pool = ((wish - f64::from(step)) * weight, weight, 1);
        while let Some(last) = pools.last()
            && last.0 / last.1 > pool.0 / pool.1
        {
            pool = (pool.0 + last.0, pool.1 + last.1, pool.2 + last.2);
            pools.pop();
        }
        pools.push(pool);
    }
    let mut place = 0;
    for (sum, weight, count) in pools {
        let shift = (sum / weight).round() as i32;
        for _ in 0..count {
            grid.tops[grid.layers[layer][place]] = shift + steps[place];
            place += 1;
        }
    }
}

/// Lines that would leave their height by little and for nothing stay on it, if their neighbours
/// leave half a gap.
fn straighten(grid: &mut Grid, layer: usize, steps: &[i32]) {
    let from: std::collections::HashMap<usize, i32> =
        grid.hops[layer - 1].iter().map(|hop| (hop.right, grid.tops[hop.left] + hop.left_y)).collect();
    let items = grid.layers[layer].clone();
    for (place, &item) in items.iter().enumerate() {
        let Some(&wish) = from.get(&item).filter(|_| matches!(grid.items[item], Item::Bend(_))) else {
            continue;
        };
        let room = |above: usize, below: usize| {
            (steps[below] - steps[above] - grid.heights[items[above]]) / 2 + grid.heights[items[above]]
        };
        let free_above =
            place.checked_sub(1).is_none_or(|above| wish >= grid.tops[items[above]] + room(above, place));
        let free_below =
            items.get(place + 1).is_none_or(|&below| wish + room(place, place + 1) <= grid.tops[below]);
        if (wish - grid.tops[item]).abs() <= 9 && free_above && free_below {
            grid.tops[item] = wish;
        }
    }
}

/// Where each item of a layer wants to be, and how much.
fn wishes(grid: &Grid, layer: usize, side: Side) -> Vec<(f64, f64)> {
    let mut sums: std::collections::HashMap<usize, (f64, f64)> = std::collections::HashMap::new();
    let is_bend = |item: usize| matches!(grid.items[item], Item::Bend(_));
    let mut add = |own: usize, own_y: i32, other: usize, other_y: i32| {
        let weight = if is_bend(own) && is_bend(other) { 4.0 } else { 1.0 };
        let entry = sums.entry(own).or_insert((0.0, 0.0));
        entry.0 += f64::from(grid.tops[other] + other_y - own_y) * weight;
        entry.1 += weight;
    };
    if side != Side::Right && layer > 0 {
        for hop in &grid.hops[layer - 1] {
            add(hop.right, hop.right_y, hop.left, hop.left_y);
        }
    }
    if side != Side::Left {
        for hop in &grid.hops[layer] {
            add(hop.left, hop.left_y, hop.right, hop.right_y);
        }
    }
    let wish = |&item: &usize| match sums.get(&item) {
        Some((sum, weight)) => (sum / weight, *weight),
        None => (f64::from(grid.tops[item]), 0.05),
    };
    grid.layers[layer].iter().map(wish).collect()
}
