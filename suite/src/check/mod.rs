//! Comparing what happened with what was expected.
//!
//! Pure: exchanges in, findings out. Touches no network, no file and no clock, so that a stored run can be judged again.

mod burst;
mod distribution;
mod excerpt;
mod extract;
mod matching;
mod mismatch;
mod timing;

use located_yaml::Location;
use serde_json::Value as Json;

pub use burst::Limit;
pub use extract::{extract, fact_text};
pub use mismatch::{Doubt, Findings, Mismatch, Part};
pub use timing::Bounds;

use crate::attempt::{Answer, Exchange, Outcome, Unanswered};
use crate::expression::{EvalError, Values};
use crate::spec::model::{BurstLimit, Expectation, Fact, FactSource, Located, Matcher, Window};

/// Compares one exchange with an expectation.
///
/// # Errors
/// When an expression of the expectation has no value, which is our own mistake and nobody else's.
pub fn check(expectation: &Expectation, exchange: &Exchange, values: &Values) -> Result<Findings, EvalError> {
    match &exchange.outcome {
        Outcome::Answered(answer) => one_answer(expectation, answer, exchange, values),
        Outcome::Unanswered(why) => {
            let part = if expectation.answered.is_some() {
                Part::Time
            } else {
                Part::Answer
            };
            Ok(no_answer(why, part, &expectation.at))
        }
    }
}

/// What it means that no answer came: a deployment may be late or speak nonsense; everything else could not be told.
fn no_answer(why: &Unanswered, part: Part, at: &Location) -> Findings {
    let mut findings = Findings::default();
    match why {
        Unanswered::OutOfPatience => findings.differs(part, "an answer in the time allowed", "no answer", at),
        Unanswered::Unfinished { began, gave_up } => {
            let (began, gave_up) = (timing::seconds(*began), timing::seconds(*gave_up));
            findings.doubt(
                format!("the answer began after {began} and had not ended after {gave_up}"),
                at,
            );
        }
        Unanswered::NotHttp(what) => findings.differs(Part::Answer, "an HTTP answer", what.clone(), at),
        Unanswered::NoConnection(reason) => findings.doubt(format!("no connection: {reason}"), at),
        Unanswered::ConnectionLost(reason) => {
            findings.doubt(format!("the connection closed before an answer: {reason}"), at);
        }
    }
    findings
}

fn one_answer(
    expectation: &Expectation,
    answer: &Answer,
    exchange: &Exchange,
    values: &Values,
) -> Result<Findings, EvalError> {
    let mut findings = Findings::default();
    if let Some(status) = &expectation.status {
        let found = Json::from(answer.status);
        compare(&mut findings, &Part::Status, status, Some(&found), values)?;
    }
    for (name, matcher) in &expectation.headers {
        header(&mut findings, name, matcher, answer, values)?;
    }
    if let Some(body) = &expectation.body {
        let found = Json::from(answer.body.text());
        compare(&mut findings, &Part::Body, body, Some(&found), values)?;
    }
    if !expectation.json.is_empty() {
        json(&mut findings, expectation, answer, values)?;
    }
    if let Some(window) = &expectation.answered {
        let bounds = bounds(&window.value, values)?;
        findings.absorb(timing::judge(bounds, exchange.took, &window.at));
    }
    if !expectation.any_of.is_empty() {
        any_of(&mut findings, expectation, exchange, values)?;
    }
    if let Some(not) = &expectation.not {
        let inner = check(not, exchange, values)?;
        if inner.is_clean() {
            findings.differs(Part::Answer, "not what is described here", "just that", &not.at);
        }
    }
    Ok(findings)
}

