//! The conformance of a run as a badge: a small picture, and the JSON that shields.io asks an endpoint for.
//!
//! Says no more than the headline of the other views, and never a bare percentage where the run makes no claim.

use serde_json::json;

use super::headline::{Tone, headline, percent};
use crate::evidence::Evidence;

const LABEL: &str = "conformance";
/// The width of an average character in the badge's type, in tenths of a pixel.
const CHARACTER: usize = 68;

/// What a badge says, and how good that is.
fn message(evidence: &Evidence) -> (String, Tone) {
    let percent = percent(evidence.conformance.passed, evidence.conformance.of);
    let tone = headline(evidence).tone;
    if !evidence.complete {
        ("incomplete".to_owned(), Tone::Doubtful)
    } else if !evidence.conformance_claim {
        (format!("{percent}, no claim"), Tone::Doubtful)
    } else if !evidence.filters.is_empty() || evidence.shard.is_some() {
        (format!("{percent} of a part"), tone)
    } else {
        (percent, tone)
    }
}

/// An SVG picture.
#[must_use]
pub fn to_badge(evidence: &Evidence) -> String {
    let (message, tone) = message(evidence);
    let colour = match tone {
        Tone::Good => "#12723a",
        Tone::Doubtful => "#8a5300",
        Tone::Bad => "#b3261e",
    };
    let width = |text: &str| text.chars().count() * CHARACTER / 10 + 12;
    let (left, right) = (width(LABEL), width(&message));
    let all = left + right;
    let (middle_left, middle_right) = (left / 2, left + right / 2);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{all}\" height=\"20\" role=\"img\" aria-label=\"{LABEL}: {message}\">\
         <title>{LABEL}: {message}</title>\
         <clipPath id=\"r\"><rect width=\"{all}\" height=\"20\" rx=\"3\"/></clipPath>\
         <g clip-path=\"url(#r)\"><rect width=\"{left}\" height=\"20\" fill=\"#3b4252\"/>\
         <rect x=\"{left}\" width=\"{right}\" height=\"20\" fill=\"{colour}\"/></g>\
         <g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">\
         <text x=\"{middle_left}\" y=\"14\">{LABEL}</text><text x=\"{middle_right}\" y=\"14\">{message}</text></g></svg>\n"
    )
}

/// The answer of a shields.io endpoint.
#[must_use]
pub fn to_badge_json(evidence: &Evidence) -> String {
    let (message, tone) = message(evidence);
    let color = match tone {
        Tone::Good => "brightgreen",
        Tone::Doubtful => "orange",
        Tone::Bad => "red",
    };
    let badge = json!({ "schemaVersion": 1, "label": LABEL, "message": message, "color": color });
    format!("{badge:#}\n")
}
