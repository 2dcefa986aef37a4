//! The dashboard in a headless Chromium, from a trigger to the end of its execution.
//!
//! `DASHBOARD_SHOTS=DIR` keeps what was to be seen, light and dark, wide and narrow.

use std::path::PathBuf;

use browser::{Browser, Error, Page, Role, Scheme};
use serde_json::json;
use torq_mock_server::Settings;
use torq_mock_server::config::{ClockMode, Config};

use crate::client::{exchange, request};
use crate::support::Mock;

fn url(mock: &Mock) -> String {
    format!("http://{}/", mock.control)
}

/// Asserts that the page kept to itself: no errors, nothing asked of anybody else.
fn is_at_peace(page: &Page<'_>, mock: &Mock) {
    assert_eq!(page.console_errors(), Vec::<String>::new());
    let own = url(mock);
    for request in page.requests() {
        assert!(request.starts_with(&own) || request.starts_with("data:"), "{request}");
    }
}

/// Keeps what is to be seen, if somebody wants to look.
fn shoot(page: &Page<'_>, name: &str) -> Result<(), Error> {
    let Some(folder) = std::env::var_os("DASHBOARD_SHOTS").map(PathBuf::from) else {
        return Ok(());
    };
    for (scheme, word) in [(Scheme::Light, "light"), (Scheme::Dark, "dark")] {
        page.scheme(scheme)?;
        for (width, height, size) in [(1380, 900, "wide"), (420, 860, "narrow")] {
            page.viewport(width, height)?;
            page.screenshot(folder.join(format!("{name}-{word}-{size}.png")))?;
        }
    }
    page.viewport(1380, 900)
}