fn any_of(
    findings: &mut Findings,
    expectation: &Expectation,
    exchange: &Exchange,
    values: &Values,
) -> Result<(), EvalError> {
    let mut nearest: Option<Findings> = None;
    for choice in &expectation.any_of {
        let found = check(choice, exchange, values)?;
        if found.is_clean() {
            findings.notes.extend(found.notes);
            return Ok(());
        }
        if nearest
            .as_ref()
            .is_none_or(|nearest| found.mismatches.len() < nearest.mismatches.len())
        {
            nearest = Some(found);
        }
    }
    // The choice with the fewest differences is the one the deployment most likely meant.
    findings.absorb(nearest.unwrap_or_default());
    Ok(())
}

fn compare(
    findings: &mut Findings,
    part: &Part,
    matcher: &Located<Matcher>,
    found: Option<&Json>,
    values: &Values,
) -> Result<(), EvalError> {
    for difference in matching::matches(&matcher.value, found, values)? {
        findings.differs(part.clone(), difference.expected, difference.found, &matcher.at);
    }
    Ok(())
}

/// A header's values: joined by a comma and a space, or one by one for `each` and `some`.
fn header(
    findings: &mut Findings,
    name: &str,
    matcher: &Located<Matcher>,
    answer: &Answer,
    values: &Values,
) -> Result<(), EvalError> {
    let found: Vec<&str> = answer.header(name).collect();
    let found = match &matcher.value {
        Matcher::Each(_) | Matcher::Some(_) => (!found.is_empty()).then(|| Json::from(found)),
        _ => (!found.is_empty()).then(|| Json::from(found.join(", "))),
    };
    compare(
        findings,
        &Part::Header(name.to_owned()),
        matcher,
        found.as_ref(),
        values,
    )
}

fn json(findings: &mut Findings, expectation: &Expectation, answer: &Answer, values: &Values) -> Result<(), EvalError> {
    let Some(body) = answer.body.json() else {
        let found = excerpt::shown(Some(&Json::from(answer.body.text())));
        findings.differs(Part::Body, "JSON", found, &expectation.json[0].at);
        return Ok(());
    };
    for check in &expectation.json {
        let located = check.path.query_located(&body);
        let nodes: Vec<(String, &Json)> = located
            .iter()
            .map(|node| (place(&node.location().to_string()), node.node()))
            .collect();
        let differ = |findings: &mut Findings, place: &str, found: Option<&Json>| -> Result<(), EvalError> {
            for difference in matching::matches(&check.matcher, found, values)? {
                let part = Part::Json(format!("{place}{}", difference.place));
                findings.differs(part, difference.expected, difference.found, &check.at);
            }
            Ok(())
        };
        match (&check.matcher, nodes.as_slice()) {
            (_, []) => differ(findings, &check.text, None)?,
            (Matcher::Some(_), [_, _, ..]) => {
                let all = Json::Array(nodes.iter().map(|(_, node)| (*node).clone()).collect());
                differ(findings, &check.text, Some(&all))?;
            }
            (_, nodes) => {
                for (place, node) in nodes {
                    differ(findings, place, Some(node))?;
                }
            }
        }
    }
    Ok(())
}

/// A normalised path in the shorter form people write.
fn place(normalised: &str) -> String {
    let mut out = String::new();
    let mut rest = normalised;
    while let Some(start) = rest.find("['") {
        let Some(end) = rest[start + 2..].find("']") else { break };
        let name = &rest[start + 2..start + 2 + end];
        out.push_str(&rest[..start]);
        if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            out.push('.');
            out.push_str(name);
        } else {
            out.push_str(&rest[start..start + end + 4]);
        }
        rest = &rest[start + end + 4..];
    }
    out.push_str(rest);
    out
}

/// The ends of a window, evaluated.
///
/// # Errors
/// When one has no value.
pub fn bounds(window: &Window, values: &Values) -> Result<Bounds, EvalError> {
    let end = |end: &Option<crate::expression::Expression>| {
        end.as_ref()
            .map(|end| end.eval(values).and_then(|value| value.as_duration()))
            .transpose()
    };
    Ok(Bounds {
        after: end(&window.after)?,
        before: end(&window.before)?,
    })
}

