//! From a target to a session: which server, over which transport, as whom (chapter 55.2.1).

use postgres_protocol::message::frontend;

use super::auth::Login;
use super::cancel::Canceller;
use super::conn::{Conn, Reader, tag};
use super::errors::{self, Response};
use super::session::PgSession;
use super::settings::{Settings, Wanted};
use super::transport::{Dialled, Encrypt, Place, Transport, places};
use crate::engine::net::Clock;
use crate::error::{Error, Kind, Result};
use crate::model::server::ServerInfo;
use crate::model::target::{EngineKind, Target};

/// Opens a session to the first place that will do.
pub fn open(target: &Target) -> Result<PgSession> {
    let settings = Settings::of(target)?;
    let mut places = places(target);
    if settings.shuffle {
        fastrand::shuffle(&mut places);
    }
    let opening = Opening { target, transport: Transport::new(target, &settings), settings };
    if opening.settings.wanted == Wanted::PreferStandby {
        // A standby if there is one, else whoever answers.
        if let Ok(session) = opening.first(&places, Wanted::Standby) {
            return Ok(session);
        }
        return opening.first(&places, Wanted::Any);
    }
    opening.first(&places, opening.settings.wanted)
}

struct Opening<'a> {
    target: &'a Target,
    settings: Settings,
    transport: Transport,
}

impl Opening<'_> {
    fn first(&self, places: &[Place], wanted: Wanted) -> Result<PgSession> {
        let mut last = None;
        for place in places {
            let outcome = self.place(place).and_then(|mut session| {
                suits(&mut session, wanted, place)?;
                Ok(session)
            });
            match outcome {
                Ok(session) => return Ok(session),
                // As in libpq: a server that knows us and refuses is the answer; others are tried
                // only when this one cannot serve anybody.
                Err(error) if error.kind() != Kind::Connect => return Err(error),
                Err(error) if is_answer(&error) => return Err(error),
                Err(error) => match last {
                    None => last = Some(error),
                    Some(first) => last = Some(error.hint(format!("before that: {first}"))),
                },
            }
        }
        Err(last.unwrap_or_else(|| Error::new(Kind::Config, "no host to connect to")))
    }

    /// Connects to one place, with and without encryption as the mode allows.
    fn place(&self, place: &Place) -> Result<PgSession> {
        let mut clock = Clock::start(self.target.connect_timeout);
        let encrypt = Encrypt::wanted(place, self.target.tls.mode);
        let mut dialled = self.transport.dial(place, encrypt, &mut clock)?;
        if let Some(failure) = dialled.tls_failure.take() {
            return self
                .log_in(dialled, &mut clock)
                .map_err(|error| error.hint(format!("TLS was tried first: {failure}")));
        }
        let may_retry = encrypt == Encrypt::IfOffered && dialled.tls.is_some();
        let first = match self.log_in(dialled, &mut clock) {
            Err(error) if may_retry && may_do_without_tls(&error) => error,
            outcome => return outcome,
        };
        clock.stages.clear();
        let retried = self.transport.dial(place, Encrypt::Never, &mut clock);
        match retried.and_then(|dialled| self.log_in(dialled, &mut clock)) {
            Ok(session) => Ok(session),
            Err(second) if second.kind() == Kind::PasswordNeeded => Err(second),
            Err(second) => Err(first.hint(format!("without TLS: {second}"))),
        }
    }

    fn log_in(&self, dialled: Dialled, clock: &mut Clock) -> Result<PgSession> {
        let place = dialled.reached.clone();
        let mut conn = Conn::new(dialled.wire);
        let parameters = self.settings.parameters.iter().map(|(name, value)| (*name, value.as_str()));
        frontend::startup_message(parameters, &mut conn.out)
            .map_err(|error| Error::new(Kind::Config, "a parameter cannot be sent").because(error))?;
        conn.wire().stream().set_timeout(Some(clock.left("connecting")?))?;
        conn.send().map_err(|error| error.with_kind(Kind::Connect))?;
        Login {
            conn: &mut conn,
            settings: &self.settings,
            password: self.target.password.as_ref(),
            certificate: dialled.tls.as_ref().map(|(_, certificate)| certificate.as_slice()),
            place: &place,
            clock,
        }
        .run()?;
        let key = until_ready(&mut conn, clock, &place)?;
        conn.wire().stream().set_timeout(None)?;
        clock.stage("auth");
        conn.greeted();
        let canceller = Canceller::new(
            self.transport.clone(),
            place.clone(),
            dialled.tls.is_some(),
            key,
            self.target.connect_timeout,
        );
        let version = conn.settings.get("server_version").cloned().unwrap_or_default();
        let info = ServerInfo {
            engine: EngineKind::Postgres,
            version: version.split(' ').next().unwrap_or_default().to_owned(),
            version_num: version_number(&version),
            version_text: format!("PostgreSQL {version}"),
            database: self.settings.database.clone(),
            user: self.settings.user.clone(),
            address: place.to_string(),
            session_id: key.map(|key| key.process.into()),
            tls: dialled.tls.map(|(info, _)| info),
            stages: std::mem::take(&mut clock.stages),
        };
        Ok(PgSession::new(conn, info, canceller))
    }
}

