//! Stopping the statement of a session from outside it (chapter 55.2.9).

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use postgres_protocol::message::frontend;

use super::startup::Key;
use super::transport::{Encrypt, Place, Transport};
use crate::engine::Cancel;
use crate::engine::net::Clock;
use crate::error::{Error, Kind, Result};

/// Everything that a request needs, shared with whoever may ask for it.
#[derive(Clone)]
pub struct Canceller(Arc<Inner>);

struct Inner {
    transport: Transport,
    place: Place,
    encrypt: Encrypt,
    key: Option<Key>,
    limit: Duration,
}

impl Canceller {
    /// The request is encrypted when the session is: the key is a secret.
    pub fn new(
        transport: Transport,
        place: Place,
        encrypted: bool,
        key: Option<Key>,
        limit: Duration,
    ) -> Self {
        let encrypt = if encrypted { Encrypt::Always } else { Encrypt::Never };
        Canceller(Arc::new(Inner { transport, place, encrypt, key, limit }))
    }
}

impl Cancel for Canceller {
    fn cancel(&self) -> Result<()> {
        let Inner { transport, place, encrypt, key, limit } = &*self.0;
        let Some(key) = key else {
            return Err(Error::new(Kind::Unsupported, "the server gave no key to cancel with")
                .hint("is there a proxy in between that cannot pass it on?"));
        };
        let mut clock = Clock::start(*limit);
        let mut stream = transport.dial(place, *encrypt, &mut clock)?.wire.into_stream()?;
        stream.set_timeout(Some(clock.left("cancelling")?))?;
        let mut request = BytesMut::new();
        frontend::cancel_request(key.process.cast_signed(), key.secret.cast_signed(), &mut request);
        stream.write_all(&request)?;
        stream.flush()?;
        // The server closes the connection once it has passed the request on. Waiting for that
        // keeps it from reaching the statement after this one. How it closes is no matter.
        let _ = stream.read(&mut [0]);
        Ok(())
    }
}
