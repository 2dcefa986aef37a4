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
        /// A published workflow whose triggers are switched off.
        Open disabled: Disabled = Disabled::NotFound;
        /// How long a synchronous caller waits at most.
        Documented sync_timeout: Duration = Duration::from_secs(50);
        /// An execution that ends exactly at the time-out.
        Documented ends_at_timeout: EndsAtTimeout = EndsAtTimeout::Finished;
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
