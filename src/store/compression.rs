//! How chunks are compressed.

use std::io::{Cursor, Read, Write};

use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::error::Result;
use crate::model::snapshot::Compression;

/// Level 1 of Zstandard is both faster and smaller than 3 on the text of rows.
const ZSTD_LEVEL: i32 = 1;
const GZIP_LEVEL: u32 = 6;

/// Takes bytes, and gives them back compressed at the end.
pub fn encoder(compression: Compression) -> Result<Encoder> {
    Ok(match compression {
        Compression::Zstd => Encoder::Zstd(zstd::Encoder::new(Vec::new(), ZSTD_LEVEL)?),
        Compression::Gzip => Encoder::Gzip(GzEncoder::new(Vec::new(), flate2::Compression::new(GZIP_LEVEL))),
        Compression::None => Encoder::None(Vec::new()),
    })
}

/// The bytes that were compressed.
pub fn decoder(compression: Compression, compressed: Vec<u8>) -> Result<Box<dyn Read>> {
    let compressed = Cursor::new(compressed);
    Ok(match compression {
        Compression::Zstd => Box::new(zstd::Decoder::with_buffer(compressed)?),
        Compression::Gzip => Box::new(GzDecoder::new(compressed)),
        Compression::None => Box::new(compressed),
    })
}

/// A compression under way.
pub enum Encoder {
    Zstd(zstd::Encoder<'static, Vec<u8>>),
    Gzip(GzEncoder<Vec<u8>>),
    None(Vec<u8>),
}

impl Encoder {
    pub fn finish(self) -> Result<Vec<u8>> {
        Ok(match self {
            Encoder::Zstd(encoder) => encoder.finish()?,
            Encoder::Gzip(encoder) => encoder.finish()?,
            Encoder::None(bytes) => bytes,
        })
    }
}

impl Write for Encoder {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Encoder::Zstd(encoder) => encoder.write(bytes),
            Encoder::Gzip(encoder) => encoder.write(bytes),
            Encoder::None(all) => all.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let text = b"1\tone\n2\ttwo\n".repeat(1000);
        for compression in Compression::ALL {
            let mut encoder = encoder(compression).unwrap();
            text.chunks(7).for_each(|bytes| encoder.write_all(bytes).unwrap());
            let compressed = encoder.finish().unwrap();
            let mut back = Vec::new();
            decoder(compression, compressed).unwrap().read_to_end(&mut back).unwrap();
            assert_eq!(back, text, "{compression:?}");
        }
    }
}
