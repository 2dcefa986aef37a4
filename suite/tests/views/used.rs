//! The report as it is used: filtered, linked to, read, by mouse and by keys alone.

use browser::{Browser, Page, Scheme};

use crate::runs::{Done, Report, conforming, diverging, is_quiet, keep};

/// The words of what is said aloud about the filter.
fn count(page: &Page<'_>) -> Result<String, browser::Error> {
    page.text("document.querySelector('#count').textContent")
}

#[test]
fn a_run_that_diverges_is_shown_filtered_and_linked_to() -> Done {
    let Some(browser) = Browser::for_test("a_run_that_diverges_is_shown_filtered_and_linked_to")? else {
        return Ok(());
    };
    let evidence = diverging();
    let (all, failed) = (
        evidence.cases.len(),
        evidence.tally.count(torq_conformance::verdict::Verdict::Failed),
    );
    assert!(failed > 5, "{failed}");
    let report = Report::of(&evidence);
    let page = report.open(&browser)?;
    keep(&page, "diverging-light")?;
    assert_eq!(
        page.text("document.querySelector('h1').textContent")?,
        "Diverges from the documented behaviour"
    );
    assert!(
        page.text("document.querySelector('.stamps').textContent")?
            .contains("Only the cases of answers.rate-limit.*")
    );
    assert_eq!(count(&page)?, format!("{all} cases"));
    assert_eq!(
        page.text("document.querySelector('.case').dataset.verdict")?,
        "failed",
        "they come first"
    );

    // Every kind of difference leads to the cases that show it.
    let most = page.text("document.querySelector('.causes b').textContent")?;
    page.click(".causes a")?;
    page.wait_for("location.hash.startsWith('#q=')")?;
    // Those it comes first in, and those that have it besides another one.
    let shown = count(&page)?;
    let shown: usize = shown
        .split(' ')
        .next()
        .and_then(|it| it.parse().ok())
        .unwrap_or_default();
    assert!(
        most.parse().is_ok_and(|most: usize| most > 1 && most <= shown),
        "{most} of {shown}"
    );
    let told = page.text(
        "[...document.querySelectorAll('.case')].some(it => !it.hidden && it.querySelector('.why')?.textContent === document.querySelector('.causes .words').textContent)",
    )?;
    assert_eq!(told, "true", "a case that is shown says so in its row");
    page.click("button[type=reset]")?;

    page.click("input[value=failed]")?;
    assert_eq!(count(&page)?, format!("{failed} of {all} cases"));
    assert_eq!(page.text("location.hash")?, "#verdict=failed");
    page.evaluate("document.querySelector('select[name=section]').focus()")?;
    page.type_text("run")?;
    page.wait_for("location.hash === '#section=running&verdict=failed'")?;
    page.click("input[type=search]")?;
    page.type_text("OUTLIVES 201")?;
    page.wait_for("location.hash === '#q=OUTLIVES%20201&section=running&verdict=failed'")?;
    assert_eq!(count(&page)?, format!("1 of {all} cases"));
    page.type_text(" nothing like it")?;
    assert_eq!(count(&page)?, format!("0 of {all} cases"));
    page.click("#clear")?;
    assert_eq!(count(&page)?, format!("{all} cases"));

    // The address alone brings the state back, and the case it names.
    page.evaluate("location.hash = '#q=SYNC-FALLBACK-STATUS&verdict=failed&case=running.sync-fallback.outlives'")?;
    page.reload()?;
    page.wait_for("document.querySelector('details[open] .step')")?;
    assert_eq!(
        page.text("document.querySelector('input[type=search]').value")?,
        "SYNC-FALLBACK-STATUS"
    );
    assert_eq!(
        page.text("document.activeElement.parentElement.id")?,
        "case-running.sync-fallback.outlives"
    );
    keep(&page, "window-light")?;
    is_quiet(&page);
    Ok(())
}

