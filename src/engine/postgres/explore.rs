use super::session::PgSession;
use crate::engine::Explore;
use crate::error::{Error, Kind, Result};
use crate::model::listing::{Listed, Listing, Names};
impl Explore for PgSession {
    fn list(&mut self, _: Listed, _: Option<&str>) -> Result<Listing> {
        Err(Error::new(Kind::Unsupported, "not yet"))
    }
    fn describe(&mut self, _: &str) -> Result<Vec<Listing>> {
        Err(Error::new(Kind::Unsupported, "not yet"))
    }
    fn names(&mut self) -> Result<Names> {
        Err(Error::new(Kind::Unsupported, "not yet"))
    }
}
