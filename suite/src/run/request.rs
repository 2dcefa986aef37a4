//! From a step's request to the bytes that go out: URL, headers and body.
//!
//! Builds; sends nothing.

use bytes::Bytes;
use data_encoding::BASE64;
use serde_json::{Map, Value as Json};
use thiserror::Error;

use super::sign;
use super::values::{self, MissingFixture};
use crate::expression::{EvalError, Value, Values};
use crate::profile::{Integration, Profile};
use crate::spec::model::{
    Basic, Body, ContentType, Destination, Framing, IdRef, Mode, RawBytes, SecretUse, Send, SignatureUse, SurfaceName,
    Template, Text, WorkflowRef, WrongSecret,
};

/// A request ready to go out.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    /// The method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The headers in order, without `Host` and those about the body's length.
    pub headers: Vec<(String, String)>,
    /// The body; `None`: none at all.
    pub body: Option<Bytes>,
    /// How its length is told.
    pub framing: Framing,
    /// Who carries it.
    pub carrier: Carrier,
}

/// Who carries a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// An ordinary HTTP client.
    Client,
    /// Our own writer, which keeps headers exactly and reads while it writes.
    Wire,
}

/// Why a request cannot be built.
#[derive(Clone, Debug, Error)]
pub enum BuildError {
    /// The profile lacks something the case needs.
    #[error(transparent)]
    Missing(#[from] MissingFixture),
    /// An expression has no value.
    #[error(transparent)]
    Value(#[from] EvalError),
    /// A generated body does not fit its size.
    #[error("a generated body of {bytes} bytes is too small for its event, which takes {event}")]
    TooSmall {
        /// Asked for.
        bytes: u64,
        /// Taken by the event alone.
        event: usize,
    },
}

/// What a request is built from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Builder<'p> {
    /// The deployment.
    pub profile: &'p Profile,
    /// The values of the case's names.
    pub values: &'p Values,
    /// The target's time in seconds since the Unix epoch, for signatures over a time.
    pub now: u64,
}

/// The asynchronous URL of a workflow fixture.
///
/// # Errors
/// When the profile has no such workflow, or not its integration.
pub(crate) fn trigger_url(profile: &Profile, name: &str) -> Result<String, MissingFixture> {
    let workflow = profile.workflows.get(name).ok_or_else(|| missing("workflow", name))?;
    let integration = profile.integrations.get(&workflow.integration);
    let integration = integration.ok_or_else(|| missing("integration", &workflow.integration))?;
    let (hooks, integration, workflow) = (&profile.urls.hooks, &integration.id, &workflow.id);
    Ok(format!("{hooks}/v1/webhooks/{integration}/workflows/{workflow}"))
}

impl Builder<'_> {
    /// Builds `send`, with `bearer` as its token.
    ///
    /// # Errors
    /// When a fixture or a value is missing, or a generated body cannot have its size.
    pub(crate) fn build(&self, send: &Send, bearer: Option<&str>) -> Result<Prepared, BuildError> {
        let (body, framing) = self.body(&send.body)?;
        let mut headers = Vec::new();
        let content_type = match &send.content_type {
            ContentType::Implied => implied_type(&send.body).map(str::to_owned),
            ContentType::Absent => None,
            ContentType::Given(text) => Some(self.text(text)?),
        };
        headers.extend(content_type.map(|value| ("Content-Type".to_owned(), value)));
        if let Destination::Trigger {
            credentials: Some(name),
            ..
        } = &send.to
        {
            let integration = self.integration(name)?;
            self.secrets(&send.secret, integration, &mut headers)?;
            self.signature(
                &send.signature,
                integration,
                body.as_deref().unwrap_or_default(),
                &mut headers,
            )?;
        }
        if matches!(send.to, Destination::Execution { .. }) {
            headers.push(("Accept".to_owned(), "application/json".to_owned()));
        }
        headers.extend(bearer.map(|token| ("Authorization".to_owned(), format!("Bearer {token}"))));
        if let Some(basic) = &send.basic {
            let credentials = self.basic(basic, &send.to)?;
            headers.push((
                "Authorization".to_owned(),
                format!("Basic {}", BASE64.encode(credentials.as_bytes())),
            ));
        }
        let mut exact = false;
        for line in &send.headers {
            headers.retain(|(name, _)| !name.eq_ignore_ascii_case(&line.name));
            exact |= line.values.len() > 1 || line.name.eq_ignore_ascii_case("accept");
            for value in &line.values {
                headers.push((line.name.clone(), self.text(value)?));
            }
        }
        let generated = matches!(send.body, Body::Generated { .. });
        Ok(Prepared {
            method: self.text(&send.method)?,
            url: self.url(send)?,
            headers,
            body,
            framing,
            carrier: if exact || generated {
                Carrier::Wire
            } else {
                Carrier::Client
            },
        })
    }

