-- The rarer kinds of objects of PostgreSQL 15, with comments, owners and rights on everything that
-- can have them. Roles belong to the whole cluster: rare_role is replaced by a prefix of the
-- test's own.
CREATE ROLE rare_role_owner SUPERUSER;
CREATE ROLE rare_role_reader;
CREATE ROLE rare_role_writer;
CREATE ROLE "rare_role Odd ""Name""";

CREATE SCHEMA s;
CREATE SCHEMA "Odd Schema";
COMMENT ON SCHEMA s IS 'A schema with ''quotes'' and a back\slash';
COMMENT ON SCHEMA public IS 'Not the usual words';
ALTER SCHEMA s OWNER TO rare_role_owner;
GRANT USAGE ON SCHEMA s TO rare_role_reader;
GRANT ALL ON SCHEMA s TO rare_role_writer WITH GRANT OPTION;
REVOKE ALL ON SCHEMA "Odd Schema" FROM CURRENT_USER;
GRANT USAGE ON SCHEMA "Odd Schema" TO "rare_role Odd ""Name""";
REVOKE USAGE ON SCHEMA public FROM PUBLIC;
GRANT CREATE ON SCHEMA public TO rare_role_writer;

-- Languages, access methods
CREATE TRUSTED LANGUAGE rare_trusted HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;
CREATE LANGUAGE "Rare Untrusted" HANDLER plpgsql_call_handler;
COMMENT ON LANGUAGE rare_trusted IS 'plpgsql by another name';
ALTER LANGUAGE rare_trusted OWNER TO rare_role_owner;
REVOKE USAGE ON LANGUAGE rare_trusted FROM PUBLIC;
GRANT USAGE ON LANGUAGE rare_trusted TO rare_role_writer WITH GRANT OPTION;
CREATE ACCESS METHOD rare_btree TYPE INDEX HANDLER bthandler;
CREATE ACCESS METHOD "Rare heap" TYPE TABLE HANDLER heap_tableam_handler;
COMMENT ON ACCESS METHOD rare_btree IS 'A btree';

-- Foreign data
CREATE FOREIGN DATA WRAPPER rare_plain;
CREATE FOREIGN DATA WRAPPER "Rare wrapper" VALIDATOR postgresql_fdw_validator;
CREATE FOREIGN DATA WRAPPER rare_options OPTIONS (debug 'tr''ue', "Odd Key" 'a\b', password 'wrapper secret');
COMMENT ON FOREIGN DATA WRAPPER rare_plain IS 'Has no handler';
ALTER FOREIGN DATA WRAPPER rare_plain OWNER TO rare_role_owner;
GRANT USAGE ON FOREIGN DATA WRAPPER rare_plain TO rare_role_writer WITH GRANT OPTION;
GRANT USAGE ON FOREIGN DATA WRAPPER "Rare wrapper" TO rare_role_reader;
CREATE SERVER rare_server TYPE 'mail''box' VERSION '8\9' FOREIGN DATA WRAPPER "Rare wrapper" OPTIONS (host 'a.example', dbname 'x');
CREATE SERVER "Rare Server" FOREIGN DATA WRAPPER rare_plain OPTIONS (api_token 'server secret', host 'b.example');
COMMENT ON SERVER rare_server IS 'Never reached';
ALTER SERVER rare_server OWNER TO rare_role_owner;
GRANT USAGE ON FOREIGN SERVER rare_server TO rare_role_reader, rare_role_writer WITH GRANT OPTION;
CREATE USER MAPPING FOR PUBLIC SERVER rare_server;
CREATE USER MAPPING FOR rare_role_reader SERVER rare_server OPTIONS (user 'bob', password 'mapping ''secret''');
CREATE USER MAPPING FOR "rare_role Odd ""Name""" SERVER "Rare Server" OPTIONS (token 'mapping token');

-- Collations, conversions
CREATE COLLATION s.c_locale (provider = libc, locale = 'C');
CREATE COLLATION s.c_mixed (provider = libc, lc_collate = 'C', lc_ctype = 'POSIX');
CREATE COLLATION s."German Phone" (provider = icu, locale = 'de-u-co-phonebk');
CREATE COLLATION s.ignore_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
COMMENT ON COLLATION s.ignore_case IS 'a = A';
ALTER COLLATION s.ignore_case OWNER TO rare_role_owner;
CREATE CONVERSION s.conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE DEFAULT CONVERSION s."Default Conv" FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1;
COMMENT ON CONVERSION s.conv IS 'From the old world';
ALTER CONVERSION s.conv OWNER TO rare_role_owner;

