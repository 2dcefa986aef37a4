//! Why a case ended without a finding, and which mistakes of others come to what.
//!
//! Names reasons; what they take from a verdict is decided elsewhere.

use thiserror::Error;

use crate::expression::EvalError;
use crate::run::request::BuildError;
use crate::run::tokens::NoToken;
use crate::run::values::{self, MissingFixture};
use crate::target::ControlError;

/// Why a case ended without a finding.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Trouble {
    /// The profile lacks something and does not say so.
    #[error("{0}")]
    Missing(String),
    /// A token the case needs could not be had.
    #[error(transparent)]
    NoToken(#[from] NoToken),
    /// Something else the case needs could not be had.
    #[error("{0}")]
    CouldNotTell(String),
    /// The case is about the payload limit, which nobody has found out yet.
    #[error("the payload limit of this deployment is not known; put it into the profile")]
    PayloadLimitUnknown,
    /// The run ended before the case did.
    #[error("not run to its end: {0}")]
    NotRun(String),
    /// Our own mistake, or the mock's control surface.
    #[error("{0}")]
    Harness(String),
}

impl From<MissingFixture> for Trouble {
    fn from(missing: MissingFixture) -> Self {
        Self::Missing(missing.to_string())
    }
}

impl From<ControlError> for Trouble {
    fn from(error: ControlError) -> Self {
        Self::Harness(error.to_string())
    }
}

impl From<EvalError> for Trouble {
    fn from(error: EvalError) -> Self {
        match &error {
            EvalError::Unset(name) if name == "limits.payload" => Self::PayloadLimitUnknown,
            EvalError::Unset(name) => match values::fixture_of(name) {
                Some(missing) => missing.into(),
                None => Self::Harness(error.to_string()),
            },
            EvalError::Operands { .. } | EvalError::Type { .. } => Self::Harness(error.to_string()),
        }
    }
}

impl From<BuildError> for Trouble {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Missing(missing) => missing.into(),
            BuildError::Value(error) => error.into(),
            BuildError::TooSmall { .. } => Self::Harness(error.to_string()),
        }
    }
}
