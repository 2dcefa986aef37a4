//! The steps a workflow is written in.
//!
//! Only what was written; what the steps come to for one event is `script`'s business.

use std::sync::Arc;

use crate::behaviour::knob::words;
use crate::workflow::condition::Condition;
use crate::workflow::template::Template;

/// One step of a revision.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Time passes: a number of seconds, or a duration such as `70s`.
    Wait(Template),
    /// One of two ways on.
    When {
        /// Decides which.
        condition: Condition,
        /// Taken when the event meets it.
        then: Vec<Self>,
        /// Taken otherwise.
        otherwise: Vec<Self>,
    },
    /// The Exit operator: the workflow ends with an output.
    Exit(Exit),
    /// The workflow ends as failed.
    Fail(Template),
    /// The workflow ends as stopped.
    Stop(Template),
    /// The workflow waits until somebody releases it over the control surface.
    Hold(Arc<str>),
}

/// What an Exit operator gives.
#[derive(Clone, Debug)]
pub(crate) enum Exit {
    /// Output parameters, in order; possibly none.
    Parameters(Vec<Parameter>),
    /// JSON mode: one value.
    Json(Template),
}

/// One output parameter.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    /// Its name; three names shape a synchronous answer (contract section 5).
    pub(crate) name: String,
    /// Its type; without one it takes any value, and is left out when unset.
    pub(crate) declared: Option<ParameterType>,
    /// Its value, when it is set to one.
    pub(crate) value: Option<Template>,
}

/// The type of an output parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParameterType {
    /// Text; unset it is empty.
    String,
    /// A number; unset it is zero.
    Number,
    /// True or false; unset it is false.
    Boolean,
    /// An object, an array or another JSON value that is no text; unset it is an empty object.
    Json,
}

words!(ParameterType { String = "string", Number = "number", Boolean = "boolean", Json = "json" });
