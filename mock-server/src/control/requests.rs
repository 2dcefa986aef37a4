//! The routes about single requests and selections of them: the journal as people and programs read it.
//!
//! Shows what the journal shows, and nothing of what it keeps for itself; sending a request again is the data surface's work.

use located_yaml::{did_you_mean, nearest};
use serde_json::json;

use super::Control;
use super::answer::ControlAnswer;
use super::asked::{Answered as Told, Asked, bad, execution_id};
use super::routes::sandbox;
use crate::behaviour::knob::Knob as _;
use crate::edge::service;
use crate::edge::tls::Tls;
use crate::gate::Gate;
use crate::journal::query::Answered;
use crate::journal::{JournalOutcome, JournalQuery, NotKept, ReceivedRequest, curl};
use crate::mistakes;
use crate::route::Endpoint;

/// Everything a selection can be made by.
pub(super) const PARAMETERS: [&str; 13] = [
    "limit",
    "after",
    "gate",
    "outcome",
    "route",
    "method",
    "status",
    "path",
    "contains",
    "execution",
    "mistake",
    "answered",
    "view",
];

pub(super) fn list(control: &Control, asked: &Asked<'_>) -> Told {
    let sandbox = sandbox(control, asked)?;
    let query = query(asked)?;
    let shown: fn(&ReceivedRequest) -> serde_json::Value = match asked.query.get("view").map(String::as_str) {
        None | Some("full") => ReceivedRequest::to_json,
        Some("summary") => ReceivedRequest::to_summary,
        Some(other) => return Err(bad(format!("the view `{other}` is neither `full` nor `summary`"))),
    };
    let mut page = sandbox.world.app().journal(&query);
    let base_url = sandbox.base_url(asked.called);
    for request in &mut page.requests {
        request.suggest_below(&base_url);
    }
    Ok(ControlAnswer::ok(&json!({
        "requests": page.requests.iter().map(shown).collect::<Vec<_>>(),
        "matching": page.matching,
        "received": page.received,
        "evicted": page.evicted,
    })))
}

/// What is asked for.
fn query(asked: &Asked<'_>) -> Result<JournalQuery, ControlAnswer> {
    let given = |key: &str| asked.query.get(key).map(String::as_str);
    let gate = given("gate").map(|word| {
        Gate::named(word).ok_or_else(|| {
            let hint = did_you_mean(word, Gate::ALL.iter().map(|(known, _)| *known)).unwrap_or_default();
            bad(format!("there is no gate `{word}`; {hint}"))
        })
    });
    let outcome = given("outcome").map(|word| {
        let named = JournalOutcome::named(word);
        named.ok_or_else(|| bad(format!("`{word}` is neither `accepted` nor `refused`")))
    });
    let endpoint = given("route").map(|word| {
        let named = Endpoint::ALL.iter().find(|(known, _)| *known == word);
        let named = named.map(|(_, endpoint)| *endpoint);
        named.ok_or_else(|| bad(format!("there is no route `{word}`; they are {}", Endpoint::accepts())))
    });
    let mistake = given("mistake").map(|word| {
        let known = mistakes::is_known(word).then(|| word.to_owned());
        known.ok_or_else(|| {
            let hint = nearest(word, mistakes::MISTAKES).map_or_else(
                || "the entries of refused requests have their `mistakes`".to_owned(),
                |known| format!("did you mean `{known}`?"),
            );
            bad(format!("there is no mistake `{word}`; {hint}"))
        })
    });
    let answered = given("answered").map(|word| match word {
        "yes" => Ok(Answered::Yes),
        "no" => Ok(Answered::NotYet),
        other => Err(bad(format!("`answered={other}` is neither `yes` nor `no`"))),
    });
    Ok(JournalQuery {
        limit: asked.number("limit")?,
        after: asked.number("after")?,
        gate: gate.transpose()?,
        outcome: outcome.transpose()?,
        endpoint: endpoint.transpose()?,
        method: given("method").map(str::to_uppercase),
        status: asked.number("status")?,
        path: given("path").map(str::to_owned),
        contains: given("contains").map(str::to_owned),
        execution: given("execution").map(execution_id).transpose()?,
        mistake: mistake.transpose()?,
        answered: answered.transpose()?,
    })
}

pub(super) fn one(control: &Control, asked: &Asked<'_>, number: &str) -> Told {
    let sandbox = sandbox(control, asked)?;
    let number = sequence(number)?;
    let detail = sandbox.world.app().request(number);
    let mut detail = detail.ok_or_else(|| not_kept(NotKept::Unknown))?;
    let base_url = sandbox.base_url(asked.called);
    detail.request.suggest_below(&base_url);
    let mut shown = detail.request.to_json();
    shown["event"] = json!(detail.event);
    shown["curl"] = json!(curl::command(&detail.request, (&base_url, trust(control))));
    Ok(ControlAnswer::ok(&shown))
}

fn trust(control: &Control) -> curl::Trust {
    match control.common.tls.as_ref().and_then(Tls::authority) {
        Some(_) => curl::Trust::MadeHere,
        None => curl::Trust::Usual,
    }
}

pub(super) fn replay(control: &Control, asked: &Asked<'_>, number: &str) -> Told {
    let sandbox = sandbox(control, asked)?;
    let world = &sandbox.world;
    let (original, inbound) = world.app().recorded(sequence(number)?).map_err(not_kept)?;
    let key = service::replay(world, (original, &inbound));
    let request = world.app().request_at(key);
    let request = request.ok_or_else(|| ControlAnswer::error(409, "the journal was emptied meanwhile"))?;
    Ok(ControlAnswer::json(201, &request.to_summary()))
}

fn not_kept(why: NotKept) -> ControlAnswer {
    let status = match why {
        NotKept::Unknown => 404,
        NotKept::NoHead | NotKept::LargeBody | NotKept::OverLimit => 409,
    };
    ControlAnswer::error(status, why.to_string())
}

fn sequence(text: &str) -> Result<u64, ControlAnswer> {
    let number = text.parse();
    number.map_err(|_| {
        bad(format!(
            "`{text}` is no number of a request; it is the `seq` of GET /requests"
        ))
    })
}
