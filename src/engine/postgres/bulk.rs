use super::session::PgSession;
use crate::engine::Bulk;
use crate::error::{Error, Kind, Result};
use crate::model::rows::Done;
use std::io::{BufRead, Write};
impl Bulk for PgSession {
    fn copy_in(&mut self, _: &str, _: &mut dyn BufRead) -> Result<Done> {
        Err(Error::new(Kind::Unsupported, "not yet"))
    }
    fn copy_out(&mut self, _: &str, _: &mut dyn Write) -> Result<Done> {
        Err(Error::new(Kind::Unsupported, "not yet"))
    }
}
