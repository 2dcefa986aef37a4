//! Which cases a run consists of: what was asked for, the twins that belong to it, and what the profile declares missing.

use std::collections::BTreeSet;

use located_yaml::did_you_mean;
use thiserror::Error;

use crate::profile::{ClockKind, Missing, Profile};
use crate::spec::model::{Case, Need, Specs};

/// The cases of a run.
#[derive(Debug, Default)]
pub struct Plan<'s> {
    /// To be run, in the order of their ids.
    pub cases: Vec<&'s Case>,
    /// Not to be run, and why.
    pub unavailable: Vec<(&'s Case, String)>,
}

/// What a filter asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Ids, `*` for any run of characters.
    Id(String),
    /// Cases that cite a requirement.
    Requirement(String),
    /// `MUST`, `SHOULD` or `recorded`.
    Level(String),
    /// `documented`, `vendor`, `observed` or `open`.
    Grade(String),
    /// A tag.
    Tag(String),
    /// A section.
    Section(String),
}

/// Filters that cannot be right.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MatchesNothing {
    /// One of them by itself.
    #[error("the filter `{filter}` matches no case{hint}")]
    Alone {
        /// As it was written.
        filter: String,
        /// What may have been meant.
        hint: String,
    },
    /// Each of them matches some case, and no case is matched by all.
    #[error("no case matches all of the filters `{0}`")]
    Together(String),
}

impl Filter {
    /// `KEY:VALUE`, or a glob of ids.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let value = |value: &str| value.to_owned();
        match text.split_once(':') {
            Some(("requirement", it)) => Self::Requirement(value(it)),
            Some(("level", it)) => Self::Level(value(it)),
            Some(("grade", it)) => Self::Grade(value(it)),
            Some(("tag", it)) => Self::Tag(value(it)),
            Some(("section", it)) => Self::Section(value(it)),
            Some(("id", it)) => Self::Id(value(it)),
            Some(_) | None => Self::Id(value(text)),
        }
    }

    fn takes(&self, case: &Case, specs: &Specs) -> bool {
        match self {
            Self::Id(glob) => matches_glob(glob, &case.id),
            Self::Requirement(id) => case.requirements.iter().any(|cited| matches_glob(id, cited)),
            Self::Level(word) => case.level.word().eq_ignore_ascii_case(word),
            Self::Grade(word) => specs
                .requirements
                .iter()
                .any(|it| it.grade.word() == word && case.requirements.contains(&it.id)),
            Self::Tag(tag) => case.tags.contains(tag),
            Self::Section(section) => case.section == *section,
        }
    }

    /// What may have been meant.
    fn suggestion(&self, specs: &Specs) -> Option<String> {
        let cases = specs.cases.iter();
        let requirements = specs.requirements.iter();
        let (meant, known): (&str, BTreeSet<&str>) = match self {
            Self::Id(id) => (id, cases.map(|case| case.id.as_str()).collect()),
            Self::Requirement(id) => (id, requirements.map(|it| it.id.as_str()).collect()),
            Self::Level(word) => (word, cases.map(|case| case.level.word()).collect()),
            Self::Grade(word) => (word, requirements.map(|it| it.grade.word()).collect()),
            Self::Tag(tag) => (tag, cases.flat_map(|case| &case.tags).map(String::as_str).collect()),
            Self::Section(section) => (section, cases.map(|case| case.section.as_str()).collect()),
        };
        did_you_mean(meant, known)
    }
}

/// Chooses the cases that every filter takes, and the twins they need.
///
/// # Errors
/// When a filter, or all of them together, match nothing, which is a slip of the pen and not an empty run.
pub fn plan<'s>(specs: &'s Specs, filters: &[String], profile: Option<&Profile>) -> Result<Plan<'s>, MatchesNothing> {
    let parsed: Vec<_> = filters.iter().map(|text| (text, Filter::parse(text))).collect();
    for (text, filter) in &parsed {
        if !specs.cases.iter().any(|case| filter.takes(case, specs)) {
            let near = filter.suggestion(specs);
            let hint = near.map_or_else(String::new, |near| format!("; {near}"));
            return Err(MatchesNothing::Alone {
                filter: (*text).clone(),
                hint,
            });
        }
    }
    let chosen: Vec<_> = specs
        .cases
        .iter()
        .filter(|case| parsed.iter().all(|(_, filter)| filter.takes(case, specs)))
        .collect();
    if chosen.is_empty() && !filters.is_empty() {
        return Err(MatchesNothing::Together(filters.join("`, `")));
    }
    let mut ids: BTreeSet<&str> = chosen.iter().map(|case| case.id.as_str()).collect();
    // A negative verdict means nothing without its twin, so twins come along; twins have no twins of their own.
    ids.extend(
        chosen
            .iter()
            .filter_map(|case| case.twin.as_ref())
            .map(|twin| twin.case.as_str()),
    );
    let mut plan = Plan::default();
    for case in specs.cases.iter().filter(|case| ids.contains(case.id.as_str())) {
        match profile.and_then(|profile| declared_missing(case, profile)) {
            Some(reason) => plan.unavailable.push((case, reason)),
            None => plan.cases.push(case),
        }
    }
    plan.cases.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(plan)
}

/// Why a profile says that a case cannot be run.
fn declared_missing(case: &Case, profile: &Profile) -> Option<String> {
    let needs = &case.fixtures;
    let named = |name: &String| {
        needs.workflows.contains(name) || needs.integrations.contains(name) || needs.workspaces.contains(name)
    };
    let declared = profile.unavailable.iter().find(|it| match &it.what {
        Missing::Fixture(name) => named(name),
        Missing::Case(glob) => matches_glob(glob, &case.id),
        Missing::Requirement(id) => case.requirements.contains(id),
    });
    if let Some(declared) = declared {
        return Some(declared.reason.clone());
    }
    if case.needs.contains(&Need::ManualClock) && profile.clock == ClockKind::System {
        return Some("only a clock that can be moved can judge this".to_owned());
    }
    let loopback = is_loopback(&profile.urls.hooks);
    if case.needs.contains(&Need::Quota)
        && !loopback
        && profile.consent.bursts == crate::profile::BurstConsent::Withheld
    {
        return Some("bursts off loopback need `consent: { bursts: true }` in the profile".to_owned());
    }
    if case.needs.contains(&Need::LargePayload) && !loopback && profile.consent.payloads_up_to == 0 {
        return Some("large payloads off loopback need `consent: { payloads_up_to: BYTES }` in the profile".to_owned());
    }
    None
}

/// Whether a URL leads nowhere but to this machine.
#[must_use]
pub fn is_loopback(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let host = host.trim_matches(['[', ']']);
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// `*` stands for any run of characters.
fn matches_glob(glob: &str, text: &str) -> bool {
    let mut parts = glob.split('*');
    let Some(first) = parts.next() else {
        return text.is_empty();
    };
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests;
