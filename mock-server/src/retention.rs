//! How much a sandbox remembers: everything it keeps is bounded by count and by bytes, the oldest goes first.

/// How much of one kind is remembered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retention {
    /// Things at most.
    pub(crate) count: usize,
    /// Bytes of what they hold at most: of requests, events or outputs.
    pub(crate) bytes: usize,
}

impl Retention {
    /// Executions with their outputs: enough for hours of tests.
    pub(crate) const EXECUTIONS: Self = Self::of(100_000, 256);
    /// As many records of activity as there are executions, in less room: a record holds an event, not an output.
    pub(crate) const ACTIVITY: Self = Self::of(100_000, 64);
    /// Requests: a long test run fits, a runaway client does not fill the memory.
    pub(crate) const JOURNAL: Self = Self::of(10_000, 16);

    const fn of(count: usize, mebibytes: usize) -> Self {
        Self {
            count,
            bytes: mebibytes * 1024 * 1024,
        }
    }

    /// Whether this much is more than is remembered.
    pub(crate) const fn is_exceeded_by(self, count: usize, bytes: usize) -> bool {
        count > self.count || bytes > self.bytes
    }
}
