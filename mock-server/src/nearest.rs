//! Which valid path a wrong one was probably meant to be.
//!
//! A guess for the journal, made when somebody reads it; no request is ever routed by it.

use crate::catalog::{Catalog, Integration, Workflow};
use crate::ids::{LetterCase, hyphenated};

/// Bytes of a path beyond which nobody meant one of ours.
const LONGEST: usize = 512;
/// Ids a wrong one is compared with, so that reading a journal stays quick with large configurations.
const MOST: usize = 2_000;
/// Letters that may differ in an id that was mistyped.
const MISTYPED: usize = 6;

/// The valid path nearest to one that is not.
pub(crate) fn path(wrong: &str, catalog: &Catalog) -> Option<String> {
    if wrong.len() > LONGEST {
        return None;
    }
    let segments: Vec<&str> = wrong.split('/').filter(|segment| !segment.is_empty()).collect();
    let has = |word: &str| segments.iter().any(|segment| is_like(segment, word));
    let wants_sync = segments.iter().any(|segment| is_sync(segment));
    if let Some(workflow) = find(&segments, catalog, catalog.workflows(), |it| it.id.to_string()) {
        let answer = if wants_sync { "/sync" } else { "" };
        return Some(format!("{}{answer}", extended(workflow, catalog)));
    }
    if let Some(integration) = find(&segments, catalog, catalog.integrations(), |it| it.id.to_string()) {
        let wants_one = has("workflows") || wants_sync;
        let only = integration
            .workflows
            .first()
            .filter(|_| wants_one && integration.workflows.len() == 1);
        return Some(match only {
            Some(key) if wants_sync => format!("{}/sync", extended(&catalog[*key], catalog)),
            Some(key) => extended(&catalog[*key], catalog),
            None => webhook(integration),
        });
    }
    let id = segments.iter().find_map(|segment| hyphenated(segment, LetterCase::Any));
    if has("executions") {
        return Some(format!(
            "/public/v1alpha/executions/{}",
            id.map_or_else(|| "{id}".to_owned(), |id| id.to_string())
        ));
    }
    if has("activity_logs") || has("activity-logs") || has("activity") {
        return Some("/public/v1alpha/activity_logs".to_owned());
    }
    if has("token") || has("oauth") {
        return Some("/v1/auth/token".to_owned());
    }
    if has("webhooks") {
        return catalog.integrations().first().map(webhook);
    }
    None
}

fn webhook(integration: &Integration) -> String {
    format!("/v1/webhooks/{}", integration.id)
}

fn extended(workflow: &Workflow, catalog: &Catalog) -> String {
    format!("{}/workflows/{}", webhook(&catalog[workflow.integration]), workflow.id)
}

/// The row that a segment names: by its id, by its id mistyped, or by its name where ids belong.
fn find<'c, T: Named>(
    segments: &[&str],
    catalog: &'c Catalog,
    rows: &'c [T],
    id: impl Fn(&T) -> String,
) -> Option<&'c T> {
    let rows = &rows[..rows.len().min(MOST)];
    let exact = rows.iter().find(|row| {
        let id = id(row);
        segments.iter().any(|segment| bare(segment).eq_ignore_ascii_case(&id))
    });
    let by_name = || {
        rows.iter()
            .find(|row| segments.iter().any(|segment| *segment == row.name()))
    };
    let mistyped = || {
        let known_elsewhere = |segment: &str| is_known(segment, catalog);
        let candidates = segments
            .iter()
            .filter(|segment| looks_like_an_id(segment) && !known_elsewhere(segment));
        candidates
            .flat_map(|segment| {
                rows.iter()
                    .map(|row| (strsim::levenshtein(bare(segment), &id(row)), row))
            })
            .filter(|(distance, _)| *distance <= MISTYPED)
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, row)| row)
    };
    exact.or_else(by_name).or_else(mistyped)
}

/// An id without what other ways of writing a UUID put around it.
fn bare(segment: &str) -> &str {
    segment
        .trim_start_matches("urn:uuid:")
        .trim_matches(['{', '}', '"', '\'', ' ', '<', '>'])
}

fn looks_like_an_id(segment: &str) -> bool {
    (24..=48).contains(&segment.len()) && segment.bytes().filter(u8::is_ascii_hexdigit).count() >= 20
}

