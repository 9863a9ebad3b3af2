//! `--param NAME=VALUE`: values bound to `:NAME` in the statements.

use std::str::FromStr;

use crate::model::rows::Param;

/// A named value, such as `--param id=7`, `--param n:int=7` or `--param note:null=`.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedParam {
    pub name: String,
    pub value: Param,
}

impl FromStr for NamedParam {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (key, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
        let (name, kind) = key.split_once(':').unwrap_or((key, "text"));
        let mut letters = name.chars();
        let starts_well = letters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
        if !starts_well || !letters.all(|letter| letter.is_alphanumeric() || letter == '_') {
            return Err(format!("{name:?} is not a name: letters, digits and _ make one"));
        }
        Ok(NamedParam { name: name.to_owned(), value: typed(kind, value)? })
    }
}

fn typed(kind: &str, value: &str) -> Result<Param, String> {
    match kind {
        "text" => Ok(Param::Text(value.to_owned())),
        "int" => value.parse().map(Param::Int).map_err(|_| format!("{value:?} is not a 64-bit integer")),
        "float" => value.parse().map(Param::Float).map_err(|_| format!("{value:?} is not a number")),
        "blob" => unhex(value).map(Param::Blob).ok_or_else(|| format!("{value:?} is not hexadecimal")),
        "null" if value.is_empty() => Ok(Param::Null),
        "null" => Err("a null has no value: write NAME:null=".to_owned()),
        other => Err(format!("unknown type {other:?}: one of text, int, float, blob, null")),
    }
}

/// Bytes written as pairs of hexadecimal digits.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let nibble = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    digits.chunks_exact(2).map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_text_unless_typed() {
        let parse = |text: &str| text.parse::<NamedParam>().map(|param| param.value);
        assert_eq!(parse("a=7"), Ok(Param::Text("7".into())));
        assert_eq!(parse("a=x=y"), Ok(Param::Text("x=y".into())));
        assert_eq!(parse("a:int=-7"), Ok(Param::Int(-7)));
        assert_eq!(parse("a:blob=00fF"), Ok(Param::Blob(vec![0, 255])));
        assert_eq!(parse("a:null="), Ok(Param::Null));
        for wrong in ["a", "=7", "1a=7", "a:int=x", "a:blob=0", "a:blob=zz", "a:date=1", "a:null=x"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
