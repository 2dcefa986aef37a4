//! The names of everything that can refuse a request, as the configuration and the journal write them.
//!
//! Only names: what a gate checks is in `admission` and `retrieval`.

use std::fmt;

use crate::behaviour::knob::words;

/// Something that can refuse a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gate {
    /// The path is one of the API's.
    Path,
    /// The method is accepted there.
    Method,
    /// The integration id is well-formed.
    IntegrationId,
    /// The workflow id is well-formed.
    WorkflowId,
    /// The integration exists.
    Integration,
    /// The authentication header is there and its secret matches.
    Header,
    /// The body is within the limit.
    Payload,
    /// The HMAC signature matches.
    Signature,
    /// The workflow exists, belongs to the integration and can run.
    Workflow,
    /// The rate limit has something left.
    Rate,
    /// The body can be made an event.
    Event,
    /// The trigger condition accepts the event.
    Condition,
    /// The execution has an output that can be sent.
    Output,
    /// The bearer token is known and has not expired.
    Token,
    /// The workspace has requests to the executions API left.
    ApiRate,
    /// The client's role may do this.
    Role,
    /// The parameters can be read.
    Parameters,
    /// The execution exists in the token's workspace.
    Execution,
    /// The token request is a client-credentials grant.
    Grant,
    /// The client id and secret are right.
    Client,
    /// The request could be read from its connection.
    Connection,
}

words!(Gate {
    Path = "path",
    Method = "method",
    IntegrationId = "integration-id",
    WorkflowId = "workflow-id",
    Integration = "integration",
    Header = "header",
    Payload = "payload",
    Signature = "signature",
    Workflow = "workflow",
    Rate = "rate",
    Event = "event",
    Condition = "condition",
    Output = "output",
    Token = "token",
    ApiRate = "api-rate",
    Role = "role",
    Parameters = "parameters",
    Execution = "execution",
    Grant = "grant",
    Client = "client",
    Connection = "connection",
});

/// The word for it.
impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Gate {
    /// The gate of this name.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == word)
            .map(|(_, gate)| *gate)
    }
}
