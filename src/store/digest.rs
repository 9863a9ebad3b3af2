//! The digest of a table's rows, whatever their order: every row is hashed by itself, and the
//! hashes are added up. It is taken from the bytes that are stored, and again from those that a
//! restored table gives; equal digests mean equal rows, as often as they are there.

use twox_hash::XxHash3_128;

use crate::model::snapshot::Form;

/// Counts and sums up the rows of a stream of bytes.
pub struct Rows {
    form: Form,
    count: u64,
    sum: u128,
    /// A row whose end has not come yet.
    open: Option<Open>,
}

/// A row in the middle.
struct Open {
    hash: XxHash3_128,
    /// The last byte so far, which is no part of the row if its end comes next.
    last: u8,
    /// A line that is no row.
    is_other: bool,
}

impl Rows {
    pub fn new(form: Form) -> Self {
        Rows { form, count: 0, sum: 0, open: None }
    }

    /// Takes the next bytes.
    pub fn take(&mut self, mut bytes: &[u8]) {
        if self.form == Form::Image {
            return;
        }
        if self.open.is_some() {
            let Some(end) = memchr::memchr(b'\n', bytes) else { return self.go_on(bytes) };
            self.go_on(&bytes[..end]);
            self.close();
            bytes = &bytes[end + 1..];
        }
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', bytes) {
            self.whole(&bytes[start..end]);
            start = end + 1;
        }
        if start < bytes.len() {
            self.go_on(&bytes[start..]);
        }
    }

    fn whole(&mut self, line: &[u8]) {
        let row = match (self.form, line) {
            (Form::Insert, [b'(', .., _]) => &line[..line.len() - 1],
            (Form::Insert, _) => return,
            (Form::Statements, [first, ..]) if is_of_rights(*first) => return,
            _ => line,
        };
        self.add(XxHash3_128::oneshot(row));
    }

    fn add(&mut self, hash: u128) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(hash);
    }

    fn go_on(&mut self, bytes: &[u8]) {
        let [first, ..] = bytes else { return };
        let [rest @ .., last] = bytes else { return };
        match &mut self.open {
            Some(open) => {
                open.hash.write(&[open.last]);
                open.hash.write(rest);
                open.last = *last;
            }
            None => {
                let mut hash = XxHash3_128::new();
                hash.write(rest);
                let is_other = match self.form {
                    Form::Insert => *first != b'(',
                    Form::Statements => is_of_rights(*first),
                    Form::Copy | Form::Image => false,
                };
                self.open = Some(Open { hash, last: *last, is_other });
            }
        }
    }

    fn close(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        if open.is_other {
            return;
        }
        if self.form != Form::Insert {
            open.hash.write(&[open.last]);
        }
        self.add(open.hash.finish_128());
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    pub fn sum(&self) -> u128 {
        self.sum
    }
}

/// Counts and sums up rows that come one by one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    pub count: u64,
    pub sum: u128,
}

impl Sum {
    pub fn add(&mut self, row: &[u8]) {
        self.merge(Sum { count: 1, sum: XxHash3_128::oneshot(row) });
    }

    pub fn merge(&mut self, other: Sum) {
        self.count += other.count;
        self.sum = self.sum.wrapping_add(other.sum);
    }
}

/// Whether a statement of large objects is about owners and rights (ALTER, GRANT), with which a
/// database may be restored or not: it is no row.
pub fn is_of_rights(first: u8) -> bool {
    matches!(first, b'A' | b'G')
}

/// The sum as the manifest writes it.
pub fn hex(sum: u128) -> String {
    format!("{sum:032x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(form: Form, text: &str, size: usize) -> (u64, u128) {
        let mut rows = Rows::new(form);
        text.as_bytes().chunks(size).for_each(|bytes| rows.take(bytes));
        (rows.count(), rows.sum())
    }

    #[test]
    fn it_does_not_matter_where_the_stream_is_cut_or_how_rows_are_ordered() {
        let text = "1\tone\n2\t\\N\n\n3\tthree and a long one\n";
        let whole = rows(Form::Copy, text, 1000);
        assert_eq!(whole.0, 4);
        for size in 1..20 {
            assert_eq!(rows(Form::Copy, text, size), whole, "{size}");
        }
        assert_eq!(rows(Form::Copy, "3\tthree and a long one\n\n2\t\\N\n1\tone\n", 7), whole);
        assert_ne!(rows(Form::Copy, "1\tone\n2\t\\N\n\n3\tthree and a lonG one\n", 7), whole);
        assert_ne!(rows(Form::Copy, "1\tone\n1\tone\n\n3\tthree and a long one\n", 7), whole);
    }

    #[test]
    fn only_rows_of_inserts_count_and_not_what_ends_them() {
        let text =
            "INSERT INTO `t` (`a`) VALUES\n(1,'x'),\n(2,'y');\nINSERT INTO `t` (`a`) VALUES\n(3,'z');\n";
        let whole = rows(Form::Insert, text, 1000);
        assert_eq!(whole.0, 3);
        for size in 1..40 {
            assert_eq!(rows(Form::Insert, text, size), whole, "{size}");
        }
        let other = "INSERT INTO `t` (`a`) VALUES\n(3,'z'),\n(1,'x'),\n(2,'y');\n";
        assert_eq!(rows(Form::Insert, other, 5), whole);
    }
}
