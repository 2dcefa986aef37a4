//! Whatever a deployment answers is text: nothing of it becomes an element, a script or a request.

use browser::Browser;
use torq_conformance::evidence::{Evidence, Outcome};

use crate::runs::{Done, Report, diverging, is_quiet};

/// Ends every element a text could be in, and tries to run something.
const HOSTILE: &str = "</script></style></pre></title>--><!--<script>window.taken = 1</script><img src=x onerror='window.taken=2'>\
                       <svg onload=\"window.taken=3\"><a href=\"javascript:window.taken=4\">x</a>\"'`${window.taken=5}\u{2028}\n\0&lt;";

pub(crate) fn hostile(mut evidence: Evidence) -> Evidence {
    evidence.target.name = HOSTILE.to_owned();
    evidence.filters = vec![HOSTILE.to_owned()];
    evidence.ended_early = Some(HOSTILE.to_owned());
    for requirement in &mut evidence.requirements {
        requirement.statement = HOSTILE.to_owned();
        requirement.source.page = HOSTILE.to_owned();
    }
    for case in &mut evidence.cases {
        case.title = HOSTILE.to_owned();
        case.reason = Some(HOSTILE.to_owned());
        case.facts.insert(HOSTILE.to_owned(), HOSTILE.to_owned());
        for step in &mut case.steps {
            step.title = HOSTILE.to_owned();
            step.yaml = HOSTILE.to_owned();
            step.notes.push(HOSTILE.to_owned());
            for mismatch in &mut step.mismatches {
                mismatch.found = HOSTILE.to_owned();
                mismatch.expected = format!("x{HOSTILE}");
            }
            for exchange in &mut step.exchanges {
                exchange.request.url = HOSTILE.to_owned();
                if let Outcome::Answered(answer) = &mut exchange.outcome {
                    answer.headers.push((HOSTILE.to_owned(), HOSTILE.to_owned()));
                    answer.body.text = HOSTILE.to_owned();
                }
            }
        }
    }
    evidence.derive();
    evidence
}

#[test]
fn hostile_answers_stay_text() -> Done {
    let Some(browser) = Browser::for_test("hostile_answers_stay_text")? else {
        return Ok(());
    };
    let report = Report::of(&hostile(diverging()));
    let page = report.open(&browser)?;
    page.evaluate("document.querySelectorAll('.case').forEach(it => { it.open = true })")?;
    page.wait_for("[...document.querySelectorAll('.case')].every(it => it.querySelector('.command'))")?;
    assert_eq!(page.text("window.taken")?, "undefined");
    assert_eq!(
        page.text("document.querySelectorAll('img, [onload], [onerror], [href^=javascript]').length")?,
        "0"
    );
    assert_eq!(
        page.text("document.querySelectorAll('script').length")?,
        "3",
        "the data and the page's own"
    );
    let shown = page.text("document.querySelector('.side pre mark, .side:last-child pre').textContent")?;
    assert!(shown.contains("<script>window.taken = 1</script>"), "{shown}");
    is_quiet(&page);
    // Were it an element all the same, the policy would stop it.
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.taken=6\">')")?;
    page.evaluate("(() => { const it = document.createElement('script'); it.textContent = 'window.taken = 7'; document.body.append(it); })()")?;
    assert_eq!(page.text("window.taken")?, "undefined");
    Ok(())
}
