//! The dashboard: one page for people, embedded file by file, and what it may do in a browser.
//!
//! Serves files and nothing else. The page speaks to the routes of the control surface like every other client.

use http::HeaderName;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};

use super::answer::ControlAnswer;

/// The page's files, by the name they have below `/dashboard/`.
const FILES: [(&str, &str, &str); 11] = [
    ("style.css", "text/css; charset=utf-8", include_str!("page/style.css")),
    ("main.js", SCRIPT, include_str!("page/main.js")),
    ("dom.js", SCRIPT, include_str!("page/dom.js")),
    ("api.js", SCRIPT, include_str!("page/api.js")),
    ("events.js", SCRIPT, include_str!("page/events.js")),
    ("state.js", SCRIPT, include_str!("page/state.js")),
    ("words.js", SCRIPT, include_str!("page/words.js")),
    ("requests.js", SCRIPT, include_str!("page/requests.js")),
    ("executions.js", SCRIPT, include_str!("page/executions.js")),
    ("access.js", SCRIPT, include_str!("page/access.js")),
    ("faults.js", SCRIPT, include_str!("page/faults.js")),
];

const SCRIPT: &str = "text/javascript; charset=utf-8";
const PAGE: &str = include_str!("page/index.html");

/// Everything comes from here and goes here; nothing is run that is not in a file of its own.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Keeps other sites from embedding what is served here.
const SAME_ORIGIN_ONLY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Whether the control surface demands a token, which the page then asks for before it sends anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// It does.
    Required,
    /// It does not.
    None,
}

/// The page, or one of its files; nothing for every other path. None of it is a secret, so it is served without a token: a
/// browser that opens an address cannot send one.
pub(super) fn file(path: &str, accept: &str, token: Token) -> Option<ControlAnswer> {
    if path == "/" {
        return accepts_html(accept).then(|| page(token));
    }
    let name = path.strip_prefix("/dashboard/")?;
    let (_, content_type, text) = FILES.iter().find(|(known, ..)| *known == name)?;
    Some(guarded(ControlAnswer::text(content_type, *text)))
}

/// Whether it is a browser that asks; curl accepts everything and names nothing.
fn accepts_html(accept: &str) -> bool {
    accept.split(',').any(|kind| kind.trim_start().starts_with("text/html"))
}

fn page(token: Token) -> ControlAnswer {
    let text = match token {
        Token::Required => PAGE.replace("<html lang=\"en\">", "<html lang=\"en\" data-token=\"required\">"),
        Token::None => PAGE.to_owned(),
    };
    guarded(ControlAnswer::text("text/html; charset=utf-8", text))
}

fn guarded(answer: ControlAnswer) -> ControlAnswer {
    answer
        .with(CONTENT_SECURITY_POLICY, POLICY)
        .with(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .with(REFERRER_POLICY, "no-referrer")
        .with(SAME_ORIGIN_ONLY, "same-origin")
        .with(CACHE_CONTROL, "no-cache")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_is_named_is_there_and_none_is_left_over() {
        let named = |text: &str| -> Vec<String> {
            let pieces = text.split(['"', '\'']);
            pieces
                .filter_map(|it| it.strip_prefix("./").or_else(|| it.strip_prefix("/dashboard/")))
                .map(str::to_owned)
                .collect()
        };
        let mut wanted: Vec<String> = named(PAGE);
        wanted.extend(FILES.iter().flat_map(|(_, _, text)| named(text)));
        wanted.sort();
        wanted.dedup();
        let mut known: Vec<_> = FILES.iter().map(|(name, ..)| (*name).to_owned()).collect();
        known.sort();
        assert_eq!(wanted, known);
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/control/dashboard/page"));
        assert_eq!(folder.expect("a folder").count(), FILES.len() + 1, "each is embedded");
    }

    #[test]
    fn nothing_is_taken_from_elsewhere() {
        for (name, _, text) in FILES.iter().chain([&("index.html", "", PAGE)]) {
            let text = text.replace("http://www.w3.org/2000/svg", "");
            for foreign in ["http://", "https://", "//cdn", "@import", "url(", "innerHTML", "eval("] {
                assert!(!text.contains(foreign), "{name} has `{foreign}`");
            }
        }
        assert!(
            !PAGE.contains("style=") && !PAGE.contains("<style") && !PAGE.contains(" onclick"),
            "the policy forbids it"
        );
    }

    #[test]
    fn browsers_get_the_page_and_programs_the_list() {
        for (path, accept, served) in [
            ("/", "text/html,application/xhtml+xml,*/*;q=0.8", true),
            ("/", "*/*", false),
            ("/", "application/json", false),
            ("/", "", false),
            ("/dashboard/main.js", "*/*", true),
            ("/dashboard/none.js", "*/*", false),
            ("/dashboard/../mod.rs", "*/*", false),
            ("/requests", "text/html", false),
        ] {
            assert_eq!(file(path, accept, Token::None).is_some(), served, "{path} {accept}");
        }
    }
}
