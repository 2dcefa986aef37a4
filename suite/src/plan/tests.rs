//! Which cases filters take, which twins come along, and what a profile takes away.

mod filters;

use located_yaml::Location;
use proptest::prelude::*;

use super::*;
use crate::profile::Environment;
use crate::spec::model::Need;
use crate::spec::model::{Grade, Level, Requirement, Twin};
use crate::testing;

fn requirement(id: &str, grade: Grade) -> Requirement {
    Requirement {
        id: id.to_owned(),
        section: "urls".to_owned(),
        section_title: String::new(),
        grade,
        page: String::new(),
        place: String::new(),
        statement: String::new(),
        untested: None,
        at: Location::start_of("requirements.yaml"),
    }
}

pub(super) fn case(id: &str, level: Level, requirement: &str) -> Case {
    Case {
        requirements: vec![requirement.to_owned()],
        level,
        ..testing::case(id)
    }
}

/// Six cases, not in the order of their ids; `urls.ids.wrong` has the twin `urls.ids.right`.
fn specs() -> Specs {
    let mut wrong = case("urls.ids.wrong", Level::Must, "ID-FORM");
    wrong.twin = Some(Twin {
        case: "urls.ids.right".to_owned(),
        differs: "id".to_owned(),
        at: Location::start_of("case.yaml"),
    });
    let mut burst = case("answers.rate.burst", Level::Must, "RATE");
    burst.needs = vec![Need::Quota];
    burst.fixtures.workflows = vec!["busy".to_owned()];
    burst.fixtures.workspaces = vec!["main".to_owned()];
    let mut large = case("answers.size.large", Level::Should, "SIZE");
    large.needs = vec![Need::LargePayload];
    large.tags = vec!["slow".to_owned()];
    large.fixtures.integrations = vec!["open".to_owned()];
    let mut exact = case("running.time.exact", Level::Recorded, "TIME");
    exact.needs = vec![Need::ManualClock];
    Specs {
        requirements: vec![
            requirement("ID-FORM", Grade::Documented),
            requirement("RATE", Grade::Documented),
            requirement("SIZE", Grade::Vendor),
            requirement("TIME", Grade::Open),
        ],
        cases: vec![
            wrong,
            case("urls.ids.right", Level::Must, "ID-FORM"),
            exact,
            burst,
            large,
        ],
        ..Specs::default()
    }
}

fn chosen(filters: &[&str]) -> Result<Vec<String>, String> {
    let filters: Vec<_> = filters.iter().map(|&it| it.to_owned()).collect();
    let specs = specs();
    let plan = plan(&specs, &filters, None).map_err(|error| error.to_string())?;
    assert!(plan.unavailable.is_empty());
    assert_eq!(plan.filters, filters);
    Ok(plan.cases.iter().map(|case| case.id.clone()).collect())
}

#[test]
fn filters_take_the_cases_they_describe_in_the_order_of_their_ids() {
    let all = [
        "answers.rate.burst",
        "answers.size.large",
        "running.time.exact",
        "urls.ids.right",
        "urls.ids.wrong",
    ];
    assert_eq!(chosen(&[]).as_deref(), Ok(&all.map(str::to_owned)[..]));
    for (filters, expected) in [
        (&["urls.ids.right"][..], &["urls.ids.right"][..]),
        (&["id:urls.ids.right"], &["urls.ids.right"]),
        (&["answers.*"], &["answers.rate.burst", "answers.size.large"]),
        (&["requirement:RATE"], &["answers.rate.burst"]),
        (&["requirement:*I*E"], &["answers.size.large", "running.time.exact"]),
        (
            &["level:must"],
            &["answers.rate.burst", "urls.ids.right", "urls.ids.wrong"],
        ),
        (&["level:SHOULD"], &["answers.size.large"]),
        (&["level:recorded"], &["running.time.exact"]),
        (&["grade:vendor"], &["answers.size.large"]),
        (&["grade:open"], &["running.time.exact"]),
        (&["tag:slow"], &["answers.size.large"]),
        (&["section:running"], &["running.time.exact"]),
        (&["section:answers", "level:MUST"], &["answers.rate.burst"]),
    ] {
        let found = chosen(filters).unwrap_or_else(|error| panic!("{filters:?}: {error}"));
        assert_eq!(found, expected, "{filters:?}");
    }
}

