//! What an ALTER TABLE costs: which algorithm the server takes, whom it stops, and whether every
//! row is written anew.
//!
//! "Online DDL Operations" in MySQL's manual and "InnoDB Online DDL Overview" in MariaDB's, checked
//! against the servers; a statement of several changes takes the weakest way of them all.

use super::Flavour;
use crate::model::catalog::{Object, Table, attribute};

/// How much of a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// Metadata alone.
    Nothing,
    /// What changes beside the rows: an index.
    InPlace,
    /// Every row, by the storage engine, while others go on.
    Rebuild,
    /// Every row, by the server.
    Copy,
}

/// Whether a change can be part of a statement that is done at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alone {
    Instant,
    /// Not called instant, but no hindrance for what is (MariaDB's NOCOPY).
    Nearly,
    No,
}

/// What is changed, as far as it matters to the others of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Other,
    ColumnAdded,
    ColumnDropped,
    IndexAdded,
    IndexDropped,
    /// Columns that are computed when they are read.
    VirtualAdded,
    VirtualDropped,
    VirtualChanged,
    /// Indexes of expressions, which have a hidden column of that sort.
    ExpressionAdded,
    ExpressionDropped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    pub alone: Alone,
    /// What is written where the statement as a whole is not instant.
    pub work: Work,
    /// Writes wait.
    pub shared: bool,
    pub part: Part,
}

pub const INSTANT: Cost = cost(Alone::Instant, Work::Nothing, false);
/// Metadata, but no instant change.
pub const METADATA: Cost = cost(Alone::No, Work::Nothing, false);
pub const REBUILD: Cost = cost(Alone::No, Work::Rebuild, false);
pub const COPY: Cost = cost(Alone::No, Work::Copy, true);
/// In place, but writes wait.
pub const SHARED_REBUILD: Cost = cost(Alone::No, Work::Rebuild, true);
/// Instant by itself, a rebuild in other company.
pub const LAYOUT: Cost = cost(Alone::Instant, Work::Rebuild, false);

const fn cost(alone: Alone, work: Work, shared: bool) -> Cost {
    Cost { alone, work, shared, part: Part::Other }
}

impl Cost {
    pub const fn index(shared: bool) -> Cost {
        cost(Alone::No, Work::InPlace, shared).of(Part::IndexAdded)
    }

    pub const fn of(self, part: Part) -> Cost {
        Cost { part, ..self }
    }

    /// Metadata that only MariaDB changes instantly.
    pub fn metadata(flavour: Flavour) -> Cost {
        if flavour == Flavour::Mariadb { INSTANT } else { METADATA }
    }

    pub fn dropped_index(flavour: Flavour) -> Cost {
        match flavour {
            Flavour::Mariadb => Cost { alone: Alone::Nearly, ..METADATA },
            Flavour::Mysql => METADATA,
        }
        .of(Part::IndexDropped)
    }
}

/// What a table is like, as far as its way of being altered depends on it.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub flavour: Flavour,
    pub innodb: bool,
    /// It has an index of words, before or after.
    pub fulltext: bool,
    pub compressed: bool,
    pub virtual_columns: bool,
    pub stored_columns: bool,
    pub versioned: bool,
    /// MariaDB: columns that are computed when they are read are indexed.
    pub virtual_indexed: bool,
}

impl Shape {
    pub fn of(old: &Object, new: &Object, flavour: Flavour) -> Shape {
        let tables: Vec<&Table> = [old, new].into_iter().filter_map(Object::as_table).collect();
        let generated = |stored: bool| {
            let mut columns = tables.iter().flat_map(|table| &table.columns);
            columns.any(|column| column.generated.as_ref().is_some_and(|each| each.stored == stored))
        };
        let is = |object: &Object, name: &str, value: &str| {
            attribute(&object.attributes, name).is_some_and(|each| each.eq_ignore_ascii_case(value))
        };
        let sides = [old, new];
        let indexed = |table: &&Table| {
            let computed = |name: &Option<String>| {
                let mut columns = table.columns.iter();
                columns.any(|each| {
                    Some(&each.name) == name.as_ref()
                        && each.generated.as_ref().is_some_and(|how| !how.stored)
                })
            };
            table.indexes.iter().flat_map(|index| &index.keys).any(|key| computed(&key.column))
        };
        Shape {
            virtual_indexed: flavour == Flavour::Mariadb && tables.iter().any(indexed),
            flavour,
            innodb: sides.iter().all(|side| is(side, "engine", "InnoDB")),
            fulltext: tables.iter().any(|table| table.indexes.iter().any(|index| index.method == "fulltext")),
            compressed: sides.iter().any(|side| {
                is(side, "row_format", "COMPRESSED")
                    || attribute(&side.attributes, "key_block_size").is_some()
            }),
            virtual_columns: generated(false),
            stored_columns: generated(true),
            versioned: sides.iter().any(|side| super::is_versioned(side)),
        }
    }
}

/// The way a whole statement is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    pub instant: bool,
    pub work: Work,
    pub shared: bool,
}

