//! The three trigger URLs: who is refused, what is started, and when a synchronous caller is answered.
//!
//! The order of the checks, and every answer nobody publishes, is another one than the mock's.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value as Json, json};
use sha2::Sha512;

use super::http::{Answer, Request};
use super::workflow::{follow, holds};
use super::world::{Execution, Happening, Integration, SYNC_TIMEOUT, State, World};
use super::{event, refusal};

/// Stands for an event that the trigger condition rejects until it is known who is told; nobody is answered so.
const NOT_EXECUTED: u16 = 0;

/// What became of a call.
pub(super) enum Called {
    /// An answer at once.
    Answered(Answer),
    /// An answer when the time has come.
    Due(u64, Answer),
}

impl From<Answer> for Called {
    fn from(answer: Answer) -> Self {
        Self::Answered(answer)
    }
}

/// Answers what follows `/v1/webhooks/`.
pub(super) fn call(world: &World, path: &str, request: &Request) -> Called {
    let parts: Vec<_> = path.split('/').collect();
    match parts.as_slice() {
        [integration] if !integration.is_empty() => plain(world, integration, request).into(),
        [integration, "workflows", workflow, rest @ ..] if !integration.is_empty() && !workflow.is_empty() => {
            match rest {
                [] => extended(world, (integration, workflow), request, false),
                ["sync"] => extended(world, (integration, workflow), request, true),
                _ => refusal(400, "nothing is here").into(),
            }
        }
        _ => refusal(400, "nothing is here").into(),
    }
}

/// Only lower-case letters will do.
pub(super) fn is_id(text: &str) -> bool {
    let shape = [8, 4, 4, 4, 12];
    let parts: Vec<_> = text.split('-').collect();
    let digits = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    parts.iter().map(|part| part.len()).eq(shape) && parts.iter().all(|part| digits(part))
}

fn integration<'w>(world: &'w World, id: &str) -> Result<&'w Integration, Answer> {
    if !is_id(id) {
        return Err(refusal(400, "Invalid integration ID"));
    }
    let found = world.integrations.iter().find(|it| it.id == id);
    found.ok_or_else(|| refusal(404, "Integration not found"))
}

/// What every caller of an integration has to have, and the event.
fn admit(integration: &Integration, request: &Request) -> Result<Json, Answer> {
    if !["POST", "GET", "OPTIONS"].contains(&request.method.as_str()) {
        return Err(refusal(501, "no such method"));
    }
    if request.over_limit {
        return Err(refusal(413, "Payload is too large"));
    }
    if !integration
        .signing
        .as_ref()
        .is_none_or(|secret| is_signed(request, secret))
    {
        return Err(refusal(401, "Invalid HMAC signature"));
    }
    // A browser's preflight carries no secret, and one of several is enough.
    let carries = |(name, secret): &(String, String)| request.header(name).any(|value| value == secret);
    let demands = request.method != "OPTIONS" && !integration.headers.is_empty();
    if demands && !integration.headers.iter().any(carries) {
        return Err(refusal(400, "Invalid header"));
    }
    event::of(request, integration.raw).ok_or_else(|| refusal(422, "this is no event"))
}

fn is_signed(request: &Request, secret: &str) -> bool {
    let mut mac = Hmac::<Sha512>::new_from_slice(secret.as_bytes()).expect("any key will do");
    mac.update(&request.body);
    let right = BASE64.encode(&mac.finalize().into_bytes());
    request.header("x-signed-by-sender").any(|value| value == right)
}

/// The plain URL takes everything, as often as it comes, and says nothing; what it would refuse starts nothing.
fn plain(world: &World, id: &str, request: &Request) -> Answer {
    let taken = Answer::new(200, "text/plain", "");
    let Ok(integration) = integration(world, id) else {
        return taken;
    };
    let Ok(event) = admit(integration, request) else {
        return taken;
    };
    let mut state = world.lock();
    let mut started = false;
    for (index, workflow) in world.workflows.iter().enumerate() {
        let runs = workflow.integration == integration.name && can_run(&workflow.definition);
        if runs && accepts(&workflow.definition, &event) {
            start(world, &mut state, index, &event);
            started = true;
        }
    }
    if !started {
        note_nothing(world, &mut state, (integration, event));
    }
    taken
}

