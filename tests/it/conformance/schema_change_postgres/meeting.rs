//! Changes that are in each other's way: of what inherits, of what waits under another name, and
//! of names that are taken.

use dbwright::model::plan::ChangeOptions;

use super::cases::{Case, all, case};
use crate::servers::Bed;

super::on_postgres! { changes_that_meet, changes_that_meet_online }

fn changes_that_meet(bed: &Bed) {
    all(bed, CASES, SINCE_18, ChangeOptions { online: false, privileges: true });
}

fn changes_that_meet_online(bed: &Bed) {
    all(bed, CASES, SINCE_18, ChangeOptions { online: true, privileges: false });
}

const CASES: &[Case] = &[
    case(
        "a table comes under a parent that demands something",
        "CREATE TABLE p (id integer PRIMARY KEY, a text CHECK (a <> '')); CREATE TABLE d (id integer, a text, b integer);
         CREATE TABLE q (a text CONSTRAINT q_a CHECK (a <> 'q') NO INHERIT); CREATE TABLE e (a text);
         INSERT INTO p VALUES (1, 'x'); INSERT INTO d VALUES (2, 'y', 3)",
        "CREATE TABLE p (id integer PRIMARY KEY, a text CHECK (a <> 'x2')); CREATE TABLE d (b integer) INHERITS (p);
         CREATE TABLE q (a text CONSTRAINT q_a CHECK (a <> 'q') NO INHERIT); CREATE TABLE e () INHERITS (q)",
    ),
    case(
        "the type of a partition key is made anew",
        "CREATE TYPE e AS ENUM ('a', 'b', 'c'); CREATE TABLE part (k e, n integer) PARTITION BY LIST (k);
         CREATE TABLE part_a PARTITION OF part FOR VALUES IN ('a'); CREATE TABLE part_b PARTITION OF part DEFAULT;
         INSERT INTO part VALUES ('a', 1), ('b', 2)",
        "CREATE TYPE e AS ENUM ('b', 'a'); CREATE TABLE part (k e, n integer) PARTITION BY LIST (k);
         CREATE TABLE part_a PARTITION OF part FOR VALUES IN ('a'); CREATE TABLE part_b PARTITION OF part DEFAULT",
    ),
    case(
        "a table is made anew, and so is the type of a column",
        "CREATE TYPE e AS ENUM ('a', 'b', 'c');
         CREATE TABLE m (id integer, k e DEFAULT 'a', l e[]) PARTITION BY RANGE (id);
         CREATE TABLE m1 PARTITION OF m DEFAULT; INSERT INTO m VALUES (1, 'a', '{c}')",
        "CREATE TYPE e AS ENUM ('a', 'c');
         CREATE TABLE m (id bigint, k e DEFAULT 'a', l e[]) PARTITION BY RANGE (id);
         CREATE TABLE m1 PARTITION OF m DEFAULT",
    ),
    case(
        "range types that columns have",
        "CREATE TYPE rg AS RANGE (subtype = int4);
         CREATE TYPE same AS RANGE (subtype = float8, subtype_diff = float8mi); CREATE TABLE s (a same);
         CREATE TYPE \"R, g\" AS RANGE (subtype = int4, multirange_type_name = \"m, \"\"x\");
         CREATE TABLE t (z rg, y \"R, g\", x \"m, \"\"x\", w rg[]); INSERT INTO t VALUES ('[1,2)', '[3,4)', '{[5,6)}', '{\"[7,8)\"}')",
        "CREATE TYPE rg AS RANGE (subtype = int8);
         CREATE TYPE same AS RANGE (subtype = float8); CREATE TABLE s (a same);
         CREATE TYPE \"R, g\" AS RANGE (subtype = int8, multirange_type_name = \"m, \"\"x\");
         CREATE TABLE t (z rg, y \"R, g\", x \"m, \"\"x\", w rg[])",
    ),
    case(
        "the sequence of a column gets another name",
        "CREATE TABLE t (id serial PRIMARY KEY, n text); INSERT INTO t (n) VALUES ('a'), ('b');
         CREATE VIEW v AS SELECT nextval('t_id_seq')",
        "CREATE SEQUENCE \"It's\" AS integer; CREATE TABLE t (id integer DEFAULT nextval('\"It''s\"') PRIMARY KEY, n text);
         ALTER SEQUENCE \"It's\" OWNED BY t.id; CREATE VIEW v AS SELECT nextval('\"It''s\"')",
    ),
    case(
        "sequences whose limits do not hold their number",
        "CREATE SEQUENCE s AS smallint; CREATE SEQUENCE l; SELECT setval('l', 5000); CREATE SEQUENCE u START 7;
         CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY); SELECT setval('t_id_seq', 5000)",
        "CREATE SEQUENCE s AS bigint CYCLE INCREMENT -1; CREATE SEQUENCE l MAXVALUE 1000;
         CREATE SEQUENCE u MINVALUE 100 START 100; CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY (MAXVALUE 100))",
    ),
    case(
        "a collation that columns, domains and keys have",
        "CREATE COLLATION nc (provider = icu, locale = 'en'); CREATE DOMAIN d AS text COLLATE nc;
         CREATE TABLE t (a text COLLATE nc PRIMARY KEY, b d CHECK (b > 'a' COLLATE nc)); INSERT INTO t VALUES ('x', 'y');
         CREATE INDEX i ON t (b COLLATE nc); CREATE VIEW v AS SELECT a FROM t;
         CREATE TABLE part (a text COLLATE nc) PARTITION BY RANGE (a); CREATE TABLE part_x PARTITION OF part DEFAULT",
        "CREATE COLLATION nc (provider = icu, locale = 'de'); CREATE DOMAIN d AS text COLLATE nc;
         CREATE TABLE t (a text COLLATE nc PRIMARY KEY, b d CHECK (b > 'a' COLLATE nc));
         CREATE INDEX i ON t (b COLLATE nc); CREATE VIEW v AS SELECT a FROM t;
         CREATE TABLE part (a text COLLATE nc) PARTITION BY RANGE (a); CREATE TABLE part_x PARTITION OF part DEFAULT",
    ),
    case(
        "relations made anew whose rows columns hold",
        "CREATE TABLE t (a integer, b text); CREATE VIEW w AS SELECT a, b FROM t;
         CREATE TABLE part (k integer) PARTITION BY LIST (k);
         CREATE TABLE d (id integer PRIMARY KEY, w w, ws w[], p part); INSERT INTO d VALUES (1, NULL, NULL, '(3)')",
        "CREATE TABLE t (a integer, b text, c text); CREATE VIEW w AS SELECT a, c, b FROM t;
         CREATE TABLE part (k bigint) PARTITION BY LIST (k);
         CREATE TABLE d (id integer PRIMARY KEY, w w, ws w[], p part)",
    ),
];

