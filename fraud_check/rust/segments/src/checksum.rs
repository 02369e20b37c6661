//! CRC-32C (Castagnoli), and the letters and version with which every file begins.

use crate::failure::StoreError;
use crate::fields::u32_at;

/// The checksum of parts that follow one another.
pub(crate) fn checksum(parts: &[&[u8]]) -> u32 {
    parts
        .iter()
        .fold(0, |sum, part| crc32c::crc32c_append(sum, part))
}

/// Check the first twelve bytes.
pub(crate) fn check_kind(
    file: &str,
    bytes: &[u8],
    magic: &[u8; 8],
    known: u32,
) -> Result<(), StoreError> {
    if bytes.get(..8) != Some(magic) {
        let found = bytes
            .get(..8)
            .map_or("the end of the file".into(), |found| {
                String::from_utf8_lossy(found).into_owned()
            });
        let what = format!(
            "expected the letters {}, got {found:?}",
            magic.escape_ascii()
        );
        return Err(StoreError::damaged(file, 0, what));
    }
    let version = u32_at(bytes, 8);
    if version > known {
        return Err(StoreError::Newer {
            file: file.to_owned(),
            version,
            known,
        });
    }
    if version == 0 {
        return Err(StoreError::damaged(
            file,
            8,
            "expected a version from 1, got 0",
        ));
    }
    Ok(())
}

/// Check that a stretch has the sum that was kept for it.
pub(crate) fn check_sum(
    file: &str,
    at: usize,
    what: &str,
    kept: u32,
    parts: &[&[u8]],
) -> Result<(), StoreError> {
    let found = checksum(parts);
    if found == kept {
        return Ok(());
    }
    let what = format!("expected {what} with checksum {kept:08x}, got {found:08x}");
    Err(StoreError::damaged(file, at, what))
}
