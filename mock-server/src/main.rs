//! `torq-mock`: the server as a program; what it serves is the library's.

mod cli;

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Every request leaves some small pieces and takes away those of one long ago; with the C library's allocator that was a third
/// of its time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
