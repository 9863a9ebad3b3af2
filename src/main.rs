use std::process::ExitCode;

fn main() -> ExitCode {
    dbwright::cli::main()
}
