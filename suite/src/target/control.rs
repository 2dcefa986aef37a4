//! A client of a mock's control surface: sandboxes, and clocks that are moved by hand.

use std::time::Duration;

use located_yaml::write_duration;
use serde_json::{Value as Json, json};
use thiserror::Error;

use crate::profile::Secret;

/// How long the surface may take beyond what it was asked to wait.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Speaks to a control surface.
#[derive(Clone, Debug)]
pub struct ControlClient {
    http: reqwest::Client,
    url: String,
    token: Option<Secret>,
}

/// Why the control surface was of no help.
#[derive(Debug, Error)]
pub enum ControlError {
    /// It did not answer.
    #[error("the control surface at {url} does not answer")]
    Unreachable {
        /// Where.
        url: String,
        /// Why.
        #[source]
        reason: reqwest::Error,
    },
    /// It answered, but not as it should.
    #[error("the control surface answered {status} to {what}: {body}")]
    Refused {
        /// What was asked.
        what: String,
        /// Its status.
        status: u16,
        /// What it said.
        body: String,
    },
}

/// A move of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advance {
    /// How far.
    pub by: Duration,
    /// How many calls have to be held before it moves.
    pub held: usize,
    /// Stop as soon as this many were answered; `None`: go all the way.
    pub until_answered: Option<usize>,
}

impl Advance {
    /// All the way, whoever is held.
    #[must_use]
    pub const fn by(by: Duration) -> Self {
        Self {
            by,
            held: 0,
            until_answered: None,
        }
    }
}

/// What a move of the clock did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Nanoseconds since the Unix epoch, afterwards.
    pub now: u64,
    /// How many held calls were answered on the way.
    pub answered: usize,
    /// How many are held still.
    pub held: usize,
}

/// A new sandbox.
#[derive(Clone, Debug)]
pub struct Sandbox {
    /// Its id.
    pub id: String,
    /// Its profile, in the format of a profile file.
    pub profile: Json,
}

impl ControlClient {
    /// A client for the surface at `url`.
    #[must_use]
    pub fn new(http: reqwest::Client, url: &str, token: Option<Secret>) -> Self {
        Self {
            http,
            url: url.trim_end_matches('/').to_owned(),
            token,
        }
    }

    /// Where the surface is.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Makes a sandbox from a configuration, on a manual clock.
    ///
    /// # Errors
    /// When the surface does not, with what it says about the configuration.
    pub async fn create_sandbox(&self, configuration: &str, file: &str) -> Result<Sandbox, ControlError> {
        self.make(&json!({ "config": configuration, "file": file, "clock": "manual" }))
            .await
    }

    /// Makes one like another: the same configuration, the faults that are on there, nothing of what happened in it.
    ///
    /// # Errors
    /// When the surface does not.
    pub async fn create_sandbox_like(&self, sandbox: &str) -> Result<Sandbox, ControlError> {
        self.make(&json!({ "like": sandbox, "clock": "manual" })).await
    }

    async fn make(&self, plan: &Json) -> Result<Sandbox, ControlError> {
        let answer = self.call("POST", "/sandboxes", Some(plan)).await?;
        let id = answer["id"].as_str().unwrap_or_default().to_owned();
        Ok(Sandbox {
            id,
            profile: answer["profile"].clone(),
        })
    }

    /// Throws a sandbox away.
    ///
    /// # Errors
    /// When the surface does not.
    pub async fn delete_sandbox(&self, id: &str) -> Result<(), ControlError> {
        self.call("DELETE", &format!("/sandboxes/{id}"), None).await.map(|_| ())
    }

    /// Makes a sandbox forget everything that happened in it; tells what its clock says, if no call is held there.
    ///
    /// # Errors
    /// When the surface does not.
    pub async fn reset(&self, id: &str) -> Result<Option<u64>, ControlError> {
        let answer = self.call("POST", &format!("/reset?sandbox={id}"), None).await?;
        let clock = &answer["clock"];
        Ok((clock["held"].as_u64() == Some(0)).then(|| nanos(clock)))
    }

    /// The time of a sandbox, in nanoseconds since the Unix epoch.
    ///
    /// # Errors
    /// When the surface does not tell.
    pub async fn now(&self, sandbox: &str) -> Result<u64, ControlError> {
        self.call("GET", &format!("/clock?sandbox={sandbox}"), None)
            .await
            .map(|answer| nanos(&answer))
    }

    /// Moves the clock of a sandbox.
    ///
    /// # Errors
    /// When the surface does not, for one because too few calls are held.
    pub async fn advance(&self, sandbox: &str, advance: Advance) -> Result<Moved, ControlError> {
        let mut body = json!({ "advance": write_duration(advance.by), "when": { "held": advance.held } });
        if let Some(answered) = advance.until_answered {
            body["until"] = json!({ "answered": answered });
        }
        let answer = self
            .call("POST", &format!("/clock?sandbox={sandbox}"), Some(&body))
            .await?;
        let count = |key: &str| usize::try_from(answer[key].as_u64().unwrap_or_default()).unwrap_or_default();
        Ok(Moved {
            now: nanos(&answer),
            answered: count("answered"),
            held: count("held"),
        })
    }

    /// Waits, at most `timeout`, until `held` calls are held; tells whether they are.
    ///
    /// # Errors
    /// When the surface does not answer.
    pub async fn wait_held(&self, sandbox: &str, held: usize, timeout: Duration) -> Result<bool, ControlError> {
        let timeout = write_duration(timeout);
        let answer = self
            .call(
                "GET",
                &format!("/wait?sandbox={sandbox}&held={held}&timeout={timeout}"),
                None,
            )
            .await?;
        Ok(answer["matched"].as_bool().unwrap_or_default())
    }

    async fn call(&self, method: &str, path: &str, body: Option<&Json>) -> Result<Json, ControlError> {
        let url = format!("{}{path}", self.url);
        let unreachable = |reason| ControlError::Unreachable {
            url: self.url.clone(),
            reason,
        };
        let mut request = match method {
            "POST" => self.http.post(&url),
            "DELETE" => self.http.delete(&url),
            _ => self.http.get(&url),
        };
        request = request.timeout(TIMEOUT);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token.expose());
        }
        if let Some(body) = body {
            request = request
                .header("Content-Type", "application/json")
                .body(body.to_string());
        }
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status();
        let text = response.text().await.map_err(unreachable)?;
        if !status.is_success() {
            // A configuration's problems are drawn by the mock; show the drawing, not its JSON.
            let said = serde_json::from_str::<Json>(&text).ok();
            let drawn = said.as_ref().and_then(|it| it["rendered"].as_str()).map(str::to_owned);
            let what = format!("{method} {path}");
            return Err(ControlError::Refused {
                what,
                status: status.as_u16(),
                body: drawn.unwrap_or(text),
            });
        }
        Ok(serde_json::from_str(&text).unwrap_or(Json::Null))
    }
}

/// Written as text, since JSON readers round numbers this large.
fn nanos(answer: &Json) -> u64 {
    answer["now_nanos"]
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}
