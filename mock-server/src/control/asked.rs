//! A request of the control surface taken apart, and how its parts are read.
//!
//! Every refusal says what would have been right. Does nothing itself.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use located_yaml::parse_duration;
use serde_json::Value;

use super::answer::ControlAnswer;
use crate::ids::ExecutionId;

/// A request of the control surface, taken apart.
#[derive(Debug)]
pub(super) struct Asked<'r> {
    pub(super) method: &'r str,
    pub(super) path: &'r str,
    pub(super) query: BTreeMap<String, String>,
    pub(super) body: &'r [u8],
    /// What the caller calls this machine.
    pub(super) called: Option<&'r str>,
    pub(super) last_event_id: Option<&'r str>,
    pub(super) wants_json: bool,
}

impl Asked<'_> {
    /// The number a parameter gives.
    pub(super) fn number<N: FromStr>(&self, key: &str) -> Result<Option<N>, ControlAnswer> {
        let text = self.query.get(key).map(|text| text.parse::<N>());
        text.transpose().map_err(|_| bad(format!("`{key}` is a number")))
    }
}

/// What a route comes to; a refusal is an answer as well.
pub(super) type Answered = Result<ControlAnswer, ControlAnswer>;

pub(super) fn object(asked: &Asked<'_>, known: &[&str]) -> Result<serde_json::Map<String, Value>, ControlAnswer> {
    let parsed = serde_json::from_slice(asked.body).map_err(|error| bad(format!("the body is no JSON: {error}")))?;
    let Value::Object(object) = parsed else {
        return Err(bad("the body is a JSON object"));
    };
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(object),
        Some(key) => Err(bad(format!("unknown key `{key}`; the keys are {}", known.join(", ")))),
    }
}

pub(super) fn duration(value: Option<&Value>, key: &str) -> Result<Option<Duration>, ControlAnswer> {
    let wrong = || bad(format!("`{key}` is a duration such as \"50s\", or a number of seconds"));
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => parse_duration(text).map(Some).map_err(|_| wrong()),
        Some(Value::Number(number)) => {
            let seconds = number
                .as_f64()
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            seconds.map(Some).ok_or_else(wrong)
        }
        Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => Err(wrong()),
    }
}

fn count(value: Option<&Value>, key: &str) -> Result<Option<usize>, ControlAnswer> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
            number
                .map(Some)
                .ok_or_else(|| bad(format!("`{key}` is a whole number")))
        }
    }
}

/// The count at `key` of the object at `outer`, such as `{"when": {"held": 1}}`.
pub(super) fn nested(
    body: &serde_json::Map<String, Value>,
    (outer, key): (&str, &str),
) -> Result<Option<usize>, ControlAnswer> {
    let wrong = || bad(format!("`{outer}` is an object such as {{\"{key}\": 1}}"));
    match body.get(outer) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(inner)) if inner.keys().all(|name| name == key) => {
            count(inner.get(key), &format!("{outer}.{key}"))
        }
        Some(_) => Err(wrong()),
    }
}

pub(super) fn execution_id(text: &str) -> Result<ExecutionId, ControlAnswer> {
    ExecutionId::parse(text).ok_or_else(|| bad(format!("`{text}` is no execution id")))
}

pub(super) fn bad(message: impl Into<String>) -> ControlAnswer {
    ControlAnswer::error(400, message)
}
