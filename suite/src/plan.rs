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

/// A filter that cannot be right.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the filter `{filter}` matches no case{hint}")]
pub struct MatchesNothing {
    /// As it was written.
    pub filter: String,
    /// What may have been meant.
    pub hint: String,
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
}

/// Chooses the cases that every filter takes, and the twins they need.
///
/// # Errors
/// When a filter matches nothing at all, which is a slip of the pen and not an empty run.
pub fn plan<'s>(specs: &'s Specs, filters: &[String], profile: Option<&Profile>) -> Result<Plan<'s>, MatchesNothing> {
    let parsed: Vec<_> = filters.iter().map(|text| (text, Filter::parse(text))).collect();
    for (text, filter) in &parsed {
        if !specs.cases.iter().any(|case| filter.takes(case, specs)) {
            let near = did_you_mean(text, specs.cases.iter().map(|case| case.id.as_str()));
            let hint = near.map_or_else(String::new, |near| format!("; {near}"));
            return Err(MatchesNothing {
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
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_ids() {
        for (glob, text, expected) in [
            ("a.b", "a.b", true),
            ("a.b", "a.b.c", false),
            ("a.*", "a.b.c", true),
            ("*.c", "a.b.c", true),
            ("a.*.c", "a.b.c", true),
            ("a.*.d", "a.b.c", false),
            ("*", "", true),
        ] {
            assert_eq!(matches_glob(glob, text), expected, "{glob} {text}");
        }
    }

    #[test]
    fn loopback_is_recognised_in_every_spelling() {
        for url in [
            "http://127.0.0.1:7080",
            "http://localhost",
            "http://[::1]:80/x",
            "http://127.8.9.1",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "https://hooks.torq.io",
            "http://10.0.0.1:80",
            "http://127.0.0.1.example.com",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
