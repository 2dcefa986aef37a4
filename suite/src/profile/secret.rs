//! Values that must never be shown, and where they come from.

use std::collections::BTreeMap;
use std::fmt;

/// A value that is sent but never shown: its `Debug` is redacted and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a value into custody.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for putting it on the wire.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The environment variables a profile may refer to; a value, so that tests need not touch the process.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The process's own variables; those that are not UTF-8 are left out.
    #[must_use]
    pub fn of_process() -> Self {
        let readable = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(readable).collect())
    }

    /// Replaces every `${env:NAME}` in `text`.
    ///
    /// # Errors
    /// What is wrong with a reference: a variable that is not set, or an unknown kind of reference.
    pub(super) fn expand(&self, text: &str) -> Result<String, ExpandError> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            out.push_str(&rest[..start]);
            let reference = &rest[start + 2..];
            let end = reference.find('}').ok_or(ExpandError::Unclosed)?;
            let name = reference[..end]
                .strip_prefix("env:")
                .ok_or_else(|| ExpandError::Kind(reference[..end].to_owned()))?;
            out.push_str(self.0.get(name).ok_or_else(|| ExpandError::Unset(name.to_owned()))?);
            rest = &reference[end + 1..];
        }
        out.push_str(rest);
        Ok(out)
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Environment({} variables)", self.0.len())
    }
}

/// Why a reference in a profile has no value.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ExpandError {
    #[error("the environment variable `{0}` is not set")]
    Unset(String),
    #[error("`${{{0}}}` is no reference a profile knows")]
    Kind(String),
    #[error("`${{` without its `}}`")]
    Unclosed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_replaced_anywhere_in_a_text() {
        let environment = Environment::from([("A", "x"), ("B", "${env:A}")]);
        assert_eq!(environment.expand("1${env:A}2${env:A}"), Ok("1x2x".into()));
        assert_eq!(
            environment.expand("${env:B}"),
            Ok("${env:A}".into()),
            "values are not expanded again"
        );
        assert_eq!(environment.expand("${env:C}"), Err(ExpandError::Unset("C".into())));
        assert_eq!(environment.expand("${file:x}"), Err(ExpandError::Kind("file:x".into())));
        assert_eq!(environment.expand("a${env:A"), Err(ExpandError::Unclosed));
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "[redacted]");
    }
}
