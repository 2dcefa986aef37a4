//! What a run announces while it goes on; the only bridge from running to showing.

use crate::spec::model::Case;
use crate::verdict::Verdict;

/// Hears of every case as it ends.
pub trait Progress: Sync {
    /// A case has ended; its twin has not been considered yet.
    fn finished(&self, case: &Case, verdict: Verdict);
}

/// Hears and says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn finished(&self, _: &Case, _: Verdict) {}
}
