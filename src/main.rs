use std::process::ExitCode;

fn main() -> ExitCode {
    dbwright_engines::install();
    dbwright::cli::main()
}
