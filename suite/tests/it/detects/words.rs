//! Every word of the language has a server that is wrong by it: none can be added without one.
//!
//! Goes through the tests beside this file without their servers, reads the steps they would judge, and holds the words in them,
//! each by its position, against the schema of the cases. What needs fixtures is tried by faults of the mock: those words stand in
//! a case that a fault fails or makes record something else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use torq_conformance::spec::model::Specs;
use torq_conformance::spec::{self, Source};

use crate::bench::listen;

/// Tests by their module, all that judge a right and a wrong server.
macro_rules! tests {
    ($($module:ident: $($name:ident)*;)*) => {
        /// The modules, their sources, and the tests in each.
        const MODULES: &[(&str, &str, &[(&str, fn())])] = &[$((
            stringify!($module),
            include_str!(concat!(stringify!($module), ".rs")),
            &[$((stringify!($name), super::$module::$name as fn())),*],
        )),*];
    };
}

tests! {
    bodies:
        a_text_that_differs_is_found_by_every_kind_of_matcher
        a_json_value_that_differs_is_found_with_its_place
        a_kind_of_value_is_told_from_every_other
        a_value_that_is_not_there_to_be_kept_is_a_difference
        a_value_that_is_kept_is_sent_and_compared_later;
    bursts:
        a_wrong_distribution_of_answers_is_found
        lost_answers_excuse_as_many_as_were_lost_and_no_more
        each_answer_of_a_status_is_judged
        a_limit_that_is_not_kept_is_found_and_one_that_was_never_reached_is_not_told
        a_burst_of_which_nothing_is_expected_has_to_be_answered
        a_burst_goes_no_faster_than_it_is_allowed_to
        what_a_burst_shows_of_an_open_question_is_a_fact;
    connections:
        too_large_and_accepted_and_closed_before_an_answer_are_three_observations
        an_answer_that_never_comes_or_ends_halfway_cannot_be_judged
        an_answer_that_begins_and_does_not_end_may_be_the_networks_fault
        an_answer_that_is_no_http_is_a_difference
        raw_bytes_reach_the_server_as_they_are_written
        a_closed_write_side_is_seen_by_the_server
        a_server_that_is_not_there_cannot_be_judged
        what_an_open_question_comes_to_is_a_fact_and_no_difference;
    forms:
        an_answer_that_ends_with_the_connection_is_whole
        a_status_needs_no_words_and_may_have_any
        headers_are_read_however_they_are_spaced_and_written
        folded_lines_are_read_as_one
        chunks_are_put_together_whatever_comes_with_them
        interim_answers_are_no_answers
        an_answer_that_comes_in_drops_is_whole_when_it_ends_in_time
        what_is_beyond_the_declared_length_is_not_the_answer
        a_connection_that_is_reset_says_nothing_about_the_deployment
        lengths_that_are_none_make_no_http_answer;
    framing:
        chunks_that_are_none_make_no_http_answer
        chunks_that_end_too_early_cannot_be_judged
        chunks_take_precedence_over_a_length_and_are_known_by_any_spelling
        a_length_may_be_said_twice_if_it_is_the_same
        nobody_waits_for_the_body_of_an_answer_that_has_none
        an_answer_without_an_end_is_none;
    headers:
        a_header_that_differs_is_found_by_every_kind_of_matcher
        the_letter_case_of_a_header_name_makes_no_difference;
    polls:
        a_poll_for_an_execution_asks_as_it_is_written
        a_poll_that_is_never_satisfied_ends_with_its_budget
        a_poll_that_became_hopeless_ends_at_once
        what_a_poll_ends_with_is_judged_as_well
        a_poll_that_backs_off_asks_less_often
        a_poll_asks_on_when_an_answer_is_lost_and_cannot_tell_when_all_are
        a_poll_that_waits_for_something_in_the_body_reads_it;
    requests:
        a_retrieval_arrives_as_it_is_written
        methods_paths_queries_and_headers_arrive_as_they_are_written
        bodies_arrive_with_their_type_and_their_length
        what_is_left_out_does_not_arrive;
    statuses:
        a_status_that_differs_is_found_by_every_kind_of_matcher
        alternatives_and_negations_of_whole_answers_are_judged_as_wholes
        a_redirection_is_seen_and_not_followed;
    times:
        an_answer_outside_its_window_is_found
        an_answer_that_begins_in_time_and_ends_late_may_be_the_networks_fault
        time_that_elapses_elapses_for_the_caller_as_well
        raw_bytes_can_be_awaited_like_any_call
        patience_that_is_spent_is_a_difference
        a_call_that_should_be_open_and_was_answered_is_found;
    values:
        times_are_compared_as_times_and_not_as_text
        documents_are_compared_element_by_element
        elements_are_counted_and_looked_at
        every_part_of_an_answer_can_be_kept_and_asked_with
        a_fact_is_what_was_seen_whatever_it_is;
}

