//! The options of a comparison that leads to a plan.

use clap::Args;

use super::generate::engine;
use super::sides::Reading;
use crate::model::plan::ChangeOptions;
use crate::model::target::EngineKind;

/// How sides are read and how the plan is made.
#[derive(Debug, Default, PartialEq, Eq, Args)]
pub struct ChangeArgs {
    /// A server where a database may be made for a moment, to load files into [default: `scratch`
    /// of the profile]
    #[arg(long, value_name = "PROFILE|URL")]
    pub scratch: Option<String>,
    /// A table or column that goes by another name and keeps its rows (may be given again)
    #[arg(long = "rename", value_name = "OLD=NEW")]
    pub renames: Vec<String>,
    /// Prefer statements that let others go on working, although they take longer
    #[arg(long)]
    pub online: bool,
    /// Allow what loses data
    #[arg(long)]
    pub allow_loss: bool,
    /// Owners and grants too, which only databases have
    #[arg(long)]
    pub with_privileges: bool,
    /// The engine that files are written for [default: that of the other side, or of --scratch]
    #[arg(long, value_name = "ENGINE", value_parser = engine)]
    pub engine: Option<EngineKind>,
}

impl ChangeArgs {
    pub fn reading(&self) -> Reading<'_> {
        Reading { engine: self.engine, scratch: self.scratch.as_deref(), privileges: self.with_privileges }
    }

    pub fn options(&self) -> ChangeOptions {
        ChangeOptions { online: self.online, privileges: self.with_privileges }
    }
}
