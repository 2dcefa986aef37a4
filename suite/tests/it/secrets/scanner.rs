//! Looks for secrets in whatever was left behind, by undoing encodings instead of making them: what it finds does not depend
//! on what anybody thought of taking out.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use data_encoding::{Encoding, HEXLOWER_PERMISSIVE, Specification};
use regex::bytes::{Captures, Regex};

/// A way to undo an encoding; nothing when there is nothing to undo.
type Undo = fn(&[u8]) -> Option<Vec<u8>>;

/// Finds these secrets.
pub(crate) struct Scanner {
    secrets: Vec<String>,
    automaton: AhoCorasick,
}

impl Scanner {
    pub(crate) fn of(secrets: impl IntoIterator<Item = String>) -> Self {
        let secrets: Vec<_> = secrets.into_iter().collect();
        assert!(secrets.iter().all(|it| it.len() > 8), "short ones are found by chance");
        let automaton = AhoCorasick::new(&secrets).expect("there are few of them");
        Self { secrets, automaton }
    }

    /// Every secret in some bytes with the way it is hidden there.
    pub(crate) fn find(&self, bytes: &[u8]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        // JSON that holds JSON has everything escaped twice, and a page that holds that JSON once more.
        let mut layers = vec![(String::new(), bytes.to_vec())];
        for name in ["unescaped ", "unescaped twice "] {
            if let Some(text) = layers.last().and_then(|(_, text)| unescape(text)) {
                layers.push((name.to_owned(), text));
            }
        }
        for (layer, text) in &layers {
            self.look(layer, text, &mut found);
            let undo: [(&str, Undo); 3] = [("percent", unpercent), ("form", unform), ("entities", unentity)];
            for (name, undo) in undo {
                let Some(text) = undo(text) else { continue };
                self.look(&format!("{layer}{name} "), &text, &mut found);
                if let Some(text) = unescape(&text) {
                    self.look(&format!("{layer}{name} unescaped "), &text, &mut found);
                }
            }
        }
        found
    }

    fn look(&self, way: &str, text: &[u8], found: &mut BTreeSet<String>) {
        let mut note = |how: &str, text: &[u8]| {
            let hits = self.automaton.find_iter(text).map(|it| it.pattern().as_usize());
            found.extend(hits.map(|which| format!("{} as {way}{how}", self.secrets[which])));
        };
        note("plain", text);
        for run in BASE64_RUN.find_iter(text) {
            let run: Vec<u8> = run
                .as_bytes()
                .iter()
                .map(|it| match it {
                    b'-' => b'+',
                    b'_' => b'/',
                    it => *it,
                })
                .collect();
            for start in 0..4.min(run.len()) {
                let run = &run[start..];
                let run = if run.len() % 4 == 1 { &run[..run.len() - 1] } else { run };
                note("base64", &BASE64_LENIENT.decode(run).expect("only its characters"));
            }
        }
        for run in HEX_RUN.find_iter(text) {
            for start in 0..2 {
                let run = &run.as_bytes()[start..];
                let run = &run[..run.len() / 2 * 2];
                note("hex", &HEXLOWER_PERMISSIVE.decode(run).expect("only its characters"));
            }
        }
        let narrow: Vec<u8> = text.iter().copied().filter(|it| *it != 0).collect();
        if narrow.len() < text.len() {
            note("wide", &narrow);
        }
    }
}

