//! Routines: which changes CREATE OR REPLACE can make.

use crate::model::catalog::{Detail, Object, RoutineKind};
use crate::sql::{Lexer, POSTGRES};

/// The kind, the names of the arguments and the result must stay; defaults may come and change,
/// and not go (page of CREATE FUNCTION in the manual).
pub fn changes_in_place(old: &Object, new: &Object) -> bool {
    let (Detail::Routine(before), Detail::Routine(after)) = (&old.detail, &new.detail) else { return false };
    if matches!(before.kind, RoutineKind::Aggregate) {
        return old.definition == new.definition;
    }
    let (old_arguments, new_arguments) = (arguments(&before.arguments), arguments(&after.arguments));
    let fits = |(old, new): (&Argument, &Argument)| old.head == new.head && (new.default || !old.default);
    before.kind == after.kind
        && before.returns == after.returns
        && old_arguments.len() == new_arguments.len()
        && old_arguments.iter().zip(&new_arguments).all(fits)
}

/// `INOUT b text DEFAULT 'x'`: all before DEFAULT, and whether there is one.
struct Argument {
    head: String,
    default: bool,
}

fn arguments(text: &str) -> Vec<Argument> {
    let mut all = Vec::new();
    let mut words: Vec<&str> = Vec::new();
    let (mut depth, mut default) = (0_u32, false);
    for (_, token) in Lexer::new(text, &POSTGRES).code() {
        match token {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "," if depth == 0 => {
                all.push(Argument { head: words.join(" "), default });
                (words, default) = (Vec::new(), false);
                continue;
            }
            "DEFAULT" if depth == 0 => default = true,
            _ => {}
        }
        if !default {
            words.push(token);
        }
    }
    if !words.is_empty() {
        all.push(Argument { head: words.join(" "), default });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::arguments;

    #[test]
    fn arguments_are_told_apart() {
        let told: Vec<(String, bool)> =
            arguments("a numeric(10,2), OUT b text, c text[] DEFAULT f('x, y', 1)")
                .into_iter()
                .map(|each| (each.head, each.default))
                .collect();
        let wanted = [("a numeric ( 10 , 2 )", false), ("OUT b text", false), ("c text [ ]", true)];
        assert_eq!(told, wanted.map(|(head, default)| (head.to_owned(), default)));
        assert!(arguments("").is_empty());
    }
}
