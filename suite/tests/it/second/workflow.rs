//! What a workflow comes to for an event: how long it takes and how it ends. And the synchronous answer an Exit operator makes.
//!
//! Follows the steps of the fixtures at once and to their end; time is only added up.

use std::time::Duration;

use located_yaml::parse_duration;
use serde_json::{Map, Value as Json, json};

use super::http::Answer;
use super::refusal;

/// How a run ends.
#[derive(Clone, Debug)]
pub(super) enum Ending {
    /// An Exit operator with parameters.
    Parameters(Map<String, Json>),
    /// An Exit operator in JSON mode.
    Object(Json),
    Failed,
    Stopped,
    NoExit,
}

/// What steps come to.
pub(super) fn follow(steps: &Json, event: &Json) -> (Duration, Ending) {
    let mut took = Duration::ZERO;
    let end = steps_of(steps, event, &mut took).unwrap_or(Ending::NoExit);
    (took, end)
}

fn steps_of(steps: &Json, event: &Json, took: &mut Duration) -> Option<Ending> {
    for step in steps.as_array().into_iter().flatten() {
        let (kind, with) = step.as_object()?.iter().next()?;
        let ended = match kind.as_str() {
            "wait" => {
                *took += seconds(&filled(with, event).unwrap_or_default());
                None
            }
            "fail" => Some(Ending::Failed),
            "stop" => Some(Ending::Stopped),
            "exit" => Some(exit(with, event)),
            "when" if holds(with, event) => steps_of(&step["then"], event, took),
            "when" => steps_of(&step["else"], event, took),
            other => panic!("there is no step {other}"),
        };
        if ended.is_some() {
            return ended;
        }
    }
    None
}

fn seconds(value: &Json) -> Duration {
    match value {
        Json::Number(number) => Duration::from_secs_f64(number.as_f64().unwrap_or_default()),
        Json::String(text) => parse_duration(text).unwrap_or_default(),
        _ => Duration::ZERO,
    }
}

/// Whether a condition holds for an event.
pub(super) fn holds(condition: &Json, event: &Json) -> bool {
    let path = condition["path"].as_str().unwrap_or_default();
    let wanted = &condition["equals"];
    found(path, event).is_some_and(|value| value == wanted)
}

/// What a path such as `$.event.key` finds.
fn found<'e>(path: &str, event: &'e Json) -> Option<&'e Json> {
    let mut keys = path.trim().strip_prefix("$.event")?.split('.').skip(1);
    keys.try_fold(event, |value, key| value.get(key))
}

/// A value whose text may be a template; nothing when that finds nothing.
fn filled(value: &Json, event: &Json) -> Option<Json> {
    match value {
        Json::String(text) => match text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")) {
            Some(path) => found(path, event).cloned(),
            None => Some(value.clone()),
        },
        Json::Object(members) => {
            let members = members.iter();
            Some(
                members
                    .filter_map(|(key, it)| Some((key.clone(), filled(it, event)?)))
                    .collect(),
            )
        }
        _ => Some(value.clone()),
    }
}

fn exit(with: &Json, event: &Json) -> Ending {
    if let Some(object) = with.get("json") {
        return Ending::Object(filled(object, event).unwrap_or_default());
    }
    let parameters = with["parameters"].as_object().into_iter().flatten();
    let filled = parameters.map(|(name, parameter)| {
        let unset = match parameter["type"].as_str() {
            Some("number") => json!(0),
            Some("boolean") => json!(false),
            Some("json") => json!({}),
            _ => json!(""),
        };
        (name.clone(), filled(&parameter["value"], event).unwrap_or(unset))
    });
    Ending::Parameters(filled.collect())
}

impl Ending {
    /// What is retrieved of it: the parameters, whatever they are called.
    pub(super) fn output(&self) -> Json {
        match self {
            Self::Parameters(parameters) => Json::Object(parameters.clone()),
            Self::Object(object) => object.clone(),
            Self::Failed | Self::Stopped | Self::NoExit => Json::Null,
        }
    }

    /// What is retrieved of it where the caller waited: the parameter `body` by itself, if there is one.
    pub(super) fn output_of_waiting(&self) -> Json {
        match self {
            Self::Parameters(parameters) => match parameters.get("body") {
                Some(body) => body.clone(),
                None => self.output(),
            },
            Self::Object(_) | Self::Failed | Self::Stopped | Self::NoExit => self.output(),
        }
    }

    /// What a synchronous caller is answered; nothing when there is no output, or it cannot be sent as it is asked for.
    pub(super) fn answer(&self) -> Option<Answer> {
        let parameters = match self {
            Self::Parameters(parameters) => parameters,
            // The three names mean nothing in JSON mode here.
            Self::Object(object) => return Some(Answer::new(200, "application/json", object.to_string())),
            Self::Failed | Self::Stopped | Self::NoExit => return None,
        };
        let mut answer = Answer::new(status(parameters.get("status")), "application/json", "");
        for (name, value) in parameters
            .get("headers")
            .and_then(Json::as_object)
            .into_iter()
            .flatten()
        {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            match name.to_ascii_lowercase().as_str() {
                "content-type" => answer.headers[0].1 = value,
                // Whoever meddles with the message gets none.
                "content-length" | "transfer-encoding" | "connection" => {
                    return Some(refusal(500, "that is not yours to say"));
                }
                _ => answer.headers.push((name.clone(), value)),
            }
        }
        answer.body = match parameters.get("body") {
            // Under the default type a text is sent as a JSON text.
            Some(Json::String(text)) if answer.headers[0].1 != "application/json" => text.clone(),
            Some(body) => body.to_string(),
            None => Json::Object(parameters.clone()).to_string(),
        }
        .into_bytes();
        let has_body = parameters.get("body").is_some_and(|body| *body != json!(""));
        let has_no_room = has_body && matches!(answer.status, 204 | 304);
        Some(if has_no_room {
            refusal(500, "there is no room for a body")
        } else {
            answer
        })
    }
}

/// A status that is none is passed over.
fn status(value: Option<&Json>) -> u16 {
    let number = match value {
        Some(Json::Number(number)) => number.as_u64(),
        Some(Json::String(text)) => text.parse().ok(),
        _ => None,
    };
    number
        .filter(|status| (200..600).contains(status))
        .map_or(200, |status| status as u16)
}
