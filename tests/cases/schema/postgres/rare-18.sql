-- What PostgreSQL 16 to 18 added to rare.sql, which is loaded first.
CREATE COLLATION s.with_rules (provider = icu, locale = 'und', rules = '&V << w <<< W');
CREATE COLLATION s.built_in (provider = builtin, locale = 'C.UTF-8');
GRANT MAINTAIN ON s.parts TO rare_role_reader;
CREATE TABLE s.computed (a integer NOT NULL, b integer GENERATED ALWAYS AS (a * 2) STORED);
COMMENT ON CONSTRAINT computed_a_not_null ON s.computed IS 'A NOT NULL';
CREATE PUBLICATION generated FOR TABLE s.computed WITH (publish_generated_columns = stored);
CREATE SUBSCRIPTION modern CONNECTION 'host=h.example password=p' PUBLICATION a WITH (connect = false, slot_name = 'm_slot', streaming = off, origin = none, password_required = false, run_as_owner = true, failover = true);
CREATE SUBSCRIPTION parallel CONNECTION 'host=h.example password=p' PUBLICATION a WITH (connect = false, slot_name = NONE, streaming = parallel);
ALTER DEFAULT PRIVILEGES FOR ROLE rare_role_owner GRANT SELECT ON LARGE OBJECTS TO rare_role_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE rare_role_owner GRANT MAINTAIN ON TABLES TO rare_role_writer;
CREATE EVENT TRIGGER at_login ON login EXECUTE FUNCTION s.watch();
