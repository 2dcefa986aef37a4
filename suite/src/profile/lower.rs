//! From the YAML of a profile to a [`Profile`], collecting every problem on the way.

mod fixtures;
mod network;

use std::collections::BTreeMap;
use std::time::Duration;

use located_yaml::{Document, Fields, Node, Problems, did_you_mean, write_duration};

use super::{
    BurstConsent, ClockKind, Consent, Control, Environment, Isolation, Limits, Missing, Network, Profile, Secret,
    Unavailable, Urls, documented,
};

/// How much later than documented an answer may come when a profile does not say.
const TOLERANCE: Duration = Duration::from_secs(2);
/// How many tolerances have to fit into the time-out: cases let runs of up to four end before it.
const TOLERANCES: u32 = 5;

pub(super) fn profile(document: &Document, environment: &Environment) -> Result<Profile, Problems> {
    let mut reader = Reader {
        environment,
        problems: Problems::default(),
    };
    let profile = reader.profile(document.root());
    match profile {
        Some(profile) if reader.problems.is_empty() => Ok(profile),
        _ => Err(reader.problems),
    }
}

struct Reader<'e> {
    environment: &'e Environment,
    problems: Problems,
}

impl Reader<'_> {
    fn profile(&mut self, root: Node<'_>) -> Option<Profile> {
        let known = [
            "profile",
            "about",
            "clock",
            "control",
            "urls",
            "limits",
            "tolerance",
            "network",
            "workspaces",
            "integrations",
            "workflows",
            "consent",
            "unavailable",
        ];
        let fields = root.fields(&known, &mut self.problems)?;
        let name = fields
            .required("profile", &mut self.problems)
            .and_then(|node| self.text(node));
        let about = fields
            .optional("about")
            .and_then(|node| self.text(node))
            .unwrap_or_default();
        let kinds = [("system", ClockKind::System), ("manual", ClockKind::Manual)];
        let clock = match fields.optional("clock") {
            Some(node) => node.choice(&kinds, &mut self.problems),
            None => Some(ClockKind::System),
        };
        let control = fields.optional("control").and_then(|node| self.control(node));
        if clock == Some(ClockKind::Manual) && fields.optional("control").is_none() {
            let problem = root.problem("a manual clock can only be moved over a control surface");
            self.problems
                .push(problem.hint("add `control: { url: … }`, or say `clock: system`"));
        }
        let urls = fields
            .required("urls", &mut self.problems)
            .and_then(|node| self.urls(node));
        let limits = match fields.optional("limits") {
            Some(node) => self.limits(node),
            None => Some(Limits::default()),
        };
        let tolerance = match fields.optional("tolerance") {
            Some(node) => node.duration(&mut self.problems),
            None => Some(TOLERANCE),
        };
        let network = match fields.optional("network") {
            Some(node) => self.network(node),
            None => Some(Network::default()),
        };
        if let (Some(limits), Some(tolerance), Some(network)) = (&limits, tolerance, &network) {
            self.patient_enough(&fields, limits.sync_timeout + tolerance, network);
            self.precise_enough(&fields, limits.sync_timeout, tolerance);
        }
        let workspaces = self.named(&fields, "workspaces", Self::workspace);
        let integrations = self.named(&fields, "integrations", Self::integration);
        let workflows = self.named(&fields, "workflows", Self::workflow);
        self.references(&fields, ("integrations", "workspace"), "workspaces");
        self.references(&fields, ("workflows", "integration"), "integrations");
        let consent = match fields.optional("consent") {
            Some(node) => self.consent(node),
            None => Some(Consent::default()),
        };
        let unavailable = match fields.optional("unavailable") {
            Some(node) => self.unavailable(node),
            None => Vec::new(),
        };
        Some(Profile {
            name: name?,
            about,
            clock: clock?,
            control,
            urls: urls?,
            limits: limits?,
            tolerance: tolerance?,
            network: network?,
            workspaces,
            integrations,
            workflows,
            consent: consent?,
            unavailable,
        })
    }

    /// A client that gives up before the fallback is due could never see it.
    fn patient_enough(&mut self, fields: &Fields<'_>, least: Duration, network: &Network) {
        let node = fields
            .optional("network")
            .and_then(|node| entry(node, "answer_timeout"));
        if let (Some(node), Some(timeout)) = (node, network.answer_timeout.filter(|it| *it < least)) {
            let (timeout, least) = (write_duration(timeout), write_duration(least));
            let problem = node.problem(format!(
                "{timeout} is over before a synchronous call has to be answered"
            ));
            self.problems
                .push(problem.hint(format!("wait for {least} at least: `sync_timeout` and `tolerance`")));
        }
    }

    /// Cases have runs of a few tolerances end before the time-out.
    fn precise_enough(&mut self, fields: &Fields<'_>, sync_timeout: Duration, tolerance: Duration) {
        if sync_timeout >= tolerance * TOLERANCES {
            return;
        }
        let limit = fields.optional("limits").and_then(|node| entry(node, "sync_timeout"));
        let Some(node) = limit.or_else(|| fields.optional("tolerance")) else {
            return;
        };
        let [sync_timeout, tolerance, most] = [sync_timeout, tolerance, sync_timeout / TOLERANCES].map(write_duration);
        let problem = node.problem(format!(
            "a time-out of {sync_timeout} cannot be judged with a tolerance of {tolerance}"
        ));
        self.problems.push(problem.hint(format!(
            "`tolerance` may be {most} at most, a {TOLERANCES}th of `sync_timeout`; the mock can move its clock by hand instead"
        )));
    }

    fn control(&mut self, node: Node<'_>) -> Option<Control> {
        let fields = node.fields(&["url", "sandbox", "token", "fresh_sandboxes"], &mut self.problems)?;
        let url = fields
            .required("url", &mut self.problems)
            .and_then(|node| self.url(node));
        let sandbox = match fields.optional("sandbox") {
            Some(node) => self.text(node)?,
            None => "default".to_owned(),
        };
        let token = fields.optional("token").and_then(|node| self.secret(node));
        let isolation = match fields.optional("fresh_sandboxes") {
            Some(node) => node.choice(
                &[("true", Isolation::FreshSandboxes), ("false", Isolation::NamedSandbox)],
                &mut self.problems,
            )?,
            None => Isolation::FreshSandboxes,
        };
        Some(Control {
            url: url?,
            sandbox,
            token,
            isolation,
        })
    }

    fn urls(&mut self, node: Node<'_>) -> Option<Urls> {
        let fields = node.fields(&["hooks", "api", "auth"], &mut self.problems)?;
        let [hooks, api, auth] = ["hooks", "api", "auth"].map(|name| {
            fields
                .required(name, &mut self.problems)
                .and_then(|node| self.url(node))
        });
        Some(Urls {
            hooks: hooks?,
            api: api?,
            auth: auth?,
        })
    }

    /// An `http` or `https` URL; a slash at its end is dropped.
    fn url(&mut self, node: Node<'_>) -> Option<String> {
        let text = self.text(node)?;
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let complaint = match rest {
            None => Some("an address starts with `https://` or `http://`"),
            Some(rest) if rest.is_empty() || rest.starts_with('/') => Some("an address names a host"),
            Some(rest) if rest.contains(['?', '#', ' ']) => Some("an address has no query, fragment or blank"),
            Some(rest) if rest.contains('@') => Some("credentials do not belong into an address"),
            Some(_) => None,
        };
        if let Some(complaint) = complaint {
            self.problems.push(node.problem(complaint));
            return None;
        }
        Some(text.trim_end_matches('/').to_owned())
    }

    fn limits(&mut self, node: Node<'_>) -> Option<Limits> {
        let known = [
            "sync_timeout",
            "payload",
            "executions_per_second",
            "api_requests_per_second",
        ];
        let fields = node.fields(&known, &mut self.problems)?;
        let mut limits = Limits::default();
        if let Some(node) = fields.optional("sync_timeout") {
            limits.sync_timeout = node.duration(&mut self.problems)?;
        }
        if let Some(node) = fields.optional("payload") {
            limits.payload = match node.value().as_str() {
                Some("unknown") => None,
                _ => Some(self.positive(node)?),
            };
        }
        for (name, limit) in [
            ("executions_per_second", &mut limits.executions_per_second),
            ("api_requests_per_second", &mut limits.api_requests_per_second),
        ] {
            if let Some(node) = fields.optional(name) {
                *limit = self.positive(node)?;
            }
        }
        Some(limits)
    }

    fn positive(&mut self, node: Node<'_>) -> Option<u64> {
        let number = node.integer(&mut self.problems)?;
        let positive = u64::try_from(number).ok().filter(|number| *number > 0);
        if positive.is_none() {
            self.problems.push(node.problem("expected a number above zero"));
        }
        positive
    }

    fn named<T>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        read: impl Fn(&mut Self, Node<'_>) -> Option<T>,
    ) -> BTreeMap<String, T> {
        let Some(node) = fields.optional(key) else {
            return BTreeMap::new();
        };
        let entries = node.entries(&mut self.problems).unwrap_or_default();
        entries
            .into_iter()
            .filter_map(|(name, node)| Some((name.text.to_owned(), read(self, node)?)))
            .collect()
    }

    /// Looks for what is referred to among the names as written: one that could not be read is no second problem.
    fn references(&mut self, fields: &Fields<'_>, (section, key): (&str, &str), targets: &str) {
        let targets: Vec<_> = fields
            .optional(targets)
            .and_then(|node| node.entries(&mut Problems::default()))
            .unwrap_or_default()
            .into_iter()
            .map(|(name, _)| name.text)
            .collect();
        let entries = fields
            .optional(section)
            .map(|node| node.entries(&mut Problems::default()).unwrap_or_default());
        for (_, node) in entries.unwrap_or_default() {
            let named = node.entries(&mut Problems::default()).unwrap_or_default();
            for (_, target) in named.into_iter().filter(|(name, _)| name.text == key) {
                let Some(text) = target.value().as_str() else { continue };
                if !targets.contains(&text) {
                    let hint = did_you_mean(text, targets.iter().copied());
                    let problem = target.problem(format!("this profile has no {key} `{text}`"));
                    self.problems.push(problem.maybe_hint(hint));
                }
            }
        }
    }

    fn consent(&mut self, node: Node<'_>) -> Option<Consent> {
        let fields = node.fields(&["bursts", "payloads_up_to"], &mut self.problems)?;
        let bursts = match fields.optional("bursts") {
            Some(node) if node.boolean(&mut self.problems)? => BurstConsent::Given,
            Some(_) | None => BurstConsent::Withheld,
        };
        let payloads_up_to = match fields.optional("payloads_up_to") {
            Some(node) => {
                let number = node.integer(&mut self.problems)?;
                let Ok(bytes) = u64::try_from(number) else {
                    self.problems
                        .push(node.problem("expected a number of bytes, zero or more"));
                    return None;
                };
                bytes
            }
            None => 0,
        };
        Some(Consent { bursts, payloads_up_to })
    }

    fn unavailable(&mut self, node: Node<'_>) -> Vec<Unavailable> {
        let items = node.items(&mut self.problems).unwrap_or_default();
        items.into_iter().filter_map(|node| self.missing(node)).collect()
    }

    fn missing(&mut self, node: Node<'_>) -> Option<Unavailable> {
        let fields = node.fields(&["fixture", "case", "requirement", "reason"], &mut self.problems)?;
        let reason = fields
            .required("reason", &mut self.problems)
            .and_then(|node| self.text(node));
        let mut named = Vec::new();
        for (key, make) in [
            ("fixture", Missing::Fixture as fn(String) -> Missing),
            ("case", Missing::Case),
            ("requirement", Missing::Requirement),
        ] {
            named.extend(fields.optional(key).and_then(|node| self.text(node)).map(make));
        }
        if named.len() != 1 {
            self.problems
                .push(node.problem("name exactly one of `fixture`, `case` and `requirement`"));
            return None;
        }
        Some(Unavailable {
            what: named.remove(0),
            reason: reason?,
        })
    }

    fn secret(&mut self, node: Node<'_>) -> Option<Secret> {
        self.text(node).map(Secret::new)
    }

    /// A text with its `${env:NAME}` replaced; never empty.
    fn text(&mut self, node: Node<'_>) -> Option<String> {
        let text = node.string(&mut self.problems)?;
        match self.environment.expand(text) {
            Ok(text) if text.trim().is_empty() => {
                self.problems.push(node.problem("this is empty"));
                None
            }
            Ok(text) => Some(text),
            Err(error) => {
                let problem = node.problem(error.to_string());
                self.problems
                    .push(problem.hint("secrets come from the environment: `${env:NAME}`, with NAME exported"));
                None
            }
        }
    }
}

/// What a key of a mapping holds, once more: its own problems were told the first time.
fn entry<'d>(node: Node<'d>, name: &str) -> Option<Node<'d>> {
    let entries = node.entries(&mut Problems::default())?;
    entries
        .into_iter()
        .find(|(key, _)| key.text == name)
        .map(|(_, node)| node)
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sync_timeout: documented::SYNC_TIMEOUT,
            payload: None,
            executions_per_second: documented::EXECUTIONS_PER_SECOND,
            api_requests_per_second: documented::API_REQUESTS_PER_SECOND,
        }
    }
}

#[cfg(test)]
mod tests;
