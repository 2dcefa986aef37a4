//! What the environment says about traces, in the variables that OpenTelemetry defines.
//!
//! Reads only what the library behind the exporter does not read itself; sends nothing.

use std::time::Duration;

use thiserror::Error;

/// How long one export may take when nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The variables that name a collector, the more specific one first.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
const PROTOCOLS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];
const TIMEOUTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"];
const PROTOCOL: &str = "http/protobuf";

/// Why there are no traces although somebody asked for them.
#[derive(Debug, Error)]
pub enum TracesError {
    /// An exporter other than OTLP.
    #[error("OTEL_TRACES_EXPORTER is `{0}`; the exporters are `otlp` and `none`")]
    Exporter(String),
    /// A protocol other than the one that is spoken.
    #[error("{variable} is `{value}`; what is spoken is `{PROTOCOL}`, which collectors take on port 4318")]
    Protocol {
        /// Where it stands.
        variable: &'static str,
        /// What stands there.
        value: String,
    },
    /// A time-out that is no number.
    #[error("{variable} is `{value}`; it is a number of milliseconds")]
    Timeout {
        /// Where it stands.
        variable: &'static str,
        /// What stands there.
        value: String,
    },
    /// Another variable has a value that the exporter cannot use.
    #[cfg(feature = "otlp")]
    #[error("the traces cannot be exported as the OTEL_ variables say: {0}")]
    Exporting(#[from] opentelemetry_otlp::ExporterBuildError),
    /// There is no HTTP client.
    #[cfg(feature = "otlp")]
    #[error("there is no HTTP client to export the traces with: {0}")]
    Client(#[from] reqwest::Error),
}

/// What is wanted, where something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// How long one export may take.
    pub(super) timeout: Duration,
}

/// Whether traces are wanted. Nobody asked for them who neither named a collector nor the exporter.
pub(super) fn wanted(variable: impl Fn(&'static str) -> Option<String>) -> Result<Option<Wanted>, TracesError> {
    // An empty variable is none.
    let variable = |name| variable(name).filter(|value| !value.is_empty());
    let first = |names: [&'static str; 2]| {
        let found = names.into_iter().map(|name| Some((name, variable(name)?)));
        found.flatten().next()
    };
    if variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Ok(None);
    }
    match variable("OTEL_TRACES_EXPORTER").as_deref() {
        Some("none") => return Ok(None),
        None if first(ENDPOINTS).is_none() => return Ok(None),
        Some("otlp") | None => {}
        Some(other) => return Err(TracesError::Exporter(other.to_owned())),
    }
    if let Some((variable, value)) = first(PROTOCOLS).filter(|(_, value)| value != PROTOCOL) {
        return Err(TracesError::Protocol { variable, value });
    }
    let timeout = match first(TIMEOUTS) {
        None => TIMEOUT,
        Some((variable, value)) => match value.parse() {
            Ok(milliseconds) => Duration::from_millis(milliseconds),
            Err(_) => return Err(TracesError::Timeout { variable, value }),
        },
    };
    Ok(Some(Wanted { timeout }))
}

/// Whether the environment says what the service is called.
pub(super) fn names_the_service(variable: impl Fn(&'static str) -> Option<String>) -> bool {
    let attributes = variable("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default();
    let mut keys = attributes.split(',').filter_map(|pair| pair.split('=').next());
    variable("OTEL_SERVICE_NAME").is_some_and(|name| !name.is_empty()) || keys.any(|key| key.trim() == "service.name")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Option<Wanted>, String> {
        let variable = |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        wanted(variable).map_err(|error| error.to_string())
    }

    #[test]
    fn traces_are_wanted_once_a_collector_or_the_exporter_is_named() {
        let asked = Ok(Some(Wanted { timeout: TIMEOUT }));
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318");
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "")]), Ok(None), "empty is unset");
        assert_eq!(read(&[endpoint]), asked);
        assert_eq!(read(&[("OTEL_TRACES_EXPORTER", "otlp")]), asked);
        assert_eq!(read(&[endpoint, ("OTEL_TRACES_EXPORTER", "none")]), Ok(None));
        assert_eq!(read(&[endpoint, ("OTEL_SDK_DISABLED", "TRUE")]), Ok(None));
        assert_eq!(read(&[endpoint, ("OTEL_SDK_DISABLED", "false")]), asked);
    }

    #[test]
    fn the_more_specific_variable_counts() {
        let variables = [
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://localhost:4318/v1/traces"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
            ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "250"),
        ];
        let timeout = Duration::from_millis(250);
        assert_eq!(read(&variables), Ok(Some(Wanted { timeout })));
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let refused = |name, value| {
            let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318");
            read(&[endpoint, (name, value)]).expect_err("it cannot be done")
        };
        let told = [
            refused("OTEL_TRACES_EXPORTER", "zipkin"),
            refused("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            refused("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
        ];
        insta::assert_snapshot!(told.join("\n"), @r"
        OTEL_TRACES_EXPORTER is `zipkin`; the exporters are `otlp` and `none`
        OTEL_EXPORTER_OTLP_PROTOCOL is `grpc`; what is spoken is `http/protobuf`, which collectors take on port 4318
        OTEL_EXPORTER_OTLP_TIMEOUT is `10s`; it is a number of milliseconds
        ");
    }

    #[test]
    fn the_service_is_named_by_either_variable() {
        let named = |name: &'static str, value: &'static str| {
            names_the_service(move |asked| (asked == name).then(|| value.to_owned()))
        };
        assert!(named("OTEL_SERVICE_NAME", "mine"));
        assert!(named("OTEL_RESOURCE_ATTRIBUTES", "team=soc, service.name=mine"));
        assert!(!named("OTEL_RESOURCE_ATTRIBUTES", "service.namespace=mine"));
    }
}
