//! Faults of our own: a panic, in whatever thread.

use super::interrupt;
use crate::model::mask::mask;

/// The exit code of a fault of ours, which no other outcome has.
const FAULT: i32 = 101;

/// A fault of ours ends the process, in whatever thread it is: the servers roll back what was open.
pub fn end_at_one() {
    std::panic::set_hook(Box::new(|fault| {
        interrupt::restore_terminal();
        eprintln!("{}", told_of_fault(fault.payload_as_str(), fault.location().map(ToString::to_string)));
        std::process::exit(FAULT);
    }));
}

fn told_of_fault(what: Option<&str>, place: Option<String>) -> String {
    format!(
        "error: dbwright is at fault: {}\n  at {} of version {}\n\
         help: what was not committed is rolled back by the server; report this with the command that led to it",
        mask(what.unwrap_or("it does not say what happened")),
        place.as_deref().unwrap_or("an unknown place"),
        env!("CARGO_PKG_VERSION"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_tells_its_place_and_no_secret() {
        let told = told_of_fault(Some("no postgres://ann:pw@db/shop"), Some("src/a.rs:1:2".into()));
        assert!(told.contains("src/a.rs:1:2") && !told.contains("pw"), "{told}");
        assert!(told_of_fault(None, None).contains("an unknown place"));
    }
}
