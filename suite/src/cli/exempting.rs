//! Files of exemptions on the command line: reading one, and writing a new one to be filled in.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use jiff::civil::Date;
use located_yaml::Sources;

use super::run::Refused;
use super::{refuse, refuse_problems};
use crate::exemption::{self, Exemptions};
use crate::report::Outcome;

/// The exemptions of a file, as they hold today.
pub(super) fn read(path: &Path) -> Result<Exemptions, Refused> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| Refused(refuse(&format!("cannot read {name}: {error}"))))?;
    Exemptions::parse(&name, &text, today()).map_err(|problems| {
        let mut sources = Sources::default();
        sources.add(&name, &text);
        Refused(refuse_problems(&problems, &sources))
    })
}

/// Refuses to write over what somebody filled in, before anything is sent.
pub(super) fn is_new(path: &Path) -> Result<(), Refused> {
    if path.symlink_metadata().is_err() {
        return Ok(());
    }
    let name = path.display();
    let message = format!("{name} is there already and is not written over; name a new file for --write-exemptions");
    Err(Refused(refuse(&message)))
}

/// Writes what failed, if anything did.
pub(super) fn write(path: &Path, outcome: &Outcome<'_>) -> io::Result<()> {
    let note = match exemption::template(outcome, today()) {
        None => format!("nothing failed that is not exempt: {} is not written", path.display()),
        Some(text) => {
            let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
            file.write_all(text.as_bytes())?;
            let name = path.display();
            format!("{name} is written; fill in each `reason` and `owner`, then run with --exemptions {name}")
        }
    };
    // Without standard error there is nobody left to tell.
    let _ = writeln!(anstream::stderr(), "{note}");
    Ok(())
}

/// The day in UTC: the same for everybody who shares a file.
fn today() -> Date {
    jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date()
}
