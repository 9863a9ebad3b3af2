# Shared by the benchmarks: servers, interleaved timing, tables.
# shellcheck shell=bash

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dbwright=${DBWRIGHT:-$here/target/release/dbwright}

need() {
  command -v "$1" >/dev/null || { echo "benchmark: $1 is missing (Debian package $2)" >&2; exit 2; }
}

# installed BINARY FOLDER: copies a program as an installation does, and prints its new path. What a
# linker has just written lies in the page cache in small pieces, and starts half a millisecond
# later than the same bytes from a copy; the programs it is measured against were copied too.
installed() {
  mkdir -p "$2"
  install -m 755 "$1" "$2/dbwright"
  echo "$2/dbwright"
}

# Starts the test bed's servers, with memory for the tables as a server in use has it, and imports
# their addresses; they stop with this script.
start_bed() {
  local env_file
  env_file=$(mktemp)
  BED_CACHE_MB=512 "$here/tests/run" --servers-only --env-file "$env_file" >/dev/null &
  bed=$!
  trap 'kill "$bed" 2>/dev/null; wait "$bed" 2>/dev/null; rm -rf "$env_file" "${work:-}"' EXIT
  for _ in $(seq 600); do
    [ -s "$env_file" ] && break
    kill -0 "$bed" 2>/dev/null || { echo "benchmark: the servers did not start" >&2; exit 1; }
    sleep 0.5
  done
  # shellcheck disable=SC1090
  . "$env_file"
}

# times RUNS LABEL COMMAND [LABEL COMMAND ...]: runs the commands in turn, RUNS times each, and
# prints the median wall time, the CPU time of the client and its peak memory.
times() {
  local runs=$1 round index samples
  shift
  samples=$(mktemp -d)
  for round in $(seq "$runs"); do
    for ((index = 1; index <= $#; index += 2)); do
      local command_index=$((index + 1))
      /usr/bin/time -o "$samples/$index.$round" -f '%e %U %S %M' bash -c "exec ${!command_index}" >/dev/null 2>&1 </dev/null \
        || { echo "failed: ${!command_index}" >&2; return 1; }
    done
  done
  for ((index = 1; index <= $#; index += 2)); do
    cat "$samples/$index".* | sort -n | awk -v label="${!index}" '
      { wall[NR] = $1; cpu[NR] = $2 + $3; if ($4 > peak) peak = $4 }
      END { m = int((NR + 1) / 2); printf "| %s | %.3f | %.3f | %.1f |\n", label, wall[m], cpu[m], peak / 1024 }'
  done
  rm -rf "$samples"
}

# many RUNS LABEL COMMAND [LABEL COMMAND ...]: the mean wall time in milliseconds of short commands.
many() {
  local runs=$1 index
  shift
  local -A total
  local block round began
  for block in $(seq $((runs / 20))); do
    for ((index = 1; index <= $#; index += 2)); do
      local command_index=$((index + 1))
      began=$(date +%s%N)
      bash -c "for round in \$(seq 20); do ${!command_index} >/dev/null 2>&1 </dev/null || exit 1; done" \
        || { echo "failed: ${!command_index}" >&2; return 1; }
      total[$index]=$((${total[$index]:-0} + $(date +%s%N) - began))
    done
  done
  for ((index = 1; index <= $#; index += 2)); do
    awk -v label="${!index}" -v ns="${total[$index]}" -v n="$runs" 'BEGIN { printf "| %s | %.2f |\n", label, ns / n / 1e6 }'
  done
}

machine() {
  printf '%s, %s cores, %s, dbwright %s\n\n' \
    "$(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo)" "$(nproc)" \
    "$(date -u +%Y-%m-%d)" "$("$dbwright" --version | cut -d' ' -f2)"
}
