//! `torq-conformance`: everything is in the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A run keeps small pieces of every exchange by the thousand, on one thread and lets go of them on another, at which the C
/// library's allocator is slow.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    torq_conformance::cli::main()
}
