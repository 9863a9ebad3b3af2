//! Expressions and queries of one engine in the words of another: only what certainly means the
//! same there. What is not certain is not translated.

use crate::engine::engine_for;
use crate::engine::type_map::{Abilities, TypeMap};
use crate::model::target::EngineKind;
use crate::sql::{Dialect, Lexer, TokenKind, quote_ident, quote_literal};

/// Words that mean the same on every engine.
const WORDS: &[&str] = &[
    "and", "or", "not", "in", "is", "null", "between", "case", "when", "then", "else", "end", "true", "false",
];

/// Words of simple queries.
const QUERY_WORDS: &[&str] = &[
    "select", "distinct", "from", "where", "join", "inner", "left", "outer", "cross", "on", "as", "group",
    "by", "having", "order", "asc", "desc", "union", "all",
];

/// Functions that mean the same on every engine.
const FUNCTIONS: &[&str] = &["lower", "upper", "coalesce", "nullif", "abs", "trim", "json_valid"];

/// Functions over groups of rows.
const AGGREGATES: &[&str] = &["count", "sum", "min", "max"];

/// Functions that count the characters of a text.
const LENGTHS: &[&str] = &["length", "char_length", "character_length"];

const OPERATORS: &[&str] = &["=", "<>", "!=", "<", "<=", ">", ">=", "+", "-", "*", "||"];

/// Types that a cast may name without changing what a comparison means.
const HARMLESS_CASTS: &[&str] =
    &["text", "character varying", "bpchar", "character", "numeric", "double precision", "bigint"];

/// Types that a literal may be cast to.
const LITERAL_CASTS: &[&str] =
    &["integer", "smallint", "real", "boolean", "date", "timestamp without time zone"];

/// The way from one engine's SQL to another's.
pub struct Translation<'a> {
    from: &'static Dialect,
    to: &'static Dialect,
    source: &'static Abilities,
    abilities: &'static Abilities,
    /// The names that may stand for a column.
    columns: &'a [String],
    /// Other names that are understood: tables and views.
    relations: &'a [String],
    /// Columns of types that functions and comparisons may see in another way there.
    unsure: &'a [String],
    /// Columns that are true or false.
    flags: &'a [String],
}

#[derive(Debug, Clone)]
struct Piece {
    kind: TokenKind,
    text: String,
    /// As it looks to the eye that skips quotes: names without them.
    lower: String,
    spaced: bool,
}

impl<'a> Translation<'a> {
    pub fn new(from: EngineKind, to: EngineKind, columns: &'a [String]) -> Self {
        let of = |kind: EngineKind| engine_for(kind).type_map(kind);
        Translation {
            from: engine_for(from).dialect(from),
            to: engine_for(to).dialect(to),
            source: TypeMap::abilities(of(from)),
            abilities: TypeMap::abilities(of(to)),
            columns,
            relations: &[],
            unsure: &[],
            flags: &[],
        }
    }

    /// From SQL as most engines have it, with names in double quotes or none.
    pub fn neutral(to: EngineKind, columns: &'a [String]) -> Self {
        let abilities = TypeMap::abilities(engine_for(to).type_map(to));
        let to = engine_for(to).dialect(to);
        Translation {
            from: &crate::sql::POSTGRES,
            to,
            source: abilities,
            abilities,
            columns,
            relations: &[],
            unsure: &[],
            flags: &[],
        }
    }

    /// The same for queries over tables and views.
    pub fn with_relations(self, relations: &'a [String]) -> Self {
        Translation { relations, ..self }
    }

    /// The same, knowing which columns are not to be trusted, and which are true or false.
    pub fn with_doubts(self, unsure: &'a [String], flags: &'a [String]) -> Self {
        Translation { unsure, flags, ..self }
    }

    /// The same expression in the other engine's words; None where that is not certain.
    pub fn translate(&self, text: &str) -> Option<String> {
        let pieces = joins(self.lists(self.without_casts(pieces(text, self.from))?)?)?;
        let mut out = String::new();
        for (at, piece) in pieces.iter().enumerate() {
            let next = pieces.get(at + 1).map_or("", |next| next.text.as_str());
            let written = self.piece(piece, next)?;
            if piece.spaced && !out.is_empty() && !out.ends_with('(') {
                out.push(' ');
            }
            out.push_str(&written);
        }
        Some(out)
    }

