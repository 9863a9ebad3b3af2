//! Values that take the place of those of a column when it is read: as expressions, so that what
//! they replace never leaves the server.
//!
//! All hang on a keyed hash of the value: the same value becomes the same one wherever it stands.
//! What an engine calls the functions is its own [`Words`].

use rustls::crypto::ring;
use sha2::{Digest, Sha256};

use crate::error::{Error, Kind, Result};
use crate::model::target::SecretString;

/// What becomes of the values of a column; NULL stays NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    Null,
    /// Digits that tell nothing.
    Hash,
    /// What looks like the value.
    Fake,
    Constant(String),
}

impl Rule {
    pub fn read(text: &str) -> Result<Rule> {
        match text.split_once(':') {
            Some(("constant", value)) => Ok(Rule::Constant(value.to_owned())),
            None if text == "null" => Ok(Rule::Null),
            None if text == "hash" => Ok(Rule::Hash),
            None if text == "fake" => Ok(Rule::Fake),
            _ => Err(Error::usage(format!("{text:?} is no rule of masking"))
                .hint("the rules are null, hash, fake and constant:VALUE")),
        }
    }

    pub fn word(&self) -> &'static str {
        match self {
            Rule::Null => "null",
            Rule::Hash => "hash",
            Rule::Fake => "fake",
            Rule::Constant(_) => "constant",
        }
    }
}

/// A column whose values are replaced.
#[derive(Debug, Clone, Copy)]
pub struct Masking<'a> {
    pub rule: &'a Rule,
    pub column: &'a str,
    /// As it is declared.
    pub ty: &'a str,
    /// The column that decides what values are like: itself, or the one that it refers to.
    pub like: &'a str,
    /// The type of that one, and what a type that somebody made stands for.
    pub like_ty: &'a str,
    /// No two rows may have the same value.
    pub unique: bool,
}

/// What the values of a masked backup are made with.
pub struct MaskKey {
    /// What is hashed before each value.
    pub text: SecretString,
    /// A prime number that has no divisor in common with any number of values, see [`integer`].
    pub factor: u64,
    pub summand: u64,
}

impl MaskKey {
    /// One that nobody knows, and nobody will know again.
    pub fn random() -> Result<MaskKey> {
        let mut bytes = [0; 32];
        let random = ring::default_provider().secure_random;
        random.fill(&mut bytes).map_err(|_| Error::new(Kind::Io, "this machine gives no random numbers"))?;
        Ok(MaskKey::of(&bytes))
    }

    /// The one of a secret.
    pub fn of(secret: &[u8]) -> MaskKey {
        let derived = |what: &str| Sha256::new().chain_update(what).chain_update(secret).finalize();
        let number =
            |what: &str| derived(what).iter().take(8).fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
        let text = derived("dbwright mask key ");
        let text = text.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
        MaskKey {
            text: SecretString::from(text),
            factor: prime_from(1 << 62 | number("dbwright mask factor ") >> 2),
            summand: number("dbwright mask summand ") >> 2,
        }
    }
}

/// The first prime number from here on; there is always one near.
fn prime_from(start: u64) -> u64 {
    let mut number = start | 1;
    while !is_prime(number) {
        number += 2;
    }
    number
}

/// By Miller and Rabin; these bases are enough for all numbers of 64 bits.
fn is_prime(number: u64) -> bool {
    let power = |base: u64, mut exponent: u64| {
        let (mut result, mut base) = (1u128, u128::from(base));
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = result * base % u128::from(number);
            }
            base = base * base % u128::from(number);
            exponent >>= 1;
        }
        result
    };
    // Two alone is even and has no odd factor to try.
    if number <= 2 {
        return number == 2;
    }
    let twos = (number - 1).trailing_zeros();
    [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37].into_iter().all(|base| {
        if number.is_multiple_of(base) {
            return number == base;
        }
        let mut x = power(base, (number - 1) >> twos);
        let last = u128::from(number - 1);
        (0..twos).any(|round| {
            let is_witness = x == last || round == 0 && x == 1;
            x = x * x % u128::from(number);
            is_witness
        })
    })
}

/// What values of a type are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Text {
        max: Option<u64>,
    },
    Integer {
        max: u64,
    },
    Decimal,
    Real,
    Day,
    Moment,
    Uuid,
    Bytes {
        max: Option<u64>,
    },
    Json,
    /// Nothing that could be made up.
    Other,
}

