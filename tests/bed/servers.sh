# shellcheck shell=bash
# Starting the servers. Each kind (pg, mysql, mariadb, s3) brings the functions
# KIND_find, _release, _template, _command and _socket, and the variables
# KIND_READY, _TAKEN, _SCHEME and _SIGNAL.

KEYS=()
declare -A PID PORT TRIES RELEASE

kind() {
    case $1 in
    PG*) echo pg ;;
    *) echo "${1,,}" ;;
    esac
}

# of KEY NAME: the variable NAME of the key's kind
of() {
    local name
    name=$(kind "$1")_$2
    name=${name^^}
    echo "${!name}"
}

# Starts CMD as the servers' user, with a bare environment and a log; it gets
# the signal when this shell dies. Its pid is $!.
spawn() {
    local signal=$1 log=$2 user=()
    if is_root; then user=(--reuid="$SERVER_USER" --regid="$SERVER_USER" --init-groups); fi
    setsid env -i PATH="$PATH" HOME="$RUN" LANG=C.UTF-8 \
        setpriv "${user[@]}" --pdeathsig "$signal" -- "${CMD[@]}" \
        </dev/null >"$log" 2>&1 9>&- &
}

# wait_for_log PID LOG TEXT
wait_for_log() {
    local deadline=$((SECONDS + 60))
    until grep -q "$3" "$2"; do
        if ! kill -0 "$1" 2>/dev/null || ((SECONDS > deadline)); then
            note "a server did not start; the end of its log:"
            tail -n 20 "$2" >&2
            return 1
        fi
        sleep 0.05
    done
}

prepare_servers() {
    local key jobs=() job
    lock_cache
    install_pg18
    install_pg18_client
    install_mysql
    install_seaweed
    make_certificates
    copy_certificates
    for key in $ONLY; do
        if "$(kind "$key")_find" "$key"; then KEYS+=("$key"); fi
    done
    for key in "${KEYS[@]}"; do
        RELEASE[$key]=$("$(kind "$key")_release" "$key")
        prepare "$key" &
        jobs+=($!)
        echo $! >"$RUN/pids/prepare-$key"
    done
    for job in "${jobs[@]}"; do wait "$job" || die "a server could not be prepared"; done
    rm -f "$RUN"/pids/prepare-*
    unlock_cache
}

# Gives the run a copy of the key's template, made if it isn't in the cache.
prepare() {
    local key=$1 name
    name=template-$key-${RELEASE[$key]}-$(cat "$HERE"/bed/*.sh | sha256sum | cut -c 1-12)
    if [[ ! -d $CACHE/$name ]]; then
        note "setting up ${RELEASE[$key]} for $key"
        fill_cache "$name" "$(kind "$key")_template" "$key" || return
    fi
    touch "$CACHE/$name"
    setpriv --pdeathsig KILL -- cp -a --reflink=auto "$CACHE/$name" "$RUN/${key,,}"
}

loopback_addresses() {
    local list=127.0.0.1,127.0.0.2
    if grep -q '^0\{31\}1 .* lo$' /proc/net/if_inet6 2>/dev/null; then list+=,::1; fi
    echo "$list"
}

# A port below those that the system gives to clients. Someone may still take
# it first: then the server is started again with another.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        if ! (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
}

start() {
    local key=$1 kind home=$RUN/${1,,}
    kind=$(kind "$key")
    PORT[$key]=$(free_port)
    "${kind}_command" "$key" "$home" "$home" "${PORT[$key]}" "$ADDRESSES"
    spawn "$(of "$key" SIGNAL)" "$home.log"
    PID[$key]=$!
    echo $! >"$RUN/pids/$key.$kind"
    disown
}

start_servers() {
    local key pending=() left deadline=$((SECONDS + 60))
    ADDRESSES=$(loopback_addresses)
    for key in "${KEYS[@]}"; do
        TRIES[$key]=1
        start "$key"
    done
    pending=("${KEYS[@]}")
    while ((${#pending[@]})); do
        left=()
        for key in "${pending[@]}"; do
            if is_ready "$key"; then
                publish_server "$key"
            else
                ((SECONDS <= deadline)) || give_up "$key" "did not start in time"
                left+=("$key")
            fi
        done
        pending=("${left[@]}")
        sleep 0.05
    done
}

is_ready() {
    local key=$1 log=$RUN/${1,,}.log
    if grep -q "$(of "$key" TAKEN)" "$log"; then
        ((TRIES[$key]++ < 5)) || give_up "$key" "found no free port"
        kill -KILL "${PID[$key]}" 2>/dev/null || true
        while kill -0 "${PID[$key]}" 2>/dev/null; do sleep 0.05; done
        rm -f "$RUN/${key,,}"/data/postmaster.pid
        start "$key"
        return 1
    fi
    kill -0 "${PID[$key]}" 2>/dev/null || give_up "$key" "stopped while it started"
    grep -q "$(of "$key" READY)" "$log"
}

give_up() {
    note "$1 ${RELEASE[$1]} $2; the end of its log:"
    tail -n 30 "$RUN/${1,,}.log" >&2
    exit 1
}

publish_server() {
    local key=$1 prefix=DBWRIGHT_TEST_$1 home=$RUN/${1,,}
    publish "${prefix}_HOST" 127.0.0.1
    publish "${prefix}_PORT" "${PORT[$key]}"
    publish "${prefix}_SOCKET" "$("$(kind "$key")_socket" "$home")"
    publish "${prefix}_URL" "$(of "$key" SCHEME)://dbwright:$PASSWORD_IN_URL@127.0.0.1:${PORT[$key]}/app"
    publish "${prefix}_LOG" "$home.log"
    publish "${prefix}_PID" "${PID[$key]}"
    publish "${prefix}_VERSION" "${RELEASE[$key]}"
    if [[ $key == S3 ]]; then s3_bucket app; fi
    if [[ $key == MYSQL ]]; then
        publish DBWRIGHT_TEST_MYSQL_CLIENT "$CACHE/mysql/bin/mysql"
    fi
    if [[ $key == PG* && -x $(pg_dump_of "$key") ]]; then
        publish "${prefix}_DUMP" "$(pg_dump_of "$key")"
    fi
}
