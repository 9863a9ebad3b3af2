//! PostgreSQL's types.

use super::Table;
use crate::servers::Server;

/// A type with the values that are looked at.
const TYPES: &[(&str, &[&str])] = &[
    ("boolean", &["true", "false"]),
    ("smallint", &["-32768", "32767"]),
    ("integer", &["-2147483648", "2147483647"]),
    ("bigint", &["-9223372036854775808", "9223372036854775807"]),
    (
        "numeric",
        &["123456789012345678901234567890.123456789012345678901234567890", "'NaN'", "'-Infinity'", "0.00"],
    ),
    ("numeric(10,2)", &["1.5", "-99999999.99"]),
    ("real", &["0.1", "3.4028235e38", "'NaN'", "'-Infinity'", "1e-45"]),
    (
        "double precision",
        &["0.1", "1e100", "1.7976931348623157e308", "5e-324", "'Infinity'", "-0.0", "100000"],
    ),
    ("money", &["1234.5", "-0.01"]),
    ("text", &["''", "'日本 é 🦀'", "'NULL'", "'back\\slash'"]),
    ("varchar(5)", &["'abc'"]),
    ("char(5)", &["'ab'"]),
    ("\"char\"", &["'x'"]),
    ("name", &["'a name'"]),
    ("bytea", &["''", "'\\x00ff0a5c'"]),
    ("date", &["'2026-02-03'", "'infinity'", "'0044-03-15 BC'", "'9999-12-31'"]),
    ("time", &["'23:59:59.999999'", "'24:00:00'"]),
    ("timetz", &["'12:00:00+05:30'"]),
    ("timestamp", &["'2026-02-03 04:05:06.789'", "'-infinity'", "'0001-01-01 00:00:00 BC'"]),
    ("timestamptz", &["'2026-02-03 04:05:06.000001+02'", "'infinity'"]),
    ("interval", &["'1 year 2 mons -3 days 04:05:06.7'", "'-1 sec'", "'0'"]),
    ("uuid", &["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"]),
    ("json", &["'{\"a\": [1, 2.50, null]}'", "'  1'"]),
    ("jsonb", &["'{\"b\": 1, \"a\": [1, 2.50]}'"]),
    ("jsonpath", &["'$.a[*] ? (@ > 1)'"]),
    ("xml", &["'<a b=\"c\">d</a>'"]),
    ("inet", &["'192.168.0.1/24'", "'::1'"]),
    ("cidr", &["'10.0.0.0/8'"]),
    ("macaddr", &["'08:00:2b:01:02:03'"]),
    ("macaddr8", &["'08:00:2b:01:02:03:04:05'"]),
    ("bit(3)", &["'101'"]),
    ("bit varying", &["'10010'", "''"]),
    ("point", &["'(1,2.5)'"]),
    ("line", &["'{1,2,3}'"]),
    ("lseg", &["'[(0,0),(1,1)]'"]),
    ("box", &["'(1,1),(0,0)'"]),
    ("path", &["'((0,0),(1,1))'"]),
    ("polygon", &["'((0,0),(1,1),(1,0))'"]),
    ("circle", &["'<(1,2),3>'"]),
    ("tsvector", &["'a fat cat'"]),
    ("tsquery", &["'fat & !rat'"]),
    ("int[]", &["'{}'", "'{1,NULL,3}'", "'[0:1]={1,2}'", "'{{1,2},{3,4}}'"]),
    ("text[]", &["array['a,b', '', null, 'NULL', 'q\"q']"]),
    ("int4range", &["'[1,5)'", "'empty'", "'(,5]'"]),
    ("numrange", &["'[1.5,2.5]'"]),
    ("tstzrange", &["'[2026-01-01 00:00+00,)'"]),
    ("datemultirange", &["'{[2026-01-01,2026-02-01)}'"]),
    ("mood", &["'happy'"]),
    ("mood[]", &["'{sad,happy}'"]),
    ("pair", &["row(1, 'x y')", "row(null, '')"]),
    ("positive", &["7"]),
    ("hstore", &["'a=>1, b=>NULL'"]),
    ("oid", &["4294967295"]),
    ("regclass", &["'pg_class'"]),
    ("regtype", &["'integer'"]),
    ("xid8", &["'18446744073709551615'"]),
    ("pg_lsn", &["'16/B374D848'"]),
    ("pg_snapshot", &["'10:20:10,14,15'"]),
    ("tid", &["'(0,1)'"]),
    ("aclitem", &["'dbwright=r/dbwright'"]),
    ("int2vector", &["'1 2 3'"]),
];

pub fn table(_server: Server) -> Table {
    let mut setup: Vec<String> = [
        "create extension hstore",
        "create type mood as enum ('sad', 'happy')",
        "create type pair as (a int, b text)",
        "create domain positive as int check (value > 0)",
    ]
    .map(str::to_owned)
    .to_vec();
    let columns: Vec<String> = (0..TYPES.len()).map(|number| format!("c{number}")).collect();
    let defined: Vec<String> =
        columns.iter().zip(TYPES).map(|(column, (name, _))| format!("{column} {name}")).collect();
    setup.push(format!("create table v (id int, {})", defined.join(", ")));
    let most = TYPES.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
    // One row more than any type has values: there all are NULL.
    for row in 0..=most {
        let values = TYPES.iter().map(|(_, values)| values.get(row).copied().unwrap_or("null"));
        let values: Vec<&str> = values.collect();
        setup.push(format!("insert into v values ({row}, {})", values.join(", ")));
    }
    Table { setup, columns }
}
