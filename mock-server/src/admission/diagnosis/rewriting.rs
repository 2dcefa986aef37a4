//! The usual ways to write the same JSON differently, each named by what it does.
//!
//! Writes texts; whether one of them was signed is found out by whoever asks.

use serde_json::{Number, Value};

/// One way to write JSON.
#[derive(Clone, Copy, Debug)]
struct Style {
    order: Order,
    spacing: Spacing,
    numbers: Numbers,
    escapes: Escapes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    AsSent,
    Sorted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spacing {
    Compact,
    /// A space after each colon and comma.
    Spaced,
    /// A line for each member, indented by so many spaces a level.
    Lines(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Numbers {
    /// With the fraction they were sent with, even if it is zero.
    AsSent,
    /// As floating-point numbers are written where there are no others.
    Floating,
}

/// What is escaped in a text besides what has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escapes {
    Nothing,
    BeyondAscii,
    /// Go: what HTML takes for a tag or an entity, and the two line ends of Unicode.
    Html,
    /// PHP: slashes, and everything beyond ASCII.
    Slashes,
    /// .NET: quotation marks, what HTML takes for something of its own, and everything beyond ASCII, in capitals.
    Capitals,
}

/// The spacings, numbers and escapes that go together, those most seen first.
const USUAL: [(Spacing, Numbers, Escapes); 11] = [
    (Spacing::Compact, Numbers::AsSent, Escapes::Nothing),
    (Spacing::Spaced, Numbers::AsSent, Escapes::Nothing),
    (Spacing::Compact, Numbers::Floating, Escapes::Nothing),
    (Spacing::Compact, Numbers::AsSent, Escapes::BeyondAscii),
    (Spacing::Spaced, Numbers::AsSent, Escapes::BeyondAscii),
    (Spacing::Compact, Numbers::Floating, Escapes::Html),
    (Spacing::Compact, Numbers::Floating, Escapes::Slashes),
    (Spacing::Compact, Numbers::AsSent, Escapes::Capitals),
    (Spacing::Lines(2), Numbers::AsSent, Escapes::Nothing),
    (Spacing::Lines(2), Numbers::Floating, Escapes::Nothing),
    (Spacing::Lines(4), Numbers::AsSent, Escapes::Nothing),
];

/// A body's JSON in every usual form, and the form's name. Nothing if it is no JSON.
pub(super) fn forms(body: &[u8]) -> Vec<(String, String)> {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return Vec::new();
    };
    let mut forms = Vec::new();
    for order in [Order::AsSent, Order::Sorted] {
        for (spacing, numbers, escapes) in USUAL {
            let style = Style {
                order,
                spacing,
                numbers,
                escapes,
            };
            let mut text = String::with_capacity(body.len());
            style.write(&value, 0, &mut text);
            forms.push((text, style.name()));
        }
    }
    forms
}

impl Style {
    fn name(self) -> String {
        let spacing = match self.spacing {
            Spacing::Compact => "compact".to_owned(),
            Spacing::Spaced => "a space after each colon and comma".to_owned(),
            Spacing::Lines(by) => format!("indented by {by}"),
        };
        let escapes = match (self.escapes, self.numbers) {
            (Escapes::Nothing, Numbers::AsSent) => None,
            (Escapes::Nothing, Numbers::Floating) => Some("numbers as JavaScript writes them"),
            (Escapes::BeyondAscii, _) => Some("escaped beyond ASCII"),
            (Escapes::Html, _) => Some("as Go writes it"),
            (Escapes::Slashes, _) => Some("as PHP writes it"),
            (Escapes::Capitals, _) => Some("as .NET writes it"),
        };
        let order = (self.order == Order::Sorted).then_some("keys sorted");
        let rest = escapes.into_iter().chain(order).map(|part| format!(", {part}"));
        spacing + &rest.collect::<String>()
    }

    fn write(self, value: &Value, level: usize, text: &mut String) {
        match value {
            Value::Array(items) => {
                let items = items.iter().map(|item| (None, item));
                self.write_all(('[', ']'), items, level, text);
            }
            Value::Object(members) => {
                let mut members: Vec<_> = members
                    .iter()
                    .map(|(name, member)| (Some(name.as_str()), member))
                    .collect();
                if self.order == Order::Sorted {
                    members.sort_by_key(|(name, _)| *name);
                }
                self.write_all(('{', '}'), members.into_iter(), level, text);
            }
            Value::String(string) => self.quote(string, text),
            Value::Number(number) => match self.numbers {
                Numbers::AsSent => text.push_str(&number.to_string()),
                Numbers::Floating => text.push_str(&floating(number)),
            },
            Value::Null | Value::Bool(_) => text.push_str(&value.to_string()),
        }
    }

    fn write_all<'v>(
        self,
        (open, close): (char, char),
        members: impl ExactSizeIterator<Item = (Option<&'v str>, &'v Value)>,
        level: usize,
        text: &mut String,
    ) {
        let is_empty = members.len() == 0;
        text.push(open);
        for (position, (name, member)) in members.enumerate() {
            if position > 0 {
                text.push(',');
            }
            match self.spacing {
                Spacing::Lines(by) => new_line(by * (level + 1), text),
                Spacing::Spaced if position > 0 => text.push(' '),
                Spacing::Compact | Spacing::Spaced => {}
            }
            if let Some(name) = name {
                self.quote(name, text);
                text.push_str(if self.spacing == Spacing::Compact { ":" } else { ": " });
            }
            self.write(member, level + 1, text);
        }
        if let (Spacing::Lines(by), false) = (self.spacing, is_empty) {
            new_line(by * level, text);
        }
        text.push(close);
    }

