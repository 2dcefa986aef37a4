//! The browser on a small page: everything a test of a page can ask for.

use std::path::Path;

use browser::{Browser, Error, Page, Role, Scheme};

type Done = Result<(), Error>;

/// The page beside this file.
fn page(browser: &Browser) -> Result<Page<'_>, Error> {
    browser.open_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page/index.html"))
}

#[test]
fn a_page_is_read_clicked_and_typed_into() -> Done {
    let Some(browser) = Browser::for_test("a_page_is_read_clicked_and_typed_into")? else {
        return Ok(());
    };
    let page = page(&browser)?;
    assert_eq!(page.text("document.querySelector('h1').textContent")?, "Hello");
    page.click("#name")?;
    page.type_text("Ada ü!")?;
    page.press("Tab")?;
    assert_eq!(page.text("document.activeElement.id")?, "greet");
    page.press("Enter")?;
    page.wait_for("document.querySelector('#greeting').textContent === 'Hello Ada ü!'")?;
    page.press("Shift+Tab")?;
    assert_eq!(page.text("document.activeElement.id")?, "name");
    page.press("Control+a")?;
    page.press("b")?;
    assert_eq!(page.text("document.querySelector('#name').value")?, "b");
    page.press("Escape")?;
    page.wait_for("document.querySelector('#name').value === ''")?;
    page.click("#far")?;
    page.wait_for("document.querySelector('#greeting').textContent === 'Far'")?;
    assert_eq!(
        page.evaluate("Promise.resolve({ a: [1, null] })")?,
        serde_json::json!({ "a": [1, null] })
    );
    Ok(())
}

#[test]
fn what_cannot_be_done_says_why() -> Done {
    let Some(browser) = Browser::for_test("what_cannot_be_done_says_why")? else {
        return Ok(());
    };
    let page = page(&browser)?;
    let said = |result: Result<(), Error>| result.expect_err("it cannot be done").to_string();
    assert_eq!(
        said(page.click("#none")),
        "nothing to click at `#none`: there is no such element"
    );
    assert_eq!(
        said(page.click("#hidden")),
        "nothing to click at `#hidden`: it is not shown"
    );
    assert!(said(page.click("#under")).contains("something else lies over it: <div id=\"over\">"));
    let thrown = said(page.evaluate("missing.thing").map(drop));
    assert!(
        thrown.starts_with("`missing.thing` throws ReferenceError: missing is not defined"),
        "{thrown}"
    );
    assert!(said(page.press("Enterr")).contains("no key is called `Enterr`"));
    let refused = said(browser.open("http://127.0.0.1:1/").map(drop));
    assert!(
        refused.starts_with("http://127.0.0.1:1/ does not load: net::ERR_"),
        "{refused}"
    );
    let elsewhere = said(browser.open("http://example.com/").map(drop));
    assert!(elsewhere.contains("ERR_NAME_NOT_RESOLVED"), "{elsewhere}");
    assert!(Browser::start(Path::new("/there/is/none")).is_err());
    assert!(Browser::start(Path::new("/bin/true")).is_err());
    Ok(())
}

#[test]
fn what_a_page_logs_and_asks_for_is_seen() -> Done {
    let Some(browser) = Browser::for_test("what_a_page_logs_and_asks_for_is_seen")? else {
        return Ok(());
    };
    let page = page(&browser)?;
    assert_eq!(page.console(), ["ready"]);
    assert_eq!(page.console_errors(), Vec::<String>::new());
    assert_eq!(page.requests().len(), 1, "{:?}", page.requests());
    page.evaluate("setTimeout(() => { throw new Error('not caught') }); console.warn('beware', { a: 1 }, 2)")?;
    page.evaluate("fetch('http://127.0.0.1:1/asked').catch(() => 'failed')")?;
    page.evaluate("new Promise(done => setTimeout(done, 1))")?;
    let errors = page.console_errors();
    assert!(
        errors.iter().any(|it| it.starts_with("Error: not caught")),
        "{errors:?}"
    );
    assert!(errors.iter().any(|it| it.starts_with("beware")), "{errors:?}");
    assert_eq!(page.requests()[1..], ["http://127.0.0.1:1/asked"]);
    Ok(())
}

#[test]
fn a_page_is_seen_in_every_light() -> Done {
    let Some(browser) = Browser::for_test("a_page_is_seen_in_every_light")? else {
        return Ok(());
    };
    let page = page(&browser)?;
    let background = || page.text("getComputedStyle(document.body).backgroundColor");
    assert_eq!(background()?, "rgb(255, 255, 255)");
    page.scheme(Scheme::Dark)?;
    assert_eq!(background()?, "rgb(0, 0, 0)");
    page.as_printed()?;
    assert_eq!(
        page.text("getComputedStyle(document.querySelector('nav')).display")?,
        "none"
    );
    page.scheme(Scheme::Light)?;
    page.viewport(400, 300)?;
    assert_eq!(page.text("[innerWidth, innerHeight]")?, "400,300");
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (window, all) = (folder.path().join("window.png"), folder.path().join("all.png"));
    page.screenshot(&window)?;
    page.screenshot_of_all(&all)?;
    assert_eq!(size(&window), (400, 300));
    assert!(size(&all).1 > 3000);
    assert!(page.screenshot(folder.path().join("none/window.png")).is_err());
    Ok(())
}

#[test]
fn pages_share_nothing_and_can_be_heard() -> Done {
    let Some(browser) = Browser::for_test("pages_share_nothing_and_can_be_heard")? else {
        return Ok(());
    };
    let (one, other) = (page(&browser)?, page(&browser)?);
    one.reload_until("localStorage.visits > 1")?;
    assert_eq!(other.text("localStorage.visits")?, "1");
    let heard = one.accessibility()?;
    let role = |role: &str, name: &str| Role {
        role: role.to_owned(),
        name: name.to_owned(),
    };
    for expected in [
        role("heading", "Hello"),
        role("navigation", "Pages"),
        role("textbox", "Name"),
        role("button", "Greet"),
    ] {
        assert!(heard.contains(&expected), "{expected:?} is not in {heard:?}");
    }
    assert!(!heard.contains(&role("button", "Hidden")));
    Ok(())
}

/// Width and height of a PNG file, from its header.
fn size(path: &Path) -> (u32, u32) {
    let bytes = std::fs::read(path).expect("the file is there");
    let number = |at: usize| {
        bytes[at..at + 4]
            .iter()
            .fold(0, |sum, byte| sum << 8 | u32::from(*byte))
    };
    (number(16), number(20))
}
