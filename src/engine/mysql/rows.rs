//! The rows of one result, read from the connection as they are asked for.

use super::columns::Spec;
use super::errors::{self, Refusal};
use super::packet::{FULL, Packets, garbled};
use super::reply::{END, Reply};
use super::startup::Agreed;
use crate::error::Result;
use crate::model::rows::{Column, Cursor, Value};

/// How the cells of a row are written on the wire.
pub trait Format: Default {
    /// Finds the cells of a row.
    fn decode(&mut self, specs: &[Spec], row: &[u8]) -> Result<()>;

    /// The bytes of a cell; None for NULL.
    fn cell<'a>(&'a self, row: &'a [u8], index: usize) -> Option<&'a [u8]>;
}

/// How the reading of a result has ended.
pub enum Ended {
    Whole(Reply),
    Refused(Refusal),
}

/// A result that is being read.
pub struct Rows<'a, F> {
    packets: &'a mut Packets,
    agreed: Agreed,
    columns: Vec<Column>,
    specs: Vec<Spec>,
    format: F,
    ended: Option<Ended>,
    sql: &'a str,
    pub count: u64,
}

impl<'a, F: Format> Rows<'a, F> {
    pub fn new(
        packets: &'a mut Packets,
        agreed: Agreed,
        (columns, specs): (Vec<Column>, Vec<Spec>),
        sql: &'a str,
    ) -> Self {
        Rows { packets, agreed, columns, specs, format: F::default(), ended: None, sql, count: 0 }
    }

    /// Steps over the rows that are here already; true when the result has ended with them.
    pub fn skip_what_is_here(&mut self) -> Result<bool> {
        while self.ended.is_none() && self.packets.is_ready() {
            self.packets.read()?;
            self.look_for_end()?;
        }
        Ok(self.ended.is_some())
    }

    /// Steps over the rest.
    pub fn skip_all(mut self) -> Result<Ended> {
        loop {
            if let Some(ended) = self.ended.take() {
                return Ok(ended);
            }
            self.packets.read()?;
            self.look_for_end()?;
        }
    }

    /// Whether the connection broke while the rows were read.
    pub fn is_lost(&self) -> bool {
        self.packets.is_broken()
    }

    /// Whether the packet just read ends the result: a row never begins with these bytes, except
    /// that a first cell of 16 MiB makes a long row begin like the end.
    #[inline]
    fn look_for_end(&mut self) -> Result<bool> {
        let payload = self.packets.current();
        match payload.first() {
            Some(&END) if payload.len() < FULL => {
                self.ended = Some(Ended::Whole(Reply::read_end(payload, self.agreed)?));
            }
            Some(&errors::ERR) => self.ended = Some(Ended::Refused(Refusal::read(payload)?)),
            Some(_) => return Ok(false),
            None => {
                self.packets.give_up();
                return Err(garbled("a row is empty"));
            }
        }
        Ok(true)
    }
}

impl<F: Format> Cursor for Rows<'_, F> {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn advance(&mut self) -> Result<bool> {
        match &self.ended {
            Some(Ended::Refused(refusal)) => return Err(refusal.clone().of_statement(Some(self.sql))),
            Some(Ended::Whole(_)) => return Ok(false),
            None => {}
        }
        self.packets.read()?;
        if self.look_for_end()? {
            return self.advance();
        }
        self.count += 1;
        self.format.decode(&self.specs, self.packets.current()).inspect_err(|_| self.packets.give_up())?;
        Ok(true)
    }

    #[inline]
    fn cell(&self, index: usize) -> Value<'_> {
        match self.format.cell(self.packets.current(), index) {
            None => Value::Null,
            Some(bytes) if self.specs[index].bytes => Value::Blob(bytes),
            Some(bytes) => Value::Text(bytes),
        }
    }
}
