//! The text of a new case: one that runs, can fail, and is easy to turn into another.

use located_yaml::{Document, Problems};

use crate::schema::Format;
use crate::spec::model::{Level, Requirement, Specs};

/// Columns of a line of a comment, before it is indented.
const WIDTH: usize = 110;

/// What a new case is made of.
#[derive(Debug)]
pub(super) struct Skeleton<'a> {
    /// The id of the case, or of the positive one of two.
    pub(super) id: &'a str,
    /// The suite it belongs to.
    pub(super) suite: &'a str,
    /// What it checks, when that is known.
    pub(super) requirement: Option<&'a Requirement>,
    /// The fixture it calls.
    pub(super) workflow: &'a str,
}

impl Skeleton<'_> {
    /// The cases with their titles.
    pub(super) fn written(&self) -> Vec<(String, &'static str)> {
        if self.observes() {
            return vec![(self.id.to_owned(), "what comes of the call is noted")];
        }
        vec![
            (self.id.to_owned(), "a call that is in order is accepted"),
            (format!("{}-refused", self.id), "the id of no workflow is refused 404"),
        ]
    }

    /// Whether nothing of it is there already.
    ///
    /// # Errors
    /// What is there, and where.
    pub(super) fn is_new_to(&self, specs: &Specs) -> Result<(), String> {
        for (id, _) in self.written() {
            let row = format!("{id}.");
            let taken = specs
                .cases
                .iter()
                .find(|case| case.id == id || case.id.starts_with(&row));
            if let Some(case) = taken {
                return Err(format!("the case `{}` is there already: {}", case.id, case.at));
            }
        }
        Ok(())
    }

    /// What a person makes of it.
    pub(super) fn advice(&self) -> String {
        let about = match self.requirement {
            Some(requirement) => format!("what {} is about", requirement.id),
            None => "what the case is about, and the requirement it checks,".to_owned(),
        };
        format!("put {about} in the place of the call, its title and what it expects")
    }

    /// A file of nothing else.
    pub(super) fn file(&self) -> String {
        let (modeline, suite) = (Format::Cases.modeline("../../schema"), self.suite);
        let about = match self.requirement {
            Some(requirement) => &requirement.section_title,
            None => suite,
        };
        let cases = self.cases("  ");
        format!("{modeline}\nsuite: {suite}\nabout: \"{about}: what these cases have in common.\"\ncases:\n{cases}")
    }

    /// What makes `old` a file with the cases at its end, or `None` when its end is no place for them.
    pub(super) fn to_append(&self, old: &str) -> Option<String> {
        let columns = case_columns(old)?;
        // A key of a case stands two columns to the right of its dash.
        let indent = " ".repeat(columns.first()?.checked_sub(3)?);
        let gap = if old.ends_with('\n') { "\n" } else { "\n\n" };
        let mut more = format!("{gap}{}", self.cases(&indent));
        if old.contains("\r\n") {
            more = more.replace('\n', "\r\n");
        }
        let after = case_columns(&format!("{old}{more}"))?;
        (after.len() == columns.len() + self.written().len()).then_some(more)
    }

    /// The cases, as items of a list that stands this far to the right.
    pub(super) fn cases(&self, indent: &str) -> String {
        let text = if self.observes() {
            self.observation()
        } else {
            self.pair()
        };
        let lines = text.lines().map(|line| match line {
            "" => "\n".to_owned(),
            line => format!("{indent}{line}\n"),
        });
        lines.collect()
    }

    fn observes(&self) -> bool {
        self.requirement.is_some_and(|it| it.grade.level() == Level::Recorded)
    }

    /// The requirement above the case that checks it, for whoever fills it in.
    fn heading(&self) -> String {
        match self.requirement {
            Some(it) => comment(&format!("{} ({}): {}", it.id, it.grade, it.statement)),
            None => String::new(),
        }
    }

    fn cited(&self) -> &str {
        self.requirement.map_or("", |it| it.id.as_str())
    }

    fn pair(&self) -> String {
        let (heading, cited, id, workflow) = (self.heading(), self.cited(), self.id, self.workflow);
        let [(_, accepted), (refused_id, refused)] = &self.written()[..] else {
            return String::new();
        };
        format!(
            "{heading}- id: {id}
  title: {accepted}
  requirements: [{cited}]
  steps:
    - trigger: {{ mode: async, workflow: {workflow}, json: {{ note: {id} }} }}
      expect:
        status: 200
        json: {{ $.execution_id: {{ is: uuid }} }}

# The same call with one mistake; its twin shows that nothing else is wrong with it.
- id: {refused_id}
  title: {refused}
  requirements: [{cited}]
  twin: {id}
  differs: workflow id
  steps:
    - trigger: {{ mode: async, workflow: {workflow}, workflow_id: \"${{random.uuid}}\", json: {{ note: {id} }} }}
      expect: {{ status: 404 }}
"
        )
    }

    fn observation(&self) -> String {
        let (heading, cited, id, workflow) = (self.heading(), self.cited(), self.id, self.workflow);
        let fact = id.split('.').skip(1).collect::<Vec<_>>().join("-");
        let title = self.written()[0].1;
        format!(
            "{heading}- id: {id}
  title: {title}
  requirements: [{cited}]
  steps:
    - trigger: {{ mode: async, workflow: {workflow}, json: {{ note: {id} }} }}
      observe:
        {fact}:
          choices:
            accepted: {{ status: 200 }}
            refused: {{ status: {{ at_least: 400, at_most: 499 }} }}
"
        )
    }
}

/// The text as comment lines of a readable width.
fn comment(text: &str) -> String {
    let mut lines = String::new();
    let mut line = "#".to_owned();
    for word in text.split_whitespace() {
        if line.len() + word.len() >= WIDTH && line != "#" {
            lines.push_str(&format!("{line}\n"));
            "#".clone_into(&mut line);
        }
        line.push_str(&format!(" {word}"));
    }
    format!("{lines}{line}\n")
}

/// The columns at which the cases of a file begin, when it is such a file.
fn case_columns(text: &str) -> Option<Vec<usize>> {
    let document = Document::parse("", text).ok()?;
    let mut problems = Problems::default();
    let fields = document.root().fields(&["suite", "about", "cases"], &mut problems)?;
    let cases = fields.optional("cases")?.items(&mut problems)?;
    let column = |case: &located_yaml::Node<'_>| usize::try_from(case.location().column).ok();
    cases.iter().map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Source, load};

    const SKELETON: Skeleton<'_> = Skeleton {
        id: "urls.spelling.dots",
        suite: "spelling",
        requirement: None,
        workflow: "respond",
    };

    #[test]
    fn cases_can_be_added_to_every_file_there_is() {
        let loaded = load(&Source::Embedded).expect("they are in the binary");
        let files: std::collections::BTreeSet<_> =
            loaded.specs.cases.iter().map(|case| case.at.file.to_string()).collect();
        assert!(files.len() > 20, "{files:?}");
        for file in files {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../");
            let text = std::fs::read_to_string(format!("{path}{file}")).expect("it is there");
            assert!(SKELETON.to_append(&text).is_some(), "{file}");
        }
    }

    #[test]
    fn what_is_added_stands_as_the_cases_before_it_do() {
        let head = "suite: spelling\nabout: It.\ncases:\n";
        for (old, added) in [
            ("- id: a\n  title: b\n", Some("\n- id: urls")),
            ("    - id: a\n      title: b\n", Some("\n    - id: urls")),
            ("  - id: a\n    title: b", Some("\n\n  - id: urls")),
            ("  - id: a\n    title: b\n  # the end\n", Some("\n  - id: urls")),
            ("  - id: a\r\n    title: b\r\n", Some("\r\n  - id: urls")),
            ("  - { id: a }\n", Some("\n  - id: urls")),
            ("    - { id: a }\n", Some("\n    - id: urls")),
            ("  -   id: a\n      title: b\n", None),
            ("  - id: a\n    title: b\n...\n", None),
            ("  []\n", None),
            ("  - id: a\nother: b\n", None),
        ] {
            let more = SKELETON.to_append(&format!("{head}{old}"));
            assert_eq!(more.is_some(), added.is_some(), "{old:?}: {more:?}");
            assert!(
                more.unwrap_or_default().starts_with(added.unwrap_or_default()),
                "{old:?}"
            );
        }
        assert_eq!(
            SKELETON.to_append("about: It.\nsuite: spelling\ncases:\n  - id: [\n"),
            None
        );
        let reordered = "cases:\n  - id: a\nsuite: spelling\nabout: It.\n";
        assert_eq!(SKELETON.to_append(reordered), None);
    }
}
