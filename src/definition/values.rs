//! Defaults: what an engine's text means, and the text for what is meant.

use super::expression::{Kind, Translation, is_common_to_kin, unquoted_string};
use super::fitting::refused;
use super::{DefaultValue, Sql};
use crate::engine::engine_for;
use crate::engine::type_map::{Function, TypeMap};
use crate::model::target::EngineKind;
use crate::model::types::Portable;
use crate::sql::{Lexer, TokenKind, quote_literal};

fn type_map(engine: EngineKind) -> &'static dyn TypeMap {
    engine_for(engine).type_map(engine)
}

/// What the default of a column means; None for NULL.
pub fn understand(engine: EngineKind, text: &str, ty: Option<&Portable>) -> Option<DefaultValue> {
    let text = text.trim();
    let own = || Some(DefaultValue::Sql(Sql::of(engine, text)));
    if let Some(function) = type_map(engine).function(text) {
        return match (function, ty) {
            (Function::Now, Some(ty)) if is_moment(ty) => Some(DefaultValue::Now),
            (Function::Uuid, _) => Some(DefaultValue::Uuid),
            _ => own(),
        };
    }
    match literal(engine, text) {
        Some(Literal::Null) => None,
        Some(Literal::Bool(flag)) => Some(DefaultValue::Bool(flag)),
        Some(Literal::Text(_)) if matches!(ty, Some(Portable::Array(_) | Portable::Bytes(_)) | None) => own(),
        Some(Literal::Text(text)) => Some(typed(text, true, ty)),
        Some(Literal::Number(number)) => Some(typed(number, false, ty)),
        None => own(),
    }
}

fn is_moment(ty: &Portable) -> bool {
    use Portable::{Date, Time, Timestamp, TimestampTz};
    matches!(ty, Date | Time(_) | Timestamp(_) | TimestampTz(_))
}

/// A literal as the type of its column sees it.
fn typed(text: String, quoted: bool, ty: Option<&Portable>) -> DefaultValue {
    let word = text.to_ascii_lowercase();
    match ty {
        Some(Portable::Bool) if matches!(word.as_str(), "1" | "t" | "true" | "yes" | "on") => {
            DefaultValue::Bool(true)
        }
        Some(Portable::Bool) if matches!(word.as_str(), "0" | "f" | "false" | "no" | "off") => {
            DefaultValue::Bool(false)
        }
        Some(ty) if ty.is_number() && text.parse::<f64>().is_ok() => DefaultValue::Number(text),
        _ if quoted => DefaultValue::Text(text),
        Some(ty) if ty.is_text() => DefaultValue::Text(text),
        _ => DefaultValue::Number(text),
    }
}

enum Literal {
    Null,
    Bool(bool),
    Text(String),
    Number(String),
}

/// A literal, also in parentheses, with a sign, or with a cast to a type.
fn literal(engine: EngineKind, text: &str) -> Option<Literal> {
    let dialect = engine_for(engine).dialect(engine);
    let mut text = text.trim();
    while let Some(inside) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        text = inside.trim();
    }
    let tokens: Vec<_> = Lexer::new(text, dialect).code().collect();
    let cast = tokens.iter().position(|(_, text)| *text == "::").unwrap_or(tokens.len());
    let (value, after) = tokens.split_at(cast);
    let of_type = |kind: TokenKind, text: &str| {
        kind.is_word()
            || matches!(kind, TokenKind::QuotedIdent | TokenKind::Number)
            || matches!(text, "::" | "." | "(" | ")" | "[" | "]" | ",")
    };
    if !after.iter().all(|(token, text)| of_type(token.kind, text)) {
        return None;
    }
    // `(-1)::numeric` has its parentheses before the cast.
    let value: Vec<_> = value.iter().filter(|(_, text)| !matches!(*text, "(" | ")")).collect();
    match value.as_slice() {
        [(token, text)] if token.kind == TokenKind::Number => Some(Literal::Number((*text).to_owned())),
        [(sign, "-"), (token, text)]
            if sign.kind == TokenKind::Operator && token.kind == TokenKind::Number =>
        {
            Some(Literal::Number(format!("-{text}")))
        }
        [(token, text)] if token.kind == TokenKind::String => match text.to_ascii_lowercase().as_str() {
            "b'0'" => Some(Literal::Number("0".into())),
            "b'1'" => Some(Literal::Number("1".into())),
            _ => unquoted_string(text, dialect).map(Literal::Text),
        },
        [(token, text)] if token.kind.is_word() => match text.to_ascii_lowercase().as_str() {
            "null" => Some(Literal::Null),
            "true" => Some(Literal::Bool(true)),
            "false" => Some(Literal::Bool(false)),
            _ => None,
        },
        _ => None,
    }
}

