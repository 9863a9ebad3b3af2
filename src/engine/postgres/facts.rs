use super::session::PgSession;
use crate::error::{Error, Kind, Result};
use crate::model::server::Facts;
pub fn facts(_: &mut PgSession) -> Result<Facts> {
    Err(Error::new(Kind::Unsupported, "not yet"))
}
