//! What a server may do to a client: fail for a while, fall silent, break off, refuse.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;

/// How a request is answered.
#[derive(Clone, Copy)]
enum Reply {
    /// Status, headers, body.
    Full(&'static str, &'static str, &'static str),
    /// The connection ends in the middle of the body.
    Cut,
    /// Nothing comes.
    Silence,
}

use Reply::{Cut, Full, Silence};

/// Answers each request, on a connection of its own, by the next reply; keeps the first lines.
fn server(replies: Vec<Reply>) -> (S3, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::<String>::new()));
    let heard = asked.clone();
    std::thread::spawn(move || {
        let mut silent = Vec::new();
        for reply in replies {
            let (mut stream, _) = listener.accept().unwrap();
            heard.lock().unwrap().push(request(&mut stream));
            match reply {
                Full(status, headers, body) => {
                    let length = if headers.contains("content-length") {
                        String::new()
                    } else {
                        format!("content-length: {}\r\n", body.len())
                    };
                    write!(stream, "HTTP/1.1 {status}\r\nconnection: close\r\n{headers}{length}\r\n{body}")
                        .unwrap();
                }
                Cut => write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").unwrap(),
                Silence => silent.push(stream),
            }
        }
    });
    let url = format!("s3://bucket/repo?endpoint=http://127.0.0.1:{port}");
    let patience = Patience {
        silence: Duration::from_millis(200),
        pause: Duration::from_millis(2),
        ..Patience::default()
    };
    let location = Location::parse(&url, &|_| None).unwrap();
    (S3::new(location, Credentials::new("key", "hunter2", None), patience).unwrap(), asked)
}

/// Reads a request to its end; gives its first line.
fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).unwrap();
    head.lines().next().unwrap_or_default().to_owned()
}

const FINE: Reply = Full("200 OK", "", "content");
const UNWELL: Reply = Full("503 Slow Down", "", "<Error><Code>SlowDown</Code></Error>");

#[test]
fn what_may_pass_is_tried_again() {
    for trouble in [
        UNWELL,
        Full("500 Oops", "", "no xml at all"),
        Full("429 Too Many", "", ""),
        Full("400 Bad", "", "<Error><Code>XAmzContentSHA256Mismatch</Code></Error>"),
        Cut,
        Silence,
    ] {
        let (store, asked) = server(vec![trouble, trouble, FINE]);
        assert_eq!(store.get("a/b").unwrap().unwrap(), b"content");
        assert_eq!(*asked.lock().unwrap(), ["GET /bucket/repo/a/b HTTP/1.1"; 3]);
        let (store, asked) = server(vec![trouble, FINE]);
        store.put("a/b", b"x").unwrap();
        assert_eq!(asked.lock().unwrap().len(), 2);
    }
}

#[test]
fn what_does_not_pass_is_told() {
    let (store, asked) = server(vec![UNWELL; 6]);
    let error = store.get("x").unwrap_err();
    assert_eq!((error.kind(), error.message()), (Kind::Io, "cannot read x in s3://bucket/repo"));
    assert!(error.hints()[0].contains("failed 6 times"), "{error}");
    assert_eq!(asked.lock().unwrap().len(), 6);
    let (store, _) = server(vec![Silence; 6]);
    let error = store.put("x", b"1").unwrap_err();
    assert_eq!(error.kind(), Kind::Connect);
    assert!(error.message().ends_with(", tried 6 times"), "{error}");
}

#[test]
fn refusals_say_what_to_do_and_are_not_tried_again() {
    for (reply, kind, says) in [
        (
            Full("404 No", "", "<Error><Code>NoSuchBucket</Code><Message>m</Message></Error>"),
            Kind::Usage,
            "there is no bucket bucket there",
        ),
        (
            Full("403 No", "", "<Error><Code>SignatureDoesNotMatch</Code></Error>"),
            Kind::Auth,
            "does not know these credentials",
        ),
        (Full("403 No", "", "<Error><Code>AccessDenied</Code></Error>"), Kind::Auth, "s3:PutObject"),
        (Full("403 No", "", "<Error><Code>RequestTimeTooSkewed</Code></Error>"), Kind::Auth, "clock"),
        (Full("301 Moved", "x-amz-bucket-region: eu-west-1\r\n", ""), Kind::Usage, "say region=eu-west-1"),
        (
            Full(
                "400 Bad",
                "",
                "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-2</Region></Error>",
            ),
            Kind::Usage,
            "say region=eu-west-2",
        ),
    ] {
        let (store, asked) = server(vec![reply]);
        let error = store.get("x").unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.hints()[0].contains(says), "{says}: {:?}", error.hints());
        assert!(!format!("{error:?}").contains("hunter2"));
        assert_eq!(asked.lock().unwrap().len(), 1);
    }
}

