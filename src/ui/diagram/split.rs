//! Big schemas in parts that can be read.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::catalog::{Catalog, ObjectId};
use crate::model::links::Links;

/// Tables that are drawn together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub title: String,
    pub tables: Vec<ObjectId>,
}

/// Divides tables into parts of at most `limit`: everything in one if it fits; otherwise what hangs
/// together stays together as long as it fits, and what is bigger is grown from its hubs. Tables
/// that nothing is linked to come last.
pub fn parts(catalog: &Catalog, links: &Links, tables: &[ObjectId], limit: usize) -> Vec<Part> {
    let limit = limit.max(1);
    if tables.len() <= limit {
        return match tables.is_empty() {
            true => Vec::new(),
            false => vec![Part { title: "All tables".into(), tables: tables.to_vec() }],
        };
    }
    let neighbours = neighbours(links, tables);
    let (mut parts, mut lonely) = (Vec::new(), Vec::new());
    for group in groups(tables, &neighbours) {
        match group.len() {
            1 => lonely.extend(group),
            _ => divide(catalog, &group, &neighbours, limit, &mut parts),
        }
    }
    join_small(&mut parts, limit);
    lonely.sort_unstable();
    let pages = lonely.chunks(limit).len();
    for (page, tables) in (1..).zip(lonely.chunks(limit)) {
        let title = match pages {
            1 => "Tables without foreign keys".to_owned(),
            _ => format!("Tables without foreign keys ({page} of {pages})"),
        };
        parts.push(Part { title, tables: tables.to_vec() });
    }
    parts
}

const OTHERS: &str = " and others";

type Neighbours = HashMap<ObjectId, Vec<ObjectId>>;

fn neighbours(links: &Links, tables: &[ObjectId]) -> Neighbours {
    let drawn: HashSet<ObjectId> = tables.iter().copied().collect();
    let mut neighbours: Neighbours = tables.iter().map(|&id| (id, Vec::new())).collect();
    for key in &links.foreign_keys {
        if key.child != key.parent && drawn.contains(&key.child) && drawn.contains(&key.parent) {
            for (from, to) in [(key.child, key.parent), (key.parent, key.child)] {
                neighbours.entry(from).or_default().push(to);
            }
        }
    }
    for list in neighbours.values_mut() {
        list.sort_unstable();
        list.dedup();
    }
    neighbours
}

/// Tables that hang together, biggest group first.
fn groups(tables: &[ObjectId], neighbours: &Neighbours) -> Vec<Vec<ObjectId>> {
    let mut seen = HashSet::new();
    let mut groups = Vec::new();
    for &start in tables {
        if !seen.insert(start) {
            continue;
        }
        let mut group = vec![start];
        let mut at = 0;
        while let Some(id) = group.get(at).copied() {
            group.extend(neighbours[&id].iter().filter(|&&near| seen.insert(near)));
            at += 1;
        }
        groups.push(group);
    }
    groups.sort_by_key(|group| (std::cmp::Reverse(group.len()), group[0]));
    groups
}

/// Cuts a group into parts: the table with the most free neighbours, then always the table with the
/// most links into the part.
fn divide(
    catalog: &Catalog,
    group: &[ObjectId],
    neighbours: &Neighbours,
    limit: usize,
    parts: &mut Vec<Part>,
) {
    let mut free: HashSet<ObjectId> = group.iter().copied().collect();
    while !free.is_empty() {
        let free_links = |id: ObjectId| neighbours[&id].iter().filter(|near| free.contains(near)).count();
        let Some(hub) = free.iter().copied().max_by_key(|&id| (free_links(id), std::cmp::Reverse(id))) else {
            return;
        };
        let mut part = Vec::new();
        // How many links lead from the part to each free table; ordered, so that ties are the same
        // every time.
        let mut pull: BTreeMap<ObjectId, usize> = BTreeMap::from([(hub, 0)]);
        while part.len() < limit
            && let Some((&next, _)) = pull.iter().max_by_key(|&(&id, &count)| (count, std::cmp::Reverse(id)))
        {
            pull.remove(&next);
            free.remove(&next);
            part.push(next);
            for &near in neighbours[&next].iter().filter(|near| free.contains(near)) {
                *pull.entry(near).or_default() += 1;
            }
        }
        part.sort_unstable();
        let title = format!("Around {}", catalog.short(&catalog.get(hub).name));
        parts.push(Part { title, tables: part });
    }
}

/// Small parts are no picture: they join others that are small.
fn join_small(parts: &mut Vec<Part>, limit: usize) {
    let (small, mut kept): (Vec<Part>, Vec<Part>) =
        std::mem::take(parts).into_iter().partition(|part| part.tables.len() <= limit / 4);
    let mut rest: Vec<Part> = Vec::new();
    for part in small {
        match rest.last_mut() {
            Some(last) if last.tables.len() + part.tables.len() <= limit => {
                last.tables.extend(part.tables);
                if !last.title.ends_with(OTHERS) {
                    last.title.push_str(OTHERS);
                }
            }
            _ => rest.push(part),
        }
    }
    kept.extend(rest);
    *parts = kept;
}