/// What a server wants to see before it cancels the statement of a session (chapter 55.2.9).
#[derive(Debug, Clone, Copy)]
pub struct Key {
    pub process: u32,
    pub secret: u32,
}

/// Waits for the next frame while connecting; what the server refuses with is an error.
pub fn wait(conn: &mut Conn, clock: &Clock, place: &Place) -> Result<u8> {
    const DOING: &str = "logging in";
    conn.wire().stream().set_timeout(Some(clock.left(DOING)?))?;
    match conn.next() {
        Ok(tag::ERROR_RESPONSE) => {
            Err(errors::from_refusal(Response::parse(conn.body()), &place.to_string()))
        }
        Ok(tag) => Ok(tag),
        // The socket's own time-out: it says "lost" before the clock can.
        Err(_) if clock.left(DOING).is_err() => Err(clock.timed_out(DOING)),
        Err(error) if conn.wire().is_broken() => {
            Err(error.context(format!("{place} broke off while logging in")).with_kind(Kind::Connect))
        }
        Err(error) => Err(error.with_kind(Kind::Connect)),
    }
}

fn until_ready(conn: &mut Conn, clock: &Clock, place: &Place) -> Result<Option<Key>> {
    let mut key = None;
    loop {
        match wait(conn, clock, place)? {
            tag::BACKEND_KEY_DATA => {
                let mut reader = Reader::new(conn.body());
                key = reader.u32().zip(reader.u32()).map(|(process, secret)| Key { process, secret });
            }
            tag::READY_FOR_QUERY => {
                conn.ready();
                return Ok(key);
            }
            tag::NEGOTIATE_PROTOCOL_VERSION => {}
            _ => return Err(conn.not_understood().with_kind(Kind::Connect)),
        }
    }
}

/// invalid_authorization_specification: pg_hba.conf may have another line for unencrypted clients.
/// A wrong password is wrong without TLS too.
fn may_do_without_tls(error: &Error) -> bool {
    error.server_error().is_some_and(|server| server.code == "28000")
}

/// Whether the server spoke for itself, not for its state: cannot_connect_now sends us to the next.
fn is_answer(error: &Error) -> bool {
    error.server_error().is_some_and(|server| server.code != "57P03")
}

/// libpq's `target_session_attrs`. Servers from 14 on tell their state by themselves.
fn suits(session: &mut PgSession, wanted: Wanted, place: &Place) -> Result<()> {
    let (setting, question, expected) = match wanted {
        Wanted::Any | Wanted::PreferStandby => return Ok(()),
        Wanted::ReadWrite => ("default_transaction_read_only", "SHOW transaction_read_only", "off"),
        Wanted::ReadOnly => ("default_transaction_read_only", "SHOW transaction_read_only", "on"),
        Wanted::Primary => ("in_hot_standby", IN_RECOVERY, "off"),
        Wanted::Standby => ("in_hot_standby", IN_RECOVERY, "on"),
    };
    let standby = session.setting("in_hot_standby").map(|value| value == "on");
    let state = match (session.setting(setting), standby) {
        // A standby is read-only whatever its default says.
        (Some(_), Some(true)) => "on".to_owned(),
        (Some(value), Some(false)) => value.to_owned(),
        _ => session.scalar(question, &[])?.unwrap_or_default(),
    };
    match state == expected {
        true => Ok(()),
        false => {
            let (what, word) = match wanted {
                Wanted::ReadWrite => ("is read-only", "read-write"),
                Wanted::ReadOnly => ("is not read-only", "read-only"),
                Wanted::Primary => ("is a standby", "primary"),
                _ => ("is not a standby", "standby"),
            };
            Err(Error::new(Kind::Connect, format!("{place} {what}"))
                .hint(format!("target_session_attrs={word} asks for another")))
        }
    }
}

const IN_RECOVERY: &str = "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN 'on' ELSE 'off' END";

/// `18.4` is 180004, `9.6.24` is 90624, as in server_version_num.
fn version_number(version: &str) -> u32 {
    let number = version.split(' ').next().unwrap_or_default();
    let mut parts =
        number.split(|c: char| !c.is_ascii_digit()).map(|part| part.parse::<u32>().unwrap_or_default());
    let mut part = || parts.next().unwrap_or_default();
    crate::engine::Engine::version_number(&super::Postgres, [part(), part(), part()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_become_comparable() {
        assert_eq!(version_number("15.18 (Debian 15.18-0+deb12u1)"), 150_018);
        assert_eq!(version_number("18.4"), 180_004);
        assert_eq!(version_number("19devel"), 190_000);
        assert_eq!(version_number("9.6.24"), 90_624);
        assert_eq!(version_number(""), 0);
    }
}
