//! The tables of parameters; [`super::parameter`] says what they mean.

use super::parameter::{Effect, Form, Parameter};
use super::settings::Key;

const fn set(name: &'static str, key: Key, about: &'static str) -> Parameter {
    Parameter { name, aliases: &[], effect: Effect::Set(key), about }
}

const fn option(name: &'static str, form: Form, about: &'static str) -> Parameter {
    Parameter { name, aliases: &[], effect: Effect::Option(form), about }
}

const fn only(name: &'static str, harmless: &'static [&'static str], reason: &'static str) -> Parameter {
    Parameter { name, aliases: &[], effect: Effect::Only(harmless, reason), about: reason }
}

const fn harmless(name: &'static str, about: &'static str) -> Parameter {
    Parameter { name, aliases: &[], effect: Effect::Harmless, about }
}

const fn with(parameter: Parameter, effect: Effect) -> Parameter {
    Parameter { effect, ..parameter }
}

const fn aka(parameter: Parameter, aliases: &'static [&'static str]) -> Parameter {
    Parameter { aliases, ..parameter }
}

/// dbwright's own, on every engine where they have a meaning.
pub const SHARED: &[Parameter] = &[
    set("statement_timeout", Key::StatementTimeout, "a statement is cancelled after this time"),
    set("pool_size", Key::PoolSize, "connections of a pool"),
    set("read_only", Key::ReadOnly, "nothing can be written"),
    set("protected", Key::Protected, "changes must name the profile"),
    set("state_schema", Key::StateSchema, "the schema of dbwright's own tables"),
    set("scratch", Key::Scratch, "a server where databases may be made for a moment"),
    set("application_name", Key::ApplicationName, "the name the server shows for the session"),
    with(
        set("connect_timeout", Key::ConnectTimeout, "time to connect; a bare number means seconds"),
        Effect::Seconds(Key::ConnectTimeout),
    ),
];

/// SQLite: those of its URI filenames, and those of a connection.
pub const SQLITE: &[Parameter] = &[
    option("mode", Form::OneOf(&["ro", "rw", "rwc", "memory"]), "how the file is opened"),
    option("immutable", Form::Bool, "the file cannot change: no locks, no WAL"),
    option("cache", Form::OneOf(&["shared", "private"]), "whether connections share a page cache"),
    option("vfs", Form::Text, "SQLite's VFS to use"),
    option("foreign_keys", Form::Bool, "enforce foreign keys (on unless switched off)"),
    aka(set("lock_timeout", Key::LockTimeout, "how long to wait for a locked file"), &["busy_timeout"]),
    only(
        "journal_mode",
        &[],
        "the journal mode is a property of the file; change it by `pragma journal_mode`",
    ),
];

