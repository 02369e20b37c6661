//! Which files count.
//!
//! | byte | is |
//! | --- | --- |
//! | 0 | `FPASSMAN` |
//! | 8 | version, 4 bytes: 1 |
//! | 12 | how many segments, 4 bytes |
//! | 16 | generation, 8 bytes: one more for each manifest; the log of the same number goes with it |
//! | 24 | how many transfers are in the segments, 8 bytes |
//! | 32 | how many tokens are in the files of names, 8 bytes |
//! | 40 | how many files of names, 4 bytes |
//! | 44 | zeros, 4 bytes |
//! | 48 | for each segment, then for each file of names: number (8), length (8), checksum of its head (4), zeros (4) |
//! | then | CRC-32C of all before, 4 bytes |

use crate::checksum::{check_kind, check_sum, checksum};
use crate::columns::Seal;
use crate::failure::StoreError;
use crate::fields::{Head, u32_at, u64_at};

pub(crate) const MANIFEST: &str = "MANIFEST";
const MAGIC: &[u8; 8] = b"FPASSMAN";
const VERSION: u32 = 1;
const HEAD: usize = 48;
const ENTRY: usize = 24;

/// One of the files that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listed {
    pub number: u64,
    pub seal: Seal,
}

/// The files that count, and what is in them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub generation: u64,
    pub transfers: u64,
    pub tokens: u64,
    pub segments: Vec<Listed>,
    pub names: Vec<Listed>,
}

pub(crate) fn segment_name(number: u64) -> String {
    format!("segment-{number:08}")
}

pub(crate) fn names_name(number: u64) -> String {
    format!("names-{number:08}")
}

pub(crate) fn log_name(generation: u64) -> String {
    format!("log-{generation:08}")
}

/// The number in a name of this kind.
pub(crate) fn number_of(name: &str, kind: &str) -> Option<u64> {
    let digits = name.strip_prefix(kind)?.strip_prefix('-')?;
    let digits = digits.strip_suffix(NEW).unwrap_or(digits);
    let is_number = digits.len() >= 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

/// What the name of a file ends with until it is whole.
pub(crate) const NEW: &str = ".new";

impl Manifest {
    /// The manifest as a file, and its checksum.
    pub fn to_bytes(&self) -> (Vec<u8>, u32) {
        let mut bytes = Head::begin(MAGIC, VERSION);
        bytes.u32(self.segments.len() as u32).u64(self.generation);
        bytes.u64(self.transfers).u64(self.tokens);
        bytes.u32(self.names.len() as u32).u32(0);
        for listed in self.segments.iter().chain(&self.names) {
            bytes.u64(listed.number).u64(listed.seal.len);
            bytes.u32(listed.seal.sum).u32(0);
        }
        let sum = checksum(&[&bytes.0]);
        bytes.u32(sum);
        (bytes.0, sum)
    }

    /// The manifest of a file, and its checksum.
    pub fn from_bytes(bytes: &[u8]) -> Result<(Self, u32), StoreError> {
        check_kind(MANIFEST, bytes, MAGIC, VERSION)?;
        let segments = u32_at(bytes, 12) as usize;
        let names = u32_at(bytes, 40) as usize;
        let expected = HEAD + (segments + names) * ENTRY + 4;
        if bytes.len() != expected {
            let what = format!("expected {expected} bytes, got {}", bytes.len());
            return Err(StoreError::damaged(
                MANIFEST,
                bytes.len().min(expected),
                what,
            ));
        }
        let (body, sum) = (&bytes[..expected - 4], u32_at(bytes, expected - 4));
        check_sum(MANIFEST, 0, "a list of files", sum, &[body])?;
        let mut listed = (HEAD..).step_by(ENTRY).map(|at| Listed {
            number: u64_at(bytes, at),
            seal: Seal {
                len: u64_at(bytes, at + 8),
                sum: u32_at(bytes, at + 16),
            },
        });
        let manifest = Self {
            generation: u64_at(bytes, 16),
            transfers: u64_at(bytes, 24),
            tokens: u64_at(bytes, 32),
            segments: listed.by_ref().take(segments).collect(),
            names: listed.take(names).collect(),
        };
        Ok((manifest, sum))
    }
}

#[cfg(test)]
mod tests {
    use super::{Listed, Manifest, NEW, names_name, number_of, segment_name};
    use crate::columns::Seal;

    #[test]
    fn a_manifest_comes_back_and_every_flipped_bit_is_found() {
        let listed = |number| Listed {
            number,
            seal: Seal { len: 4_096, sum: 7 },
        };
        let manifest = Manifest {
            generation: 3,
            transfers: 1_000,
            tokens: 20,
            segments: vec![listed(1), listed(4)],
            names: vec![listed(2)],
        };
        let (bytes, sum) = manifest.to_bytes();
        assert_eq!(
            Manifest::from_bytes(&bytes).expect("as written"),
            (manifest, sum)
        );
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            Manifest::from_bytes(&bytes).expect_err("a bit is wrong");
        }
        for len in 0..bytes.len() {
            Manifest::from_bytes(&bytes[..len]).expect_err("the end is missing");
        }
    }

    #[test]
    fn names_of_files_have_their_numbers() {
        assert_eq!(number_of(&segment_name(12), "segment"), Some(12));
        assert_eq!(number_of(&(names_name(7) + NEW), "names"), Some(7));
        for other in ["segment-1", "segment-0000000x", "segments-00000001", "log"] {
            assert_eq!(number_of(other, "segment"), None);
        }
    }
}