const SINCE_18: &[Case] = &[
    case(
        "a NOT NULL begins to be inherited, and another is not valid",
        "CREATE TABLE t (c integer, e integer NOT NULL NO INHERIT); CREATE TABLE ch () INHERITS (t)",
        "CREATE TABLE t (c integer, e integer NOT NULL); CREATE TABLE ch () INHERITS (t);
         ALTER TABLE t ADD CONSTRAINT cc NOT NULL c NOT VALID",
    ),
    case(
        "NOT NULLs take each other's names",
        "CREATE TABLE t (a integer CONSTRAINT x NOT NULL, b integer CONSTRAINT y NOT NULL, c integer CONSTRAINT z NOT NULL);
         CREATE TABLE u (a integer CONSTRAINT x NOT NULL, b integer CONSTRAINT y NOT NULL);
         CREATE TABLE v (a integer CONSTRAINT v_b_not_null NOT NULL, b integer CONSTRAINT v_a_not_null NOT NULL)",
        "CREATE TABLE t (a integer CONSTRAINT y NOT NULL, b integer CONSTRAINT z NOT NULL, c integer CONSTRAINT x NOT NULL);
         CREATE TABLE u (a integer, b integer CONSTRAINT x NOT NULL);
         CREATE TABLE v (a integer NOT NULL, b integer NOT NULL)",
    ),
    case(
        "a check that has the name of a NOT NULL",
        "CREATE TABLE t (a integer, b integer, CONSTRAINT t_b_not_null CHECK (b > 0))",
        "CREATE TABLE t (a integer, b integer NOT NULL, CONSTRAINT t_b_not_nullx CHECK (b > 0))",
    ),
];
