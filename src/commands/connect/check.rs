//! `connect --check`: can we connect, to what, how fast, and may we do what other commands need.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::engine::{Session, engine_for};
use crate::error::{Error, Result};
use crate::model::listing::Listing;
use crate::model::mask::mask;
use crate::model::server::{Facts, Permission, ServerInfo, Stage, TlsInfo, Verified};
use crate::model::target::Target;
use crate::ui::{error_json, human};

/// Round trips that the median is taken from.
const ROUND_TRIPS: usize = 5;

/// The outcome for one target.
pub struct Check {
    pub label: String,
    /// None when the profile does not even tell its engine.
    pub engine: Option<&'static str>,
    pub outcome: Result<Reached>,
}

/// What was found out about a server that answered.
pub struct Reached {
    server: ServerInfo,
    stages: Vec<Stage>,
    round_trip: Duration,
    facts: Facts,
}

/// Opens a session with `open` and looks at the server.
pub fn check(target: &Target, open: impl FnOnce(&Target) -> Result<Box<dyn Session>>) -> Check {
    let outcome =
        open(target).map_err(|error| explained(target, error)).and_then(|mut session| look(session.as_mut()));
    Check { label: target.label(), engine: Some(target.engine.word()), outcome }
}

/// Adds the likely reason of a refusal.
fn explained(target: &Target, error: Error) -> Error {
    let reasons = engine_for(target.engine).explain_refusal(target, &error);
    reasons.into_iter().fold(error, |error, reason| match error.hints().contains(&reason) {
        true => error,
        false => error.hint(reason),
    })
}

fn look(session: &mut dyn Session) -> Result<Reached> {
    let mut stages = session.server().stages.clone();
    let began = Instant::now();
    session.execute("select 1", &[])?;
    stages.push(Stage { name: "first query", took: began.elapsed() });
    let mut trips = Vec::with_capacity(ROUND_TRIPS);
    for _ in 0..ROUND_TRIPS {
        let began = Instant::now();
        session.ping()?;
        trips.push(began.elapsed());
    }
    trips.sort_unstable();
    let facts = session.facts()?;
    Ok(Reached { server: session.server().clone(), stages, round_trip: trips[ROUND_TRIPS / 2], facts })
}

/// Looks at all targets at once, on at most `threads` threads; the order is kept.
pub fn check_all(targets: Vec<(String, Result<Target>)>, threads: usize) -> Vec<Check> {
    let next = std::sync::Mutex::new(targets.into_iter().enumerate());
    let mut checks: Vec<(usize, Check)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut done = Vec::new();
                    // The lock is held only while the next target is taken.
                    while let Some((index, (name, target))) =
                        next.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next()
                    {
                        done.push((index, check_one(name, target)));
                    }
                    done
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    checks.sort_by_key(|(index, _)| *index);
    checks.into_iter().map(|(_, check)| check).collect()
}

fn check_one(name: String, target: Result<Target>) -> Check {
    match target {
        Ok(target) => Check { label: name, ..check(&target, crate::engine::open) },
        Err(error) => Check { label: name, engine: None, outcome: Err(error) },
    }
}

impl Reached {
    fn connect_time(&self) -> Duration {
        self.server.stages.iter().map(|stage| stage.took).sum()
    }

    fn state(&self) -> String {
        let access = match &self.facts.read_only {
            Some(why) => format!("read-only ({why})"),
            None => "read-write".to_owned(),
        };
        match &self.facts.role {
            Some(role) => format!("{access}, {role}"),
            None => access,
        }
    }

    fn stage_list(&self) -> String {
        let stages =
            self.stages.iter().map(|stage| format!("{} {}", stage.name, human::duration(stage.took)));
        stages.collect::<Vec<_>>().join(", ")
    }

    /// All that is known, one fact a line.
    pub fn listing(&self, label: &str) -> Listing {
        let server = &self.server;
        let mut rows = vec![
            ("server", format!("{} {}", server.engine.title(), server.version)),
            ("version", server.version_text.clone()),
            ("address", server.address.clone()),
            ("database", server.database.clone()),
            ("user", server.user.clone()),
        ];
        if !server.address.is_empty() {
            rows.push(("tls", tls_words(server.tls.as_ref())));
            rows.push(("connected in", human::duration(self.connect_time())));
        }
        rows.push(("stages", self.stage_list()));
        rows.push(("round trip", format!("{} (median of {ROUND_TRIPS})", human::duration(self.round_trip))));
        if let Some(skew) = self.facts.clock_skew {
            rows.push(("clock skew", format!("{skew:+.3} s")));
        }
        rows.push(("state", self.state()));
        rows.retain(|(_, value)| !value.is_empty());
        Listing::of_facts(label, rows)
    }

