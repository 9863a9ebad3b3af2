//! Streams of bytes as chunks: cut, compressed, hashed and stored as they come; fetched, checked
//! and given out again as one stream. Memory holds one chunk at most.

use std::io::{BufRead, BufReader, Read, Write};

use super::compression::{self, Encoder};
use super::digest::Rows;
use super::repository::Repository;
use crate::error::{Error, Kind, Result};
use crate::model::snapshot::{Chunk, Compression, Form, Part};

/// A stream is cut here, wherever that is in a row: the chunks of a part are one after the other.
const LARGEST: u64 = 16 << 20;

/// Stores what is written to it.
pub struct ChunkWriter<'a> {
    repository: &'a Repository,
    compression: Compression,
    encoder: Option<Encoder>,
    /// In the chunk that is open.
    held: u64,
    rows: Rows,
    bytes: u64,
    chunks: Vec<Chunk>,
    new: u64,
    /// Hears how many bytes came.
    heard: Box<dyn Fn(u64) -> Result<()> + 'a>,
    /// What could not be passed on as an error of writing.
    failure: Option<Error>,
}

/// What was stored.
pub struct Stored {
    pub part: Part,
    pub sum: u128,
    /// Bytes of chunks that the repository did not have, as stored.
    pub new: u64,
}

impl<'a> ChunkWriter<'a> {
    /// `heard` is told of each block, and may end the work by an error.
    pub fn new(
        repository: &'a Repository,
        compression: Compression,
        form: Form,
        heard: impl Fn(u64) -> Result<()> + 'a,
    ) -> Self {
        ChunkWriter {
            compression,
            encoder: None,
            held: 0,
            rows: Rows::new(form),
            bytes: 0,
            chunks: Vec::new(),
            new: 0,
            heard: Box::new(heard),
            failure: None,
            repository,
        }
    }

    /// The error behind a failed write, or the one that the writer's user got.
    pub fn explained(&mut self, error: Error) -> Error {
        self.failure.take().unwrap_or(error)
    }

    /// Stores what is left.
    pub fn finish(mut self, range: &str) -> Result<Stored> {
        self.close()?;
        let part =
            Part { range: range.to_owned(), rows: self.rows.count(), bytes: self.bytes, chunks: self.chunks };
        Ok(Stored { part, sum: self.rows.sum(), new: self.new })
    }

    fn close(&mut self) -> Result<()> {
        let Some(encoder) = self.encoder.take() else { return Ok(()) };
        let compressed = encoder.finish()?;
        let (chunk, is_new) = self.repository.put_chunk(&compressed, self.held, self.compression)?;
        self.new += if is_new { chunk.stored } else { 0 };
        self.chunks.push(chunk);
        self.held = 0;
        Ok(())
    }

    fn take(&mut self, mut bytes: &[u8]) -> Result<()> {
        (self.heard)(bytes.len() as u64)?;
        self.rows.take(bytes);
        self.bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            let encoder = match &mut self.encoder {
                Some(encoder) => encoder,
                None => self.encoder.insert(compression::encoder(self.compression)?),
            };
            let fits = usize::try_from(LARGEST - self.held).unwrap_or(bytes.len()).min(bytes.len());
            encoder.write_all(&bytes[..fits])?;
            self.held += fits as u64;
            bytes = &bytes[fits..];
            if self.held == LARGEST {
                self.close()?;
            }
        }
        Ok(())
    }
}

impl Write for ChunkWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.take(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(error) => {
                let words = error.to_string();
                self.failure = Some(error);
                Err(std::io::Error::other(words))
            }
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Gives out the bytes of a part, each chunk after it was checked.
pub struct PartReader<'a> {
    repository: &'a Repository,
    compression: Compression,
    chunks: std::slice::Iter<'a, Chunk>,
    open: Option<BufReader<Decoded>>,
    heard: Box<dyn Fn(u64) -> Result<()> + 'a>,
    failure: Option<Error>,
}

/// The content of a chunk, decompressed as it is read.
type Decoded = Box<dyn Read>;

impl<'a> PartReader<'a> {
    pub fn new(
        repository: &'a Repository,
        compression: Compression,
        chunks: &'a [Chunk],
        heard: impl Fn(u64) -> Result<()> + 'a,
    ) -> Self {
        PartReader {
            repository,
            compression,
            chunks: chunks.iter(),
            open: None,
            heard: Box::new(heard),
            failure: None,
        }
    }

    /// The error behind a failed read, or the one that the reader's user got.
    pub fn explained(&mut self, error: Error) -> Error {
        self.failure.take().unwrap_or(error)
    }

    /// Whether there is more; the next chunk is opened when the last one is at its end.
    fn is_at_end(&mut self) -> Result<bool> {
        loop {
            if let Some(open) = &mut self.open
                && !open.fill_buf().map_err(unreadable)?.is_empty()
            {
                return Ok(false);
            }
            let Some(chunk) = self.chunks.next() else { return Ok(true) };
            self.open = Some(BufReader::with_capacity(
                128 << 10,
                self.repository.open_chunk(chunk, self.compression)?,
            ));
        }
    }
}

fn unreadable(error: std::io::Error) -> Error {
    Error::new(Kind::Data, "a chunk cannot be decompressed").because(error)
}

impl Read for PartReader<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let available = self.fill_buf()?;
        let size = available.len().min(into.len());
        into[..size].copy_from_slice(&available[..size]);
        self.consume(size);
        Ok(size)
    }
}

impl BufRead for PartReader<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if let Err(error) = self.is_at_end() {
            let words = error.to_string();
            self.failure = Some(error);
            return Err(std::io::Error::other(words));
        }
        match &mut self.open {
            Some(open) => open.fill_buf(),
            None => Ok(&[]),
        }
    }

    fn consume(&mut self, size: usize) {
        if let Some(open) = &mut self.open {
            open.consume(size);
        }
        if let Err(error) = (self.heard)(size as u64) {
            self.failure = Some(error);
        }
    }
}
