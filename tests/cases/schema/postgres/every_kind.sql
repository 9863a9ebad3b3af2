-- Every kind of object of tables, types and routines, with the odd corners of each.
CREATE SCHEMA shop;
CREATE SCHEMA "Odd Names 🐘";
COMMENT ON SCHEMA shop IS 'it''s a shop';
CREATE EXTENSION hstore WITH SCHEMA shop;
CREATE EXTENSION btree_gist;

-- Types
CREATE TYPE shop.mood AS ENUM ('sad', 'it''s ok', 'happy 😀', '');
ALTER TYPE shop.mood ADD VALUE 'between' BEFORE 'happy 😀';
CREATE TYPE shop.address AS (street text COLLATE "C", "House No" integer, zip character varying(10));
COMMENT ON TYPE shop.address IS 'where';
COMMENT ON COLUMN shop.address.zip IS 'postal code';
CREATE DOMAIN shop.positive AS integer DEFAULT 1 NOT NULL CONSTRAINT is_positive CHECK (VALUE > 0);
CREATE DOMAIN shop.code AS character varying(12) COLLATE "C" CHECK (VALUE ~ '^[A-Z]+$') CHECK (length(VALUE) > 2);
ALTER DOMAIN shop.code ADD CONSTRAINT new_rule CHECK (VALUE <> 'NONE') NOT VALID;
CREATE DOMAIN shop.codes AS shop.code[];
CREATE TYPE shop.price_range AS RANGE (subtype = numeric, multirange_type_name = shop.price_ranges);
CREATE TYPE shop.text_range AS RANGE (subtype = text, collation = "C", subtype_opclass = text_pattern_ops);
CREATE FUNCTION shop.diff(double precision, double precision) RETURNS double precision
    LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
CREATE TYPE shop.float_range AS RANGE (subtype = double precision, subtype_diff = shop.diff);
CREATE TYPE shop.discrete;
CREATE FUNCTION shop.discrete_canonical(shop.discrete) RETURNS shop.discrete
    LANGUAGE internal IMMUTABLE STRICT AS 'int4range_canonical';
CREATE TYPE shop.discrete AS RANGE (subtype = integer, canonical = shop.discrete_canonical);
CREATE TYPE shop.unfinished;
CREATE TYPE shop.word;
CREATE FUNCTION shop.word_in(cstring) RETURNS shop.word LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION shop.word_out(shop.word) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE shop.word (INPUT = shop.word_in, OUTPUT = shop.word_out, INTERNALLENGTH = variable,
    STORAGE = extended, CATEGORY = 'S', DEFAULT = 'a''b', COLLATABLE = true, DELIMITER = ';');
CREATE TYPE shop.small_int;
CREATE FUNCTION shop.small_in(cstring) RETURNS shop.small_int LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION shop.small_out(shop.small_int) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE shop.small_int (INPUT = shop.small_in, OUTPUT = shop.small_out, INTERNALLENGTH = 4, PASSEDBYVALUE, ALIGNMENT = int4);

-- Sequences
CREATE SEQUENCE shop.plain;
CREATE SEQUENCE shop.odd AS smallint INCREMENT BY -3 MINVALUE -300 MAXVALUE 30 START WITH 3 CACHE 5 CYCLE;
COMMENT ON SEQUENCE shop.odd IS 'counts down';
CREATE UNLOGGED SEQUENCE shop.unlogged_numbers;

-- Routines
CREATE FUNCTION shop.next_code() RETURNS text LANGUAGE sql VOLATILE AS $$SELECT 'C' || nextval('shop.plain')$$;
CREATE FUNCTION shop.many(a integer, INOUT b text DEFAULT 'x', OUT c integer, VARIADIC d integer[] DEFAULT '{}')
    RETURNS record LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER LEAKPROOF PARALLEL SAFE COST 17
    SET search_path TO shop, public SET work_mem = '8MB' AS $body$
BEGIN
    c := a; -- $$ inside
END;
$body$;
CREATE FUNCTION shop.rows_of(n integer) RETURNS TABLE(id integer, label text) LANGUAGE sql ROWS 7
    BEGIN ATOMIC
        SELECT g, 'row ' || g FROM generate_series(1, n) g(g);
    END;
