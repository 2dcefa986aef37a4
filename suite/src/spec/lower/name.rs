//! The names that ids are made of: they outlive the values, the order and the number of whatever they name.
//!
//! Reports, exemptions and filters of users refer to ids for years, so what could change without a thought is no part of one.

use located_yaml::{Key, Node, Problem, Problems};

/// Words that say nothing about what they count.
const COUNTERS: [&str; 10] = [
    "case", "entry", "example", "item", "no", "number", "row", "step", "test", "variant",
];

/// Complains about an id of a case that would not stay what it is.
pub(super) fn of_case(node: Node<'_>, problems: &mut Problems) {
    let Some(id) = node.string(&mut Problems::default()) else {
        return;
    };
    if id.contains("${") {
        let problem = node.problem("this id is put together from values, and changes with them");
        problems.push(problem.hint("write it out; the rows of `for_each` append their own names"));
        return;
    }
    let names: Vec<&str> = id.split('.').collect();
    if names.len() != 3 || !names.iter().all(|name| is_kebab(name)) {
        let problem = node.problem(format!("`{id}` is no id of a case"));
        problems.push(problem.hint(
            "an id is folder, file and a name of its own, with dots between: words of lower-case letters and digits, joined by \
             hyphens, such as running.sync-fallback.at-the-limit",
        ));
        return;
    }
    problems.extend(unstable(names[2], |message| node.problem(message)));
}

/// Complains about a name of a row of `for_each` that would not stay what it is.
pub(super) fn of_row(key: &Key<'_>, problems: &mut Problems) {
    let name = key.text;
    match unstable(name, |message| key.problem(message)) {
        Some(problem) => problems.push(problem),
        None if !is_kebab(name) => {
            let problem = key.problem(format!("`{name}` is no name of a row"));
            problems.push(
                problem.hint("words of lower-case letters and digits, joined by hyphens: it ends the id of a case"),
            );
        }
        None => {}
    }
}

/// Says why a name would not stay, if it would not.
fn unstable(name: &str, problem: impl Fn(String) -> Problem) -> Option<Problem> {
    if name.starts_with(|first: char| first.is_ascii_digit() || first == '-' || first == '+') {
        let message = format!("the id would end in the value `{name}`, and change with it");
        return Some(problem(message).hint("name what the value stands for, such as `at-the-limit` or `code-404`"));
    }
    let word = name.trim_end_matches(|last: char| last.is_ascii_digit());
    let counted = word.len() < name.len() && COUNTERS.contains(&word.trim_end_matches('-'));
    counted.then(|| {
        let message = format!("the id would end in the position `{name}`, and change with the order");
        problem(message).hint("name what is special about it, such as `lower-case` or `without-a-body`")
    })
}

fn is_kebab(name: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.split('-').all(word)
}

#[cfg(test)]
mod tests {
    use located_yaml::Location;

    use super::*;

    #[test]
    fn names_that_are_values_or_positions_do_not_stay() {
        let stays =
            |name: &str| unstable(name, |message| Problem::new(Location::start_of("x.yaml"), message)).is_none();
        for name in [
            "25", "404", "1.5", "50s", "250ms", "1mib", "-1", "1", "1st", "row-1", "case2", "item-10", "no-3",
        ] {
            assert!(!stays(name), "{name}");
        }
        for name in [
            "code-404",
            "page-of-100",
            "first",
            "row",
            "sha256",
            "utf-8",
            "http-1",
            "one-byte-over",
            "no-body",
        ] {
            assert!(stays(name), "{name}");
        }
    }

    #[test]
    fn a_name_is_words_in_lower_case_joined_by_hyphens() {
        for name in ["a", "at-the-limit", "code-404", "utf-8"] {
            assert!(is_kebab(name), "{name}");
        }
        for name in ["", "A", "at_the_limit", "at--the", "-at", "at-", "1st", "v1.5", "é"] {
            assert!(!is_kebab(name), "{name}");
        }
    }
}
