# shellcheck shell=bash disable=SC2034
# PostgreSQL 15 (Debian) and 18 (npm, and its client programs from Debian sid).

pg_bin() {
    case $1 in
    PG15) echo /usr/lib/postgresql/15/bin ;;
    PG18) echo "$CACHE/pg18/native/bin" ;;
    esac
}

pg_find() {
    local key=$1
    [[ -x $(pg_bin "$key")/postgres ]] || {
        # What PG18 lacks was told when it could not be installed.
        [[ $key != PG15 ]] || leave_out "PostgreSQL 15" "it is not installed"
        return 1
    }
    have psql || {
        leave_out "$key" "psql is not installed"
        return 1
    }
}

# The npm package has no client programs, and an older pg_dump refuses a newer server.
install_pg18_client() {
    [[ ! -x $(pg_bin PG18)/postgres ]] || install_from_sid pg18-client "the client of PostgreSQL 18" unpack_pg18_client
}

unpack_pg18_client() {
    local root=$1
    unpack_sid "$root" postgresql-client-18
    sid_wrappers "$root" "$root"/usr/lib/postgresql/18/bin/*
    "$root/bin/pg_dump" --version >"$root/version"
}

# The pg_dump of the same release, which speaks with no newer server.
pg_dump_of() {
    case $1 in
    PG15) echo /usr/lib/postgresql/15/bin/pg_dump ;;
    PG18) echo "$CACHE/pg18-client/bin/pg_dump" ;;
    esac
}

pg_release() { "$(pg_bin "$1")/postgres" --version | sed 's/.*) \([^ ]*\).*/\1/'; }

# pg_template KEY FOLDER: fills FOLDER/data
pg_template() {
    local key=$1 home=$2 socket=$RUN/new-$1 bin pid
    bin=$(pg_bin "$key")
    mkdir "$socket"
    give_to_server "$home" "$socket"
    as_server "$bin/initdb" --pgdata="$home/data" --username=postgres --auth=trust --no-sync \
        --encoding=UTF8 --locale=C.UTF-8 >"$socket/log" 2>&1 || {
        cat "$socket/log" >&2
        exit 1
    }
    pg_settings >>"$home/data/postgresql.conf"
    pg_access >"$home/data/pg_hba.conf"
    pg_command "$key" "$home" "$socket" 5432 ''
    spawn QUIT "$socket/log"
    pid=$!
    wait_for_log "$pid" "$socket/log" "$PG_READY"
    pg_accounts | psql -X -q -v ON_ERROR_STOP=1 -h "$socket" -U postgres -d postgres >&2
    kill -INT "$pid"
    wait "$pid"
    rm -f "$home"/data/postmaster.*
}

pg_settings() {
    cat <<'CONF'

# The test bed
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 100
wal_level = logical
max_wal_senders = 10
max_replication_slots = 10
shared_preload_libraries = 'pg_stat_statements'
log_statement = none
CONF
}

pg_access() {
    cat <<'HBA'
# TYPE  DATABASE     USER           ADDRESS        METHOD
local   all          postgres                      trust
local   all          banned                        reject
host    all          banned         all            reject
local   all          oldmd5                        md5
host    all          oldmd5         127.0.0.1/32   md5
host    all          oldmd5         ::1/128        md5
hostssl all          dbwright_cert  all            cert
host    all          dbwright_cert  all            reject
hostssl all          tlsonly        127.0.0.1/32   scram-sha-256
hostssl all          tlsonly        ::1/128        scram-sha-256
host    all          tlsonly        all            reject
host    all          nopw           127.0.0.1/32   trust
local   all          all                           scram-sha-256
host    all          all            127.0.0.1/32   scram-sha-256
host    all          all            ::1/128        scram-sha-256
local   replication  all                           scram-sha-256
host    replication  all            127.0.0.1/32   scram-sha-256
HBA
}

pg_accounts() {
    cat <<SQL
CREATE ROLE dbwright LOGIN SUPERUSER PASSWORD '$PASSWORD';
CREATE ROLE reader LOGIN PASSWORD 'reader';
CREATE ROLE tlsonly LOGIN PASSWORD 'tlsonly';
CREATE ROLE banned LOGIN PASSWORD 'banned';
CREATE ROLE nopw LOGIN;
CREATE ROLE dbwright_cert LOGIN;
SET password_encryption = md5;
SET client_min_messages = error;
CREATE ROLE oldmd5 LOGIN PASSWORD 'oldmd5';
RESET password_encryption;
CREATE DATABASE app OWNER dbwright;
CREATE DATABASE locked OWNER dbwright;
REVOKE ALL ON DATABASE app, locked FROM PUBLIC;
GRANT CONNECT ON DATABASE app TO PUBLIC;
\\connect app
GRANT USAGE ON SCHEMA public TO reader;
ALTER DEFAULT PRIVILEGES FOR ROLE dbwright GRANT SELECT ON TABLES TO reader;
ALTER DEFAULT PRIVILEGES FOR ROLE dbwright GRANT USAGE ON SCHEMAS TO reader;
CHECKPOINT;
SQL
}

# The lines of its log that tell that it is ready, and that the port is taken.
PG_READY='database system is ready to accept connections'
PG_TAKEN='could not bind'

# pg_command KEY HOME SOCKET-FOLDER PORT ADDRESSES: sets CMD
pg_command() {
    local key=$1 home=$2 socket=$3 port=$4 addresses=$5
    CMD=(
        "$(pg_bin "$key")/postgres" -D "$home/data"
        -c "port=$port" -c "listen_addresses=$addresses"
        -c "unix_socket_directories=$socket"
        -c "shared_buffers=${BED_CACHE_MB:-32}MB"
    )
    [[ -z $addresses ]] || CMD+=(
        -c ssl=on -c "ssl_ca_file=$RUN/tls/ca.crt"
        -c "ssl_cert_file=$RUN/tls/server.crt" -c "ssl_key_file=$RUN/tls/server.key"
    )
}

pg_socket() { echo "$1"; }

PG_SCHEME=postgres
PG_SIGNAL=QUIT
