//! What a path asks for (contract section 1).
//!
//! Pure text: it knows neither which integrations exist nor which methods are accepted.

use std::borrow::Cow;
use std::fmt;

use http::Method;
use percent_encoding::percent_decode_str;

use crate::behaviour::Behaviour;
use crate::behaviour::knob::words;
use crate::behaviour::urls::{TrailingSlash, Urls};

/// An endpoint as a document lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its path, ids in braces.
    pub path: &'static str,
    /// Which one it is.
    pub endpoint: Endpoint,
    /// The methods it takes.
    pub methods: Vec<Method>,
}

/// Every endpoint there is, in the order of the contract's sections.
#[must_use]
pub fn list(behaviour: &Behaviour) -> Vec<Listed> {
    let triggering = behaviour.urls.methods.accepted();
    [
        (Endpoint::Webhook, triggering),
        (Endpoint::Async, triggering),
        (Endpoint::Sync, triggering),
        (Endpoint::Execution, &[Method::GET]),
        (Endpoint::ActivityLogs, &[Method::GET]),
        (Endpoint::Token, &[Method::POST]),
    ]
    .into_iter()
    .filter_map(|(endpoint, methods)| {
        Some(Listed {
            path: endpoint.path()?,
            endpoint,
            methods: methods.to_vec(),
        })
    })
    .collect()
}

/// One of the server's endpoints, with what its path names. The ids are as they were sent, well-formed or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// A trigger URL.
    Trigger(TriggerUrl<'a>),
    /// One execution of the executions API.
    Execution(Cow<'a, str>),
    /// The activity log.
    ActivityLogs,
    /// The token endpoint.
    Token,
    /// None of them.
    Unknown,
}

/// One of the three trigger URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TriggerUrl<'a> {
    /// The first id.
    pub(crate) integration: Cow<'a, str>,
    /// What is triggered, and how it is answered.
    pub(crate) target: Target<'a>,
}

/// What a trigger URL triggers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target<'a> {
    /// Every workflow of the integration: the plain Webhook URL.
    EveryWorkflow,
    /// The workflow of the second id.
    OneWorkflow {
        /// The second id.
        workflow: Cow<'a, str>,
        /// When the caller is answered.
        answer: AnswerTime,
    },
}

/// When the caller of an extended URL is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnswerTime {
    /// At once, with the execution's id.
    Async,
    /// When the execution is complete, with its output.
    Sync,
}

impl<'a> Route<'a> {
    /// What a path, still percent-encoded, asks for.
    pub(crate) fn of(path: &'a str, urls: &Urls) -> Self {
        let path = match urls.trailing_slash {
            TrailingSlash::Stripped => path.strip_suffix('/').unwrap_or(path),
            TrailingSlash::Kept => path,
        };
        if let Some(ids) = path.strip_prefix("/v1/webhooks/") {
            return trigger_url(ids).map_or(Self::Unknown, Self::Trigger);
        }
        if let Some(id) = path.strip_prefix("/public/v1alpha/executions/") {
            return segment(id).map_or(Self::Unknown, Self::Execution);
        }
        match path {
            "/public/v1alpha/activity_logs" => Self::ActivityLogs,
            "/v1/auth/token" => Self::Token,
            _ => Self::Unknown,
        }
    }

    /// Which endpoint it is.
    pub(crate) fn endpoint(&self) -> Endpoint {
        match self {
            Self::Trigger(TriggerUrl { target, .. }) => match target {
                Target::EveryWorkflow => Endpoint::Webhook,
                Target::OneWorkflow {
                    answer: AnswerTime::Async,
                    ..
                } => Endpoint::Async,
                Target::OneWorkflow {
                    answer: AnswerTime::Sync,
                    ..
                } => Endpoint::Sync,
            },
            Self::Execution(_) => Endpoint::Execution,
            Self::ActivityLogs => Endpoint::ActivityLogs,
            Self::Token => Endpoint::Token,
            Self::Unknown => Endpoint::Unknown,
        }
    }
}

/// An endpoint of the emulated API (contract section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// The Webhook URL.
    Webhook,
    /// The Asynchronous URL.
    Async,
    /// The Synchronous URL.
    Sync,
    /// One execution.
    Execution,
    /// The activity log.
    ActivityLogs,
    /// The token endpoint.
    Token,
    /// No endpoint has this path.
    Unknown,
}

words!(Endpoint {
    Webhook = "webhook",
    Async = "async",
    Sync = "sync",
    Execution = "execution",
    ActivityLogs = "activity-logs",
    Token = "token",
    Unknown = "unknown",
});

impl Endpoint {
    /// Its path, ids in braces; nothing for what is no endpoint.
    #[must_use]
    pub const fn path(self) -> Option<&'static str> {
        match self {
            Self::Webhook => Some("/v1/webhooks/{integration}"),
            Self::Async => Some("/v1/webhooks/{integration}/workflows/{workflow}"),
            Self::Sync => Some("/v1/webhooks/{integration}/workflows/{workflow}/sync"),
            Self::Execution => Some("/public/v1alpha/executions/{execution}"),
            Self::ActivityLogs => Some("/public/v1alpha/activity_logs"),
            Self::Token => Some("/v1/auth/token"),
            Self::Unknown => None,
        }
    }
}

