//! How the output of an Exit operator becomes a synchronous answer (contract section 5).
//!
//! Pure: the same output always gives the same answer. Asynchronous executions never come here.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use crate::behaviour::answer::status_is_final;
use crate::behaviour::exit::{
    AsyncNames, BesideBody, BodyForm, ContentTypeParameters, ContentTypeUse, Exit, HeadersUse, JsonForm, JsonMode,
    OtherContentType, ParametersForm, RetrievedOutput, SpecialNames, StatusUse, Unusable,
};
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
        let value = json_body(value, exit);
        return Ok(SyncAnswer::json(default_status, &exit.default_content_type, &value));
    };
    let wanted = parameters
        .get(STATUS)
        .filter(|value| !is_unset(value) && is_honoured(value, exit.status));
    let status = match wanted.map(status) {
        None => default_status,
        Some(Ok(status)) if exit.status == StatusUse::SuccessOnly && !(200..300).contains(&status) => default_status,
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
    match exit.headers {
        HeadersUse::Added | HeadersUse::Replacing => {}
        HeadersUse::FirstOnly => headers.truncate(1),
        HeadersUse::SuccessOnly if (200..300).contains(&status) => {}
        HeadersUse::SuccessOnly | HeadersUse::Ignored => headers.clear(),
    }
    let replaced = exit.headers == HeadersUse::Replacing && !headers.is_empty();
    let content_type = match take_content_type(&mut headers, exit)? {
        Some(set) if exit.content_type == ContentTypeUse::BesideDefault => {
            headers.push((CONTENT_TYPE, set));
            Some(exit.default_content_type.clone())
        }
        Some(set) if exit.content_type == ContentTypeUse::Replaces => Some(set),
        Some(_) => Some(exit.default_content_type.clone()),
        None if replaced => None,
        None => Some(exit.default_content_type.clone()),
    };
    let body = body((output.form, parameters), exit);
    let body = fitting(status, body, exit)?;
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

/// What retrieving an asynchronous execution shows, where the three names mean nothing.
pub(crate) fn retrieved_async(output: &Output, exit: &Exit) -> Value {
    match (output.value.unpack(), exit.async_names) {
        (value, AsyncNames::Ordinary) => value,
        (Value::Object(mut parameters), AsyncNames::ShapeTheOutput) => match parameters.remove(BODY) {
            Some(body) => body,
            None => Value::Object(parameters),
        },
        (Value::Object(mut parameters), AsyncNames::LeftOut) => {
            parameters.retain(|name, _| ![BODY, STATUS, HEADERS].contains(&name.as_str()));
            Value::Object(parameters)
        }
        (value, AsyncNames::ShapeTheOutput | AsyncNames::LeftOut) => value,
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

/// The content type among the headers, which is taken out of them; nothing where there is none, the default in place of
/// one that is not supported.
fn take_content_type(
    headers: &mut Vec<(HeaderName, HeaderValue)>,
    exit: &Exit,
) -> Result<Option<HeaderValue>, UnusableParameter> {
    let Some(position) = headers.iter().position(|(name, _)| name == CONTENT_TYPE) else {
        return Ok(None);
    };
    let (_, set) = headers.remove(position);
    headers.retain(|(name, _)| name != CONTENT_TYPE);
    let essence = essence(&set);
    if exit
        .content_types
        .iter()
        .any(|supported| supported.eq_ignore_ascii_case(essence))
    {
        return Ok(Some(match exit.type_parameters {
            ContentTypeParameters::Kept => set,
            ContentTypeParameters::Dropped => HeaderValue::from_str(essence).unwrap_or_else(|_| set.clone()),
        }));
    }
    match exit.other_content_type {
        OtherContentType::Default => Ok(Some(exit.default_content_type.clone())),
        OtherContentType::Sent => Ok(Some(set)),
        OtherContentType::InternalError => Err(UnusableParameter::new(
            HEADERS,
            format!("sets the content type `{essence}`, which is not supported"),
        )),
    }
}

/// A content type without its parameters.
fn essence(content_type: &HeaderValue) -> &str {
    let text = content_type.to_str().unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim()
}

/// Whether a `status` is looked at at all.
fn is_honoured(value: &Value, rule: StatusUse) -> bool {
    match rule {
        StatusUse::Honoured | StatusUse::SuccessOnly => true,
        StatusUse::TextIgnored => !value.is_string(),
        StatusUse::NumberIgnored => !value.is_number(),
        StatusUse::Ignored => false,
    }
}

/// The value of JSON mode as it is sent.
fn json_body(value: Value, exit: &Exit) -> Value {
    match exit.json {
        JsonForm::AsItIs => value,
        JsonForm::Wrapped => json!({ "output": value }),
        JsonForm::Quoted => Value::String(value.to_string()),
    }
}

/// Parameters as they are sent.
fn parameters_body(parameters: Map<String, Value>, exit: &Exit) -> Value {
    match exit.parameters {
        ParametersForm::AsTheyAre => Value::Object(parameters),
        ParametersForm::Wrapped => json!({ "output": parameters }),
        ParametersForm::Texts => {
            let text = |value: Value| match value {
                Value::String(text) => text,
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                    value.to_string()
                }
            };
            let texts = parameters
                .into_iter()
                .map(|(name, value)| (name, Value::String(text(value))));
            Value::Object(texts.collect())
        }
    }
}

/// The `body` parameter as it is sent.
fn body_parameter(body: &Value, exit: &Exit) -> String {
    /// Characters after which a body is cut off, where it is.
    const CUT: usize = 4_096;
    let text = match body {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => body.to_string(),
    };
    match exit.body {
        BodyForm::AsItIs => text,
        BodyForm::Wrapped => json!({ BODY: body }).to_string(),
        BodyForm::Quoted => Value::String(text).to_string(),
        BodyForm::Trimmed => text.trim().to_owned(),
        BodyForm::CutOff => text.chars().take(CUT).collect(),
    }
}

fn body((form, parameters): (OutputForm, &Map<String, Value>), exit: &Exit) -> Bytes {
    match (parameters.get(BODY), exit.beside_body) {
        (Some(body), BesideBody::LeftOut) => Bytes::from(body_parameter(body, exit)),
        (Some(_), BesideBody::Kept) | (None, _) => {
            let stays = |name: &str| exit.special_names == SpecialNames::Kept || (name != STATUS && name != HEADERS);
            let shown: Map<_, _> = parameters
                .iter()
                .filter(|(name, _)| stays(name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            let sent = match form {
                OutputForm::Parameters => parameters_body(shown, exit),
                OutputForm::Json => json_body(Value::Object(shown), exit),
            };
            Bytes::from(sent.to_string())
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
