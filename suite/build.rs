//! Puts the YAML of `specs/` into the binary, so that an installed `torq-conformance` works anywhere.
//!
//! What was built may be used from another place: a checkout moves, or its `target` is copied to begin the next one with. So
//! no absolute path outlives a build, or specs of another checkout would be watched and embedded: the package's folder is
//! asked for at run time, what is watched is named relative to it, and the texts are written out instead of included.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The specs, seen from the package; cargo looks there for what `rerun-if-changed` names.
const SPECS: &str = "../specs";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-env-changed=CARGO_MANIFEST_DIR");
    let package = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let mut files = Vec::new();
    collect(&package, Path::new(SPECS), &mut files)?;
    files.sort();
    let mut code = String::from("pub(super) static FILES: &[(&str, &str)] = &[\n");
    for file in &files {
        let name = file.strip_prefix(SPECS).map_err(io::Error::other)?;
        let name = name.to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(package.join(file))?;
        writeln!(code, "    ({name:?}, {text:?}),").map_err(io::Error::other)?;
    }
    code.push_str("];\n");
    fs::write(PathBuf::from(variable("OUT_DIR")?).join("embedded.rs"), code)
}

/// A folder that cargo names for this run; `env!` would be that of the compilation, which may have been elsewhere.
fn variable(name: &str) -> io::Result<OsString> {
    env::var_os(name).ok_or_else(|| io::Error::other(format!("cargo sets {name}")))
}

/// Every YAML file below a folder. Folders are watched as well: a file that comes or goes changes nothing else.
fn collect(package: &Path, folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo:rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(package.join(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if package.join(&path).is_dir() {
            collect(package, &path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            println!("cargo:rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    Ok(())
}
