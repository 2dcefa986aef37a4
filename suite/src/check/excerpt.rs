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

    #[test]
    fn a_mark_stands_where_something_is_left_out_and_nowhere_else() {
        // Quotation marks count as well.
        let of = |characters: usize| Json::from("a".repeat(characters - 2));
        let whole = shown(Some(&of(ENOUGH)));
        assert_eq!((whole.chars().count(), whole.contains('…')), (ENOUGH, false));
        let cut = shown(Some(&of(ENOUGH + 1)));
        assert!(!cut.starts_with('…') && cut.ends_with("a… (301 bytes)"), "{cut}");
        let (wanted, found) = both(&of(ENOUGH), Some(&of(ENOUGH - 1)));
        assert!(!wanted.contains('…') && !found.contains('…'), "{wanted} {found}");
        // The difference is so near to the end that all after it is shown.
        for (length, end) in [(ENOUGH + 60, "\" (360 bytes)"), (ENOUGH + 61, "a… (361 bytes)")] {
            let mut other = "a".repeat(length - 2);
            other.replace_range(99..100, "b");
            let (wanted, _) = both(&of(length), Some(&Json::from(other)));
            assert!(wanted.starts_with('…') && wanted.ends_with(end), "{wanted}");
        }
    }

    #[test]
    fn a_short_value_beside_a_long_one_is_shortened_like_it() {
        let short = Json::from("a".repeat(100));
        let (wanted, found) = both(&short, Some(&Json::from("a".repeat(400))));
        assert_eq!(wanted, format!("…{}\" (102 bytes)", "a".repeat(BEFORE)));
        assert!(found.starts_with(&format!("…{}", "a".repeat(BEFORE))), "{found}");
        let (wanted, found) = both(&Json::from("x"), Some(&Json::from("y")));
        assert_eq!((wanted.as_str(), found.as_str()), ("\"x\"", "\"y\""));
    }
}
