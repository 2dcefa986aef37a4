//! How terms are combined, and what is said of filters that cannot be right.

use proptest::prelude::*;

use super::chosen;
use crate::plan::{Filter, FilterError};

#[test]
fn filters_that_match_nothing_are_slips_of_the_pen() {
    for (filters, expected) in [
        (
            &["urls.ids.rihgt"][..],
            "the filter `urls.ids.rihgt` matches no case; did you mean `urls.ids.right`?",
        ),
        (
            &["requirement:RAET"],
            "the filter `requirement:RAET` matches no case; did you mean `RATE`?",
        ),
        (
            &["tag:slwo"],
            "the filter `tag:slwo` matches no case; did you mean `slow`?",
        ),
        (
            &["section:url"],
            "the filter `section:url` matches no case; did you mean `urls`?",
        ),
        (
            &["grade:documentd"],
            "the filter `grade:documentd` matches no case; did you mean `documented`?",
        ),
        (
            &["level:MSUT"],
            "the filter `level:MSUT` matches no case; did you mean `MUST`?",
        ),
        (
            &["grade:observed"],
            "the filter `grade:observed` matches no case; known: documented, open, vendor",
        ),
        (
            &["id:urls.ids.riht"],
            "the filter `id:urls.ids.riht` matches no case; did you mean `urls.ids.right`?",
        ),
        (
            &["section:urls and level:SHOULD"],
            "the filter `section:urls and level:SHOULD` matches no case, though each of its terms does",
        ),
        (
            &["section:urls", "level:SHOULD"],
            "no case matches all of the filters `section:urls`, `level:SHOULD`",
        ),
    ] {
        assert_eq!(chosen(filters), Err(expected.to_owned()));
    }
}

#[test]
fn terms_are_combined_with_words_or_signs() {
    let all = &[
        "answers.rate.burst",
        "answers.size.large",
        "running.time.exact",
        "urls.ids.right",
        "urls.ids.wrong",
    ];
    for (filter, expected) in [
        ("section:answers and level:must", &["answers.rate.burst"][..]),
        ("section:answers & level:must", &["answers.rate.burst"]),
        ("section:answers && !level:must", &["answers.size.large"]),
        ("tag:slow or running.*", &["answers.size.large", "running.time.exact"]),
        ("tag:slow | running.* | requirement:RATE", &all[..3]),
        ("not (section:urls or section:answers)", &["running.time.exact"]),
        ("not section:urls and not section:answers", &["running.time.exact"]),
        ("not not running.*", &["running.time.exact"]),
        // `and` binds stronger than `or`.
        ("tag:slow or level:must and running.* or running.*", &all[1..3]),
        ("(tag:slow or level:must) and section:answers", &all[..2]),
        ("*", all),
        ("not running.* or running.*", all),
        ("  running.*\t", &["running.time.exact"]),
    ] {
        let found = chosen(&[filter]).unwrap_or_else(|error| panic!("{filter}: {error}"));
        assert_eq!(found, expected, "{filter}");
    }
}

#[test]
fn what_is_wrong_with_an_expression_is_pointed_at() {
    for (filter, message, caret) in [
        ("", "expected a glob of ids", "^"),
        ("urls.* and", "expected a glob of ids", "          ^"),
        ("and urls.*", "before this", "^^^"),
        (
            "urls.* running.*",
            "expected `and` or `or` before this",
            "       ^^^^^^^^^",
        ),
        ("(urls.*", "this parenthesis is not closed", "^"),
        ("urls.*)", "this parenthesis closes nothing", "      ^"),
        ("()", "before this", " ^"),
        ("urls.* or | tag:slow", "before this", "          ^"),
        ("urls.* or && tag:slow", "before this", "          ^^"),
        (
            "levle:must",
            "nothing is filtered by `levle`; did you mean `level`?",
            "^^^^^",
        ),
        ("urls.* or tag:", "there is nothing after the colon", "          ^^^^"),
        (
            "urls.* and not tag:slwo",
            "`tag:slwo` matches no case; did you mean `slow`?",
            "               ^^^^^^^^",
        ),
    ] {
        let error = chosen(&[filter]).expect_err(filter);
        let lines: Vec<_> = error.lines().collect();
        assert!(lines[0].contains(message), "{filter}: {error}");
        assert_eq!(&lines[1..], [format!("  {filter}"), format!("  {caret}")], "{filter}");
    }
    let deep = format!("{}urls.*{}", "(".repeat(10_000), ")".repeat(10_000));
    assert!(chosen(&[&deep]).is_err_and(|error| error.contains("nested more than 50 deep")));
    // What stands side by side is not nested.
    for one in ["urls.*", "(urls.*)"] {
        assert_eq!(chosen(&[&[one; 60].join(" or ")]), chosen(&["urls.*"]), "{one}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_of_filters_panic(text in "[a-z:*()&|! é\u{2028}]{0,40}") {
        if let Err(FilterError::At { text: shown, caret, .. }) = Filter::parse(&text) {
            prop_assert_eq!(shown.chars().count(), text.chars().count());
            prop_assert!(caret.chars().count() <= text.chars().count() + 1);
        }
    }
}
