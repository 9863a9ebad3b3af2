#!/usr/bin/env bash
# Start-up, `select 1`, and a million rows to CSV and to a table: dbwright beside psql, mysql,
# mariadb and sqlite3, in turn on the same servers. Prints Markdown for docs/benchmarks.md.
# DBWRIGHT_STATIC names a static build (docs/building.md), to be measured beside the release build.
set -euo pipefail
# shellcheck source=benches/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need psql postgresql-client
need mariadb mariadb-client
need sqlite3 sqlite3
[ -x /usr/bin/time ] || need time time
[ -n "${DBWRIGHT_TEST_PG15_URL:-}" ] || start_bed

work=${work:-$(mktemp -d)}
rows=${ROWS:-1000000}
static=$(installed "${DBWRIGHT_STATIC:-$dbwright}" "$work/static")
dbwright=$(installed "$dbwright" "$work/bin")
export PGPASSWORD=$DBWRIGHT_TEST_PASSWORD MYSQL_PWD=$DBWRIGHT_TEST_PASSWORD
sqlite=$work/bench.db

pg() { echo "psql -X -h $1 -p $2 -U dbwright app"; }
pg15="$(pg "$DBWRIGHT_TEST_PG15_HOST" "$DBWRIGHT_TEST_PG15_PORT")"
pg18="$(pg "$DBWRIGHT_TEST_PG18_HOST" "$DBWRIGHT_TEST_PG18_PORT")"
maria="mariadb --no-defaults -h $DBWRIGHT_TEST_MARIADB_HOST -P $DBWRIGHT_TEST_MARIADB_PORT -u dbwright app"
mysql="$DBWRIGHT_TEST_MYSQL_CLIENT --no-defaults -h $DBWRIGHT_TEST_MYSQL_HOST -P $DBWRIGHT_TEST_MYSQL_PORT -u dbwright app"

fill() {
  for one in "$pg15" "$pg18"; do
    $one -q -c "drop table if exists bench" -c "create table bench as select i as id, 'customer ' || i as name,
      'user' || i || '@example.com' as email, (i * 7 % 100000) / 100.0 as amount,
      timestamp '2026-01-01' + i * interval '1 second' as created, i % 3 = 0 as active
      from generate_series(1, $rows) i" -c "vacuum analyze bench"
  done
  sqlite3 "$sqlite" "create table bench as with recursive n(i) as (select 1 union all select i + 1 from n where i < $rows)
    select i as id, 'customer ' || i as name, 'user' || i || '@example.com' as email, (i * 7 % 100000) / 100.0 as amount,
    datetime('2026-01-01', i || ' seconds') as created, i % 3 = 0 as active from n"
  $maria -e "create or replace table bench as select seq as id, concat('customer ', seq) as name,
    concat('user', seq, '@example.com') as email, (seq * 7 % 100000) / 100.0 as amount,
    timestamp '2026-01-01 00:00:00' + interval seq second as created, seq % 3 = 0 as active from seq_1_to_$rows"
  $mysql -e "drop table if exists bench; set cte_max_recursion_depth = $rows; create table bench as
    with recursive n(i) as (select 1 union all select i + 1 from n where i < $rows)
    select i as id, concat('customer ', i) as name, concat('user', i, '@example.com') as email,
    (i * 7 % 100000) / 100.0 as amount, timestamp '2026-01-01 00:00:00' + interval i second as created, i % 3 = 0 as active from n"
}

machine
fill
query='select * from bench'
start_table() { printf '\n| %s | wall, s | client CPU, s | peak memory, MiB |\n|---|---:|---:|---:|\n' "$1"; }

printf '### Start\n\n| command | ms |\n|---|---:|\n'
many 1000 'dbwright --version' "$dbwright --version" 'dbwright --version, static' "$static --version" '/bin/true' /bin/true
printf '\n### select 1\n\n| command | ms |\n|---|---:|\n'
many 2000 \
  'dbwright, SQLite' "$dbwright connect $sqlite -c 'select 1'" 'sqlite3' "sqlite3 $sqlite 'select 1'" \
  'dbwright, SQLite, static' "$static connect $sqlite -c 'select 1'"
many 100 \
  'dbwright, PostgreSQL 15' "$dbwright connect $DBWRIGHT_TEST_PG15_URL -c 'select 1'" 'psql' "$pg15 -c 'select 1'" \
  'dbwright, PostgreSQL 18' "$dbwright connect $DBWRIGHT_TEST_PG18_URL -c 'select 1'" 'psql' "$pg18 -c 'select 1'" \
  'dbwright, MariaDB 10.11' "$dbwright connect $DBWRIGHT_TEST_MARIADB_URL -c 'select 1'" 'mariadb' "$maria -e 'select 1'" \
  'dbwright, MySQL 9' "$dbwright connect $DBWRIGHT_TEST_MYSQL_URL -c 'select 1'" 'mysql' "$mysql -e 'select 1'"

printf '\n### %s rows x 6 columns to CSV\n' "$rows"
start_table 'command'
csv() { echo "$dbwright connect $1 --format csv -c '$query'"; }
times 9 'dbwright, SQLite' "$(csv "$sqlite")" 'sqlite3 -csv' "sqlite3 -csv $sqlite '$query'"
times 9 'dbwright, PostgreSQL 15' "$(csv "$DBWRIGHT_TEST_PG15_URL")" 'psql --csv' "$pg15 --csv -c '$query'"
times 9 'dbwright, PostgreSQL 18' "$(csv "$DBWRIGHT_TEST_PG18_URL")" 'psql --csv' "$pg18 --csv -c '$query'"
times 9 'dbwright, MariaDB 10.11' "$(csv "$DBWRIGHT_TEST_MARIADB_URL")" 'mariadb --batch' "$maria --batch -e '$query'"
times 9 'dbwright, MySQL 9' "$(csv "$DBWRIGHT_TEST_MYSQL_URL")" 'mysql --batch' "$mysql --batch -e '$query'"

printf '\n### 100,000 rows as an aligned table\n'
start_table 'command'
some="$query limit 100000"
table() { echo "$dbwright connect $1 --format table -c '$some'"; }
times 5 'dbwright, PostgreSQL 15' "$(table "$DBWRIGHT_TEST_PG15_URL")" 'psql' "$pg15 -c '$some'"
times 5 'dbwright, SQLite' "$(table "$sqlite")" 'sqlite3 -table' "sqlite3 -table $sqlite '$some'"
times 5 'dbwright, MariaDB 10.11' "$(table "$DBWRIGHT_TEST_MARIADB_URL")" 'mariadb --table' "$maria --table -e '$some'"
