//! A plan for people: a numbered list with the statements below each step.

use super::{Reviewed, words};
use crate::model::plan::Step;
use crate::ui::human::counted;
use crate::ui::{Style, Ui};

/// The lines of a statement that a terminal shows.
const SHOWN: usize = 12;

/// Prints a plan under a heading.
pub fn show(ui: &Ui, heading: &str, reviewed: &Reviewed) -> String {
    let plan = &reviewed.plan;
    let mut text = format!("{}\n", ui.paint(Style::Bold, &format!("{heading}: {}", totals(reviewed))));
    // On a terminal, unless all of it is wanted.
    let limit = if ui.terminal().stdout && !ui.options().wide { SHOWN } else { usize::MAX };
    let lock = common_lock(&plan.steps);
    if let Some(lock) = lock {
        text.push_str(&format!("-- lock of every step: {lock}\n"));
    }
    let width = reviewed.count().to_string().len();
    for (index, step) in plan.steps.iter().enumerate() {
        let Some(number) = reviewed.number(index) else { continue };
        let number = format!("{number:>width$}.");
        text.push_str(&format!("{number} {}\n", words(step)));
        let indent = " ".repeat(width + 4);
        for sql in &step.sql {
            for line in cut(&format!("{sql};"), limit) {
                text.push_str(&format!("{indent}{}\n", ui.paint(Style::Cyan, &line)));
            }
        }
        let mut note = |style: Option<Style>, note: &str| {
            let note = style.map_or(note.to_owned(), |style| ui.paint(style, note));
            text.push_str(&format!("{indent}-- {note}\n"));
        };
        if !step.why.is_empty() {
            note(None, &step.why);
        }
        if lock.is_none() && !step.lock.is_empty() {
            note(None, &format!("lock: {}", step.lock));
        }
        if step.rewrites {
            note(Some(Style::Yellow), "rewrites the table");
        }
        match reviewed.loss(index) {
            Some(lost) => note(Some(Style::Red), &format!("LOSES DATA: {lost}")),
            None if reviewed.was_cleared(index) => {
                note(None, "loses nothing: looked, and there is no such data")
            }
            None => {}
        }
        for stopped in reviewed.stopped(index) {
            note(Some(Style::Red), &format!("ROWS STAND IN THE WAY: {}", stopped.words()));
        }
        if let Some(what) = reviewed.may_stop(index) {
            note(Some(Style::Yellow), &format!("fails where there are {what}"));
        }
    }
    for left in &plan.left {
        text.push_str(&ui.paint(Style::Yellow, &format!("stays: {}: {}", left.what, left.why)));
        text.push('\n');
    }
    text
}

/// The lock that all steps take that take any, when there are several: it is told once.
fn common_lock(steps: &[Step]) -> Option<&str> {
    let mut locks = steps.iter().map(|step| step.lock.as_str()).filter(|lock| !lock.is_empty());
    let first = locks.next()?;
    let mut others = locks.peekable();
    (others.peek().is_some() && others.all(|lock| lock == first)).then_some(first)
}

/// `3 steps, 1 rewrites a table, 1 loses data`.
pub fn totals(reviewed: &Reviewed) -> String {
    let steps = &reviewed.plan.steps;
    let mut words = vec![counted(reviewed.count() as u64, "steps")];
    let verb = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {many}")),
    };
    let rewrites = steps.iter().filter(|step| step.rewrites).count();
    words.extend(verb(rewrites, "rewrites a table", "rewrite tables"));
    words.extend(verb(reviewed.losing().count(), "loses data", "lose data"));
    words.extend(verb(reviewed.stopping().count(), "cannot be done", "cannot be done"));
    words.extend(verb(reviewed.plan.left.len(), "difference stays", "differences stay"));
    words.join(", ")
}

/// The lines, without their common indentation, and how many were left out.
fn cut(sql: &str, limit: usize) -> Vec<String> {
    let all: Vec<&str> = sql.lines().collect();
    match all.len() > limit {
        false => all.into_iter().map(str::to_owned).collect(),
        true => {
            let shown = all.iter().take(limit - 1).map(|line| (*line).to_owned());
            shown.chain([format!("… ({} more lines; --wide shows all)", all.len() + 1 - limit)]).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::plan::{Left, Loss, Plan};
    use crate::ui::{Terminal, UiOptions};

    fn plan() -> Plan {
        let lines: Vec<String> = (1..=20).map(|line| format!("  c{line} int")).collect();
        let long = format!("CREATE TABLE t (\n{}\n)", lines.join(",\n"));
        let step = |kind: &str, object: &str, sql: String| Step {
            kind: kind.into(),
            object: object.into(),
            sql: vec![sql],
            in_transaction: true,
            ..Step::default()
        };
        let loses =
            |probe: Option<&str>| vec![Loss::lost("the column and its values", probe.map(Into::into))];
        Plan {
            steps: vec![
                Step {
                    loses: loses(None),
                    ..step("drop column", "column t.a", "ALTER TABLE t DROP a".into())
                },
                Step {
                    loses: loses(Some("SELECT 1")),
                    rewrites: true,
                    why: "its type changes".into(),
                    lock: "ACCESS EXCLUSIVE: reads and writes wait".into(),
                    ..step("drop column", "column t.b", "ALTER TABLE t DROP b".into())
                },
                step("create table", "table t", long),
            ],
            left: vec![Left {
                what: "table t: order of columns".into(),
                why: "there is no such statement".into(),
            }],
        }
    }

    #[test]
    fn a_plan_is_a_numbered_list() {
        let ui = Ui::on(Terminal::default(), UiOptions::default());
        let reviewed = Reviewed { found: vec![vec![None], vec![Some(0)], vec![]], plan: plan() };
        let text = show(&ui, "Plan", &reviewed);
        let (begin, _) = text.split_once("CREATE").unwrap();
        insta::assert_snapshot!(begin, @r"
        Plan: 3 steps, 1 rewrites a table, 1 loses data, 1 difference stays
        1. drop column t.a
             ALTER TABLE t DROP a;
             -- LOSES DATA: the column and its values
        2. drop column t.b
             ALTER TABLE t DROP b;
             -- its type changes
             -- lock: ACCESS EXCLUSIVE: reads and writes wait
             -- rewrites the table
             -- loses nothing: looked, and there is no such data
        3. create table t
        ");
        assert!(
            text.contains("c20 int\n     );\nstays: table t: order of columns: there is no such statement\n"),
            "{text}"
        );
    }

    #[test]
    fn long_statements_are_cut_on_a_terminal() {
        let screen = Terminal { stdout: true, fixed_size: Some((80, 24)), ..Terminal::default() };
        let reviewed = Reviewed::unseen(plan());
        let text = show(&Ui::on(screen, UiOptions::default()), "Plan", &reviewed);
        assert!(text.contains("c10 int,\n     … (11 more lines; --wide shows all)\n"), "{text}");
        assert!(
            text.starts_with("Plan: 3 steps, 1 rewrites a table, 2 lose data, 1 difference stays\n"),
            "{text}"
        );
    }
}
