//! Law: what a node says about its place is true of the text.

use located_yaml::{Document, Location, Node, Problems};
use proptest::prelude::*;

/// The words of `text` that a location stands for.
fn words(text: &str, location: &Location) -> String {
    let line = text.lines().nth(location.line as usize - 1).unwrap_or_default();
    line.chars()
        .skip(location.column as usize - 1)
        .take(location.length as usize)
        .collect()
}

/// A value as it can be written in a file, and how it is written.
#[derive(Clone, Debug)]
enum Written {
    Plain(String),
    Single(String),
    Double(String),
    List(Vec<Self>),
    Block(Vec<Self>),
    Map(Vec<(String, Self)>),
}

fn scalars() -> impl Strategy<Value = Written> {
    prop_oneof![
        "[a-zé][a-z0-9é]{0,6}( [a-z]{1,3})?".prop_map(Written::Plain),
        "[0-9]{1,5}".prop_map(Written::Plain),
        "[a-z'# :é\\[]{0,8}".prop_map(Written::Single),
        "[a-z\"# :é\\\\]{0,8}".prop_map(Written::Double),
    ]
}

fn values() -> impl Strategy<Value = Written> {
    scalars().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(scalars(), 0..4).prop_map(Written::List),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Written::Block),
            prop::collection::vec(inner, 1..4).prop_map(|values| {
                Written::Map(
                    values
                        .into_iter()
                        .enumerate()
                        .map(|(at, value)| (format!("k{at}"), value))
                        .collect(),
                )
            }),
        ]
    })
}

/// Writes `value` after what is already on the line; also the written form of every scalar in order.
fn write(value: &Written, indent: usize, out: &mut String, scalars: &mut Vec<String>) {
    let pad = " ".repeat(indent);
    match value {
        Written::Plain(_) | Written::Single(_) | Written::Double(_) => {
            let form = match value {
                Written::Single(text) => format!("'{}'", text.replace('\'', "''")),
                Written::Double(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
                Written::Plain(text) => text.clone(),
                Written::List(_) | Written::Block(_) | Written::Map(_) => unreachable!("not a scalar"),
            };
            out.push_str(&format!("{form} # note\n"));
            scalars.push(form);
        }
        Written::List(items) => {
            out.push('[');
            for item in items {
                let mut line = String::new();
                write(item, indent, &mut line, scalars);
                out.push_str(scalars.last().expect("a scalar was just added"));
                out.push_str(" , ");
            }
            out.push_str("]\n");
        }
        Written::Block(items) => {
            out.push('\n');
            for item in items {
                out.push_str(&format!("{pad}- "));
                write(item, indent + 2, out, scalars);
            }
        }
        Written::Map(entries) => {
            out.push('\n');
            for (key, item) in entries {
                out.push_str(&format!("{pad}{key}: "));
                write(item, indent + 2, out, scalars);
            }
        }
    }
}

fn collect(node: Node<'_>, places: &mut Vec<Location>) {
    let mut ignored = Problems::default();
    if node.is_mapping() {
        for (key, value) in node.entries(&mut ignored).expect("it is a mapping") {
            assert_eq!(words(node.document().text(), &key.location), key.text);
            collect(value, places);
        }
    } else if node.is_sequence() {
        for item in node.items(&mut ignored).expect("it is a list") {
            collect(item, places);
        }
    } else {
        places.push(node.location());
    }
}

proptest! {
    #[test]
    fn every_scalar_stands_where_it_says(value in values()) {
        let (mut text, mut forms) = ("top: ".to_owned(), Vec::new());
        write(&value, 2, &mut text, &mut forms);
        let document = Document::parse("law.yaml", &text).map_err(|problems| TestCaseError::fail(format!("{text}{problems}")))?;
        let mut places = Vec::new();
        collect(document.root(), &mut places);
        let found: Vec<String> = places.iter().map(|place| words(&text, place)).collect();
        prop_assert_eq!(found, forms, "{}", text);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "[-a-z0-9:?&*!|>%@`'\"{}\\[\\], #~\n\t\r\u{85}\u{2028}é]{0,60}") {
        if let Ok(document) = Document::parse("any.yaml", &text) {
            collect_any(document.root());
        }
    }
}

/// Visits everything without expecting anything.
fn collect_any(node: Node<'_>) {
    let mut problems = Problems::default();
    let _json = node.json(&mut problems);
    let _drawn = problems.render(&located_yaml::Sources::of(node.document()), located_yaml::Paint::Colour);
}

#[test]
fn collections_stand_where_they_begin() {
    let text = "a: {x: [1, 2], y: 3}\nb:\n  - one\n  - k: v\n";
    let document = Document::parse("place.yaml", text).unwrap();
    let mut problems = Problems::default();
    let fields = document.root().fields(&["a", "b"], &mut problems).unwrap();
    let place = |node: Node<'_>| words(text, &node.location());
    let a = fields.optional("a").unwrap();
    assert_eq!(place(a), "{x: [1, 2], y: 3}");
    assert_eq!(place(a.entries(&mut problems).unwrap()[0].1), "[1, 2]");
    let b = fields.optional("b").unwrap();
    assert_eq!((b.location().line, b.location().column), (3, 3));
    assert_eq!(place(b.items(&mut problems).unwrap()[1]), "k");
}
