//! Values as a reader wants to see them: JSON, shortened around what differs.

use serde_json::Value as Json;

/// The most characters of a value.
const ENOUGH: usize = 300;
/// How many of them are the same in both, before the difference.
const BEFORE: usize = 40;

/// A value, its end left out when it is long.
pub(super) fn shown(value: Option<&Json>) -> String {
    window(&text(value), 0)
}

/// Two values that differ, both shortened around the first place where they do.
pub(super) fn both(wanted: &Json, found: Option<&Json>) -> (String, String) {
    let (wanted, found) = (text(Some(wanted)), text(found));
    let same = wanted.chars().zip(found.chars()).take_while(|(a, b)| a == b).count();
    let start = if wanted.chars().count().max(found.chars().count()) > ENOUGH {
        same.saturating_sub(BEFORE)
    } else {
        0
    };
    (window(&wanted, start), window(&found, start))
}

fn text(value: Option<&Json>) -> String {
    value.map_or_else(|| "nothing".to_owned(), Json::to_string)
}

/// At most so many characters from `start` on, with the size of the whole when something is left out.
fn window(text: &str, start: usize) -> String {
    let characters = text.chars().count();
    if characters <= ENOUGH && start == 0 {
        return text.to_owned();
    }
    let before = if start > 0 { "…" } else { "" };
    let after = if start + ENOUGH < characters { "…" } else { "" };
    let middle: String = text.chars().skip(start).take(ENOUGH).collect();
    format!("{before}{middle}{after} ({} bytes)", text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_values_are_shown_whole() {
        let (wanted, found) = both(&Json::from("a"), None);
        assert_eq!((wanted.as_str(), found.as_str()), ("\"a\"", "nothing"));
    }

    #[test]
    fn long_values_are_shortened_around_the_first_difference() {
        let long = |end: &str| Json::from(format!("{}{end}{}", "a".repeat(1000), "z".repeat(1000)));
        let (wanted, found) = both(&long("right"), Some(&long("wrong")));
        let same = "a".repeat(BEFORE);
        assert!(wanted.starts_with(&format!("…{same}right")), "{wanted}");
        assert!(found.starts_with(&format!("…{same}wrong")), "{found}");
        assert!(found.ends_with("z… (2007 bytes)"), "{found}");
    }

    #[test]
    fn of_values_that_are_alike_for_long_the_end_is_shown() {
        let start = "é".repeat(500);
        let (wanted, found) = both(&Json::from(format!("{start}a")), Some(&Json::from(start.as_str())));
        let same = "é".repeat(BEFORE);
        assert_eq!(wanted, format!("…{same}a\" (1003 bytes)"));
        assert_eq!(found, format!("…{same}\" (1002 bytes)"));
    }
}
