#!/usr/bin/env bash
# How long it takes to document a SQLite database of 500 tables (TABLES) with foreign keys, as one
# HTML page, as a folder of Markdown, and as a drawing. The aim: less than 2 s each.
set -euo pipefail
# shellcheck source=benches/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need sqlite3 sqlite3
[ -x /usr/bin/time ] || need time time

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tables=${TABLES:-500}
awk -v tables="$tables" 'BEGIN {
  srand(7)
  print "begin;"
  for (t = 0; t < tables; t++) {
    printf "create table area_%d_thing_%d (id integer primary key, name text not null, created text default current_timestamp", t % 12, t
    keys = int(rand() * 4)
    for (k = 0; k < keys && t > 0; k++) {
      parent = rand() < 0.25 ? int(rand() * (t < 8 ? t : 8)) : t - 1 - int(rand() * (t < 40 ? t : 40))
      printf ", ref%d_id integer %s references area_%d_thing_%d(id)", k, rand() < 0.5 ? "not null" : "", parent % 12, parent
    }
    for (c = 0; c < 6; c++) printf ", value_%d real", c
    printf ");\ncreate index thing_%d_by_name on area_%d_thing_%d(name);\n", t, t % 12, t
  }
  print "commit;"
}' | sqlite3 "$work/big.db"

printf '### Documentation of %s tables\n\n' "$tables"
printf '| what | wall, s | CPU, s | peak memory, MiB |\n|---|---:|---:|---:|\n'
times "${RUNS:-9}" \
  'schema docs, HTML' "$dbwright schema docs $work/big.db --out $work/page.html" \
  'schema docs, Markdown' "$dbwright schema docs $work/big.db --out $work/docs" \
  'schema graph, SVG' "$dbwright schema graph $work/big.db --format svg"
printf '\nThe page has %s bytes, the folder %s files.\n' \
  "$(stat -c %s "$work/page.html")" "$(find "$work/docs" -type f | wc -l)"
