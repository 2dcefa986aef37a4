//! A profile with what was measured, written into its own text: comments, order and `${env:…}` stay as they are.

use super::Facts;
use crate::run::PAYLOAD_LIMIT;

/// The text of a profile, completed by what a run found out.
#[must_use]
pub fn completed(text: &str, facts: &Facts) -> String {
    let mut out = match facts.get(PAYLOAD_LIMIT) {
        Some(limit) => with_limit(text, limit),
        None => text.to_owned(),
    };
    if !out.ends_with('\n') {
        out.push('\n');
    }
    out.push_str("\n# What a run found out about open behaviour:\n");
    out.extend(facts.iter().map(|(name, value)| {
        let value = value.replace(['\n', '\r'], " ");
        format!("#   {name}: {value}\n")
    }));
    out
}

/// The limit takes the place of an unknown one, or joins the other limits.
fn with_limit(text: &str, limit: &str) -> String {
    let unknown = regex::Regex::new(r#"(?m)(\bpayload["']?\s*:\s*)["']?unknown["']?"#).expect("it is a pattern");
    if unknown.is_match(text) {
        return unknown.replace(text, format!("${{1}}{limit}")).into_owned();
    }
    let flow = regex::Regex::new(r"(?m)^limits:\s*\{\s*").expect("it is a pattern");
    if let Some(found) = flow.find(text) {
        let (before, after) = text.split_at(found.end());
        let comma = if after.starts_with('}') { " " } else { ", " };
        return format!("{before}payload: {limit}{comma}{after}");
    }
    let block = regex::Regex::new(r"(?m)^limits:[ \t]*(#.*)?\n([ \t]+)").expect("it is a pattern");
    if let Some(found) = block.captures(text)
        && let (Some(whole), Some(indent)) = (found.get(0), found.get(2))
    {
        let (before, after) = text.split_at(whole.end());
        return format!("{before}payload: {limit}\n{}{after}", indent.as_str());
    }
    if text.trim_start().starts_with('{') {
        // One mapping in braces has no end to add a key to; the limit stands among the facts.
        return text.to_owned();
    }
    format!("{}\nlimits: {{ payload: {limit} }}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Environment, Profile};

    const HEAD: &str = "profile: it\nurls: { hooks: \"http://a\", api: \"http://a\", auth: \"http://a\" }\n";

    #[test]
    fn the_limit_finds_its_place_and_everything_else_keeps_its_own() {
        let facts = Facts::from([(PAYLOAD_LIMIT.to_owned(), "5000".to_owned())]);
        for limits in [
            "",
            "limits:\n  # What nobody publishes.\n  payload: unknown\n  sync_timeout: 50s\n",
            "limits: { payload: \"unknown\", sync_timeout: 50s }\n",
            "limits: { sync_timeout: 50s }\n",
            "limits: {}\n",
            "\"limits\": {\"payload\":\"unknown\"}\n",
            "limits:\n    sync_timeout: 50s   # as documented\n",
            "limits: # documented\n  sync_timeout: 50s\ntolerance: 2s",
        ] {
            let before = format!("{HEAD}{limits}");
            let after = completed(&before, &facts);
            let read = |text: &str| Profile::parse("it.yaml", text, &Environment::default()).expect(text);
            let (before, after) = (read(&before), read(&after));
            assert_eq!(after.limits.payload, Some(5000), "{limits}");
            assert_eq!(after.limits.sync_timeout, before.limits.sync_timeout, "{limits}");
            assert_eq!(after.tolerance, before.tolerance, "{limits}");
        }
    }

    #[test]
    fn facts_are_noted_and_say_nothing_to_the_suite() {
        let facts = Facts::from([("cors".to_owned(), "none\nat: all".to_owned())]);
        let text = completed(HEAD, &facts);
        assert!(text.ends_with("#   cors: none at: all\n"), "{text}");
        assert!(Profile::parse("it.yaml", &text, &Environment::default()).is_ok());
    }
}