CREATE PROCEDURE shop.touch(IN a integer, INOUT b integer) LANGUAGE plpgsql AS 'BEGIN b := a; END';
CREATE FUNCTION shop.rank_like() RETURNS bigint LANGUAGE internal WINDOW IMMUTABLE AS 'window_rank';
COMMENT ON FUNCTION shop.diff(double precision, double precision) IS 'a - b';
CREATE FUNCTION shop.add_up(state bigint, value integer) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
CREATE FUNCTION shop.take_off(state bigint, value integer) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
CREATE FUNCTION shop.merge(a bigint, b bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
CREATE FUNCTION shop.finish(state bigint) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1::text';
CREATE AGGREGATE shop.total(integer) (SFUNC = shop.add_up, STYPE = bigint, SSPACE = 16, INITCOND = '0',
    FINALFUNC = shop.finish, FINALFUNC_MODIFY = SHAREABLE, COMBINEFUNC = shop.merge, PARALLEL = SAFE,
    MSFUNC = shop.add_up, MINVFUNC = shop.take_off, MSTYPE = bigint, MINITCOND = '0', MFINALFUNC = shop.finish);
CREATE FUNCTION shop.count_one(state bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
CREATE AGGREGATE shop.how_many(*) (SFUNC = shop.count_one, STYPE = bigint, INITCOND = '0');
CREATE AGGREGATE shop.middle(double precision ORDER BY anyelement) (SFUNC = ordered_set_transition,
    STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
CREATE AGGREGATE shop.place(VARIADIC "any" ORDER BY VARIADIC "any") (SFUNC = ordered_set_transition_multi,
    STYPE = internal, FINALFUNC = rank_final, FINALFUNC_EXTRA, HYPOTHETICAL);
CREATE AGGREGATE shop.largest(integer) (SFUNC = int4larger, STYPE = integer, SORTOP = >);
COMMENT ON AGGREGATE shop.total(integer) IS 'sum as text';

-- Tables
CREATE TABLE shop.customer (
    id bigint GENERATED ALWAYS AS IDENTITY,
    gone integer,
    name text NOT NULL COLLATE "C",
    mail character varying(200) DEFAULT 'none@example.org'::character varying,
    feeling shop.mood DEFAULT 'happy 😀',
    home shop.address,
    code shop.code,
    codes shop.codes,
    spent numeric(12,2) DEFAULT 0.00 NOT NULL CHECK (spent >= 0),
    doubled numeric GENERATED ALWAYS AS (spent * 2) STORED,
    tags text[] DEFAULT '{}'::text[],
    made timestamp(3) with time zone DEFAULT CURRENT_TIMESTAMP,
    note text,
    options shop.hstore,
    CONSTRAINT customer_pkey PRIMARY KEY (id) INCLUDE (name) WITH (fillfactor = 80),
    CONSTRAINT mail_is_unique UNIQUE NULLS NOT DISTINCT (mail) WITH (fillfactor = 75) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT "name or mail" CHECK (name <> '' OR mail IS NOT NULL) NO INHERIT
) WITH (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_vacuum_threshold = 99);
ALTER TABLE shop.customer DROP COLUMN gone;
ALTER TABLE shop.customer ADD COLUMN late integer DEFAULT 7;
ALTER TABLE shop.customer ALTER note SET STORAGE EXTERNAL, ALTER tags SET COMPRESSION pglz,
    ALTER name SET STATISTICS 500, ALTER mail SET (n_distinct = -0.5, n_distinct_inherited = 10);
ALTER TABLE shop.customer ADD CONSTRAINT old_ones_may CHECK (length(name) > 1) NOT VALID;
COMMENT ON TABLE shop.customer IS E'who buys\nand how';
COMMENT ON COLUMN shop.customer.name IS 'first and last';
COMMENT ON CONSTRAINT mail_is_unique ON shop.customer IS 'one each';
CREATE INDEX customer_lower ON shop.customer USING btree (lower(name) text_pattern_ops DESC NULLS LAST, made DESC)
    INCLUDE (mail) WHERE spent > 10;
ALTER INDEX shop.customer_lower ALTER COLUMN 1 SET STATISTICS 300;
CREATE INDEX customer_tags ON shop.customer USING gin (tags) WITH (fastupdate = off);
CREATE INDEX customer_brin ON shop.customer USING brin (made) WITH (pages_per_range = 32);
CREATE INDEX customer_hash ON shop.customer USING hash (code);
CREATE UNIQUE INDEX customer_name_code ON shop.customer (name COLLATE "C", code) NULLS NOT DISTINCT;
CREATE UNIQUE INDEX customer_replica ON shop.customer (spent);
ALTER TABLE shop.customer REPLICA IDENTITY USING INDEX customer_replica;
ALTER TABLE shop.customer CLUSTER ON customer_pkey;
COMMENT ON INDEX shop.customer_tags IS 'by tag';
CREATE TABLE shop.orders (
    id serial PRIMARY KEY,
    number integer DEFAULT nextval('shop.plain') UNIQUE,
    customer bigint REFERENCES shop.customer ON DELETE CASCADE ON UPDATE RESTRICT,
    second_customer bigint,
    code text DEFAULT shop.next_code(),
    during tstzrange,
    amount shop.positive,
    EXCLUDE USING gist (customer WITH =, during WITH &&) WITH (fillfactor = 60) WHERE (amount > 5),
    UNIQUE (customer, number)
);
ALTER TABLE shop.orders ADD CONSTRAINT second_fk FOREIGN KEY (second_customer) REFERENCES shop.customer (id)
    MATCH FULL DEFERRABLE NOT VALID;
CREATE TABLE shop.lines (
    customer bigint, number integer, line smallint GENERATED BY DEFAULT AS IDENTITY (START WITH 10 INCREMENT BY 10),
    PRIMARY KEY (customer, number, line),
    FOREIGN KEY (customer, number) REFERENCES shop.orders (customer, number) ON DELETE SET NULL (number)
);
ALTER TABLE shop.customer ADD COLUMN last_order integer REFERENCES shop.orders (id) ON DELETE SET DEFAULT;
CREATE UNLOGGED TABLE shop.scratch (a integer, b text);
ALTER TABLE shop.scratch REPLICA IDENTITY FULL;
CREATE TABLE shop.no_columns ();
CREATE TABLE shop.homes OF shop.address (zip WITH OPTIONS DEFAULT '0' NOT NULL, PRIMARY KEY ("House No"));
CREATE TABLE shop.bare_homes OF shop.address;
ALTER SEQUENCE shop.unlogged_numbers OWNED BY shop.scratch.a;

-- Inheritance
CREATE TABLE shop.parent (a integer DEFAULT 1, b text NOT NULL, c integer CHECK (c > 0), d integer);
CREATE TABLE shop.other_parent (d integer, e integer DEFAULT 5);
CREATE TABLE shop.child (own text, c integer DEFAULT 9) INHERITS (shop.parent, shop.other_parent);
ALTER TABLE shop.child ALTER a SET DEFAULT 2, ALTER e DROP DEFAULT, ALTER d SET NOT NULL, ALTER b SET STORAGE MAIN;
CREATE TABLE shop.grandchild () INHERITS (shop.child);

-- Partitions
CREATE TABLE shop.events (
    id bigint NOT NULL, at date NOT NULL, kind text DEFAULT 'x' NOT NULL, payload jsonb,
    CONSTRAINT kind_is_short CHECK (length(kind) < 20)
) PARTITION BY RANGE (at);
CREATE TABLE shop.events_2025 PARTITION OF shop.events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE shop.events_2026 (kind text DEFAULT 'y' NOT NULL, gone text, at date NOT NULL, payload jsonb, id bigint NOT NULL,
    CONSTRAINT kind_is_short CHECK (length(kind) < 20), CONSTRAINT only_here CHECK (id > 0));
ALTER TABLE shop.events_2026 DROP COLUMN gone;
ALTER TABLE shop.events ATTACH PARTITION shop.events_2026 FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
CREATE TABLE shop.events_rest PARTITION OF shop.events DEFAULT PARTITION BY LIST (id);
CREATE TABLE shop.events_rest_a PARTITION OF shop.events_rest FOR VALUES IN (1, 2, NULL);
CREATE TABLE shop.listed (a text) PARTITION BY LIST (a);
CREATE TABLE shop.listed_a PARTITION OF shop.listed FOR VALUES IN ('a', NULL, 'it''s');
ALTER TABLE shop.events ADD PRIMARY KEY (id, at);
CREATE INDEX events_kind ON shop.events (kind);
CREATE INDEX events_only ON ONLY shop.events (payload);
CREATE INDEX events_2025_own ON shop.events_2025 (payload);
CREATE TABLE shop.hashed (a integer, b text) PARTITION BY HASH (a, lower(b));
CREATE TABLE shop.hashed_0 PARTITION OF shop.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE shop.points (event bigint, at date, FOREIGN KEY (event, at) REFERENCES shop.events);
ALTER TABLE shop.events ADD COLUMN customer bigint REFERENCES shop.customer;

-- Views
CREATE VIEW shop.happy WITH (security_barrier = true) AS
    SELECT id, name AS "Name", feeling FROM shop.customer WHERE feeling = 'happy 😀' WITH CASCADED CHECK OPTION;
CREATE VIEW shop.renamed (x, y) WITH (security_invoker = true) AS SELECT id, upper("Name") FROM shop.happy;
ALTER VIEW shop.renamed ALTER COLUMN x SET DEFAULT 5;
COMMENT ON VIEW shop.happy IS 'smiling';
COMMENT ON COLUMN shop.happy."Name" IS 'of a happy one';
CREATE VIEW shop.by_key AS SELECT c.id, c.name, c.spent, count(*) AS n
    FROM shop.customer c JOIN shop.orders o ON o.customer = c.id GROUP BY c.id;
CREATE VIEW shop.on_by_key AS SELECT * FROM shop.by_key WHERE n > 2;
CREATE FUNCTION shop.of_by_key(shop.by_key) RETURNS bigint LANGUAGE sql AS 'SELECT $1.n';
CREATE RECURSIVE VIEW shop.counting (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM counting WHERE n < 10;
CREATE MATERIALIZED VIEW shop.sums WITH (fillfactor = 60) AS
    SELECT customer, sum(amount) AS total FROM shop.orders GROUP BY customer;
CREATE UNIQUE INDEX sums_customer ON shop.sums (customer);
ALTER MATERIALIZED VIEW shop.sums ALTER COLUMN total SET STATISTICS 50;
ALTER MATERIALIZED VIEW shop.sums CLUSTER ON sums_customer;
COMMENT ON MATERIALIZED VIEW shop.sums IS 'kept';
ALTER MATERIALIZED VIEW shop.sums DEPENDS ON EXTENSION btree_gist;
ALTER FUNCTION shop.next_code() DEPENDS ON EXTENSION hstore;
ALTER PROCEDURE shop.touch(integer, integer) DEPENDS ON EXTENSION hstore;
CREATE VIEW shop.over_sums AS SELECT * FROM shop.sums;

-- Circles
CREATE TABLE shop.looped (a integer, b integer);
CREATE FUNCTION shop.of_row(shop.looped) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1.a';
ALTER TABLE shop.looped ALTER b SET DEFAULT shop.of_row(ROW(1, 2)::shop.looped);
ALTER TABLE shop.looped ADD CHECK (shop.of_row(looped.*) > 0);
CREATE VIEW shop.round AS SELECT 1 AS a, 'x'::text COLLATE "C" AS b;
CREATE FUNCTION shop.of_round(shop.round) RETURNS integer LANGUAGE sql AS 'SELECT $1.a';
CREATE OR REPLACE VIEW shop.round AS SELECT 1 AS a, 'x'::text COLLATE "C" AS b
    WHERE shop.of_round(NULL::shop.round) IS NULL;
CREATE DOMAIN shop.even AS integer;
CREATE FUNCTION shop.is_even(shop.even) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 % 2 = 0';
ALTER DOMAIN shop.even ADD CONSTRAINT must_be_even CHECK (shop.is_even(VALUE));

-- Triggers, rules, policies
CREATE FUNCTION shop.watch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
CREATE TRIGGER "Watch It" BEFORE INSERT OR UPDATE OF name, mail ON shop.customer FOR EACH ROW
    WHEN (new.name IS DISTINCT FROM ' EXECUTE FUNCTION ') EXECUTE FUNCTION shop.watch('a''b', 'c d');
CREATE TRIGGER watch_all AFTER DELETE ON shop.customer REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION shop.watch();
CREATE CONSTRAINT TRIGGER checked AFTER INSERT ON shop.orders FROM shop.customer DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION shop.watch();
CREATE TRIGGER on_view INSTEAD OF UPDATE ON shop.renamed FOR EACH ROW EXECUTE FUNCTION shop.watch();
CREATE TRIGGER on_events AFTER INSERT ON shop.events FOR EACH ROW EXECUTE FUNCTION shop.watch();
ALTER TABLE shop.customer DISABLE TRIGGER watch_all;
ALTER TABLE shop.customer ENABLE ALWAYS TRIGGER "Watch It";
ALTER TABLE shop.orders ENABLE REPLICA TRIGGER checked;
ALTER TABLE shop.events_2025 DISABLE TRIGGER on_events;
CREATE TRIGGER sleeping AFTER DELETE ON shop.events FOR EACH ROW EXECUTE FUNCTION shop.watch();
ALTER TABLE shop.events DISABLE TRIGGER sleeping;
ALTER TABLE shop.events_2026 ENABLE TRIGGER sleeping;
COMMENT ON TRIGGER watch_all ON shop.customer IS 'asleep';
CREATE RULE no_delete AS ON DELETE TO shop.scratch DO INSTEAD NOTHING;
CREATE RULE tell AS ON UPDATE TO shop.scratch DO ALSO NOTIFY orders;
CREATE RULE log_it AS ON INSERT TO shop.orders WHERE new.amount > 100 DO ALSO
    (INSERT INTO shop.scratch VALUES (new.id, 'big'); UPDATE shop.scratch SET b = new.code WHERE a = 1);
ALTER TABLE shop.scratch DISABLE RULE no_delete;
COMMENT ON RULE no_delete ON shop.scratch IS 'kept';
CREATE RULE on_counting AS ON INSERT TO shop.counting DO INSTEAD NOTHING;
ALTER TABLE shop.customer ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop.orders FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON shop.customer USING (name = CURRENT_USER) WITH CHECK (spent < 1000);
CREATE POLICY "not mine" ON shop.customer AS RESTRICTIVE FOR SELECT TO dbwright, CURRENT_USER USING (true);
CREATE POLICY put ON shop.orders FOR INSERT WITH CHECK (EXISTS (SELECT 1 FROM shop.customer c WHERE c.id = customer));
COMMENT ON POLICY mine ON shop.customer IS 'own rows';

-- Foreign tables
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER far FOREIGN DATA WRAPPER nothing;
CREATE FOREIGN TABLE shop.distant (
    id integer OPTIONS (column_name 'the id', "other option" 'it''s') NOT NULL,
    name text COLLATE "C" DEFAULT 'x', CHECK (id > 0)
) SERVER far OPTIONS (schema_name 's', table_name 'T');

-- Odd names
CREATE TABLE "Odd Names 🐘"."select" (
    "from" integer PRIMARY KEY, "with space" text DEFAULT 'a', "qu""ote" text, "UPPER" integer, "naïve 🐘" integer,
    "1st" integer, "a.b" integer UNIQUE, "back\slash" integer CHECK ("back\slash" > 0)
);
CREATE TABLE "Odd Names 🐘"."Table" ("a b" integer GENERATED ALWAYS AS IDENTITY,
    "ref" integer REFERENCES "Odd Names 🐘"."select", "s" serial);
CREATE INDEX "an ""index""" ON "Odd Names 🐘"."select" ("with space", ("UPPER" + 1));
CREATE VIEW "Odd Names 🐘"."View" AS SELECT "from" AS "order", "qu""ote" FROM "Odd Names 🐘"."select";
CREATE FUNCTION "Odd Names 🐘"."Do It"("an arg" integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE TRIGGER "the ""one""" BEFORE UPDATE OF "UPPER" ON "Odd Names 🐘"."select" FOR EACH ROW
    EXECUTE FUNCTION shop.watch();
CREATE TYPE "Odd Names 🐘"."Type" AS ENUM ('a');
CREATE TABLE "Odd Names 🐘".of_type (a "Odd Names 🐘"."Type", b "Odd Names 🐘"."Type"[], c "Odd Names 🐘"."select");