/// Definitions of the schema that say how an answer is judged, and how it comes about.
const DEFINITIONS: [&str; 15] = [
    "step",
    "trigger",
    "retrieve",
    "request",
    "raw",
    "burst",
    "poll",
    "basic",
    "generated",
    "expectation",
    "burstExpectation",
    "window",
    "limit",
    "matcher",
    "capture",
];
/// Definitions with words of their own that are no others: what a case is called, and what a fact takes, as a capture does.
const OTHERS: [&str; 2] = ["case", "source"];
/// What a name says is for reports.
const FOR_REPORTS: [(&str, &str); 1] = [("step", "name")];

/// Words that name fixtures, of which the servers here have none, and with `*` definitions that are about nothing else.
const NEEDS_FIXTURES: [(&str, &str); 8] = [
    ("trigger", "*"),
    ("step", "trigger"),
    ("burst", "trigger"),
    ("burst", "retrieve"),
    ("retrieve", "workspace"),
    ("poll", "workspace"),
    ("request", "workspace"),
    ("basic", "client"),
];

/// Where each definition's words have another definition below them: by word, or for `*` below every one.
const BELOW: [(&str, &str, Below); 37] = [
    ("step", "trigger", Below::Is("trigger")),
    ("step", "retrieve", Below::Is("retrieve")),
    ("step", "request", Below::Is("request")),
    ("step", "raw", Below::Is("raw")),
    ("step", "burst", Below::Is("burst")),
    ("step", "poll", Below::Is("poll")),
    ("step", "expect", Below::Is("expectation")),
    ("step", "until", Below::Is("expectation")),
    ("step", "stop_when", Below::Is("expectation")),
    ("step", "capture", Below::Each("capture")),
    ("step", "observe", Below::Each("fact")),
    ("fact", "choices", Below::Each("expectation")),
    ("fact", "limiter", Below::Is("limit")),
    ("burst", "trigger", Below::Is("trigger")),
    ("burst", "retrieve", Below::Is("retrieve")),
    ("burst", "request", Below::Is("request")),
    ("poll", "retrieve", Below::Is("retrieve")),
    ("poll", "request", Below::Is("request")),
    ("trigger", "generated", Below::Is("generated")),
    ("request", "basic", Below::Is("basic")),
    ("request", "generated", Below::Is("generated")),
    ("expectation", "status", Below::Is("matcher")),
    ("expectation", "body", Below::Is("matcher")),
    ("expectation", "headers", Below::Each("matcher")),
    ("expectation", "json", Below::Each("matcher")),
    ("expectation", "answered", Below::Is("window")),
    ("expectation", "any_of", Below::Each("expectation")),
    ("expectation", "not", Below::Is("expectation")),
    ("burstExpectation", "answers", Below::Each("matcher")),
    ("burstExpectation", "limit", Below::Is("limit")),
    ("burstExpectation", "each", Below::Is("expectation")),
    ("matcher", "any_of", Below::Each("matcher")),
    ("matcher", "all", Below::Each("matcher")),
    ("matcher", "not", Below::Is("matcher")),
    ("matcher", "length", Below::Is("matcher")),
    ("matcher", "each", Below::Is("matcher")),
    ("matcher", "some", Below::Is("matcher")),
];

