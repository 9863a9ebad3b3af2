//! URLs of servers and connection strings: what they set and what is refused.

use proptest::prelude::*;

use super::*;
use crate::model::target::ExposeSecret;

fn read(text: &str) -> Settings {
    parse(text, &Origin::Url("URL")).unwrap_or_else(|problem| panic!("{text}: {problem:?}"))
}

/// The settings as `key=value` words in one line.
fn words(settings: &Settings) -> String {
    let values = settings.iter().map(|(key, setting)| format!("{}={}", key.word(), setting.value));
    let options = settings.options.iter().map(|(name, setting)| format!("?{name}={}", setting.value));
    let password =
        settings.password.iter().map(|password| format!("password={}", password.secret.expose_secret()));
    values.chain(options).chain(password).collect::<Vec<_>>().join(" ")
}

#[test]
fn postgres_urls() {
    let cases = [
        ("postgres://", ""),
        ("postgresql://localhost", "host=localhost"),
        ("postgresql:///mydb", "database=mydb"),
        ("postgresql://localhost:5433", "host=localhost port=5433"),
        ("postgresql://user@localhost", "host=localhost user=user"),
        ("postgresql://user:secret@localhost/db", "host=localhost user=user database=db password=secret"),
        ("postgres://u:p%40ss%2F@h/db", "host=h user=u database=db password=p@ss/"),
        ("postgres://u:p@ss@h/db", "host=h user=u database=db password=p@ss"),
        ("postgres://:pw@h", "host=h password=pw"),
        ("postgres://u:@h", "host=h user=u"),
        (
            "postgresql://h1:1,h2:2/db?target_session_attrs=primary",
            "host=h1,h2 port=1,2 database=db ?target_session_attrs=primary",
        ),
        ("postgresql://h1,h2:5433/", "host=h1,h2 port=,5433"),
        ("postgresql://[::1]:5433/db", "host=::1 port=5433 database=db"),
        ("postgresql://[2001:db8::1234]/db", "host=2001:db8::1234 database=db"),
        ("postgresql:///db?host=localhost&port=5433", "host=localhost port=5433 database=db"),
        ("postgresql://%2Fvar%2Frun%2Fpostgresql/db", "host=/var/run/postgresql database=db"),
        ("postgresql://localhost/db?host=/tmp", "host=/tmp database=db"),
        ("postgresql:///db?user=u&password=p%20w", "user=u database=db password=p w"),
        ("postgresql://h/d%20b?application_name=my%20app", "host=h database=d b application_name=my app"),
        ("postgresql://h/db?connect_timeout=10", "host=h database=db connect_timeout=10s"),
        (
            "postgresql://h/db?sslmode=verify-full&sslrootcert=/ca.pem",
            "host=h database=db tls.mode=verify-full tls.ca=/ca.pem",
        ),
        ("postgres://h/?sslmode=verify-full&sslrootcert=system", "host=h tls.mode=verify-full tls.ca=system"),
        ("postgres://h?options=-c%20geqo%3Doff", "host=h ?options=-c geqo=off"),
        ("postgres://h?statement_timeout=30s&protected=true", "host=h statement_timeout=30s protected=true"),
        ("postgres://h?service=&sslcrl=", "host=h"),
        ("postgresql+psycopg2://u@h/db", "host=h user=u database=db"),
        ("POSTGRES://h", "host=h"),
        ("pg://h", "host=h"),
        ("postgres://h/db?hostaddr=10.0.0.1", "host=h hostaddr=10.0.0.1 database=db"),
        (" postgres://h/db ", "host=h database=db"),
    ];
    for (text, expected) in cases {
        let settings = read(text);
        assert_eq!(settings.engine, EngineKind::Postgres, "{text}");
        assert_eq!(words(&settings), expected, "{text}");
    }
}

#[test]
fn connection_strings() {
    let cases = [
        ("host=localhost port=5432 dbname=mydb", "host=localhost port=5432 database=mydb"),
        ("dbname = 'my db' user='o\\'hara'", "user=o'hara database=my db"),
        ("host=/tmp user=u password=a\\ b", "host=/tmp user=u password=a b"),
        ("host='' user=u", "user=u"),
        ("dbname=x sslmode=require", "database=x tls.mode=require"),
    ];
    for (text, expected) in cases {
        assert_eq!(words(&read(text)), expected, "{text}");
    }
}