    fn piece(&self, piece: &Piece, next: &str) -> Option<String> {
        match piece.kind {
            TokenKind::Number => Some(piece.text.clone()),
            TokenKind::String => quote_literal(self.to, &unquoted_string(&piece.text, self.from)?).ok(),
            TokenKind::Punct => {
                matches!(piece.text.as_str(), "(" | ")" | "," | ".").then(|| piece.text.clone())
            }
            TokenKind::Operator => {
                let bars = piece.text == "||" && !(self.source.concat_bars && self.abilities.concat_bars);
                (OPERATORS.contains(&piece.text.as_str()) && !bars).then(|| piece.text.clone())
            }
            TokenKind::QuotedIdent => {
                let name = unquoted_name(&piece.text);
                self.known(&name).map(|name| quote_ident(self.to, name))
            }
            TokenKind::Word | TokenKind::Keyword => self.word(piece, next),
            _ => None,
        }
    }

    fn word(&self, piece: &Piece, next: &str) -> Option<String> {
        let lower = piece.lower.as_str();
        if next == "(" {
            if LENGTHS.contains(&lower) {
                // Where `length` counts bytes, it is another question.
                let bytes =
                    lower == "length" && self.source.character_length != "length" && !self.source.concat_bars;
                return (!bytes).then(|| self.abilities.character_length.to_owned());
            }
            let query = !self.relations.is_empty() && AGGREGATES.contains(&lower);
            if query || FUNCTIONS.contains(&lower) {
                let missing = lower == "json_valid" && self.abilities.include;
                return (!missing).then(|| piece.text.clone());
            }
        }
        if WORDS.contains(&lower) || (!self.relations.is_empty() && QUERY_WORDS.contains(&lower)) {
            return Some(piece.text.clone());
        }
        self.known(&piece.text).map(|name| quote_ident(self.to, name))
    }

    /// The column or table of a name, as it is really written.
    fn known(&self, name: &str) -> Option<&'a str> {
        let names = self.columns.iter().chain(self.relations);
        let exact = names.clone().find(|known| *known == name);
        let found = exact.or_else(|| names.clone().find(|known| known.eq_ignore_ascii_case(name)))?;
        // Where true is 1, it may be compared with numbers.
        let flag = self.abilities.bool_words && !self.source.bool_words && self.flags.contains(found);
        (!flag && !self.unsure.contains(found)).then_some(found)
    }

    /// Without `::type` where that changes nothing.
    fn without_casts(&self, pieces: Vec<Piece>) -> Option<Vec<Piece>> {
        let mut kept: Vec<Piece> = Vec::new();
        let mut at = 0;
        while at < pieces.len() {
            let piece = &pieces[at];
            at += 1;
            if piece.text == "::" {
                let (ty, after) = cast(&pieces, at)?;
                let literal = kept
                    .last()
                    .is_some_and(|last| matches!(last.kind, TokenKind::String | TokenKind::Number));
                let harmless = HARMLESS_CASTS.contains(&ty.as_str());
                let of_literal = literal && LITERAL_CASTS.contains(&ty.as_str());
                if !harmless && !of_literal {
                    return None;
                }
                at = after;
                continue;
            }
            kept.push(piece.clone());
        }
        Some(kept)
    }

    /// `= ANY (ARRAY['a', 'b'])` as `IN ('a', 'b')`.
    fn lists(&self, pieces: Vec<Piece>) -> Option<Vec<Piece>> {
        let mut out: Vec<Piece> = Vec::new();
        let mut at = 0;
        while at < pieces.len() {
            let word = |offset: usize| pieces.get(at + offset).map_or("", |piece| piece.lower.as_str());
            let list = match (word(0), word(1)) {
                ("=", "any") => "IN",
                ("<>", "all") => "NOT IN",
                _ => {
                    out.push(pieces[at].clone());
                    at += 1;
                    continue;
                }
            };
            at += 2;
            let opened = pieces[at..].iter().take_while(|piece| piece.text == "(").count();
            at += opened;
            let is = |at: usize, text: &str| pieces.get(at).is_some_and(|piece| piece.lower == text);
            if opened == 0 || !is(at, "array") || !is(at + 1, "[") {
                return None;
            }
            let length = pieces[at + 2..].iter().position(|piece| piece.text == "]")?;
            let sign = |kind: TokenKind, text: &str| Piece {
                kind,
                text: text.to_owned(),
                lower: text.to_ascii_lowercase(),
                spaced: text != ")",
            };
            out.extend(list.split(' ').map(|word| sign(TokenKind::Keyword, word)));
            out.push(sign(TokenKind::Punct, "("));
            out.extend_from_slice(&pieces[at + 2..at + 2 + length]);
            out.push(sign(TokenKind::Punct, ")"));
            at += 3 + length;
            if !pieces[at..].iter().take(opened).all(|piece| piece.text == ")") {
                return None;
            }
            at += opened;
        }
        Some(out)
    }
}