    /// The rights other subcommands need; None for an engine without users.
    pub fn permissions(&self) -> Option<Listing> {
        let permissions = &self.facts.permissions;
        (!permissions.is_empty()).then(|| Listing {
            title: "Permissions".into(),
            headers: ["Needed by", "Right", "Granted", "To grant it"].map(String::from).to_vec(),
            rows: permissions.iter().map(permission_row).collect(),
            notes: Vec::new(),
        })
    }
}

fn permission_row(permission: &Permission) -> Vec<String> {
    let grant = permission.grant.as_ref().filter(|_| !permission.granted);
    vec![
        permission.needed_by.to_owned(),
        permission.name.clone(),
        if permission.granted { "yes" } else { "no" }.to_owned(),
        grant.cloned().unwrap_or_default(),
    ]
}

/// The encryption of a connection, for people.
pub fn tls_words(tls: Option<&TlsInfo>) -> String {
    let Some(tls) = tls else { return "off".to_owned() };
    let verified = match tls.verified {
        Verified::No => "certificate not verified",
        Verified::Ca => "certificate authority verified",
        Verified::Full => "certificate and host name verified",
    };
    format!("{}, {}, {verified}", tls.version, tls.cipher)
}

/// One line for each target.
pub fn table(checks: &[Check]) -> Listing {
    let headers = ["Profile", "Server", "Address", "Database", "TLS", "Connect", "Round trip", "State"];
    let rows = checks.iter().map(|check| match &check.outcome {
        Ok(reached) => {
            let server = &reached.server;
            vec![
                check.label.clone(),
                format!("{} {}", server.engine.title(), server.version),
                server.address.clone(),
                server.database.clone(),
                if server.address.is_empty() {
                    String::new()
                } else {
                    server.tls.as_ref().map_or("off".to_owned(), |tls| tls.version.clone())
                },
                human::duration(reached.connect_time()),
                human::duration(reached.round_trip),
                reached.state(),
            ]
        }
        Err(error) => {
            let mut row = vec![check.label.clone(), check.engine.unwrap_or("?").to_owned()];
            row.resize(headers.len() - 1, String::new());
            row.push(format!("failed: {}", mask(&error.to_string())));
            row
        }
    });
    Listing {
        title: String::new(),
        headers: headers.map(String::from).to_vec(),
        rows: rows.collect(),
        notes: Vec::new(),
    }
}

/// The document of `--format json`.
pub fn json(checks: &[Check]) -> Value {
    json!({ "version": 1, "kind": "check", "checks": checks.iter().map(json_one).collect::<Vec<_>>() })
}

fn json_one(check: &Check) -> Value {
    match &check.outcome {
        Ok(reached) => json_reached(&check.label, reached),
        Err(error) => json!({
            "target": check.label,
            "engine": check.engine,
            "ok": false,
            "error": error_json(error),
        }),
    }
}

fn json_reached(label: &str, reached: &Reached) -> Value {
    let server = &reached.server;
    json!({
        "target": label,
        "engine": server.engine.word(),
        "ok": true,
        "server_version": server.version,
        "server_version_text": server.version_text,
        "address": server.address,
        "database": server.database,
        "user": server.user,
        "tls": server.tls.as_ref().map(|tls| json!({
            "version": tls.version,
            "cipher": tls.cipher,
            "verified": match tls.verified {
                Verified::No => "no",
                Verified::Ca => "ca",
                Verified::Full => "full",
            },
        })),
        "connect_seconds": reached.connect_time().as_secs_f64(),
        "stages": reached.stages.iter().map(|stage| json!({
            "name": stage.name, "seconds": stage.took.as_secs_f64(),
        })).collect::<Vec<_>>(),
        "round_trip_seconds": reached.round_trip.as_secs_f64(),
        "clock_skew_seconds": reached.facts.clock_skew,
        "read_only": reached.facts.read_only.is_some(),
        "read_only_reason": reached.facts.read_only,
        "role": reached.facts.role,
        "permissions": reached.facts.permissions.iter().map(|permission| json!({
            "needed_by": permission.needed_by,
            "right": permission.name,
            "granted": permission.granted,
            "grant": permission.grant,
        })).collect::<Vec<_>>(),
    })
}
