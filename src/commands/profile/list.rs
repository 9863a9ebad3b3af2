//! `profile list`: a line for each profile.

use serde_json::{Value, json};

use crate::commands::Context;
use crate::config::{Config, Env, Resolved};
use crate::error::{Error, Result};
use crate::model::listing::Listing;
use crate::model::mask::mask;
use crate::model::target::Target;
use crate::ui::error_json;

pub fn run(context: &Context) -> Result<()> {
    let config = context.config()?;
    match context.ui.wants_json() {
        true => context.ui.print_json(&document(&config, &context.env)),
        false => context.ui.print_listing(&listing(&config, &context.env)),
    }
}

/// The profiles in the order of the file, resolved as far as they can be.
fn described<'a>(config: &'a Config, env: &'a Env) -> impl Iterator<Item = (&'a str, Result<Resolved>)> {
    config.profiles().map(|name| (name, config.describe(name, env)))
}

/// Where a target is, without its database.
fn address(target: &Target) -> String {
    match &target.socket {
        Some(socket) => socket.display().to_string(),
        None => target.hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
    }
}

pub fn document(config: &Config, env: &Env) -> Value {
    let profiles: Vec<Value> = described(config, env)
        .map(|(name, resolved)| match resolved {
            Ok(resolved) => entry(name, &resolved),
            Err(error) => json!({ "name": name, "problem": error_json(&error) }),
        })
        .collect();
    json!({
        "version": 1,
        "kind": "profile_list",
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

pub fn listing(config: &Config, env: &Env) -> Listing {
    let headers = ["Profile", "Engine", "Address", "Database", "User", "Protected", "Password from"];
    let mut listing = Listing { headers: headers.map(str::to_owned).to_vec(), ..Listing::default() };
    for (name, resolved) in described(config, env) {
        match resolved {
            Ok(resolved) => listing.rows.push(row(name, &resolved, env)),
            Err(error) => {
                listing.rows.push([name, "?", "", "", "", "", ""].map(str::to_owned).to_vec());
                listing.notes.push(note(name, &error));
            }
        }
    }
    if let Some(name) = config.implied_profile().filter(|_| config.profiles().count() > 1) {
        listing.notes.push(format!("default: {name}"));
    }
    listing
}

fn note(name: &str, error: &Error) -> String {
    let place = error.place().map(|at| format!("{}:{}: ", at.source, at.line)).unwrap_or_default();
    format!("{name}: {place}{}", mask(&error.to_string()))
}

fn row(name: &str, resolved: &Resolved, env: &Env) -> Vec<String> {
    let target = &resolved.target;
    let database = target.database.clone().unwrap_or_default();
    // Without a server the database is a file.
    let database = match target.engine.default_port() {
        None => env.show(database.as_ref()),
        Some(_) => database,
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
