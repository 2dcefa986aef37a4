//! The documents beside the requirement catalogue: they agree with it.

use std::collections::BTreeMap;

use torq_conformance::spec::model::Level;
use torq_conformance::spec::{self, Loaded, Source};

/// The page whose sentences `article.md` accounts for.
const ARTICLE: &str = "sync-async-triggers";

fn catalogue() -> Loaded {
    spec::load(&Source::Embedded).expect("the specs are in the binary")
}

/// The cells of every row of the table of a document that has `columns` columns, the heading left out.
fn rows(name: &str, columns: usize) -> Vec<Vec<String>> {
    let path = format!("{}/../specs/requirements/{name}", env!("CARGO_MANIFEST_DIR"));
    let document = std::fs::read_to_string(&path).expect("it is there");
    let cells = |line: &str| -> Vec<String> {
        let inner = line.trim_start_matches('|').trim_end_matches('|');
        inner.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let tables = document.lines().filter(|line| line.starts_with('|'));
    let mut rows: Vec<_> = tables.map(cells).filter(|row| row.len() == columns).collect();
    rows.drain(..2);
    rows
}

/// The ids a cell names: what is in capitals before a remark in brackets.
fn ids(cell: &str) -> Vec<&str> {
    let named = cell.split(" (").next().unwrap_or_default();
    let words = named.split(", ").filter(|word| !word.is_empty());
    words
        .filter(|word| !word.chars().any(|letter| letter.is_ascii_lowercase()))
        .collect()
}

#[test]
fn every_sentence_of_the_article_is_accounted_for_by_rows_there_are_or_by_a_reason() {
    let loaded = catalogue();
    let known: Vec<&str> = loaded.specs.requirements.iter().map(|it| it.id.as_str()).collect();
    let mut complaints = Vec::new();
    let mut last: (String, usize) = (String::new(), 0);
    for row in rows("article.md", 4) {
        let [section, sentence, _, accounting] = row.as_slice() else {
            unreachable!("only rows of four cells were taken")
        };
        let follows = if *section == last.0 { last.1 + 1 } else { 1 };
        if sentence.parse() != Ok(follows) {
            complaints.push(format!("{section} {sentence}: sentence {follows} should come here"));
        }
        last = (section.clone(), follows);
        if accounting.is_empty() {
            complaints.push(format!("{section} {sentence}: nothing accounts for it"));
        }
        for id in ids(accounting) {
            if !known.contains(&id) {
                complaints.push(format!("{section} {sentence}: there is no requirement {id}"));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_row_that_rests_on_the_article_is_reached_from_the_section_it_names() {
    let loaded = catalogue();
    let table = rows("article.md", 4);
    let requirements = loaded.specs.requirements.iter();
    let complaints: Vec<String> = requirements
        .filter(|it| it.page == ARTICLE)
        .filter(|it| {
            let mut here = table.iter().filter(|row| row[0] == it.place);
            !here.any(|row| ids(&row[3]).contains(&it.id.as_str()))
        })
        .map(|it| format!("article.md does not name {} under \"{}\"", it.id, it.place))
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn must_is_what_the_article_states_and_nothing_else() {
    for requirement in &catalogue().specs.requirements {
        assert_eq!(
            requirement.page == ARTICLE,
            requirement.grade.level() == Level::Must,
            "{} is graded and sourced differently",
            requirement.id
        );
    }
}

#[test]
fn the_table_of_all_rows_has_every_row_once_in_its_section_and_under_its_level() {
    let loaded = catalogue();
    let mut places: BTreeMap<String, Vec<(String, Level)>> = BTreeMap::new();
    for row in rows("README.md", 5) {
        for (column, level) in [(2, Level::Must), (3, Level::Should), (4, Level::Recorded)] {
            for id in ids(&row[column]) {
                places.entry(id.to_owned()).or_default().push((row[0].clone(), level));
            }
        }
    }
    for requirement in &loaded.specs.requirements {
        let expected = vec![(requirement.section.clone(), requirement.grade.level())];
        let found = places.remove(&requirement.id).unwrap_or_default();
        assert_eq!(found, expected, "{}", requirement.id);
    }
    assert!(places.is_empty(), "there are no such requirements: {:?}", places.keys());
}
