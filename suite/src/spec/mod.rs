//! The specs: requirements, cases and fixtures, read from YAML into a model that is valid by construction.
//!
//! Reads files and judges their form; runs nothing.

mod basis;
mod lint;
mod lower;
pub mod model;
mod source;

use std::collections::BTreeSet;

use located_yaml::{Document, Problems, Sources};

use model::Specs;
use source::Kind;
pub use source::{Source, SourceError};

/// What was read, everything that is wrong with it, and the texts to show it in.
#[derive(Debug)]
pub struct Loaded {
    /// Complete only when there are no problems.
    pub specs: Specs,
    /// All of them, not the first.
    pub problems: Problems,
    /// The files, for snippets.
    pub sources: Sources,
}

/// Reads and lints everything `source` has.
///
/// # Errors
/// When the files themselves cannot be read.
pub fn load(source: &Source) -> Result<Loaded, SourceError> {
    let files = source.files()?;
    let mut loaded = Loaded {
        specs: Specs {
            digest: source::digest(&files),
            ..Specs::default()
        },
        problems: Problems::default(),
        sources: Sources::default(),
    };
    let mut documents = Vec::new();
    let mut broken = BTreeSet::new();
    for file in &files {
        loaded.sources.add(&file.name, &file.text);
        match Document::parse(&file.name, &file.text) {
            Ok(document) => documents.push((file.kind, document)),
            Err(problems) => {
                broken.insert(file.kind);
                loaded.problems.extend(problems);
            }
        }
    }
    let Loaded {
        specs,
        problems,
        sources,
    } = &mut loaded;
    // Cases and probes come last: they name what the others have.
    for kind in [
        Kind::Requirements,
        Kind::Fixtures,
        Kind::Faults,
        Kind::KillMatrix,
        Kind::Survivors,
        Kind::Cases,
        Kind::Probes,
        Kind::Knobs,
    ] {
        let mut found = Problems::default();
        for (_, document) in documents.iter().filter(|(it, _)| *it == kind) {
            match kind {
                Kind::Requirements => specs.requirements.extend(lower::requirements(document, &mut found)),
                Kind::Fixtures => specs.fixtures = lower::fixtures(document, &mut found),
                Kind::Faults => specs.power.faults = lower::faults(document, &mut found),
                Kind::KillMatrix => specs.power.kills = lower::kills(document, &mut found),
                Kind::Survivors => {
                    let measured = lower::survivors(document, &mut found);
                    specs.power.basis.measured = measured.basis;
                    (specs.power.assertions, specs.power.answers) = (measured.assertions, measured.answers);
                }
                Kind::Cases => specs.cases.extend(lower::cases(document, &specs.fixtures, &mut found)),
                Kind::Knobs => specs.knobs.extend(lower::knobs(document, &mut found)),
                Kind::Probes => specs
                    .probes
                    .extend(lower::probes(document, &specs.fixtures, &mut found)),
            }
        }
        if !found.is_empty() {
            broken.insert(kind);
        }
        problems.extend(found);
    }
    specs.power.basis.present = basis::digest(&documents);
    specs.texts = sources.clone();
    lint::lint(specs, &broken, problems);
    Ok(loaded)
}

/// What is wrong with single files, for those who describe their form in another way.
#[cfg(test)]
pub(crate) mod form {
    use located_yaml::{Document, Problems};

    use super::lower;
    use super::model::Fixtures;

    /// A file of requirements.
    pub(crate) fn of_requirements(document: &Document, problems: &mut Problems) {
        lower::requirements(document, problems);
    }

    /// The fixtures.
    pub(crate) fn of_fixtures(document: &Document, problems: &mut Problems) {
        lower::fixtures(document, problems);
    }

    /// A file of probes of these fixtures.
    pub(crate) fn of_probes(document: &Document, fixtures: &Fixtures, problems: &mut Problems) {
        lower::probes(document, fixtures, problems);
    }

    /// The faults; what they set in the mock is left to the mock.
    pub(crate) fn of_faults(document: &Document, problems: &mut Problems) {
        lower::faults(document, problems);
    }

    /// The kill matrix.
    pub(crate) fn of_kills(document: &Document, problems: &mut Problems) {
        lower::kills(document, problems);
    }

    /// The table of knobs.
    pub(crate) fn of_knobs(document: &Document, problems: &mut Problems) {
        lower::knobs(document, problems);
    }

    /// What is lost without anybody noticing.
    pub(crate) fn of_survivors(document: &Document, problems: &mut Problems) {
        lower::survivors(document, problems);
    }

    /// A file of cases that use these fixtures.
    pub(crate) fn of_cases(document: &Document, fixtures: &Fixtures, problems: &mut Problems) {
        lower::cases(document, fixtures, problems);
    }
}

#[cfg(test)]
mod tests {
    use located_yaml::Paint;

    use super::*;

    #[test]
    fn the_embedded_specs_hang_together() {
        let loaded = load(&Source::Embedded).expect("they are in the binary");
        assert_eq!(loaded.problems.render(&loaded.sources, Paint::Plain), "");
        assert!(loaded.specs.cases.len() > 10);
    }

    #[test]
    fn the_figures_of_assertions_and_answers_are_those_of_the_embedded_specs() {
        let loaded = load(&Source::Embedded).expect("they are in the binary");
        assert!(
            loaded.specs.power.basis.is_measured(),
            "specs/survivors.yaml was measured before the last change of requirements, cases, fixtures or faults; \
             UPDATE_SURVIVORS=1 cargo test -p torq-conformance --test mutants measures again"
        );
    }
}