#[test]
fn files_that_are_not_there() {
    let gone = Full("404 Not Found", "", "<Error><Code>NoSuchKey</Code></Error>");
    let (store, _) = server(vec![gone, Full("404 Not Found", "", ""), gone]);
    assert_eq!(store.get("x").unwrap(), None);
    assert_eq!(store.size("x").unwrap(), None);
    store.delete("x").unwrap();
    let (store, _) = server(vec![Full("200 OK", "content-length: 1234\r\n", "")]);
    assert_eq!(store.size("x").unwrap(), Some(1234));
}

#[test]
fn listings_have_pages() {
    let (store, asked) = server(vec![
        Full(
            "200 OK",
            "",
            "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>a/+b</NextContinuationToken><Contents><Key>repo/c/y</Key><Size>2</Size></Contents></ListBucketResult>",
        ),
        Full(
            "200 OK",
            "",
            "<ListBucketResult><Contents><Key>repo/c/</Key><Size>0</Size></Contents><Contents><Key>repo/c/x</Key><Size>1</Size></Contents></ListBucketResult>",
        ),
    ]);
    assert_eq!(store.list("c").unwrap(), [("c/x".to_owned(), 1), ("c/y".to_owned(), 2)]);
    let asked = asked.lock().unwrap();
    assert_eq!(asked[0], "GET /bucket/?list-type=2&prefix=repo%2Fc%2F HTTP/1.1");
    assert!(asked[1].contains("continuation-token=a%2F%2Bb&"), "{asked:?}");
}

/// A listing of locks, the first of them the one that was written last.
fn locks(asked: &str, others: &[(&str, &str)]) -> String {
    let own = asked.split(' ').nth(1).and_then(|path| path.strip_prefix("/bucket/")).unwrap();
    let mut text = "<ListBucketResult>".to_owned();
    for (key, written) in [(own, "2026-11-23T20:00:00Z")].iter().chain(others) {
        text += &format!(
            "<Contents><Key>{key}</Key><LastModified>{written}</LastModified><Size>9</Size></Contents>"
        );
    }
    text + "</ListBucketResult>"
}

/// Takes a lock beside those of others; what was asked after the listing.
fn lock_beside(
    exclusive: bool,
    others: &'static [(&'static str, &'static str)],
) -> (Result<()>, Vec<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::<String>::new()));
    let heard = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let first = request(&mut stream);
            let mut heard = heard.lock().unwrap();
            let body = match first.contains("list-type") {
                true => locks(heard.first().unwrap(), others),
                false => String::new(),
            };
            heard.push(first);
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
        }
    });
    let url = format!("s3://bucket/repo?endpoint=http://127.0.0.1:{port}");
    let location = Location::parse(&url, &|_| None).unwrap();
    let store = S3::new(location, Credentials::new("key", "secret", None), Patience::default()).unwrap();
    let outcome = store.lock(exclusive).map(|guard| drop(guard.unwrap()));
    let asked = asked.lock().unwrap().split_off(2);
    (outcome, asked)
}

#[test]
fn locks_go_together_or_do_not() {
    const SHARED: &[(&str, &str)] = &[("repo/locks/1.shared", "2026-11-23T19:50:00Z")];
    const EXCLUSIVE: &[(&str, &str)] = &[("repo/locks/1.exclusive", "2026-11-23T20:00:01Z")];
    assert!(lock_beside(false, SHARED).0.is_ok());
    assert!(lock_beside(true, &[]).0.is_ok());
    for (exclusive, others) in [(true, SHARED), (false, EXCLUSIVE), (true, EXCLUSIVE)] {
        let (outcome, asked) = lock_beside(exclusive, others);
        assert_eq!(outcome.unwrap_err().kind(), Kind::Locked);
        assert!(asked.iter().filter(|line| line.starts_with("DELETE")).count() == 1, "{asked:?}");
    }
}

#[test]
fn a_lock_that_was_not_renewed_counts_no_more() {
    const OLD: &[(&str, &str)] = &[("repo/locks/1.exclusive", "2026-11-23T19:44:59Z")];
    let (outcome, asked) = lock_beside(false, OLD);
    outcome.unwrap();
    assert!(!asked.iter().any(|line| line.contains("locks/1.exclusive")), "{asked:?}");
    let (outcome, asked) = lock_beside(true, OLD);
    outcome.unwrap();
    assert_eq!(asked[0], "DELETE /bucket/repo/locks/1.exclusive HTTP/1.1");
}
