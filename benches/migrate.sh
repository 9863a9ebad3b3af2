#!/usr/bin/env bash
# 500 small migrations: dbwright beside dbmate and beside the engine's own client, which runs the same
# transactions with a row of history each (the floor), in turn on the same servers. Prints Markdown
# for docs/benchmarks.md. DBMATE names dbmate (npm install dbmate).
set -euo pipefail
# shellcheck source=benches/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need psql postgresql-client
need mariadb mariadb-client
need sqlite3 sqlite3
[ -x /usr/bin/time ] || need time time
[ -n "${DBWRIGHT_TEST_PG15_URL:-}" ] || start_bed

work=${work:-$(mktemp -d)}
runs=${RUNS:-5}
dbmate=${DBMATE:-}
export PGPASSWORD=$DBWRIGHT_TEST_PASSWORD MYSQL_PWD=$DBWRIGHT_TEST_PASSWORD
dbwright=$(installed "$dbwright" "$work/bin")
name=dbwright_bench_migrate
folder=$work/migrations
mkdir -p "$folder"

# The statements of migration $1: a table, a column, an index, two rows and a view in turn.
statement() {
  local table=t$((($1 + 4) / 5))
  case $(($1 % 5)) in
    1) echo "create table $table (id int not null primary key, name varchar(100));" ;;
    2) echo "alter table $table add column amount int;" ;;
    3) echo "create index ${table}_name on $table (name);" ;;
    4) echo "insert into $table (id, name) values (1, 'a'); insert into $table (id, name) values (2, 'b');" ;;
    0) echo "create view v$table as select id, name from $table;" ;;
  esac
}

for i in $(seq 500); do
  file=$folder/$((20260101000000 + i))_step.sql
  { echo '-- migrate:up'; statement "$i"; echo '-- migrate:down'; } >"$file"
done
{
  echo 'create table history (version varchar(40) primary key, note varchar(100));'
  for i in $(seq 500); do
    echo "begin; $(statement "$i") insert into history values ('$((20260101000000 + i))', 'a sum of 64 letters and more'); commit;"
  done
} >"$work/floor.sql"

pg="-h $DBWRIGHT_TEST_PG18_HOST -p $DBWRIGHT_TEST_PG18_PORT -U dbwright"
maria="--no-defaults -h $DBWRIGHT_TEST_MARIADB_HOST -P $DBWRIGHT_TEST_MARIADB_PORT -u dbwright"
url() { echo "${1%/*}/$name"; }

fresh() {
  rm -f "$work/bench.db" "$work/bench.db-wal"
  sqlite3 "$work/bench.db" 'pragma journal_mode = wal' >/dev/null
  psql -X -q $pg -d postgres -c "drop database if exists $name" -c "create database $name" 2>/dev/null
  mariadb $maria -e "drop database if exists $name; create database $name"
}

# one LABEL COMMAND: the time of a command on fresh databases, noted for the medians.
one() {
  fresh
  /usr/bin/time -a -o "$work/$1.times" -f '%e %U %S' bash -c "$2" >/dev/null 2>&1 || { echo "failed: $2" >&2; exit 1; }
}

median() {
  sort -n "$work/$1.times" | awk -v label="$2" '{ w[NR] = $1; c[NR] = $2 + $3 } END { m = int((NR + 1) / 2); printf "| %s | %.3f | %.3f |\n", label, w[m], c[m] }'
}

up() { echo "$dbwright migrate up $1 --dir $folder --yes ${2:-}"; }
mate() { echo "$dbmate -u '$1' -d $folder --no-dump-schema up"; }
pg18=$(url "$DBWRIGHT_TEST_PG18_URL")
mariadb_url=$(url "$DBWRIGHT_TEST_MARIADB_URL")
for _ in $(seq "$runs"); do
  one sqlite "$(up "$work/bench.db")"
  one sqlite-one "$(up "$work/bench.db" --one-transaction)"
  one sqlite-floor "sqlite3 $work/bench.db <$work/floor.sql"
  one pg "$(up "$pg18")"
  one pg-one "$(up "$pg18" --one-transaction)"
  one pg-floor "psql -X -q -v ON_ERROR_STOP=1 $pg -d $name -f $work/floor.sql"
  one maria "$(up "$mariadb_url")"
  one maria-floor "mariadb $maria $name <$work/floor.sql"
  if [ -n "$dbmate" ]; then
    one sqlite-dbmate "$(mate "sqlite:$work/bench.db")"
    one pg-dbmate "$(mate "$pg18?sslmode=disable")"
    one maria-dbmate "$(mate "mysql${mariadb_url#mariadb}")"
  fi
done

machine
printf '### 500 migrations\n\n| command | wall, s | client CPU, s |\n|---|---:|---:|\n'
for engine in 'sqlite SQLite sqlite3' 'pg PostgreSQL_18 psql' 'maria MariaDB_10.11 mariadb'; do
  read -r key title client <<<"$engine"
  title=${title/_/ }
  median "$key" "dbwright, $title"
  [ -f "$work/$key-one.times" ] && median "$key-one" "dbwright --one-transaction, $title"
  median "$key-floor" "$client, the same transactions"
  [ -f "$work/$key-dbmate.times" ] && median "$key-dbmate" "dbmate, $title"
done

fresh
$dbwright migrate up "$work/bench.db" --dir "$folder" --yes -q
printf '\n### Nothing to do\n\n| command | ms |\n|---|---:|\n'
many 100 'dbwright migrate up' "$dbwright migrate up $work/bench.db --dir $folder --yes" \
  'dbwright migrate status' "$dbwright migrate status $work/bench.db --dir $folder"
psql -X -q $pg -d postgres -c "drop database if exists $name"
mariadb $maria -e "drop database if exists $name"
