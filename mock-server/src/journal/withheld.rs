//! What was taken out of an entry because it may not be shown: kept in memory only, so that the request can be sent again.
//!
//! Never printed, listed or handed to the control surface. It is used for two things: to replay, and to see a request the way
//! its workflow did.

use std::fmt;

/// The parts of a request that its entry does not show. Copies: the values of a request are views of what its connection has
/// read, and one of them would keep all of that.
#[derive(Default)]
pub(crate) struct Withheld {
    /// The path and the query, if a secret stands in either.
    pub(crate) target: Option<(Box<str>, Option<Box<str>>)>,
    /// Values of headers, by their place in the order they came.
    pub(crate) headers: Vec<(usize, Box<[u8]>)>,
    /// The body.
    pub(crate) body: Option<Box<[u8]>>,
}

impl Withheld {
    /// Nothing, when nothing was taken out.
    pub(crate) fn boxed(self) -> Option<Box<Self>> {
        let is_empty = self.target.is_none() && self.headers.is_empty() && self.body.is_none();
        (!is_empty).then(|| Box::new(self))
    }

    /// Roughly the memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        let target = self.target.as_ref().map_or(0, |(path, query)| {
            path.len() + query.as_ref().map_or(0, |query| query.len())
        });
        let headers = self
            .headers
            .iter()
            .map(|(_, value)| value.len() + size_of::<(usize, Box<[u8]>)>());
        size_of::<Self>() + target + headers.sum::<usize>() + self.body.as_ref().map_or(0, |body| body.len())
    }
}

/// Says that there is something, not what.
impl fmt::Debug for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Withheld(…)")
    }
}
