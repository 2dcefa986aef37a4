//! What a run announces while it goes on; the only bridge from running to showing.

use crate::report::{Finished, Outcome};

/// Hears of every case as it ends.
pub trait Progress: Sync {
    /// The run begins: what is known of it, and the cases that will not be run because they are unavailable.
    fn begun(&self, _: &Outcome<'_>) {}

    /// A case has ended; its twin has not been considered yet.
    fn finished(&self, finished: &Finished<'_>);
}

/// Hears and says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn finished(&self, _: &Finished<'_>) {}
}
