//! What a workflow's steps come to for one event: waits and holds in order, and how it ends.
//!
//! Evaluated once, at trigger time. Knows no clock: a script says how long, never when.

use std::sync::Arc;
use std::time::Duration;

use located_yaml::parse_duration;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::behaviour::exit::{AfterExit, Exit as Rules, Unset, Unusable};
use crate::packed::Packed;
use crate::workflow::step::{Exit, Parameter, ParameterType, Step};
use crate::workflow::template::Template;

/// The course of one execution.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Script {
    /// What happens before the end, in order.
    pub(crate) segments: Box<[Segment]>,
    /// The end.
    pub(crate) ending: Ending,
}

/// Something that takes time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A known time.
    Wait(Duration),
    /// Until the hold of this name is released.
    Hold(Arc<str>),
}

/// How an execution ends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ending {
    /// At an Exit operator.
    Exit(Output),
    /// Failed, and why.
    Failed(String),
    /// Stopped, and why.
    Stopped(String),
    /// After its last step, without an Exit operator.
    NoExit,
}

/// What an Exit operator gave.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Output {
    /// Parameters or JSON mode.
    pub(crate) form: OutputForm,
    /// The parameters as an object, or the JSON value.
    pub(crate) value: Packed,
}

impl Output {
    /// An output to keep.
    pub(crate) fn new(form: OutputForm, value: &impl Serialize) -> Self {
        Self {
            form,
            value: Packed::of(value),
        }
    }
}

/// How an Exit operator was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutputForm {
    /// With named parameters.
    Parameters,
    /// In JSON mode.
    Json,
}

impl Script {
    /// Follows the steps for the document of one event.
    pub(crate) fn evaluate(steps: &[Step], document: &Value, rules: &Rules) -> Self {
        let mut course = Course {
            segments: Vec::new(),
            document,
            rules,
            reached: None,
        };
        let ending = course.follow(steps).or(course.reached).unwrap_or(Ending::NoExit);
        Self {
            segments: course.segments.into_boxed_slice(),
            ending,
        }
    }

    /// A script that is stopped before its first step.
    pub(crate) fn stopped(reason: &str) -> Self {
        Self {
            segments: Box::default(),
            ending: Ending::Stopped(reason.to_owned()),
        }
    }
}

/// A script in the making.
struct Course<'a> {
    segments: Vec<Segment>,
    document: &'a Value,
    rules: &'a Rules,
    /// What the Exit operator gave that was reached last, where the steps after one are followed too.
    reached: Option<Ending>,
}

impl Course<'_> {
    /// Follows some steps; `None` when the last of them is passed without an end.
    fn follow(&mut self, steps: &[Step]) -> Option<Ending> {
        steps.iter().find_map(|step| self.take(step))
    }

    fn take(&mut self, step: &Step) -> Option<Ending> {
        match step {
            Step::Wait(template) => match duration(template.render(self.document).as_ref()) {
                Ok(wait) => {
                    self.wait(wait);
                    None
                }
                Err(reason) => Some(Ending::Failed(reason)),
            },
            Step::When {
                condition,
                then,
                otherwise,
            } => self.follow(if condition.accepts(self.document) {
                then
            } else {
                otherwise
            }),
            Step::Exit(exit) => match self.rules.after_exit {
                AfterExit::Ends => Some(self.exit(exit)),
                AfterExit::GoesOn => {
                    self.reached = Some(self.exit(exit));
                    None
                }
            },
            Step::Fail(reason) => Some(Ending::Failed(reason.render_as_text(self.document))),
            Step::Stop(reason) => Some(Ending::Stopped(reason.render_as_text(self.document))),
            Step::Hold(name) => {
                self.segments.push(Segment::Hold(Arc::clone(name)));
                None
            }
        }
    }

    /// Adds time, to the wait before it when there is one.
    fn wait(&mut self, wait: Duration) {
        match self.segments.last_mut() {
            Some(Segment::Wait(before)) => *before = before.saturating_add(wait),
            Some(Segment::Hold(_)) | None if wait.is_zero() => {}
            Some(Segment::Hold(_)) | None => self.segments.push(Segment::Wait(wait)),
        }
    }

    fn exit(&self, exit: &Exit) -> Ending {
        match exit {
            Exit::Json(template) => Ending::Exit(Output::new(OutputForm::Json, &template.filled(self.document))),
            Exit::Parameters(parameters) => {
                let mut output = Map::with_capacity(parameters.len());
                for parameter in parameters {
                    match self.value_of(parameter) {
                        Ok(Some(value)) => {
                            output.insert(parameter.name.clone(), value);
                        }
                        Ok(None) => {}
                        Err(reason) => return Ending::Failed(reason),
                    }
                }
                Ending::Exit(Output::new(OutputForm::Parameters, &Value::Object(output)))
            }
        }
    }

    /// The value of a parameter; `None` when it has neither a value nor a type.
    fn value_of(&self, parameter: &Parameter) -> Result<Option<Value>, String> {
        let value = parameter
            .value
            .as_ref()
            .and_then(|template| template.render(self.document));
        let Some(declared) = parameter.declared else {
            return Ok(value);
        };
        match (value, self.rules.mismatched_value) {
            (None, _) => Ok(match self.rules.unset {
                Unset::EmptyValue => Some(declared.default_value()),
                Unset::Null => Some(Value::Null),
                Unset::LeftOut => None,
            }),
            (Some(value), _) if declared.takes(&value) => Ok(Some(value)),
            (Some(_), Unusable::Ignored) => Ok(Some(declared.default_value())),
            (Some(_), Unusable::InternalError) => Err(format!(
                "the value of the output parameter `{}` is no {}",
                parameter.name,
                declared.word()
            )),
        }
    }
}

impl ParameterType {
    fn takes(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Json => !value.is_string(),
        }
    }

    /// What an unset parameter of this type is (contract section 5).
    fn default_value(self) -> Value {
        match self {
            Self::String => json!(""),
            Self::Number => json!(0),
            Self::Boolean => json!(false),
            Self::Json => json!({}),
        }
    }
}

/// A number of seconds, or a text such as `70s`.
fn duration(value: Option<&Value>) -> Result<Duration, String> {
    let unusable = || match value {
        Some(value) => format!("{value} is no time to wait"),
        None => "the time to wait is not set".to_owned(),
    };
    match value {
        Some(Value::Number(seconds)) => {
            let seconds = seconds.as_f64().ok_or_else(unusable)?;
            Duration::try_from_secs_f64(seconds).map_err(|_| unusable())
        }
        Some(Value::String(text)) => match text.parse::<f64>() {
            Ok(seconds) => Duration::try_from_secs_f64(seconds).map_err(|_| unusable()),
            Err(_) => parse_duration(text).map_err(|_| unusable()),
        },
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => Err(unusable()),
    }
}

/// Reads a wait that was written in a configuration, so that a constant one is checked when it is read.
pub(crate) fn check_wait(template: &Template) -> Result<(), String> {
    match template {
        Template::Constant(value) => duration(Some(value)).map(|_| ()),
        Template::Whole(_) | Template::Text(_) => Ok(()),
        Template::Array(_) | Template::Object(_) => Err("a list or a mapping is no time to wait".to_owned()),
    }
}

#[cfg(test)]
mod tests;
