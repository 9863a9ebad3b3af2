# shellcheck shell=bash disable=SC2034
# MariaDB: Debian's own.

mariadb_find() {
    [[ -x /usr/sbin/mariadbd ]] && have mariadb-install-db && have mariadb && return
    leave_out "MariaDB" "it is not installed"
    return 1
}

mariadb_release() { /usr/sbin/mariadbd --no-defaults --version | sed 's/.*Ver \([^ -]*\).*/\1/'; }

mariadb_template() {
    local home=$2 socket=$RUN/new-$1 pid
    mkdir "$socket" "$home/tmp"
    give_to_server "$home" "$socket"
    as_server mariadb-install-db --no-defaults --datadir="$home/data" --skip-test-db \
        --auth-root-authentication-method=normal --innodb-log-file-size=16M --tmpdir="$home/tmp" \
        >"$socket/log" 2>&1 || {
        head -n 30 "$socket/log" >&2
        exit 1
    }
    mariadb_command "$1" "$home" "$socket" 0 ''
    spawn KILL "$socket/log"
    pid=$!
    wait_for_log "$pid" "$socket/log" "$MARIADB_READY"
    mariadb_accounts | mariadb --no-defaults --socket="$socket/socket" --user=root >&2
    kill -TERM "$pid"
    wait "$pid"
}

mariadb_accounts() {
    cat <<SQL
CREATE DATABASE app;
CREATE USER dbwright IDENTIFIED VIA mysql_native_password USING PASSWORD('$PASSWORD');
GRANT ALL ON *.* TO dbwright WITH GRANT OPTION;
$(mysql_common_accounts)
SQL
    if [[ -e /usr/lib/mysql/plugin/auth_ed25519.so ]]; then
        cat <<'SQL'
INSTALL SONAME 'auth_ed25519';
CREATE USER ed IDENTIFIED VIA ed25519 USING PASSWORD('ed');
GRANT ALL ON app.* TO ed;
SQL
    fi
    echo "RESET MASTER;"
}

MARIADB_READY='ready for connections'
MARIADB_TAKEN='Address already in use'

# mariadb_command KEY HOME SOCKET-FOLDER PORT ADDRESSES: sets CMD
mariadb_command() {
    CMD=(/usr/sbin/mariadbd --no-defaults --binlog-format=ROW --innodb-log-file-size=16M)
    mysql_options "$@"
}

mariadb_socket() { echo "$1/socket"; }

MARIADB_SCHEME=mariadb
MARIADB_SIGNAL=KILL
