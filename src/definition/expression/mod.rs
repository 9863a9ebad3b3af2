//! Expressions and queries of one engine in the words of another: only what certainly means the
//! same there, and is taken there. What is not certain is not translated.

mod kin;
mod kind;
mod query;
mod reader;

pub use kin::is_common_to_kin;
pub use kind::{Kind, is_date, is_time};

use self::reader::Reader;
use crate::engine::engine_for;
use crate::engine::type_map::{Abilities, TypeMap};
use crate::model::target::EngineKind;
use crate::sql::{Dialect, Lexer, TokenKind, quote_ident, quote_literal};

/// Types that a cast may name without changing what a comparison means.
const HARMLESS_CASTS: &[&str] =
    &["text", "character varying", "bpchar", "character", "numeric", "double precision", "bigint"];

/// Types that a literal may be cast to.
const LITERAL_CASTS: &[&str] =
    &["integer", "smallint", "real", "boolean", "date", "timestamp without time zone"];

/// Types that make a number of a literal.
const NUMBER_CASTS: &[&str] = &["integer", "smallint", "bigint", "numeric", "double precision", "real"];

/// Something that has columns: a table, a view, a query.
#[derive(Debug, Clone)]
pub struct Relation {
    pub name: String,
    pub columns: Vec<Known>,
    /// No column is left out because it goes by another name there.
    pub is_whole: bool,
}

/// A column, and what it gives.
#[derive(Debug, Clone)]
pub struct Known {
    pub name: String,
    pub kind: Kind,
}

impl Relation {
    /// The column of a name, as it is really written.
    pub fn column(&self, name: &str) -> Option<&Known> {
        let exact = self.columns.iter().find(|column| column.name == name);
        exact.or_else(|| self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)))
    }
}

/// The way from one engine's SQL to another's.
pub struct Translation<'a> {
    from: &'static Dialect,
    to: &'static Dialect,
    source: &'static Abilities,
    /// `a || b` joins texts where the text comes from.
    bars_join: bool,
    abilities: &'static Abilities,
    /// The table whose columns may be named.
    here: Option<&'a Relation>,
    /// The tables and views that a query may name.
    relations: &'a [Relation],
}

#[derive(Debug, Clone)]
struct Piece {
    kind: TokenKind,
    text: String,
    /// As it looks to the eye that skips quotes: names without them.
    lower: String,
    spaced: bool,
    /// Where it stands in the whole text.
    start: usize,
    end: usize,
}

impl<'a> Translation<'a> {
    pub fn new(from: EngineKind, to: EngineKind) -> Self {
        let of = |kind: EngineKind| engine_for(kind).type_map(kind);
        let source = TypeMap::abilities(of(from));
        Translation {
            from: engine_for(from).dialect(from),
            to: engine_for(to).dialect(to),
            source,
            bars_join: source.concat_bars,
            abilities: TypeMap::abilities(of(to)),
            here: None,
            relations: &[],
        }
    }

    /// From SQL as most engines have it, with names in double quotes or none.
    pub fn neutral(to: EngineKind) -> Self {
        Translation { from: &crate::sql::POSTGRES, bars_join: true, ..Translation::new(to, to) }
    }

    /// For expressions over the columns of a table.
    pub fn of_table(self, here: &'a Relation) -> Self {
        Translation { here: Some(here), ..self }
    }

    /// For queries over tables and views.
    pub fn over(self, relations: &'a [Relation]) -> Self {
        Translation { relations, ..self }
    }

    /// The same expression in the other engine's words, and what it gives; None where that is not
    /// certain.
    pub fn expression(&self, text: &str) -> Option<(String, Kind)> {
        let pieces = self.lists(self.without_casts(pieces(text, self.from))?)?;
        let mut reader = Reader::new(self, &pieces, text);
        let kind = reader.expression()?;
        (reader.at == pieces.len()).then(|| (reader.written(), kind))
    }

    /// The same for a query, with its columns; `named` columns need no names in it.
    pub fn query(&self, text: &str, named: bool) -> Option<(String, Vec<Known>)> {
        let pieces = joins(self.lists(self.without_casts(pieces(text, self.from))?)?)?;
        let mut reader = Reader::new(self, &pieces, text);
        let columns = reader.query(!named)?;
        (reader.at == pieces.len()).then(|| (reader.written(), columns))
    }

    /// Text for all engines as this one writes names and strings; an error says what it would take
    /// for something else.
    pub fn requoted(&self, text: &str) -> Result<String, &'static str> {
        let mut out = String::new();
        let mut at = 0;
        for (token, piece) in Lexer::new(text, self.from).code() {
            out.push_str(&text[at..token.start]);
            at = token.end;
            if piece == "||" && !self.abilities.concat_bars {
                return Err("`||` means OR there; give the engine a text of its own, with CONCAT");
            }
            let string = unquoted_string(piece, self.from).filter(|_| token.kind == TokenKind::String);
            out.push_str(&match (token.kind, string) {
                (TokenKind::QuotedIdent, _) => quote_ident(self.to, &unquoted_name(piece)),
                (_, Some(string)) => quote_literal(self.to, &string).unwrap_or_else(|_| piece.to_owned()),
                _ => piece.to_owned(),
            });
        }
        out.push_str(&text[at..]);
        Ok(out)
    }

    /// Whether true is 1 on both sides.
    pub fn is_loose(&self) -> bool {
        !self.source.bool_words && !self.abilities.bool_words
    }

    /// What a column gives here and there.
    fn seen(&self, kind: &Kind) -> Kind {
        match kind {
            Kind::Bool if self.is_loose() => Kind::Number,
            // Where true is 1, it may be compared with numbers.
            Kind::Bool if !self.source.bool_words && self.abilities.bool_words => Kind::Other,
            other => other.clone(),
        }
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
                // `'-1'::integer` is how PostgreSQL writes a number.
                if literal && NUMBER_CASTS.contains(&ty.as_str()) {
                    as_number(kept.last_mut()?, self.from)?;
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
                start: 0,
                end: 0,
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
                    let (start, end) = (piece.start, piece.start);
                    out.push(Piece { kind: TokenKind::Keyword, text, lower, spaced: true, start, end });
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
        let (kind, start) = (token.kind, token.start);
        pieces.push(Piece { kind, text: text.to_owned(), lower, spaced, start, end });
    }
    pieces
}

/// A literal that is cast to a type of numbers.
fn as_number(piece: &mut Piece, dialect: &Dialect) -> Option<()> {
    if piece.kind == TokenKind::String {
        let number = unquoted_string(&piece.text, dialect)?;
        number.parse::<f64>().ok().filter(|number| number.is_finite())?;
        let text = if number.starts_with('-') { format!("({number})") } else { number };
        (piece.kind, piece.lower, piece.text) = (TokenKind::Number, text.clone(), text);
    }
    Some(())
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
mod tests;
