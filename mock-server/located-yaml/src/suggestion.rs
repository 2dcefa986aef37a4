//! The known word somebody probably meant.
//!
//! Spelling only: it does not know what the words are for.

/// The candidate nearest to `word`, when it is near enough to be what was meant.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Below 0.7 Jaro-Winkler pairs words that share little more than their first letter.
    candidates
        .into_iter()
        .map(|candidate| {
            (
                strsim::jaro_winkler(&word.to_lowercase(), &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(similarity, _)| *similarity >= 0.75)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

/// A hint for an unknown `word`: the nearest candidate, or else the whole list when it is short enough to read.
#[must_use]
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(candidate) = nearest(word, candidates.clone()) {
        return Some(format!("did you mean `{candidate}`?"));
    }
    let all: Vec<&str> = candidates.into_iter().collect();
    (!all.is_empty() && all.len() <= LISTED).then(|| format!("known: {}", all.join(", ")))
}

/// More names than this do not help anybody who has to read them in a terminal.
const LISTED: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested_and_strangers_are_not() {
        assert_eq!(nearest("stauts", ["headers", "status", "body"]), Some("status"));
        assert_eq!(nearest("Content_type", ["content_type"]), Some("content_type"));
        assert_eq!(nearest("zebra", ["status", "body"]), None);
        assert_eq!(
            did_you_mean("zebra", ["status", "body"]).as_deref(),
            Some("known: status, body")
        );
        assert_eq!(did_you_mean("zebra", []), None);
    }
}
