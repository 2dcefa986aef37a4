//! Files of evidence, as they are or packed with gzip: six megabytes become a quarter of one.
//!
//! Bytes only; what a text means is for `evidence`.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use flate2::{Compression, GzBuilder};

/// How a gzip file begins.
const MAGIC: [u8; 2] = [0x1f, 0x8b];
/// The most a file may become when it is unpacked, in bytes; a thousand times a full run is not met in practice.
const MOST: u64 = 4 << 30;

/// The text of a file, unpacked where it is packed.
///
/// # Errors
/// When it cannot be read, is damaged, is no UTF-8, or becomes larger than 4 GiB.
pub(super) fn read(path: &Path) -> io::Result<String> {
    let bytes = fs::read(path)?;
    let bytes = if bytes.starts_with(&MAGIC) {
        let mut unpacked = Vec::new();
        MultiGzDecoder::new(bytes.as_slice())
            .take(MOST + 1)
            .read_to_end(&mut unpacked)?;
        if unpacked.len() as u64 > MOST {
            return Err(io::Error::other("it becomes larger than 4 GiB when it is unpacked"));
        }
        unpacked
    } else {
        bytes
    };
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8"))
}

/// A text packed with gzip; the same text always becomes the same bytes.
pub(super) fn pack(text: &str) -> Vec<u8> {
    const WRITTEN: &str = "a vector takes everything that is written";
    let mut packed = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    packed.write_all(text.as_bytes()).expect(WRITTEN);
    packed.finish().expect(WRITTEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_can_be_read_and_what_is_damaged_is_refused() {
        let folder = tempfile::tempdir().expect("a folder is made");
        let file = folder.path().join("it");
        let text = "ä line\n".repeat(1000);
        let packed = pack(&text);
        assert!(packed.len() < 200);
        for bytes in [text.as_bytes(), &packed] {
            fs::write(&file, bytes).expect("it is written");
            assert_eq!(read(&file).expect("it is read"), text);
        }
        for damaged in [
            &packed[..packed.len() / 2],
            &[MAGIC.as_slice(), b"nothing"].concat(),
            b"\xff\xfe",
        ] {
            fs::write(&file, damaged).expect("it is written");
            assert!(read(&file).is_err());
        }
    }
}
