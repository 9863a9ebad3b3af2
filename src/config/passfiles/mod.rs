//! What the engine's own client would pick up by itself: its environment variables and files. It
//! fills only what neither the URL nor the profile states.

pub mod my_cnf;
pub mod pg_service;
pub mod pgpass;

use super::env::Env;
use super::parameter;
use super::settings::{Key, Origin, Settings};
use crate::error::Result;
use crate::model::target::EngineKind;

/// libpq's environment variables and the parameters they stand for.
const POSTGRES_VARIABLES: [(&str, &str); 36] = [
    ("PGHOST", "host"),
    ("PGHOSTADDR", "hostaddr"),
    ("PGPORT", "port"),
    ("PGDATABASE", "dbname"),
    ("PGUSER", "user"),
    ("PGPASSWORD", "password"),
    ("PGPASSFILE", "passfile"),
    ("PGOPTIONS", "options"),
    ("PGAPPNAME", "application_name"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
    ("PGCLIENTENCODING", "client_encoding"),
    ("PGTARGETSESSIONATTRS", "target_session_attrs"),
    ("PGLOADBALANCEHOSTS", "load_balance_hosts"),
    ("PGCHANNELBINDING", "channel_binding"),
    ("PGREQUIREAUTH", "require_auth"),
    ("PGREQUIREPEER", "requirepeer"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLNEGOTIATION", "sslnegotiation"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLKEY", "sslkey"),
    ("PGSSLCERTMODE", "sslcertmode"),
    ("PGSSLCRL", "sslcrl"),
    ("PGSSLCRLDIR", "sslcrldir"),
    ("PGSSLSNI", "sslsni"),
    ("PGSSLCOMPRESSION", "sslcompression"),
    ("PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version"),
    ("PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version"),
    ("PGMINPROTOCOLVERSION", "min_protocol_version"),
    ("PGMAXPROTOCOLVERSION", "max_protocol_version"),
    ("PGGSSENCMODE", "gssencmode"),
    ("PGGSSDELEGATION", "gssdelegation"),
    ("PGGSSLIB", "gsslib"),
    ("PGKRBSRVNAME", "krbsrvname"),
    ("PGSERVICE", "service"),
    ("PGSERVICEFILE", "servicefile"),
];

/// Those of the mysql and mariadb clients.
const MYSQL_VARIABLES: [(&str, &str); 4] = [
    ("MYSQL_HOST", "host"),
    ("MYSQL_TCP_PORT", "port"),
    ("MYSQL_UNIX_PORT", "socket"),
    ("MYSQL_PWD", "password"),
];

/// Fills the settings from the surroundings, in the order of the engine's own client.
pub fn complete(settings: &mut Settings, env: &Env) -> Result<()> {
    match settings.engine {
        EngineKind::Sqlite => Ok(()),
        EngineKind::Postgres => {
            let variables = from_variables(EngineKind::Postgres, &POSTGRES_VARIABLES, env)?;
            if let Some(service) = service(settings, &variables, env)? {
                settings.fill(service);
            }
            settings.fill(variables);
            Ok(())
        }
        EngineKind::Mysql | EngineKind::Mariadb => {
            let engine = settings.engine;
            settings.fill(my_cnf::read(engine, env)?);
            settings.fill(from_variables(engine, &MYSQL_VARIABLES, env)?);
            Ok(())
        }
    }
}

fn from_variables(engine: EngineKind, variables: &[(&str, &str)], env: &Env) -> Result<Settings> {
    let mut settings = Settings::new(engine);
    for (variable, parameter) in variables {
        let Some(value) = env.filled(variable) else { continue };
        let origin = Origin::Variable((*variable).to_owned());
        parameter::apply(&mut settings, parameter, value, &origin)
            .map_err(|problem| origin.error(problem))?;
    }
    Ok(settings)
}

fn service(settings: &Settings, variables: &Settings, env: &Env) -> Result<Option<Settings>> {
    let asked = settings.get(Key::Service).or_else(|| variables.get(Key::Service));
    let Some(asked) = asked else { return Ok(None) };
    let file = settings.text(Key::ServiceFile).or_else(|| variables.text(Key::ServiceFile));
    match pg_service::read(&asked.value, file, env)? {
        Ok(service) => Ok(Some(service)),
        Err(problem) => Err(asked.origin.error(problem)),
    }
}

/// A file's text, or None when there is none; a note when it cannot be read.
fn read_text(path: &std::path::Path, env: &Env, notes: &mut Vec<String>) -> Option<String> {
    match std::fs::read(path) {
        Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            notes.push(format!("{} is left out: {error}", env.show(path)));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::url;

    #[test]
    fn variables_fill_what_the_url_leaves_open() {
        let env = Env::in_folder(Path::new("/nowhere"))
            .with("PGHOST", "other")
            .with("PGPORT", "5433")
            .with("PGUSER", "ada")
            .with("PGSSLMODE", "require")
            .with("PGCONNECT_TIMEOUT", "3")
            .with("PGDATABASE", "");
        let mut settings = url::parse("postgres://db1/app", &Origin::Url("URL")).unwrap();
        complete(&mut settings, &env).unwrap();
        let words: Vec<String> = settings
            .iter()
            .map(|(key, setting)| format!("{}={} {}", key.word(), setting.value, setting.origin))
            .collect();
        assert_eq!(
            words,
            [
                "host=db1 URL",
                "port=5433 PGPORT",
                "user=ada PGUSER",
                "database=app URL",
                "tls.mode=require PGSSLMODE",
                "connect_timeout=3s PGCONNECT_TIMEOUT"
            ]
        );
    }

    #[test]
    fn a_bad_variable_is_named() {
        let env = Env::in_folder(Path::new("/nowhere")).with("PGPORT", "x");
        let mut settings = Settings::new(EngineKind::Postgres);
        let error = complete(&mut settings, &env).unwrap_err();
        assert_eq!(error.message(), "cannot use PGPORT");
        let env = Env::in_folder(Path::new("/nowhere")).with("PGSSLCRL", "x.crl");
        assert!(complete(&mut settings, &env).unwrap_err().causes()[0].contains("revocation"));
    }
}
