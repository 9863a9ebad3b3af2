//! What may go wrong around the program: signals, full disks, broken files, locks, and secrets.

mod files;
mod output;
mod restarts;
mod secrets;
mod signals;
