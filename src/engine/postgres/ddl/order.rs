//! The order in which objects are made: by kind, and each after what it depends on.
//!
//! Where objects depend on each other in a circle, one of them is made in two steps: a view first
//! as a view of the same columns without content, a base type as a shell, a table without its
//! defaults and checks, a domain without its checks.

use std::collections::HashSet;

use crate::model::catalog::{Catalog, Detail, Kind, Object, ObjectId, Type, attribute};

/// How much of an object is made at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    Whole,
    /// What others need to refer to it.
    Early,
    /// The rest, after [`Part::Early`].
    Rest,
}

#[derive(Debug, Default)]
pub struct Order {
    pub before: Vec<(ObjectId, Part)>,
    /// Views that can be made only when there are keys: a GROUP BY on a primary key needs it.
    pub after_keys: Vec<(ObjectId, Part)>,
}

pub fn order(catalog: &Catalog) -> Order {
    let mut graph = Graph::of(catalog);
    let order = loop {
        match graph.walk() {
            Ok(order) => break order,
            Err(circle) => graph.open(&circle),
        }
    };
    let (after_keys, before) = order
        .into_iter()
        .partition(|(id, part)| *part != Part::Early && graph.waits_for_keys.contains(&id.0));
    Order { before, after_keys }
}

/// Kinds that are made last, when everything else is there.
pub fn comes_last(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::EventTrigger
            | Kind::Statistics
            | Kind::Publication
            | Kind::Subscription
            | Kind::DefaultPrivileges
    )
}

/// All objects by their kinds, as a script is best read.
pub fn by_rank(catalog: &Catalog) -> Vec<ObjectId> {
    let mut ids: Vec<ObjectId> = catalog.iter().map(|(id, _)| id).collect();
    ids.sort_by_key(|id| rank(catalog.get(*id).kind()));
    ids
}

/// Kinds as a script is best read; dependencies go first.
fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Schema => 0,
        Kind::Extension => 1,
        Kind::Language | Kind::AccessMethod | Kind::Collation | Kind::Conversion => 2,
        Kind::ForeignDataWrapper | Kind::ForeignServer | Kind::UserMapping => 3,
        Kind::Type => 4,
        Kind::Routine => 5,
        Kind::Operator => 6,
        Kind::OperatorFamily | Kind::OperatorClass => 7,
        Kind::Cast | Kind::Transform => 8,
        Kind::Sequence => 10,
        Kind::Table => 11,
        Kind::View => 12,
        _ => 9,
    }
}

struct Graph<'a> {
    catalog: &'a Catalog,
    /// Objects made in two steps.
    split: HashSet<u32>,
    /// Who makes do with the early part of what: user and used.
    early: HashSet<(u32, u32)>,
    /// Edges of circles that nothing can open.
    dropped: HashSet<(u32, u32)>,
    waits_for_keys: HashSet<u32>,
}

type Node = (u32, Part);

impl<'a> Graph<'a> {
    fn of(catalog: &'a Catalog) -> Self {
        let mut graph = Graph {
            catalog,
            split: HashSet::new(),
            early: HashSet::new(),
            dropped: HashSet::new(),
            waits_for_keys: HashSet::new(),
        };
        graph.find_waiting();
        graph
    }

    /// Views that wait for keys, and the views on them; what else needs such a view gets its
    /// columns early.
    fn find_waiting(&mut self) {
        let waits = |object: &Object| attribute(&object.attributes, AFTER_KEYS).is_some();
        self.waits_for_keys =
            self.catalog.iter().filter(|(_, object)| waits(object)).map(|(id, _)| id.0).collect();
        if self.waits_for_keys.is_empty() {
            return;
        }
        loop {
            let more: Vec<u32> = self
                .catalog
                .iter()
                .filter(|(id, object)| object.kind() == Kind::View && !self.waits_for_keys.contains(&id.0))
                .filter(|(_, object)| object.depends_on.iter().any(|on| self.waits_for_keys.contains(&on.0)))
                .map(|(id, _)| id.0)
                .collect();
            if more.is_empty() {
                break;
            }
            self.waits_for_keys.extend(more);
        }
        for (id, object) in self.catalog.iter().filter(|(_, object)| object.kind() != Kind::View) {
            for on in object.depends_on.iter().filter(|on| self.waits_for_keys.contains(&on.0)) {
                self.split.insert(on.0);
                self.early.insert((id.0, on.0));
            }
        }
    }

    /// Every object once, after what it needs; or the circle that keeps it from ending.
    fn walk(&self) -> Result<Vec<(ObjectId, Part)>, Vec<Node>> {
        let mut roots: Vec<u32> =
            self.catalog.iter().filter(|(_, object)| is_made(object)).map(|(id, _)| id.0).collect();
        roots.sort_by_key(|&id| rank(self.catalog.get(ObjectId(id)).kind()));
        let mut done: HashSet<Node> = HashSet::new();
        let mut order = Vec::new();
        for root in roots {
            self.visit(self.whole(root), &mut done, &mut order)?;
        }
        Ok(order)
    }

