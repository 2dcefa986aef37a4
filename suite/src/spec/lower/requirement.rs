//! Requirement files.

use located_yaml::{Document, Node, Problems};

use crate::spec::model::{Grade, Requirement};

const GRADES: [(&str, Grade); 4] = [
    ("documented", Grade::Documented),
    ("vendor", Grade::Vendor),
    ("observed", Grade::Observed),
    ("open", Grade::Open),
];

/// The requirements of one file.
pub(crate) fn requirements(document: &Document, problems: &mut Problems) -> Vec<Requirement> {
    let Some(fields) = document.root().fields(&["section", "title", "requirements"], problems) else {
        return Vec::new();
    };
    let section = fields
        .required("section", problems)
        .and_then(|node| node.string(problems));
    let title = fields
        .required("title", problems)
        .and_then(|node| node.string(problems));
    let rows = fields
        .required("requirements", problems)
        .and_then(|node| node.items(problems))
        .unwrap_or_default();
    let section = section.unwrap_or_default();
    let title = title.unwrap_or_default();
    rows.into_iter()
        .filter_map(|node| requirement(node, section, title, problems))
        .collect()
}

fn requirement(node: Node<'_>, section: &str, title: &str, problems: &mut Problems) -> Option<Requirement> {
    let fields = node.fields(&["id", "grade", "source", "statement", "untested"], problems)?;
    let id_node = fields.required("id", problems);
    let id = id_node.and_then(|node| node.string(problems));
    if let (Some(node), Some(id)) = (id_node, id)
        && !is_requirement_id(id)
    {
        let problem = node.problem(format!("`{id}` is no requirement id"));
        problems.push(problem.hint("use upper-case letters, digits and hyphens, such as SYNC-FALLBACK-STATUS"));
    }
    let grade = fields
        .required("grade", problems)
        .and_then(|node| node.choice(&GRADES, problems));
    let statement = fields
        .required("statement", problems)
        .and_then(|node| sentence(node, problems));
    let untested = fields.optional("untested").and_then(|node| sentence(node, problems));
    let source = fields
        .required("source", problems)
        .and_then(|node| node.fields(&["page", "section"], problems));
    let (page, place) = match source {
        Some(source) => (
            source.required("page", problems).and_then(|node| node.string(problems)),
            source
                .required("section", problems)
                .and_then(|node| node.string(problems)),
        ),
        None => (None, None),
    };
    Some(Requirement {
        id: id?.to_owned(),
        section: section.to_owned(),
        section_title: title.to_owned(),
        grade: grade?,
        page: page?.to_owned(),
        place: place?.to_owned(),
        statement: statement?,
        untested,
        at: id_node?.location(),
    })
}

fn sentence(node: Node<'_>, problems: &mut Problems) -> Option<String> {
    let text = node.string(problems)?.trim();
    if text.is_empty() {
        problems.push(node.problem("this is empty").hint("write one sentence"));
        return None;
    }
    Some(text.to_owned())
}

fn is_requirement_id(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_uppercase())
        && id
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-')
}