/// PostgreSQL: all of libpq's.
pub const POSTGRES: &[Parameter] = &[
    set("host", Key::Host, "host names, or the folder of a socket"),
    set("hostaddr", Key::HostAddr, "IP addresses, so that no name is looked up"),
    set("port", Key::Port, "one port, or one a host"),
    aka(set("dbname", Key::Database, "the database"), &["database"]),
    aka(set("user", Key::User, "the role"), &["username"]),
    with(set("password", Key::User, "the password; see Passwords"), Effect::Password),
    set("passfile", Key::Passfile, "the file with passwords, instead of ~/.pgpass"),
    set("service", Key::Service, "a section of pg_service.conf"),
    set("servicefile", Key::ServiceFile, "the service file, instead of ~/.pg_service.conf"),
    set("lock_timeout", Key::LockTimeout, "how long a statement waits for a lock"),
    aka(
        with(
            set("sslmode", Key::TlsMode, "disable, prefer, require, verify-ca, verify-full"),
            Effect::TlsMode,
        ),
        &["ssl"],
    ),
    set("sslrootcert", Key::TlsCaFile, "trusted authorities, or `system`"),
    set("sslcert", Key::TlsCertFile, "the client's certificate"),
    set("sslkey", Key::TlsKeyFile, "the client's key"),
    option("search_path", Form::Text, "the schemas that names are looked up in"),
    option("options", Form::Text, "command line options for the server process"),
    option(
        "target_session_attrs",
        Form::OneOf(&["any", "read-write", "read-only", "primary", "standby", "prefer-standby"]),
        "which of several hosts will do",
    ),
    option("load_balance_hosts", Form::OneOf(&["disable", "random"]), "try the hosts in random order"),
    option(
        "channel_binding",
        Form::OneOf(&["disable", "prefer", "require"]),
        "bind SCRAM to the TLS session",
    ),
    option("require_auth", Form::Text, "the ways of authentication that are accepted"),
    option("sslnegotiation", Form::OneOf(&["postgres", "direct"]), "how TLS is begun"),
    option("client_encoding", Form::Text, "the encoding of text"),
    option("keepalives", Form::Bool, "TCP keep-alives"),
    option("keepalives_idle", Form::Number, "seconds of silence before a keep-alive"),
    option("keepalives_interval", Form::Number, "seconds between keep-alives"),
    option("keepalives_count", Form::Number, "lost keep-alives before the connection is given up"),
    option("tcp_user_timeout", Form::Number, "milliseconds that sent data may stay unacknowledged"),
    only("gssencmode", &["prefer", "disable"], "encryption by GSSAPI is not supported; use TLS"),
    only("gssdelegation", &["0"], "GSSAPI is not supported"),
    only("requirepeer", &[], "the user of the server's process is not checked"),
    only("replication", &["false", "off", "no", "0"], "the replication protocol is not for this connection"),
    only("sslcrl", &[], "certificate revocation lists are not supported"),
    only("sslcrldir", &[], "certificate revocation lists are not supported"),
    only("sslpassword", &[], "an encrypted key is not supported; store it decrypted, readable by you only"),
    only("sslcertmode", &["allow"], "the client's certificate is sent when it is given and the server asks"),
    only("sslsni", &["1"], "the host name is always sent in the TLS handshake"),
    only(
        "ssl_min_protocol_version",
        &["TLSv1", "TLSv1.1", "TLSv1.2"],
        "TLS 1.2 and 1.3 are spoken; the least cannot be raised",
    ),
    only(
        "ssl_max_protocol_version",
        &["TLSv1.3"],
        "TLS 1.2 and 1.3 are spoken; the greatest cannot be lowered",
    ),
    only("min_protocol_version", &["3.0"], "protocol 3.0 is spoken"),
    only("scram_client_key", &[], "SCRAM keys are not supported; use a password"),
    only("scram_server_key", &[], "SCRAM keys are not supported; use a password"),
    only("sslkeylogfile", &[], "TLS secrets are not written to files"),
    only("oauth_issuer", &[], "OAuth is not supported"),
    only("oauth_client_id", &[], "OAuth is not supported"),
    only("oauth_client_secret", &[], "OAuth is not supported"),
    only("oauth_scope", &[], "OAuth is not supported"),
    harmless("max_protocol_version", "protocol 3.0 is spoken, which all servers know"),
    harmless("fallback_application_name", "set `application_name`"),
    harmless("krbsrvname", "only for GSSAPI"),
    harmless("gsslib", "only for GSSAPI"),
    harmless("sslcompression", "TLS compression is gone"),
];

/// MySQL and MariaDB, with `_` for `-`.
pub const MYSQL: &[Parameter] = &[
    set("host", Key::Host, "the server; `localhost` without a port means its socket"),
    set("port", Key::Port, "the port; it means TCP"),
    aka(set("socket", Key::Socket, "the socket file"), &["unix_socket"]),
    with(
        option("protocol", Form::OneOf(&["tcp", "socket"]), "`tcp` or `socket`"),
        Effect::Set(Key::Protocol),
    ),
    set("user", Key::User, "the account"),
    with(set("password", Key::User, "the password; see Passwords"), Effect::Password),
    set("database", Key::Database, "the database"),
    set("lock_timeout", Key::LockTimeout, "how long a statement waits for a lock"),
    aka(
        with(
            set("ssl_mode", Key::TlsMode, "DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY"),
            Effect::TlsMode,
        ),
        &["sslmode", "tls"],
    ),
    aka(set("ssl_ca", Key::TlsCaFile, "trusted authorities"), &["sslrootcert"]),
    aka(set("ssl_cert", Key::TlsCertFile, "the client's certificate"), &["sslcert"]),
    aka(set("ssl_key", Key::TlsKeyFile, "the client's key"), &["sslkey"]),
    aka(option("charset", Form::Text, "the character set"), &["default_character_set"]),
    option("sql_mode", Form::Text, "the session's sql_mode"),
    option("time_zone", Form::Text, "the session's time zone"),
    option("max_allowed_packet", Form::Size, "bytes of the largest packet"),
    option("get_server_public_key", Form::Bool, "ask the server for its RSA key when TLS is off"),
    aka(
        option("server_public_key", Form::Path, "the server's RSA key, in a file"),
        &["server_public_key_path"],
    ),
    only("ssl_capath", &[], "a folder of authorities is not supported; use `ssl-ca`"),
    only("ssl_crl", &[], "certificate revocation lists are not supported"),
    only("ssl_crlpath", &[], "certificate revocation lists are not supported"),
    only("ssl_cipher", &[], "ciphers cannot be chosen"),
    aka(
        only("compression", &["false", "0", "off", "no"], "compression of the protocol is not supported"),
        &["compress"],
    ),
];
