//! From the YAML of exemptions to the excuses they are, collecting every problem on the way.

use std::collections::BTreeSet;

use jiff::civil::Date;
use located_yaml::{Document, Fields, Node, Problems};

use super::fingerprint::is_fingerprint;
use super::{Exemption, Whose};

pub(super) fn exemptions(document: &Document) -> Result<Vec<Exemption>, Problems> {
    let mut problems = Problems::default();
    let items = document
        .root()
        .fields(&["exemptions"], &mut problems)
        .and_then(|fields| fields.required("exemptions", &mut problems))
        .and_then(|node| node.items(&mut problems))
        .unwrap_or_default();
    let mut named = BTreeSet::new();
    let mut all = Vec::new();
    for node in items {
        let Some(exemption) = exemption(node, &mut problems) else {
            continue;
        };
        if !named.insert(exemption.whose.id().to_owned()) {
            let problem = node.problem(format!("`{}` is exempt twice", exemption.whose.id()));
            problems.push(problem.hint("list all failures in one: `fingerprint: [fp-…, fp-…]`"));
        }
        all.push(exemption);
    }
    if problems.is_empty() { Ok(all) } else { Err(problems) }
}

fn exemption(node: Node<'_>, problems: &mut Problems) -> Option<Exemption> {
    let known = ["case", "requirement", "reason", "owner", "expires", "fingerprint"];
    let fields = node.fields(&known, problems)?;
    let whose = whose(&fields, problems);
    let reason = fields
        .required("reason", problems)
        .and_then(|node| filled_in(node, "say why this failure is excused", problems));
    let owner = fields
        .required("owner", problems)
        .and_then(|node| filled_in(node, "name a person or team who answers for it", problems));
    let expires = fields
        .required("expires", problems)
        .and_then(|node| date(node, problems));
    let fingerprints = fields
        .required("fingerprint", problems)
        .and_then(|node| fingerprints(node, problems));
    Some(Exemption {
        whose: whose?,
        reason: reason?,
        owner: owner?,
        expires: expires?,
        fingerprints: fingerprints?,
        at: node.location(),
    })
}

fn whose(fields: &Fields<'_>, problems: &mut Problems) -> Option<Whose> {
    let case = fields.optional("case");
    let requirement = fields.optional("requirement");
    let (node, make): (_, fn(String) -> Whose) = match (case, requirement) {
        (Some(node), None) => (node, Whose::Case),
        (None, Some(node)) => (node, Whose::Requirement),
        (Some(_), Some(_)) | (None, None) => {
            let problem = fields.node().problem("name exactly one of `case` and `requirement`");
            problems.push(problem);
            return None;
        }
    };
    let id = filled_in(node, "name the case or requirement", problems)?;
    if id.contains('*') {
        let problem = node.problem("an exemption is for one case, not for a glob");
        problems.push(problem.hint("use `requirement:` for all cases that cite a requirement"));
        return None;
    }
    Some(make(id))
}

fn filled_in(node: Node<'_>, hint: &str, problems: &mut Problems) -> Option<String> {
    let text = if node.is_null() {
        ""
    } else {
        node.string(problems)?.trim()
    };
    if text.is_empty() {
        problems.push(node.problem("this is not filled in").hint(hint));
        return None;
    }
    Some(text.to_owned())
}

fn date(node: Node<'_>, problems: &mut Problems) -> Option<Date> {
    let text = node.string(problems)?;
    let date = text.parse().ok().filter(|_| text.len() == "2026-12-24".len());
    if date.is_none() {
        let problem = node.problem(format!("`{text}` is no date"));
        problems.push(problem.hint("write year, month and day, such as 2026-12-24; it is the last day that counts"));
    }
    date
}

/// One or several.
fn fingerprints(node: Node<'_>, problems: &mut Problems) -> Option<Vec<String>> {
    if !node.is_sequence() {
        return Some(vec![fingerprint(node, problems)?]);
    }
    let items = node.items(problems)?;
    if items.is_empty() {
        problems.push(node.problem("this is not filled in").hint(WHERE_FROM));
        return None;
    }
    items.into_iter().map(|node| fingerprint(node, problems)).collect()
}

fn fingerprint(node: Node<'_>, problems: &mut Problems) -> Option<String> {
    let text = node.string(problems)?;
    if !is_fingerprint(text) {
        problems.push(node.problem(format!("`{text}` is no fingerprint")).hint(WHERE_FROM));
        return None;
    }
    Some(text.to_owned())
}

const WHERE_FROM: &str = "copy it from the report of the failure, or let `run --write-exemptions FILE` write it";
