//! The content of a file: pieces of 64 KiB, each sealed with its number and whether it is the last.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce};

use super::{FileKey, cipher, derived, not_encrypted, random, spoilt};
use crate::error::Result;

const PIECE: usize = 64 << 10;
const SALT: usize = 16;

pub fn encrypt(key: &FileKey, plain: &[u8], file: &mut Vec<u8>) -> Result<()> {
    let salt: [u8; SALT] = random()?;
    let cipher = cipher(&derived(key, &salt, "payload")?)?;
    file.reserve(size(plain.len()));
    file.extend(salt);
    // Nothing is one piece too.
    let count = plain.len().div_ceil(PIECE).max(1);
    for number in 0..count {
        let piece = &plain[number * PIECE..plain.len().min((number + 1) * PIECE)];
        let from = file.len();
        file.extend(piece);
        let nonce = nonce(number, number + 1 == count);
        let tag = cipher
            .seal_in_place_separate_tag(nonce, Aad::empty(), &mut file[from..])
            .map_err(|_| not_encrypted())?;
        file.extend(tag.as_ref());
    }
    Ok(())
}

/// The size of the payload of a content.
pub fn size(plain: usize) -> usize {
    SALT + plain + plain.div_ceil(PIECE).max(1) * CHACHA20_POLY1305.tag_len()
}

pub fn decrypt(key: &FileKey, payload: &[u8]) -> Result<Vec<u8>> {
    let (salt, sealed) = payload.split_at_checked(SALT).ok_or_else(spoilt)?;
    let cipher = cipher(&derived(key, salt, "payload")?)?;
    let sealed_piece = PIECE + CHACHA20_POLY1305.tag_len();
    let count = sealed.len().div_ceil(sealed_piece);
    let mut plain = Vec::with_capacity(sealed.len());
    for (number, piece) in sealed.chunks(sealed_piece).enumerate() {
        let from = plain.len();
        plain.extend(piece);
        let size = open(&cipher, nonce(number, number + 1 == count), &mut plain[from..])?;
        // An empty piece at the end of others is one that was put there.
        if size == 0 && number > 0 {
            return Err(spoilt());
        }
        plain.truncate(from + size);
    }
    match count {
        0 => Err(spoilt()),
        _ => Ok(plain),
    }
}

fn open(cipher: &LessSafeKey, nonce: Nonce, piece: &mut [u8]) -> Result<usize> {
    Ok(cipher.open_in_place(nonce, Aad::empty(), piece).map_err(|_| spoilt())?.len())
}

fn nonce(number: usize, is_last: bool) -> Nonce {
    let mut bytes = [0; 12];
    bytes[3..11].copy_from_slice(&(number as u64).to_be_bytes());
    bytes[11] = u8::from(is_last);
    Nonce::assume_unique_for_key(bytes)
}
