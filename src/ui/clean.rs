//! Text of others made harmless for a terminal: no control character, no escape sequence and no
//! change of writing direction gets through.

use std::borrow::Cow;

use super::rows::is_plain;

/// Whether a terminal would act on this character, or it hides what the text says.
pub(crate) fn is_unsafe(ch: char) -> bool {
    ch.is_control()
        || matches!(ch, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Appends the visible form of an unsafe character: `\r`, `\x1B`, `\u202E`.
pub(crate) fn push_escaped(ch: char, out: &mut Vec<u8>) {
    match ch {
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        _ => {
            let code = u32::from(ch);
            let text = match code {
                0..0x80 => format!("\\x{code:02X}"),
                _ => format!("\\u{code:04X}"),
            };
            out.extend_from_slice(text.as_bytes());
        }
    }
}

/// Appends the visible form of a byte that is not part of valid UTF-8.
pub(crate) fn push_invalid(byte: u8, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("\\x{byte:02X}").as_bytes());
}

/// What happens to characters that shape text rather than attack it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Line ends and tabs stay: prose of several lines.
    Keep,
    /// They are escaped like the others: one line.
    OneLine,
}

/// The same text with unsafe characters made visible.
pub(crate) fn clean(text: &str, layout: Layout) -> Cow<'_, str> {
    let keeps = |ch| layout == Layout::Keep && matches!(ch, '\n' | '\t');
    // Nearly all is plain, which takes a step for many letters.
    if is_plain(text.as_bytes()) || !text.chars().any(|ch| is_unsafe(ch) && !keeps(ch)) {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len() + 16);
    let mut utf8 = [0; 4];
    for ch in text.chars() {
        match is_unsafe(ch) && !keeps(ch) {
            true => push_escaped(ch, &mut out),
            false => out.extend_from_slice(ch.encode_utf8(&mut utf8).as_bytes()),
        }
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

/// Appends bytes that should be text, with all that is unsafe made visible; line ends and tabs
/// stay when `layout` says so.
pub(crate) fn push_clean(bytes: &[u8], layout: Layout, out: &mut Vec<u8>) {
    for chunk in bytes.utf8_chunks() {
        out.extend_from_slice(clean(chunk.valid(), layout).as_bytes());
        for byte in chunk.invalid() {
            push_invalid(*byte, out);
        }
    }
}

/// The same text with every unsafe character replaced by one `·`, so that columns stay where
/// they are.
pub(crate) fn clean_in_place(text: &str) -> String {
    text.chars()
        .map(|ch| match ch {
            '\t' => ' ',
            ch if is_unsafe(ch) => '·',
            ch => ch,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_terminal_acts_on_gets_through() {
        for (text, shown) in [
            ("plain", "plain"),
            ("\x1b[31mred", "\\x1B[31mred"),
            ("\u{9b}31m", "\\u009B31m"),
            ("a\u{202e}b", "a\\u202Eb"),
            ("bell\x07 del\x7f cr\r", "bell\\x07 del\\x7F cr\\r"),
            ("日本 é", "日本 é"),
        ] {
            assert_eq!(clean(text, Layout::OneLine), shown);
        }
        assert_eq!(clean("a\tb\nc\r", Layout::Keep), "a\tb\nc\\r");
        assert_eq!(clean("a\tb\n", Layout::OneLine), "a\\tb\\n");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_shown_as_hex() {
        let mut out = Vec::new();
        push_clean(b"a\xff\xc3(\x1b", Layout::OneLine, &mut out);
        assert_eq!(out, br"a\xFF\xC3(\x1B");
    }

    #[test]
    fn cleaning_in_place_keeps_the_columns() {
        assert_eq!(clean_in_place("a\tb\x1bc"), "a b·c");
    }
}