/// A rate limit, evaluated.
///
/// # Errors
/// When an expression of it has no value.
pub fn rate(limit: &BurstLimit, values: &Values) -> Result<Limit, EvalError> {
    let at_most = limit.at_most.eval(values)?.as_count()?;
    Ok(Limit {
        at_most: usize::try_from(at_most).unwrap_or(usize::MAX),
        per: limit.per.eval(values)?.as_duration()?,
        refused: limit.refused,
    })
}

/// Compares the exchanges of a burst with an expectation.
///
/// # Errors
/// When an expression of the expectation has no value.
pub fn check_burst(expectation: &Expectation, exchanges: &[Exchange], values: &Values) -> Result<Findings, EvalError> {
    let mut findings = Findings::default();
    for exchange in exchanges {
        if let Outcome::Unanswered(why) = &exchange.outcome {
            findings.absorb(no_answer(why, Part::Answer, &expectation.at));
        }
    }
    findings.doubts.dedup();
    if let Some(answers) = &expectation.answers {
        findings.absorb(distribution::judge(answers, exchanges, values)?);
    }
    if let Some(limit) = &expectation.limit {
        findings.absorb(burst::judge(rate(&limit.value, values)?, exchanges, &limit.at));
    }
    for (status, each) in &expectation.each {
        for (index, exchange) in exchanges.iter().enumerate() {
            let fits = exchange
                .answer()
                .is_some_and(|answer| status.is_none_or(|status| answer.status == status));
            if !fits {
                continue;
            }
            let mut one = check(each, exchange, values)?;
            for mismatch in &mut one.mismatches {
                mismatch.part = Part::Nth(index + 1, Box::new(mismatch.part.clone()));
            }
            findings.absorb(one);
        }
    }
    Ok(findings)
}

/// What a fact comes to for one exchange; nothing when there was no answer to take it from.
///
/// # Errors
/// When an expression in one of its choices has no value.
pub fn observe(fact: &Fact, exchange: &Exchange, values: &Values) -> Result<Option<String>, EvalError> {
    let Some(answer) = exchange.answer() else {
        return Ok(None);
    };
    match &fact.source {
        FactSource::Value(from) => Ok(Some(
            extract(from, answer).map_or_else(|| "none".to_owned(), |value| fact_text(&value)),
        )),
        FactSource::Choices(choices) => {
            for (name, expectation) in choices {
                if check(expectation, exchange, values)?.is_clean() {
                    return Ok(Some(name.clone()));
                }
            }
            Ok(Some(format!("other (status {})", answer.status)))
        }
        // One answer shows no limiter; specs have this of bursts only.
        FactSource::Limiter(_) => Ok(None),
    }
}

/// What a fact comes to for the exchanges of a burst.
///
/// # Errors
/// When an expression in one of its choices has no value.
pub fn observe_burst(fact: &Fact, exchanges: &[Exchange], values: &Values) -> Result<Option<String>, EvalError> {
    match &fact.source {
        FactSource::Choices(choices) => {
            for (name, expectation) in choices {
                if check_burst(expectation, exchanges, values)?.is_clean() {
                    return Ok(Some(name.clone()));
                }
            }
            Ok(Some("other".to_owned()))
        }
        FactSource::Limiter(limit) => Ok(Some(burst::infer(rate(limit, values)?, exchanges))),
        // Of many answers the last one speaks: it is the one the limit met.
        FactSource::Value(_) => exchanges
            .last()
            .map_or(Ok(None), |exchange| observe(fact, exchange, values)),
    }
}

/// An expectation nobody wrote: that there is an answer at all.
#[must_use]
pub fn check_answered(exchange: &Exchange, at: &Location) -> Findings {
    match &exchange.outcome {
        Outcome::Answered(_) => Findings::default(),
        Outcome::Unanswered(why) => no_answer(why, Part::Answer, at),
    }
}

#[cfg(test)]
mod tests;