fn shows(selector: &str, text: &str) -> String {
    format!("[...document.querySelectorAll({selector:?})].some(it => it.textContent.includes({text:?}))")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_held_call_is_followed_to_its_end() -> Result<(), Error> {
    let Some(browser) = Browser::for_test("a_held_call_is_followed_to_its_end")? else {
        return Ok(());
    };
    let mock = Mock::start().await;
    let page = browser.open(&url(&mock))?;
    page.wait_for(&shows("#link", "live"))?;
    let mut call = mock.call(&mock.sync_path("held"), &json!({ "ticket": 7 })).await;
    page.wait_for(&shows("#request-list .verdict", "held"))?;
    page.wait_for(&shows("#request-list .path", "/ held"))?;
    page.wait_for(&shows("#held-list strong", "held"))?;
    page.wait_for(&shows("#held-list output", "0 s of 50 s"))?;
    page.click("#request-list button")?;
    page.wait_for(&shows("#detail .side", "the call is being held").replace("the call", "The call"))?;
    page.wait_for(&shows("#detail pre", "\"ticket\": 7"))?;
    shoot(&page, "1-held")?;
    page.click("#advance-by")?;
    page.press("Control+a")?;
    page.type_text("49.9s")?;
    page.press("Enter")?;
    page.wait_for(&shows("#held-list output", "49.9 s of 50 s"))?;
    page.click("#detail [data-role=close]")?;
    page.click("[data-advance='1s']")?;
    assert_eq!(call.answer().await.status, 201);
    page.wait_for(&shows("#request-list .chip", "201"))?;
    page.wait_for("document.querySelector('#held').hidden")?;
    page.click("#tab-executions")?;
    page.wait_for(&shows(".execution .chip", "ON_HOLD"))?;
    page.click(".execution [data-role=release]")?;
    page.wait_for(&shows(".execution .chip", "SUCCESS"))?;
    let execution = mock.executions().await[0].clone();
    assert_eq!(
        (&execution["status"], &execution["output"]["released"]),
        (&json!("SUCCESS"), &json!(true))
    );
    shoot(&page, "2-executions")?;
    page.click(".execution [data-role=request]")?;
    page.wait_for("!document.querySelector('#detail').hidden")?;
    page.wait_for(&shows("#detail h2", "#0"))?;
    page.click("#detail [data-role=execution]")?;
    page.wait_for("document.activeElement.classList.contains('execution')")?;
    is_at_peace(&page, &mock);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_explained_copied_and_replayed() -> Result<(), Error> {
    let Some(browser) = Browser::for_test("a_refusal_is_explained_copied_and_replayed")? else {
        return Ok(());
    };
    let mock = Mock::start().await;
    let secret = mock.profile["integrations"]["guarded"]["headers"][0]["secret"]
        .as_str()
        .expect("a secret");
    let bearer = format!("Bearer {secret}");
    let headers = [("X-Torq-Token", bearer.as_str()), ("Content-Type", "application/json")];
    exchange(
        mock.data,
        &request("POST", &mock.path("guarded"), &headers, b"{\"a\":1}"),
    )
    .await;
    mock.post(&mock.path("respond"), &json!({ "note": "fine" })).await;
    exchange(
        mock.data,
        &request(
            "POST",
            &mock.path("slow").replace("webhooks", "webhook"),
            &headers,
            b"{}",
        ),
    )
    .await;
    let page = browser.open(&url(&mock))?;
    page.wait_for("document.querySelectorAll('#request-list li').length === 3")?;
    page.press("/")?;
    page.type_text("header")?;
    page.wait_for("document.querySelectorAll('#request-list li').length === 1")?;
    page.press("Tab")?;
    page.press("Tab")?;
    page.press("Tab")?;
    page.press("Enter")?;
    page.wait_for(&shows("#detail .refusal", "something stands before the secret"))?;
    page.wait_for(&shows("#detail .refusal", "send the secret without a scheme"))?;
    page.wait_for(&shows("#detail pre", "${X_TORQ_TOKEN}"))?;
    shoot(&page, "3-refused")?;
    page.click("#replay")?;
    page.wait_for(&shows("#detail h2", "#3"))?;
    assert_eq!(mock.journal().await[3]["replay_of"], 0);
    page.press("Escape")?;
    page.wait_for("document.querySelector('#detail').hidden")?;
    assert!(!page.text("document.documentElement.outerHTML")?.contains(secret));
    is_at_peace(&page, &mock);
    Ok(())
}

/// An integration whose callers sign the time along, and its workflow.
const STAMPED: &str = "  stamped: { workspace: main, hmac: { timestamp_header: X-Ts } }\n";
const ON_TIME: &str = "  on-time: { integration: stamped, published: [ { exit: { json: { on: time } } } ] }\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_are_shown_when_asked_for_and_faults_are_switched() -> Result<(), Error> {
    let Some(browser) = Browser::for_test("secrets_are_shown_when_asked_for_and_faults_are_switched")? else {
        return Ok(());
    };
    let built_in = Config::BUILT_IN.replace("\nintegrations:\n", &format!("\nintegrations:\n{STAMPED}"));
    let built_in = built_in.replace("\nworkflows:\n", &format!("\nworkflows:\n{ON_TIME}"));
    let mock = Mock::with(&built_in).await;
    let secret = mock.profile["integrations"]["guarded"]["headers"][0]["secret"]
        .as_str()
        .expect("a secret");
    let page = browser.open(&url(&mock))?;
    page.wait_for(&shows("#link", "live"))?;
    page.press("3")?;
    page.wait_for(&shows("#panel-access h3", "guarded"))?;
    let text = || page.text("document.querySelector('#panel-access').textContent");
    assert!(!text()?.contains(secret));
    assert!(text()?.contains(&format!("http://{}{}", mock.data, mock.sync_path("slow"))));
    page.click("[aria-label='Show guarded X-Torq-Token']")?;
    assert!(text()?.contains(secret));
    let memory = "document.querySelector('#sandbox-list progress').value";
    let before = page.text(memory)?;
    page.evaluate("window.card = document.querySelector('#workflow-list article')")?;
    page.wait_for(&shows(
        "#panel-access .note",
        "Sign the time in X-Ts, then “.”, then the body",
    ))?;
    for workflow in ["respond", "guarded", "signed", "on-time"] {
        page.click(&format!("[aria-label='Copy for {workflow}'] [data-role=copy-curl]"))?;
        page.wait_for(&shows(&format!("[aria-label='Copy for {workflow}'] button"), "Copied"))?;
        page.press("1")?;
        page.press("/")?;
        page.press("Control+a")?;
        page.press("Control+v")?;
        page.wait_for("document.querySelector('#filter').value.includes('curl -i')")?;
        // A field of one line has no lines to break.
        let command = page
            .text("document.querySelector('#filter').value")?
            .replace("\\ ", " ");
        let ran = tokio::task::spawn_blocking(move || std::process::Command::new("sh").args(["-c", &command]).output());
        let ran = ran.await.expect("it ends").expect("there is a shell");
        let answer = String::from_utf8_lossy(&ran.stdout).into_owned();
        assert!(answer.starts_with("HTTP/1.1 200"), "{workflow}: {answer}{ran:?}");
        page.click("#tab-access")?;
    }
    // The cards are drawn anew where they say something else, and only there: nothing is lost under the pointer.
    page.wait_for(&format!("{memory} > {before}"))?;
    assert_eq!(page.text("card.isConnected")?, "true");
    assert!(text()?.contains(secret), "it stays revealed");
    shoot(&page, "4-access")?;
    page.click("#tab-faults")?;
    page.click("#fault-list input")?;
    page.wait_for("document.querySelector('#count-faults').textContent === '1'")?;
    page.wait_for("document.querySelectorAll('.fault.on').length === 1")?;
    shoot(&page, "5-faults")?;
    let on = mock.ask("/faults").await.json();
    assert_eq!(on["faults"].as_array().map(Vec::len), Some(1), "{on}");
    page.click("#faults-off")?;
    page.wait_for("document.querySelectorAll('.fault.on').length === 0")?;
    is_at_peace(&page, &mock);
    Ok(())
}

/// The first row of the list has the focus.
const IS_FIRST: &str = "document.activeElement === document.querySelector('#request-list button')";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keys_do_what_the_page_says_of_them() -> Result<(), Error> {
    let Some(browser) = Browser::for_test("the_keys_do_what_the_page_says_of_them")? else {
        return Ok(());
    };
    let mock = Mock::start().await;
    for number in 0..3 {
        mock.post(&mock.path("respond"), &json!({ "number": number })).await;
    }
    let page = browser.open(&url(&mock))?;
    page.wait_for("document.querySelectorAll('#request-list li').length === 3")?;
    page.press("?")?;
    page.wait_for("document.querySelector('#keys-dialog').open")?;
    shoot(&page, "8-keys")?;
    page.press("Escape")?;
    page.wait_for("!document.querySelector('#keys-dialog').open")?;
    // From wherever nothing is typed into: here, the body of the page.
    page.press("ArrowDown")?;
    page.wait_for(IS_FIRST)?;
    assert_eq!(page.text("scrollY")?, "0", "the page stays where it is");
    page.press("j")?;
    page.press("ArrowDown")?;
    page.press("k")?;
    page.press("Enter")?;
    page.wait_for(&shows("#detail h2", "#1"))?;
    page.press("c")?;
    page.wait_for(&shows("#toast", "Copied request #1 as curl"))?;
    page.press("r")?;
    page.wait_for(&shows("#detail h2", "#3"))?;
    assert_eq!(mock.journal().await[3]["replay_of"], 1);
    page.press("Escape")?;
    page.wait_for("document.querySelector('#detail').hidden")?;
    for key in ["ArrowDown", "Enter"] {
        page.press("/")?;
        page.press("Control+a")?;
        page.type_text("async")?;
        page.wait_for("document.querySelectorAll('#request-list li').length === 4")?;
        page.press(key)?;
        page.wait_for(IS_FIRST)?;
    }
    page.press("k")?;
    page.wait_for(IS_FIRST)?;
    page.press("/")?;
    page.press("Control+a")?;
    page.press("Control+v")?;
    page.wait_for("document.querySelector('#filter').value.startsWith('curl -i -X POST http')")?;
    page.click("h1")?;
    page.press("p")?;
    page.wait_for(&shows("#mode", "runs"))?;
    page.press("2")?;
    page.wait_for("!document.querySelector('#panel-executions').hidden")?;
    is_at_peace(&page, &mock);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_on_its_way_is_among_the_held_ones() -> Result<(), Error> {
    let Some(browser) = Browser::for_test("an_answer_on_its_way_is_among_the_held_ones")? else {
        return Ok(());
    };
    let mock = Mock::serving(Settings {
        clock: Some(ClockMode::Manual),
        latency: "fixed:200ms".parse().expect("a latency"),
        ..Settings::default()
    })
    .await;
    let page = browser.open(&url(&mock))?;
    page.wait_for(&shows("#link", "live"))?;
    let mut call = mock.call(&mock.path("respond"), &json!({})).await;
    page.wait_for(&shows("#held-list li", "respond"))?;
    page.click("[data-advance='1s']")?;
    assert_eq!(call.answer().await.status, 200);
    page.wait_for("document.querySelector('#held').hidden")?;
    is_at_peace(&page, &mock);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sandboxes_and_the_clock_are_at_hand() -> Result<(), Error> {
    let Some(browser) = Browser::for_test("sandboxes_and_the_clock_are_at_hand")? else {
        return Ok(());
    };
    let mock = Mock::start().await;
    let page = browser.open(&url(&mock))?;
    page.wait_for(&shows("#mode", "stands still"))?;
    page.click("#clock-toggle")?;
    page.wait_for(&shows("#mode", "runs"))?;
    page.wait_for("document.querySelector('[data-advance]').disabled")?;
    page.click("#clock-toggle")?;
    page.wait_for(&shows("#mode", "stands still"))?;
    page.click("#sandbox-new")?;
    page.wait_for("document.querySelector('#sandbox-dialog').open")?;
    page.click("#sandbox-config")?;
    page.type_text("seeed: 1")?;
    page.click("#sandbox-dialog [type=submit]")?;
    page.wait_for(&shows("#sandbox-wrong", "seeed"))?;
    shoot(&page, "6-sandbox")?;
    page.click("#sandbox-config")?;
    page.press("Control+a")?;
    page.press("Backspace")?;
    for (field, text) in [("ttl", "1h"), ("memory", "16MiB"), ("latency", "fixed:1ms")] {
        page.click(&format!("#sandbox-{field}"))?;
        page.type_text(text)?;
    }
    page.click("#sandbox-dialog [type=submit]")?;
    page.wait_for("document.querySelector('#sandbox').value === 'sandbox-1'")?;
    page.wait_for(&shows("#link", "live"))?;
    let made = mock.ask("/sandboxes/sandbox-1").await.json();
    assert_eq!(
        (&made["latency"], &made["memory"]["budget"]),
        (&json!("fixed:1ms"), &json!(16 << 20))
    );
    page.press("3")?;
    page.wait_for(&shows("#panel-access .workflow", "of 16.0 MiB"))?;
    page.wait_for(&shows("#panel-access .workflow", "goes by itself"))?;
    page.evaluate("window.confirm = () => true")?;
    page.click("#sandbox-delete")?;
    page.wait_for("document.querySelector('#sandbox').value === 'default'")?;
    page.press("1")?;
    let errors: Vec<_> = page
        .console_errors()
        .into_iter()
        .filter(|line| !line.contains("422"))
        .collect();
    assert_eq!(
        errors,
        Vec::<String>::new(),
        "only the configuration that was wrong is complained about"
    );
    let heard = page.accessibility()?;
    for (role, name) in [
        ("heading", "torq-mock"),
        ("tab", "Executions"),
        ("button", "+50 s"),
        ("combobox", "Sandbox"),
        ("searchbox", "Filter"),
        ("main", ""),
    ] {
        let is_there = |it: &Role| it.role == role && it.name.trim() == name;
        assert!(heard.iter().any(is_there), "{role} {name}: {heard:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_is_asked_for_before_anything_is_refused() -> Result<(), Error> {
    let Some(browser) = Browser::for_test("the_token_is_asked_for_before_anything_is_refused")? else {
        return Ok(());
    };
    let mock = Mock::serving(Settings {
        control_token: Some("a-token-for-control".to_owned()),
        clock: Some(ClockMode::Manual),
        ..Settings::default()
    })
    .await;
    let page = browser.open(&url(&mock))?;
    page.wait_for("document.querySelector('#token-dialog').open")?;
    page.type_text("a-token-for-control")?;
    shoot(&page, "7-token")?;
    page.press("Enter")?;
    page.wait_for(&shows("#link", "live"))?;
    assert_eq!(
        page.text("Object.values(sessionStorage).join()")?,
        "a-token-for-control"
    );
    assert_eq!(page.text("localStorage.length + document.cookie")?, "0");
    is_at_peace(&page, &mock);
    page.reload_until("sessionStorage.length === 1")?;
    page.wait_for(&shows("#link", "live"))?;
    Ok(())
}

#[tokio::test]
async fn the_page_is_guarded_and_curl_gets_the_list() {
    let mock = Mock::start().await;
    let ask = |headers: &str| {
        let text = format!("GET / HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n");
        async move { exchange(mock.control, text.as_bytes()).await }
    };
    let page = ask("Accept: text/html\r\n").await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(
        policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    assert_eq!(page.header("access-control-allow-origin"), None);
    assert!(ask("Accept: */*\r\n").await.text().contains("GET /requests"));
    for (origin, status) in [
        ("http://localhost", 200),
        ("http://evil.example", 403),
        ("null", 403),
        ("http://localhost:1", 403),
    ] {
        assert_eq!(ask(&format!("Origin: {origin}\r\n")).await.status, status, "{origin}");
    }
}
