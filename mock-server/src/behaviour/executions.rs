//! Knobs of the executions API and its tokens (contract section 6).
//!
//! Only values; `retrieval`, `tokens` and the queue read them.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::behaviour::answer::Answer;
use crate::behaviour::knob::section;
use crate::behaviour::rate::Limit;

section! {
    /// Retrieving executions, activity and tokens (contract section 6).
    Executions = "executions" {
        /// Answer to retrieving an execution that is complete.
        Documented complete: Answer = Answer::of(200, "Success");
        /// Answer to retrieving an execution that is not complete.
        Open incomplete: Answer = Answer::of(200, "Success");
        /// How long a token is valid.
        Vendor token_lifetime: Duration = Duration::from_secs(3_600);
        /// Requests a workspace may make in one second.
        Vendor requests_per_second: Limit = Limit::of(50);
        /// How long an execution is queued before it is dropped.
        Vendor queue_timeout: Duration = Duration::from_secs(24 * 3_600);
        /// Entries on a page of the activity log when the caller names no number.
        Vendor page_size: NonZeroU32 = NonZeroU32::new(100).expect("not zero");
        /// Entries on a page at most; a larger number is taken as this one.
        Vendor page_size_limit: NonZeroU32 = NonZeroU32::new(500).expect("not zero");
    }
}
