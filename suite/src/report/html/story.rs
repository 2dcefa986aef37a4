//! The story of a case as data for the page's script: what was sent, what came back, the differences, the plots.
//!
//! Chooses what is shown of many exchanges and turns times into words; draws nothing.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::failure::{came_back, distribution, kind, telling};
use super::super::wire;
use crate::evidence::{Body, Case, Evidence, Exchange, Step, Took};

/// The most exchanges of one step that are shown in full.
const SHOWN: usize = 6;
/// The most characters of a body that are shown; `report.json` has more.
const BODY: usize = 4000;

#[derive(Serialize)]
struct Story<'e> {
    at: String,
    suite: &'e str,
    twin: Option<(&'e str, &'e str)>,
    requirements: &'e [String],
    reason: Option<&'e str>,
    repeats: Option<String>,
    fingerprint: Option<&'e str>,
    seconds: f64,
    facts: &'e BTreeMap<String, String>,
    steps: Vec<Told<'e>>,
}

#[derive(Serialize)]
struct Told<'e> {
    title: &'e str,
    at: String,
    yaml: &'e str,
    differences: Vec<Difference<'e>>,
    doubts: Vec<(&'e str, String)>,
    notes: &'e [String],
    /// Of several exchanges: how many answers of each kind.
    distribution: Option<String>,
    shown: Vec<Shown<'e>>,
    /// How many exchanges are not shown.
    more: usize,
    again: Option<(String, Option<String>)>,
    burst: Option<Burst>,
    window: Option<Window>,
}

#[derive(Serialize)]
struct Difference<'e> {
    part: &'e str,
    at: String,
    expected: &'e str,
    found: &'e str,
}

#[derive(Serialize)]
struct Shown<'e> {
    /// Its number, from 1.
    nth: usize,
    method: &'e str,
    url: &'e str,
    headers: &'e [(String, String)],
    body: Text,
    back: String,
    status: Option<u16>,
    answer: Option<(&'e [(String, String)], Text)>,
}

#[derive(Serialize)]
struct Text {
    text: String,
    /// Said when that is not all of it.
    rest: Option<String>,
}

/// Many answers over time.
#[derive(Serialize)]
struct Burst {
    /// When each was sent and settled, in seconds since the first was sent, and what came: a status or nothing.
    points: Vec<(f64, f64, Option<u16>)>,
    /// At most so many in so many seconds, and the status of a refusal.
    limit: Option<(usize, f64, u16)>,
}

/// When an answer came, and when it had to; seconds since its request was sent.
#[derive(Serialize)]
struct Window {
    after: Option<f64>,
    before: Option<f64>,
    /// Later than the first and not later than the second, as well as it can be known.
    came: (f64, f64),
}

/// One line of JSON.
pub(super) fn story(case: &Case) -> String {
    let repeats = case.repeats.as_ref();
    let story = Story {
        at: format!("{}:{}", case.at.file, case.at.line),
        suite: &case.suite,
        twin: case
            .twin
            .as_ref()
            .map(|twin| (twin.case.as_str(), twin.differs.as_str())),
        requirements: &case.requirements,
        reason: case.reason.as_deref(),
        repeats: repeats.map(|it| format!("{}: {}", it.stability.word(), it.verdicts.counts())),
        fingerprint: case.fingerprint.as_deref(),
        seconds: rounded(case.seconds),
        facts: &case.facts,
        steps: case.steps.iter().map(told).collect(),
    };
    serde_json::to_string(&story).expect("its keys are texts and its numbers are finite")
}

/// What the stories say of requirements, by id.
pub(super) fn requirements(evidence: &Evidence) -> String {
    let requirements: BTreeMap<&str, [&str; 5]> = evidence
        .requirements
        .iter()
        .map(|it| {
            let (grade, source) = (it.grade, &it.source);
            let row = [
                grade.level().word(),
                grade.word(),
                &it.statement,
                &source.page,
                &source.section,
            ];
            (it.id.as_str(), row)
        })
        .collect();
    serde_json::to_string(&requirements).expect("its keys are texts")
}

