#!/usr/bin/env bash
# Databases copied between engines: `dbwright migrate copy`, which looks at every value and reads every
# row again at the end, beside the raw pipe of the engines' own clients, which does neither. Prints
# Markdown for docs/benchmarks.md. ROWS sets the size of the data, PAIRS what is measured.
set -euo pipefail
# shellcheck source=benches/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need psql postgresql-client
need mariadb mariadb-client
need sqlite3 sqlite3
[ -x /usr/bin/time ] || need time time
[ -n "${DBWRIGHT_TEST_PG15_URL:-}" ] || start_bed

work=${work:-$(mktemp -d)}
runs=${RUNS:-3}
rows=${ROWS:-1000000}
pairs=${PAIRS:-sqlite-postgres mariadb-postgres postgres-mariadb postgres-sqlite sqlite-mariadb postgres-postgres}
export PGPASSWORD=$DBWRIGHT_TEST_PASSWORD MYSQL_PWD=$DBWRIGHT_TEST_PASSWORD
dbwright=$(installed "$dbwright" "$work/bin")
name=dbwright_bench_copy
pg="-h $DBWRIGHT_TEST_PG15_HOST -p $DBWRIGHT_TEST_PG15_PORT -U dbwright"
maria="--no-defaults -h $DBWRIGHT_TEST_MARIADB_HOST -P $DBWRIGHT_TEST_MARIADB_PORT -u dbwright"
pg_url=${DBWRIGHT_TEST_PG15_URL%/*}
maria_url=${DBWRIGHT_TEST_MARIADB_URL%/*}

# measure LABEL PREPARE COMMAND: a row of the table, medians of the runs.
measure() {
  rm -f "$work/times"
  for _ in $(seq "$runs"); do
    bash -c "$2" >/dev/null 2>&1
    /usr/bin/time -o "$work/one" -f '%e %U %S %M' bash -c "set -o pipefail; $3" >"$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
    cat "$work/one" >>"$work/times"
  done
  sort -n "$work/times" | awk -v label="${1//|//}" -v rows="$rows" '
    { wall[NR] = $1; cpu[NR] = $2 + $3; memory[NR] = $4 / 1024 }
    END { m = int((NR + 1) / 2); printf "| %s | %.1f | %.1f | %.0f | %d |\n", label, wall[m], cpu[m], memory[m], rows / wall[m] }'
}

header() {
  echo
  echo "| $1 | wall s | client CPU s | memory MiB | rows/s |"
  echo "|---|---:|---:|---:|---:|"
}

new_pg() { echo "psql -X -q $pg -d postgres -c 'drop database if exists ${name}_to with (force)' -c 'create database ${name}_to'"; }
new_maria() { echo "mariadb $maria -e 'drop database if exists ${name}_to; create database ${name}_to'"; }
pg_table="psql -X -q $pg -d ${name}_to -c 'create table big (id bigint primary key, account bigint, note text, amount double precision, at timestamp)'"
copy_in="psql -X -q $pg -d ${name}_to -v ON_ERROR_STOP=1 -c"
copy() { echo "$dbwright migrate copy --from $1 --to $2 --allow-loss --yes --quiet --no-progress"; }

sqlite3 "$work/big.db" "pragma journal_mode = off; pragma synchronous = off;
  create table big (id integer primary key, account integer, note text, amount real, at datetime);
  insert into big with recursive n (i) as (select 1 union all select i + 1 from n where i < $rows)
    select i, (i * 7919) % 100000, 'note ' || hex(randomblob(12)), (i * 7919 % 1000003) / 7.0, datetime(1767225600 + i * 7, 'unixepoch') from n" >/dev/null
psql -X -q $pg -d postgres -c "drop database if exists $name with (force)" -c "create database $name" 2>/dev/null
mariadb $maria -e "drop database if exists $name; create database $name"
bash -c "$(copy "$work/big.db" "$pg_url/$name")" >/dev/null
bash -c "$(copy "$work/big.db" "$maria_url/$name")" >/dev/null

for pair in $pairs; do
  case $pair in
    sqlite-postgres)
      header "SQLite to PostgreSQL 15"
      measure 'sqlite3 -csv | psql COPY' "$(new_pg) && $pg_table" "sqlite3 -csv $work/big.db 'select * from big' | $copy_in 'copy big from stdin (format csv)'"
      [ -z "$(command -v pgloader)" ] || measure pgloader "$(new_pg)" "pgloader sqlite://$work/big.db $pg_url/${name}_to"
      measure '**dbwright migrate copy**' "$(new_pg)" "$(copy "$work/big.db" "$pg_url/${name}_to")"
      ;;
    mariadb-postgres)
      header "MariaDB 10.11 to PostgreSQL 15"
      measure 'mariadb --quick | psql COPY' "$(new_pg) && $pg_table" "mariadb $maria --quick --skip-column-names -B $name -e 'select * from big' | $copy_in 'copy big from stdin'"
      measure '**dbwright migrate copy**' "$(new_pg)" "$(copy "$maria_url/$name" "$pg_url/${name}_to")"
      ;;
    postgres-mariadb)
      header "PostgreSQL 15 to MariaDB 10.11"
      measure '**dbwright migrate copy**' "$(new_maria)" "$(copy "$pg_url/$name" "$maria_url/${name}_to")"
      ;;
    sqlite-mariadb)
      header "SQLite to MariaDB 10.11"
      measure '**dbwright migrate copy**' "$(new_maria)" "$(copy "$work/big.db" "$maria_url/${name}_to")"
      ;;
    postgres-sqlite)
      header "PostgreSQL 15 to SQLite"
      measure '**dbwright migrate copy**' "rm -f $work/to.db" "$(copy "$pg_url/$name" "$work/to.db")"
      ;;
    postgres-postgres)
      header "PostgreSQL 15 to PostgreSQL 15"
      measure 'psql COPY | psql COPY' "$(new_pg) && $pg_table" "psql -X -q $pg -d $name -c 'copy big to stdout' | $copy_in 'copy big from stdin'"
      measure '**dbwright migrate copy**' "$(new_pg)" "$(copy "$pg_url/$name" "$pg_url/${name}_to")"
      ;;
  esac
done
psql -X -q $pg -d postgres -c "drop database if exists $name with (force)" -c "drop database if exists ${name}_to with (force)"
mariadb $maria -e "drop database if exists $name; drop database if exists ${name}_to"
rm -rf "$work/big.db" "$work/to.db"