#[test]
fn a_twin_comes_along_and_brings_nobody() {
    assert_eq!(
        chosen(&["urls.ids.wrong"]),
        Ok(vec!["urls.ids.right".to_owned(), "urls.ids.wrong".to_owned()])
    );
    assert_eq!(chosen(&["urls.ids.right"]), Ok(vec!["urls.ids.right".to_owned()]));
}

/// Ids and reasons of what is not run with a profile that says this besides its host.
fn unavailable(host: &str, more: &str) -> Vec<String> {
    let text = format!("profile: p\nurls: {{ hooks: \"{host}\", api: \"{host}\", auth: \"{host}\" }}\n{more}");
    let profile = Profile::parse("profile.yaml", &text, &Environment::default()).expect("the profile is right");
    let specs = specs();
    let plan = plan(&specs, &[], Some(&profile)).expect("nothing is filtered");
    assert_eq!(plan.cases.len() + plan.unavailable.len(), specs.cases.len());
    let missing = plan.unavailable.iter();
    missing.map(|(case, reason)| format!("{}: {reason}", case.id)).collect()
}

const LOOPBACK: &str = "http://127.0.0.1:7080";
const MANUAL: &str = "clock: manual\ncontrol: { url: \"http://127.0.0.1:7081\" }\n";

#[test]
fn a_profile_takes_away_what_it_declares_missing() {
    let declared = |what: &str| {
        unavailable(
            LOOPBACK,
            &format!("{MANUAL}unavailable:\n  - {{ {what}, reason: not built }}\n"),
        )
    };
    assert_eq!(unavailable(LOOPBACK, MANUAL), [""; 0]);
    for (what, expected) in [
        ("fixture: busy", &["answers.rate.burst: not built"][..]),
        ("fixture: open", &["answers.size.large: not built"]),
        ("fixture: main", &["answers.rate.burst: not built"]),
        (
            "case: \"urls.*\"",
            &["urls.ids.wrong: not built", "urls.ids.right: not built"],
        ),
        ("requirement: TIME", &["running.time.exact: not built"]),
    ] {
        assert_eq!(declared(what), expected, "{what}");
    }
}

#[test]
fn a_clock_that_cannot_be_moved_takes_away_what_needs_one() {
    assert_eq!(
        unavailable(LOOPBACK, ""),
        ["running.time.exact: only a clock that can be moved can judge this"]
    );
}

#[test]
fn off_loopback_only_what_was_agreed_to_is_sent() {
    let away = |consent: &str| {
        let lines = unavailable("https://hooks.example.com", &format!("{MANUAL}{consent}"));
        let ids = lines
            .iter()
            .filter_map(|line| line.split(':').next().map(str::to_owned));
        ids.collect::<Vec<_>>()
    };
    for (consent, expected) in [
        ("", &["answers.rate.burst", "answers.size.large"][..]),
        ("consent: { bursts: true }", &["answers.size.large"]),
        ("consent: { payloads_up_to: 2000000 }", &["answers.rate.burst"]),
        ("consent: { bursts: true, payloads_up_to: 2000000 }", &[]),
    ] {
        assert_eq!(away(consent), expected, "{consent}");
    }
}

#[test]
fn loopback_is_recognised_in_every_spelling() {
    for url in [
        "http://127.0.0.1:7080",
        "http://localhost",
        "http://[::1]:80/x",
        "http://127.8.9.1",
    ] {
        assert!(is_loopback(url), "{url}");
    }
    for url in [
        "https://hooks.torq.io",
        "http://10.0.0.1:80",
        "http://127.0.0.1.example.com",
    ] {
        assert!(!is_loopback(url), "{url}");
    }
}