impl Way {
    pub fn of(costs: &[Cost], shape: Shape) -> Way {
        let instant = costs.iter().all(|cost| cost.alone == Alone::Instant);
        let nearly = costs.iter().all(|cost| cost.alone <= Alone::Nearly);
        let work = costs.iter().map(|cost| cost.work).max().unwrap_or(Work::Nothing);
        let shared = costs.iter().any(|cost| cost.shared);
        if !shape.innodb {
            // Other engines copy for all but a change of metadata.
            return match instant && work == Work::Nothing {
                true => Way { instant, work, shared: false },
                false => Way { instant: false, work: Work::Copy, shared: true },
            };
        }
        if is_bad_company(costs, shape.flavour) {
            return Way { instant: false, work: Work::Copy, shared: true };
        }
        if instant && !shape.layout_is_rebuilt() {
            return Way { instant, work: Work::Nothing, shared: false };
        }
        if instant && work == Work::Nothing {
            return Way { instant, work, shared };
        }
        let work = if nearly && !shape.layout_is_rebuilt() { Work::Nothing } else { work };
        match (work, shape.fulltext, shape.flavour) {
            (Work::Rebuild, true, Flavour::Mysql) => Way { instant: false, work: Work::Copy, shared: true },
            (Work::Rebuild, true, Flavour::Mariadb) => Way { instant: false, work, shared: true },
            (Work::Rebuild, ..) if shape.virtual_indexed => Way { instant: false, work, shared: true },
            _ => Way { instant: false, work, shared },
        }
    }

    pub fn lock(self) -> &'static str {
        match (self.instant, self.shared) {
            (true, _) => MOMENT,
            (false, false) => "LOCK=NONE: reads and writes go on",
            (false, true) => WRITES_WAIT,
        }
    }

    pub fn rewrites(self) -> bool {
        self.work >= Work::Rebuild
    }

    /// The clause that makes the server refuse rather than stop others.
    pub fn online(self) -> Option<&'static str> {
        match (self.instant, self.shared, self.work) {
            (true, ..) => Some("ALGORITHM=INSTANT"),
            (false, false, work) if work < Work::Copy => Some("ALGORITHM=INPLACE, LOCK=NONE"),
            _ => None,
        }
    }
}

/// Whether computed columns come or go beside something that they cannot be combined with: the
/// servers copy the table then.
fn is_bad_company(costs: &[Cost], flavour: Flavour) -> bool {
    let all = |parts: &[Part]| costs.iter().all(|cost| parts.contains(&cost.part));
    let any = |parts: &[Part]| costs.iter().any(|cost| parts.contains(&cost.part));
    use Part::*;
    if !any(&[VirtualAdded, VirtualDropped, VirtualChanged, ExpressionAdded, ExpressionDropped]) {
        return false;
    }
    match flavour {
        _ if any(&[VirtualChanged]) => costs.len() > 1,
        Flavour::Mysql => {
            !all(&[VirtualAdded, ColumnAdded])
                && !all(&[ExpressionAdded, IndexAdded])
                && !all(&[VirtualDropped, ColumnDropped])
                && !all(&[VirtualDropped, ExpressionDropped, IndexDropped])
        }
        Flavour::Mariadb => !all(&[VirtualAdded, VirtualDropped, IndexAdded, IndexDropped]),
    }
}

impl Shape {
    /// Columns do not come and go instantly in compressed rows, nor where words or computed columns
    /// are indexed.
    fn layout_is_rebuilt(self) -> bool {
        self.compressed || self.fulltext || self.virtual_indexed
    }
}

pub const MOMENT: &str = "metadata lock for a moment, behind open transactions on the table";
pub const WRITES_WAIT: &str = "LOCK=SHARED: writes wait";
pub const ALL_WAIT: &str = "exclusive metadata lock: reads and writes wait";

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape {
        flavour: Flavour::Mysql,
        innodb: true,
        fulltext: false,
        compressed: false,
        virtual_columns: false,
        stored_columns: false,
        versioned: false,
        virtual_indexed: false,
    };

    #[test]
    fn the_weakest_way_of_all() {
        let way = |costs: &[Cost], shape| {
            let way = Way::of(costs, shape);
            (way.online().unwrap_or("-"), way.rewrites())
        };
        let words = Shape { fulltext: true, ..SHAPE };
        let mariadb = Shape { flavour: Flavour::Mariadb, ..SHAPE };
        assert_eq!(way(&[LAYOUT, INSTANT], SHAPE), ("ALGORITHM=INSTANT", false));
        assert_eq!(way(&[LAYOUT, Cost::index(false)], SHAPE), ("ALGORITHM=INPLACE, LOCK=NONE", true));
        assert!(!way(&[LAYOUT, Cost::dropped_index(Flavour::Mariadb)], mariadb).1);
        assert_eq!(way(&[Cost::index(false), METADATA], SHAPE), ("ALGORITHM=INPLACE, LOCK=NONE", false));
        assert_eq!(way(&[Cost::index(true)], SHAPE), ("-", false));
        assert_eq!(way(&[INSTANT, COPY], SHAPE), ("-", true));
        assert_eq!(way(&[LAYOUT], words), ("-", true));
        assert_eq!(way(&[INSTANT], words), ("ALGORITHM=INSTANT", false));
        assert_eq!(
            way(&[LAYOUT], Shape { compressed: true, ..SHAPE }),
            ("ALGORITHM=INPLACE, LOCK=NONE", true)
        );
        assert_eq!(way(&[LAYOUT], Shape { innodb: false, ..SHAPE }), ("-", true));
    }
}
