# shellcheck shell=bash
# The certificates: a CA, what it signed, and a CA that nothing trusts.

make_certificates() {
    have openssl || die "openssl is not installed"
    certificates_last || fill_cache tls generate_certificates || die "the certificates could not be made"
}

# Whether all are there and valid for another month.
certificates_last() {
    local file
    for file in "$CACHE"/tls/*.crt; do
        [[ -e $file ]] || return 1
        openssl x509 -checkend 2592000 -noout -in "$file" >/dev/null || return 1
    done
}

generate_certificates() {
    cd "$1" || return
    authority ca "dbwright test CA"
    authority other-ca "another CA"
    signed server localhost "subjectAltName=DNS:localhost,IP:127.0.0.1" serverAuth
    signed server-other other.example "subjectAltName=DNS:other.example" serverAuth
    signed client dbwright_cert "subjectAltName=DNS:dbwright_cert" clientAuth
    chmod 600 ./*.key
}

new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null; }

authority() {
    new_key "$1"
    openssl req -x509 -new -key "$1.key" -sha256 -days 3650 -subj "/CN=$2" -out "$1.crt" \
        -addext "basicConstraints=critical,CA:TRUE" \
        -addext "keyUsage=critical,keyCertSign,cRLSign"
}

signed() {
    local name=$1 subject=$2 names=$3 use=$4
    new_key "$name"
    openssl req -new -key "$name.key" -subj "/CN=$subject" |
        openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial -sha256 -days 3650 \
            -out "$name.crt" 2>/dev/null -extfile <(
                printf '%s\n' "$names" "basicConstraints=critical,CA:FALSE" \
                    "keyUsage=critical,digitalSignature" "extendedKeyUsage=$use"
            )
}

# A copy for this run: the server's key has to belong to the servers' user.
copy_certificates() {
    cp -a "$CACHE/tls" "$RUN/tls"
    give_to_server "$RUN"/tls/server*.key
    publish DBWRIGHT_TEST_TLS "$RUN/tls"
}
