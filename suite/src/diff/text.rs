//! What changed, for a terminal.
//!
//! Bad news first; text with terminal styles, which whoever prints it takes out where there is no terminal.

use std::fmt::{self, Write as _};

use anstyle::{AnsiColor, Style};

use super::{Difference, News, Run};
use crate::verdict::Verdict;

const WRITTEN: &str = "a String takes everything that is written";

/// The change as lines of text.
#[must_use]
pub fn to_text(difference: &Difference) -> String {
    let mut out = String::new();
    write(&mut out, difference).expect(WRITTEN);
    out
}

pub(super) fn word(verdict: Option<Verdict>) -> &'static str {
    verdict.map_or("not there", Verdict::word)
}

const fn style(news: News) -> Style {
    match news {
        News::Diverges => AnsiColor::Red.on_default().bold(),
        News::Lost | News::Removed => AnsiColor::Yellow.on_default(),
        News::Fixed | News::Gained => AnsiColor::Green.on_default(),
        News::Added | News::Changed => Style::new(),
    }
}

fn write(out: &mut String, difference: &Difference) -> fmt::Result {
    let Difference { before, after, .. } = difference;
    let mut cases: Vec<_> = difference.cases.iter().collect();
    cases.sort_by_key(|it| it.news);
    for change in cases {
        let (style, news, id) = (style(change.news), change.news.word(), &change.id);
        let (old, new) = (word(change.before), word(change.after));
        writeln!(out, "{style}{news:<9}{style:#} {id}: {old} → {new}")?;
        if let Some(why) = &change.why {
            writeln!(out, "          {why}")?;
        }
        for answer in &change.answers {
            writeln!(out, "          {answer}")?;
        }
        if change.news == News::Diverges {
            writeln!(out, "          more: torq-conformance explain {id}")?;
        }
    }
    for fact in &difference.facts {
        let of = |value: &Option<String>| value.clone().unwrap_or_else(|| "not recorded".to_owned());
        writeln!(
            out,
            "fact      {}: {} → {}",
            fact.name,
            of(&fact.before),
            of(&fact.after)
        )?;
    }
    for time in &difference.times {
        writeln!(out, "time      {}: {:.1} s → {:.1} s", time.id, time.before, time.after)?;
    }
    if before.specs != after.specs {
        writeln!(out, "specs     changed: what is another verdict may be another demand")?;
    }
    for (run, which) in [(before, "before"), (after, "after")] {
        if !run.complete {
            writeln!(out, "{which} is incomplete: it has {} cases", run.cases)?;
        }
    }
    let share = |part: fn(&Run) -> usize| {
        format!(
            "{} of {} → {} of {}",
            part(before),
            before.must,
            part(after),
            after.must
        )
    };
    writeln!(out, "conformance   {} MUST cases passed", share(|run| run.passed))?;
    writeln!(out, "coverage      {} MUST cases judged", share(|run| run.judged))?;
    writeln!(out, "time          {:.2} s → {:.2} s", before.seconds, after.seconds)?;
    let (new, known) = (difference.new_divergences.len(), difference.known_divergences.len());
    let (changes, facts) = (difference.cases.len(), difference.facts.len());
    writeln!(
        out,
        "{changes} cases and {facts} facts changed; {new} new divergences, {known} known ones"
    )
}