/// How an engine says what masks are made of. All take and give expressions.
pub trait Words {
    fn shape(&self, ty: &str) -> Shape;
    fn column(&self, name: &str) -> String;
    fn literal(&self, text: &str) -> Result<String>;
    /// As text, or for bytes their digits.
    fn text(&self, value: &str, shape: Shape) -> String;
    /// 64 hexadecimal digits, by the key.
    fn hash(&self, what: &str, text: &str) -> String;
    /// The number of the first fifteen of such digits.
    fn number(&self, digits: &str) -> String;
    fn join(&self, parts: &[&str]) -> String;
    fn pick(&self, number: &str, from: &[&str]) -> String;
    /// Without what is left over.
    fn divided(&self, value: &str, by: u32) -> String;
    /// How often one whole number is in another.
    fn quotient(&self, value: &str, by: &str) -> String;
    /// A number of as many digits as are needed.
    fn whole(&self, value: &str) -> String;
    /// Those of the [key](MaskKey).
    fn factor(&self) -> String;
    fn summand(&self) -> String;
    fn days_before(&self, value: &str, days: &str, shape: Shape, ty: &str) -> String;
    /// Of the shapes that are made of the digits of a hash.
    fn of_digits(&self, digits: &str, shape: Shape) -> String;
    /// A fraction of the value, by a number from 5000 to 9999 of 10000.
    fn part_of(&self, value: &str, number: &str, shape: Shape) -> String;
    /// As the column has it.
    fn finish(&self, value: &str, ty: &str) -> String;
}

/// What is read in the place of a column.
pub fn expression(words: &dyn Words, masking: &Masking<'_>) -> Result<String> {
    let column = words.column(masking.column);
    let made = match masking.rule {
        Rule::Null => return Ok(words.finish("NULL", masking.ty)),
        Rule::Constant(text) => {
            let shape = words.shape(masking.like_ty);
            if let Shape::Text { max: Some(max) } = shape
                && text.chars().count() as u64 > max
            {
                return Err(Error::usage(format!("{text:?} is too long for {}", masking.column)));
            }
            if matches!(shape, Shape::Integer { .. }) && text.parse::<i128>().is_err() {
                return Err(Error::usage(format!("{text:?} is no number for {}", masking.column)));
            }
            words.literal(text)?
        }
        Rule::Hash | Rule::Fake => made(words, masking, &column)?,
    };
    let made = words.finish(&made, masking.ty);
    Ok(format!("CASE WHEN {column} IS NULL THEN NULL ELSE {made} END"))
}

fn made(words: &dyn Words, masking: &Masking<'_>, column: &str) -> Result<String> {
    let shape = words.shape(masking.like_ty);
    let text = words.text(column, shape);
    let number = |what: &str| words.number(&words.hash(what, &text));
    Ok(match shape {
        Shape::Text { max } => self::text(words, masking, &text, max)?,
        Shape::Integer { max } => integer(words, column, max),
        Shape::Decimal | Shape::Real if !masking.unique => {
            words.part_of(column, &format!("(5000 + MOD({}, 5000))", number("part")), shape)
        }
        Shape::Day | Shape::Moment => {
            let by = if masking.unique { words.number(&words.hash("days", "''")) } else { number("days") };
            let days = format!("(1 + MOD({by}, 180))");
            words.days_before(column, &days, shape, masking.ty)
        }
        Shape::Bytes { max: Some(..16) } if masking.unique => return Err(too_short(masking)),
        Shape::Uuid | Shape::Bytes { .. } | Shape::Json => {
            words.of_digits(&words.hash("value", &text), shape)
        }
        Shape::Decimal | Shape::Real => {
            return Err(refused(masking, "makes no values of it that are all different"));
        }
        Shape::Other => return Err(refused(masking, "makes no values of that type")),
    })
}

fn refused(masking: &Masking<'_>, why: &str) -> Error {
    let (rule, column, ty) = (masking.rule.word(), masking.column, masking.ty);
    Error::usage(format!("the rule {rule} cannot be used for {column}, which is {ty}: it {why}")).hint(
        "use null or constant:VALUE where the column may have that, or leave the rows out: --exclude-data",
    )
}

fn too_short(masking: &Masking<'_>) -> Error {
    refused(masking, "has too little room for values that are all different")
}

/// Digits that two values hardly ever share.
const APART: u64 = 12;

fn text(words: &dyn Words, masking: &Masking<'_>, text: &str, max: Option<u64>) -> Result<String> {
    let digits = words.hash("value", text);
    if masking.unique && max.is_some_and(|max| max < APART) {
        return Err(too_short(masking));
    }
    if *masking.rule == Rule::Hash {
        return Ok(format!("LEFT({digits}, {})", max.unwrap_or(32).min(32)));
    }
    if let Some(fake) = by_name(words, masking, text, &digits, max) {
        return Ok(fake);
    }
    let length = match masking.unique {
        true => format!("GREATEST(CHAR_LENGTH({text}), {})", max.unwrap_or(16).min(16)),
        false => format!("CHAR_LENGTH({text})"),
    };
    let times = words.divided(&length, 64);
    Ok(format!("LEFT(REPEAT({digits}, {times} + 1), {length})"))
}

