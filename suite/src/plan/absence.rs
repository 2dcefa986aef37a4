//! Why a case that was asked for is not run: the profile says so, or the deployment does not lend itself to it.
//!
//! Found before anything is sent; a case that is absent lowers the coverage and fails nothing.

use std::fmt;

use super::is_loopback;
use crate::glob;
use crate::profile::{BurstConsent, ClockKind, Missing, Profile};
use crate::spec::model::{Case, Need};

/// Why a case is not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absence {
    /// The profile declares something of it missing, for this reason.
    Declared(String),
    /// The target's clock runs by itself.
    ManualClock,
    /// The target is not loopback, and nobody consented to bursts.
    Bursts,
    /// The target is not loopback, and nobody consented to large payloads.
    LargePayloads,
}

impl Absence {
    /// The word of machines.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Declared(_) => "declared-unavailable",
            Self::ManualClock => "manual-clock",
            Self::Bursts => "consent-to-bursts",
            Self::LargePayloads => "consent-to-payloads",
        }
    }
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Declared(reason) => reason,
            Self::ManualClock => "only a clock that can be moved can judge this",
            Self::Bursts => "bursts off loopback need `consent: { bursts: true }` in the profile",
            Self::LargePayloads => {
                "large payloads off loopback need `consent: { payloads_up_to: BYTES }` in the profile"
            }
        })
    }
}

/// Why a profile keeps a case from being run, if it does.
pub(super) fn of(case: &Case, profile: &Profile) -> Option<Absence> {
    let needs = &case.fixtures;
    let named = |name: &String| {
        needs.workflows.contains(name) || needs.integrations.contains(name) || needs.workspaces.contains(name)
    };
    let declared = profile.unavailable.iter().find(|it| match &it.what {
        Missing::Fixture(name) => named(name),
        Missing::Case(glob) => glob::matches(glob, &case.id),
        Missing::Requirement(id) => case.requirements.contains(id),
    });
    if let Some(declared) = declared {
        return Some(Absence::Declared(declared.reason.clone()));
    }
    if case.needs.contains(&Need::ManualClock) && profile.clock == ClockKind::System {
        return Some(Absence::ManualClock);
    }
    let loopback = is_loopback(&profile.urls.hooks);
    if case.needs.contains(&Need::Quota) && !loopback && profile.consent.bursts == BurstConsent::Withheld {
        return Some(Absence::Bursts);
    }
    if case.needs.contains(&Need::LargePayload) && !loopback && profile.consent.payloads_up_to == 0 {
        return Some(Absence::LargePayloads);
    }
    None
}
