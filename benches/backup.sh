#!/usr/bin/env bash
# Backups and restores: dbwright beside pg_dump, pg_restore, mariadb-dump, mydumper and sqlite3, in
# turn on the same servers. Prints Markdown for docs/benchmarks.md. ROWS and SCALE set the size of the
# data, ENGINES what is measured.
set -euo pipefail
# shellcheck source=benches/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need psql postgresql-client
need mariadb mariadb-client
need sqlite3 sqlite3
need zstd zstd
[ -x /usr/bin/time ] || need time time
[ -n "${DBWRIGHT_TEST_PG15_URL:-}" ] || start_bed

work=${work:-$(mktemp -d)}
runs=${RUNS:-3}
rows=${ROWS:-2000000}
scale=${SCALE:-50}
engines=${ENGINES:-postgres mariadb sqlite}
export PGPASSWORD=$DBWRIGHT_TEST_PASSWORD MYSQL_PWD=$DBWRIGHT_TEST_PASSWORD
dbwright=$(installed "$dbwright" "$work/bin")
bin=/usr/lib/postgresql/15/bin
name=dbwright_bench_backup
pg="-h $DBWRIGHT_TEST_PG15_HOST -p $DBWRIGHT_TEST_PG15_PORT -U dbwright"
maria="--no-defaults -h $DBWRIGHT_TEST_MARIADB_HOST -P $DBWRIGHT_TEST_MARIADB_PORT -u dbwright"
pg_url=${DBWRIGHT_TEST_PG15_URL%/*}
maria_url=${DBWRIGHT_TEST_MARIADB_URL%/*}

# CPU seconds of a server so far: of PostgreSQL those of sessions that have ended.
server_cpu() {
  local ticks
  case $1 in
    postgres) ticks=$(awk '{ print $16 + $17 }' "/proc/$DBWRIGHT_TEST_PG15_PID/stat") ;;
    mariadb) ticks=$(awk '{ print $14 + $15 }' "/proc/$DBWRIGHT_TEST_MARIADB_PID/stat") ;;
    *) ticks=0 ;;
  esac
  awk -v ticks="$ticks" -v hz="$(getconf CLK_TCK)" 'BEGIN { print ticks / hz }'
}

# measure ENGINE LABEL PREPARE COMMAND [SIZE OF]: a row of the table, medians of the runs.
measure() {
  local engine=$1 label=$2 prepare=$3 command=$4 of=${5:-} before after
  rm -f "$work/times"
  for _ in $(seq "$runs"); do
    bash -c "$prepare" >/dev/null 2>&1 || true
    before=$(server_cpu "$engine")
    /usr/bin/time -o "$work/one" -f '%e %U %S %M' bash -c "$command" >"$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
    sleep 0.3
    after=$(server_cpu "$engine")
    echo "$(cat "$work/one") $before $after" >>"$work/times"
  done
  sort -n "$work/times" | awk -v label="${label//|//}" -v size="$([ -n "$of" ] && du -sm "$of" | cut -f1)" '
    { wall[NR] = $1; client[NR] = $2 + $3; memory[NR] = $4 / 1024; server[NR] = $6 - $5 }
    END { m = int((NR + 1) / 2); printf "| %s | %.1f | %.1f | %.1f | %.0f | %s |\n", label, wall[m], client[m], server[m], memory[m], size }'
}

header() {
  echo
  echo "| $1 | wall s | client CPU s | server CPU s | memory MiB | size MiB |"
  echo "|---|---:|---:|---:|---:|---:|"
}

events="id bigint primary key, account int not null, kind varchar(20) not null, note text, body text, at timestamp, amount decimal(12,2), odd text"

fill_postgres() {
  psql -X -q $pg -d postgres -c "drop database if exists $name with (force)" -c "create database $name" 2>/dev/null
  "$bin/pgbench" $pg -q -i -s "$scale" "$name" >/dev/null 2>&1
  psql -X -q -v ON_ERROR_STOP=1 $pg -d "$name" -c "create table events ($events)" -c "
    insert into events select i, (i * 7919) % 100000, (array['click','view','order','refund'])[(1 + i % 4)::int],
      md5(i::text) || ' ' || md5((i * 3)::text), json_build_object('path', '/shop/' || i % 977, 'ref', md5((i % 5000)::text), 'n', i)::text,
      timestamp '2026-01-01' + i * interval '7 seconds', (i % 100000) / 100.0, case i % 3 when 0 then null when 1 then E'tab\\there' else E'it''s \\\\ \\n' end
    from generate_series(1::bigint, $rows) i" -c "create index on events (account)" -c "create index on events (at)" -c "create index on events (kind, amount)" -c "vacuum analyze events"
}

fill_mariadb() {
  mariadb $maria -e "drop database if exists $name; create database $name; use $name; create table events (${events/primary key/primary key auto_increment}, key (account), key (at), key (kind, amount));
    set max_recursive_iterations = 100000000, unique_checks = 0;
    insert into events select seq, (seq * 7919) % 100000, elt(1 + seq % 4, 'click', 'view', 'order', 'refund'), concat(md5(seq), ' ', md5(seq * 3)),
      json_object('path', concat('/shop/', seq % 977), 'ref', md5(seq % 5000), 'n', seq), '2026-01-01' + interval seq * 7 second, (seq % 100000) / 100,
      elt(1 + seq % 3, null, 'tab\\there', 'it''s \\\\ \\n') from seq_1_to_$rows; analyze table events" >/dev/null
}

fill_sqlite() {
  rm -f "$work/bench.db"*
  sqlite3 "$work/bench.db" "pragma journal_mode = wal; pragma synchronous = off; create table events ($events);
    insert into events with recursive n (i) as (select 1 union all select i + 1 from n where i < $rows)
      select i, (i * 7919) % 100000, 'click', hex(randomblob(32)), json_object('path', '/shop/' || (i % 977), 'n', i), datetime(1767225600 + i * 7, 'unixepoch'), (i % 100000) / 100.0, null from n;
    create index e1 on events (account); create index e2 on events (at); create table blobs (id integer primary key, data blob);
    insert into blobs with recursive n (i) as (select 1 union all select i + 1 from n where i < $rows / 100) select i, randomblob(10000) from n; pragma wal_checkpoint(truncate)" >/dev/null
}

my_login() { echo "-h $DBWRIGHT_TEST_MARIADB_HOST -P $DBWRIGHT_TEST_MARIADB_PORT -u dbwright -p '$MYSQL_PWD'"; }

create() { echo "$dbwright backup create $1 --repo $work/repo --jobs 2 --quiet"; }

for engine in $engines; do
  "fill_$engine"
  rm -rf "$work/repo"
  case $engine in
    postgres)
      header "PostgreSQL 15, pgbench scale $scale and $rows rows"
      measure postgres 'pg_dump -Fd -j2' "rm -rf $work/fd" "$bin/pg_dump $pg -Fd -j2 -f $work/fd $name" "$work/fd"
      measure postgres 'pg_dump -Fp | zstd -1' "rm -f $work/plain.zst" "$bin/pg_dump $pg -Fp $name | zstd -1 -q -o $work/plain.zst" "$work/plain.zst"
      measure postgres '**dbwright backup**' "rm -rf $work/repo" "$(create "$pg_url/$name")" "$work/repo"
      measure postgres 'dbwright backup, nothing changed' true "$(create "$pg_url/$name")"
      psql -X -q $pg -d "$name" -c "update events set amount = amount + 1 where id between $((rows / 2)) and $((rows / 2 + rows / 100))"
      before=$(du -sk "$work/repo" | cut -f1)
      measure postgres 'dbwright backup, 1 % of the events changed' true "$(create "$pg_url/$name")"
      echo "stored besides: $(($(du -sk "$work/repo" | cut -f1) - before)) KiB of $before KiB"
      header 'restore'
      fresh="psql -X -q $pg -d postgres -c 'drop database if exists ${name}_r with (force)'"
      measure postgres 'pg_restore -j2' "$fresh -c 'create database ${name}_r'" "$bin/pg_restore $pg -j2 -d ${name}_r $work/fd && psql -X -q $pg -d ${name}_r -c analyze"
      measure postgres '**dbwright restore**' "$fresh" "$dbwright restore latest --repo $work/repo --to $pg_url/app --as ${name}_r --jobs 2 --yes --quiet"
      psql -X -q $pg -d postgres -c "drop database ${name}_r with (force)" -c "drop database $name with (force)"
      ;;
    mariadb)
      header "MariaDB 10.11, $rows rows"
      measure mariadb 'mariadb-dump | zstd -1' "rm -f $work/m.zst" "mariadb-dump $maria --single-transaction $name | zstd -1 -q -o $work/m.zst" "$work/m.zst"
      measure mariadb 'mariadb-dump | gzip' "rm -f $work/m.gz" "mariadb-dump $maria --single-transaction $name | gzip > $work/m.gz" "$work/m.gz"
      [ -z "$(command -v mydumper)" ] || measure mariadb 'mydumper -t 2 -c' "rm -rf $work/my" "mydumper $(my_login) -B $name -t 2 -c -r 200000 -o $work/my" "$work/my"
      measure mariadb '**dbwright backup**' "rm -rf $work/repo" "$(create "$maria_url/$name")" "$work/repo"
      header 'restore'
      fresh="mariadb $maria -e 'drop database if exists ${name}_r'"
      measure mariadb 'mariadb < dump' "$fresh; mariadb $maria -e 'create database ${name}_r'" "zstd -dcq $work/m.zst | mariadb $maria ${name}_r"
      [ -z "$(command -v myloader)" ] || measure mariadb 'myloader -t 2' "$fresh" "myloader $(my_login) -B ${name}_r -d $work/my -t 2"
      measure mariadb '**dbwright restore**' "$fresh" "$dbwright restore latest --repo $work/repo --to $maria_url/app --as ${name}_r --jobs 2 --yes --quiet"
      mariadb $maria -e "drop database $name; drop database ${name}_r"
      ;;
    sqlite)
      header "SQLite, $(du -m "$work/bench.db" | cut -f1) MB"
      measure sqlite '.backup, then zstd -1' "rm -f $work/s.db*" "sqlite3 $work/bench.db '.backup $work/s.db' && zstd -1 -T2 -q $work/s.db -o $work/s.db.zst" "$work/s.db.zst"
      measure sqlite '**dbwright backup**' "rm -rf $work/repo" "$(create "$work/bench.db")" "$work/repo"
      header 'restore'
      measure sqlite 'zstd -d' "rm -f $work/r.db" "zstd -dq $work/s.db.zst -o $work/r.db"
      measure sqlite '**dbwright restore**' "rm -f $work/r.db*" "$dbwright restore latest --repo $work/repo --to $work/r.db --yes --quiet"
      ;;
  esac
done
