//! A secret some of whose characters are escaped: in URLs and forms, in the strings of JSON and of programs, in HTML and XML.
//!
//! Who escapes is free to choose which characters, and in which letter case, so that there is no list of all spellings: a
//! pattern takes every character in every way it can be written. It is made when a text first has an escape in it.

use std::fmt::Write as _;
use std::sync::OnceLock;

use regex::bytes::{Captures, Regex};

use super::spelling;

/// What every escape begins with; a space in a form is the only character that is written as another one.
const BEGINNINGS: [u8; 4] = [b'%', b'\\', b'&', b'+'];

/// Secrets by name, and the pattern of all their spellings.
pub(super) struct Escaped {
    secrets: Vec<(String, String)>,
    pattern: OnceLock<Option<Regex>>,
}

impl Escaped {
    /// Of secrets by name.
    pub(super) fn of(secrets: &[(String, String)]) -> Self {
        let mut secrets: Vec<_> = secrets.iter().filter(|(_, it)| !it.is_empty()).cloned().collect();
        // The first that fits is taken, and that has to be the longest.
        secrets.sort_by_key(|(_, secret)| std::cmp::Reverse(secret.len()));
        Self {
            secrets,
            pattern: OnceLock::new(),
        }
    }

    /// The bytes without the secrets; nothing when there were none in them.
    pub(super) fn replace(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        if !bytes.iter().any(|byte| BEGINNINGS.contains(byte)) {
            return None;
        }
        let pattern = self.pattern.get_or_init(|| pattern(&self.secrets)).as_ref()?;
        let name = |found: &Captures<'_>| {
            let which = (0..self.secrets.len()).find(|which| found.get(which + 1).is_some());
            let name = which.and_then(|which| self.secrets.get(which));
            name.map_or_else(Vec::new, |(name, _)| format!("[{name}]").into_bytes())
        };
        pattern
            .is_match(bytes)
            .then(|| pattern.replace_all(bytes, name).into_owned())
    }
}

/// A group for each secret, in their order.
fn pattern(secrets: &[(String, String)]) -> Option<Regex> {
    let group = |(_, secret): &(String, String)| {
        let base64 = spelling::in_base64(secret.as_bytes()).into_iter();
        let spellings: Vec<_> = std::iter::once(escapable(secret))
            .chain(base64.map(|it| in_base64(&it)))
            .collect();
        format!("({})", spellings.join("|"))
    };
    let groups: Vec<_> = secrets.iter().map(group).collect();
    (!groups.is_empty()).then(|| {
        let pattern = regex::bytes::RegexBuilder::new(&groups.join("|"))
            .size_limit(256 << 20)
            .build();
        pattern.expect("every character in it is escaped")
    })
}

/// Every way to write a text, each of its characters escaped or not.
fn escapable(text: &str) -> String {
    text.chars().map(|it| format!("(?:{})", ways(it).join("|"))).collect()
}

/// Base64 of which only the characters that are no letters and digits are ever escaped.
fn in_base64(text: &str) -> String {
    let one = |it: char| {
        if it.is_ascii_alphanumeric() {
            it.to_string()
        } else {
            format!("(?:{})", ways(it).join("|"))
        }
    };
    text.chars().map(one).collect()
}

/// Every way to write a character, as patterns. What is escaped may be escaped again and again: JSON in JSON, a URL in a URL.
fn ways(character: char) -> Vec<String> {
    let code = u32::from(character);
    let mut utf8 = [0; 4];
    let percent = character
        .encode_utf8(&mut utf8)
        .bytes()
        .fold(String::new(), |mut out, byte| {
            let _ = write!(out, "%(?:25)*(?i:{byte:02x})");
            out
        });
    let mut units = [0; 2];
    let utf16 = character
        .encode_utf16(&mut units)
        .iter()
        .fold(String::new(), |mut out, unit| {
            let _ = write!(out, r"\\+u(?i:{unit:04x})");
            out
        });
    let mut ways = vec![
        percent,
        utf16,
        format!(r"\\+u\{{0*(?i:{code:x})\}}"),
        format!("&(?:amp;)*#0*{code};"),
        format!("&(?:amp;)*#[xX]0*(?i:{code:x});"),
    ];
    if code < 0x100 {
        ways.push(format!(r"\\+x(?i:{code:02x})"));
    }
    let named: &[&str] = match character {
        ' ' => &[r"\+"],
        '"' => &[r#"\\+""#, "&(?:amp;)*quot;"],
        '\'' => &[r"\\+'", "&(?:amp;)*apos;"],
        '&' => &["&(?:amp;)+"],
        '<' => &["&(?:amp;)*lt;"],
        '>' => &["&(?:amp;)*gt;"],
        '/' => &[r"\\+/"],
        '\\' => &[r"\\+"],
        '\n' => &[r"\\+n"],
        '\r' => &[r"\\+r"],
        '\t' => &[r"\\+t"],
        _ => &[],
    };
    ways.extend(named.iter().map(|&it| it.to_owned()));
    // Last, because the first that fits is taken: of what begins an escape the whole escape.
    ways.push(regex::escape(&character.to_string()));
    ways
}