/// `a JOIN b` without a condition, which MySQL and SQLite take for all pairs of rows, as a CROSS JOIN;
/// None where it is not plain which condition belongs to which join.
fn joins(pieces: Vec<Piece>) -> Option<Vec<Piece>> {
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len());
    // Conditions since the last join, for each parenthesis that is open.
    let mut conditions = vec![1];
    for (at, piece) in pieces.iter().enumerate() {
        match piece.lower.as_str() {
            "(" => conditions.push(1),
            ")" => drop(conditions.pop()),
            "on" => *conditions.last_mut()? += 1,
            "join" => {
                let said = out.last().is_some_and(|last| {
                    matches!(last.lower.as_str(), "cross" | "left" | "right" | "outer" | "inner")
                });
                if !said && !has_condition(&pieces[at + 1..]) {
                    let (text, lower) = ("cross".to_owned(), "cross".to_owned());
                    out.push(Piece { kind: TokenKind::Keyword, text, lower, spaced: true });
                }
                *conditions.last_mut()? = 0;
            }
            _ => {}
        }
        if conditions.last().is_some_and(|count| *count > 1 && piece.lower == "on") {
            return None;
        }
        out.push(piece.clone());
    }
    Some(out)
}

/// Whether what follows JOIN has its ON before the next join, clause or closing parenthesis.
fn has_condition(pieces: &[Piece]) -> bool {
    const ENDS: [&str; 12] =
        ["join", "cross", "left", "right", "inner", "where", "group", "having", "order", "union", ",", ";"];
    let mut depth = 0usize;
    for piece in pieces {
        match piece.lower.as_str() {
            "(" => depth += 1,
            ")" if depth == 0 => return false,
            ")" => depth -= 1,
            "on" if depth == 0 => return true,
            word if depth == 0 && ENDS.contains(&word) => return false,
            _ => {}
        }
    }
    false
}

fn pieces(text: &str, dialect: &Dialect) -> Vec<Piece> {
    let mut end = 0;
    let mut pieces = Vec::new();
    for (token, text) in Lexer::new(text, dialect).code() {
        let spaced = token.start > end;
        end = token.end;
        let lower = text.to_ascii_lowercase();
        pieces.push(Piece { kind: token.kind, text: text.to_owned(), lower, spaced });
    }
    pieces
}

/// The type after `::`, without its length and brackets, and the place after it.
fn cast(pieces: &[Piece], mut at: usize) -> Option<(String, usize)> {
    let mut words: Vec<&str> = Vec::new();
    while let Some(piece) = pieces.get(at).filter(|piece| piece.kind.is_word()) {
        let longer = match words.as_slice() {
            [] => true,
            ["character"] => piece.lower == "varying",
            ["double"] => piece.lower == "precision",
            ["timestamp" | "time", ..] => {
                matches!(piece.lower.as_str(), "with" | "without" | "time" | "zone")
            }
            _ => false,
        };
        if !longer {
            break;
        }
        words.push(&piece.lower);
        at += 1;
    }
    if pieces.get(at).is_some_and(|piece| piece.text == "(")
        && pieces.get(at + 2).is_some_and(|piece| piece.text == ")")
    {
        at += 3;
    }
    while pieces.get(at).is_some_and(|piece| piece.text == "[")
        && pieces.get(at + 1).is_some_and(|piece| piece.text == "]")
    {
        at += 2;
    }
    (!words.is_empty()).then(|| (words.join(" "), at))
}

/// A name without its quotes.
pub fn unquoted_name(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(quote @ ('"' | '`')) if text.len() >= 2 => {
            text[1..text.len() - 1].replace(&quote.to_string().repeat(2), &quote.to_string())
        }
        Some('[') if text.ends_with(']') => text[1..text.len() - 1].to_owned(),
        _ => text.to_owned(),
    }
}