/// The word for it.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What follows `/v1/webhooks/`.
fn trigger_url(path: &str) -> Option<TriggerUrl<'_>> {
    let mut segments = path.split('/');
    let integration = segment(segments.next()?)?;
    let target = match (segments.next(), segments.next(), segments.next(), segments.next()) {
        (None, ..) => Target::EveryWorkflow,
        (Some("workflows"), Some(workflow), None, _) => Target::OneWorkflow {
            workflow: segment(workflow)?,
            answer: AnswerTime::Async,
        },
        (Some("workflows"), Some(workflow), Some("sync"), None) => Target::OneWorkflow {
            workflow: segment(workflow)?,
            answer: AnswerTime::Sync,
        },
        (Some(_), ..) => return None,
    };
    Some(TriggerUrl { integration, target })
}

/// One path segment, decoded. An empty one names nothing; bytes that are no text stand in for a malformed id.
fn segment(raw: &str) -> Option<Cow<'_, str>> {
    if raw.is_empty() || raw.contains('/') {
        None
    } else {
        Some(percent_decode_str(raw).decode_utf8_lossy())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn trigger<'a>(integration: &'a str, target: Target<'a>) -> Route<'a> {
        Route::Trigger(TriggerUrl {
            integration: Cow::Borrowed(integration),
            target,
        })
    }

    fn one(workflow: &str, answer: AnswerTime) -> Target<'_> {
        Target::OneWorkflow {
            workflow: Cow::Borrowed(workflow),
            answer,
        }
    }

    #[test]
    fn every_endpoint_has_its_path() {
        for (path, route) in [
            ("/v1/webhooks/i", trigger("i", Target::EveryWorkflow)),
            ("/v1/webhooks/i/", trigger("i", Target::EveryWorkflow)),
            ("/v1/webhooks/i/workflows/w", trigger("i", one("w", AnswerTime::Async))),
            (
                "/v1/webhooks/i/workflows/w/sync",
                trigger("i", one("w", AnswerTime::Sync)),
            ),
            (
                "/v1/webhooks/i/workflows/w/sync/",
                trigger("i", one("w", AnswerTime::Sync)),
            ),
            (
                "/v1/webhooks/%69/workflows/w",
                trigger("i", one("w", AnswerTime::Async)),
            ),
            (
                "/v1/webhooks/i/workflows/sync",
                trigger("i", one("sync", AnswerTime::Async)),
            ),
            ("/public/v1alpha/executions/e", Route::Execution(Cow::Borrowed("e"))),
            ("/public/v1alpha/activity_logs", Route::ActivityLogs),
            ("/v1/auth/token", Route::Token),
        ] {
            assert_eq!(Route::of(path, &Urls::default()), route, "{path}");
        }
    }

    #[test]
    fn every_endpoint_is_listed_once_with_the_path_that_asks_for_it() {
        let listed = list(&Behaviour::default());
        for it in &listed {
            assert_eq!(Route::of(it.path, &Urls::default()).endpoint(), it.endpoint);
        }
        let endpoints: std::collections::HashSet<_> = listed.iter().map(|it| it.endpoint).collect();
        assert_eq!((listed.len(), endpoints.len()), (6, 6));
    }

    #[test]
    fn every_other_path_is_unknown() {
        for path in [
            "",
            "/",
            "/v1/webhooks",
            "/v1/webhooks/",
            "/v1/webhooks//",
            "/v1/webhooks/i//",
            "/v1/webhooks/i/workflows",
            "/v1/webhooks/i/workflows/",
            "/v1/webhooks/i/workflows//sync",
            "/v1/webhooks/i/workflow/w",
            "/v1/webhooks/i/workflows/w/SYNC",
            "/v1/webhooks/i/workflows/w/sync/more",
            "/v1/webhooks/i/workflows/w/async",
            "/V1/webhooks/i",
            "/v2/webhooks/i",
            "/public/v1alpha/executions",
            "/public/v1alpha/executions/",
            "/public/v1alpha/executions/e/steps",
            "/public/v1alpha/activity_logs/x",
            "/v1/auth/token/x",
        ] {
            assert_eq!(Route::of(path, &Urls::default()), Route::Unknown, "{path}");
        }
    }

    #[test]
    fn a_slash_that_is_kept_makes_the_path_unknown() {
        let urls = Urls {
            trailing_slash: TrailingSlash::Kept,
            ..Urls::default()
        };
        assert_eq!(Route::of("/v1/webhooks/i/", &urls), Route::Unknown);
        assert_eq!(Route::of("/v1/auth/token/", &urls), Route::Unknown);
    }

    proptest! {
        #[test]
        fn a_route_survives_being_written_and_read(integration in "[a-zA-Z0-9-]{1,40}", workflow in "[a-zA-Z0-9-]{1,40}") {
            let webhook = format!("/v1/webhooks/{integration}");
            let extended = format!("{webhook}/workflows/{workflow}");
            let sync = format!("{extended}/sync");
            let urls = Urls::default();
            prop_assert_eq!(Route::of(&webhook, &urls), trigger(&integration, Target::EveryWorkflow));
            prop_assert_eq!(Route::of(&extended, &urls), trigger(&integration, one(&workflow, AnswerTime::Async)));
            prop_assert_eq!(Route::of(&sync, &urls), trigger(&integration, one(&workflow, AnswerTime::Sync)));
        }

        #[test]
        fn no_path_is_too_odd(path in "\\PC*") {
            Route::of(&path, &Urls::default());
        }
    }
}
