//! A digest of what the scores of assertions and answers rest on, so that it shows when they are of something else.
//!
//! Looks at what files say, not at how they are written: comments and line breaks change nothing. Measures nothing.

use data_encoding::HEXLOWER;
use located_yaml::{Document, Problems};
use sha2::{Digest, Sha256};

use super::source::Kind;

/// SHA-256 over the content of requirements, cases, fixtures and faults, lower hex.
pub(super) fn digest(documents: &[(Kind, Document)]) -> String {
    let mut hash = Sha256::new();
    for (_, document) in documents.iter().filter(|(kind, _)| is_measured(*kind)) {
        // What has no JSON has a problem, which is told elsewhere.
        let content = document.root().json(&mut Problems::default());
        let content = content.map_or_else(String::new, |it| it.to_string());
        hash.update((content.len() as u64).to_be_bytes());
        hash.update(content);
    }
    HEXLOWER.encode(&hash.finalize())
}

/// Whether the scores depend on such a file.
const fn is_measured(kind: Kind) -> bool {
    match kind {
        Kind::Requirements | Kind::Fixtures | Kind::Cases | Kind::Faults => true,
        Kind::Probes | Kind::Knobs | Kind::KillMatrix | Kind::Survivors => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: Kind, text: &str) -> String {
        digest(&[(kind, Document::parse("a.yaml", text).expect("it is YAML"))])
    }

    #[test]
    fn only_what_is_said_counts_and_only_where_scores_depend_on_it() {
        let one = of(Kind::Cases, "a: [1, 2]\n");
        assert_eq!(one, of(Kind::Cases, "# A comment.\na:\n  - 1\n  - 2\n"));
        assert_ne!(one, of(Kind::Cases, "a: [1, 3]\n"));
        assert_eq!(of(Kind::Survivors, "a: 1\n"), of(Kind::Survivors, "a: 2\n"));
    }
}
