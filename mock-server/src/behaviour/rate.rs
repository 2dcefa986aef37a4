//! Knobs of the rate limit behind 429 (contract section 8).
//!
//! Only values; `quota` and the rate gate read them.

use std::num::NonZeroU32;
use std::time::Duration;

use located_yaml::{Node, Problems};

use crate::behaviour::knob::{Knob, choices, section};
use crate::behaviour::urls::Sending;

section! {
    /// How many executions may be started per second (contract section 8).
    Rate = "rate" {
        /// Executions in one window, or `unlimited`.
        Documented limit: Limit = Limit::of(25);
        /// Length of the window.
        Documented window: Duration = Duration::from_secs(1);
        /// When what was used is there again.
        Documented refill: Refill = Refill::WithTheWindow;
        /// Processes that count on their own, asked in turn.
        Documented processes: NonZeroU32 = NonZeroU32::new(1).expect("not zero");
        /// What becomes of a call that is refused.
        Documented refused_call: RefusedCall = RefusedCall::StartsNothing;
        /// The URLs whose calls are limited.
        Documented limited_urls: LimitedUrls = LimitedUrls::Every;
        /// Shape of the window.
        Open model: RateModel = RateModel::Sliding;
        /// What one limit is for.
        Open scope: RateScope = RateScope::Workflow;
        /// Whether a refusal says in `Retry-After` when to come back, in whole seconds.
        Open retry_after: Sending = Sending::Sent;
        /// An event whose trigger condition rejects it.
        Open rejected_event: RejectedEvent = RejectedEvent::Free;
        /// A plain Webhook URL some of whose workflows have nothing left.
        Open partly_refused: PartlyRefused = PartlyRefused::StartsTheOthers;
    }
}

choices! {
    /// The shape of a rate window.
    RateModel {
        /// At most the limit in any window, wherever it begins.
        Sliding = "sliding",
        /// At most the limit in each of the windows that follow each other from the epoch.
        Fixed = "fixed",
        /// A bucket of the limit's size, refilled steadily over the window.
        Bucket = "bucket",
    }
}

choices! {
    /// What one limit is for.
    RateScope {
        /// Each workflow.
        Workflow = "workflow",
        /// Each integration.
        Integration = "integration",
        /// Each workspace.
        Workspace = "workspace",
    }
}

choices! {
    /// An event whose trigger condition rejects it.
    RejectedEvent {
        /// Does not count.
        Free = "free",
        /// Counts like a start.
        Counted = "counted",
    }
}

choices! {
    /// A plain Webhook URL some of whose workflows have nothing left.
    PartlyRefused {
        /// The others are started; refused only if nothing could start.
        StartsTheOthers = "starts-the-others",
        /// Nothing is started.
        StartsNothing = "starts-nothing",
    }
}

choices! {
    /// When what was used is there again.
    Refill {
        /// As the window passes.
        WithTheWindow = "with-the-window",
        /// Never.
        Never = "never",
    }
}

choices! {
    /// What becomes of a refused call.
    RefusedCall {
        /// Nothing is started.
        StartsNothing = "starts-nothing",
        /// Its workflow is started all the same.
        Starts = "starts",
    }
}

choices! {
    /// The URLs whose calls are limited.
    LimitedUrls {
        /// All.
        Every = "every-url",
        /// Not the synchronous one.
        NotSync = "not-sync",
        /// Not the asynchronous one.
        NotAsync = "not-async",
    }
}

/// How many, or `unlimited`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit(Option<NonZeroU32>);

impl Limit {
    /// As many as come.
    pub(crate) const UNLIMITED: Self = Self(None);

    /// This many. Zero is taken as unlimited, but no default is zero.
    pub(crate) const fn of(number: u32) -> Self {
        Self(NonZeroU32::new(number))
    }

    /// That many times as many.
    pub(crate) fn times(self, factor: NonZeroU32) -> Self {
        Self(self.0.map(|number| number.saturating_mul(factor)))
    }

    /// How many, unless there is no limit.
    pub(crate) const fn number(self) -> Option<NonZeroU32> {
        self.0
    }
}

impl Knob for Limit {
    fn accepts() -> String {
        "a whole number, one or more, or unlimited".to_owned()
    }

    fn read(node: Node<'_>, problems: &mut Problems) -> Option<Self> {
        if node.value().as_str() == Some("unlimited") {
            return Some(Self(None));
        }
        let number = node.integer(problems)?;
        let read = u32::try_from(number).ok().and_then(NonZeroU32::new);
        if read.is_none() {
            problems.push(node.problem(format!("expected {}, found {number}", Self::accepts())));
        }
        read.map(|number| Self(Some(number)))
    }

    fn write(&self) -> String {
        self.0
            .map_or_else(|| "unlimited".to_owned(), |number| number.to_string())
    }
}
