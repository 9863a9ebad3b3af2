//! A plan as a migration: a file with what is done and what takes it back.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::commands::migrate::read_files;
use crate::commands::output_file;
use crate::commands::plan::{Reviewed, script};
use crate::engine::engine_for;
use crate::error::{Error, Kind, Result};
use crate::migrations::{self, Style};
use crate::model::target::EngineKind;
use crate::ui::human;

/// Writes the file; its path.
pub fn write(
    folder: &Path,
    name: &str,
    engine: EngineKind,
    plan: &Reviewed,
    undo: &Reviewed,
) -> Result<PathBuf> {
    let name = file_name(name)?;
    let cannot = |error: std::io::Error| {
        Error::from(error).context(format!("cannot make the folder {}", folder.display()))
    };
    std::fs::create_dir_all(folder).map_err(cannot)?;
    let versions = versions(folder)?;
    let mut version = version(SystemTime::now());
    while versions.contains(&version) {
        version += 1;
    }
    let path = folder.join(format!("{version}_{name}.sql"));
    if path.exists() {
        return Err(Error::new(Kind::Refused, format!("{} exists", path.display())));
    }
    let (up, down) = (section("up", engine, plan)?, section("down", engine, undo)?);
    let text = format!("{up}\n{down}");
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if !reads_back(name, &text, [&up, &down]) {
        let message = "a statement has a line that means something else in a file of migrations";
        return Err(Error::new(Kind::Unsupported, format!("{message}: no migration was written"))
            .hint("take the statements alone: --format sql, and with --undo those that take them back"));
    }
    output_file::write_file(&path, text.as_bytes())?;
    Ok(path)
}

/// Whether the file is read as what it was written from: a text may have a line that begins a section.
fn reads_back(name: String, text: &str, sections: [&str; 2]) -> bool {
    let Ok(read) = migrations::read("", &[migrations::File { name, text: text.to_owned() }]) else {
        return false;
    };
    let [migration] = &read.list[..] else { return false };
    let holds = |scripts: &[migrations::Script], section: &str| match scripts {
        [] => section.lines().count() <= 1,
        [script] => {
            let body = section.split_once('\n').map_or("", |(_, body)| body);
            text[script.range.clone()].trim().ends_with(body.trim())
        }
        _ => false,
    };
    holds(&migration.up, sections[0]) && holds(&migration.down, sections[1])
}

/// The versions in the folder, which must be one whose migrations look as ours will.
fn versions(folder: &Path) -> Result<Vec<u64>> {
    let files = read_files(folder)?;
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let shown = folder.display().to_string();
    let read = migrations::read(&shown, &files)?;
    if read.style != Style::Dbmate {
        let style = read.style.title();
        return Err(Error::new(
            Kind::Unsupported,
            format!("the migrations in {shown} are those of {style}, and ours would not be read by it"),
        )
        .hint("write into another folder: --dir FOLDER")
        .hint("or take the statements alone: --format sql, and with --undo those that take them back"));
    }
    let versions = read.list.iter().filter_map(|migration| migration.version.as_ref());
    Ok(versions.filter_map(|version| version.to_string().parse().ok()).collect())
}

/// `20260203040506`, in UTC.
fn version(now: SystemTime) -> u64 {
    let digits: String = human::timestamp(now).chars().filter(char::is_ascii_digit).take(14).collect();
    digits.parse().unwrap_or_default()
}

fn file_name(name: &str) -> Result<String> {
    let letter = |letter: char| if letter.is_alphanumeric() || letter == '-' { letter } else { '_' };
    let name: String = name.trim().chars().map(letter).collect();
    match name.chars().any(char::is_alphanumeric) {
        true => Ok(name),
        false => Err(Error::usage("the name of a migration needs a letter or a digit")),
    }
}

