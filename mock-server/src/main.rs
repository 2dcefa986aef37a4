//! `torq-mock`: the server as a program; what it serves is the library's.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
