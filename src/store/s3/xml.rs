//! What S3 says in XML: listings and errors.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::error::{Error, Kind, Result};

/// A page of a listing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub files: Vec<File>,
    /// Where the next page begins; None at the end.
    pub next: Option<String>,
}

/// A file as a listing names it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct File {
    pub key: String,
    pub size: u64,
    /// When it was written, by the server's clock: `2026-11-23T20:49:03.117Z`.
    pub written: String,
}

/// The answer to ListObjectsV2.
pub fn page(text: &[u8]) -> Result<Page> {
    let mut page = Page::default();
    let mut file = File::default();
    let mut goes_on = false;
    let mut next = None;
    let mut is_listing = false;
    leaves(text, |path, value| match path {
        ["ListBucketResult", "Contents", "Key"] => file.key = value.to_owned(),
        ["ListBucketResult", "Contents", "Size"] => file.size = value.parse().unwrap_or_default(),
        ["ListBucketResult", "Contents", "LastModified"] => value.clone_into(&mut file.written),
        ["ListBucketResult", "Contents"] => page.files.push(std::mem::take(&mut file)),
        ["ListBucketResult", "IsTruncated"] => goes_on = value == "true",
        ["ListBucketResult", "NextContinuationToken"] => next = Some(value.to_owned()),
        ["ListBucketResult"] => is_listing = true,
        _ => {}
    })?;
    // Half a listing would make chunks look as if they were not there, or not needed.
    match (is_listing, goes_on, &next) {
        (false, ..) | (_, true, None) => Err(unreadable()),
        _ => {
            page.next = next.filter(|_| goes_on);
            Ok(page)
        }
    }
}

/// What an error says: its `Code`, `Message`, `Region` and so on. Empty when it is no XML.
pub fn error(text: &[u8]) -> BTreeMap<String, String> {
    let mut said = BTreeMap::new();
    // An answer of something else on the way, such as a proxy, says nothing to us.
    let _ = leaves(text, |path, value| {
        if let ["Error", name] = path {
            said.insert((*name).to_owned(), value.to_owned());
        }
    });
    said
}

/// Calls with the path and the text of each element at its end.
fn leaves(text: &[u8], mut each: impl FnMut(&[&str], &str)) -> Result<()> {
    let text = std::str::from_utf8(text).map_err(|_| unreadable())?;
    let mut reader = Reader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    let mut value = String::new();
    loop {
        match reader.read_event().map_err(|error| unreadable().because(error))? {
            Event::Start(start) => {
                path.push(start.local_name().as_ref().to_owned());
                value.clear();
            }
            Event::Text(text) => value.push_str(&text),
            Event::GeneralRef(entity) => value.push(entity_of(&entity)?),
            Event::End(_) => {
                let names: Vec<&str> = path.iter().map(String::as_str).collect();
                each(&names, value.trim());
                path.pop();
                value.clear();
            }
            Event::Eof if path.is_empty() => return Ok(()),
            Event::Eof => return Err(unreadable()),
            _ => {}
        }
    }
}

fn entity_of(entity: &quick_xml::events::BytesRef<'_>) -> Result<char> {
    let number = entity.resolve_char_ref().map_err(|error| unreadable().because(error))?;
    match (number, entity.as_ref()) {
        (Some(letter), _) => Ok(letter),
        (None, "amp") => Ok('&'),
        (None, "lt") => Ok('<'),
        (None, "gt") => Ok('>'),
        (None, "quot") => Ok('"'),
        (None, "apos") => Ok('\''),
        (None, _) => Err(unreadable()),
    }
}

fn unreadable() -> Error {
    Error::new(Kind::Data, "the answer of the S3 server cannot be read")
        .hint("is the endpoint an S3 server? --repo 's3://BUCKET/PREFIX?endpoint=URL'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listings_are_read() {
        let text = b"<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>b</Name><IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b&#43;</NextContinuationToken><Contents><Key>p/x &lt;1&gt;</Key><LastModified>2026-11-23T20:49:03.117Z</LastModified><Size>12</Size><Owner><ID>x</ID></Owner></Contents><Contents><Key>p/y</Key><Size>0</Size></Contents></ListBucketResult>";
        let page = page(text).unwrap();
        assert_eq!(page.next.as_deref(), Some("a&b+"));
        let names: Vec<_> = page.files.iter().map(|file| (file.key.as_str(), file.size)).collect();
        assert_eq!(names, [("p/x <1>", 12), ("p/y", 0)]);
        assert_eq!(page.files[0].written, "2026-11-23T20:49:03.117Z");
    }

    #[test]
    fn half_a_listing_is_none() {
        for text in [
            "",
            "<html>welcome</html>",
            "<ListBucketResult><Contents><Key>x</Key></Contents>",
            "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        ] {
            assert!(page(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(page(b"<ListBucketResult></ListBucketResult>").unwrap(), Page::default());
    }

    #[test]
    fn errors_are_read() {
        let said = error(b"<Error><Code>NoSuchKey</Code><Message>not &quot;there&quot;</Message></Error>");
        assert_eq!((said["Code"].as_str(), said["Message"].as_str()), ("NoSuchKey", "not \"there\""));
        assert!(error(b"<html><b>no").is_empty() && error(b"\xff").is_empty());
    }
}