/// The text of a default; an error says why there is none.
pub fn write(
    engine: EngineKind,
    value: &DefaultValue,
    ty: Option<&Portable>,
    native: &str,
) -> Result<String, String> {
    let map = type_map(engine);
    let dialect = engine_for(engine).dialect(engine);
    let quoted = |text: &str| quote_literal(dialect, text).map_err(|error| error.to_string());
    let any_type = Portable::Text;
    let function = |function: Function| {
        map.default(function, ty.unwrap_or(&any_type))
            .ok_or_else(|| "there is no such function as a default".to_owned())
    };
    if let Some(reason) = refused(map.abilities(), value, ty) {
        return Err(reason);
    }
    let text = match value {
        DefaultValue::Text(text) if text.starts_with("0000-00-00") && ty.is_some_and(is_moment) => {
            return Err("the date 0000-00-00 does not exist".into());
        }
        DefaultValue::Text(text) => quoted(text)?,
        DefaultValue::Number(number) if ty.is_some_and(|ty| ty.is_text() || *ty == Portable::Json) => {
            quoted(number)?
        }
        DefaultValue::Number(number) => return Ok(number.clone()),
        DefaultValue::Bool(flag) if map.abilities().bool_words && !ty.is_some_and(Portable::is_number) => {
            return Ok(flag.to_string());
        }
        DefaultValue::Bool(flag) => return Ok(u8::from(*flag).to_string()),
        DefaultValue::Now => return function(Function::Now),
        DefaultValue::Uuid => return function(Function::Uuid),
        DefaultValue::Sql(sql) => return written(engine, sql, ty, native),
    };
    let word = native.split(['(', ' ']).next().unwrap_or_default();
    let long = matches!(word, "longtext" | "mediumtext" | "text" | "tinytext" | "longblob" | "json" | "blob");
    match long && !map.abilities().text_defaults {
        true => Ok(format!("({text})")),
        false => Ok(text),
    }
}

fn written(engine: EngineKind, sql: &Sql, ty: Option<&Portable>, native: &str) -> Result<String, String> {
    if let Some(own) = sql.own.get(&engine) {
        return Ok(own.clone());
    }
    for (other, text) in &sql.own {
        match understand(*other, text, ty) {
            Some(DefaultValue::Sql(_)) | None => {}
            Some(known) => return write(engine, &known, ty, native),
        }
        let way = Translation::new(*other, engine);
        if let Some((text, kind)) = way.expression(text)
            && kind.fits(&Kind::of(ty), way.is_loose())
        {
            return Ok(in_parentheses(engine, &text));
        }
        // The kin says most things in the same words.
        if engine.kin() == Some(*other) && is_common_to_kin(text, *other, engine) {
            return Ok(in_parentheses(engine, text));
        }
    }
    match &sql.any {
        Some(text) => {
            let way = Translation::neutral(engine);
            let said = way.expression(text).map_or_else(|| way.requoted(text), |(text, _)| Ok(text))?;
            Ok(in_parentheses(engine, &said))
        }
        None => Err("the expression is another engine's".into()),
    }
}

fn in_parentheses(engine: EngineKind, text: &str) -> String {
    let whole = text.starts_with('(') && text.ends_with(')');
    match type_map(engine).abilities().parenthesized_defaults && !whole {
        true => format!("({text})"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use EngineKind::{Mariadb, Mysql, Postgres, Sqlite};

    #[test]
    fn defaults_keep_their_meaning() {
        dbwright_engines::install();
        let moment = Portable::Timestamp(None);
        for (from, text, ty, to, expected) in [
            (Postgres, "'new'::public.status", Portable::Text, Sqlite, "'new'"),
            (Postgres, "(-1)::numeric", Portable::Decimal(None), Sqlite, "-1"),
            (Postgres, "now()", moment.clone(), Mysql, "CURRENT_TIMESTAMP(6)"),
            (Postgres, "CURRENT_DATE", Portable::Date, Mysql, "(curdate())"),
            (Postgres, "gen_random_uuid()", Portable::Uuid, Mariadb, "uuid()"),
            (Postgres, "true", Portable::Bool, Mysql, "1"),
            (Mysql, "b'1'", Portable::Bool, Postgres, "true"),
            (Mysql, "(uuid())", Portable::Uuid, Postgres, "gen_random_uuid()"),
            (Mysql, "CURRENT_TIMESTAMP(6)", moment.clone(), Postgres, "CURRENT_TIMESTAMP"),
            (Mariadb, "current_timestamp()", moment.clone(), Sqlite, "CURRENT_TIMESTAMP"),
            (Mysql, "'it\\'s'", Portable::Varchar(9), Postgres, "'it''s'"),
            (Sqlite, "datetime('now')", moment.clone(), Postgres, "CURRENT_TIMESTAMP"),
            (Sqlite, "'5'", Portable::int(64), Mysql, "5"),
            (Sqlite, "'x'", Portable::Text, Mysql, "('x')"),
        ] {
            let value = understand(from, text, Some(&ty)).unwrap();
            let native = type_map(to).native(&ty, Default::default()).ty;
            assert_eq!(write(to, &value, Some(&ty), &native).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_has_no_like_is_told() {
        dbwright_engines::install();
        let value = understand(Postgres, "nextval('s'::regclass)", Some(&Portable::int(64))).unwrap();
        assert!(write(Mysql, &value, None, "bigint").is_err());
        let value = understand(Mysql, "'0000-00-00 00:00:00'", Some(&Portable::Timestamp(None))).unwrap();
        assert!(write(Postgres, &value, Some(&Portable::Timestamp(None)), "timestamp").is_err());
        assert_eq!(understand(Postgres, "NULL::text", Some(&Portable::Text)), None);
    }
}
