# shellcheck shell=bash disable=SC2034
# What every part of the test bed uses.

BED=full
WATCHDOG=
SERVER_USER=postgres
# Awkward on purpose: it has to survive URLs, shells and SQL.
PASSWORD='s3cret pw/@:%'
PASSWORD_IN_URL='s3cret%20pw%2F%40%3A%25'

note() { printf 'tests/run: %s\n' "$*" >&2; }

die() {
    note "$*"
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

is_root() { ((EUID == 0)); }

leave_out() {
    BED=partial
    [[ ${CI:-} != true ]] || die "with CI=true nothing may be left out, but $1 would be: $2"
    note "leaving out $1: $2"
}

can_run_servers() {
    [[ $(uname -s) == Linux ]] && have setpriv && have setsid && have flock
}

# PostgreSQL refuses to run as root, so as root all servers get another user.
as_server() {
    if is_root; then
        setpriv --reuid="$SERVER_USER" --regid="$SERVER_USER" --init-groups -- "$@"
    else
        "$@"
    fi
}

give_to_server() { if is_root; then chown -R "$SERVER_USER:" "$@"; fi; }

# A developer's own settings for the clients must not reach the tests.
clear_environment() {
    local name
    for name in $(compgen -e); do
        case $name in
        DBWRIGHT_TEST_CACHE) ;;
        PG* | MYSQL_* | MARIADB_* | AWS_* | DBWRIGHT_*) unset "$name" ;;
        esac
    done
    umask 022
}

# Whether the servers' user can reach a folder, or the place where it would be.
server_can_reach() {
    local folder=$1
    until [[ -d $folder ]]; do folder=$(dirname "$folder"); done
    as_server test -x "$folder"
}

choose_cache() {
    CACHE=${DBWRIGHT_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/dbwright-tests}
    if ! server_can_reach "$CACHE"; then
        [[ -z ${DBWRIGHT_TEST_CACHE:-} ]] ||
            die "user $SERVER_USER can't reach $CACHE: choose another DBWRIGHT_TEST_CACHE"
        CACHE=/var/cache/dbwright-tests
    fi
    mkdir -p "$CACHE"
    CACHE=$(cd "$CACHE" && pwd -P)
}

# The path must be short, for Unix sockets, and open to the servers' user.
make_run_folder() {
    local base=${TMPDIR:-/tmp}
    if ((${#base} > 60)) || ! server_can_reach "$base"; then base=/tmp; fi
    RUN=$(mktemp -d "$base/dbw.XXXXXX")
    chmod 755 "$RUN"
    mkdir "$RUN/pids"
    : >"$RUN/env"
    # It outlives this script, whatever ends it, and then cleans up.
    setsid setpriv --pdeathsig TERM -- bash "$HERE/bed/watchdog.sh" "$RUN" $$ \
        </dev/null >/dev/null 2>&1 &
    WATCHDOG=$!
    # Until then the signal would end it before it could clean up.
    until [[ -e $RUN/watched ]]; do
        kill -0 "$WATCHDOG" 2>/dev/null || die "the watchdog did not start"
        sleep 0.01
    done
}

stop_everything() {
    local code=$?
    trap '' INT TERM HUP
    kill "$WATCHDOG" 2>/dev/null || true
    wait "$WATCHDOG" 2>/dev/null || true
    exit "$code"
}

publish() {
    export "$1=$2"
    [[ -z $RUN ]] || printf 'export %s=%q\n' "$1" "$2" >>"$RUN/env"
}

finish_environment() {
    local name
    publish DBWRIGHT_TEST_BED "$BED"
    publish DBWRIGHT_TEST_PASSWORD "$PASSWORD"
    if have psql; then publish DBWRIGHT_TEST_PSQL "$(command -v psql)"; fi
    if have mariadb; then publish DBWRIGHT_TEST_MARIADB_CLIENT "$(command -v mariadb)"; fi
    if have sqlite3; then publish DBWRIGHT_TEST_SQLITE3 "$(command -v sqlite3)"; fi
}

run_tests() {
    have cargo || die "cargo is not installed"
    if [[ -z $RUN ]]; then
        exec cargo test "$@" </dev/null
    fi
    # In the background, so that the traps of this shell run at once; in a
    # session of its own, so that its whole group can be ended; and with the
    # interrupt signal, which background jobs ignore, set back for the tests.
    setsid env --default-signal=INT,QUIT setpriv --pdeathsig TERM -- \
        cargo test "$@" </dev/null &
    local pid=$! code=0
    echo "$pid" >"$RUN/pids/tests.group"
    wait "$pid" || code=$?
    rm -f "$RUN/pids/tests.group"
    exit "$code"
}
