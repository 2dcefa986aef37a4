//! The profiles that come with the specs: they can be read, and know everything the cases need.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;
use torq_conformance::profile::{ClockKind, Environment, Profile};
use torq_conformance::spec::{self, Source};

#[test]
fn the_template_profiles_name_every_fixture_and_no_secret() {
    let loaded = spec::load(&Source::Embedded).expect("the specs are in the binary");
    let fixtures = &loaded.specs.fixtures;
    let variables = Regex::new(r"\$\{env:(\w+)\}").expect("it is a pattern");
    for name in ["us.yaml", "eu.yaml"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../specs/profiles")
            .join(name);
        let text = std::fs::read_to_string(path).expect("it is there");
        let nothing = Profile::parse(name, &text, &Environment::default()).expect_err("its secrets are not in it");
        let wanted: BTreeSet<_> = variables
            .captures_iter(&text)
            .map(|found| found[1].to_owned())
            .collect();
        assert_eq!(
            nothing.len(),
            variables.captures_iter(&text).count(),
            "one problem for each variable"
        );
        let environment: Environment = wanted
            .iter()
            .map(|variable| (variable.clone(), "84dc1aaf-74f2-482c-a2c7-95b42f6b0d94".to_owned()))
            .collect();
        let profile = Profile::parse(name, &text, &environment).expect("it can be read");
        assert_eq!(profile.clock, ClockKind::System);
        assert!(profile.workspaces.keys().eq(fixtures.workspaces.keys()), "{name}");
        assert!(profile.integrations.keys().eq(fixtures.integrations.keys()), "{name}");
        assert!(profile.workflows.keys().eq(fixtures.workflows.keys()), "{name}");
        for (workflow, fixture) in &fixtures.workflows {
            let shared = &profile.workflows[workflow].shared_into;
            assert!(shared.keys().eq(fixture.shared_with.iter()), "{name}: {workflow}");
        }
    }
}
