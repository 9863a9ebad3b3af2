use super::session::MysqlSession;
use crate::engine::Explore;
use crate::error::Result;
use crate::model::listing::*;
use crate::model::server::Facts;
pub fn facts(_s: &mut MysqlSession) -> Result<Facts> {
    Ok(Facts::default())
}
impl Explore for MysqlSession {
    fn list(&mut self, _w: Listed, _p: Option<&str>) -> Result<Listing> {
        Ok(Listing::default())
    }
    fn describe(&mut self, _p: &str) -> Result<Vec<Listing>> {
        Ok(vec![])
    }
    fn names(&mut self) -> Result<Names> {
        Ok(Names::default())
    }
}
