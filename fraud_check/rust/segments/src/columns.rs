//! A file of columns: written once, mapped as it lies.
//!
//! | byte | is |
//! | --- | --- |
//! | 0 | `FPASSCOL` |
//! | 8 | version, 4 bytes: 1 |
//! | 12 | kind, 4 bytes: 1 a segment, 2 names |
//! | 16, 24 | two numbers of 8 bytes that the kind explains |
//! | 32 | length of the file, 8 bytes |
//! | 40 | how many columns, 4 bytes |
//! | 44 | bytes of a block, 4 bytes: 2^20 |
//! | 48 | zeros |
//! | 60 | CRC-32C of bytes 0 to 60 and of the directory and the table, 4 bytes |
//! | 64 | the directory: for each column its length in bytes (8), the size of a value (4), and zeros (4) |
//! | then | the table: for each block of each column its CRC-32C (4); a column's last block may be shorter |
//! | then | the columns one after the other, each from a multiple of 64 bytes on, with zeros between |

use std::ops::Range;
use std::sync::Arc;

use crate::checksum::{check_kind, check_sum, checksum};
use crate::disk::Sink;
use crate::failure::StoreError;
use crate::fields::{Head, aligned, u32_at, u64_at};
use crate::memory::{Memory, Plain, bytes_of, lend};

const MAGIC: &[u8; 8] = b"FPASSCOL";
const VERSION: u32 = 1;
const HEAD: usize = 64;
const SUM_AT: usize = 60;
const PLACE: usize = 16;
const BLOCK: usize = 1 << 20;
const ALIGNMENT: usize = 64;
const MOST_COLUMNS: usize = 64;

/// What a file of columns is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Kind {
    /// A segment; the numbers are its first and its last time.
    Segment = 1,
    /// Tokens; the first number is that of the first token, the other is 0.
    Names = 2,
}

/// A column on its way out.
pub(crate) struct Outgoing<'a> {
    bytes: &'a [u8],
    size: usize,
}

impl<'a> Outgoing<'a> {
    pub fn of<T: Plain>(values: &'a [T]) -> Self {
        Self {
            bytes: bytes_of(values),
            size: size_of::<T>(),
        }
    }
}

/// A file by its length and the checksum of its head, which is one of everything in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seal {
    pub len: u64,
    pub sum: u32,
}

/// Write a whole file.
pub(crate) fn write(
    sink: &mut dyn Sink,
    kind: Kind,
    numbers: [u64; 2],
    columns: &[Outgoing<'_>],
) -> std::io::Result<Seal> {
    let mut directory = Head::default();
    let mut table = Head::default();
    for column in columns {
        directory.u64(column.bytes.len() as u64);
        directory.u32(column.size as u32).u32(0);
        column.bytes.chunks(BLOCK).for_each(|block| {
            table.u32(checksum(&[block]));
        });
    }
    let begin = aligned(HEAD + directory.0.len() + table.0.len(), ALIGNMENT);
    let len = columns.iter().fold(begin, |at, column| {
        aligned(at + column.bytes.len(), ALIGNMENT)
    });
    let mut head = Head::begin(MAGIC, VERSION);
    head.u32(kind as u32).u64(numbers[0]).u64(numbers[1]);
    head.u64(len as u64).u32(columns.len() as u32);
    head.u32(BLOCK as u32).pad(SUM_AT);
    let sum = checksum(&[&head.0, &directory.0, &table.0]);
    head.u32(sum);
    head.0.extend_from_slice(&directory.0);
    head.0.extend_from_slice(&table.0);
    head.pad(begin);
    sink.write(&head.0)?;
    for column in columns {
        column
            .bytes
            .chunks(BLOCK)
            .try_for_each(|block| sink.write(block))?;
        let rest = aligned(column.bytes.len(), ALIGNMENT) - column.bytes.len();
        sink.write(&[0; ALIGNMENT][..rest])?;
    }
    sink.sync()?;
    Ok(Seal {
        len: len as u64,
        sum,
    })
}

/// A file whose every byte was checked.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    file: &'a str,
    memory: Arc<Memory>,
    /// What the kind explains.
    pub numbers: [u64; 2],
    columns: Vec<(Range<usize>, usize)>,
}

