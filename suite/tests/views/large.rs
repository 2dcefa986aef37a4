//! A report of a thousand cases is quick.

use std::time::Instant;

use browser::Browser;
use torq_conformance::evidence::Evidence;

use crate::runs::{Done, Report, diverging, is_quiet};

const CASES: usize = 1000;

/// The same cases over and over, under other names.
fn thousand(mut evidence: Evidence) -> Evidence {
    let seeds = evidence.cases.clone();
    evidence.cases = seeds.iter().cycle().take(CASES).cloned().collect();
    for (number, case) in evidence.cases.iter_mut().enumerate() {
        case.id = format!("{}.n{number:04}", case.id);
    }
    evidence.planned.cases = CASES;
    evidence.derive();
    evidence
}

#[test]
fn a_thousand_cases_are_quick() -> Done {
    let Some(browser) = Browser::for_test("a_thousand_cases_are_quick")? else {
        return Ok(());
    };
    let evidence = thousand(diverging());
    let began = Instant::now();
    let report = Report::of(&evidence);
    let rendered = began.elapsed();
    let page = report.open(&browser)?;
    let ready = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")?;
    // From a key to the frame that shows what it filtered.
    let filter = "new Promise(done => { const it = document.querySelector('input[type=search]'), began = performance.now(); it.value = 'outlives'; \
                  it.dispatchEvent(new Event('input', { bubbles: true })); document.body.offsetHeight; done(performance.now() - began); })";
    let filtered = page.evaluate(filter)?;
    let open = "new Promise(done => { const it = [...document.querySelectorAll('.case')].find(it => !it.hidden), began = performance.now(); \
                it.addEventListener('toggle', () => { document.body.offsetHeight; done(performance.now() - began); }); it.open = true; })";
    let opened = page.evaluate(open)?;
    eprintln!(
        "1000 cases: rendered in {rendered:?}, ready after {ready} ms, filtered in {filtered} ms, a story in {opened} ms"
    );
    // Ten times what a loaded machine was seen to need.
    for (what, took, most) in [
        ("ready", &ready, 8000.0),
        ("filter", &filtered, 1000.0),
        ("story", &opened, 1000.0),
    ] {
        assert!(took.as_f64().is_some_and(|took| took < most), "{what}: {took} ms");
    }
    assert!(
        page.text("document.querySelector('#count').textContent")?
            .ends_with(" of 1000 cases")
    );
    is_quiet(&page);
    Ok(())
}
