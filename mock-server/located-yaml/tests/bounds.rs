//! Files made to exhaust a reader are refused quickly, with the place that goes too far.

use std::fmt::Write as _;

use located_yaml::{Document, MAX_BYTES};

fn refusal(text: &str) -> String {
    Document::parse("bomb.yaml", text)
        .expect_err("the file must be refused")
        .to_string()
}

#[test]
fn aliases_that_multiply_are_refused_where_they_pass_the_bound() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..=40 {
        let below = level - 1;
        let aliases = vec![format!("*a{below}"); 10].join(", ");
        writeln!(text, "a{level}: &a{level} [{aliases}]").unwrap();
    }
    assert_eq!(
        refusal(&text),
        "bomb.yaml:6:5: more than 250000 values, aliases included"
    );
}

#[test]
fn many_uses_of_one_large_alias_are_refused() {
    let mut text = format!("big: &big [{}]\nall:\n", vec!["x"; 1000].join(","));
    text.push_str(&"- *big\n".repeat(300));
    assert_eq!(
        refusal(&text),
        "bomb.yaml:3:3: more than 250000 values, aliases included"
    );
}

#[test]
fn deep_nesting_is_refused_in_either_style() {
    assert_eq!(
        refusal(&"[".repeat(100_000)),
        "bomb.yaml:1:256: nested more than 64 levels deep"
    );
    assert_eq!(
        refusal(&"{a: ".repeat(5_000)),
        "bomb.yaml:1:1021: nested more than 64 levels deep"
    );
    assert_eq!(
        refusal(&"- ".repeat(5_000)),
        "bomb.yaml:1:129: nested more than 64 levels deep"
    );
}

#[test]
fn nesting_through_aliases_counts() {
    let mut text = format!("a0: &a0 {}{}\n", "[".repeat(30), "]".repeat(30));
    writeln!(text, "a1: &a1 {}*a0{}", "[".repeat(40), "]".repeat(40)).unwrap();
    assert_eq!(refusal(&text), "bomb.yaml:2:49: nested more than 64 levels deep");
}

#[test]
fn the_deepest_allowed_nesting_is_read() {
    let text = format!("{}x{}", "[".repeat(64), "]".repeat(64));
    assert!(Document::parse("deep.yaml", &text).is_ok());
}

#[test]
fn a_file_that_is_too_long_is_refused_unread() {
    assert_eq!(
        refusal(&"x".repeat(MAX_BYTES + 1)),
        "bomb.yaml:1:1: more than 4194304 bytes"
    );
}