const FIRST: [&str; 32] = [
    "Ada", "Ben", "Carla", "David", "Elena", "Felix", "Greta", "Hugo", "Ines", "Jonas", "Klara", "Leo",
    "Mara", "Nils", "Olga", "Paul", "Rosa", "Simon", "Tara", "Udo", "Vera", "Willem", "Xenia", "Yusuf",
    "Zoe", "Anton", "Bianca", "Cyril", "Dora", "Emil", "Flora", "Gustav",
];
const LAST: [&str; 32] = [
    "Abel", "Berg", "Costa", "Dahl", "Ende", "Fink", "Gallo", "Holm", "Ivers", "Janda", "Klein", "Lund",
    "Marsh", "Novak", "Orban", "Petit", "Quast", "Rossi", "Stein", "Torres", "Ulrich", "Vogel", "Weber",
    "Yilmaz", "Zander", "Arden", "Blom", "Cerny", "Drost", "Ekman", "Frey", "Grant",
];
const STREETS: [&str; 8] = [
    "High Street",
    "Mill Lane",
    "Park Road",
    "Station Road",
    "Church Street",
    "Oak Avenue",
    "River Walk",
    "North Street",
];
const CITIES: [&str; 8] =
    ["Ashford", "Brookfield", "Clifton", "Dunmore", "Easton", "Fairview", "Glenwood", "Hillside"];

/// What the name of a column says of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Like {
    Email,
    Phone,
    First,
    Last,
    Person,
    Address,
    City,
    Text,
}

fn like(column: &str) -> Like {
    let name = column.to_lowercase().replace(['-', ' '], "_");
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match () {
        () if has(&["mail"]) => Like::Email,
        () if has(&["phone", "mobile", "fax"]) || name == "tel" => Like::Phone,
        () if has(&["first_name", "firstname", "given_name", "forename"]) => Like::First,
        () if has(&["last_name", "lastname", "surname", "family_name"]) => Like::Last,
        () if name == "name"
            || has(&["full_name", "fullname", "person", "contact_name", "customer_name"]) =>
        {
            Like::Person
        }
        () if name.starts_with("ip") || name.starts_with("mac") => Like::Text,
        () if has(&["address", "street"]) => Like::Address,
        () if has(&["city", "town"]) => Like::City,
        () => Like::Text,
    }
}

/// None where the name says nothing, or there is too little room for what it says.
fn by_name(
    words: &dyn Words,
    masking: &Masking<'_>,
    text: &str,
    digits: &str,
    max: Option<u64>,
) -> Option<String> {
    let room = max.unwrap_or(u64::MAX);
    let pick = |what: &str, from: &[&str]| words.pick(&words.number(&words.hash(what, text)), from);
    let apart = format!("LEFT({digits}, {APART})");
    let with = |needed: u64, made: String| match masking.unique {
        true => (room > needed + APART).then(|| words.join(&[&made, "' '", &apart])),
        false => (room >= needed).then_some(made),
    };
    let number = |what: &str| words.number(&words.hash(what, text));
    match like(masking.like) {
        Like::Text => None,
        Like::Email => {
            let count = room.saturating_sub(13).min(16);
            let least = if masking.unique { APART } else { 6 };
            (count >= least)
                .then(|| words.join(&["'u'", &format!("LEFT({digits}, {count})"), "'@example.com'"]))
        }
        // Numbers with 555 01 are for films.
        Like::Phone => {
            let count = if masking.unique { 14 } else { 7 };
            let number = words.text(&words.whole(&number("phone")), Shape::Other);
            (room >= count + 5).then(|| {
                words.join(&[
                    "'+1555'",
                    &format!("RIGHT({}, {count})", words.join(&["'00000000000000'", &number])),
                ])
            })
        }
        Like::First => with(6, pick("first", &FIRST)),
        Like::Last => with(6, pick("last", &LAST)),
        Like::Person => with(13, words.join(&[&pick("first", &FIRST), "' '", &pick("last", &LAST)])),
        Like::Address => {
            let house =
                words.text(&words.whole(&format!("(1 + MOD({}, 199))", number("house"))), Shape::Other);
            with(17, words.join(&[&house, "' '", &pick("street", &STREETS)]))
        }
        Like::City => with(10, pick("city", &CITIES)),
    }
}

