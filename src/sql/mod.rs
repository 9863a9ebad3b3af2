//! placeholder until the sql branch lands
pub struct Dialect {}
pub mod dialect {
    pub static SQLITE: super::Dialect = super::Dialect {};
}
pub fn quote_ident(_d: &Dialect, name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
