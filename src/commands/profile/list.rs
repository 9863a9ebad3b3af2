//! `profile list`: a line for each profile.

use std::io::Write;

use serde_json::{Value, json};

use super::{table, write_json};
use crate::config::{Config, Env, Resolved};
use crate::model::listing::Listing;
use crate::model::target::{EngineKind, Target};

use crate::error::Result;

pub fn run(config: &Config, env: &Env, json: bool, out: &mut dyn Write) -> Result<()> {
    let profiles: Vec<(&str, Result<Resolved>)> =
        config.profiles().map(|name| (name, config.describe(name, env))).collect();
    match json {
        true => write_json(out, &document(config, &profiles)),
        false => table::write(out, &listing(config, &profiles, env)),
    }
}

/// Where a target is, without its database.
pub fn address(target: &Target) -> String {
    match &target.socket {
        Some(socket) => socket.display().to_string(),
        None => target.hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
    }
}

fn document(config: &Config, profiles: &[(&str, Result<Resolved>)]) -> Value {
    let profiles: Vec<Value> = profiles
        .iter()
        .map(|(name, resolved)| match resolved {
            Ok(resolved) => entry(name, resolved),
            Err(error) => json!({ "name": name, "problem": error.to_string() }),
        })
        .collect();
    json!({
        "version": 1,
        "file": config.path().display().to_string(),
        "default_profile": config.implied_profile(),
        "profiles": profiles,
    })
}

fn entry(name: &str, resolved: &Resolved) -> Value {
    let target = &resolved.target;
    json!({
        "name": name,
        "engine": target.engine.word(),
        "address": address(target),
        "database": target.database,
        "user": target.user,
        "protected": target.protected,
        "read_only": target.read_only,
        "password_from": resolved.password_from,
    })
}

fn listing(config: &Config, profiles: &[(&str, Result<Resolved>)], env: &Env) -> Listing {
    let headers = ["profile", "engine", "address", "database", "user", "protected", "password from"];
    let mut listing = Listing { headers: headers.map(str::to_owned).to_vec(), ..Listing::default() };
    for (name, resolved) in profiles {
        listing.rows.push(match resolved {
            Ok(resolved) => row(name, resolved, env),
            Err(_) => [name, "?", "", "", "", "", ""].map(str::to_owned).to_vec(),
        });
        if let Err(error) = resolved {
            let place = error.place().map(|at| format!("{}:{}: ", at.source, at.line)).unwrap_or_default();
            listing.notes.push(format!("{name}: {place}{error}"));
        }
    }
    if let Some(name) = config.implied_profile().filter(|_| config.profiles().count() > 1) {
        listing.notes.push(format!("default: {name}"));
    }
    listing
}

fn row(name: &str, resolved: &Resolved, env: &Env) -> Vec<String> {
    let target = &resolved.target;
    let database = target.database.clone().unwrap_or_default();
    let database = match target.engine {
        EngineKind::Sqlite => env.show(database.as_ref()),
        _ => database,
    };
    vec![
        name.to_owned(),
        target.engine.word().to_owned(),
        address(target),
        database,
        target.user.clone().unwrap_or_default(),
        if target.protected { "yes" } else { "" }.to_owned(),
        resolved.password_from.clone().unwrap_or_default(),
    ]
}
