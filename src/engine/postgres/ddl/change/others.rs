//! Kinds that are told by their definition alone, and lists of options.

use super::locks::SHARE_UPDATE_EXCLUSIVE;
use super::mention::Mentioned;
use super::{Fate, Work};
use crate::ddl::text::qualified;
use crate::model::catalog::{Kind, Object};
use crate::sql::{Lexer, POSTGRES, TokenKind};

/// `CREATE PUBLICATION p FOR ... WITH (...)` in the parts after the name.
fn publication_parts(object: &Object) -> Option<(&str, &str)> {
    let definition = object.definition.as_deref()?;
    let start = format!("CREATE PUBLICATION {}", qualified(&object.name));
    let rest = definition.strip_prefix(&start)?;
    let (what, with) = rest.rsplit_once(" WITH (")?;
    Some((what.strip_prefix(" FOR ").unwrap_or(what), with.strip_suffix(')')?))
}

/// Whether ALTER PUBLICATION ... SET makes one of the other: not from or to all tables or none.
pub fn publication_changes(old: &Object, new: &Object) -> bool {
    let is_list = |object: &Object| {
        publication_parts(object).is_some_and(|(what, _)| !what.is_empty() && what != "ALL TABLES")
    };
    let same = publication_parts(old).map(|parts| parts.0) == publication_parts(new).map(|parts| parts.0);
    same && publication_parts(old).is_some() || is_list(old) && is_list(new)
}

impl Work<'_> {
    /// Publications that stay: another list of tables, and tables that were made anew.
    pub(super) fn change_publications(&mut self) {
        for (id, new) in self.to.iter().filter(|(_, object)| object.kind() == Kind::Publication) {
            let Some(old) = self.fates.stayed(id).map(|id| self.from.get(id)) else { continue };
            let (Some((was, with)), Some((is, new_with))) = (publication_parts(old), publication_parts(new))
            else {
                continue;
            };
            let mut sql = Vec::new();
            let name = qualified(&new.name);
            let lost = !self.fates.is_calm() && Mentioned::of(was).names_any(&self.fates.gone);
            if !is.is_empty() && is != "ALL TABLES" && (was != is || lost) {
                sql.push(format!("ALTER PUBLICATION {name} SET {is}"));
            }
            if with != new_with {
                sql.push(format!("ALTER PUBLICATION {name} SET ({new_with})"));
            }
            if !sql.is_empty() {
                self.step("alter publication", new, sql).lock = SHARE_UPDATE_EXCLUSIVE.into();
            }
        }
        self.leave_subscriptions();
    }

    fn leave_subscriptions(&mut self) {
        for (id, new) in self.to.iter().filter(|(_, object)| object.kind() == Kind::Subscription) {
            let Some(old) = self.fates.origin(id) else { continue };
            let before = self.from.get(old);
            let same =
                before.definition == new.definition && before.secret_definition == new.secret_definition;
            if !same && self.fates.get(old) == Fate::Stays {
                let what = format!("subscription {}: definition", new.name);
                self.leave(what, "made anew it would lose its place at the publisher; ALTER SUBSCRIPTION is for a person to run");
            }
        }
    }
}

/// `OPTIONS (ADD a 'x', SET b 'y', DROP c)`; None where nothing differs.
pub fn options_change(old: &str, new: &str) -> Option<String> {
    let (before, after) = (options(old), options(new));
    let value = |all: &[(String, String)], name: &str| {
        all.iter().find(|each| each.0 == name).map(|each| each.1.clone())
    };
    let mut parts = Vec::new();
    for (name, text) in &after {
        match value(&before, name) {
            None => parts.push(format!("ADD {name} {text}")),
            Some(old) if old != *text => parts.push(format!("SET {name} {text}")),
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|(name, _)| value(&after, name).is_none());
    parts.extend(gone.map(|(name, _)| format!("DROP {name}")));
    (!parts.is_empty()).then(|| format!("OPTIONS ({})", parts.join(", ")))
}

/// `a 'x', "b" 'y'` as pairs of SQL.
fn options(text: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut name = None;
    for (token, text) in Lexer::new(text, &POSTGRES).code() {
        match (token.kind, name.take()) {
            (TokenKind::String, Some(name)) => pairs.push((name, text.to_owned())),
            (TokenKind::Punct, _) => {}
            _ => name = Some(text.to_owned()),
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::options_change;

    #[test]
    fn options_are_added_set_and_dropped() {
        let change = options_change("a '1', b '2', c 'it''s, so'", "a '1', b '3', \"D\" ''");
        assert_eq!(change.as_deref(), Some("OPTIONS (SET b '3', ADD \"D\" '', DROP c)"));
        assert_eq!(options_change("a '1'", "a '1'"), None);
    }
}
