//! What Tab offers: keywords, relations, columns, functions, backslash commands.

use std::collections::HashSet;

use crate::model::listing::Names;
use crate::sql::{Dialect, Lexer, TokenKind};

/// Candidates for the word that ends at `cursor`, and where that word begins. What stands behind
/// it counts too: a select list is often written last.
pub fn candidates(text: &str, cursor: usize, names: &Names, dialect: &Dialect) -> (usize, Vec<String>) {
    let start = word_start(&text[..cursor]);
    let word = &text[start..cursor];
    let before = &text[..start];
    let mut found = match (before.strip_suffix('.'), context(before, dialect)) {
        (Some(owner), _) => columns_of(last_word(owner), text, names, dialect),
        (None, Context::Relation) => relations(names),
        (None, Context::Anything) => anything(text, names, dialect),
    };
    let wanted = word.to_lowercase();
    found.retain(|candidate| candidate.trim_start_matches(QUOTES).to_lowercase().starts_with(&wanted));
    if word.chars().any(char::is_lowercase) || word.is_empty() {
        // Keywords come in capitals from the list; follow the hand that types.
        found
            .iter_mut()
            .filter(|candidate| dialect.keywords.contains(candidate))
            .for_each(|c| *c = c.to_lowercase());
    }
    found.sort_unstable();
    found.dedup();
    (start, found)
}

/// Where the word that ends the text begins.
pub fn word_start(text: &str) -> usize {
    text.char_indices()
        .rev()
        .take_while(|(_, letter)| letter.is_alphanumeric() || *letter == '_')
        .last()
        .map_or(text.len(), |(index, _)| index)
}

fn last_word(text: &str) -> &str {
    &text[word_start(text)..]
}

enum Context {
    /// After FROM and its like: a table or view.
    Relation,
    Anything,
}

fn context(before: &str, dialect: &Dialect) -> Context {
    const BEFORE_RELATION: &[&str] = &[
        "from",
        "join",
        "into",
        "update",
        "table",
        "view",
        "truncate",
        "describe",
        "references",
        "analyze",
        "only",
    ];
    let last = Lexer::new(before, dialect)
        .filter(|token| !matches!(token.kind, TokenKind::Whitespace | TokenKind::Comment))
        .last()
        .map(|token| before[token.range()].to_lowercase());
    match last {
        Some(word) if BEFORE_RELATION.contains(&word.as_str()) => Context::Relation,
        _ => Context::Anything,
    }
}

fn relations(names: &Names) -> Vec<String> {
    names.relations.iter().map(|(name, _)| name).chain(&names.schemas).cloned().collect()
}

const QUOTES: [char; 4] = ['"', '`', '[', ']'];

/// The name without its schema and quotes.
fn bare(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name).trim_matches(QUOTES)
}

/// The columns of a table, or of the table that an alias in the statement stands for.
fn columns_of(owner: &str, text: &str, names: &Names, dialect: &Dialect) -> Vec<String> {
    let words: Vec<&str> = Lexer::new(text, dialect)
        .filter(|token| token.kind.is_word() || token.kind == TokenKind::QuotedIdent)
        .map(|token| text[token.range()].trim_matches(QUOTES))
        .filter(|word| !word.eq_ignore_ascii_case("as"))
        .collect();
    let is = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let aliased = words.windows(2).filter(|pair| is(pair[1], owner)).map(|pair| pair[0]);
    let tables: Vec<&str> = aliased.chain([owner]).collect();
    let schema_tables = names.relations.iter().filter_map(|(name, _)| match name.split_once('.') {
        Some((schema, table)) if is(schema.trim_matches(QUOTES), owner) => Some(table.to_owned()),
        _ => None,
    });
    names
        .relations
        .iter()
        .filter(|(name, _)| tables.iter().any(|table| is(bare(name), table)))
        .flat_map(|(_, columns)| columns)
        .cloned()
        .chain(schema_tables)
        .collect()
}

/// Columns of the tables in the statement; of all tables as long as none is named.
fn anything(text: &str, names: &Names, dialect: &Dialect) -> Vec<String> {
    let text = text.to_lowercase();
    let said: HashSet<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let mentioned = |name: &str| said.contains(bare(name).to_lowercase().as_str());
    let none = !names.relations.iter().any(|(name, _)| mentioned(name));
    let named = names.relations.iter().filter(|(name, _)| none || mentioned(name));
    let columns = named.flat_map(|(_, columns)| columns);
    let words = dialect.keywords.starting_with("").map(str::to_uppercase);
    columns.chain(&names.functions).cloned().chain(relations(names)).chain(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::POSTGRES;

    /// What is offered at the `|`, or at the end.
    fn offered(text: &str) -> Vec<String> {
        let names = Names {
            schemas: vec!["app".into()],
            relations: vec![
                ("orders".into(), vec!["id".into(), "\"Total\"".into()]),
                ("app.items".into(), vec!["sku".into()]),
            ],
            functions: vec!["order_sum".into()],
        };
        let cursor = text.find('|').unwrap_or(text.len());
        candidates(&text.replace('|', ""), cursor, &names, &POSTGRES).1
    }

    #[test]
    fn tables_follow_from_and_columns_follow_a_dot() {
        assert_eq!(offered("select * from or"), ["orders"]);
        assert_eq!(offered("select * from orders where orders."), ["\"Total\"", "id"]);
        assert_eq!(offered("select o.t from orders o where o.t"), ["\"Total\""]);
        assert_eq!(offered("select * from app."), ["items"]);
    }

    #[test]
    fn a_select_list_knows_columns_before_and_after_its_tables_are_written() {
        assert!(offered("select sk").contains(&"sku".to_owned()));
        assert!(offered("select sk| from app.items").contains(&"sku".to_owned()));
        assert!(!offered("select sk| from orders").contains(&"sku".to_owned()));
        assert_eq!(offered("select i.s| from app.items i"), ["sku"]);
    }

    #[test]
    fn keywords_follow_the_hand() {
        assert!(offered("sel").contains(&"select".to_owned()));
        assert!(offered("SEL").contains(&"SELECT".to_owned()));
        assert!(offered("select i from orders where i").contains(&"id".to_owned()));
    }
}
