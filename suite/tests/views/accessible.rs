//! The report as assistive technology finds it, and whether its colours can be told apart.

use browser::{Browser, Scheme};

use crate::runs::{Done, Report, diverging, is_quiet};

/// Every piece of text whose contrast with what lies behind it is below 4.5.
const FAINT: &str = r"(() => {
  const parse = it => { const [r, g, b, a = 1] = it.match(/[\d.]+/g).map(Number); return { r, g, b, a }; };
  const light = ({ r, g, b }) => { const [x, y, z] = [r, g, b].map(it => { it /= 255; return it <= .03928 ? it / 12.92 : ((it + .055) / 1.055) ** 2.4; }); return .2126 * x + .7152 * y + .0722 * z; };
  const behind = it => { for (; it; it = it.parentElement) { const c = parse(getComputedStyle(it).backgroundColor); if (c.a === 1) return c; } return { r: 255, g: 255, b: 255 }; };
  const faint = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const it = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !it.checkVisibility() || it.closest('svg, script, style, noscript')) continue;
    const [one, other] = [light(parse(getComputedStyle(it).color)), light(behind(it))];
    const contrast = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
    if (contrast < 4.5) faint.add(`${it.tagName}.${it.className} ${contrast.toFixed(2)}`);
  }
  return [...faint].join(', ');
})()";

#[test]
fn it_has_landmarks_headings_names_and_a_live_count() -> Done {
    let Some(browser) = Browser::for_test("it_has_landmarks_headings_names_and_a_live_count")? else {
        return Ok(());
    };
    let report = Report::of(&diverging());
    let page = report.open(&browser)?;
    let heard = page.accessibility()?;
    let has = |role: &str, name: &str| heard.iter().any(|it| it.role == role && it.name.contains(name));
    for (role, name) in [
        ("banner", ""),
        ("navigation", "Parts of this report"),
        ("main", ""),
        ("contentinfo", ""),
        ("search", "Filter the cases"),
        ("status", ""),
        ("searchbox", "Search"),
        ("combobox", "Section"),
        ("combobox", "Level"),
        ("checkbox", "failed"),
        ("heading", "Diverges from the documented behaviour"),
        ("heading", "Cases"),
        ("heading", "Requirements"),
        ("table", "What holds, by section"),
    ] {
        assert!(has(role, name), "no {role} called `{name}`");
    }
    let first = page.text("document.querySelector('.case').id.slice(5)")?;
    let summaries: Vec<_> = heard.iter().filter(|it| it.name.contains(&first)).collect();
    assert!(summaries.iter().any(|it| it.role == "heading"), "{summaries:?}");
    let nameless = page.text(
        "[...document.querySelectorAll('button, input, select, summary, a')].filter(it => !it.textContent.trim() && !it.labels?.length && !it.ariaLabel).length",
    )?;
    assert_eq!(nameless, "0");
    let levels = page.text("[...document.querySelectorAll('h1')].length")?;
    assert_eq!(levels, "1");
    assert_eq!(
        page.text("document.querySelector('#count').getAttribute('aria-live')")?,
        "polite"
    );
    assert_eq!(page.text("document.documentElement.lang")?, "en");
    Ok(())
}

#[test]
fn every_text_stands_out_in_light_and_dark() -> Done {
    let Some(browser) = Browser::for_test("every_text_stands_out_in_light_and_dark")? else {
        return Ok(());
    };
    let report = Report::of(&diverging());
    let page = report.open(&browser)?;
    page.evaluate("document.querySelectorAll('.case').forEach((it, n) => { it.open = n < 40 })")?;
    page.wait_for("document.querySelectorAll('.story .command').length >= 40")?;
    for scheme in [Scheme::Light, Scheme::Dark] {
        page.scheme(scheme)?;
        assert_eq!(page.text(FAINT)?, "", "{scheme:?}");
    }
    is_quiet(&page);
    Ok(())
}
