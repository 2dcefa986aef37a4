//! Keeping secrets out of everything that is shown or stored, in every encoding they may come back in.
//!
//! Works on what was seen of a case, once it is judged and before anybody else gets hold of it.

mod spelling;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Mutex, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use bytes::Bytes;
use spellings::Escaped;

use crate::attempt::{Exchange, Outcome, Payload, Unanswered};
use crate::check::Findings;
use crate::profile::Profile;
use crate::run::{self, CaseRun, NoToken, Trouble};

/// What stands where a text was shortened.
const ELLIPSIS: &str = "…";
/// The least part of a secret that is taken for one, in bytes: less of it says little and is found by chance.
const LEAST_PART: usize = 4;

/// Replaces secrets by their names.
pub struct Redaction {
    automaton: Option<AhoCorasick>,
    /// What the automaton finds, and what stands for each of it.
    spellings: Vec<Vec<u8>>,
    replacements: Vec<String>,
    /// The secrets by name.
    secrets: Vec<(String, String)>,
    /// Finds them where characters of theirs are escaped; made when a text first has an escape in it.
    escaped: OnceLock<Escaped>,
}

/// The redaction of the profile seen last: sandboxes of one configuration have the same secrets.
#[derive(Default)]
pub struct Redactions(Mutex<Option<Known>>);

/// Says that there are secrets, not which.
impl fmt::Debug for Redactions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactions(…)")
    }
}

/// Says whose secrets are replaced, not by what they are found.
impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = self.replacements.clone();
        names.dedup();
        write!(f, "Redaction({})", names.join(" "))
    }
}

/// How much is searched for the same secrets.
#[derive(Clone, Copy)]
enum Use {
    /// All cases of a run.
    Often,
    /// One case.
    Once,
}

/// Names and values, and what was made of them.
type Known = (Vec<(String, String)>, std::sync::Arc<Redaction>);

impl Redactions {
    /// Takes the secrets of a profile and the tokens of a case out of what was seen of it.
    pub(crate) fn clean(&self, run: &mut CaseRun, profile: &Profile) {
        let mut secrets: Vec<_> = profile
            .secrets()
            .map(|(name, secret)| (name, secret.expose().to_owned()))
            .collect();
        secrets.extend(run::nearly_secrets(profile));
        let of_profile = {
            let mut known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            match known.as_ref().filter(|(same, _)| *same == secrets) {
                Some((_, redaction)) => redaction.clone(),
                None => {
                    let redaction = std::sync::Arc::new(Redaction::of(&secrets));
                    *known = Some((secrets, redaction.clone()));
                    redaction
                }
            }
        };
        of_profile.clean(run);
        if !run.tokens.is_empty() {
            let tokens = numbered(std::mem::take(&mut run.tokens));
            Redaction::made(&tokens, Use::Once).clean(run);
        }
    }
}

impl Redaction {
    /// For secrets by name.
    #[must_use]
    pub fn of(secrets: &[(String, String)]) -> Self {
        Self::made(secrets, Use::Often)
    }

    fn made(secrets: &[(String, String)], used: Use) -> Self {
        let mut needles: Vec<(Vec<u8>, String)> = Vec::new();
        for (name, secret) in secrets.iter().filter(|(_, secret)| !secret.is_empty()) {
            let spellings = spelling::of(secret).into_iter();
            needles.extend(spellings.map(|needle| (needle, format!("[{name}]"))));
        }
        let (spellings, replacements): (Vec<_>, Vec<_>) = needles.into_iter().unzip();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(match used {
                Use::Often => None,
                // A table of all transitions takes longer to make than one case takes to be searched without it.
                Use::Once => Some(AhoCorasickKind::NoncontiguousNFA),
            })
            .build(&spellings)
            .expect("a profile has far fewer secrets than an automaton has room for");
        Self {
            automaton: (!replacements.is_empty()).then_some(automaton),
            spellings,
            replacements,
            secrets: secrets.to_vec(),
            escaped: OnceLock::new(),
        }
    }

