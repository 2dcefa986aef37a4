//! What a person reads when a file is wrong: one snapshot per mistake.
//!
//! Only the messages; positions and bounds have laws of their own.

use located_yaml::{Document, Paint, Problems, Sources};

/// Reads a small format that uses every reader, so that every reader's message can be seen.
fn read(text: &str) -> String {
    let mut sources = Sources::default();
    sources.add("bad.yaml", text);
    let problems = match Document::parse("bad.yaml", text) {
        Ok(document) => inspect(&document),
        Err(problems) => problems,
    };
    problems.render(&sources, Paint::Plain)
}

fn inspect(document: &Document) -> Problems {
    let mut problems = Problems::default();
    let known = [
        "name", "count", "ratio", "on", "items", "mode", "patience", "label", "data",
    ];
    let Some(fields) = document.root().fields(&known, &mut problems) else {
        return problems;
    };
    fields
        .required("name", &mut problems)
        .and_then(|node| node.string(&mut problems));
    fields.optional("count").and_then(|node| node.integer(&mut problems));
    fields.optional("ratio").and_then(|node| node.number(&mut problems));
    fields.optional("on").and_then(|node| node.boolean(&mut problems));
    fields.optional("items").and_then(|node| node.items(&mut problems));
    fields
        .optional("mode")
        .and_then(|node| node.choice(&[("sync", 1), ("async", 2), ("webhook", 3)], &mut problems));
    fields
        .optional("patience")
        .and_then(|node| node.duration(&mut problems));
    fields
        .optional("label")
        .and_then(|node| node.scalar_text(&mut problems));
    fields.optional("data").and_then(|node| node.json(&mut problems));
    problems
}

#[test]
fn every_mistake_has_a_message_with_its_place_and_a_hint() {
    let rows = [
        ("not YAML", "name: [a\n"),
        ("colon in a text", "name: a: b\n"),
        ("unfinished quote", "name: \"a\n"),
        ("unknown anchor", "name: *nobody\n"),
        ("tab as indentation", "data:\n\tname: a\n"),
        ("the same key twice", "name: a\ncount: 1\nname: b\n"),
        (
            "the same key twice, deep in a flow mapping",
            "name: a\ndata: {x: 1, y: 2, x: 3}\n",
        ),
        ("a key that is no text", "name: a\n? [1, 2]\n: b\n"),
        ("two documents", "name: a\n---\nname: b\n"),
        ("a tag", "name: !secret a\n"),
        ("not a mapping", "- name\n"),
        ("an empty file", "# nothing\n"),
        (
            "a number too large to be read",
            "name: a\ncount: 12345678901234567890123\n",
        ),
        ("a control character", "name: \"a\u{1}b\"\n"),
        ("unknown keys, two at once", "nmae: a\nzebra: 1\n"),
        (
            "wrong types, all at once",
            "name: 7\ncount: many\nratio: [1]\non: yes\nitems: {a: 1}\nlabel: {a: 1}\n",
        ),
        (
            "nothing where something is needed",
            "name:\ncount:\nmode:\npatience:\nlabel:\n",
        ),
        ("an unknown word", "name: a\nmode: snyc\n"),
        ("a list for a word", "name: a\nmode: [sync]\n"),
        ("a duration without a unit", "name: a\npatience: \"50\"\n"),
        ("a duration of nothing known", "name: a\npatience: 5 parsecs\n"),
        ("a negative duration", "name: a\npatience: -3\n"),
        ("a fraction for a whole number", "name: a\ncount: 1.5\n"),
        ("a value JSON cannot express", "name: a\ndata: [1, .nan, {x: .inf}]\n"),
        (
            "a caret under wide and quoted text",
            "naïve: x\ndata: 1\n\"nam\\u0065\": 'it''s' # why\ncount: \"é\" # no\n",
        ),
        ("an alias inside what it names", "name: &loop [*loop]\n"),
        (
            "something inside a block text",
            "name: a\ncount: |\n  several\n  lines\n",
        ),
        ("carriage returns", "name: a\r\ncount: x\r\n"),
    ];
    let drawn: Vec<String> = rows
        .iter()
        .map(|(title, text)| format!("## {title}\n{}\n", read(text)))
        .collect();
    insta::assert_snapshot!(drawn.join("\n"));
}

#[test]
fn a_right_file_has_no_problems() {
    let text = "name: a\ncount: 3\nratio: 0.5\non: true\nitems: [1]\nmode: sync\npatience: 1.5s\nlabel: 010\ndata: {a: [null]}\n";
    assert_eq!(read(text), "");
}

#[test]
fn a_problem_in_a_file_whose_text_is_not_at_hand_still_says_where() {
    let problems = Document::parse("gone.yaml", "a: b: c\n").expect_err("it is not YAML");
    insta::assert_snapshot!(problems.render(&Sources::default(), Paint::Plain));
}

#[test]
fn escape_sequences_in_a_file_do_not_reach_the_terminal() {
    let drawn = read("name: \"a\"\nmode: \u{9b}31mred\n");
    assert!(!drawn.contains('\u{9b}'), "{drawn}");
}

#[test]
fn what_replaces_a_scalar_stands_where_the_scalar_stood() {
    let document = Document::parse("rows.yaml", "a: 1\nb: { c: \"${row}\" }\n").unwrap();
    let row: serde_yaml::Value = serde_yaml::from_str("{ x: [yes, 2] }").unwrap();
    let rewritten = document.rewritten(&|text| (text == "${row}").then(|| row.clone()));
    let mut problems = Problems::default();
    let outer = rewritten.root().fields(&["a", "b"], &mut problems).unwrap();
    let inner = outer.optional("b").unwrap().fields(&["c"], &mut problems).unwrap();
    let replaced = inner.optional("c").unwrap();
    let items = replaced
        .fields(&["x"], &mut problems)
        .unwrap()
        .optional("x")
        .unwrap()
        .items(&mut problems)
        .unwrap();
    assert_eq!(items[1].scalar_text(&mut problems).as_deref(), Some("2"));
    assert_eq!((items[1].location().line, items[1].location().column), (2, 9));
    assert!(problems.is_empty());
}
