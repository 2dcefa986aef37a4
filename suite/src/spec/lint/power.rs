//! Faults and what they break. Whether the kill matrix is true only a run can tell.

use located_yaml::{Problem, Problems, did_you_mean};

use crate::spec::model::Specs;

/// Every requirement that a fault breaks exists.
pub(super) fn requirements_exist(specs: &Specs, problems: &mut Problems) {
    let known = || specs.requirements.iter().map(|it| it.id.as_str());
    for fault in &specs.power.faults {
        for id in fault.violates.iter().filter(|id| !known().any(|known| known == *id)) {
            let message = format!("the fault `{}` breaks `{id}`, which is no requirement", fault.name);
            problems.push(Problem::new(fault.at.clone(), message).maybe_hint(did_you_mean(id, known())));
        }
    }
}

#[cfg(test)]
mod tests {
    use located_yaml::{Document, Paint, Sources};

    use super::*;
    use crate::spec::lower;

    const FAULTS: &str = "faults:\n  - name: late\n    about: It is late.\n    violates: [IN-TIM]\n    behaviour: {}\n";
    const REQUIREMENTS: &str = "section: probe\ntitle: Probing\nrequirements:\n  - id: IN-TIME\n    grade: documented\n    \
                                source: { page: a, section: b }\n    statement: It is in time.\n";

    #[test]
    fn a_fault_that_breaks_nothing_known_is_told_with_its_place() {
        let mut problems = Problems::default();
        let read = |name, text| Document::parse(name, text).expect("it is YAML");
        let mut specs = Specs {
            requirements: lower::requirements(&read("probe.yaml", REQUIREMENTS), &mut problems),
            ..Specs::default()
        };
        specs.power.faults = lower::faults(&read("faults.yaml", FAULTS), &mut problems);
        assert!(problems.is_empty(), "{problems}");
        requirements_exist(&specs, &mut problems);
        let mut sources = Sources::default();
        sources.add("faults.yaml", FAULTS);
        let drawn = problems.render(&sources, Paint::Plain);
        for part in ["`late` breaks `IN-TIM`", "faults.yaml:2:", "did you mean `IN-TIME`?"] {
            assert!(drawn.contains(part), "{drawn}");
        }
    }

    #[test]
    fn scores_and_survivors_are_read_as_they_are_written() {
        let text = "basis: '00'\nassertions:\n  noticed: 2999\n  of: 3000\n  immaterial: []\n  survivors:\n    - count: 1\n      like: ['a.*, until *', b]\n      because: So it is.\n\
                    answers: { noticed: 0, of: 0, immaterial: [], survivors: [] }\n";
        let mut problems = Problems::default();
        let read = |text| Document::parse("survivors.yaml", text).expect("it is YAML");
        let lower::Measured {
            basis,
            assertions,
            answers,
        } = lower::survivors(&read(text), &mut problems);
        assert!(problems.is_empty(), "{problems}");
        assert_eq!(basis, "00");
        // Not 100 %: something is missing.
        assert_eq!(assertions.to_string(), "2999 of 3000, 99.9 %");
        assert_eq!(answers.to_string(), "not measured");
        let reason = &assertions.survivors[0];
        assert_eq!((reason.count, assertions.uncounted()), (1, 0));
        assert!(reason.cover("a.b.c, until status: dropped") && reason.cover("b") && !reason.cover("bb"));
        for (wrong, told) in [
            (
                "basis: ''\nassertions: { noticed: 2, of: 1, immaterial: [], survivors: [] }\nanswers: { noticed: 0, of: 0, immaterial: [], survivors: [] }",
                "of 1 changes, 2",
            ),
            (
                "basis: ''\nassertions: { noticed: -2, of: 1, immaterial: [], survivors: [] }\nanswers: { noticed: 0, of: 0, immaterial: [], survivors: [] }",
                "never negative",
            ),
            (
                "basis: ''\nassertions: { noticed: 0, of: 0, immaterial: [], survivors: [{ count: 0, like: [a] }] }\nanswers: { noticed: 0, of: 0, immaterial: [], survivors: [] }",
                "`because` is missing",
            ),
            (
                "basis: ''\nassertions: { noticed: 0, of: 0, immaterial: [{ like: [a], because: It is. }], survivors: [] }\nanswers: { noticed: 0, of: 0, immaterial: [], survivors: [] }",
                "`count` is missing",
            ),
        ] {
            let mut problems = Problems::default();
            lower::survivors(&read(wrong), &mut problems);
            assert!(problems.to_string().contains(told), "{wrong}: {problems}");
        }
    }

    #[test]
    fn the_kill_matrix_is_read_as_it_is_written() {
        let text = "kills:\n  late:\n    failed:\n      - a.b.c\n    facts:\n      - delay\n  unseen: {}\n";
        let mut problems = Problems::default();
        let kills = lower::kills(
            &Document::parse("kill-matrix.yaml", text).expect("it is YAML"),
            &mut problems,
        );
        assert!(problems.is_empty(), "{problems}");
        assert!(kills["late"].is_noticed() && kills["late"].fails("a.b.c") && !kills["late"].fails("a.b"));
        assert!(!kills["unseen"].is_noticed());
        let wrong = Document::parse("kill-matrix.yaml", "kills: { late: { fails: [a] } }").expect("it is YAML");
        lower::kills(&wrong, &mut problems);
        assert_eq!(problems.len(), 1, "an unknown key is refused");
    }
}
