-- What only PostgreSQL 18 has.
CREATE SCHEMA since_18;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE since_18.computed (a integer, b integer GENERATED ALWAYS AS (a * 2) VIRTUAL,
    c integer GENERATED ALWAYS AS (a + 1) STORED);
CREATE TABLE since_18.named (
    a integer CONSTRAINT a_must_be NOT NULL,
    b integer CONSTRAINT b_must_be NOT NULL NO INHERIT,
    c integer NOT NULL,
    d integer
);
COMMENT ON CONSTRAINT a_must_be ON since_18.named IS 'really';
CREATE TABLE since_18.heir (e integer) INHERITS (since_18.named);
CREATE TABLE since_18.second_heir (CONSTRAINT own_name NOT NULL b) INHERITS (since_18.named);
ALTER TABLE since_18.named ADD CONSTRAINT d_later NOT NULL d NOT VALID;
CREATE TABLE since_18.not_enforced (
    a integer PRIMARY KEY, b integer CONSTRAINT not_really CHECK (b > 0) NOT ENFORCED,
    c integer CONSTRAINT no_key REFERENCES since_18.not_enforced (a) NOT ENFORCED
);
CREATE TABLE since_18.periods (id integer, during tstzrange, PRIMARY KEY (id, during WITHOUT OVERLAPS));
CREATE TABLE since_18.bookings (id integer, period integer, during tstzrange,
    UNIQUE (id, during WITHOUT OVERLAPS),
    FOREIGN KEY (period, PERIOD during) REFERENCES since_18.periods (id, PERIOD during));
CREATE TABLE since_18.parts (id bigint GENERATED ALWAYS AS IDENTITY, at date CONSTRAINT at_is_known NOT NULL,
    PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE since_18.parts_1 PARTITION OF since_18.parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE UNLOGGED TABLE since_18.quick (id integer GENERATED ALWAYS AS IDENTITY);
