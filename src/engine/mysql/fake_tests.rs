//! Sessions with a server that is played by the test: what no server on a test bed does.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread::JoinHandle;

use super::packet::put_lenenc_bytes;
use super::session::MysqlSession;
use crate::engine::Session;
use crate::error::Kind;
use crate::model::server::TxState;
use crate::model::target::{EngineKind, Target};

/// The capabilities of a server from before OK packets ended results.
const OLD: u32 = 0x0008_A20D;
const NEW: u32 = OLD | 0x0100_0000 | 0x0080_0000;

struct Player {
    stream: UnixStream,
    sequence: u8,
}

impl Player {
    fn send(&mut self, payload: &[u8]) {
        self.try_send(payload).unwrap();
    }

    /// The client may have hung up already.
    fn try_send(&mut self, payload: &[u8]) -> std::io::Result<()> {
        let size = (payload.len() as u32).to_le_bytes();
        self.stream.write_all(&[size[0], size[1], size[2], self.sequence])?;
        self.stream.write_all(payload)?;
        self.sequence = self.sequence.wrapping_add(1);
        Ok(())
    }

    fn receive(&mut self) -> Vec<u8> {
        let mut header = [0; 4];
        self.stream.read_exact(&mut header).unwrap();
        self.sequence = header[3].wrapping_add(1);
        let size = u32::from_le_bytes([header[0], header[1], header[2], 0]);
        let mut payload = vec![0; size as usize];
        self.stream.read_exact(&mut payload).unwrap();
        payload
    }

    fn greet(&mut self, capabilities: u32) {
        let mut greeting = b"\x0A5.6.51\0\x07\0\0\x0012345678\0".to_vec();
        greeting.extend_from_slice(&capabilities.to_le_bytes()[..2]);
        greeting.extend_from_slice(&[45, 2, 0]);
        greeting.extend_from_slice(&capabilities.to_le_bytes()[2..]);
        greeting.extend_from_slice(b"\x15\0\0\0\0\0\0\0\0\0\0abcdefghijkl\0mysql_native_password\0");
        self.send(&greeting);
        self.receive();
        self.send(b"\0\0\0\x02\0\0\0");
    }
}

/// A session with a server that greets and then plays.
fn play(
    capabilities: u32,
    script: impl FnOnce(&mut Player) + Send + 'static,
) -> (MysqlSession, JoinHandle<()>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let listener = UnixListener::bind(&path).unwrap();
    let player = std::thread::spawn(move || {
        let mut player = Player { stream: listener.accept().unwrap().0, sequence: 0 };
        player.greet(capabilities);
        script(&mut player);
    });
    let target = Target { socket: Some(path), user: Some("me".into()), ..Target::new(EngineKind::Mysql) };
    (MysqlSession::open(&target).unwrap(), player, folder)
}

fn column(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for part in ["def", "", "", "", name, name] {
        put_lenenc_bytes(&mut out, part.as_bytes());
    }
    out.extend_from_slice(&[12, 45, 0, 40, 0, 0, 0, 253, 0, 0, 0, 0, 0]);
    out
}

#[test]
fn results_of_old_servers_have_more_packets() {
    let (mut session, player, _folder) = play(OLD, |player| {
        assert_eq!(player.receive(), b"\x03SELECT 1");
        player.send(&[1]);
        player.send(&column("a"));
        player.send(b"\xFE\0\0\x02\0");
        player.send(b"\x02hi");
        player.send(b"\xFE\0\0\x03\0");
        player.receive();
        player.send(b"\xFF\x28\x04#42000You have an error");
        // The session asks what that did to the transaction.
        assert_eq!(player.receive(), [14]);
        player.send(b"\0\0\0\x02\0\0\0");
    });
    assert_eq!(session.single("SELECT 1").unwrap().as_deref(), Some("hi"));
    assert_eq!(session.transaction(), TxState::Open);
    assert_eq!(session.single("slect").unwrap_err().kind(), Kind::Syntax);
    assert_eq!(session.transaction(), TxState::Idle);
    player.join().unwrap();
}

#[test]
fn a_server_gets_no_file_of_ours() {
    let (mut session, player, _folder) = play(NEW, |player| {
        player.receive();
        player.send(b"\xFB/etc/passwd");
        assert_eq!(player.receive(), b"");
        player.send(b"\0\0\0\x02\0\0\0");
        player.receive();
        player.send(b"\0\0\0\x02\0\0\0");
    });
    let error = session.execute("SELECT 1", &[]).unwrap_err();
    assert_eq!(error.kind(), Kind::Unsupported);
    session.ping().unwrap();
    player.join().unwrap();
}

#[test]
fn nonsense_ends_the_session_and_not_the_program() {
    for nonsense in [&b""[..], b"\x02", b"\xFC", b"\x01", b"\0", b"\xFF", b"\xFE"] {
        let (mut session, player, _folder) = play(NEW, move |player| {
            player.receive();
            player.send(nonsense);
            let _ = player.try_send(b"\x07nonsense");
        });
        let error = session.single("SELECT 1").unwrap_err();
        assert!(matches!(error.kind(), Kind::Lost), "{nonsense:?}: {error}");
        assert!(!session.is_alive(), "{nonsense:?}");
        drop(session);
        player.join().unwrap();
    }
}
