//! What unit tests of several modules build on: a case with nothing to say, a step that came to something,
//! and an exchange.
//!
//! For tests alone; it decides nothing. A test names what it is about and takes the rest from here.

use std::collections::BTreeMap;
use std::time::Duration;

use located_yaml::Location;

use crate::attempt::{Exchange, Outcome, Payload, Sent, Took};
use crate::check::Findings;
use crate::run::StepRun;
use crate::spec::model::{Case, FixtureUse, Level};

/// A place in a file of cases.
pub(crate) fn place() -> Location {
    Location::start_of("case.yaml")
}

/// A MUST case of this id, without steps, requirements or fixtures.
pub(crate) fn case(id: &str) -> Case {
    let mut parts = id.split('.').map(str::to_owned);
    Case {
        id: id.to_owned(),
        title: String::new(),
        section: parts.next().unwrap_or_default(),
        suite: parts.next().unwrap_or_default(),
        about: String::new(),
        requirements: Vec::new(),
        cited_at: Vec::new(),
        level: Level::Must,
        twin: None,
        needs: Vec::new(),
        tags: Vec::new(),
        fixtures: FixtureUse::default(),
        each: BTreeMap::new(),
        steps: Vec::new(),
        finally: Vec::new(),
        at: place(),
    }
}

/// The first step of a case, with these findings and nothing sent.
pub(crate) fn step(findings: Findings) -> StepRun {
    StepRun {
        number: 1,
        title: "a step".to_owned(),
        at: place(),
        exchanges: Vec::new(),
        window: None,
        limit: None,
        findings,
    }
}

/// A request that was settled at once, in this way.
pub(crate) fn exchange(outcome: Outcome) -> Exchange {
    Exchange {
        request: Sent {
            method: "POST".to_owned(),
            url: "http://127.0.0.1/".to_owned(),
            headers: Vec::new(),
            body: Payload::default(),
        },
        outcome,
        sent_at: Duration::ZERO,
        settled_at: Duration::ZERO,
        took: Took::Between {
            after: Duration::ZERO,
            by: Duration::ZERO,
        },
    }
}
