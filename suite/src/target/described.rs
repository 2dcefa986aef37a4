//! Profiles of sandboxes that were all made from one configuration.
//!
//! Reads the first one; the others are the same but for their addresses, which is checked and not assumed.

use std::sync::{Mutex, PoisonError};

use serde_json::Value as Json;

use super::StageError;
use crate::profile::{Environment, Limits, Profile};

/// The profile read last, and what it was read from.
#[derive(Debug, Default)]
pub(super) struct Described(Mutex<Option<(Json, Profile)>>);

impl Described {
    /// Reads what a sandbox says of itself.
    ///
    /// # Errors
    /// When it makes no sense.
    pub(super) fn profile(&self, mut description: Json) -> Result<Profile, StageError> {
        let (urls, sandbox) = (description["urls"].take(), description["control"]["sandbox"].take());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, profile)) = known.as_ref().filter(|(same, _)| *same == description) {
            let mut profile = profile.clone();
            address(&mut profile, &urls, sandbox.as_str().unwrap_or_default());
            return Ok(profile);
        }
        let bare = description.clone();
        description["urls"] = urls;
        description["control"]["sandbox"] = sandbox;
        let profile = parse(&description)?;
        *known = Some((bare, profile.clone()));
        Ok(profile)
    }
}

/// Lets a profile speak of another sandbox, with these URLs.
pub(super) fn address(profile: &mut Profile, urls: &Json, sandbox: &str) {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    profile.urls.hooks = text(&urls["hooks"]);
    profile.urls.api = text(&urls["api"]);
    profile.urls.auth = text(&urls["auth"]);
    if let Some(control) = &mut profile.control {
        sandbox.clone_into(&mut control.sandbox);
    }
}

fn parse(description: &Json) -> Result<Profile, StageError> {
    let text = description.to_string();
    let profile = Profile::parse("sandbox profile", &text, &Environment::default());
    let mut profile = profile.map_err(|problems| {
        let lines: Vec<_> = problems
            .iter()
            .map(|it| format!("{}: {}", it.location, it.message))
            .collect();
        StageError::Profile(lines.join("\n"))
    })?;
    // What is documented holds for a sandbox as well: a mock that answers at 30 s must not excuse itself by saying so.
    profile.limits = Limits {
        payload: profile.limits.payload,
        ..Limits::default()
    };
    Ok(profile)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn description(port: u16, secret: &str) -> Json {
        let url = format!("http://127.0.0.1:{port}");
        json!({
            "profile": "a mock",
            "clock": "manual",
            "urls": { "hooks": url, "api": url, "auth": url },
            "control": { "url": "http://127.0.0.1:1", "sandbox": format!("sandbox-{port}") },
            "workspaces": { "main": {} },
            "integrations": { "open": {
                "id": "785cb417-02f3-414a-8ba3-7504acf7befc",
                "workspace": "main",
                "headers": [{ "name": "X-Token", "secret": secret }],
            } },
        })
    }

    #[test]
    fn every_sandbox_has_its_own_addresses_and_whatever_else_it_says() {
        let described = Described::default();
        for (port, secret) in [(4001, "one"), (4002, "one"), (4003, "two"), (4004, "two")] {
            let profile = described.profile(description(port, secret)).expect("it makes sense");
            let fresh = parse(&description(port, secret)).expect("it makes sense");
            assert_eq!(profile.urls, fresh.urls);
            assert_eq!(profile.control, fresh.control);
            assert_eq!(profile.integrations["open"].headers[0].1.expose(), secret);
        }
    }
}
