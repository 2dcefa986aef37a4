//! Knobs of the executions API and its tokens (contract section 6).
//!
//! Only values; `retrieval`, `tokens` and the queue read them.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::behaviour::answer::Answer;
use crate::behaviour::knob::{choices, section};
use crate::behaviour::rate::Limit;

section! {
    /// Retrieving executions, activity and tokens (contract section 6).
    Executions = "executions" {
        /// Answer to retrieving an execution that is complete.
        Documented complete: Answer = Answer::of(200, "Success");
        /// Answer to retrieving an execution that is not complete.
        Open incomplete: Answer = Answer::of(200, "Success");
        /// Answer to reading the activity log, and to a request for a token.
        Vendor granted: Answer = Answer::of(200, "Success");
        /// The output of an execution that is complete.
        Documented output: OutputShown = OutputShown::Shown;
        /// How far what is retrieved lags behind.
        Documented lag: Duration = Duration::ZERO;
        /// How often an execution that is complete can be retrieved.
        Documented retrieved: Retrieved = Retrieved::Repeatedly;
        /// The status of an execution that is complete.
        Documented completion: Completion = Completion::Told;
        /// The status of an execution that is complete, as time goes on.
        Observed terminal_status: TerminalStatus = TerminalStatus::Final;
        /// How status words are written.
        Observed status_words: StatusWords = StatusWords::Upper;
        /// The two times of an execution.
        Observed times: Times = Times::InOrder;
        /// Which bearer tokens are accepted.
        Vendor token: TokenCheck = TokenCheck::Valid;
        /// What a client's role does.
        Vendor role: RoleCheck = RoleCheck::Checked;
        /// Executions of other workspaces than the token's.
        Vendor foreign: Foreign = Foreign::Hidden;
        /// Executions beyond what a workspace runs at once.
        Vendor concurrency: Concurrency = Concurrency::Queued;
        /// What the activity log has.
        Vendor activity: ActivityKept = ActivityKept::Everything;
        /// What the filters of the activity log do.
        Vendor activity_filters: ActivityFilters = ActivityFilters::Honoured;
        /// Where a page token of the activity log leads.
        Vendor next_page: NextPage = NextPage::Next;
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

choices! {
    /// The output of a complete execution.
    OutputShown {
        /// As it is.
        Shown = "shown",
        /// As its text.
        Text = "text",
        /// Missing.
        Missing = "missing",
    }
}

choices! {
    /// How often a complete execution is there.
    Retrieved {
        /// As often as anybody asks.
        Repeatedly = "repeatedly",
        /// Once; after that it is unknown.
        Once = "once",
    }
}

choices! {
    /// Whether the end of an execution is told.
    Completion {
        /// It is.
        Told = "told",
        /// It is shown as running for ever.
        NeverTold = "never-told",
    }
}

choices! {
    /// A terminal status as time goes on.
    TerminalStatus {
        /// It stays.
        Final = "final",
        /// It is another one a second later.
        Changes = "changes",
    }
}

choices! {
    /// How status words are written.
    StatusWords {
        /// `SUCCESS`.
        Upper = "upper-case",
        /// `success`.
        Lower = "lower-case",
    }
}

choices! {
    /// The two times of an execution.
    Times {
        /// It is updated when it starts or later.
        InOrder = "in-order",
        /// It is updated before it starts.
        Backwards = "backwards",
    }
}

choices! {
    /// Which tokens are accepted.
    TokenCheck {
        /// Those that were granted and have not expired.
        Valid = "valid",
        /// Those, and none of them for the activity log.
        ExecutionsOnly = "executions-only",
        /// Expired ones as well.
        ExpiredToo = "expired-too",
        /// Any, and none.
        NotChecked = "not-checked",
    }
}

choices! {
    /// What a role does.
    RoleCheck {
        /// It permits or not.
        Checked = "checked",
        /// Nothing.
        Ignored = "ignored",
    }
}

choices! {
    /// Executions and activity of other workspaces.
    Foreign {
        /// They are not shown.
        Hidden = "hidden",
        /// They are.
        Shown = "shown",
    }
}

choices! {
    /// Executions beyond what a workspace runs at once.
    Concurrency {
        /// They wait.
        Queued = "queued",
        /// They run at once.
        Ignored = "ignored",
        /// They are dropped.
        Dropped = "dropped",
    }
}

choices! {
    /// What the activity log has.
    ActivityKept {
        /// Every run, and every event that started nothing.
        Everything = "everything",
        /// No runs that a plain Webhook URL started.
        WithoutPlainUrl = "without-plain-url",
        /// No events that started nothing.
        RunsOnly = "runs-only",
    }
}

choices! {
    /// What filters do.
    ActivityFilters {
        /// They narrow the log.
        Honoured = "honoured",
        /// Nothing.
        Ignored = "ignored",
    }
}

choices! {
    /// Where a page token leads.
    NextPage {
        /// To the next page.
        Next = "next",
        /// To the first page again.
        FirstAgain = "first-again",
        /// Nowhere: there is none.
        Missing = "missing",
    }
}
