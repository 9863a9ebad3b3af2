//! PostgreSQL's connection service file: sections of parameters.

use std::path::PathBuf;

use crate::config::env::Env;
use crate::config::parameter;
use crate::config::problem::Problem;
use crate::config::settings::{Origin, Settings};
use crate::config::source::Source;
use crate::error::Result;
use crate::model::target::EngineKind;

/// Reads a service from the user's file or the system's. The inner error says that there is none.
pub fn read(service: &str, file: Option<&str>, env: &Env) -> Result<Result<Settings, Problem>> {
    let mut known = Vec::new();
    let mut notes = Vec::new();
    let paths = paths(file, env);
    for path in &paths {
        let Some(text) = super::read_text(path, env, &mut notes) else { continue };
        let source = Source::new(env.show(path), text);
        if let Some(mut settings) = section(&source, service)? {
            settings.notes.append(&mut notes);
            return Ok(Ok(settings));
        }
        known.extend(names(&source.text).map(str::to_owned));
    }
    let places: Vec<String> = paths.iter().map(|path| env.show(path)).collect();
    let problem = Problem::new(format!("there is no service `{service}` in {}", places.join(" or ")));
    Ok(Err(match known.is_empty() {
        true => problem,
        false => problem.suggest(service, known.iter().map(String::as_str)),
    }))
}

/// Debian's default of `PGSYSCONFDIR`, and PostgreSQL's own.
const SYSTEM_FOLDERS: [&str; 2] = ["/etc/postgresql-common", "/etc"];

fn paths(file: Option<&str>, env: &Env) -> Vec<PathBuf> {
    let user = match file {
        Some(path) => Some(env.cwd.join(env.expand_home(path))),
        None => env.in_home(".pg_service.conf"),
    };
    let system = match env.filled("PGSYSCONFDIR") {
        Some(folder) => vec![env.cwd.join(folder)],
        None => SYSTEM_FOLDERS.map(|folder| env.system(folder)).to_vec(),
    };
    user.into_iter().chain(system.into_iter().map(|folder| folder.join("pg_service.conf"))).collect()
}

fn header(line: &str) -> Option<&str> {
    line.trim().strip_prefix('[')?.split_once(']').map(|(name, _)| name)
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(header)
}

fn section(source: &Source, service: &str) -> Result<Option<Settings>> {
    let lines = source.text.lines().enumerate();
    let mut inside = lines.skip_while(|(_, line)| header(line) != Some(service)).skip(1).peekable();
    if inside.peek().is_none() && !names(&source.text).any(|name| name == service) {
        return Ok(None);
    }
    let mut settings = Settings::new(EngineKind::Postgres);
    for (number, line) in inside.take_while(|(_, line)| header(line).is_none()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let origin = Origin::ClientFile(source.at_line(number + 1));
        set(&mut settings, line, &origin).map_err(|problem| origin.error(problem))?;
    }
    Ok(Some(settings))
}

fn set(settings: &mut Settings, line: &str, origin: &Origin) -> Result<(), Problem> {
    if line.starts_with("ldap://") {
        return Err(Problem::new("services from LDAP are not supported"));
    }
    match line.split_once('=').map(|(name, value)| (name.trim(), value.trim())) {
        None => Err(Problem::new("a line of a service must read `name=value`")),
        Some(("service" | "servicefile", _)) => Err(Problem::new("a service cannot name another service")),
        Some((name, value)) => parameter::apply(settings, name, value, origin),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::settings::Key;

    const USER: &str =
        "# services\n[app]\nhost=db1\nport = 5433\n\n# more\nuser=ada\npassword=pw\n[empty]\n[bad]\nhots=x\n";

    fn env() -> (tempfile::TempDir, Env) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("home")).unwrap();
        fs::create_dir_all(folder.path().join("root/etc")).unwrap();
        fs::write(folder.path().join("home/.pg_service.conf"), USER).unwrap();
        fs::write(folder.path().join("root/etc/pg_service.conf"), "[sys]\ndbname=s\n[app]\nhost=no\n")
            .unwrap();
        let env = Env::in_folder(folder.path());
        (folder, env)
    }

    #[test]
    fn services_are_found_in_the_users_file_first() {
        let (folder, env) = env();
        let app = read("app", None, &env).unwrap().unwrap();
        assert_eq!(app.text(Key::Host), Some("db1"));
        assert_eq!(app.text(Key::Port), Some("5433"));
        assert!(app.password.is_some());
        assert_eq!(app.get(Key::User).unwrap().origin.to_string(), "~/.pg_service.conf:7");
        assert_eq!(read("sys", None, &env).unwrap().unwrap().text(Key::Database), Some("s"));
        assert_eq!(read("empty", None, &env).unwrap().unwrap().iter().count(), 0);

        fs::write(folder.path().join("mine"), "[mine]\nhost=m").unwrap();
        let file = folder.path().join("mine");
        let mine = read("mine", file.to_str(), &env).unwrap().unwrap();
        assert_eq!(mine.text(Key::Host), Some("m"));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let (_folder, env) = env();
        let missing = read("ap", None, &env).unwrap().err().unwrap();
        assert_eq!(missing.hints, ["did you mean `app`?"]);
        let error = read("bad", None, &env).err().unwrap();
        assert_eq!(error.place().unwrap().line, 11);
        assert!(error.message().contains("`hots`"));
    }
}