    fn url(&self, send: &Send) -> Result<String, BuildError> {
        let (surface, path) = match &send.to {
            Destination::Trigger {
                mode,
                integration,
                workflow,
                ..
            } => {
                let mut path = format!("/v1/webhooks/{}", self.integration_id(integration)?);
                if let Some(workflow) = workflow {
                    path.push_str("/workflows/");
                    path.push_str(&self.workflow_id(workflow)?);
                }
                if *mode == Mode::Sync {
                    path.push_str("/sync");
                }
                (SurfaceName::Hooks, path)
            }
            Destination::Execution { id, .. } => (
                SurfaceName::Api,
                format!("/public/v1alpha/executions/{}", self.text(id)?),
            ),
            Destination::Path { surface, path, .. } => (*surface, self.text(path)?),
        };
        let mut url = format!("{}{path}", values::base(&self.profile.urls, surface));
        if let Some(suffix) = &send.path_suffix {
            url.push_str(&self.text(suffix)?);
        }
        if !send.query.is_empty() {
            let mut query = form_urlencoded::Serializer::new(String::new());
            for (name, value) in &send.query {
                query.append_pair(&self.text(name)?, &self.text(value)?);
            }
            url.push('?');
            url.push_str(&query.finish());
        }
        Ok(url)
    }

    fn integration(&self, name: &str) -> Result<&Integration, MissingFixture> {
        self.profile
            .integrations
            .get(name)
            .ok_or_else(|| missing("integration", name))
    }

    fn integration_id(&self, id: &IdRef) -> Result<String, BuildError> {
        match id {
            IdRef::Fixture(name) => Ok(self.integration(name)?.id.clone()),
            IdRef::Given(text) => self.text(text),
        }
    }

    fn workflow_id(&self, workflow: &WorkflowRef) -> Result<String, BuildError> {
        match workflow {
            WorkflowRef::Given(text) => self.text(text),
            WorkflowRef::Fixture { name, shared_into } => {
                let workflow = self
                    .profile
                    .workflows
                    .get(name)
                    .ok_or_else(|| missing("workflow", name))?;
                match shared_into {
                    None => Ok(workflow.id.clone()),
                    Some(workspace) => {
                        let shared = workflow.shared_into.get(workspace);
                        Ok(shared
                            .ok_or_else(|| missing("workflow shared into", workspace))?
                            .clone())
                    }
                }
            }
        }
    }

