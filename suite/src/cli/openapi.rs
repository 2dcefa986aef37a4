//! `torq-conformance openapi`: the reference of the API as people and tools read it.

use std::process::ExitCode;

use super::{fail, show};
use crate::verdict::exit;

pub(super) const EXAMPLES: &str = "Examples:
  torq-conformance openapi > torq.yaml                   for API browsers, gateways and client generators
  torq-conformance openapi --format json > torq.json     for tools that read JSON only

Every operation, answer and example says how well it is attested: `x-requirements` names rows of the requirement catalogue
(torq-conformance explain ROW), `x-grade` is the grade of the best of them.";

const TEXT: &str = include_str!("../../../specs/openapi.yaml");

/// The two forms in which OpenAPI documents are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// As a person reads it.
    Yaml,
    /// As some tools want it.
    Json,
}

/// In which form.
#[derive(Debug, clap::Args)]
pub(super) struct OpenapiArguments {
    /// The form.
    #[arg(long, value_enum, default_value = "yaml")]
    format: Format,
}

/// Prints the document.
pub(super) fn openapi(arguments: &OpenapiArguments) -> ExitCode {
    match arguments.format {
        Format::Yaml => show(TEXT),
        Format::Json => match as_json() {
            Ok(text) => show(&text),
            Err(error) => fail(exit::HARNESS, &format!("the built-in document is broken: {error}")),
        },
    }
}

fn as_json() -> Result<String, serde_yaml::Error> {
    let document: serde_json::Value = serde_yaml::from_str(TEXT)?;
    Ok(format!("{document:#}\n"))
}
