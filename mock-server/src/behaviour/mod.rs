//! Every documented decision and every open question of the API, as one value each.
//!
//! Only values, their defaults and how they are read and listed. No decision is taken here, and nowhere else is a
//! documented number, status or phrase written down: what reads a knob is named at the head of its section.

pub(crate) mod knob;

pub(crate) mod admission;
pub(crate) mod answer;
pub(crate) mod answers;
pub(crate) mod authentication;
pub(crate) mod events;
pub(crate) mod executions;
pub(crate) mod exit;
pub(crate) mod rate;
pub(crate) mod running;
pub(crate) mod urls;

use std::fmt::Write as _;

use located_yaml::{Node, Problems};

pub use knob::{Grade, KnobEntry};

use crate::behaviour::admission::Bounds;
use crate::behaviour::knob::Section;

/// Makes the whole from its sections, so that a section cannot be read but not listed.
macro_rules! behaviour {
    ($($(#[doc = $doc:literal])* $section:ident: $Section:path,)*) => {
        /// How the server behaves: the contract, unless a configuration says otherwise.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Behaviour {
            $($(#[doc = $doc])* pub(crate) $section: $Section,)*
        }

        impl Behaviour {
            /// Takes over what the `behaviour` of a configuration overrides.
            pub(crate) fn read(&mut self, node: Node<'_>, problems: &mut Problems) {
                let Some(fields) = node.fields(&[$(<$Section>::NAME),*], problems) else { return };
                $(
                    if let Some(node) = fields.optional(<$Section>::NAME) {
                        self.$section.read(node, problems);
                    }
                )*
            }

            fn sections(&self) -> Vec<(&'static str, &'static str, Vec<KnobEntry>)> {
                vec![$((<$Section>::NAME, <$Section>::ABOUT, self.$section.knobs())),*]
            }
        }
    };
}

behaviour! {
    /// URLs and methods.
    urls: urls::Urls,
    /// Header secrets and signatures.
    authentication: authentication::Authentication,
    /// Body size.
    payload: admission::Payload,
    /// From body to event.
    events: events::Events,
    /// Order of the gates.
    admission: admission::Admission,
    /// Revisions, time-out, answers of trigger URLs.
    running: running::Running,
    /// Synchronous answers.
    exit: exit::Exit,
    /// The executions API.
    executions: executions::Executions,
    /// The rate limit.
    rate: rate::Rate,
    /// Statuses and phrases.
    answers: answers::Answers,
}

impl Behaviour {
    /// Every knob with the value in force, in the order of the contract.
    #[must_use]
    pub fn knobs(&self) -> Vec<KnobEntry> {
        self.sections().into_iter().flat_map(|(_, _, knobs)| knobs).collect()
    }

    /// The `behaviour` of a configuration that states every value in force, with what each knob means.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let mut yaml = "behaviour:\n".to_owned();
        for (name, about, knobs) in self.sections() {
            write_section(&mut yaml, (name, about.trim()), &knobs);
        }
        yaml
    }

    /// Bytes a body may have.
    #[must_use]
    pub fn payload_limit(&self) -> usize {
        self.payload.limit
    }

    /// Bytes of a body that the edge reads at most.
    pub(crate) fn payload_bounds(&self) -> Bounds {
        self.payload.bounds()
    }
}

fn write_section(yaml: &mut String, (name, about): (&str, &str), knobs: &[KnobEntry]) {
    const WRITTEN: &str = "a String takes everything that is written";
    write!(yaml, "  # {about}\n  {name}:\n").expect(WRITTEN);
    for knob in knobs {
        write!(
            yaml,
            "    # {} ({})\n    # {}\n    {}: {}\n",
            knob.about,
            knob.grade.word(),
            knob.choice(),
            knob.name,
            knob.value
        )
        .expect(WRITTEN);
    }
}

#[cfg(test)]
mod tests;
