//! Knobs of the URLs: methods, slashes, letter case, queries (contract section 1).
//!
//! Only values; `route` and the method gate read them.

use http::Method;
use located_yaml::{Node, Problems};

use crate::behaviour::knob::{Knob, choices, section, words};
use crate::ids::LetterCase;

section! {
    /// Which URLs there are and how they are read (contract section 1).
    Urls = "urls" {
        /// Methods accepted on trigger URLs.
        Vendor methods: Methods = Methods::triggering();
        /// Whether the answer to any other method lists the accepted ones in `Allow`.
        Open allow_header: Sending = Sending::Sent;
        /// What becomes of one slash at the end of a path.
        Open trailing_slash: TrailingSlash = TrailingSlash::Stripped;
        /// Letter case of ids.
        Open id_case: LetterCase = LetterCase::Any;
        /// Who sees the query of a trigger URL.
        Open query: QueryUse = QueryUse::RawMode;
        /// What is taken for an integration or workflow id.
        Documented id_form: IdForm = IdForm::Hyphenated;
        /// The URLs of integrations made for a vendor.
        Documented vendor_urls: VendorUrls = VendorUrls::All;
        /// What becomes of OPTIONS requests to trigger URLs.
        Documented options: OptionsUse = OptionsUse::PassedOn;
    }
}

choices! {
    /// Whether a header is part of an answer.
    Sending {
        /// It is.
        Sent = "sent",
        /// It is not.
        Omitted = "omitted",
    }
}

choices! {
    /// What becomes of one slash at the end of a path.
    TrailingSlash {
        /// Taken off before routing.
        Stripped = "stripped",
        /// Kept, which makes the path an unknown one.
        Kept = "kept",
    }
}

choices! {
    /// Who sees the query of a trigger URL.
    QueryUse {
        /// Workflows of integrations in raw mode, at `$.event.query`.
        RawMode = "raw-mode",
        /// Nobody.
        Ignored = "ignored",
    }
}

choices! {
    /// What is taken for an id.
    IdForm {
        /// A UUID in its 8-4-4-4-12 form.
        Hyphenated = "hyphenated",
        /// A UUID in its braced, URN and simple forms as well.
        AnyForm = "any-form",
        /// A UUID of version 4 only.
        Version4 = "version-4",
        /// Any text; what is no UUID belongs to nothing.
        AnyText = "any-text",
    }
}

choices! {
    /// The URLs of integrations made for a vendor.
    VendorUrls {
        /// All three.
        All = "all",
        /// The plain and the asynchronous one.
        WithoutSync = "without-sync",
        /// The plain one.
        PlainOnly = "plain-only",
    }
}

choices! {
    /// What becomes of OPTIONS requests.
    OptionsUse {
        /// They trigger like any other.
        PassedOn = "passed-on",
        /// The server answers them itself, as a gateway that does CORS on its own.
        Swallowed = "swallowed",
    }
}

words!(LetterCase { Any = "any", Lower = "lower" });

/// A list of methods, and the value of `Allow` that names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Methods {
    accepted: Vec<Method>,
    allow: String,
}

impl Methods {
    fn new(accepted: Vec<Method>) -> Self {
        let allow = accepted.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
        Self { accepted, allow }
    }

    fn triggering() -> Self {
        Self::new(vec![Method::POST, Method::GET, Method::OPTIONS])
    }

    /// True for a method of the list.
    pub(crate) fn accept(&self, method: &Method) -> bool {
        self.accepted.contains(method)
    }

    /// The list.
    pub(crate) fn accepted(&self) -> &[Method] {
        &self.accepted
    }

    /// The list as the `Allow` header writes it.
    pub(crate) fn allow(&self) -> &str {
        &self.allow
    }
}

impl Knob for Methods {
    fn accepts() -> String {
        "a list of HTTP methods".to_owned()
    }

    fn read(node: Node<'_>, problems: &mut Problems) -> Option<Self> {
        let read_method = |item: Node<'_>, problems: &mut Problems| {
            let text = item.string(problems)?;
            let method = Method::from_bytes(text.as_bytes()).ok();
            if method.is_none() {
                problems.push(item.problem(format!("`{text}` is no HTTP method")));
            }
            method
        };
        let methods: Option<Vec<_>> = node
            .items(problems)?
            .into_iter()
            .map(|item| read_method(item, problems))
            .collect();
        methods.map(Self::new)
    }

    fn write(&self) -> String {
        format!("[{}]", self.allow)
    }
}