fn is_known(segment: &str, catalog: &Catalog) -> bool {
    let segment = bare(segment);
    let is = |id: String| segment.eq_ignore_ascii_case(&id);
    catalog.workflows().iter().take(MOST).any(|it| is(it.id.to_string()))
        || catalog.integrations().iter().take(MOST).any(|it| is(it.id.to_string()))
}

fn is_like(segment: &str, word: &str) -> bool {
    let segment = segment.to_lowercase();
    segment == word || (word.len() > 4 && strsim::levenshtein(&segment, word) <= 2)
}

/// Whether a segment was meant to ask for the output: `sync` mistyped or longer, and no `async`.
fn is_sync(segment: &str) -> bool {
    let segment = segment.to_lowercase();
    let segment = segment.trim_matches(|letter: char| !letter.is_alphanumeric());
    let off = |word: &str| strsim::osa_distance(segment, word);
    segment.starts_with("sync") || (segment.len() > 2 && off("sync") <= 2 && off("sync") < off("async"))
}

/// Something with a name in the configuration.
trait Named {
    fn name(&self) -> &str;
}

impl Named for Integration {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for Workflow {
    fn name(&self) -> &str {
        &self.definition.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn wrong_paths_lead_to_the_right_ones() {
        let config = Config::built_in(None);
        let catalog = &config.catalog;
        let workflow = catalog
            .workflows()
            .iter()
            .find(|it| it.definition.name == "slow")
            .expect("a workflow of the built-in configuration");
        let (one, integration) = (extended(workflow, catalog), &catalog[workflow.integration]);
        let (id, own) = (workflow.id.to_string(), webhook(integration));
        let mistyped = format!("{}{}", &id[..35], if id.ends_with('0') { '1' } else { '0' });
        let sync = format!("{one}/sync");
        for (wrong, right) in [
            (format!("{one}/SYNC"), Some(sync.as_str())),
            (format!("{one}/sync/"), Some(&sync)),
            (format!("{one}/Sync/"), Some(&sync)),
            (format!("{one}/synch"), Some(&sync)),
            (format!("{one}/sycn"), Some(&sync)),
            (format!("{one}/snyc"), Some(&sync)),
            (format!("{one}/syn"), Some(&sync)),
            (format!("{one}/synk"), Some(&sync)),
            (format!("{one}/synchronous"), Some(&sync)),
            (format!("{one}/sync."), Some(&sync)),
            (format!("{one}/async"), Some(&one)),
            (format!("{one}/asycn"), Some(&one)),
            (format!("{one}/ASYNC/"), Some(&one)),
            (format!("{one}/asynchronous"), Some(&one)),
            (format!("{one}/status"), Some(&one)),
            (format!("{one}/y"), Some(&one)),
            (one.replace("/v1", ""), Some(&one)),
            (one.replace("/v1/", "/v2/"), Some(&one)),
            (one.replace("webhooks", "webhook"), Some(&one)),
            (one.replace("workflows", "workflow"), Some(&one)),
            (one.replace(&id, &mistyped), Some(&one)),
            (one.replace(&id, &format!("{{{id}}}")), Some(&one)),
            (one.replace(&id, "slow"), Some(&one)),
            (format!("/v1/webhooks/{id}/workflows/{}", integration.id), Some(&one)),
            (format!("{own}/workflows"), Some(&own)),
            (
                "/executions/0b7e4bd0-1c3a-4f27-8a55-6d2f1c0e9a11".to_owned(),
                Some("/public/v1alpha/executions/0b7e4bd0-1c3a-4f27-8a55-6d2f1c0e9a11"),
            ),
            (
                "/public/v1/executions".to_owned(),
                Some("/public/v1alpha/executions/{id}"),
            ),
            (
                "/public/v1alpha/activity-logs".to_owned(),
                Some("/public/v1alpha/activity_logs"),
            ),
            ("/oauth/token".to_owned(), Some("/v1/auth/token")),
            ("/".to_owned(), None),
            ("/favicon.ico".to_owned(), None),
            (format!("/{}", "a".repeat(1_000)), None),
        ] {
            assert_eq!(path(&wrong, catalog).as_deref(), right, "{wrong}");
        }
    }
}
