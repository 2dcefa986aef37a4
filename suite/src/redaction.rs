//! Keeping secrets out of everything that is shown or stored, in every encoding they may come back in.
//!
//! Works on what was seen of a case, once it is judged and before anybody else gets hold of it.

use std::sync::Mutex;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use bytes::Bytes;
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, Encoding, HEXLOWER, HEXUPPER};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::attempt::{Exchange, Outcome, Payload, Unanswered};
use crate::check::Findings;
use crate::profile::Profile;
use crate::run::{CaseRun, NoToken, Trouble};

/// What a URL's query leaves as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Replaces secrets by their names.
#[derive(Debug)]
pub struct Redaction {
    automaton: Option<AhoCorasick>,
    replacements: Vec<String>,
}

/// The redaction of the profile seen last: sandboxes of one configuration have the same secrets.
#[derive(Debug, Default)]
pub struct Redactions(Mutex<Option<Known>>);

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
        let secrets: Vec<_> = profile
            .secrets()
            .map(|(name, secret)| (name, secret.expose().to_owned()))
            .collect();
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
            needles.extend(
                spellings(secret)
                    .into_iter()
                    .map(|needle| (needle, format!("[{name}]"))),
            );
        }
        let (patterns, replacements): (Vec<_>, Vec<_>) = needles.into_iter().unzip();
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(match used {
                Use::Often => None,
                // A table of all transitions takes longer to make than one case takes to be searched without it.
                Use::Once => Some(AhoCorasickKind::NoncontiguousNFA),
            })
            .build(patterns)
            .expect("a profile has far fewer secrets than an automaton has room for");
        Self {
            automaton: (!replacements.is_empty()).then_some(automaton),
            replacements,
        }
    }

    /// A text without the secrets.
    #[must_use]
    pub fn text(&self, text: &str) -> Option<String> {
        let automaton = self.automaton.as_ref()?;
        automaton
            .is_match(text)
            .then(|| automaton.replace_all(text, &self.replacements))
    }

    fn clean(&self, run: &mut CaseRun) {
        for step in &mut run.steps {
            self.string(&mut step.title);
            step.exchanges.iter_mut().for_each(|exchange| self.exchange(exchange));
            self.findings(&mut step.findings);
        }
        run.facts.iter_mut().for_each(|(_, value)| self.string(value));
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
            self.string(&mut mismatch.expected);
            self.string(&mut mismatch.found);
        }
        findings
            .doubts
            .iter_mut()
            .for_each(|doubt| self.string(&mut doubt.reason));
        findings.notes.iter_mut().for_each(|note| self.string(note));
    }

    fn headers(&self, headers: &mut [(String, String)]) {
        for (name, value) in headers {
            self.string(name);
            self.string(value);
        }
    }

    fn payload(&self, payload: &mut Payload) {
        let Some(automaton) = &self.automaton else { return };
        if automaton.is_match(&payload.kept) {
            payload.kept = Bytes::from(automaton.replace_all_bytes(&payload.kept, &self.replacements));
        }
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

/// A secret in every encoding it may be sent or come back in.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let mut spellings = vec![
        secret.as_bytes().to_vec(),
        json_string(secret).into_bytes(),
        utf8_percent_encode(secret, UNRESERVED).to_string().into_bytes(),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string().into_bytes(),
        form_urlencoded::byte_serialize(secret.as_bytes())
            .collect::<String>()
            .into_bytes(),
        HEXLOWER.encode(secret.as_bytes()).into_bytes(),
        HEXUPPER.encode(secret.as_bytes()).into_bytes(),
    ];
    for encoding in [&BASE64_NOPAD, &BASE64URL_NOPAD] {
        spellings.extend((0..3).map(|offset| inside_base64(encoding, secret.as_bytes(), offset)));
    }
    spellings.retain(|spelling| !spelling.is_empty());
    spellings.sort();
    spellings.dedup();
    spellings
}

fn json_string(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// The Base64 characters that a secret alone decides when `offset` bytes (modulo 3) stand before it.
fn inside_base64(encoding: &Encoding, secret: &[u8], offset: usize) -> Vec<u8> {
    let mut padded = vec![0; offset];
    padded.extend_from_slice(secret);
    // Characters that share bits with what stands before or after depend on it.
    let first = (offset * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    let encoded = encoding.encode(&padded).into_bytes();
    encoded.get(first..last).unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use data_encoding::{BASE64, BASE64URL};
    use proptest::prelude::*;

    use super::*;

    fn redaction(secret: &str) -> Redaction {
        Redaction::of(&[("canary".to_owned(), secret.to_owned())])
    }

    #[test]
    fn a_secret_is_found_in_every_encoding() {
        let secret = "p\"q/ä+ 7&zulu";
        let redaction = redaction(secret);
        let query: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        for text in [
            format!("X-Token: {secret}"),
            serde_json::json!({ "token": secret }).to_string(),
            format!("?t={}", utf8_percent_encode(secret, UNRESERVED)),
            format!("t={query}&u=1"),
            HEXLOWER.encode(secret.as_bytes()),
            HEXUPPER.encode(secret.as_bytes()),
        ] {
            let clean = redaction.text(&text).expect("it is found");
            assert!(clean.contains("[canary]"), "{clean}");
        }
        assert_eq!(redaction.text("nothing of the kind"), None);
    }

    #[test]
    fn tokens_of_one_case_are_told_apart() {
        let tokens = ["one", "two", "one", "three"].map(str::to_owned);
        let named = numbered(tokens.into());
        let names: Vec<_> = named
            .iter()
            .map(|(name, token)| (name.as_str(), token.as_str()))
            .collect();
        let expected = [
            ("bearer token", "one"),
            ("bearer token 2", "two"),
            ("bearer token 3", "three"),
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn the_longer_of_two_secrets_is_named() {
        let secrets = [("short", "abc123"), ("long", "abc123def456")];
        let redaction = Redaction::of(&secrets.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(redaction.text("x abc123def456 y").as_deref(), Some("x [long] y"));
    }

    proptest! {
        #[test]
        fn no_base64_of_a_text_gives_away_the_secret_in_it(
            before in "[ -~]{0,5}", secret in "[ -~]{8,24}", after in "[ -~]{0,5}"
        ) {
            let text = format!("{before}{secret}{after}");
            for encoding in [BASE64, BASE64URL] {
                let encoded = encoding.encode(text.as_bytes());
                let clean = redaction(&secret).text(&encoded).expect("it is found");
                // What is left decides at most the outermost bits of the secret.
                prop_assert!(clean.len() <= encoded.len() + "[canary]".len() - secret.len() * 8 / 6 + 3, "{}", clean);
            }
        }
    }
}
