-- What any definition can say, without a word that only the server can write.
CREATE SCHEMA plain;
CREATE TYPE plain.mood AS ENUM ('sad', 'ok');
CREATE TABLE plain.person (
    id bigint GENERATED ALWAYS AS IDENTITY,
    name text DEFAULT 'it''s me' NOT NULL,
    mood plain.mood DEFAULT 'ok',
    mail text,
    age integer,
    born date,
    years integer GENERATED ALWAYS AS (age * 2) STORED,
    CONSTRAINT person_pkey PRIMARY KEY (id) INCLUDE (name),
    CONSTRAINT person_mail UNIQUE NULLS NOT DISTINCT (mail) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT person_age CHECK (age > 0 AND age < 150),
    CONSTRAINT person_here CHECK (name <> '') NO INHERIT
);
CREATE TABLE plain.house (
    street text, number integer, owner bigint, second bigint,
    PRIMARY KEY (street, number),
    CONSTRAINT house_owner FOREIGN KEY (owner) REFERENCES plain.person (id) ON DELETE CASCADE ON UPDATE SET NULL,
    CONSTRAINT house_second FOREIGN KEY (second) REFERENCES plain.person (id) MATCH FULL DEFERRABLE
);
ALTER TABLE plain.house ADD CONSTRAINT old_houses CHECK (number > 0) NOT VALID;
CREATE TABLE plain.room (
    street text, number integer, id serial PRIMARY KEY,
    CONSTRAINT room_house FOREIGN KEY (street, number) REFERENCES plain.house ON DELETE RESTRICT ON UPDATE SET DEFAULT
);
CREATE TABLE plain.empty ();
CREATE TABLE plain.visits (at date NOT NULL, person bigint) PARTITION BY RANGE (at);
CREATE TABLE plain.visits_2026 PARTITION OF plain.visits FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX visits_person ON plain.visits (person);
CREATE INDEX person_lower ON plain.person (lower(name) DESC NULLS LAST, born NULLS FIRST, mail text_pattern_ops)
    INCLUDE (age) WHERE age > 10;
CREATE UNIQUE INDEX person_name ON plain.person (name COLLATE "C" DESC) NULLS NOT DISTINCT WITH (fillfactor = 70);
CREATE INDEX person_hash ON plain.person USING hash (mail);
CREATE DOMAIN plain.word AS text;
CREATE TABLE plain.indexed (a name, b cidr, c plain.mood, d plain.word, e integer[], f int4range, g char(5), h point,
    i varchar, j jsonb, k plain.person, l oid, m "char");
CREATE INDEX indexed_all ON plain.indexed (a, b, c, d, e, f, g, i, j, l, m);
CREATE INDEX indexed_row ON plain.indexed (k record_image_ops, j DESC);
CREATE INDEX indexed_bpchar ON plain.indexed (g bpchar_pattern_ops, d text_pattern_ops, i varchar_pattern_ops);
CREATE INDEX indexed_gin ON plain.indexed USING gin (j jsonb_path_ops, e) WITH (fastupdate = off);
CREATE INDEX indexed_gist ON plain.indexed USING gist (h, f);
CREATE INDEX indexed_spgist ON plain.indexed USING spgist (h kd_point_ops);
CREATE INDEX indexed_brin ON plain.indexed USING brin (l oid_minmax_multi_ops, i) WITH (pages_per_range = 4);
CREATE VIEW plain.adults AS SELECT id, name FROM plain.person WHERE age >= 18;
CREATE FUNCTION plain.twice(a integer, b text DEFAULT 'x') RETURNS integer LANGUAGE sql AS 'SELECT a * 2';
CREATE PROCEDURE plain.nothing() LANGUAGE plpgsql AS 'BEGIN END';
CREATE FUNCTION plain.watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER watched BEFORE INSERT OR UPDATE OF name, age ON plain.person FOR EACH ROW
    EXECUTE FUNCTION plain.watch('a', 'b');
ALTER TABLE plain.person DISABLE TRIGGER watched;
