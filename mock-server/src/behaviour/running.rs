//! Knobs of running: revisions, the 50 s time-out, and what each trigger URL answers (contract section 4).
//!
//! Only values; `workflow`, `trigger` and `app` read them.

use std::time::Duration;

use crate::behaviour::answer::BodyTemplate;
use crate::behaviour::knob::{choices, section};

section! {
    /// Which revision runs, how long a synchronous caller waits, and what trigger URLs answer (contract section 4).
    Running = "running" {
        /// The revision that runs.
        Documented revision: RevisionChoice = RevisionChoice::Published;
        /// A workflow without a published revision.
        Documented unpublished: Unpublished = Unpublished::NotFound;
        /// Which of an integration's workflows the plain Webhook URL starts.
        Documented fan_out: FanOut = FanOut::Every;
        /// A workflow that another integration triggers.
        Documented unbound: Unbound = Unbound::Refused;
        /// The id a shared workflow has in the workspace it is shared into.
        Documented shared_id: SharedId = SharedId::Known;
        /// What a trigger condition does.
        Documented condition: ConditionUse = ConditionUse::Enforced;
        /// What an event leaves behind that a trigger condition rejects.
        Documented rejected_event: RejectedLeaves = RejectedLeaves::Nothing;
        /// A published workflow whose triggers are switched off.
        Open disabled: Disabled = Disabled::NotFound;
        /// How long a synchronous caller waits at most.
        Documented sync_timeout: Duration = Duration::from_secs(50);
        /// An execution that ends exactly at the time-out.
        Documented ends_at_timeout: EndsAtTimeout = EndsAtTimeout::Finished;
        /// How long after an execution's end its synchronous caller is answered.
        Documented output_delay: Duration = Duration::ZERO;
        /// What a synchronous call is answered with.
        Documented sync_answer: SyncAnswers = SyncAnswers::Output;
        /// What an asynchronous call is answered with, and when.
        Documented async_answer: AsyncAnswers = AsyncAnswers::IdAtOnce;
        /// The id in the answer to an asynchronous call.
        Documented async_id: AnsweredId = AnsweredId::Own;
        /// The id in the answer at the time-out.
        Documented in_progress_id: AnsweredId = AnsweredId::Own;
        /// What becomes of an execution whose caller was answered at the time-out.
        Documented after_timeout: AfterTimeout = AfterTimeout::GoesOn;
        /// Body of a successful asynchronous answer.
        Documented async_body: BodyTemplate = BodyTemplate::parse(r#"{"execution_id":"{execution_id}","status":"ok"}"#);
        /// Body of the answer at the time-out.
        Open in_progress_body: BodyTemplate = BodyTemplate::parse(r#"{"execution_id":"{execution_id}","status":"{phrase}"}"#);
        /// Body of a successful answer of the plain Webhook URL.
        Open webhook_body: BodyTemplate = BodyTemplate::parse(r#"{"status":"ok"}"#);
        /// Which workflows the plain Webhook URL starts.
        Open webhook_starts: WebhookStarts = WebhookStarts::OwnWorkspace;
        /// The plain Webhook URL of an integration without a workflow that could run.
        Open webhook_without_workflow: WithoutWorkflow = WithoutWorkflow::Accepted;
        /// An asynchronous call whose event the trigger condition rejects.
        Open async_condition_rejects: AsyncRejected = AsyncRejected::IdWithoutExecution;
        /// A synchronous call whose event the trigger condition rejects.
        Open sync_condition_rejects: SyncRejected = SyncRejected::ExecutionNotFound;
        /// A synchronous call whose workflow fails.
        Open sync_failed: WithoutOutput = WithoutOutput::InternalError;
        /// A synchronous call whose workflow is stopped.
        Open sync_stopped: WithoutOutput = WithoutOutput::InternalError;
        /// A synchronous call whose workflow reaches no Exit operator.
        Open sync_without_exit: WithoutOutput = WithoutOutput::EmptyObject;
    }
}

choices! {
    /// Which revision of a workflow runs.
    RevisionChoice {
        /// The one published last.
        Published = "published",
        /// The one published before it, where there is one.
        Previous = "previous",
        /// The draft, where there is one.
        Draft = "draft",
    }
}

choices! {
    /// A workflow without a published revision.
    Unpublished {
        /// Answered as if it did not exist.
        NotFound = "workflow-not-found",
        /// Its draft runs.
        RunsDraft = "runs-draft",
        /// Answered as if its id were invalid.
        InvalidId = "invalid-workflow-id",
    }
}

choices! {
    /// Which workflows the plain Webhook URL starts.
    FanOut {
        /// All that accept the event.
        Every = "every",
        /// The first of them.
        First = "first",
        /// The last of them.
        Last = "last",
        /// None.
        Nothing = "nothing",
        /// All of the integration's, or none when the condition of one rejects the event.
        AllOrNothing = "all-or-nothing",
    }
}

choices! {
    /// A workflow of another integration.
    Unbound {
        /// It is refused.
        Refused = "refused",
        /// It runs.
        Runs = "runs",
    }
}

choices! {
    /// The id a workflow has where it is shared into.
    SharedId {
        /// It names the workflow.
        Known = "known",
        /// It names nothing.
        Unknown = "unknown",
        /// It is taken for the id of another integration's workflow.
        Unbound = "unbound",
    }
}

choices! {
    /// What a trigger condition does.
    ConditionUse {
        /// It decides.
        Enforced = "enforced",
        /// Nothing.
        Ignored = "ignored",
        /// The opposite.
        Inverted = "inverted",
        /// Nothing on the plain Webhook URL.
        IgnoredOnPlain = "ignored-on-plain-url",
        /// Nothing on the synchronous URL.
        IgnoredOnSync = "ignored-on-sync-url",
    }
}

choices! {
    /// What a rejected event leaves behind.
    RejectedLeaves {
        /// Nothing to retrieve.
        Nothing = "nothing",
        /// An execution that was stopped.
        StoppedExecution = "stopped-execution",
    }
}

choices! {
    /// What a synchronous call is answered with.
    SyncAnswers {
        /// The output.
        Output = "output",
        /// The id, at once.
        IdAtOnce = "id-at-once",
    }
}

choices! {
    /// What an asynchronous call is answered with.
    AsyncAnswers {
        /// The id, at once.
        IdAtOnce = "id-at-once",
        /// The id, when the execution is complete.
        IdWhenComplete = "id-when-complete",
        /// The output, like a synchronous one.
        Output = "output",
    }
}

choices! {
    /// The id in an answer.
    AnsweredId {
        /// The execution's.
        Own = "own",
        /// One under which there is nothing.
        Another = "another",
        /// None.
        Missing = "missing",
    }
}

choices! {
    /// What becomes of an execution after the time-out.
    AfterTimeout {
        /// It goes on.
        GoesOn = "goes-on",
        /// It is stopped.
        Stopped = "stopped",
        /// It goes on, and its output is lost.
        OutputLost = "output-lost",
        /// It is forgotten.
        Forgotten = "forgotten",
    }
}

choices! {
    /// A workflow whose triggers are switched off.
    Disabled {
        /// Answered as if it did not exist.
        NotFound = "workflow-not-found",
        /// It runs.
        Runs = "runs",
    }
}

choices! {
    /// An execution that ends exactly at the time-out.
    EndsAtTimeout {
        /// The caller gets its output.
        Finished = "finished",
        /// The caller gets the in-progress answer.
        InProgress = "in-progress",
    }
}

choices! {
    /// Which workflows the plain Webhook URL starts.
    WebhookStarts {
        /// Those of the integration's own workspace.
        OwnWorkspace = "own-workspace",
        /// Those in workspaces they are shared into as well.
        SharedToo = "shared-too",
    }
}

choices! {
    /// The plain Webhook URL of an integration without a workflow that could run.
    WithoutWorkflow {
        /// The event is accepted and starts nothing.
        Accepted = "accepted",
        /// Answered like an unknown workflow.
        NotFound = "workflow-not-found",
    }
}

choices! {
    /// An asynchronous call whose event is rejected.
    AsyncRejected {
        /// Answered with an id under which nothing is found.
        IdWithoutExecution = "id-without-execution",
        /// Refused.
        ExecutionNotFound = "execution-not-found",
    }
}

choices! {
    /// A synchronous call whose event is rejected.
    SyncRejected {
        /// Refused.
        ExecutionNotFound = "execution-not-found",
        /// Answered with an empty JSON object.
        EmptyObject = "empty-object",
    }
}

choices! {
    /// A synchronous call of an execution that ends without output.
    WithoutOutput {
        /// Refused with an internal error.
        InternalError = "internal-error",
        /// Answered with an empty JSON object.
        EmptyObject = "empty-object",
    }
}
