//! The evidence of a run that goes on: a file that can be read whenever the run is stopped.
//!
//! After its beginning the file has a line for each case, and an end that says that the run is not complete. A case is added
//! by one write over that end. Knows no files: whoever has one hands it in.

use std::io::{self, Seek, SeekFrom, Write};

use super::{Case, Evidence};

/// How a file begins that a run still writes to.
pub(super) const BEGINNING: &str = "{\"schema\":";
/// What stands between the cases.
pub(super) const BETWEEN: &str = ",\n";
/// How such a file ends.
pub(super) const END: &str = "\n],\"complete\":false}\n";

/// A file in which cases are added as they end.
#[derive(Debug)]
pub struct Stream<W> {
    file: W,
    /// Where the last case ends.
    end: u64,
    separator: &'static str,
}

impl<W: Write + Seek> Stream<W> {
    /// Writes what is known of a run when it begins.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(mut file: W, begun: &Evidence) -> io::Result<Self> {
        let mut head = serde_json::to_value(begun)?;
        let keys = head.as_object_mut();
        keys.into_iter().for_each(|keys| {
            keys.shift_remove("cases");
            keys.shift_remove("complete");
        });
        let mut head = head.to_string();
        head.truncate(head.len() - 1);
        head.push_str(",\"cases\":[\n");
        file.seek(SeekFrom::Start(0))?;
        file.write_all(format!("{head}{END}").as_bytes())?;
        file.flush()?;
        Ok(Self {
            file,
            end: head.len() as u64,
            separator: "",
        })
    }

    /// Adds a case that has ended.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, case: &Case) -> io::Result<()> {
        let case = format!("{}{}", self.separator, serde_json::to_string(case)?);
        self.file.seek(SeekFrom::Start(self.end))?;
        // One write, so that there is no moment at which the file has a case and no end.
        self.file.write_all(format!("{case}{END}").as_bytes())?;
        self.file.flush()?;
        self.end += case.len() as u64;
        self.separator = BETWEEN;
        Ok(())
    }
}
