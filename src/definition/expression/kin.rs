//! What MySQL and MariaDB say in the same words.

use super::unquoted_name;
use crate::engine::engine_for;
use crate::model::target::EngineKind;
use crate::sql::{Lexer, TokenKind};

/// Functions, and words that may stand before a parenthesis, that both have.
const COMMON: &str = " abs acos adddate addtime aes_decrypt aes_encrypt and as ascii asin atan atan2 avg between bin \
     binary bit_and bit_count bit_length bit_or bit_xor by case cast ceil ceiling char char_length \
     character character_length check coalesce compress concat concat_ws connection_id conv convert convert_tz \
     cos cot count crc32 cume_dist curdate current_date current_time current_timestamp current_user \
     curtime database date date_add date_format date_sub datediff datetime day dayname dayofmonth dayofweek \
     dayofyear decimal default degrees dense_rank distinct elt else exists exp export_set extract field \
     find_in_set first_value floor format from from_base64 from_days from_unixtime get_format \
     greatest group_concat hex hour if ifnull in inet6_aton inet6_ntoa inet_aton inet_ntoa insert instr \
     interval is_ipv4 is_ipv6 isnull join json_array json_array_append json_array_insert json_arrayagg \
     json_contains json_contains_path json_depth json_extract json_insert json_keys json_length \
     json_merge_patch json_merge_preserve json_object json_objectagg json_pretty json_quote json_remove \
     json_replace json_search json_set json_type json_unquote json_valid json_value lag \
     last_day last_value lcase lead least left length like ln locate log log10 log2 lower lpad ltrim \
     make_set makedate maketime max md5 microsecond mid min minute mod month monthname not now nth_value \
     ntile nullif numeric oct octet_length on or ord over partition percent_rank period_add period_diff \
     pi position pow power quarter quote radians rand rank regexp repeat replace reverse right rlike \
     round row_number rpad rtrim sec_to_time second select sha sha1 sha2 sign signed sin sleep soundex \
     space sqrt st_area st_asgeojson st_astext st_aswkb st_contains st_distance st_equals \
     st_geometrytype st_geomfromtext st_intersects st_length st_srid st_within st_x st_y std stddev \
     stddev_pop stddev_samp str_to_date strcmp subdate substr substring substring_index subtime sum \
     sysdate tan then time time_format time_to_sec timediff timestamp timestampadd timestampdiff to_base64 \
     to_days to_seconds trim truncate ucase unhex union unix_timestamp unsigned upper user using utc_date \
     utc_time utc_timestamp uuid uuid_short values var_pop var_samp varbinary varchar variance version week \
     weekday weekofyear when where xor year yearweek ";

/// Words that only one of them has.
const PECULIAR: &[&str] =
    &["lateral", "member", "intersect", "except", "nextval", "lastval", "previous", "next"];

/// Whether a text of the one is text of the other: no function, sign or collation that only one has.
pub fn is_common_to_kin(text: &str, from: EngineKind, to: EngineKind) -> bool {
    let dialect = engine_for(from).dialect(from);
    let unknown = engine_for(to).type_map(to).abilities().unknown_collations;
    let words: Vec<(TokenKind, &str)> =
        Lexer::new(text, dialect).code().map(|(token, text)| (token.kind, text)).collect();
    words.iter().enumerate().all(|(at, (kind, word))| {
        let lower = unquoted_name(word).to_ascii_lowercase();
        let called = words.get(at + 1).is_some_and(|(_, next)| *next == "(");
        let before = at.checked_sub(1).map_or("", |at| words[at].1);
        match kind {
            TokenKind::Operator => !matches!(*word, "->" | "->>"),
            _ if kind.is_word() && PECULIAR.contains(&lower.as_str()) => false,
            _ if before.eq_ignore_ascii_case("collate") => !unknown.iter().any(|part| lower.contains(part)),
            _ if before.eq_ignore_ascii_case("as") => true,
            _ if kind.is_word() && called => COMMON.contains(&format!(" {lower} ")),
            _ => true,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use EngineKind::{Mariadb, Mysql};

    #[test]
    fn what_only_one_has_is_known() {
        dbwright_engines::install();
        for (from, to, text, expected) in [
            (Mysql, Mariadb, "regexp_like(`a`,_utf8mb4'x')", false),
            (Mysql, Mariadb, "json_unquote(json_extract(`a`,'$.b'))", true),
            (Mysql, Mariadb, "`a` -> '$.b'", false),
            (Mysql, Mariadb, "(`a` collate utf8mb4_0900_ai_ci) = 'x'", false),
            (Mariadb, Mysql, "nextval(`s`)", false),
            (Mysql, Mariadb, "(`a` in (1,2)) and (lower(`b`) <> '')", true),
        ] {
            assert_eq!(is_common_to_kin(text, from, to), expected, "{text}");
        }
    }
}
