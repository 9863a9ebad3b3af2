//! Pieces side by side: on shelves, the tallest first.

use super::{Layout, Node, Piece};

/// Between pieces.
const SPACE: i32 = 48;
/// How much wider than tall the whole should be.
const RATIO: f64 = 1.6;

pub fn pack(nodes: &[Node], mut pieces: Vec<Piece>) -> Layout {
    // Boxes without lines go last; the sort is stable.
    pieces.sort_by_key(|piece| (piece.nodes.len() == 1, std::cmp::Reverse(piece.layout.height)));
    let area: f64 = pieces
        .iter()
        .map(|piece| f64::from(piece.layout.width + SPACE) * f64::from(piece.layout.height + SPACE))
        .sum();
    let widest = pieces.iter().map(|piece| piece.layout.width).max().unwrap_or(0);
    let limit = widest.max((area * RATIO).sqrt() as i32);
    let mut whole = Layout { places: vec![(0, 0); nodes.len()], ..Layout::default() };
    let (mut x, mut y, mut tall) = (0, 0, 0);
    let mut single = false;
    for piece in pieces {
        let starts_singles = piece.nodes.len() == 1 && !single;
        single = piece.nodes.len() == 1;
        if x > 0 && (x + piece.layout.width > limit || (starts_singles && piece.layout.wires.is_empty())) {
            (x, y) = (0, y + tall + SPACE);
            tall = 0;
        }
        tall = tall.max(piece.layout.height);
        let right = x + piece.layout.width;
        add(&mut whole, piece, x, y);
        whole.width = whole.width.max(right);
        whole.height = whole.height.max(y + tall);
        x = right + SPACE;
    }
    whole
}

fn add(whole: &mut Layout, piece: Piece, x: i32, y: i32) {
    for (node, place) in piece.nodes.iter().zip(&piece.layout.places) {
        whole.places[*node] = (place.0 + x, place.1 + y);
    }
    for mut wire in piece.layout.wires {
        wire.lines.iter_mut().flatten().for_each(|point| *point = (point.0 + x, point.1 + y));
        wire.ends.iter_mut().for_each(|end| (end.x, end.y) = (end.x + x, end.y + y));
        whole.wires.push(wire);
    }
}
