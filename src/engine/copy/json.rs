//! JSON in one form: without spaces, keys in order and each once, numbers without a zero too many, so
//! that two engines that keep a document in their own ways can be compared.

use std::collections::BTreeMap;

use super::Reason;
use super::number::parts;

/// Deeper than any engine lets a document go.
const DEEPEST: u32 = 512;

/// Writes a document in that form.
pub fn canonical(text: &[u8], out: &mut Vec<u8>) -> Result<(), Reason> {
    let text = std::str::from_utf8(text).map_err(|_| "it is no text in UTF-8")?;
    let mut reader = Reader { text: text.as_bytes(), at: 0, depth: 0 };
    reader.value(out).filter(|()| reader.is_end()).ok_or_else(|| "it is no JSON".into())
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    depth: u32,
}

impl Reader<'_> {
    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        while matches!(self.text.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn is_end(&mut self) -> bool {
        self.peek().is_none()
    }

    fn value(&mut self, out: &mut Vec<u8>) -> Option<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        match self.peek()? {
            b'{' => self.object(out)?,
            b'[' => self.array(out)?,
            b'"' => put(&self.string()?, out),
            b't' => self.word("true", out)?,
            b'f' => self.word("false", out)?,
            b'n' => self.word("null", out)?,
            _ => self.number(out)?,
        }
        self.depth -= 1;
        Some(())
    }

    fn word(&mut self, word: &str, out: &mut Vec<u8>) -> Option<()> {
        let there = self.text[self.at..].starts_with(word.as_bytes());
        self.at += word.len();
        out.extend_from_slice(word.as_bytes());
        there.then_some(())
    }

    /// Of a key that stands twice the last one counts.
    fn object(&mut self, out: &mut Vec<u8>) -> Option<()> {
        self.at += 1;
        let mut members: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        if !self.eat(b'}') {
            loop {
                let key = (self.peek()? == b'"').then(|| self.string())??;
                let mut value = Vec::new();
                self.eat(b':').then(|| self.value(&mut value))??;
                members.insert(key, value);
                if self.eat(b'}') {
                    break;
                }
                self.eat(b',').then_some(())?;
            }
        }
        out.push(b'{');
        for (at, (key, value)) in members.into_iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            put(&key, out);
            out.push(b':');
            out.extend_from_slice(&value);
        }
        out.push(b'}');
        Some(())
    }

    fn array(&mut self, out: &mut Vec<u8>) -> Option<()> {
        self.at += 1;
        out.push(b'[');
        if !self.eat(b']') {
            loop {
                self.value(out)?;
                if self.eat(b']') {
                    break;
                }
                self.eat(b',').then_some(())?;
                out.push(b',');
            }
        }
        out.push(b']');
        Some(())
    }

    /// The string whose quote is next, as it is meant.
    fn string(&mut self) -> Option<String> {
        let start = self.at;
        let end = loop {
            self.at += 1;
            match self.text.get(self.at)? {
                b'\\' => self.at += 1,
                b'"' => break self.at,
                _ => {}
            }
        };
        self.at = end + 1;
        serde_json::from_slice(&self.text[start..=end]).ok()
    }

    fn number(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = self.text[self.at..].iter().take_while(|byte| is_part(byte)).count();
        let text = &self.text[self.at..self.at + length];
        self.at += length;
        let starts = text.strip_prefix(b"-").unwrap_or(text);
        if !starts.first()?.is_ascii_digit() {
            return None;
        }
        let number = parts(text)?;
        let start = out.len();
        // What has too many digits to be written out stays as it is.
        if number.write(out).is_err() {
            out.truncate(start);
            out.extend_from_slice(text);
        }
        Some(())
    }
}

/// A string in quotes; writing to a vector cannot fail.
fn put(text: &str, out: &mut Vec<u8>) {
    let _ = serde_json::to_writer(out, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        let mut out = Vec::new();
        match canonical(text.as_bytes(), &mut out) {
            Ok(()) => String::from_utf8(out).unwrap(),
            Err(reason) => reason.into_owned(),
        }
    }

    #[test]
    fn one_form() {
        assert_eq!(of(r#" {"b": [1.0, 1e2, -0], "a": "\u00e9\"", "b": true} "#), r#"{"a":"é\"","b":true}"#);
        assert_eq!(of("[1.0, 1e2, -0, 12345678901234567890.5]"), "[1,100,0,12345678901234567890.5]");
        assert_eq!(of("\"x\""), "\"x\"");
        assert_eq!(of("{}"), "{}");
        assert_eq!(of("[ ]"), "[]");
        for text in ["{", "{a: 1}", "[1,]", "1 2", "", "tru", "+1", ".5", "\"a", "\"\\x\"", &"[".repeat(600)]
        {
            assert_eq!(of(text), "it is no JSON", "{text}");
        }
    }
}
