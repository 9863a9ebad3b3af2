-- Extensions whose members are set free, so that their base types, operators, operator classes,
-- casts, dictionaries and languages are ordinary objects of the database.
CREATE SCHEMA loose;
SET search_path = loose;
SET client_min_messages = warning;
CREATE EXTENSION hstore;
CREATE EXTENSION citext;
CREATE EXTENSION btree_gist;
CREATE EXTENSION btree_gin;
CREATE EXTENSION cube;
CREATE EXTENSION seg;
CREATE EXTENSION isn;
CREATE EXTENSION intarray;
CREATE EXTENSION ltree;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION unaccent;
CREATE EXTENSION dict_xsyn;
CREATE EXTENSION dict_int;
CREATE EXTENSION bloom;
CREATE EXTENSION file_fdw;
CREATE EXTENSION postgres_fdw;
CREATE EXTENSION lo;
DO $$
DECLARE
  each record;
BEGIN
  FOR each IN
    SELECT e.extname, i.type, i.identity
    FROM pg_extension e
    JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e',
      LATERAL pg_identify_object(d.classid, d.objid, 0) i
    WHERE e.extname <> 'plpgsql'
  LOOP
    -- From 18 on an array type goes with its element's.
    IF each.identity NOT LIKE '%[]' OR current_setting('server_version_num')::integer < 180000 THEN
      EXECUTE format('ALTER EXTENSION %I DROP %s %s', each.extname, replace(each.type, '-', ' '), each.identity);
    END IF;
  END LOOP;
  FOR each IN SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' LOOP
    EXECUTE format('DROP EXTENSION %I', each.extname);
  END LOOP;
END $$;
