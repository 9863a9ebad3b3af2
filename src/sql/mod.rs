//! placeholder until the sql branch lands
pub struct Dialect {}
