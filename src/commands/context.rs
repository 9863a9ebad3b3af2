//! What every command is given: the terminal, the environment, and the way to a session.

use crate::cli::Globals;
use crate::config::{Env, Lookup, Target as _};
use crate::engine::{self, Session};
use crate::error::{Kind, Result};
use crate::model::target::Target;
use crate::ui::Ui;
