//! Signatures of requests: AWS Signature Version 4, which every S3-compatible server understands.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::credentials::Credentials;
use crate::hex;
use crate::model::target::ExposeSecret;

/// A request before it is signed.
pub struct Unsigned<'a> {
    pub method: &'a str,
    /// As it will be sent: encoded, with a `/` at its beginning.
    pub path: &'a str,
    /// Names and values, not encoded.
    pub query: &'a [(&'a str, String)],
    /// Names in lower case; `host` is one of them.
    pub headers: Vec<(&'a str, String)>,
    /// SHA-256 of the body in hexadecimal digits.
    pub body: &'a str,
}

/// The headers to send with it, `Authorization` among them.
pub fn signed<'a>(
    request: Unsigned<'a>,
    credentials: &Credentials,
    region: &str,
    now: SystemTime,
) -> Vec<(&'a str, String)> {
    let stamp = timestamp(now);
    let day = stamp.get(..8).unwrap_or_default();
    let mut headers = request.headers;
    headers.push(("x-amz-content-sha256", request.body.to_owned()));
    headers.push(("x-amz-date", stamp.clone()));
    if let Some(token) = &credentials.session {
        headers.push(("x-amz-security-token", token.expose_secret().to_owned()));
    }
    headers.sort();
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let mut text = format!("{}\n{}\n{}\n", request.method, request.path, query(request.query));
    for (name, value) in &headers {
        text.extend([name, ":", value.trim(), "\n"]);
    }
    text.extend(["\n", &names, "\n", request.body]);
    let scope = format!("{day}/{region}/s3/aws4_request");
    let to_sign = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", hex(&Sha256::digest(text)));
    let secret = format!("AWS4{}", credentials.secret.expose_secret());
    let key = [day, region, "s3", "aws4_request"]
        .iter()
        .fold(secret.into_bytes(), |key, word| hmac(&key, word.as_bytes()));
    let signature = hex(&hmac(&key, to_sign.as_bytes()));
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope},SignedHeaders={names},Signature={signature}",
        credentials.key
    );
    headers.push(("authorization", authorization));
    headers
}

/// The query as it is signed and sent.
pub fn query(pairs: &[(&str, String)]) -> String {
    let mut pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name, false), encoded(value, false)))
        .collect();
    pairs.sort();
    pairs.join("&")
}

/// Text in a URL: all but letters, digits and `-._~` as `%` and digits; in a path `/` stays.
pub fn encoded(text: &str, in_path: bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            b'/' if in_path => encoded.push('/'),
            // Writing to a String cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length, so the other arm is never reached.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// `20130524T000000Z`.
fn timestamp(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // The day in years that begin with March (Howard Hinnant's algorithm).
    let day = days + 719_468;
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// The signature under the credentials and at the moment of AWS's published examples.
    fn signature(
        method: &str,
        path: &str,
        query: &[(&str, String)],
        more: &[(&'static str, &str)],
        body: &str,
    ) -> String {
        let mut headers = vec![("host", "examplebucket.s3.amazonaws.com".to_owned())];
        headers.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let credentials =
            Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None);
        let time = UNIX_EPOCH + Duration::from_secs(1_369_353_600);
        let unsigned = Unsigned { method, path, query, headers, body };
        let headers = signed(unsigned, &credentials, "us-east-1", time);
        let (_, signature) = headers.last().unwrap().1.split_once("Signature=").unwrap();
        signature.to_owned()
    }

    #[test]
    fn signatures_are_those_of_the_published_examples() {
        assert_eq!(
            signature("GET", "/test.txt", &[], &[("range", "bytes=0-9")], NOTHING),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        );
        let put = [("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")];
        assert_eq!(
            signature(
                "PUT",
                &encoded("/test$file.text", true),
                &[],
                &put,
                &hex(&Sha256::digest("Welcome to Amazon S3."))
            ),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        );
        assert_eq!(
            signature("GET", "/", &[("lifecycle", String::new())], &[], NOTHING),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
        );
        let list = [("prefix", "J".to_owned()), ("max-keys", "2".to_owned())];
        assert_eq!(
            signature("GET", "/", &list, &[], NOTHING),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        );
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        let at = |seconds| timestamp(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "19700101T000000Z");
        assert_eq!(at(951_868_799), "20000229T235959Z");
        assert_eq!(at(951_868_800), "20000301T000000Z");
        assert_eq!(at(1_798_761_599), "20261231T235959Z");
    }
}
