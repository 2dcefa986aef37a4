//! How a request proves who sends it: secrets, signatures, tokens and basic credentials, right and wrong.

use located_yaml::{Fields, Node};

use super::Context;
use crate::spec::model::{Basic, Need, SecretUse, SignatureUse, Token, WrongSecret, WrongSignature};

/// Tokens carry texts and so are not `Copy`: a word stands for the way to make one.
type MakeToken = fn() -> Token;

#[derive(Clone, Copy)]
enum Plain {
    Right,
    Missing,
}

const RIGHT_OR_MISSING: [(&str, Plain); 2] = [("right", Plain::Right), ("missing", Plain::Missing)];

const WRONG_SECRETS: [(&str, WrongSecret); 6] = [
    ("swapped", WrongSecret::Swapped),
    ("case-folded", WrongSecret::CaseFolded),
    ("prefix", WrongSecret::Prefix),
    ("suffix", WrongSecret::Suffix),
    ("empty", WrongSecret::Empty),
    ("misnamed", WrongSecret::Misnamed),
];

const WRONG_SIGNATURES: [(&str, WrongSignature); 8] = [
    ("other-secret", WrongSignature::OtherSecret),
    ("reserialised-body", WrongSignature::ReserialisedBody),
    ("truncated", WrongSignature::Truncated),
    ("no-prefix", WrongSignature::NoPrefix),
    ("other-digest", WrongSignature::OtherDigest),
    ("other-encoding", WrongSignature::OtherEncoding),
    ("of-empty-body", WrongSignature::OfEmptyBody),
    ("empty", WrongSignature::Empty),
];

impl Context<'_> {
    pub(super) fn secret(&mut self, fields: &Fields<'_>) -> Option<SecretUse> {
        let Some(node) = fields.optional("secret") else {
            return Some(SecretUse::Right);
        };
        if !node.is_mapping() {
            return match node.choice(&RIGHT_OR_MISSING, &mut self.problems)? {
                Plain::Right => Some(SecretUse::Right),
                Plain::Missing => Some(SecretUse::Missing),
            };
        }
        let fields = node.fields(&["wrong", "value"], &mut self.problems)?;
        match (fields.optional("wrong"), fields.optional("value")) {
            (Some(node), None) => node.choice(&WRONG_SECRETS, &mut self.problems).map(SecretUse::Wrong),
            (None, Some(node)) => self.text(node).map(SecretUse::Value),
            (Some(_), Some(_)) | (None, None) => self.neither(node, "`wrong` or `value`"),
        }
    }

    pub(super) fn signature(&mut self, fields: &Fields<'_>) -> Option<SignatureUse> {
        let Some(node) = fields.optional("signature") else {
            return Some(SignatureUse::Right);
        };
        if !node.is_mapping() {
            return match node.choice(&RIGHT_OR_MISSING, &mut self.problems)? {
                Plain::Right => Some(SignatureUse::Right),
                Plain::Missing => Some(SignatureUse::Missing),
            };
        }
        let fields = node.fields(&["wrong", "value"], &mut self.problems)?;
        match (fields.optional("wrong"), fields.optional("value")) {
            (Some(node), None) => node
                .choice(&WRONG_SIGNATURES, &mut self.problems)
                .map(SignatureUse::Wrong),
            (None, Some(node)) => self.text(node).map(SignatureUse::Value),
            (Some(_), Some(_)) | (None, None) => self.neither(node, "`wrong` or `value`"),
        }
    }

    /// The bearer token; `fallback` when the request says nothing about it.
    pub(super) fn token(&mut self, fields: &Fields<'_>, workspace: &str, fallback: Token) -> Option<Token> {
        let Some(node) = fields.optional("token") else {
            return Some(fallback);
        };
        if node.is_mapping() {
            let fields = node.fields(&["client", "value"], &mut self.problems)?;
            return match (fields.optional("client"), fields.optional("value")) {
                (Some(node), None) => self.client(node, workspace).map(Token::Client),
                (None, Some(node)) => self.text(node).map(Token::Value),
                (Some(_), Some(_)) | (None, None) => self.neither(node, "`client` or `value`"),
            };
        }
        let words: [(&str, MakeToken); 4] = [
            ("right", || Token::Right),
            ("missing", || Token::None),
            ("invalid", || Token::Invalid),
            ("expired", || Token::Expired),
        ];
        let token = node.choice(&words, &mut self.problems)?();
        if matches!(token, Token::Expired) {
            self.needs.insert(Need::ManualClock);
        }
        Some(token)
    }

    pub(super) fn basic(&mut self, fields: &Fields<'_>, workspace: &str) -> Option<Option<Basic>> {
        let Some(node) = fields.optional("basic") else {
            return Some(None);
        };
        let inner = node.fields(&["client", "id", "secret"], &mut self.problems)?;
        if let Some(node) = inner.optional("client") {
            if inner.optional("id").is_some() || inner.optional("secret").is_some() {
                return self.neither(inner.node(), "`client`, or `id` and `secret`");
            }
            return self.client(node, workspace).map(|client| Some(Basic::Client(client)));
        }
        let id = inner
            .required("id", &mut self.problems)
            .and_then(|node| self.text(node));
        let secret = inner
            .required("secret", &mut self.problems)
            .and_then(|node| self.text(node));
        Some(Some(Basic::Given {
            id: id?,
            secret: secret?,
        }))
    }

    fn client(&mut self, node: Node<'_>, workspace: &str) -> Option<String> {
        let name = node.string(&mut self.problems)?;
        let known = self
            .fixtures
            .workspaces
            .get(workspace)
            .map(|it| it.clients.clone())
            .unwrap_or_default();
        if !known.iter().any(|client| client == name) {
            let problem = node.problem(format!("the workspace `{workspace}` has no client `{name}`"));
            self.push(problem.hint(format!("its clients are {}", known.join(", "))));
            return None;
        }
        Some(name.to_owned())
    }

    fn neither<T>(&mut self, node: Node<'_>, wanted: &str) -> Option<T> {
        self.push(node.problem(format!("say exactly one of {wanted}")));
        None
    }
}
