//! Channel binding `tls-server-end-point` (RFC 5929, chapter 4): the hash of the server's
//! certificate, made with the hash of its signature.

use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

/// The binding data for a certificate (DER); None when its signature names no hash we know.
pub fn server_end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    let hash = signature_hash(certificate)?;
    Some(match hash {
        Hash::Sha224 => Sha224::digest(certificate).to_vec(),
        Hash::Sha256 => Sha256::digest(certificate).to_vec(),
        Hash::Sha384 => Sha384::digest(certificate).to_vec(),
        Hash::Sha512 => Sha512::digest(certificate).to_vec(),
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

const SEQUENCE: u8 = 0x30;
const OBJECT_ID: u8 = 0x06;
/// `[0]`, explicit: the hash in RSASSA-PSS-params.
const FIRST: u8 = 0xa0;

/// `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }` (RFC 5280).
fn signature_hash(certificate: &[u8]) -> Option<Hash> {
    let mut rest = certificate;
    let mut certificate = element(&mut rest, SEQUENCE)?;
    element(&mut certificate, SEQUENCE)?;
    let mut algorithm = element(&mut certificate, SEQUENCE)?;
    match element(&mut algorithm, OBJECT_ID)? {
        // PKCS #1, 1.2.840.113549.1.1: MD5 and SHA-1 are replaced by SHA-256 (RFC 5929).
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, number] => match number {
            4 | 5 | 11 => Some(Hash::Sha256),
            12 => Some(Hash::Sha384),
            13 => Some(Hash::Sha512),
            14 => Some(Hash::Sha224),
            10 => pss_hash(algorithm),
            _ => None,
        },
        // ecdsa-with-SHA1, 1.2.840.10045.4.1
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1] => Some(Hash::Sha256),
        // ecdsa-with-SHA2, 1.2.840.10045.4.3
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, number] => match number {
            1 => Some(Hash::Sha224),
            2 => Some(Hash::Sha256),
            3 => Some(Hash::Sha384),
            4 => Some(Hash::Sha512),
            _ => None,
        },
        _ => None,
    }
}

/// `RSASSA-PSS-params` (RFC 4055, 3.1); without a hash it is SHA-1.
fn pss_hash(mut parameters: &[u8]) -> Option<Hash> {
    let mut parameters = element(&mut parameters, SEQUENCE)?;
    let Some(mut first) = element(&mut parameters, FIRST) else { return Some(Hash::Sha256) };
    let mut algorithm = element(&mut first, SEQUENCE)?;
    match element(&mut algorithm, OBJECT_ID)? {
        // NIST hashes, 2.16.840.1.101.3.4.2
        [0x60, 0x86, 0x48, 0x01, 0x65, 3, 4, 2, number] => match number {
            1 => Some(Hash::Sha256),
            2 => Some(Hash::Sha384),
            3 => Some(Hash::Sha512),
            4 => Some(Hash::Sha224),
            _ => None,
        },
        // SHA-1
        [0x2b, 0x0e, 3, 2, 0x1a] => Some(Hash::Sha256),
        _ => None,
    }
}

/// Takes one element of the expected type (X.690, 8.1) and shows its content.
fn element<'a>(rest: &mut &'a [u8], expected: u8) -> Option<&'a [u8]> {
    let [kind, short, tail @ ..] = *rest else { return None };
    if *kind != expected {
        return None;
    }
    let (length, tail) = match *short {
        length @ 0..=0x7f => (usize::from(length), tail),
        // The long form: so many bytes of length follow. Four are more than any certificate has.
        count @ 0x81..=0x84 => {
            let (bytes, tail) = tail.split_at_checked(usize::from(count & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), tail)
        }
        _ => return None,
    };
    let (content, tail) = tail.split_at_checked(length)?;
    *rest = tail;
    Some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(kind: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind];
        match content.len() {
            length @ 0..=0x7f => bytes.push(length as u8),
            length => bytes.extend([0x82, (length >> 8) as u8, length as u8]),
        }
        bytes.extend_from_slice(content);
        bytes
    }

    fn certificate(algorithm: &[u8]) -> Vec<u8> {
        let mut content = der(SEQUENCE, &[7; 300]);
        content.extend(der(SEQUENCE, algorithm));
        content.extend(der(3, &[0; 64]));
        der(SEQUENCE, &content)
    }

    #[test]
    fn the_hash_is_that_of_the_signature() {
        let hash = |oid: &[u8]| signature_hash(&certificate(&der(OBJECT_ID, oid)));
        let rsa = |number| hash(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, number]);
        assert_eq!(rsa(5), Some(Hash::Sha256));
        assert_eq!(rsa(11), Some(Hash::Sha256));
        assert_eq!(rsa(13), Some(Hash::Sha512));
        assert_eq!(hash(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3]), Some(Hash::Sha384));
        // Ed25519 signs without a hash of its own.
        assert_eq!(hash(&[0x2b, 0x65, 0x70]), None);
    }

    #[test]
    fn pss_names_its_hash_in_its_parameters() {
        let oid = der(OBJECT_ID, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10]);
        let sha384 = der(SEQUENCE, &der(OBJECT_ID, &[0x60, 0x86, 0x48, 0x01, 0x65, 3, 4, 2, 2]));
        let with = [oid.clone(), der(SEQUENCE, &der(FIRST, &sha384))].concat();
        assert_eq!(signature_hash(&certificate(&with)), Some(Hash::Sha384));
        let without = [oid, der(SEQUENCE, &[])].concat();
        assert_eq!(signature_hash(&certificate(&without)), Some(Hash::Sha256));
    }

    #[test]
    fn broken_certificates_give_none() {
        let whole = certificate(&der(OBJECT_ID, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]));
        for end in 0..300 {
            assert_eq!(server_end_point(&whole[..end]), None);
        }
        assert_eq!(server_end_point(&whole).map(|hash| hash.len()), Some(32));
    }
}