fn section(word: &str, engine: EngineKind, plan: &Reviewed) -> Result<String> {
    let Section { text, alone } = Section::of(engine, plan)?;
    let option = if alone { " transaction:false" } else { "" };
    Ok(format!("-- migrate:{word}{option}\n{text}"))
}

/// A direction of a migration.
#[derive(Debug, Default)]
pub struct Section {
    pub text: String,
    /// A step cannot be in a transaction, so that the text has its own around the others.
    pub alone: bool,
}

impl Section {
    pub fn of(engine: EngineKind, plan: &Reviewed) -> Result<Section> {
        let transactional = engine_for(engine).transactional_ddl();
        let alone = transactional && plan.plan.steps.iter().any(|step| !step.in_transaction);
        Ok(Section { text: script(plan, engine, alone)?, alone })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::plan::{Plan, Step};

    fn plan(sql: &str, in_transaction: bool) -> Reviewed {
        dbwright_engines::install();
        let step = |sql: &str, in_transaction| Step {
            kind: "do".into(),
            object: "table t".into(),
            sql: vec![sql.into()],
            in_transaction,
            ..Step::default()
        };
        Reviewed::unseen(Plan { steps: vec![step(sql, in_transaction), step("B", true)], left: Vec::new() })
    }

    #[test]
    fn a_file_has_both_directions() {
        let text = |engine, up: &Reviewed, down: &Reviewed| {
            let sections = [section("up", engine, up), section("down", engine, down)].map(Result::unwrap);
            sections.join("\n")
        };
        let postgres = text(EngineKind::Postgres, &plan("A", true), &plan("C", false));
        insta::assert_snapshot!(postgres, @r"
        -- migrate:up
        -- 1. do: table t
        A;

        -- 2. do: table t
        B;

        -- migrate:down transaction:false
        -- 1. do: table t
        C;

        BEGIN;

        -- 2. do: table t
        B;

        COMMIT;
        ");
        let mysql = text(EngineKind::Mysql, &plan("A", false), &plan("C", false));
        assert!(mysql.starts_with("-- migrate:up\n-- 1. "), "{mysql}");
    }

    #[test]
    fn files_are_named_and_numbered() {
        assert_eq!(file_name(" add film's year ").unwrap(), "add_film_s_year");
        assert_eq!(file_name("../x").unwrap(), "___x");
        assert!(file_name("//").is_err());
        let then = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(951_782_400);
        assert_eq!(version(then), 20_000_229_000_000);
    }

    #[test]
    fn a_second_migration_in_one_second_comes_after_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let write = || write(folder.path(), "x", EngineKind::Postgres, &plan("A", true), &plan("C", true));
        let (one, other) = (write().unwrap(), write().unwrap());
        assert!(one < other);
        let read = migrations::read("db", &read_files(folder.path()).unwrap()).unwrap();
        assert_eq!((read.style, read.list.len()), (Style::Dbmate, 2));
        std::fs::write(folder.path().join("1_other.sql"), "select 1;").unwrap();
        assert_eq!(write().unwrap_err().kind(), Kind::Config);
    }

    #[test]
    fn a_text_that_would_be_read_otherwise_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |up: &Reviewed, down: &Reviewed| write(folder.path(), "x", EngineKind::Postgres, up, down);
        let (plain, odd) = (plan("A", true), plan("COMMENT ON TABLE t IS 'x\n-- migrate:down\ny'", true));
        for (up, down) in [(&odd, &plain), (&plain, &odd)] {
            assert_eq!(write(up, down).unwrap_err().kind(), Kind::Unsupported);
        }
        assert_eq!(read_files(folder.path()).unwrap().len(), 0);
        write(&plain, &Reviewed::default()).unwrap();
    }

    #[test]
    fn migrations_of_others_are_not_mixed_with_ours() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("V1__a.sql"), "select 1;").unwrap();
        let error = write(folder.path(), "x", EngineKind::Postgres, &plan("A", true), &plan("C", true));
        assert_eq!(error.unwrap_err().kind(), Kind::Unsupported);
    }
}
