//! What each lock stops (section "Explicit Locking" of the manual).

pub const ACCESS_EXCLUSIVE: &str = "ACCESS EXCLUSIVE: reads and writes wait";
pub const SHARE_ROW_EXCLUSIVE: &str = "SHARE ROW EXCLUSIVE: writes wait";
pub const SHARE: &str = "SHARE: writes wait";
pub const SHARE_UPDATE_EXCLUSIVE: &str = "SHARE UPDATE EXCLUSIVE: reads and writes go on";
