//! `torq-conformance`: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    torq_conformance::cli::main()
}
