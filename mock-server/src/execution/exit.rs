//! How the output of an Exit operator becomes a synchronous answer (contract section 5).
//!
//! Pure: the same output always gives the same answer. Asynchronous executions never come here.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};

use crate::behaviour::answer::status_is_final;
use crate::behaviour::exit::{BesideBody, Exit, JsonMode, OtherContentType, RetrievedOutput, SpecialNames, Unusable};
use crate::reply::SyncAnswer;
use crate::workflow::script::{Output, OutputForm};

const BODY: &str = "body";
const STATUS: &str = "status";
const HEADERS: &str = "headers";

/// An output parameter that cannot shape an answer; the text names it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the output parameter `{parameter}` {problem}")]
pub(crate) struct UnusableParameter {
    parameter: &'static str,
    problem: String,
}

impl UnusableParameter {
    fn new(parameter: &'static str, problem: impl Into<String>) -> Self {
        Self {
            parameter,
            problem: problem.into(),
        }
    }
}

/// The answer of a synchronous call whose execution reached an Exit operator.
pub(crate) fn answer(output: &Output, exit: &Exit, default_status: u16) -> Result<SyncAnswer, UnusableParameter> {
    let value = output.value.unpack();
    let Some(parameters) = special((output.form, &value), exit) else {
        return Ok(SyncAnswer::json(default_status, &exit.default_content_type, &value));
    };
    let status = match parameters.get(STATUS).filter(|value| !is_unset(value)).map(status) {
        None => default_status,
        Some(Ok(status)) => status,
        Some(Err(problem)) => match exit.invalid_status {
            Unusable::InternalError => return Err(problem),
            Unusable::Ignored => default_status,
        },
    };
    let mut headers = match parameters.get(HEADERS).map(headers) {
        None => Vec::new(),
        Some(Ok(headers)) => headers,
        Some(Err(problem)) => match exit.invalid_headers {
            Unusable::InternalError => return Err(problem),
            Unusable::Ignored => Vec::new(),
        },
    };
    if let Some((name, _)) = headers.iter().find(|(name, _)| frames_a_message(name))
        && exit.framing_headers == Unusable::InternalError
    {
        return Err(UnusableParameter::new(
            HEADERS,
            format!("sets `{name}`, which frames the message"),
        ));
    }
    headers.retain(|(name, _)| !frames_a_message(name));
    let content_type = take_content_type(&mut headers, exit)?;
    let body = fitting(status, body(parameters, exit), exit)?;
    Ok(SyncAnswer {
        status,
        headers,
        content_type,
        body,
    })
}

/// What retrieving a synchronous execution shows.
pub(crate) fn retrieved(output: &Output, exit: &Exit) -> Value {
    let value = output.value.unpack();
    let parameters = special((output.form, &value), exit);
    match (
        exit.retrieved_output,
        parameters.and_then(|parameters| parameters.get(BODY)),
    ) {
        (RetrievedOutput::Body, Some(body)) => body.clone(),
        (RetrievedOutput::Body, None) | (RetrievedOutput::Parameters, _) => value,
    }
}

/// The parameters among which the three names mean something.
fn special<'a>((form, value): (OutputForm, &'a Value), exit: &Exit) -> Option<&'a Map<String, Value>> {
    match (form, exit.json_mode) {
        (OutputForm::Parameters, _) | (OutputForm::Json, JsonMode::Special) => value.as_object(),
        (OutputForm::Json, JsonMode::Ordinary) => None,
    }
}

/// A parameter of type string that is not set is an empty text, which is no attempt to set a status.
fn is_unset(value: &Value) -> bool {
    value.as_str() == Some("")
}

fn status(value: &Value) -> Result<u16, UnusableParameter> {
    let number = match value {
        Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok(),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    number
        .and_then(|number| u16::try_from(number).ok())
        .filter(|status| status_is_final(*status))
        .ok_or_else(|| UnusableParameter::new(STATUS, format!("is {value}, which is no HTTP status from 200 to 599")))
}

/// 200.0 is a way to write 200.
fn whole(number: f64) -> Option<u64> {
    (200_u16..=599)
        .find(|status| f64::from(*status) == number)
        .map(u64::from)
}

fn headers(value: &Value) -> Result<Vec<(HeaderName, HeaderValue)>, UnusableParameter> {
    let Value::Object(members) = value else {
        return Err(UnusableParameter::new(HEADERS, "is no JSON object"));
    };
    members
        .iter()
        .map(|(name, value)| {
            let text = value
                .as_str()
                .ok_or_else(|| UnusableParameter::new(HEADERS, format!("gives `{name}` a value that is no text")))?;
            let parsed = HeaderName::from_bytes(name.as_bytes())
                .ok()
                .zip(HeaderValue::from_str(text).ok());
            parsed
                .ok_or_else(|| UnusableParameter::new(HEADERS, format!("has in `{name}` what no HTTP header can hold")))
        })
        .collect()
}

/// Headers that say where a message ends or how its connection goes on: the server's own business.
fn frames_a_message(name: &HeaderName) -> bool {
    const FRAMING: [&str; 9] = [
        "connection",
        "content-length",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "http2-settings",
    ];
    FRAMING.contains(&name.as_str())
}

/// The content type among the headers, which is taken out of them, or the default.
fn take_content_type(
    headers: &mut Vec<(HeaderName, HeaderValue)>,
    exit: &Exit,
) -> Result<HeaderValue, UnusableParameter> {
    let default = || exit.default_content_type.clone();
    let Some(position) = headers.iter().position(|(name, _)| name == http::header::CONTENT_TYPE) else {
        return Ok(default());
    };
    let (_, set) = headers.remove(position);
    headers.retain(|(name, _)| name != http::header::CONTENT_TYPE);
    let essence = set
        .to_str()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if exit
        .content_types
        .iter()
        .any(|supported| supported.eq_ignore_ascii_case(essence))
    {
        return Ok(set);
    }
    match exit.other_content_type {
        OtherContentType::Default => Ok(default()),
        OtherContentType::Sent => Ok(set),
        OtherContentType::InternalError => Err(UnusableParameter::new(
            HEADERS,
            format!("sets the content type `{essence}`, which is not supported"),
        )),
    }
}

fn body(parameters: &Map<String, Value>, exit: &Exit) -> Bytes {
    match (parameters.get(BODY), exit.beside_body) {
        (Some(Value::String(text)), BesideBody::LeftOut) => Bytes::copy_from_slice(text.as_bytes()),
        (Some(body), BesideBody::LeftOut) => Bytes::from(body.to_string()),
        (Some(_), BesideBody::Kept) | (None, _) => {
            let stays = |name: &str| exit.special_names == SpecialNames::Kept || (name != STATUS && name != HEADERS);
            let shown: Map<_, _> = parameters
                .iter()
                .filter(|(name, _)| stays(name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            Bytes::from(Value::Object(shown).to_string())
        }
    }
}

/// A body where the status has a place for one.
fn fitting(status: u16, body: Bytes, exit: &Exit) -> Result<Bytes, UnusableParameter> {
    match (status, exit.body_without_place) {
        (204 | 304, Unusable::Ignored) => Ok(Bytes::new()),
        (204 | 304, Unusable::InternalError) if !body.is_empty() => Err(UnusableParameter::new(
            STATUS,
            format!("is {status}, which allows no body"),
        )),
        _ => Ok(body),
    }
}

#[cfg(test)]
mod tests;
