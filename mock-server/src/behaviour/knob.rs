//! What a knob is: a value that can be read from YAML, written back, and listed with its grade and meaning.
//!
//! Holds no knob itself and decides nothing; the sections beside it do.

use std::num::NonZeroU32;
use std::time::Duration;

use http::HeaderValue;
use located_yaml::{Node, Problems, write_duration};

/// How well a behaviour is known, from the contract's table of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// The source document states it.
    Documented,
    /// Another public page of the vendor states it.
    Vendor,
    /// Seen in several independent clients.
    Observed,
    /// Nobody publishes it; the default is a choice.
    Open,
}

impl Grade {
    /// The word used in files and messages.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Vendor => "vendor",
            Self::Observed => "observed",
            Self::Open => "open",
        }
    }
}

/// One knob as `torq-mock config` prints it.
///
/// A knob of a published rule conforms at its default only: any other value is a deliberate fault. A knob of an open
/// question conforms at every value. So "another legal answer" and "a defect" are told apart by the grade alone.
#[derive(Clone, Debug)]
pub struct KnobEntry {
    /// The section of `behaviour` it belongs to.
    pub section: &'static str,
    /// Its key in that section.
    pub name: &'static str,
    /// How well the default is known.
    pub grade: Grade,
    /// What it decides.
    pub about: &'static str,
    /// What may be written.
    pub accepts: String,
    /// The value in force, as YAML.
    pub value: String,
    /// The value it has unless a configuration or a fault says otherwise, as YAML.
    pub default: String,
}

impl KnobEntry {
    /// True when the value in force breaks a rule that is published. What nobody publishes has no wrong value.
    #[must_use]
    pub fn is_faulty(&self) -> bool {
        self.grade != Grade::Open && self.value != self.default
    }

    /// What may be written, and which of it conforms.
    #[must_use]
    pub fn choice(&self) -> String {
        let words: Vec<_> = self.accepts.split(" | ").filter(|word| *word != self.default).collect();
        match (self.grade, self.accepts.contains(" | ")) {
            (Grade::Open, _) => self.accepts.clone(),
            (Grade::Documented | Grade::Vendor | Grade::Observed, true) => {
                format!("{}; as a fault: {}", self.default, words.join(" | "))
            }
            (Grade::Documented | Grade::Vendor | Grade::Observed, false) => {
                format!("{}; any but the default is a fault", self.accepts)
            }
        }
    }
}

/// A value of `behaviour`.
pub(crate) trait Knob: Sized {
    /// What may be written, in words.
    fn accepts() -> String;