-- Types and functions that what follows needs
CREATE TYPE s.color AS ENUM ('red', 'green');
CREATE TYPE s.pair AS (a integer, b text);
CREATE DOMAIN s.positive AS integer CONSTRAINT above_zero CHECK (VALUE > 0);
COMMENT ON TYPE s.color IS 'A type';
COMMENT ON TYPE s.pair IS 'A composite type';
COMMENT ON COLUMN s.pair.b IS 'A column of a composite type';
COMMENT ON DOMAIN s.positive IS 'A domain';
COMMENT ON CONSTRAINT above_zero ON DOMAIN s.positive IS 'A constraint of a domain';
ALTER TYPE s.color OWNER TO rare_role_owner;
ALTER TYPE s.pair OWNER TO rare_role_owner;
ALTER DOMAIN s.positive OWNER TO rare_role_owner;
REVOKE USAGE ON TYPE s.color FROM PUBLIC;
GRANT USAGE ON TYPE s.color TO rare_role_reader;
GRANT USAGE ON TYPE s.pair TO rare_role_writer WITH GRANT OPTION;
REVOKE ALL ON DOMAIN s.positive FROM PUBLIC, rare_role_owner;
CREATE FUNCTION s.pair_lt(s.pair, s.pair) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1.a < $2.a';
CREATE FUNCTION s.pair_le(s.pair, s.pair) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1.a <= $2.a';
CREATE FUNCTION s.pair_eq(s.pair, s.pair) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1.a = $2.a';
CREATE FUNCTION s.pair_ne(s.pair, s.pair) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1.a <> $2.a';
CREATE FUNCTION s.pair_ge(s.pair, s.pair) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1.a >= $2.a';
CREATE FUNCTION s.pair_gt(s.pair, s.pair) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1.a > $2.a';
CREATE FUNCTION s.pair_cmp(s.pair, s.pair) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT pg_catalog.btint4cmp($1.a, $2.a)';
CREATE FUNCTION s.pair_int_eq(s.pair, integer) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1.a = $2';
CREATE FUNCTION s.pair_int_cmp(s.pair, integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT pg_catalog.btint4cmp($1.a, $2)';
CREATE FUNCTION s.pair_hash(s.pair) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT pg_catalog.hashint4($1.a)';
CREATE FUNCTION s.pair_minus(s.pair) RETURNS s.pair LANGUAGE sql IMMUTABLE STRICT AS 'SELECT (-$1.a, $1.b)::s.pair';
CREATE FUNCTION s.pair_to_int(s.pair) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS 'SELECT $1.a';
CREATE FUNCTION s.int_to_pair(integer) RETURNS s.pair LANGUAGE sql IMMUTABLE STRICT AS 'SELECT ($1, NULL)::s.pair';
CREATE FUNCTION s.defaults(a integer, VARIADIC b text[] DEFAULT ARRAY['x']) RETURNS text LANGUAGE sql AS 'SELECT b[1]';
CREATE FUNCTION s.nothing() RETURNS void LANGUAGE plpgsql AS 'BEGIN END';
CREATE PROCEDURE s.proc(INOUT a integer) LANGUAGE plpgsql AS 'BEGIN a := 1; END';
CREATE AGGREGATE s.total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0');
CREATE AGGREGATE s.count_all(*) (SFUNC = int8inc, STYPE = bigint, INITCOND = '0');
CREATE AGGREGATE s.middle(double precision ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
COMMENT ON FUNCTION s.defaults(integer, text[]) IS 'A function';
COMMENT ON FUNCTION s.nothing() IS 'A function of nothing';
COMMENT ON PROCEDURE s.proc(integer) IS 'A procedure';
COMMENT ON AGGREGATE s.total(integer) IS 'An aggregate';
COMMENT ON AGGREGATE s.count_all(*) IS 'An aggregate of everything';
COMMENT ON AGGREGATE s.middle(double precision ORDER BY anyelement) IS 'An ordered-set aggregate';
ALTER FUNCTION s.defaults(integer, text[]) OWNER TO rare_role_owner;
ALTER PROCEDURE s.proc(integer) OWNER TO rare_role_owner;
ALTER AGGREGATE s.total(integer) OWNER TO rare_role_owner;
ALTER AGGREGATE s.count_all(*) OWNER TO rare_role_owner;
ALTER AGGREGATE s.middle(double precision ORDER BY anyelement) OWNER TO rare_role_owner;
REVOKE EXECUTE ON FUNCTION s.defaults(integer, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION s.defaults(integer, text[]) TO rare_role_reader;
REVOKE EXECUTE ON FUNCTION s.nothing() FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE s.proc(integer) TO rare_role_writer WITH GRANT OPTION;
REVOKE EXECUTE ON FUNCTION s.total(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION s.count_all() TO rare_role_reader;
GRANT EXECUTE ON FUNCTION s.middle(double precision, anyelement) TO rare_role_reader;

-- Operators: commutators and negators that name each other, a prefix operator, one of mixed types
CREATE OPERATOR s.< (FUNCTION = s.pair_lt, LEFTARG = s.pair, RIGHTARG = s.pair, COMMUTATOR = OPERATOR(s.>), NEGATOR = OPERATOR(s.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR s.<= (FUNCTION = s.pair_le, LEFTARG = s.pair, RIGHTARG = s.pair, COMMUTATOR = OPERATOR(s.>=), NEGATOR = OPERATOR(s.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
CREATE OPERATOR s.= (FUNCTION = s.pair_eq, LEFTARG = s.pair, RIGHTARG = s.pair, COMMUTATOR = OPERATOR(s.=), NEGATOR = OPERATOR(s.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR s.<> (FUNCTION = s.pair_ne, LEFTARG = s.pair, RIGHTARG = s.pair, COMMUTATOR = OPERATOR(s.<>), NEGATOR = OPERATOR(s.=), RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR s.>= (FUNCTION = s.pair_ge, LEFTARG = s.pair, RIGHTARG = s.pair, COMMUTATOR = OPERATOR(s.<=), NEGATOR = OPERATOR(s.<), RESTRICT = scalargesel, JOIN = scalargejoinsel);
CREATE OPERATOR s.> (FUNCTION = s.pair_gt, LEFTARG = s.pair, RIGHTARG = s.pair, COMMUTATOR = OPERATOR(s.<), NEGATOR = OPERATOR(s.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
CREATE OPERATOR "Odd Schema".!-! (FUNCTION = s.pair_minus, RIGHTARG = s.pair);
CREATE OPERATOR s.=# (FUNCTION = s.pair_int_eq, LEFTARG = s.pair, RIGHTARG = integer);
COMMENT ON OPERATOR s.< (s.pair, s.pair) IS 'Smaller';
COMMENT ON OPERATOR "Odd Schema".!-! (NONE, s.pair) IS 'The other way round';
ALTER OPERATOR s.< (s.pair, s.pair) OWNER TO rare_role_owner;
ALTER OPERATOR "Odd Schema".!-! (NONE, s.pair) OWNER TO rare_role_owner;

-- Operator families and classes
CREATE OPERATOR FAMILY s.pairs USING btree;
CREATE OPERATOR CLASS s.pair_ops DEFAULT FOR TYPE s.pair USING btree FAMILY s.pairs AS
  OPERATOR 1 s.<, OPERATOR 2 s.<=, OPERATOR 3 s.=, OPERATOR 4 s.>=, OPERATOR 5 s.>, FUNCTION 1 s.pair_cmp(s.pair, s.pair);
ALTER OPERATOR FAMILY s.pairs USING btree ADD OPERATOR 3 s.=# (s.pair, integer), FUNCTION 1 (s.pair, integer) s.pair_int_cmp(s.pair, integer);
CREATE OPERATOR CLASS s.pair_hash DEFAULT FOR TYPE s.pair USING hash AS OPERATOR 1 s.=, FUNCTION 1 s.pair_hash(s.pair);
CREATE OPERATOR FAMILY "Odd Schema"."Empty Family" USING gist;
CREATE OPERATOR CLASS s.stored FOR TYPE s.pair USING gist AS STORAGE text;
CREATE OPERATOR CLASS s.near FOR TYPE point USING gist AS
  OPERATOR 15 <->(point, point) FOR ORDER BY pg_catalog.float_ops,
  FUNCTION 1 gist_point_consistent(internal, point, smallint, oid, internal),
  FUNCTION 2 gist_box_union(internal, internal),
  FUNCTION 3 gist_point_compress(internal),
  FUNCTION 5 gist_box_penalty(internal, internal, internal),
  FUNCTION 6 gist_box_picksplit(internal, internal),
  FUNCTION 7 gist_box_same(box, box, internal),
  FUNCTION 8 gist_point_distance(internal, point, smallint, oid, internal),
  FUNCTION 9 gist_point_fetch(internal),
  STORAGE box;
CREATE OPERATOR CLASS s.of_nothing FOR TYPE s.color USING gin AS STORAGE s.color;
COMMENT ON OPERATOR FAMILY s.pairs USING btree IS 'A family';
COMMENT ON OPERATOR CLASS s.pair_ops USING btree IS 'A class';
ALTER OPERATOR FAMILY s.pairs USING btree OWNER TO rare_role_owner;
ALTER OPERATOR CLASS s.pair_ops USING btree OWNER TO rare_role_owner;

-- Casts, transforms
CREATE CAST (s.pair AS integer) WITH FUNCTION s.pair_to_int(s.pair) AS ASSIGNMENT;
CREATE CAST (integer AS s.pair) WITH FUNCTION s.int_to_pair(integer) AS IMPLICIT;
CREATE CAST (s.color AS integer[]) WITH INOUT;
CREATE CAST (xid AS oid) WITHOUT FUNCTION;
COMMENT ON CAST (s.pair AS integer) IS 'A cast';
CREATE TRANSFORM FOR integer LANGUAGE rare_trusted (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int4recv(internal));
CREATE TRANSFORM FOR s.pair LANGUAGE "Rare Untrusted" (FROM SQL WITH FUNCTION prsd_lextype(internal));
COMMENT ON TRANSFORM FOR integer LANGUAGE rare_trusted IS 'A transform';

-- Text search
CREATE TEXT SEARCH PARSER s.parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, HEADLINE = prsd_headline, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH PARSER s."Plain Parser" (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH TEMPLATE s.template (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH TEMPLATE s."Plain Template" (LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY s.dictionary (TEMPLATE = s.template, STOPWORDS = english, ACCEPT = 'false');
CREATE TEXT SEARCH DICTIONARY s."Plain Dictionary" (TEMPLATE = pg_catalog.simple);
CREATE TEXT SEARCH CONFIGURATION s.configuration (PARSER = s.parser);
ALTER TEXT SEARCH CONFIGURATION s.configuration ADD MAPPING FOR asciiword, word WITH s.dictionary, pg_catalog.english_stem;
ALTER TEXT SEARCH CONFIGURATION s.configuration ADD MAPPING FOR url WITH s."Plain Dictionary";
CREATE TEXT SEARCH CONFIGURATION s."Copied" (COPY = pg_catalog.english);
CREATE TEXT SEARCH CONFIGURATION s.empty (PARSER = pg_catalog."default");
COMMENT ON TEXT SEARCH PARSER s.parser IS 'A parser';
COMMENT ON TEXT SEARCH TEMPLATE s.template IS 'A template';
COMMENT ON TEXT SEARCH DICTIONARY s.dictionary IS 'A dictionary';
COMMENT ON TEXT SEARCH CONFIGURATION s.configuration IS 'A configuration';
ALTER TEXT SEARCH DICTIONARY s.dictionary OWNER TO rare_role_owner;
ALTER TEXT SEARCH CONFIGURATION s.configuration OWNER TO rare_role_owner;

-- Relations, for their comments and rights
CREATE SEQUENCE s.numbers;
CREATE TABLE s.items (
  id integer GENERATED ALWAYS AS IDENTITY,
  name text,
  "Odd ""Column""" integer DEFAULT 1,
  price numeric,
  CONSTRAINT items_key PRIMARY KEY (id),
  CONSTRAINT cheap CHECK (price < 100)
);
CREATE TABLE s.parts (id integer PRIMARY KEY, item integer CONSTRAINT of_item REFERENCES s.items);
CREATE TABLE s.measures (at date, value integer, CONSTRAINT sane CHECK (value > 0)) PARTITION BY RANGE (at);
CREATE TABLE s.measures_old PARTITION OF s.measures FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
CREATE TABLE s."Quiet" (a integer);
CREATE VIEW s.cheap AS SELECT id, name FROM s.items WHERE price < 10;
CREATE MATERIALIZED VIEW s.summary AS SELECT count(*) AS n FROM s.items;
CREATE FOREIGN TABLE s.far (a integer, b text) SERVER rare_server;
CREATE INDEX items_by_name ON s.items (name);
CREATE INDEX summary_by_n ON s.summary (n);
CREATE FUNCTION s.note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER "note Items" BEFORE INSERT ON s.items FOR EACH ROW EXECUTE FUNCTION s.note();
CREATE RULE nothing AS ON DELETE TO s.parts DO INSTEAD NOTHING;
CREATE POLICY mine ON s.items FOR SELECT TO rare_role_reader USING (name = CURRENT_USER);
COMMENT ON SEQUENCE s.numbers IS 'A sequence';
COMMENT ON TABLE s.items IS 'A table
of two lines';
COMMENT ON COLUMN s.items.name IS 'A column';
COMMENT ON COLUMN s.items."Odd ""Column""" IS 'An odd column';
COMMENT ON CONSTRAINT cheap ON s.items IS 'A check';
COMMENT ON CONSTRAINT items_key ON s.items IS 'A key';
COMMENT ON CONSTRAINT of_item ON s.parts IS 'A foreign key';
COMMENT ON CONSTRAINT sane ON s.measures IS 'A check of a partitioned table';
COMMENT ON INDEX s.items_key IS 'The index of a key';
COMMENT ON INDEX s.items_by_name IS 'An index';
COMMENT ON INDEX s.summary_by_n IS 'An index of a materialized view';
COMMENT ON TRIGGER "note Items" ON s.items IS 'A trigger';
COMMENT ON RULE nothing ON s.parts IS 'A rule';
COMMENT ON POLICY mine ON s.items IS 'A policy';
COMMENT ON VIEW s.cheap IS 'A view';
COMMENT ON COLUMN s.cheap.id IS 'A column of a view';
COMMENT ON MATERIALIZED VIEW s.summary IS 'A materialized view';
COMMENT ON COLUMN s.summary.n IS 'A column of a materialized view';
COMMENT ON FOREIGN TABLE s.far IS 'A foreign table';
COMMENT ON COLUMN s.far.a IS 'A column of a foreign table';
ALTER SEQUENCE s.numbers OWNER TO rare_role_owner;
ALTER TABLE s.items OWNER TO rare_role_owner;
ALTER TABLE s.measures OWNER TO rare_role_owner;
ALTER VIEW s.cheap OWNER TO rare_role_owner;
ALTER MATERIALIZED VIEW s.summary OWNER TO rare_role_owner;
ALTER FOREIGN TABLE s.far OWNER TO rare_role_owner;

GRANT USAGE, SELECT ON SEQUENCE s.numbers TO rare_role_reader;
GRANT SELECT ON SEQUENCE s.items_id_seq TO rare_role_reader;
GRANT SELECT ON s.items TO rare_role_reader;
GRANT ALL ON s.items TO rare_role_writer WITH GRANT OPTION;
GRANT SELECT, UPDATE ON s.items TO "rare_role Odd ""Name""";
GRANT UPDATE (name, price) ON s.items TO rare_role_reader;
GRANT SELECT ("Odd ""Column"""), INSERT ("Odd ""Column""") ON s.items TO PUBLIC;
REVOKE TRUNCATE, TRIGGER ON s.items FROM rare_role_owner;
REVOKE ALL ON s."Quiet" FROM CURRENT_USER;
GRANT SELECT ON s.cheap TO PUBLIC;
GRANT SELECT (id) ON s.cheap TO rare_role_writer;
GRANT SELECT ON s.summary TO rare_role_reader WITH GRANT OPTION;
GRANT SELECT ON s.far TO rare_role_reader;
-- A chain of grants: the writer passes rights on, and so does the reader.
SET SESSION AUTHORIZATION rare_role_writer;
GRANT SELECT ON s.items TO rare_role_reader WITH GRANT OPTION;
GRANT UPDATE (name) ON s.items TO rare_role_reader;
GRANT INSERT ON s.items TO PUBLIC;
GRANT USAGE ON SCHEMA s TO PUBLIC;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION rare_role_reader;
GRANT SELECT ON s.items TO PUBLIC;
RESET SESSION AUTHORIZATION;

-- Rights on what an extension or the server made
CREATE EXTENSION hstore SCHEMA s;
CREATE EXTENSION pg_stat_statements SCHEMA "Odd Schema";
REVOKE EXECUTE ON FUNCTION s.hstore(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION s.hstore(text, text) TO rare_role_reader;
REVOKE USAGE ON TYPE s.hstore FROM PUBLIC;
REVOKE SELECT ON "Odd Schema".pg_stat_statements FROM PUBLIC;
GRANT SELECT ON "Odd Schema".pg_stat_statements TO rare_role_reader WITH GRANT OPTION;
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_sleep(double precision) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text) TO rare_role_reader;
GRANT SELECT, UPDATE ON pg_catalog.pg_authid TO rare_role_reader;
REVOKE SELECT ON pg_catalog.pg_rules FROM PUBLIC;
REVOKE USAGE ON TYPE pg_catalog.money FROM PUBLIC;
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql TO rare_role_writer;
GRANT CREATE ON SCHEMA pg_catalog TO rare_role_owner;

-- Extended statistics
CREATE STATISTICS s.related (ndistinct, dependencies) ON name, price FROM s.items;
CREATE STATISTICS s."All Kinds" ON name, price, (lower(name)) FROM s.items;
CREATE STATISTICS s.of_expression ON (price * 2) FROM s.items;
ALTER STATISTICS s.related SET STATISTICS 500;
ALTER STATISTICS s."All Kinds" SET STATISTICS 0;
COMMENT ON STATISTICS s.related IS 'Statistics';
ALTER STATISTICS s.related OWNER TO rare_role_owner;

-- Publications, subscriptions
CREATE PUBLICATION everything FOR ALL TABLES WITH (publish_via_partition_root = true);
CREATE PUBLICATION nothing;
CREATE PUBLICATION "Some Tables" FOR TABLE s.items (id, "Odd ""Column"""), TABLE s.parts WHERE (item > 5), TABLE ONLY s.measures WITH (publish = 'insert, truncate');
CREATE PUBLICATION a_schema FOR TABLES IN SCHEMA s, "Odd Schema", TABLE s.parts WITH (publish = '');
COMMENT ON PUBLICATION everything IS 'A publication';
ALTER PUBLICATION everything OWNER TO rare_role_owner;
CREATE SUBSCRIPTION follower CONNECTION 'host=h.example password=''it is secret'' dbname=d' PUBLICATION a, "B b" WITH (connect = false, slot_name = NONE);
CREATE SUBSCRIPTION "Other Follower" CONNECTION 'host=h.example' PUBLICATION a WITH (connect = false, slot_name = 'a_slot', binary = true, streaming = true, synchronous_commit = 'local', two_phase = true, disable_on_error = true);
COMMENT ON SUBSCRIPTION follower IS 'A subscription';
ALTER SUBSCRIPTION follower OWNER TO rare_role_owner;

-- Default privileges
ALTER DEFAULT PRIVILEGES FOR ROLE rare_role_owner GRANT SELECT ON TABLES TO rare_role_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE rare_role_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE rare_role_owner REVOKE TRUNCATE ON TABLES FROM rare_role_owner;
ALTER DEFAULT PRIVILEGES FOR ROLE rare_role_owner IN SCHEMA s GRANT ALL ON SEQUENCES TO rare_role_writer WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE rare_role_owner IN SCHEMA "Odd Schema" GRANT EXECUTE ON ROUTINES TO PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE "rare_role Odd ""Name""" GRANT USAGE ON TYPES TO rare_role_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE "rare_role Odd ""Name""" REVOKE USAGE ON TYPES FROM PUBLIC, "rare_role Odd ""Name""", rare_role_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE rare_role_writer GRANT USAGE, CREATE ON SCHEMAS TO rare_role_reader;

-- Event triggers, last, since they see what comes after them
CREATE FUNCTION s.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watch_all ON ddl_command_start EXECUTE FUNCTION s.watch();
CREATE EVENT TRIGGER "Watch Some" ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION s.watch();
CREATE EVENT TRIGGER watch_drops ON sql_drop EXECUTE FUNCTION s.watch();
COMMENT ON EVENT TRIGGER watch_all IS 'An event trigger';
ALTER EVENT TRIGGER watch_all OWNER TO rare_role_owner;
ALTER EVENT TRIGGER "Watch Some" DISABLE;
ALTER EVENT TRIGGER watch_drops ENABLE ALWAYS;