/// What stands below a word.
#[derive(Clone, Copy)]
enum Below {
    /// Something of this definition.
    Is(&'static str),
    /// A list or a mapping of such.
    Each(&'static str),
}

/// Words, each with the definition it belongs to.
type Words = BTreeSet<(String, String)>;

/// The words of the language, by the schema.
struct Language {
    schema: Json,
}

impl Language {
    fn read() -> Self {
        let text = include_str!("../../../../specs/schema/cases.schema.json");
        Self {
            schema: serde_json::from_str(text).expect("the schema is JSON"),
        }
    }

    fn words_of(&self, definition: &str) -> Vec<&String> {
        let words = self.schema["$defs"][definition]["properties"].as_object();
        words.into_iter().flat_map(|it| it.keys()).collect()
    }

    /// Whether this is a word of a definition; a fact has a definition for answers and one for bursts, none by name.
    fn has(&self, definition: &str, word: &str) -> bool {
        definition == "fact" || self.words_of(definition).iter().any(|it| *it == word)
    }

    /// Notes every word of a value that is of a definition.
    fn collect(&self, (definition, value): (&str, &Json), found: &mut Words) {
        let Some(entries) = value.as_object() else { return };
        // A plain object is for equality.
        if definition == "matcher" && !entries.keys().all(|key| self.has(definition, key)) {
            return;
        }
        for (word, value) in entries {
            // One expectation has the words of one answer or those of a burst; below `each` a status may come first.
            let definition = match definition {
                "expectation" if self.has("burstExpectation", word) => "burstExpectation",
                other => other,
            };
            if definition == "expectation" && !self.has(definition, word) {
                self.collect((definition, value), found);
                continue;
            }
            found.insert((definition.to_owned(), word.clone()));
            let below = BELOW.iter().find(|(of, it, _)| *of == definition && it == word);
            match below.map(|(_, _, below)| below) {
                Some(Below::Is(below)) => self.collect((below, value), found),
                Some(Below::Each(below)) => self.each((below, value), found),
                None => {}
            }
        }
    }

    fn each(&self, (definition, value): (&str, &Json), found: &mut Words) {
        let items = value.as_array().into_iter().flatten();
        let entries = value.as_object().into_iter().flat_map(|it| it.values());
        for value in items.chain(entries) {
            self.collect((definition, value), found);
        }
    }

    fn of_steps(&self, steps: &Json) -> Words {
        let mut found = Words::new();
        self.each(("step", steps), &mut found);
        found
    }
}

/// The steps that the tests here judge servers by.
fn tried_here() -> Vec<Json> {
    let ((), steps) = listen(|| {
        for (_, _, tests) in MODULES {
            tests.iter().for_each(|(_, test)| test());
        }
    });
    let read = |text: &String| serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    steps.iter().map(read).collect()
}

/// The cases as they are written that a fault fails or makes record another fact.
fn tried_by_faults(specs: &Specs) -> Vec<Json> {
    let kills = || specs.power.kills.values();
    let is_tried = |id: &str| {
        let of_it = |name: &str| name == id || name.strip_prefix(id).is_some_and(|rest| rest.starts_with('.'));
        let facts: BTreeSet<&str> = specs
            .cases
            .iter()
            .filter(|case| of_it(&case.id))
            .flat_map(|case| case.steps.iter().flat_map(|step| &step.observe))
            .map(|fact| fact.name.as_str())
            .collect();
        kills().any(|kills| {
            let fails = kills.failed.iter().chain(&kills.deviates).any(|name| of_it(name));
            fails || kills.facts.iter().any(|name| facts.contains(name.as_str()))
        })
    };
    let files: BTreeMap<_, _> = specs.cases.iter().map(|case| (case.at.file.to_string(), ())).collect();
    let mut tried = Vec::new();
    for file in files.into_keys() {
        let text = specs.texts.get(&file).expect("it was read");
        let suite: Json = serde_yaml::from_str(text).expect("it is YAML");
        let cases = suite["cases"].as_array().expect("it has cases");
        let of_it = cases.iter().filter(|case| case["id"].as_str().is_some_and(is_tried));
        tried.extend(of_it.map(|case| case["steps"].clone()));
    }
    tried
}

fn words(language: &Language, all: &[Json]) -> Words {
    all.iter().flat_map(|steps| language.of_steps(steps)).collect()
}

#[test]
fn every_word_of_the_language_has_a_server_that_is_wrong_by_it() {
    let language = Language::read();
    let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
    let (here, by_faults) = (
        words(&language, &tried_here()),
        words(&language, &tried_by_faults(&loaded.specs)),
    );
    let mut wrong = Vec::new();
    for definition in DEFINITIONS {
        for word in language.words_of(definition) {
            let it = (definition.to_owned(), word.clone());
            let needs_fixtures =
                NEEDS_FIXTURES.contains(&(definition, "*")) || NEEDS_FIXTURES.contains(&(definition, word));
            let is_tried = if needs_fixtures { &by_faults } else { &here }.contains(&it);
            let is_for_reports = FOR_REPORTS.contains(&(definition, word));
            match (is_tried, is_for_reports) {
                (false, false) => wrong.push(format!("no server is wrong by `{word}` of a {definition}")),
                (true, true) => wrong.push(format!("`{word}` of a {definition} is tried")),
                (true, false) | (false, true) => {}
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn every_definition_of_the_schema_with_words_is_looked_at() {
    let language = Language::read();
    let definitions = language.schema["$defs"].as_object().expect("there are some");
    let with_words = definitions.iter().filter(|(_, it)| it["properties"].is_object());
    let with_words: BTreeSet<&str> = with_words.map(|(name, _)| name.as_str()).collect();
    assert_eq!(with_words, DEFINITIONS.into_iter().chain(OTHERS).collect());
    for (definition, word, _) in BELOW {
        assert!(language.has(definition, word), "{definition} has no `{word}`");
    }
}

#[test]
fn a_word_counts_where_it_stands_and_nowhere_else() {
    let language = Language::read();
    let words = |steps: &str| {
        let steps = serde_yaml::from_str(steps).expect("it is YAML");
        let words = language.of_steps(&steps).into_iter();
        words.map(|(of, word)| format!("{of}.{word}")).collect::<Vec<_>>()
    };
    assert_eq!(
        words(
            "[{ request: { path: /, json: { length: 1, is: uuid } }, expect: { json: { $.pattern: { is: uuid } } } }]"
        ),
        [
            "expectation.json",
            "matcher.is",
            "request.json",
            "request.path",
            "step.expect",
            "step.request"
        ]
    );
    assert_eq!(
        words("[{ burst: { count: 2 }, expect: { each: { 200: { body: { contains: \"first:\" } } } } }]"),
        [
            "burst.count",
            "burstExpectation.each",
            "expectation.body",
            "matcher.contains",
            "step.burst",
            "step.expect"
        ]
    );
    assert_eq!(
        words("[{ expect: { any_of: [{ body: { exact: { at_most: 1 } } }] }, capture: { a: { status: true } } }]"),
        [
            "capture.status",
            "expectation.any_of",
            "expectation.body",
            "matcher.exact",
            "step.capture",
            "step.expect"
        ]
    );
}

#[test]
fn every_test_beside_this_one_is_looked_at() {
    for (module, source, tests) in MODULES {
        let mut lines = source.lines();
        let mut there = BTreeSet::new();
        while let Some(line) = lines.next() {
            if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                let name = lines
                    .next()
                    .and_then(|line| line.split("fn ").nth(1))
                    .and_then(|it| it.split('(').next());
                there.insert(name.expect("a test follows"));
            }
        }
        assert_eq!(there, tests.iter().map(|(name, _)| *name).collect(), "{module}");
    }
}

#[test]
fn every_kind_of_value_has_a_value_that_is_none() {
    let language = Language::read();
    let kinds = language.schema["$defs"]["matcher"]["properties"]["is"]["anyOf"].as_array();
    let kinds = kinds.expect("there are kinds").iter().flat_map(|kind| {
        let several = kind["enum"].as_array().into_iter().flatten();
        several.chain(kind.get("const")).filter_map(Json::as_str)
    });
    let kinds: BTreeSet<&str> = kinds.collect();
    assert!(kinds.len() > 10, "{kinds:?}");
    let mut tried = BTreeSet::new();
    let steps = tried_here();
    steps.iter().for_each(|steps| collect_kinds(steps, &mut tried));
    let untried: Vec<_> = kinds.difference(&tried).collect();
    assert!(untried.is_empty(), "no value is none of {untried:?}");
}

/// What stands under `is`, anywhere.
fn collect_kinds<'a>(value: &'a Json, found: &mut BTreeSet<&'a str>) {
    for (key, value) in value.as_object().into_iter().flatten() {
        if key == "is" {
            // A kind that is a word of YAML's own.
            found.insert(if value.is_null() {
                "null"
            } else {
                value.as_str().unwrap_or_default()
            });
        }
        collect_kinds(value, found);
    }
    for value in value.as_array().into_iter().flatten() {
        collect_kinds(value, found);
    }
}