    /// Depth first, with a stack of its own: chains of views can be longer than ours.
    fn visit(
        &self,
        root: Node,
        done: &mut HashSet<Node>,
        order: &mut Vec<(ObjectId, Part)>,
    ) -> Result<(), Vec<Node>> {
        if done.contains(&root) {
            return Ok(());
        }
        let mut open: HashSet<Node> = HashSet::from([root]);
        let mut path: Vec<(Node, std::vec::IntoIter<Node>)> = vec![(root, self.needs(root).into_iter())];
        while let Some((node, needs)) = path.last_mut() {
            match needs.next() {
                Some(next) if done.contains(&next) => {}
                Some(next) if open.contains(&next) => {
                    let start = path.iter().position(|(each, _)| *each == next).unwrap_or_default();
                    return Err(path[start..].iter().map(|(each, _)| *each).collect());
                }
                Some(next) => {
                    open.insert(next);
                    path.push((next, self.needs(next).into_iter()));
                }
                None => {
                    order.push((ObjectId(node.0), node.1));
                    open.remove(node);
                    done.insert(*node);
                    path.pop();
                }
            }
        }
        Ok(())
    }

    /// Splits a member of the circle, each of which needs the next, and the last the first.
    fn open(&mut self, circle: &[Node]) {
        let candidates = circle.iter().enumerate().filter(|(_, (_, part))| *part != Part::Early);
        let best = candidates
            .filter_map(|(at, (id, _))| Some((ease(self.catalog.get(ObjectId(*id)))?, at)))
            .filter(|(_, at)| !self.early.contains(&edge_into(circle, *at)))
            .min();
        match best {
            Some((_, at)) => {
                self.split.insert(circle[at].0);
                self.early.insert(edge_into(circle, at));
            }
            None => {
                self.dropped.insert(edge_into(circle, 0));
            }
        }
    }

    fn whole(&self, id: u32) -> Node {
        (id, if self.split.contains(&id) { Part::Rest } else { Part::Whole })
    }

    fn needs(&self, (id, part): Node) -> Vec<Node> {
        let object = self.catalog.get(ObjectId(id));
        let mut needs = Vec::new();
        if part == Part::Rest {
            needs.push((id, Part::Early));
        }
        for on in &object.depends_on {
            let other = self.catalog.get(*on);
            let is_needed = part != Part::Early || needs_early(object, other.kind());
            if is_needed && is_made(other) && on.0 != id && !self.dropped.contains(&(id, on.0)) {
                let early = self.early.contains(&(id, on.0));
                needs.push(if early { (on.0, Part::Early) } else { self.whole(on.0) });
            }
        }
        needs
    }
}

/// The attribute of a view that needs a key of a table.
pub const AFTER_KEYS: &str = "after keys";

fn is_made(object: &Object) -> bool {
    object.extension.is_none() && !comes_last(object.kind())
}

/// The user and the used of the step that leads to a member of a circle.
fn edge_into(circle: &[Node], at: usize) -> (u32, u32) {
    let before = circle[(at + circle.len() - 1) % circle.len()];
    (before.0, circle[at].0)
}

/// How gladly an object is made in two steps: the lowest first; None where it cannot be.
fn ease(object: &Object) -> Option<u8> {
    match &object.detail {
        Detail::Type(Type::Other) => Some(0),
        Detail::View(view) if !view.materialized => Some(1),
        Detail::Table(_) => Some(2),
        Detail::Type(Type::Domain(_)) => Some(3),
        _ => None,
    }
}

/// Whether the early part of an object needs others of a kind already.
fn needs_early(object: &Object, kind: Kind) -> bool {
    match &object.detail {
        Detail::View(_) => kind == Kind::Type,
        Detail::Type(Type::Other) => false,
        _ => !matches!(kind, Kind::Routine | Kind::Operator | Kind::Cast | Kind::View),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::{Name, Routine, Table, View};
    use crate::model::target::EngineKind;

    fn object(name: &str, detail: Detail, depends_on: &[u32]) -> Object {
        let depends_on = depends_on.iter().map(|&id| ObjectId(id)).collect();
        Object { depends_on, ..Object::new(Name::new("s", name), detail) }
    }

    fn catalog(objects: Vec<Object>) -> Catalog {
        Catalog { objects, ..Catalog::empty(EngineKind::Postgres) }
    }

    fn places(order: &[(ObjectId, Part)]) -> Vec<(u32, Part)> {
        order.iter().map(|(id, part)| (id.0, *part)).collect()
    }

    #[test]
    fn what_is_needed_comes_first() {
        let view = || Detail::View(View::default());
        let catalog = catalog(vec![
            object("a", view(), &[1]),
            object("b", view(), &[2]),
            object("t", Detail::Table(Table::default()), &[]),
        ]);
        let order = order(&catalog);
        assert_eq!(places(&order.before), [(2, Part::Whole), (1, Part::Whole), (0, Part::Whole)]);
    }

    #[test]
    fn circles_are_opened_at_the_view() {
        let catalog = catalog(vec![
            object("v", Detail::View(View::default()), &[1]),
            object("f", Detail::Routine(Routine::default()), &[0]),
        ]);
        let order = order(&catalog);
        assert_eq!(places(&order.before), [(0, Part::Early), (1, Part::Whole), (0, Part::Rest)]);
    }

    #[test]
    fn a_circle_that_nothing_opens_ends_too() {
        let routine = || Detail::Routine(Routine::default());
        let catalog = catalog(vec![object("f", routine(), &[1]), object("g", routine(), &[0])]);
        assert_eq!(order(&catalog).before.len(), 2);
    }
}