fn told(step: &Step) -> Told<'_> {
    let several = step.exchanges.len() > 1;
    let shown = chosen(step);
    let again = telling(step).map(|exchange| {
        let again = wire::again(exchange, step.exchanges.len());
        (again.line, again.remark)
    });
    Told {
        title: &step.title,
        at: step.at.to_string(),
        yaml: &step.yaml,
        differences: step.mismatches.iter().map(difference).collect(),
        doubts: step
            .doubts
            .iter()
            .map(|it| (it.reason.as_str(), it.at.to_string()))
            .collect(),
        notes: &step.notes,
        distribution: several.then(|| distribution(&step.exchanges)),
        more: step.exchanges.len() - shown.len(),
        shown: shown
            .into_iter()
            .map(|(nth, exchange)| self::shown(nth, exchange))
            .collect(),
        again,
        burst: burst(step),
        window: window(step),
    }
}

fn difference(mismatch: &crate::evidence::Mismatch) -> Difference<'_> {
    Difference {
        part: &mismatch.part,
        at: mismatch.at.to_string(),
        expected: &mismatch.expected,
        found: &mismatch.found,
    }
}

/// Of many exchanges the one that shows the difference, the first of each kind, and the last.
fn chosen(step: &Step) -> Vec<(usize, &Exchange)> {
    let all = step.exchanges.iter().enumerate();
    if step.exchanges.len() <= 2 {
        return all.map(|(index, exchange)| (index + 1, exchange)).collect();
    }
    let telling = telling(step);
    let mut kinds = Vec::new();
    let last = step.exchanges.len() - 1;
    let chosen = all.filter(|(index, exchange)| {
        let kind = kind(exchange);
        let first = !kinds.contains(&kind);
        kinds.push(kind);
        first || *index == last || telling.is_some_and(|it| std::ptr::eq(it, *exchange))
    });
    chosen
        .map(|(index, exchange)| (index + 1, exchange))
        .take(SHOWN)
        .collect()
}

fn shown(nth: usize, exchange: &Exchange) -> Shown<'_> {
    let request = &exchange.request;
    Shown {
        nth,
        method: &request.method,
        url: &request.url,
        headers: &request.headers,
        body: text(&request.body),
        back: came_back(exchange),
        status: exchange.answer().map(|answer| answer.status),
        answer: exchange
            .answer()
            .map(|answer| (answer.headers.as_slice(), text(&answer.body))),
    }
}

fn text(body: &Body) -> Text {
    let shown: String = body.text.chars().take(BODY).collect();
    let all = body.is_whole() && shown.len() == body.text.len();
    Text {
        rest: (!all).then(|| format!("… {} bytes in all", body.size)),
        text: shown,
    }
}

fn burst(step: &Step) -> Option<Burst> {
    if step.exchanges.len() < 3 && step.limit.is_none() {
        return None;
    }
    let began = step.exchanges.iter().map(|it| it.sent_at).min()?;
    let since = |time: std::time::Duration| rounded(time.saturating_sub(began).as_secs_f64());
    let point = |it: &Exchange| {
        (
            since(it.sent_at),
            since(it.settled_at),
            it.answer().map(|answer| answer.status),
        )
    };
    Some(Burst {
        points: step.exchanges.iter().map(point).collect(),
        limit: step.limit.map(|it| (it.at_most, it.per.as_secs_f64(), it.refused)),
    })
}

fn window(step: &Step) -> Option<Window> {
    let window = step.window?;
    let exchange = step.exchanges.last()?;
    exchange.answer()?;
    let came = match exchange.took {
        Took::Manual { after, by } => (after, by),
        Took::System {
            first_byte, latency, ..
        } => (first_byte.saturating_sub(latency), first_byte),
    };
    let seconds = |time: std::time::Duration| rounded(time.as_secs_f64());
    Some(Window {
        after: window.after.map(seconds),
        before: window.before.map(seconds),
        came: (seconds(came.0), seconds(came.1)),
    })
}

/// To the microsecond: more is noise.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}