impl<'a> Incoming<'a> {
    /// Check a file against the seal that was kept for it, and against itself.
    pub fn open(
        file: &'a str,
        memory: Memory,
        kind: Kind,
        seal: Seal,
        count: usize,
    ) -> Result<Self, StoreError> {
        let bytes: &[u8] = &memory;
        let wrong =
            |at: usize, what: &str, expected: u64, found: u64| match u64::eq(&expected, &found) {
                true => Ok(()),
                false => Err(StoreError::damaged(
                    file,
                    at,
                    format!("expected {what} {expected}, got {found}"),
                )),
            };
        check_kind(file, bytes, MAGIC, VERSION)?;
        wrong(bytes.len(), "a length of", seal.len, bytes.len() as u64)?;
        wrong(32, "a length of", seal.len, u64_at(bytes, 32))?;
        wrong(12, "kind", kind as u64, u64::from(u32_at(bytes, 12)))?;
        wrong(44, "blocks of", BLOCK as u64, u64::from(u32_at(bytes, 44)))?;
        let found = u32_at(bytes, 40) as usize;
        wrong(40, "columns", count.min(MOST_COLUMNS) as u64, found as u64)?;
        let mut columns = Vec::with_capacity(count);
        let mut blocks = 0;
        for at in (HEAD..).step_by(PLACE).take(count) {
            let len = usize::try_from(u64_at(bytes, at)).unwrap_or(usize::MAX);
            let size = u32_at(bytes, at + 8) as usize;
            if len > bytes.len() || size == 0 {
                let what = format!("expected a column within the file, got {len} bytes");
                return Err(StoreError::damaged(file, at, what));
            }
            blocks += len.div_ceil(BLOCK);
            columns.push((len, size));
        }
        let table = HEAD + count * PLACE;
        let end = table + blocks * 4;
        let Some(head) = bytes.get(..end) else {
            let what = format!("expected a head of {end} bytes, got the end of the file");
            return Err(StoreError::damaged(file, bytes.len(), what));
        };
        let sum = u32_at(bytes, SUM_AT);
        check_sum(
            file,
            0,
            "a head",
            sum,
            &[&head[..SUM_AT], &head[SUM_AT + 4..]],
        )?;
        wrong(
            SUM_AT,
            "the checksum in MANIFEST",
            u64::from(seal.sum),
            u64::from(sum),
        )?;
        let mut sums = (table..).step_by(4).map(|at| u32_at(bytes, at));
        let mut at = check_zeros(file, bytes, end)?;
        let mut placed = Vec::with_capacity(count);
        for (len, size) in columns {
            let Some(column) = bytes.get(at..at + len) else {
                let what = format!("expected {len} bytes of a column, got the end of the file");
                return Err(StoreError::damaged(file, bytes.len(), what));
            };
            for (block, begin) in column.chunks(BLOCK).zip((at..).step_by(BLOCK)) {
                check_sum(
                    file,
                    begin,
                    "a block",
                    sums.next().unwrap_or_default(),
                    &[block],
                )?;
            }
            placed.push((at..at + len, size));
            at = check_zeros(file, bytes, at + len)?;
        }
        wrong(at, "the end at", at as u64, bytes.len() as u64)?;
        Ok(Self {
            file,
            numbers: [u64_at(bytes, 16), u64_at(bytes, 24)],
            columns: placed,
            memory: Arc::new(memory),
        })
    }

    /// One of the columns.
    pub fn column<T: Plain>(&self, place: usize) -> Result<engine::Column<T>, StoreError> {
        let (bytes, size) = &self.columns[place];
        let wrong = || {
            let what = format!(
                "expected column {place} to have values of {} bytes, got {size}",
                size_of::<T>()
            );
            StoreError::damaged(self.file, HEAD + place * PLACE + 8, what)
        };
        if *size != size_of::<T>() {
            return Err(wrong());
        }
        lend(&self.memory, bytes.clone()).ok_or_else(wrong)
    }
}

/// Check that there are zeros up to the next multiple of the alignment, and return it.
fn check_zeros(file: &str, bytes: &[u8], from: usize) -> Result<usize, StoreError> {
    let to = aligned(from, ALIGNMENT);
    match bytes.get(from..to) {
        Some(zeros) if zeros.iter().all(|byte| *byte == 0) => Ok(to),
        Some(_) => Err(StoreError::damaged(
            file,
            from,
            "expected zeros between columns, got something else",
        )),
        None => Err(StoreError::damaged(
            file,
            bytes.len(),
            "expected zeros, got the end of the file",
        )),
    }
}
