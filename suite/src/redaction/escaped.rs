//! A secret some of whose characters are escaped: in URLs and forms, in the strings of JSON and of programs, in HTML and XML.
//!
//! Who escapes is free to choose which characters, and in which letter case, so that there is no list of all spellings: a text
//! is read character by character, each in every way it can be meant. What stands there as it is, the list finds.

mod character;

use std::sync::OnceLock;

use super::spelling;

/// What every escape begins with; a space in a form is the only character that is written as another one.
const BEGINNINGS: [u8; 4] = [b'%', b'\\', b'&', b'+'];

/// Secrets by name, and what they look like.
pub(super) struct Escaped {
    secrets: Vec<(String, String)>,
    /// Made when a text first has an escape in it.
    sought: OnceLock<Sought>,
}

/// What is looked for.
struct Sought {
    /// Each as its characters, and which secret it is; by their first characters.
    spellings: Vec<(Vec<char>, usize)>,
    /// The bytes with which one may begin.
    begins: [bool; 256],
}

/// The places between two characters of a spelling, from which it may go on; kept to be used again.
#[derive(Default)]
struct Places {
    from: Vec<usize>,
    to: Vec<usize>,
}

impl Escaped {
    /// Of secrets by name.
    pub(super) fn of(secrets: &[(String, String)]) -> Self {
        Self {
            secrets: secrets.iter().filter(|(_, it)| !it.is_empty()).cloned().collect(),
            sought: OnceLock::new(),
        }
    }

    /// The bytes without the secrets; nothing when there were none in them.
    pub(super) fn replace(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        if !bytes.iter().any(|byte| BEGINNINGS.contains(byte)) {
            return None;
        }
        let sought = self.sought.get_or_init(|| Sought::of(&self.secrets));
        let mut places = Places::default();
        let (mut clean, mut kept, mut at) = (Vec::new(), 0, 0);
        while let Some(byte) = bytes.get(at) {
            let found = sought.begins[usize::from(*byte)]
                .then(|| sought.longest_at((bytes, at), &mut places))
                .flatten();
            match found {
                Some((end, secret)) => {
                    clean.extend_from_slice(&bytes[kept..at]);
                    clean.extend(format!("[{}]", self.secrets[secret].0).into_bytes());
                    (kept, at) = (end, end);
                }
                None => at += 1,
            }
        }
        (kept > 0).then(|| {
            clean.extend_from_slice(&bytes[kept..]);
            clean
        })
    }
}

impl Sought {
    fn of(secrets: &[(String, String)]) -> Self {
        let mut spellings: Vec<(Vec<char>, usize)> = Vec::new();
        for (number, (_, secret)) in secrets.iter().enumerate() {
            let base64 = spelling::in_base64(secret.as_bytes());
            let all = std::iter::once(secret.clone()).chain(base64);
            spellings.extend(all.map(|it| (it.chars().collect(), number)));
        }
        spellings.sort();
        let mut begins = [false; 256];
        for byte in BEGINNINGS {
            begins[usize::from(byte)] = true;
        }
        for first in spellings.iter().filter_map(|(spelling, _)| spelling.first()) {
            let mut utf8 = [0; 4];
            begins[usize::from(first.encode_utf8(&mut utf8).as_bytes()[0])] = true;
        }
        Self { spellings, begins }
    }

    /// Where the longest spelling that begins here ends, and which secret it is.
    fn longest_at(&self, (bytes, at): (&[u8], usize), places: &mut Places) -> Option<(usize, usize)> {
        let mut longest: Option<(usize, usize)> = None;
        character::read(bytes, at, &mut |first, end| {
            let from = self.spellings.partition_point(|(spelling, _)| spelling[0] < first);
            let alike = self.spellings[from..].iter();
            for (spelling, secret) in alike.take_while(|(spelling, _)| spelling[0] == first) {
                if let Some(end) = places.end_of(&spelling[1..], (bytes, end))
                    && longest.is_none_or(|(furthest, _)| end > furthest)
                {
                    longest = Some((end, *secret));
                }
            }
        });
        longest
    }
}

impl Places {
    /// Where these characters end that begin here; the furthest place where they can be read in several ways.
    fn end_of(&mut self, characters: &[char], (bytes, at): (&[u8], usize)) -> Option<usize> {
        self.from.clear();
        self.from.push(at);
        for wanted in characters {
            self.to.clear();
            for place in &self.from {
                character::read(bytes, *place, &mut |found, end| {
                    if found == *wanted && !self.to.contains(&end) {
                        self.to.push(end);
                    }
                });
            }
            if self.to.is_empty() {
                return None;
            }
            std::mem::swap(&mut self.from, &mut self.to);
        }
        self.from.iter().copied().max()
    }
}