    fn body(&self, body: &Body) -> Result<(Option<Bytes>, Framing), BuildError> {
        let bytes: Vec<u8> = match body {
            Body::None => return Ok((None, Framing::Declared)),
            Body::Empty => Vec::new(),
            Body::Json(template) => template.eval(self.values)?.to_string().into_bytes(),
            Body::Form(pairs) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, value) in pairs {
                    form.append_pair(&self.text(name)?, &self.text(value)?);
                }
                form.finish().into_bytes()
            }
            Body::Xml(text) | Body::Text(text) => self.text(text)?.into_bytes(),
            Body::Generated { bytes, framing, event } => {
                let size = bytes.eval(self.values)?.as_count()?;
                return Ok((Some(self.generated(size, event.as_ref())?), *framing));
            }
        };
        Ok((Some(bytes.into()), Framing::Declared))
    }

    /// A JSON object of exactly `bytes` bytes: the event's keys, and padding.
    fn generated(&self, bytes: u64, event: Option<&Template>) -> Result<Bytes, BuildError> {
        let mut object = match event.map(|event| event.eval(self.values)).transpose()? {
            Some(Json::Object(object)) => object,
            Some(_) | None => Map::new(),
        };
        object.insert("padding".to_owned(), Json::from(""));
        let bare = Json::Object(object.clone()).to_string().len();
        let size = usize::try_from(bytes).unwrap_or(usize::MAX);
        let Some(padding) = size.checked_sub(bare) else {
            return Err(BuildError::TooSmall { bytes, event: bare });
        };
        object.insert("padding".to_owned(), Json::from("x".repeat(padding)));
        Ok(Json::Object(object).to_string().into())
    }

    fn secrets(
        &self,
        secret: &SecretUse,
        integration: &Integration,
        headers: &mut Vec<(String, String)>,
    ) -> Result<(), BuildError> {
        for (name, right) in &integration.headers {
            let right = right.expose();
            let line = match secret {
                SecretUse::Right => (name.clone(), right.to_owned()),
                SecretUse::Missing => continue,
                SecretUse::Wrong(WrongSecret::Misnamed) => (format!("{name}-Other"), right.to_owned()),
                SecretUse::Wrong(wrong) => (name.clone(), sign::wrong_secret(*wrong, right)),
                SecretUse::Value(text) => (name.clone(), self.text(text)?),
            };
            headers.push(line);
        }
        Ok(())
    }

    fn signature(
        &self,
        signature: &SignatureUse,
        integration: &Integration,
        body: &[u8],
        headers: &mut Vec<(String, String)>,
    ) -> Result<(), BuildError> {
        let Some(hmac) = &integration.hmac else { return Ok(()) };
        let now = self.now.to_string();
        let timestamp = hmac.timestamp_header.as_ref().map(|_| now.as_str());
        let value = match signature {
            SignatureUse::Right => sign::signature(hmac, body, timestamp),
            SignatureUse::Missing => return Ok(()),
            SignatureUse::Wrong(wrong) => sign::wrong_signature(hmac, *wrong, body, timestamp),
            SignatureUse::Value(text) => self.text(text)?,
        };
        headers.extend(hmac.timestamp_header.as_ref().map(|name| (name.clone(), now.clone())));
        headers.push((hmac.header.clone(), value));
        Ok(())
    }

    fn basic(&self, basic: &Basic, to: &Destination) -> Result<String, BuildError> {
        match basic {
            Basic::Given { id, secret } => Ok(format!("{}:{}", self.text(id)?, self.text(secret)?)),
            Basic::Client(name) => {
                let workspace = workspace_of(to).unwrap_or_default();
                let client = client(self.profile, workspace, Some(name))?;
                Ok(format!("{}:{}", client.id.expose(), client.secret.expose()))
            }
        }
    }

    fn text(&self, text: &Text) -> Result<String, BuildError> {
        Ok(text.eval(self.values).map(|value: Value| value.to_text())?)
    }
}

/// What a raw step writes.
///
/// # Errors
/// When a value is missing.
pub(crate) fn raw_text(raw: &RawBytes, values: &Values) -> Result<String, EvalError> {
    raw.bytes.eval(values).map(|value| value.to_text())
}

/// The client of a workspace by name, or its first.
///
/// # Errors
/// When the profile has no such workspace or client.
pub(crate) fn client<'p>(
    profile: &'p Profile,
    workspace: &str,
    name: Option<&str>,
) -> Result<&'p crate::profile::Client, MissingFixture> {
    let clients = &profile
        .workspaces
        .get(workspace)
        .ok_or_else(|| missing("workspace", workspace))?
        .clients;
    let found = match name {
        Some(name) => clients.iter().find(|(it, _)| it == name),
        None => clients.first(),
    };
    found
        .map(|(_, client)| client)
        .ok_or_else(|| missing("client", name.unwrap_or(workspace)))
}

/// The workspace on whose behalf a request is made.
#[must_use]
pub(crate) fn workspace_of(to: &Destination) -> Option<&str> {
    match to {
        Destination::Trigger { .. } => None,
        Destination::Execution { workspace, .. } | Destination::Path { workspace, .. } => Some(workspace),
    }
}

fn missing(kind: &'static str, name: &str) -> MissingFixture {
    MissingFixture {
        kind,
        name: name.to_owned(),
    }
}

const fn implied_type(body: &Body) -> Option<&'static str> {
    match body {
        Body::None | Body::Empty => None,
        Body::Json(_) | Body::Generated { .. } => Some("application/json"),
        Body::Form(_) => Some("application/x-www-form-urlencoded"),
        Body::Xml(_) => Some("application/xml"),
        Body::Text(_) => Some("text/plain"),
    }
}