/// An event that started nothing is told in the log as well.
fn note_nothing(world: &World, state: &mut State, (integration, event): (&Integration, Json)) {
    let workspace = world.profile["integrations"][&integration.name]["workspace"].as_str();
    let at = state.now;
    state.log.push(Happening {
        workspace: workspace.unwrap_or_default().to_owned(),
        at,
        workflow: None,
        execution: None,
        kind: "received",
        event,
    });
}

fn can_run(definition: &Json) -> bool {
    definition.get("published").is_some() && definition["enabled"] != false
}

fn accepts(definition: &Json, event: &Json) -> bool {
    definition
        .get("condition")
        .is_none_or(|condition| holds(condition, event))
}

fn start(world: &World, state: &mut State, workflow: usize, event: &Json) -> Execution {
    let definition = &world.workflows[workflow].definition;
    let execution = world.start(state, workflow, follow(&definition["published"], event));
    for kind in ["run", "step"] {
        state.log.push(Happening {
            workspace: execution.workspace.clone(),
            at: execution.created,
            workflow: Some(world.workflows[workflow].ids[0].clone()),
            execution: Some(execution.id.clone()),
            kind,
            event: event.clone(),
        });
    }
    execution
}

fn extended(world: &World, ids: (&str, &str), request: &Request, sync: bool) -> Called {
    let begun = begin(world, ids, request);
    if let (Ok((_, execution)), true) = (&begun, sync) {
        world.lock().waits_for(&execution.id);
    }
    match begun {
        // A synchronous caller whose event was rejected has no output to get.
        Err(refused) if sync && refused.status == NOT_EXECUTED => Answer::new(200, "application/json", "{}").into(),
        Err(refused) if refused.status == NOT_EXECUTED => refusal(404, "Execution not found").into(),
        Err(refused) => refused.into(),
        Ok((_, execution)) if !sync => {
            let body = json!({ "status": "ok", "execution_id": execution.id });
            Answer::new(200, "application/json", body.to_string()).into()
        }
        Ok((called, execution)) if execution.ends - called > SYNC_TIMEOUT => {
            let body = json!({ "state": "Execution is in progress", "see": [execution.id] });
            Called::Due(
                called + SYNC_TIMEOUT,
                Answer::new(201, "application/json", body.to_string()),
            )
        }
        Ok((_, execution)) => {
            let answer = execution.ending.as_ref().and_then(super::workflow::Ending::answer);
            Called::Due(
                execution.ends,
                answer.unwrap_or_else(|| refusal(502, "there is no output")),
            )
        }
    }
}

/// Starts one workflow; also tells when.
fn begin(
    world: &World,
    (integration_id, workflow_id): (&str, &str),
    request: &Request,
) -> Result<(u64, Execution), Answer> {
    let integration = integration(world, integration_id)?;
    if !is_id(workflow_id) {
        return Err(refusal(400, "Invalid workflow ID"));
    }
    let index = world
        .workflows
        .iter()
        .position(|it| it.ids.iter().any(|id| id == workflow_id));
    let index = index.ok_or_else(|| refusal(404, "Workflow not found"))?;
    let workflow = &world.workflows[index];
    if workflow.integration != integration.name {
        return Err(refusal(400, "Invalid workflow ID"));
    }
    if workflow.definition["enabled"] == false {
        return Err(refusal(403, "switched off"));
    }
    if !can_run(&workflow.definition) {
        return Err(refusal(404, "Workflow not found"));
    }
    let event = admit(integration, request)?;
    let mut state = world.lock();
    // A rejected event counts, and its caller is told at once.
    if !state.take_start(&integration.name) {
        return Err(refusal(429, "Rate limit exceeded"));
    }
    if !accepts(&workflow.definition, &event) {
        note_nothing(world, &mut state, (integration, event));
        return Err(refusal(NOT_EXECUTED, "Execution not found"));
    }
    let execution = start(world, &mut state, index, &event);
    Ok((state.now, execution))
}