#[test]
fn a_story_has_everything_to_act_on() -> Done {
    let Some(browser) = Browser::for_test("a_story_has_everything_to_act_on")? else {
        return Ok(());
    };
    let report = Report::of(&diverging());
    let page = report.open(&browser)?;
    let told = |id: &str, selector: &str| {
        page.evaluate(&format!("document.getElementById('case-{id}').open = true"))?;
        page.wait_for(&format!(
            "document.getElementById('case-{id}').querySelector('.command')"
        ))?;
        page.text(&format!(
            "[...document.getElementById('case-{id}').querySelectorAll('{selector}')].map(it => it.getAttribute('aria-label') ?? it.textContent).join(' | ')"
        ))
    };
    let signature = page.text("[...document.querySelectorAll('.case[data-verdict=failed]')].find(it => it.id.startsWith('case-authentication')).id.slice(5)")?;
    let story = told(&signature, ".story")?;
    for part in [
        "MUST",
        "documented",
        "401",
        "found403",
        "Came back",
        "curl -i -X POST",
        "specs/cases/authentication/signature.yaml:",
        "Positive twin",
        &format!("torq-conformance explain {signature}"),
    ] {
        assert!(story.contains(part), "{part} is not in {story}");
    }
    assert!(
        told(&signature, ".yaml pre")?.contains("signature"),
        "the YAML of the step"
    );
    let burst = told("answers.rate-limit.sustained", ".plot svg[role=img]")?;
    assert!(
        burst.contains("429") && burst.contains("at most 25 in 1 s may be accepted"),
        "{burst}"
    );
    assert!(
        page.evaluate("document.querySelectorAll('.plot circle.k-accepted').length")?
            .as_u64()
            > Some(25)
    );
    assert!(page.text("!!document.querySelector('.plot path.limit')")? == "true");
    let window = told("running.sync-fallback.outlives", ".plot svg[role=img]")?;
    assert!(
        window.contains("it had to come not before 50 s and not after 52 s"),
        "{window}"
    );
    page.evaluate("document.getElementById('case-answers.rate-limit.sustained').scrollIntoView()")?;
    keep(&page, "burst-light")?;
    page.scheme(Scheme::Dark)?;
    keep(&page, "burst-dark")?;
    // However narrow the screen, what is wide scrolls by itself and the page does not.
    for width in [1280, 600, 360] {
        page.viewport(width, 900)?;
        let over = page.text("document.documentElement.scrollWidth - document.documentElement.clientWidth")?;
        assert_eq!(over, "0", "{width} pixels wide");
    }
    keep(&page, "burst-narrow")?;
    is_quiet(&page);
    Ok(())
}

#[test]
fn keys_alone_lead_everywhere() -> Done {
    let Some(browser) = Browser::for_test("keys_alone_lead_everywhere")? else {
        return Ok(());
    };
    let report = Report::of(&diverging());
    let page = report.open(&browser)?;
    let focus = || {
        page.text("document.activeElement.closest('.case')?.id ?? document.activeElement.name ?? document.activeElement.className")
    };
    page.press("Tab")?;
    assert_eq!(page.text("document.activeElement.textContent")?, "Skip to the cases");
    page.press("/")?;
    assert_eq!(focus()?, "q");
    page.type_text("sync-fallback")?;
    page.press("ArrowDown")?;
    let first = focus()?;
    assert!(first.starts_with("case-running.sync-fallback."), "{first}");
    page.press("ArrowDown")?;
    let second = focus()?;
    assert!(
        second.starts_with("case-running.sync-fallback.") && second != first,
        "{second}"
    );
    page.press("ArrowUp")?;
    assert_eq!(focus()?, first);
    page.press("Enter")?;
    page.wait_for("document.querySelector('details[open] .command code')")?;
    assert!(page.text("location.hash")?.contains("&case=running.sync-fallback."));
    // The focus is seen: an outline and not only a colour.
    assert_eq!(
        page.text("getComputedStyle(document.activeElement).outlineStyle")?,
        "solid"
    );
    page.press("Enter")?;
    page.wait_for("!document.querySelector('details.case[open]')")?;
    page.press("/")?;
    page.press("Escape")?;
    assert_eq!(
        count(&page)?,
        format!("{} cases", page.text("document.querySelectorAll('.case').length")?)
    );
    is_quiet(&page);
    Ok(())
}

#[test]
fn it_fits_every_screen_paper_and_taste() -> Done {
    let Some(browser) = Browser::for_test("it_fits_every_screen_paper_and_taste")? else {
        return Ok(());
    };
    let report = Report::of(&conforming());
    let page = report.open(&browser)?;
    keep(&page, "conforming-light")?;
    let dark = || page.text("getComputedStyle(document.documentElement).colorScheme");
    assert_eq!(dark()?, "light");
    page.scheme(Scheme::Dark)?;
    assert_eq!(dark()?, "dark");
    keep(&page, "conforming-dark")?;
    page.click("#theme")?;
    assert_eq!(dark()?, "light", "the person's choice is above the system's");
    // And it lasts.
    page.reload_until("getComputedStyle(document.documentElement).colorScheme === 'light'")?;
    page.evaluate("document.querySelectorAll('.case').forEach((it, n) => { it.open = n % 7 === 0 })")?;
    for width in [1280, 800, 360] {
        page.viewport(width, 800)?;
        let over = page.text("document.documentElement.scrollWidth - document.documentElement.clientWidth")?;
        assert_eq!(over, "0", "{width} pixels wide");
    }
    page.evaluate("scrollTo(0, document.querySelector('details[open]').offsetTop - 100)")?;
    keep(&page, "narrow-light")?;
    page.scheme(Scheme::Dark)?;
    page.evaluate("document.documentElement.dataset.theme = 'dark'")?;
    keep(&page, "narrow-dark")?;
    page.evaluate("document.documentElement.dataset.theme = 'light'")?;
    page.viewport(1280, 900)?;
    page.evaluate("location.hash = '#requirements'")?;
    keep(&page, "requirements-light")?;
    page.as_printed()?;
    assert_eq!(
        page.text("getComputedStyle(document.querySelector('#filter')).display")?,
        "none"
    );
    is_quiet(&page);
    Ok(())
}
