//! Gate: the body is within the limit (contract section 8).
//!
//! The edge has read no more than the limit; this gate decides when that is told.

use crate::admission::Candidate;
use crate::gate::Gate;
use crate::inbound::Body;
use crate::rejection::{Advice, Refusal, Rejection};

impl Candidate<'_> {
    pub(super) fn check_payload(&self) -> Result<(), Rejection> {
        let (limit, bounds) = (self.behaviour().payload.limit, self.behaviour().payload.bounds());
        let received = match &self.inbound.body {
            // The edge knows how it came and has kept to the bound for that.
            Body::Complete(bytes) if bytes.len() <= bounds.declared.max(bounds.chunked) => return Ok(()),
            Body::Complete(bytes) => format!("{} bytes", bytes.len()),
            Body::OverLimit { declared: Some(bytes) } => format!("a declared length of {bytes} bytes"),
            Body::OverLimit { declared: None } => "more than that, in chunks".to_owned(),
        };
        Err(
            Rejection::new(Gate::Payload, Refusal::PayloadTooLarge, "the body is over the limit")
                .comparing(format!("at most {limit} bytes"), received)
                .advising(Some(Advice::new(
                    "too-large",
                    "send less, such as a reference to what is large; the limit is the knob `payload.limit`",
                ))),
        )
    }
}
