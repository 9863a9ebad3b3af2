//! Things below other things, as lines.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::clean::{Layout, clean};
use super::style::Style;

/// Something with what is below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    pub name: String,
    /// Short facts, in columns; numbers of brothers stand below each other.
    pub facts: Vec<String>,
    /// What else there is to say.
    pub note: String,
    pub below: Vec<Tree>,
}

impl Tree {
    pub fn new(name: impl Into<String>, below: Vec<Tree>) -> Self {
        Tree { name: name.into(), below, ..Tree::default() }
    }
}

/// Names that are wider do not move the facts of the others.
const WIDEST_NAME: usize = 40;

/// The tree as text; with a width lines are cut to fit it.
pub fn render_tree(tree: &Tree, width: Option<usize>, color: bool) -> String {
    let mut out = String::new();
    let line = Line { indent: "", name: &tree.name, columns: &[], width, color };
    line.print(&tree.facts, &tree.note, true, &mut out);
    branches(&tree.below, "", width, color, &mut out);
    out
}

fn branches(all: &[Tree], indent: &str, width: Option<usize>, color: bool, out: &mut String) {
    let columns = columns(all);
    for (index, tree) in all.iter().enumerate() {
        let last = index + 1 == all.len();
        let (turn, below) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        let begin = format!("{indent}{turn}");
        let line = Line { indent: &begin, name: &tree.name, columns: &columns, width, color };
        line.print(&tree.facts, &tree.note, !tree.below.is_empty() && tree.facts.is_empty(), out);
        branches(&tree.below, &format!("{indent}{below}"), width, color, out);
    }
}

/// The widths of names and facts of brothers.
fn columns(all: &[Tree]) -> Vec<usize> {
    let name = all.iter().filter(|tree| !tree.facts.is_empty() || !tree.note.is_empty());
    let name = name.map(|tree| shown(&tree.name).width()).filter(|width| *width <= WIDEST_NAME).max();
    let mut widths = vec![name.unwrap_or(0)];
    for tree in all {
        for (index, fact) in tree.facts.iter().enumerate() {
            match widths.get_mut(index + 1) {
                Some(width) => *width = (*width).max(shown(fact).width()),
                None => widths.push(shown(fact).width()),
            }
        }
    }
    widths
}

fn shown(text: &str) -> String {
    clean(text, Layout::OneLine).into_owned()
}

struct Line<'a> {
    indent: &'a str,
    name: &'a str,
    columns: &'a [usize],
    width: Option<usize>,
    color: bool,
}

impl Line<'_> {
    fn print(&self, facts: &[String], note: &str, bold: bool, out: &mut String) {
        let name = shown(self.name);
        let mut rest = String::new();
        if !facts.is_empty() || !note.is_empty() {
            let wanted = self.columns.first().copied().unwrap_or(0);
            rest.push_str(&" ".repeat(wanted.saturating_sub(name.width())));
        }
        for (index, width) in self.columns.iter().skip(1).enumerate() {
            let fact = facts.get(index).map(|fact| shown(fact)).unwrap_or_default();
            rest.push_str(&format!("  {}{fact}", " ".repeat(width.saturating_sub(fact.width()))));
        }
        if !note.is_empty() {
            rest.push_str(&format!("  {}", shown(note)));
        }
        let room = self.width.map(|width| width.saturating_sub(self.indent.width()));
        let name = cut(&name, room);
        let rest = cut(rest.trim_end(), room.map(|room| room.saturating_sub(name.width())));
        let name = if bold { Style::Bold.paint(&name, self.color) } else { name };
        let line =
            format!("{}{name}{}", self.indent, Style::Dim.paint(&rest, self.color && !rest.is_empty()));
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// The text, or its beginning with `…`.
fn cut(text: &str, room: Option<usize>) -> String {
    let Some(room) = room.filter(|room| text.width() > *room) else { return text.to_owned() };
    let mut out = String::new();
    let mut used = 0;
    for letter in text.chars() {
        used += letter.width().unwrap_or(0);
        if used + 1 > room {
            break;
        }
        out.push(letter);
    }
    if room > 0 {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let leaf = |name: &str, facts: &[&str], note: &str| Tree {
            name: name.to_owned(),
            facts: facts.iter().map(ToString::to_string).collect(),
            note: note.to_owned(),
            below: Vec::new(),
        };
        let mut parent = leaf("日本", &["12 columns", "1,000 rows"], "evil \x1b[31m");
        parent.below.push(leaf("part", &["1 column", "2 rows"], ""));
        let tables = vec![leaf("customer", &["3 columns", "7 rows"], "who buys"), parent];
        Tree::new("shop", vec![Tree::new("tables", tables), Tree::new("views", vec![leaf("v", &[], "")])])
    }

    #[test]
    fn facts_of_brothers_are_aligned() {
        insta::assert_snapshot!(render_tree(&tree(), None, false), @r"
        shop
        ├─ tables
        │  ├─ customer   3 columns      7 rows  who buys
        │  └─ 日本      12 columns  1,000 rows  evil \x1B[31m
        │     └─ part  1 column  2 rows
        └─ views
           └─ v
        ");
    }

    #[test]
    fn lines_are_cut_to_the_width() {
        let text = render_tree(&tree(), Some(24), false);
        assert!(text.lines().all(|line| line.width() <= 24), "{text}");
        assert!(text.contains("├─ customer   3 column…"), "{text}");
        for width in 0..8 {
            render_tree(&tree(), Some(width), true);
        }
    }
}
