//! A request as a command line for curl.
//!
//! Built from what may be shown: where a secret stood, the command takes it from an environment variable.

use crate::journal::record::{ReceivedBody, ReceivedRequest};
use crate::journal::redaction::REDACTED;

/// Headers that curl writes by itself and that would be wrong for another connection.
const CURLS_OWN: [&str; 4] = ["host", "content-length", "connection", "transfer-encoding"];

/// Whom curl has to trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Whom it trusts anyway.
    Usual,
    /// The authority made here, kept in a file as `GET /ca.pem` gives it.
    MadeHere,
}

/// The command that sends a request to the server at `base_url`; nothing for what had no head.
pub(crate) fn command(request: &ReceivedRequest, (base_url, trust): (&str, Trust)) -> Option<String> {
    let method = request.method.as_deref()?;
    let mut command = format!(
        "curl -i {}-X {} {}",
        match trust {
            Trust::Usual => "",
            Trust::MadeHere => "--cacert ca.pem ",
        },
        quoted(method),
        quoted(&format!("{base_url}{}", request.path))
    );
    for (name, value) in request
        .headers
        .iter()
        .filter(|(name, _)| !CURLS_OWN.contains(&name.as_str()))
    {
        command.push_str(" \\\n  -H ");
        match value.strip_suffix(REDACTED) {
            Some(scheme) => {
                let variable = name.to_uppercase().replace(|it: char| !it.is_ascii_alphanumeric(), "_");
                command.push_str(&format!("\"{name}: {scheme}${{{variable}}}\""));
            }
            None => command.push_str(&quoted(&format!("{name}: {value}"))),
        }
    }
    match &request.body {
        ReceivedBody::Kept { bytes: 0, .. } => {}
        ReceivedBody::Kept {
            text, cut_off: false, ..
        } => command.push_str(&format!(" \\\n  --data-binary {}", quoted(text))),
        ReceivedBody::Kept { bytes, .. } | ReceivedBody::Redacted { bytes } => {
            command.push_str(&format!(
                " \\\n  --data-binary @body   # {bytes} bytes that the journal does not show"
            ));
        }
        ReceivedBody::OverLimit { .. } => {
            command.push_str(" \\\n  --data-binary @body   # larger than the payload limit")
        }
    }
    Some(command)
}

/// A word of a shell command, whatever is in it.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/:=@%?&+,".contains(&byte);
    let is_plain = !word.is_empty() && word.bytes().all(plain) && !word.contains(['?', '&']);
    if is_plain {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
