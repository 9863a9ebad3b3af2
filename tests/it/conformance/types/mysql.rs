//! The types of MySQL and MariaDB.

use super::Table;
use crate::servers::Server;

/// A type with the values that are looked at.
const TYPES: &[(&str, &[&str])] = &[
    ("tinyint", &["-128", "127"]),
    ("tinyint unsigned", &["255"]),
    ("bool", &["true", "false"]),
    ("smallint", &["-32768"]),
    ("mediumint unsigned", &["16777215"]),
    ("int", &["-2147483648", "2147483647"]),
    ("int unsigned", &["4294967295"]),
    ("bigint", &["-9223372036854775808"]),
    ("bigint unsigned", &["18446744073709551615"]),
    ("int(5) zerofill", &["42"]),
    ("decimal(65,30)", &["12345678901234567890123456789012345.123456789012345678901234567890", "-0.5"]),
    ("decimal(10,2)", &["1.5", "-99999999.99"]),
    ("float", &["0.1", "3.40282e38", "-1e-10", "1234567.8"]),
    ("double", &["0.1", "1e100", "1.7976931348623157e308", "5e-324", "123456789.123456789", "1e15", "1e14"]),
    ("double(10,3)", &["1.5"]),
    ("bit(1)", &["b'1'"]),
    ("bit(12)", &["b'101010101010'"]),
    ("char(5)", &["'ab'"]),
    ("varchar(50)", &["''", "'日本 é 🦀'", "'NULL'", "'back\\\\slash'"]),
    ("text", &["'some text'"]),
    ("longtext", &["repeat('x', 70000)"]),
    ("varchar(10) character set latin1", &["'é'"]),
    ("binary(4)", &["x'00ff'"]),
    ("varbinary(10)", &["x''", "x'00ff0a5c'"]),
    ("blob", &["x'00ff0a5c'", "'text'"]),
    ("date", &["'2026-02-03'", "'0000-00-00'", "'2026-00-00'", "'9999-12-31'"]),
    ("datetime", &["'2026-02-03 04:05:06'", "'0000-00-00 00:00:00'"]),
    ("datetime(6)", &["'2026-02-03 04:05:06.000001'", "'2026-02-03 00:00:00'"]),
    ("datetime(3)", &["'2026-02-03 04:05:06.7'"]),
    ("timestamp null", &["'2026-02-03 04:05:06'", "'0000-00-00 00:00:00'"]),
    ("timestamp(6) null", &["'2026-02-03 04:05:06.5'"]),
    ("time", &["'838:59:59'", "'-838:59:59'", "'00:00:00'", "'-00:00:01'"]),
    ("time(3)", &["'100:00:00.5'", "'-00:00:00.25'"]),
    ("year", &["2026", "0"]),
    ("enum('a','b c','')", &["'b c'", "''"]),
    ("set('x','y','z')", &["'x,z'", "''"]),
    ("json", &["'{\"b\": 1, \"a\": [1, 2.50, null]}'", "'\"x\"'"]),
    ("geometry", &["st_geomfromtext('POINT(1 2)')"]),
];

const MARIADB: &[(&str, &[&str])] = &[
    ("uuid", &["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"]),
    ("inet6", &["'::1'", "'2001:db8::1'"]),
    ("inet4", &["'192.168.0.1'"]),
];

const MYSQL: &[(&str, &[&str])] = &[("vector(3)", &["string_to_vector('[1,2,3]')"])];

pub fn table(server: Server) -> Table {
    let own = if server == Server::Mariadb { MARIADB } else { MYSQL };
    let types: Vec<_> = TYPES.iter().chain(own).collect();
    let columns: Vec<String> = (0..types.len()).map(|number| format!("c{number}")).collect();
    let defined: Vec<String> =
        columns.iter().zip(&types).map(|(column, (name, _))| format!("{column} {name}")).collect();
    // Zero dates are refused by default, but live on in old tables.
    let mut setup = vec![format!("create table v (id int, {})", defined.join(", "))];
    let most = types.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
    for row in 0..=most {
        let values = types.iter().map(|(_, values)| values.get(row).copied().unwrap_or("null"));
        setup.push(format!("insert into v values ({row}, {})", values.collect::<Vec<_>>().join(", ")));
    }
    setup.insert(0, "set session sql_mode = ''".to_owned());
    Table { setup, columns }
}