/// What is turned at once, in steps that leave none out.
const BLOCK: u64 = 1000;

/// Another number with as many digits, and another one for each: numbers with the same count of
/// digits change places among themselves. Of `n` numbers from `low` on, the one at place `x` goes to
/// `x * factor + summand` modulo `n`, which leaves none out as the factor shares no divisor with `n`;
/// then those of each block are turned by a hash of which block it is; then the first step again.
/// The few numbers at the very end of a type, which fill no block, stay.
fn integer(words: &dyn Words, column: &str, max: u64) -> String {
    let (factor, summand) = (words.factor(), words.summand());
    let (top, end) = top_and_end(max);
    let x = format!("ABS({})", words.whole(column));
    let powers = (1..20).map(|digits| 10u64.pow(digits - 1)).take_while(|power| *power < top);
    let steps: String = powers.map(|power| format!(" WHEN {x} < {} THEN {power}", power * 10)).collect();
    let low = words.whole(&format!("CASE{steps} ELSE {top} END"));
    let n = format!("(LEAST({low} * 10, {end}) - {low})");
    let placed = |place: &str, summand: &str| format!("MOD({place} * {factor} + {summand}, {n})");
    let first = placed(&format!("({x} - {low})"), &summand);
    let is_short = if end - top < BLOCK * BLOCK { format!(" OR {x} >= {top}") } else { String::new() };
    let block = words.whole(&format!("CASE WHEN {x} < {BLOCK}{is_short} THEN 1 ELSE {BLOCK} END"));
    let which = words.quotient(&first, &block);
    let turn = words.number(&words.hash("turn", &words.text(&which, Shape::Other)));
    let turned = format!("({which} * {block} + MOD({first} + {turn}, {block}))");
    // With another summand, as a factor that is -1 modulo n would take the first step back.
    let last = placed(&turned, &format!("7 * {summand} + 3"));
    let whole = words.whole(column);
    format!("CASE WHEN {x} >= {end} THEN {whole} ELSE SIGN({whole}) * ({low} + {last}) END")
}

/// The first number with as many digits as the largest, and the first that stays as it is.
fn top_and_end(max: u64) -> (u64, u64) {
    let top = 10u64.pow(max.ilog10());
    match max + 1 - top {
        count if count < BLOCK * BLOCK => (top, max + 1),
        count => (top, max + 1 - count % BLOCK),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::target::ExposeSecret;

    #[test]
    fn primes() {
        let primes: Vec<u64> = (2..60).filter(|number| is_prime(*number)).collect();
        assert_eq!(primes, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59]);
        assert!(is_prime(18_446_744_073_709_551_557) && is_prime(2_147_483_647));
        assert!(!is_prime(3_215_031_751) && !is_prime((1 << 62) - 1));
    }

    #[test]
    fn a_secret_always_makes_the_same_key() {
        let (one, same, other) = (MaskKey::of(b"a"), MaskKey::of(b"a"), MaskKey::of(b"b"));
        assert_eq!(one.text.expose_secret(), same.text.expose_secret());
        assert_eq!((one.factor, one.summand), (same.factor, same.summand));
        assert_ne!(one.text.expose_secret(), other.text.expose_secret());
        assert!(one.factor > 1 << 62 && is_prime(one.factor));
        assert_ne!(MaskKey::random().unwrap().factor, MaskKey::random().unwrap().factor);
    }

    #[test]
    fn the_last_numbers_of_a_type_fill_whole_blocks() {
        assert_eq!(top_and_end(127), (100, 128));
        assert_eq!(top_and_end(32_767), (10_000, 32_768));
        assert_eq!(top_and_end(2_147_483_647), (1_000_000_000, 2_147_483_000));
        assert_eq!(top_and_end(i64::MAX as u64), (10u64.pow(18), 9_223_372_036_854_775_000));
        assert_eq!(top_and_end(u64::MAX - 1), (10u64.pow(19), 18_446_744_073_709_551_000));
    }

    #[test]
    fn rules_and_names() {
        assert_eq!(Rule::read("constant:a:b").unwrap(), Rule::Constant("a:b".into()));
        assert!(Rule::read("fke").is_err() && Rule::read("constant").is_err());
        for (name, expected) in [
            ("E-Mail", Like::Email),
            ("email_address", Like::Email),
            ("ip_address", Like::Text),
            ("first_name", Like::First),
            ("surname", Like::Last),
            ("name", Like::Person),
            ("file_name", Like::Text),
            ("Home Street", Like::Address),
            ("mobile", Like::Phone),
        ] {
            assert_eq!(like(name), expected, "{name}");
        }
    }
}