/// What a plain string literal says, also with a character set before it; None for other prefixes.
pub fn unquoted_string(text: &str, dialect: &Dialect) -> Option<String> {
    let text = match text.starts_with('_') && dialect.charset_introducers {
        true => &text[text.find('\'')?..],
        false => text,
    };
    let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let inside = text.strip_prefix(quote)?.strip_suffix(quote)?;
    let mut out = String::new();
    let mut letters = inside.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if dialect.backslash_escapes => out.push(match letters.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '0' => '\0',
                'b' => '\u{8}',
                'Z' => '\u{1a}',
                // LIKE's own escapes keep their backslash.
                '%' | '_' => return None,
                other => other,
            }),
            letter if letter == quote => {
                letters.next().filter(|next| *next == quote)?;
                out.push(letter);
            }
            letter => out.push(letter),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use EngineKind::{Mariadb, Mysql, Postgres, Sqlite};

    fn columns() -> Vec<String> {
        ["price", "status", "Name", "order"].map(str::to_owned).to_vec()
    }

    fn translate(from: EngineKind, to: EngineKind, text: &str) -> Option<String> {
        let columns = columns();
        Translation::new(from, to, &columns).translate(text)
    }

    #[test]
    fn what_means_the_same_goes_along() {
        for (from, to, text, expected) in [
            (Postgres, Mysql, "(price > (0)::numeric)", "(`price` > (0))"),
            (
                Postgres,
                Sqlite,
                "((status)::text = ANY ((ARRAY['a'::character varying, 'it''s'::character varying])::text[]))",
                "((\"status\") IN ('a', 'it''s'))",
            ),
            (Postgres, Mysql, "(length(\"Name\") > 3)", "(char_length(`Name`) > 3)"),
            (Mysql, Postgres, "(`order` between 1 and 5)", "(\"order\" between 1 and 5)"),
            (Mariadb, Sqlite, "`status` in (_utf8mb4'a\\'b','c')", "\"status\" in ('a''b','c')"),
            (
                Sqlite,
                Postgres,
                "[Name] IS NOT NULL AND name <> ''",
                "\"Name\" IS NOT NULL AND \"Name\" <> ''",
            ),
            (Sqlite, Postgres, "status || Name", "\"status\" || \"Name\""),
        ] {
            assert_eq!(translate(from, to, text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn joins_without_a_condition_are_of_all_pairs() {
        let relations: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        let columns = columns();
        let way = Translation::new(Mysql, Postgres, &columns).with_relations(&relations);
        for (text, expected) in [
            (
                "select 1 from (`a` join `b`) where 1 = 1",
                Some("select 1 from (\"a\" cross join \"b\") where 1 = 1"),
            ),
            (
                "select 1 from ((`a` join `b`) join `c` on((1 = 1)))",
                Some("select 1 from ((\"a\" cross join \"b\") join \"c\" on((1 = 1)))"),
            ),
            (
                "select 1 from a join b on 1 = 1 join c",
                Some("select 1 from \"a\" join \"b\" on 1 = 1 cross join \"c\""),
            ),
            ("select 1 from a join b join c on 1 = 1 on 2 = 2", None),
            ("select 1 from a left join b on 1 = 1", Some("select 1 from \"a\" left join \"b\" on 1 = 1")),
        ] {
            assert_eq!(way.translate(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_certain_stays() {
        for (from, to, text) in [
            (Sqlite, Mysql, "status || Name"),
            (Sqlite, Postgres, "status LIKE 'a%'"),
            (Mysql, Postgres, "length(`Name`) > 3"),
            (Mysql, Postgres, "`price` / 2 > 1"),
            (Postgres, Mysql, "(status)::integer > 3"),
            (Postgres, Mysql, "(status ~ '^a'::text)"),
            (Postgres, Sqlite, "other > 3"),
            (Postgres, Sqlite, "price = ANY (other)"),
            (Sqlite, Postgres, "strftime('%Y', Name) > '2000'"),
            (Mysql, Sqlite, "`Name` = 'a\\%b'"),
            (Mysql, Postgres, "json_valid(`Name`)"),
        ] {
            assert_eq!(translate(from, to, text), None, "{text}");
        }
    }
}
