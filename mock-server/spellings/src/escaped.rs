//! A secret some of whose characters are escaped: in URLs and forms, in the strings of JSON and of programs, in HTML and XML.
//!
//! Who escapes is free to choose which characters, and in which letter case, so that there is no list of all spellings: a text
//! is read character by character, each in every way it can be meant. What stands there as it is, the list finds.

use std::fmt;

use crate::character;

/// What every escape begins with; a space in a form is the only character that is written as another one.
const BEGINNINGS: [u8; 4] = [b'%', b'\\', b'&', b'+'];

/// Looks for texts that may be escaped.
pub struct Escaped {
    /// Each as its characters, and whose it is; by their first characters.
    spellings: Vec<(Vec<char>, usize)>,
    /// The bytes with which one may begin.
    begins: [bool; 256],
    /// The same once it is no longer escaped: a run of backslashes can be read in many ways, of which mostly none begins anything.
    begins_unescaped: [bool; 256],
}

/// Says how much is looked for, not what.
impl fmt::Debug for Escaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Escaped({} spellings)", self.spellings.len())
    }
}

/// The places between two characters of a spelling, from which it may go on; kept to be used again.
#[derive(Default)]
struct Places {
    from: Vec<usize>,
    to: Vec<usize>,
}

impl Escaped {
    /// Of texts, each with the number of the secret it spells; empty ones are nowhere.
    #[must_use]
    pub fn of(texts: impl IntoIterator<Item = (String, usize)>) -> Self {
        let texts = texts.into_iter().filter(|(text, _)| !text.is_empty());
        let mut spellings: Vec<(Vec<char>, usize)> =
            texts.map(|(text, secret)| (text.chars().collect(), secret)).collect();
        spellings.sort();
        let mut begins_unescaped = [false; 256];
        for first in spellings.iter().filter_map(|(spelling, _)| spelling.first()) {
            begins_unescaped[first_byte(*first)] = true;
        }
        let mut begins = begins_unescaped;
        for byte in BEGINNINGS {
            begins[usize::from(byte)] = true;
        }
        Self {
            spellings,
            begins,
            begins_unescaped,
        }
    }

    /// Whether anything in these bytes can be an escape.
    #[must_use]
    pub fn may_be_in(bytes: &[u8]) -> bool {
        bytes.iter().any(|byte| BEGINNINGS.contains(byte))
    }

    /// True when one of the texts is in the bytes, escaped at least in part.
    #[must_use]
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        if !Self::may_be_in(bytes) {
            return false;
        }
        let mut places = Places::default();
        (0..bytes.len()).any(|at| self.found_at((bytes, at), &mut places).is_some())
    }

    /// The bytes with something else in place of each text, told by the number of its secret. Nothing when there were none in them, or
    /// nothing is escaped: a text that stands there as it is, is found faster otherwise.
    pub fn replace(&self, bytes: &[u8], with: impl Fn(usize) -> String) -> Option<Vec<u8>> {
        if !Self::may_be_in(bytes) {
            return None;
        }
        let mut places = Places::default();
        let (mut clean, mut kept, mut at) = (Vec::new(), 0, 0);
        while at < bytes.len() {
            match self.found_at((bytes, at), &mut places) {
                Some((end, secret)) => {
                    clean.extend_from_slice(&bytes[kept..at]);
                    clean.extend(with(secret).into_bytes());
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

    /// Where the longest spelling that begins here ends, and which secret it is.
    fn found_at(&self, (bytes, at): (&[u8], usize), places: &mut Places) -> Option<(usize, usize)> {
        self.begins[usize::from(bytes[at])]
            .then(|| self.longest_at((bytes, at), places))
            .flatten()
    }

    fn longest_at(&self, (bytes, at): (&[u8], usize), places: &mut Places) -> Option<(usize, usize)> {
        let mut longest: Option<(usize, usize)> = None;
        character::read(bytes, at, &mut |first, end| {
            if !self.begins_unescaped[first_byte(first)] {
                return;
            }
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

/// The first byte of a character, for tables of bytes.
fn first_byte(character: char) -> usize {
    let mut utf8 = [0; 4];
    usize::from(character.encode_utf8(&mut utf8).as_bytes()[0])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_whichever_of_its_characters_are_escaped_and_how() {
        let escaped = Escaped::of([("k/ü\u{1f511}&\\ z".to_owned(), 7), (String::new(), 8)]);
        for text in [
            "k%2Fü\u{1f511}&\\ z",
            "k/%c3%bc\u{1f511}%26%5C%20z",
            "k%252F%25C3%25BC\u{1f511}&\\+z",
            r"k\/\u00fc\ud83d\udd11\u0026\\ z",
            r"k%5C/%5cu00fc%5Cud83d%5Cudd11%5Cu0026%5C%5C+z",
            r"k/\u{fc}\u{1f511}&amp;\x5c z",
            "k&#47;&#xfc;&#128273;&amp;amp;&#92; z",
            r"&#92;u006b/ü&#128273;&\ z",
        ] {
            let text = text.replace(r"\u{1f511}", "\u{1f511}");
            assert!(escaped.is_in(text.as_bytes()), "{text}");
            let around = format!("+{text}%");
            let replaced = escaped.replace(around.as_bytes(), |secret| format!("[{secret}]"));
            assert_eq!(replaced.as_deref(), Some(&b"+[7]%"[..]), "{text}");
        }
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        let escaped = Escaped::of([("secret".to_owned(), 0)]);
        for text in [
            "",
            "%",
            "%7",
            "\\u",
            "\\u{",
            "&#x;",
            "%73ecre",
            "sec%2Fret",
            "secre\\u007",
            "&amp;&lt;",
            "secret",
        ] {
            assert!(!escaped.is_in(text.as_bytes()), "{text}");
            assert_eq!(escaped.replace(text.as_bytes(), |_| String::new()), None, "{text}");
        }
    }
}
