#!/usr/bin/env bash
# The catalog of 5,000 tables with 10 columns and 2 indexes each, read and written as DDL: dbwright
# beside pg_dump, mysqldump and mariadb-dump, in turn on the same servers, and SQLite alone with
# sqlite3's .schema for comparison. Prints Markdown for docs/benchmarks.md.
set -euo pipefail
# shellcheck source=benches/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need pg_dump postgresql-client
need mariadb-dump mariadb-client
need sqlite3 sqlite3
[ -x /usr/bin/time ] || need time time
[ -n "${DBWRIGHT_TEST_PG15_URL:-}" ] || start_bed

work=${work:-$(mktemp -d)}
tables=${TABLES:-5000}
runs=${RUNS:-5}
export PGPASSWORD=$DBWRIGHT_TEST_PASSWORD MYSQL_PWD=$DBWRIGHT_TEST_PASSWORD
dbwright=$(installed "$dbwright" "$work/bin")
sqlite=$work/schema.db
name=dbwright_bench_schema

# The statements that make table number $1, alike on every engine.
columns() {
  echo "id integer not null primary key, name varchar(100) not null, email varchar(200), amount decimal(12,2),
    created timestamp not null default current_timestamp, changed timestamp null, active integer not null default 1,
    note varchar(500), parent integer, code char(8)"
}

statements() {
  local list
  list=$(columns)
  for i in $(seq "$tables"); do
    echo "create table t$i ($list);"
    echo "create index t${i}_name on t$i (name); create index t${i}_parent on t$i (parent, created);"
  done
}

# The same with the indexes inside, since each change of a table is a commit there.
mysql_statements() {
  local list
  list=$(columns)
  for i in $(seq "$tables"); do
    echo "create table t$i ($list, index t${i}_name (name), index t${i}_parent (parent, created));"
  done
}

pg() { echo "-h $1 -p $2 -U dbwright"; }
pg15=$(pg "$DBWRIGHT_TEST_PG15_HOST" "$DBWRIGHT_TEST_PG15_PORT")
pg18=$(pg "$DBWRIGHT_TEST_PG18_HOST" "$DBWRIGHT_TEST_PG18_PORT")
maria="--no-defaults -h $DBWRIGHT_TEST_MARIADB_HOST -P $DBWRIGHT_TEST_MARIADB_PORT -u dbwright"
mysql="--no-defaults -h $DBWRIGHT_TEST_MYSQL_HOST -P $DBWRIGHT_TEST_MYSQL_PORT -u dbwright"
mysqldump="$(dirname "$DBWRIGHT_TEST_MYSQL_CLIENT")/mysqldump"
url() { echo "${1%/*}/$name"; }

fill() {
  statements >"$work/schema.sql"
  (echo 'begin;'; cat "$work/schema.sql"; echo 'commit;') | sqlite3 "$sqlite"
  for one in "$pg15" "$pg18"; do
    psql -X -q $one -d postgres -c "drop database if exists $name" -c "create database $name"
    # Of some hundred tables a transaction: a server keeps no locks for all of them.
    (echo 'begin;'; awk '{ print } NR % 1000 == 0 { print "commit; begin;" }' "$work/schema.sql"; echo 'commit;') \
      | psql -X -q -v ON_ERROR_STOP=1 $one -d "$name"
  done
  mariadb $maria -e "drop database if exists $name; create database $name"
  mysql_statements >"$work/mysql.sql"
  mariadb $maria "$name" <"$work/mysql.sql"
  "$DBWRIGHT_TEST_MYSQL_CLIENT" $mysql -e "drop database if exists $name; create database $name"
  "$DBWRIGHT_TEST_MYSQL_CLIENT" $mysql "$name" <"$work/mysql.sql"
}

clean() {
  for one in "$pg15" "$pg18"; do psql -X -q $one -d postgres -c "drop database if exists $name"; done
  mariadb $maria -e "drop database if exists $name"
  "$DBWRIGHT_TEST_MYSQL_CLIENT" $mysql -e "drop database if exists $name"
}

machine
fill
printf '### The DDL of %s tables x 10 columns with 2 indexes each\n\n' "$tables"
printf '| command | wall, s | client CPU, s | peak memory, MiB |\n|---|---:|---:|---:|\n'
dump() { echo "$dbwright schema dump $1"; }
times "$runs" 'dbwright, SQLite' "$(dump "$sqlite")" 'sqlite3 .schema' "sqlite3 $sqlite .schema"
times "$runs" 'dbwright, PostgreSQL 15' "$(dump "$(url "$DBWRIGHT_TEST_PG15_URL")")" 'pg_dump -s' "pg_dump -s $pg15 $name"
if [ -n "${DBWRIGHT_TEST_PG18_DUMP:-}" ]; then
  times "$runs" 'dbwright, PostgreSQL 18' "$(dump "$(url "$DBWRIGHT_TEST_PG18_URL")")" 'pg_dump -s' "$DBWRIGHT_TEST_PG18_DUMP -s $pg18 $name"
fi
times "$runs" 'dbwright, MariaDB 10.11' "$(dump "$(url "$DBWRIGHT_TEST_MARIADB_URL")")" 'mariadb-dump --no-data' "mariadb-dump $maria --no-data --routines --events --triggers $name"
times "$runs" 'dbwright, MySQL 9' "$(dump "$(url "$DBWRIGHT_TEST_MYSQL_URL")")" 'mysqldump --no-data' "$mysqldump $mysql --no-data --routines --events --triggers $name"
clean
