# shellcheck shell=bash disable=SC2034
# MySQL 9, from Debian sid.

install_mysql() { install_from_sid mysql "MySQL 9" unpack_mysql; }

unpack_mysql() {
    local root=$1
    unpack_sid "$root" mysql-server-core mysql-client-core
    sid_wrappers "$root" "$root"/usr/sbin/mysqld "$root"/usr/bin/mysql*
    "$root/bin/mysqld" --no-defaults --version | sed 's/.*Ver \([^ -]*\).*/\1/' >"$root/version"
}

mysql_find() { [[ -x $CACHE/mysql/bin/mysqld ]]; }

mysql_release() { cat "$CACHE/mysql/version"; }

mysql_template() {
    local home=$2 socket=$RUN/new-$1 pid
    mkdir "$socket" "$home/tmp"
    give_to_server "$home" "$socket"
    mysql_command "$1" "$home" "$socket" 0 ''
    CMD+=(--initialize-insecure)
    spawn KILL "$socket/log"
    wait $! || {
        tail -n 20 "$socket/log" >&2
        exit 1
    }
    mysql_command "$1" "$home" "$socket" 0 ''
    spawn KILL "$socket/log"
    pid=$!
    wait_for_log "$pid" "$socket/log" "$MYSQL_READY"
    mysql_accounts | "$CACHE/mysql/bin/mysql" --no-defaults --socket="$socket/socket" --user=root >&2
    kill -TERM "$pid"
    wait "$pid"
    # Each copy makes an identity of its own.
    rm -f "$home/data/auto.cnf"
}

mysql_accounts() {
    cat <<SQL
CREATE DATABASE app;
CREATE USER dbwright IDENTIFIED BY '$PASSWORD';
GRANT ALL ON *.* TO dbwright WITH GRANT OPTION;
CREATE USER sha IDENTIFIED WITH caching_sha2_password BY 'sha';
GRANT ALL ON app.* TO sha;
$(mysql_common_accounts)
RESET BINARY LOGS AND GTIDS;
SQL
}

# Those that are the same on MySQL and MariaDB.
mysql_common_accounts() {
    cat <<'SQL'
CREATE USER reader IDENTIFIED BY 'reader';
GRANT SELECT ON app.* TO reader;
CREATE USER tlsonly IDENTIFIED BY 'tlsonly' REQUIRE SSL;
GRANT ALL ON app.* TO tlsonly;
CREATE USER dbwright_cert REQUIRE SUBJECT '/CN=dbwright_cert';
GRANT ALL ON app.* TO dbwright_cert;
CREATE USER nopw@'127.0.0.1';
GRANT ALL ON app.* TO nopw@'127.0.0.1';
SQL
}

MYSQL_READY='ready for connections'
MYSQL_TAKEN='Address already in use'

# mysql_command KEY HOME SOCKET-FOLDER PORT ADDRESSES: sets CMD
mysql_command() {
    local root=$CACHE/mysql
    CMD=(
        "$root/bin/mysqld" --no-defaults --basedir="$root/usr"
        --lc-messages-dir="$root/usr/share/mysql" --character-sets-dir="$root/usr/share/mysql/charsets"
        --plugin-dir="$root/usr/lib/mysql/plugin" --secure-file-priv=NULL --mysqlx=OFF
        --gtid-mode=ON --enforce-gtid-consistency=ON --innodb-redo-log-capacity=16M
    )
    mysql_options "$@"
}

# The options that are the same on MySQL and MariaDB.
mysql_options() {
    local home=$2 socket=$3 port=$4 addresses=$5
    # MariaDB deletes the temporary files of others when it starts, so each
    # server has a folder of its own for them; and asynchronous I/O is a limited
    # resource of the machine, which several test beds could use up.
    CMD+=(
        --tmpdir="$home/tmp" --innodb-use-native-aio=0
        --datadir="$home/data" --socket="$socket/socket" --pid-file="$socket/pid"
        --server-id=1 --log-bin=binlog --sync-binlog=0 --local-infile=1 --performance-schema=ON
        --event-scheduler=OFF --max-allowed-packet=256M --character-set-server=utf8mb4
        --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size="${BED_CACHE_MB:-64}M" --innodb-flush-method=nosync
        --innodb-doublewrite=0 --skip-name-resolve
    )
    if [[ -n $addresses ]]; then
        CMD+=(
            --bind-address="$addresses" --port="$port" --ssl-ca="$RUN/tls/ca.crt"
            --ssl-cert="$RUN/tls/server.crt" --ssl-key="$RUN/tls/server.key"
        )
    else
        CMD+=(--skip-networking)
    fi
}

mysql_socket() { echo "$1/socket"; }

MYSQL_SCHEME=mysql
MYSQL_SIGNAL=KILL
