//! Spans as OpenTelemetry knows them, sent to a collector in batches.
//!
//! Times are the machine's, so that a span stands among those of the client that called; what the sandbox's clock said is
//! an attribute. A queue that is full drops spans and holds nobody up.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{Span as _, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span as SdkSpan};
use tokio::runtime::Handle;

use super::courier::Courier;
use super::environment::{self, TracesError};
use crate::journal::{AnswerNote, ReceivedRequest};

/// How long spans that wait have to leave when the server stops.
const FAREWELL: Duration = Duration::from_secs(3);
/// What the service is called when the environment says nothing.
const SERVICE: &str = "torq-mock";

/// Where spans go; the default: nowhere.
#[derive(Clone, Default)]
pub struct Traces(Option<Collector>);

#[derive(Clone)]
struct Collector {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl fmt::Debug for Traces {
    /// Without what the exporter is configured with: headers of a collector are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = self.0.as_ref().map_or("Traces(none)", |_| "Traces(otlp)");
        f.write_str(told)
    }
}

impl Traces {
    /// As the `OTEL_` variables say: to a collector, if one is named or the exporter is, and else nowhere. Has to be called
    /// on a runtime.
    ///
    /// # Errors
    /// When what is asked for cannot be done.
    pub fn from_environment() -> Result<Self, TracesError> {
        let variable = |name: &'static str| std::env::var(name).ok();
        let Some(wanted) = environment::wanted(variable)? else {
            return Ok(Self::default());
        };
        let courier = Courier::new(wanted.timeout, Handle::current())?;
        let exporter = SpanExporter::builder().with_http().with_http_client(courier).build()?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let mut resource = Resource::builder().with_attribute(version);
        if !environment::names_the_service(variable) {
            resource = resource.with_service_name(SERVICE);
        }
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        let tracer = provider.tracer(SERVICE);
        Ok(Self(Some(Collector { provider, tracer })))
    }

    /// Sends what waits. Spans that end later are lost.
    pub async fn finish(self) {
        if let Some(Collector { provider, .. }) = self.0 {
            // It blocks, and what it waits for runs here. Who cannot be reached has been told of in the log.
            let _ = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(FAREWELL)).await;
        }
    }

    /// A request comes. If its caller traces it, the span is part of that trace.
    pub(crate) fn begin(&self, headers: &HeaderMap) -> Span {
        let begun = self.0.as_ref().map(|Collector { tracer, .. }| {
            let caller = TraceContextPropagator::new().extract_with_context(&Context::new(), &HeaderExtractor(headers));
            let span = tracer
                .span_builder("request")
                .with_kind(SpanKind::Server)
                .start_with_context(tracer, &caller);
            let own = Context::new().with_remote_span_context(span.span_context().clone());
            Begun {
                span: Mutex::new(span),
                own,
                tracer: tracer.clone(),
            }
        });
        Span(begun.map(Box::new))
    }
}

/// A request on its way. One that nobody ends, because its connection broke before there was a request, says nothing.
#[derive(Debug)]
pub(crate) struct Span(Option<Box<Begun>>);

#[derive(Debug)]
struct Begun {
    span: Mutex<SdkSpan>,
    /// What spans within it belong to.
    own: Context,
    tracer: SdkTracer,
}

/// A call while it is held; the span ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Held(#[expect(dead_code, reason = "kept until the call is no longer held")] Option<SdkSpan>);

impl Span {
    /// Whether anybody reads it.
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.as_ref().is_some_and(|begun| begun.lock().is_recording())
    }

    /// The call is held from now on.
    pub(crate) fn held(&self) -> Held {
        Held(
            self.0
                .as_ref()
                .map(|begun| begun.tracer.start_with_context("held", &begun.own)),
        )
    }

    /// Its answer, or that there is nobody to take one, is known.
    pub(crate) fn end(&self, sandbox: &str, request: &ReceivedRequest) {
        let Some(begun) = &self.0 else { return };
        let mut span = begun.lock();
        let method = request.method.as_deref().unwrap_or("no head");
        span.update_name(match request.endpoint.path() {
            Some(path) => format!("{method} {path}"),
            None => method.to_owned(),
        });
        if request.status().is_some_and(|status| status >= 500) {
            span.set_status(Status::error(""));
        }
        span.set_attributes(attributes(sandbox, request));
        span.end();
    }
}

impl Begun {
    fn lock(&self) -> std::sync::MutexGuard<'_, SdkSpan> {
        self.span.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a span says. Names that OpenTelemetry's conventions have are theirs. Neither queries, headers nor bodies are in it.
fn attributes(sandbox: &str, request: &ReceivedRequest) -> Vec<KeyValue> {
    let path = request.path.split('?').next().unwrap_or_default();
    let number = i64::try_from(request.number).unwrap_or(i64::MAX);
    let mut said = vec![
        KeyValue::new("url.path", path.to_owned()),
        KeyValue::new("torq.sandbox", sandbox.to_owned()),
        KeyValue::new("torq.request", number),
        KeyValue::new("torq.at", request.at.to_string()),
        KeyValue::new("torq.route", request.endpoint.word()),
        KeyValue::new("torq.outcome", request.outcome().word()),
        KeyValue::new("torq.provenance", request.provenance.word()),
    ];
    let mut say = |key: &'static str, value: Option<Value>| said.extend(value.map(|value| KeyValue::new(key, value)));
    say("http.request.method", request.method.clone().map(Value::from));
    say("http.route", request.endpoint.path().map(Value::from));
    let status = request.status().map(i64::from);
    say("http.response.status_code", status.map(Value::from));
    let answer = request.answer;
    say(
        "torq.answer",
        answer.and_then(|answer| unsent(answer.note)).map(Value::from),
    );
    let took = answer.map(|answer| answer.at.since(request.at).as_secs_f64());
    say("torq.seconds", took.map(Value::from));
    if let Some(refusal) = &request.refusal {
        say("torq.gate", Some(refusal.gate.word().into()));
        say("torq.reason", Some(refusal.reason.clone().into()));
    }
    if !request.executions.is_empty() {
        let ids = request.executions.iter().map(|id| StringValue::from(id.to_string()));
        say("torq.executions", Some(Value::Array(Array::String(ids.collect()))));
    }
    let original = request.replay_of.and_then(|number| i64::try_from(number).ok());
    say("torq.replay_of", original.map(Value::from));
    said
}

/// Why an answer has no status.
const fn unsent(note: AnswerNote) -> Option<&'static str> {
    match note {
        AnswerNote::Sent { .. } => None,
        AnswerNote::Automatic => Some("automatic"),
        AnswerNote::CallerGone => Some("caller-gone"),
    }
}