    /// Reads the value, or says what is wrong with it.
    fn read(node: Node<'_>, problems: &mut Problems) -> Option<Self>;

    /// Writes the value as YAML on one line.
    fn write(&self) -> String;
}

/// Defines a section of `Behaviour`: every knob's grade, name, type, default and meaning, stated once.
macro_rules! section {
    (
        $(#[doc = $about:literal])*
        $Section:ident = $name:literal {
            $( $(#[doc = $doc:literal])* $grade:ident $knob:ident: $Type:ty = $default:expr; )*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) struct $Section {
            $( $(#[doc = $doc])* pub(crate) $knob: $Type, )*
        }

        impl Default for $Section {
            fn default() -> Self {
                Self { $( $knob: $default, )* }
            }
        }

        impl $crate::behaviour::knob::Section for $Section {
            const NAME: &'static str = $name;
            const ABOUT: &'static str = concat!($($about),*);

            fn read(&mut self, node: located_yaml::Node<'_>, problems: &mut located_yaml::Problems) {
                let Some(fields) = node.fields(&[$(stringify!($knob)),*], problems) else { return };
                $(
                    if let Some(node) = fields.optional(stringify!($knob))
                        && let Some(value) = $crate::behaviour::knob::Knob::read(node, problems)
                    {
                        self.$knob = value;
                    }
                )*
            }

            fn knobs(&self) -> Vec<$crate::behaviour::knob::KnobEntry> {
                let default = Self::default();
                vec![$(
                    $crate::behaviour::knob::KnobEntry {
                        section: $name,
                        name: stringify!($knob),
                        grade: $crate::behaviour::knob::Grade::$grade,
                        about: concat!($($doc),*).trim(),
                        accepts: <$Type as $crate::behaviour::knob::Knob>::accepts(),
                        value: $crate::behaviour::knob::Knob::write(&self.$knob),
                        default: $crate::behaviour::knob::Knob::write(&default.$knob),
                    },
                )*]
            }
        }
    };
}
pub(crate) use section;

/// What the [`section!`] macro gives every section.
pub(crate) trait Section: Default {
    /// The section's key under `behaviour`.
    const NAME: &'static str;
    /// What the section is about.
    const ABOUT: &'static str;

    /// Takes over what a configuration overrides.
    fn read(&mut self, node: Node<'_>, problems: &mut Problems);

    /// Lists the knobs with the values in force.
    fn knobs(&self) -> Vec<KnobEntry>;
}

/// Gives an enum its words in YAML.
macro_rules! words {
    ($Choice:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $Choice {
            /// Every choice with its word.
            pub(crate) const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),*];

            /// The word for it.
            pub(crate) const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl $crate::behaviour::knob::Knob for $Choice {
            fn accepts() -> String {
                [$($word),*].join(" | ")
            }

            fn read(node: located_yaml::Node<'_>, problems: &mut located_yaml::Problems) -> Option<Self> {
                node.choice(Self::ALL, problems)
            }

            fn write(&self) -> String {
                match self.word() {
                    // Bare, it would be no word.
                    "null" => $crate::behaviour::knob::quoted("null"),
                    word => word.to_owned(),
                }
            }
        }
    };
}
pub(crate) use words;

/// Defines a knob that is one of a few choices.
macro_rules! choices {
    (
        $(#[doc = $about:literal])*
        $Choice:ident { $( $(#[doc = $doc:literal])* $variant:ident = $word:literal, )* }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $Choice {
            $( $(#[doc = $doc])* $variant, )*
        }

        $crate::behaviour::knob::words!($Choice { $($variant = $word),* });
    };
}
pub(crate) use choices;

impl Knob for usize {
    fn accepts() -> String {
        "a whole number, zero or more".to_owned()
    }

    fn read(node: Node<'_>, problems: &mut Problems) -> Option<Self> {
        let number = node.integer(problems)?;
        let read = Self::try_from(number).ok();
        if read.is_none() {
            problems.push(node.problem(format!("expected {}, found {number}", Self::accepts())));
        }
        read
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Knob for NonZeroU32 {
    fn accepts() -> String {
        "a whole number, one or more".to_owned()
    }

    fn read(node: Node<'_>, problems: &mut Problems) -> Option<Self> {
        let number = node.integer(problems)?;
        let read = u32::try_from(number).ok().and_then(Self::new);
        if read.is_none() {
            problems.push(node.problem(format!("expected {}, found {number}", Self::accepts())));
        }
        read
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Knob for Duration {
    fn accepts() -> String {
        "a duration such as 50s, 250ms or 24h".to_owned()
    }

    fn read(node: Node<'_>, problems: &mut Problems) -> Option<Self> {
        node.duration(problems)
    }

    fn write(&self) -> String {
        write_duration(*self)
    }
}

impl Knob for String {
    fn accepts() -> String {
        "text".to_owned()
    }

    fn read(node: Node<'_>, problems: &mut Problems) -> Option<Self> {
        node.string(problems).map(Into::into)
    }

    fn write(&self) -> String {
        quoted(self)
    }
}

impl Knob for HeaderValue {
    fn accepts() -> String {
        "text that an HTTP header can hold".to_owned()
    }

    fn read(node: Node<'_>, problems: &mut Problems) -> Option<Self> {
        let read = Self::from_str(node.string(problems)?)
            .ok()
            .filter(|value| value.to_str().is_ok());
        if read.is_none() {
            problems.push(node.problem(format!("expected {}", <Self as Knob>::accepts())));
        }
        read
    }

    fn write(&self) -> String {
        quoted(&String::from_utf8_lossy(self.as_bytes()))
    }
}

impl Knob for Vec<String> {
    fn accepts() -> String {
        "a list of texts".to_owned()
    }

    fn read(node: Node<'_>, problems: &mut Problems) -> Option<Self> {
        node.items(problems)?
            .into_iter()
            .map(|item| String::read(item, problems))
            .collect()
    }

    fn write(&self) -> String {
        format!(
            "[{}]",
            self.iter().map(|text| quoted(text)).collect::<Self>().join(", ")
        )
    }
}

/// A text in single quotes, which YAML takes as it is.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