static BASE64_RUN: LazyLock<Regex> = LazyLock::new(|| pattern("[A-Za-z0-9+/_-]{8,}"));
static HEX_RUN: LazyLock<Regex> = LazyLock::new(|| pattern("[0-9a-fA-F]{16,}"));
static PERCENT: LazyLock<Regex> = LazyLock::new(|| pattern("%([0-9a-fA-F]{2})"));
static ESCAPE: LazyLock<Regex> = LazyLock::new(|| pattern(r#"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(["'/\\nrt]))"#));
static ENTITY: LazyLock<Regex> = LazyLock::new(|| pattern("&(?:#([0-9]+)|#[xX]([0-9a-fA-F]+)|(amp|lt|gt|quot|apos));"));
static BASE64_LENIENT: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification
        .symbols
        .push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    specification.check_trailing_bits = false;
    specification.encoding().expect("it is an alphabet of 64")
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("it is a pattern")
}

fn undo(pattern: &Regex, text: &[u8], one: impl Fn(&Captures<'_>) -> Vec<u8>) -> Option<Vec<u8>> {
    pattern
        .is_match(text)
        .then(|| pattern.replace_all(text, one).into_owned())
}

fn number(digits: &[u8], radix: u32) -> u32 {
    let digits = std::str::from_utf8(digits).expect("they are digits");
    u32::from_str_radix(digits, radix).unwrap_or(u32::from(char::REPLACEMENT_CHARACTER))
}

fn utf8(code: u32) -> Vec<u8> {
    char::from_u32(code)
        .unwrap_or(char::REPLACEMENT_CHARACTER)
        .to_string()
        .into_bytes()
}

fn unpercent(text: &[u8]) -> Option<Vec<u8>> {
    undo(&PERCENT, text, |it| {
        vec![u8::try_from(number(&it[1], 16)).expect("two digits")]
    })
}

fn unform(text: &[u8]) -> Option<Vec<u8>> {
    let spaced: Vec<u8> = text.iter().map(|it| if *it == b'+' { b' ' } else { *it }).collect();
    (spaced != text).then(|| unpercent(&spaced).unwrap_or(spaced))
}

fn unescape(text: &[u8]) -> Option<Vec<u8>> {
    undo(&ESCAPE, text, |it| match (it.get(1).or_else(|| it.get(2)), it.get(3)) {
        (Some(code), _) => utf8(number(code.as_bytes(), 16)),
        (None, Some(character)) => match character.as_bytes() {
            b"n" => b"\n".to_vec(),
            b"r" => b"\r".to_vec(),
            b"t" => b"\t".to_vec(),
            other => other.to_vec(),
        },
        (None, None) => Vec::new(),
    })
}

/// Twice: what is escaped can stand in an attribute that is escaped again.
fn unentity(text: &[u8]) -> Option<Vec<u8>> {
    let once = unentity_once(text)?;
    Some(unentity_once(&once).unwrap_or(once))
}

fn unentity_once(text: &[u8]) -> Option<Vec<u8>> {
    undo(&ENTITY, text, |it| match (it.get(1), it.get(2), it.get(3)) {
        (Some(code), ..) => utf8(number(code.as_bytes(), 10)),
        (_, Some(code), _) => utf8(number(code.as_bytes(), 16)),
        (_, _, Some(name)) => match name.as_bytes() {
            b"amp" => b"&".to_vec(),
            b"lt" => b"<".to_vec(),
            b"gt" => b">".to_vec(),
            b"quot" => b"\"".to_vec(),
            _ => b"'".to_vec(),
        },
        (None, None, None) => Vec::new(),
    })
}

#[test]
fn every_spelling_is_found_wherever_it_is_planted() {
    let secret = "Canary00/+&=%\"<'\\~zulu";
    let scanner = Scanner::of([secret.to_owned()]);
    for clean in ["", "nothing 4paJ+/ of %41 the \\u0041 kind &amp; 7a756c75"] {
        assert_eq!(scanner.find(clean.as_bytes()), BTreeSet::new());
    }
    for (name, spelling) in super::spellings::of(secret) {
        let json = format!("{{\"it\":\"{spelling}\"}}");
        let twice = serde_json::json!({ "body": json }).to_string();
        let page = twice.replace('<', "\\u003c");
        let attribute = format!(
            "<a title=\"{}\">",
            json.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
        );
        for planted in [json, twice, page, attribute] {
            assert!(
                !scanner.find(planted.as_bytes()).is_empty(),
                "{name} is not found in {planted}"
            );
        }
    }
    let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert!(!scanner.find(&wide).is_empty());
}