#[test]
fn mysql_and_mariadb_urls() {
    let cases = [
        ("mysql://root@localhost/app", EngineKind::Mysql, "host=localhost user=root database=app"),
        ("mariadb://u:p@h:3307/app", EngineKind::Mariadb, "host=h port=3307 user=u database=app password=p"),
        (
            "mysql://h?ssl-mode=VERIFY_CA&ssl-ca=/ca.pem",
            EngineKind::Mysql,
            "host=h tls.mode=verify-ca tls.ca=/ca.pem",
        ),
        ("mysql:///app?socket=/run/x.sock", EngineKind::Mysql, "socket=/run/x.sock database=app"),
        ("mysql://root@%2Frun%2Fx.sock/app", EngineKind::Mysql, "socket=/run/x.sock user=root database=app"),
        (
            "mysql://h?charset=utf8mb4&time_zone=%2B00:00",
            EngineKind::Mysql,
            "host=h ?charset=utf8mb4 ?time_zone=+00:00",
        ),
        ("mysql://h?max-allowed-packet=16M", EngineKind::Mysql, "host=h ?max_allowed_packet=16777216"),
        ("mysql+pymysql://h/app", EngineKind::Mysql, "host=h database=app"),
    ];
    for (text, engine, expected) in cases {
        let settings = read(text);
        assert_eq!(settings.engine, engine, "{text}");
        assert_eq!(words(&settings), expected, "{text}");
    }
}

#[test]
fn wrong_urls_say_what_is_wrong() {
    let cases = [
        ("postgres:db", "must be followed by `//`"),
        ("postgre://h", "unknown URL scheme `postgre`"),
        ("jdbc:postgresql://h/db", "unknown URL scheme `jdbc`"),
        ("postgres://h:port/db", "`port` is not a port"),
        ("postgres://h:70000/db", "`70000` is not a port"),
        ("postgres://::1/db", "more than one `:`"),
        ("postgres://[::1/db", "without its `]`"),
        ("postgres://[::1]x/db", "only `:PORT`"),
        ("postgres://h/db?sslmod=require", "no parameter `sslmod`"),
        ("postgres://h/db?sslmode=strict", "sslmode: `strict` is not a TLS mode"),
        ("postgres://h/db?sslmode", "has no value"),
        ("postgres://h/db?port=1&port=2", "given twice"),
        ("postgres://h/db?ssl=true&sslmode=disable", "given twice"),
        ("postgres://h/%zz", "two hexadecimal digits"),
        ("postgres://h/%ff", "not valid UTF-8"),
        ("postgres://h/a%00b", "`%00`"),
        ("postgres://u:p/w@h/db", "cannot be divided"),
        ("postgres://u:%zz@h/db", "the password in the URL"),
        ("mysql://h/db?sslmode=strict", "is not a TLS mode"),
        ("mysql://h/db?compression=true", "not supported"),
        ("host=localhost port", "no `=`"),
        ("host='localhost", "without its end"),
        ("host=x dbnam=y", "no parameter `dbnam`"),
        ("nothing", "not a database URL"),
        ("", "not a database URL"),
    ];
    for (text, expected) in cases {
        match parse(text, &Origin::Url("URL")) {
            Ok(settings) => panic!("{text} was read as {}", words(&settings)),
            Err(problem) => assert!(problem.message.contains(expected), "{text}: {}", problem.message),
        }
    }
}

#[test]
fn errors_do_not_show_passwords() {
    for text in [
        "postgres://u:hunter2/x@h/db",
        "postgres://u:hunter2%zz@h/db",
        "postgres://u:hunter2@h:x/db",
        "mysql://u:hunter2?a@h/db",
        "postgres://h/db?password=hunter2%zz",
        "host=h password=hunter2 x",
        "host=h password='hunter2",
    ] {
        let problem = parse(text, &Origin::Url("URL")).err().unwrap();
        assert!(!format!("{problem:?}").contains("hunter2"), "{text}: {problem:?}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "(postgres://|mysql://|sqlite:|file:|host=|)[a-z0-9:/?#\\[\\]@%&='\\\\, .-]{0,40}") {
        let _ = parse(&text, &Origin::Url("URL"));
    }

    #[test]
    fn no_unicode_panics(text in ".{0,60}") {
        let _ = parse(&text, &Origin::Url("URL"));
        let _ = parse(&format!("postgres://{text}"), &Origin::Url("URL"));
    }
}