    /// A text without the secrets; nothing when there were none in it.
    #[must_use]
    pub fn text(&self, text: &str) -> Option<String> {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => None,
            Cow::Owned(clean) => Some(String::from_utf8_lossy(&clean).into_owned()),
        }
    }

    /// Bytes without the secrets; as they were when there were none in them.
    fn bytes<'t>(&self, bytes: &'t [u8]) -> Cow<'t, [u8]> {
        let Some(automaton) = &self.automaton else {
            return Cow::Borrowed(bytes);
        };
        let clean = if automaton.is_match(bytes) {
            Cow::Owned(automaton.replace_all_bytes(bytes, &self.replacements))
        } else {
            Cow::Borrowed(bytes)
        };
        if !Escaped::may_be_in(&clean) {
            return clean;
        }
        let escaped = self.escaped.get_or_init(|| self.look_for_escaped());
        match escaped.replace(&clean, |secret| format!("[{}]", self.secrets[secret].0)) {
            Some(cleaner) => Cow::Owned(cleaner),
            None => clean,
        }
    }

    fn look_for_escaped(&self) -> Escaped {
        Escaped::of(self.secrets.iter().enumerate().flat_map(|(number, (_, secret))| {
            let base64 = spellings::in_base64(secret.as_bytes());
            let all = std::iter::once(secret.clone()).chain(base64);
            all.map(move |text| (text, number))
        }))
    }

    /// Where the beginning of a secret ends some bytes, and what stands for it.
    fn begun(&self, bytes: &[u8]) -> Option<(usize, &str)> {
        let spellings = self.spellings.iter().zip(&self.replacements);
        let begins = spellings.filter_map(|(spelling, name)| {
            let mut lengths = (LEAST_PART..spelling.len()).rev();
            let length = lengths.find(|length| bytes.ends_with(&spelling[..*length]))?;
            Some((bytes.len() - length, name.as_str()))
        });
        begins.min_by_key(|(at, _)| *at)
    }

    /// Up to where the end of a secret begins some bytes, and what stands for it.
    fn ended(&self, bytes: &[u8]) -> Option<(usize, &str)> {
        let spellings = self.spellings.iter().zip(&self.replacements);
        let ends = spellings.filter_map(|(spelling, name)| {
            let mut lengths = (LEAST_PART..spelling.len()).rev();
            let length = lengths.find(|length| bytes.starts_with(&spelling[spelling.len() - length..]))?;
            Some((length, name.as_str()))
        });
        ends.max_by_key(|(at, _)| *at)
    }

    fn clean(&self, run: &mut CaseRun) {
        for step in &mut run.steps {
            self.string(&mut step.title);
            step.exchanges.iter_mut().for_each(|exchange| self.exchange(exchange));
            self.findings(&mut step.findings);
        }
        run.facts.iter_mut().for_each(|(_, value)| self.excerpt(value));
        match &mut run.trouble {
            Some(Trouble::CouldNotTell(reason) | Trouble::Harness(reason)) => self.string(reason),
            Some(Trouble::NoToken(NoToken::NoAnswer(reason))) => self.string(reason),
            Some(Trouble::NoToken(NoToken::Refused(_))) => {}
            Some(Trouble::NotRun(_) | Trouble::Missing(_) | Trouble::PayloadLimitUnknown) | None => {}
        }
    }

    fn exchange(&self, exchange: &mut Exchange) {
        self.string(&mut exchange.request.url);
        self.headers(&mut exchange.request.headers);
        self.payload(&mut exchange.request.body);
        match &mut exchange.outcome {
            Outcome::Answered(answer) => {
                self.headers(&mut answer.headers);
                self.payload(&mut answer.body);
            }
            Outcome::Unanswered(
                Unanswered::NoConnection(reason) | Unanswered::ConnectionLost(reason) | Unanswered::NotHttp(reason),
            ) => self.string(reason),
            Outcome::Unanswered(Unanswered::OutOfPatience | Unanswered::Unfinished { .. }) => {}
        }
    }

    fn findings(&self, findings: &mut Findings) {
        for mismatch in &mut findings.mismatches {
            self.excerpt(&mut mismatch.expected);
            self.excerpt(&mut mismatch.found);
        }
        findings
            .doubts
            .iter_mut()
            .for_each(|doubt| self.excerpt(&mut doubt.reason));
        findings.notes.iter_mut().for_each(|note| self.excerpt(note));
    }

    fn headers(&self, headers: &mut [(String, String)]) {
        for (name, value) in headers {
            self.string(name);
            self.string(value);
        }
    }

    fn payload(&self, payload: &mut Payload) {
        if let Cow::Owned(clean) = self.bytes(&payload.kept) {
            payload.kept = Bytes::from(clean);
        }
        if payload.digest.is_some()
            && let Some((at, name)) = self.begun(&payload.kept)
        {
            payload.kept = Bytes::from([&payload.kept[..at], name.as_bytes()].concat());
        }
    }

    /// A text that may have been shortened: what is left of a secret on either side of an ellipsis goes as well.
    fn excerpt(&self, text: &mut String) {
        self.string(text);
        if !text.contains(ELLIPSIS) {
            return;
        }
        let parts: Vec<&str> = text.split(ELLIPSIS).collect();
        let last = parts.len() - 1;
        let clean = parts.into_iter().enumerate().map(|(number, part)| {
            let start = (number > 0).then(|| self.ended(part.as_bytes())).flatten();
            let (skipped, before) = start.unwrap_or_default();
            let rest = part.get(skipped..).unwrap_or_default();
            let end = (number < last).then(|| self.begun(rest.as_bytes())).flatten();
            let (kept, after) = end.unwrap_or((rest.len(), ""));
            format!("{before}{}{after}", rest.get(..kept).unwrap_or_default())
        });
        *text = clean.collect::<Vec<_>>().join(ELLIPSIS);
    }

    fn string(&self, text: &mut String) {
        if let Some(clean) = self.text(text) {
            *text = clean;
        }
    }
}

/// The tokens of a case by name: whoever reads of two has to be able to tell them apart.
fn numbered(tokens: Vec<String>) -> Vec<(String, String)> {
    let mut named: Vec<(String, String)> = Vec::new();
    for token in tokens {
        if named.iter().all(|(_, known)| *known != token) {
            let name = match named.len() {
                0 => "bearer token".to_owned(),
                before => format!("bearer token {}", before + 1),
            };
            named.push((name, token));
        }
    }
    named
}

#[cfg(test)]
mod tests;