proptest! {
    #[test]
    fn shards_make_up_the_whole_and_share_nothing(of in 1_u32..9, ids in prop::collection::btree_set("[a-z]{1,6}", 0..40)) {
        let mut cases: Vec<_> = ids.iter().map(|id| case(id, Level::Must, "ID-FORM")).collect();
        // Every second case has the one before it as its twin.
        for index in (1..cases.len()).step_by(2) {
            let twin = cases[index - 1].id.clone();
            let at = Location::start_of("case.yaml");
            cases[index].twin = Some(Twin { case: twin, differs: "id".to_owned(), at });
        }
        let specs = Specs { cases, ..Specs::default() };
        let mut seen = Vec::new();
        for number in 1..=of {
            let mut part = plan(&specs, &[], None).expect("nothing is filtered");
            part.keep(format!("{number}/{of}").parse().expect("it is a shard"));
            let here: Vec<_> = part.cases.iter().map(|case| case.id.as_str()).collect();
            for twin in part.cases.iter().filter_map(|case| case.twin.as_ref()) {
                prop_assert!(here.contains(&twin.case.as_str()), "a twin is elsewhere");
            }
            let told = part.part.expect("it says which part it is");
            prop_assert_eq!((told.elsewhere, told.must_elsewhere), (ids.len() - here.len(), ids.len() - here.len()));
            seen.extend(here.into_iter().map(str::to_owned));
        }
        seen.sort();
        prop_assert_eq!(seen, ids.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn shards_stay_as_they_are_from_version_to_version() {
    let on = |shard: &str| {
        let specs = specs();
        let mut plan = plan(&specs, &[], None).expect("nothing is filtered");
        plan.keep(shard.parse().expect("it is a shard"));
        plan.cases.iter().map(|case| case.id.clone()).collect::<Vec<_>>()
    };
    insta::assert_debug_snapshot!(["1/3", "2/3", "3/3"].map(on));
}

#[test]
fn only_a_part_of_a_whole_is_a_shard() {
    for text in ["", "1", "0/2", "3/2", "1/0", "a/b", "1/2/3", "-1/2"] {
        assert_eq!(text.parse::<Shard>(), Err(NoShard), "{text}");
    }
    let told = "2/4".parse::<Shard>().map(|it| (it.number(), it.of(), it.to_string()));
    assert_eq!(told, Ok((2, 4, "2/4".to_owned())));
}

#[test]
fn a_plan_tells_all_that_was_asked_for_whether_it_is_run_or_not() {
    let specs = specs();
    let [run, missing, beyond] = [0, 1, 2].map(|index| &specs.cases[index]);
    let plan = Plan {
        cases: vec![run],
        unavailable: vec![(missing, Absence::Bursts)],
        left_out: vec![beyond],
        ..Plan::default()
    };
    let all: Vec<&str> = plan.all().map(|case| case.id.as_str()).collect();
    assert_eq!(all, [&run.id, &missing.id, &beyond.id]);
    assert_eq!(plan.repeat, 1);
}

#[test]
fn a_shard_keeps_what_is_unavailable_on_it_and_counts_the_rest() {
    let specs = specs();
    let shards = ["1/3", "2/3", "3/3"].map(|shard| shard.parse::<Shard>().expect("it is a shard"));
    let mut there = 0;
    for shard in shards {
        let (run, missing) = specs.cases.split_at(2);
        let mut plan = Plan {
            cases: run.iter().collect(),
            unavailable: missing.iter().map(|case| (case, Absence::ManualClock)).collect(),
            ..Plan::default()
        };
        plan.keep(shard);
        let here: Vec<_> = plan.all().collect();
        assert!(here.iter().all(|case| shard.has(case)), "{shard}");
        there += here.len();
        let must = |cases: &[&Case]| cases.iter().filter(|case| case.level == Level::Must).count();
        let told = plan.part.expect("it says which part it is");
        assert_eq!((told.shard.number(), told.shard.of()), (shard.number(), 3));
        assert_eq!(told.elsewhere, specs.cases.len() - here.len(), "{shard}");
        assert_eq!(told.must_elsewhere, 3 - must(&here), "{shard}");
    }
    assert_eq!(there, specs.cases.len());
}

#[test]
fn an_absence_has_a_word_for_machines_and_a_sentence_for_people() {
    for (absence, word, sentence) in [
        (
            Absence::Declared("not built".to_owned()),
            "declared-unavailable",
            "not built",
        ),
        (
            Absence::ManualClock,
            "manual-clock",
            "only a clock that can be moved can judge this",
        ),
        (
            Absence::Bursts,
            "consent-to-bursts",
            "bursts off loopback need `consent: { bursts: true }` in the profile",
        ),
        (
            Absence::LargePayloads,
            "consent-to-payloads",
            "large payloads off loopback need `consent: { payloads_up_to: BYTES }` in the profile",
        ),
    ] {
        assert_eq!((absence.word(), absence.to_string().as_str()), (word, sentence));
    }
}