    fn quote(self, string: &str, text: &mut String) {
        text.push('"');
        for character in string.chars() {
            match character {
                '"' if self.escapes != Escapes::Capitals => text.push_str("\\\""),
                '\\' => text.push_str("\\\\"),
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                '\u{8}' => text.push_str("\\b"),
                '\u{c}' => text.push_str("\\f"),
                '/' if self.escapes == Escapes::Slashes => text.push_str("\\/"),
                _ if character < ' ' || self.escapes.takes(character) => self.escapes.write(character, text),
                _ => text.push(character),
            }
        }
        text.push('"');
    }
}

impl Escapes {
    const fn takes(self, character: char) -> bool {
        match self {
            Self::Nothing => false,
            Self::BeyondAscii | Self::Slashes => !character.is_ascii(),
            Self::Html => matches!(character, '<' | '>' | '&' | '\u{2028}' | '\u{2029}'),
            Self::Capitals => {
                !character.is_ascii() || matches!(character, '"' | '\'' | '+' | '<' | '>' | '&' | '`' | '\u{7f}')
            }
        }
    }

    fn write(self, character: char, text: &mut String) {
        let mut units = [0; 2];
        for unit in character.encode_utf16(&mut units) {
            text.push_str(&match self {
                Self::Capitals => format!("\\u{unit:04X}"),
                Self::Nothing | Self::BeyondAscii | Self::Html | Self::Slashes => format!("\\u{unit:04x}"),
            });
        }
    }
}

fn new_line(indent: usize, text: &mut String) {
    text.push('\n');
    text.extend(std::iter::repeat_n(' ', indent));
}

/// As ECMAScript writes a number, which Go and PHP do as well.
fn floating(number: &Number) -> String {
    let Some(value) = number.as_f64() else {
        return number.to_string();
    };
    if value == 0.0 {
        return "0".to_owned();
    }
    if (1e-6..1e21).contains(&value.abs()) {
        return value.to_string();
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &str = r#"{ "b": [1.0, 1e21, 0.0000001, -0.0, {}], "a": "é</b>&\"'", "c": {"d": []} }"#;

    fn written(name: &str) -> String {
        let forms = forms(SENT.as_bytes());
        let form = forms.into_iter().find(|(_, it)| it == name);
        form.unwrap_or_else(|| panic!("there is no form `{name}`")).0
    }

    #[test]
    fn each_form_is_what_its_language_writes() {
        for (name, text) in [
            (
                "compact",
                r#"{"b":[1.0,1e+21,1e-7,-0.0,{}],"a":"é</b>&\"'","c":{"d":[]}}"#,
            ),
            (
                "a space after each colon and comma, escaped beyond ASCII, keys sorted",
                r#"{"a": "\u00e9</b>&\"'", "b": [1.0, 1e+21, 1e-7, -0.0, {}], "c": {"d": []}}"#,
            ),
            (
                "compact, numbers as JavaScript writes them",
                r#"{"b":[1,1e+21,1e-7,0,{}],"a":"é</b>&\"'","c":{"d":[]}}"#,
            ),
            (
                "compact, as Go writes it, keys sorted",
                r#"{"a":"é\u003c/b\u003e\u0026\"'","b":[1,1e+21,1e-7,0,{}],"c":{"d":[]}}"#,
            ),
            (
                "compact, as PHP writes it",
                r#"{"b":[1,1e+21,1e-7,0,{}],"a":"\u00e9<\/b>&\"'","c":{"d":[]}}"#,
            ),
            (
                "compact, as .NET writes it",
                r#"{"b":[1.0,1e+21,1e-7,-0.0,{}],"a":"\u00E9\u003C/b\u003E\u0026\u0022\u0027","c":{"d":[]}}"#,
            ),
            (
                "indented by 2, numbers as JavaScript writes them",
                "{\n  \"b\": [\n    1,\n    1e+21,\n    1e-7,\n    0,\n    {}\n  ],\n  \"a\": \"é</b>&\\\"'\",\n  \"c\": {\n    \
                 \"d\": []\n  }\n}",
            ),
        ] {
            assert_eq!(written(name), text, "{name}");
        }
    }

    #[test]
    fn every_form_is_the_same_document_and_has_a_name_of_its_own() {
        let document = |text: &str| serde_json::from_str::<Value>(text).expect("it is JSON");
        let strings = r#"["\u0000\b\f\n\r\t\\\"\u2028𝄞/"]"#;
        let forms = forms(strings.as_bytes());
        for (text, name) in &forms {
            assert_eq!(document(text), document(strings), "{name}");
        }
        let mut names: Vec<_> = forms.iter().map(|(_, name)| name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 22);
        assert!(super::forms(b"{").is_empty());
    }
}
