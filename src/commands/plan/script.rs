//! A plan as a script, for the engine's own client or for a file of migrations.

use super::{Reviewed, batches, words};
use crate::engine::engine_for;
use crate::error::Result;
use crate::model::target::EngineKind;
use crate::sql::write_statement;

/// The statements with a comment for each step; what belongs into a transaction stands in one, if
/// `transactions` are to be written.
pub fn script(reviewed: &Reviewed, engine: EngineKind, transactions: bool) -> Result<String> {
    let dialect = engine_for(engine).dialect(engine);
    let mut out = Vec::new();
    let mut statement = |comment: &str, sql: &str| -> Result<()> {
        if !comment.is_empty() {
            out.extend_from_slice(comment.as_bytes());
        }
        write_statement(&mut out, sql, dialect)?;
        Ok(())
    };
    for batch in batches(&reviewed.plan, engine) {
        let around = batch.together && transactions;
        if around {
            statement("\n", engine_for(engine).begin_change())?;
        }
        for index in batch.steps {
            let step = &reviewed.plan.steps[index];
            let number = reviewed.number(index).map(|number| format!("{number}. ")).unwrap_or_default();
            let mut comment = format!("\n-- {number}{}\n", one_line(&words(step)));
            if let Some(lost) = reviewed.loss(index) {
                comment.push_str(&format!("-- LOSES DATA: {}\n", one_line(&lost)));
            }
            for stopped in reviewed.stopped(index) {
                comment.push_str(&format!("-- ROWS STAND IN THE WAY: {}\n", one_line(&stopped.words())));
            }
            for (at, sql) in step.sql.iter().enumerate() {
                statement(if at == 0 { &comment } else { "" }, sql)?;
            }
        }
        if around {
            statement("\n", "COMMIT")?;
        }
    }
    for left in &reviewed.plan.left {
        let line = format!("\n-- stays: {}: {}\n", one_line(&left.what), one_line(&left.why));
        out.extend_from_slice(line.as_bytes());
    }
    let text = String::from_utf8_lossy(&out).into_owned();
    Ok(text.trim_start_matches('\n').to_owned())
}

/// A name must not end the comment that it stands in.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::plan::{Left, Loss, Plan, Step};

    fn plan() -> Reviewed {
        dbwright_engines::install();
        let step = |kind: &str, sql: &str, in_transaction| Step {
            kind: kind.into(),
            object: "table a\nb".into(),
            sql: vec![sql.into()],
            in_transaction,
            ..Step::default()
        };
        let loses = vec![Loss::lost("its rows", None)];
        Reviewed::unseen(Plan {
            steps: vec![
                step("create table", "CREATE TABLE a", true),
                Step { loses, ..step("drop table", "DROP TABLE b", true) },
                step("create index", "CREATE INDEX CONCURRENTLY i", false),
            ],
            left: vec![Left { what: "a".into(), why: "b".into() }],
        })
    }

    #[test]
    fn transactions_stand_around_what_can_be_in_one() {
        insta::assert_snapshot!(script(&plan(), EngineKind::Postgres, true).unwrap(), @r"
        BEGIN;

        -- 1. create table a b
        CREATE TABLE a;

        -- 2. drop table a b
        -- LOSES DATA: its rows
        DROP TABLE b;

        COMMIT;

        -- 3. create index: table a b
        CREATE INDEX CONCURRENTLY i;

        -- stays: a: b
        ");
        let mysql = script(&plan(), EngineKind::Mysql, true).unwrap();
        assert!(!mysql.contains("COMMIT") && mysql.starts_with("-- 1. create table a b\nCREATE TABLE a;\n"));
        assert!(!script(&plan(), EngineKind::Postgres, false).unwrap().contains("COMMIT"));
    }
}
