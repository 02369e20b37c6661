//! The log: records that are each written, synced, and then acknowledged.
//!
//! | byte | is |
//! | --- | --- |
//! | 0 | `FPASSLOG` |
//! | 8 | version, 4 bytes: 1 |
//! | 12 | checksum of the manifest that this log goes on from, 4 bytes |
//! | 16 | generation, 8 bytes |
//! | 24 | zeros |
//! | 60 | CRC-32C of bytes 0 to 60, 4 bytes |
//! | 64 | records, each followed by its acknowledgement |
//!
//! A record begins at a multiple of eight bytes: `FPRC`, kind (4; 1 transfers, 2 transfers with channels, 3 tokens), rows (4),
//! CRC-32C of what follows the head (4), the number of the first row (8), zeros (4), CRC-32C of the 28 bytes before (4).
//! Then its columns, `src` and `dst` (4 each), `time` and `amount` (8 each) and `channel` (1), or tokens (32), each padded
//! with zeros to eight bytes.
//!
//! An acknowledgement is `FPOK`, zeros (4), where its record begins (8), where it ends (8), the record's first checksum (4),
//! and CRC-32C of the 28 bytes before (4). It is written after the sync and before the caller hears of success. So a
//! record that is not what was written is **damage** if an acknowledgement stands behind it, and else the **torn** end
//! of a write that nobody was told of, which is cut. A loss of power may take the last acknowledgement with it (it is
//! synced with the next record); the record is there then, and kept. Only damage to that one record, in that one
//! moment, is taken for a tear.

use std::io;

use engine::{Batch, Token};

use crate::checksum::{check_kind, check_sum, checksum};
use crate::disk::Sink;
use crate::failure::StoreError;
use crate::fields::{Head, aligned, u32_at, u64_at};
use crate::memory::{bytes_of, values_of};

const MAGIC: &[u8; 8] = b"FPASSLOG";
const VERSION: u32 = 1;
pub(crate) const HEAD: usize = 64;
const SUM_AT: usize = 60;
const RECORD: u32 = u32::from_le_bytes(*b"FPRC");
const DONE: u32 = u32::from_le_bytes(*b"FPOK");
const RECORD_HEAD: usize = 32;
const MARK: usize = 32;

const TRANSFERS: u32 = 1;
const TRANSFERS_BY_CHANNEL: u32 = 2;
const TOKENS: u32 = 3;

/// The first bytes of a log.
pub(crate) fn head(generation: u64, manifest_sum: u32) -> Vec<u8> {
    let mut head = Head::begin(MAGIC, VERSION);
    head.u32(manifest_sum).u64(generation).pad(SUM_AT);
    let sum = checksum(&[&head.0]);
    head.u32(sum);
    head.0
}

/// A log that is being written.
pub(crate) struct Writer {
    sink: Box<dyn Sink>,
    at: usize,
}

impl Writer {
    /// Write on in a file of so many bytes.
    pub fn new(sink: Box<dyn Sink>, at: usize) -> Self {
        Self { sink, at }
    }

    /// Make a batch durable.
    pub fn transfers(&mut self, first: u32, batch: &Batch<'_>) -> io::Result<()> {
        let kind = match batch.channel {
            Some(_) => TRANSFERS_BY_CHANNEL,
            None => TRANSFERS,
        };
        let columns = [
            bytes_of(batch.src),
            bytes_of(batch.dst),
            bytes_of(batch.time),
            bytes_of(batch.amount),
            batch.channel.unwrap_or_default(),
        ];
        self.record(kind, batch.len(), u64::from(first), &columns)
    }

    /// Make tokens durable.
    pub fn tokens(&mut self, first: usize, tokens: &[Token]) -> io::Result<()> {
        self.record(TOKENS, tokens.len(), first as u64, &[bytes_of(tokens)])
    }

    fn record(&mut self, kind: u32, rows: usize, first: u64, columns: &[&[u8]]) -> io::Result<()> {
        let len: usize = columns.iter().map(|column| aligned(column.len(), 8)).sum();
        let mut body = Head(Vec::with_capacity(RECORD_HEAD + len));
        body.pad(RECORD_HEAD);
        for column in columns {
            body.0.extend_from_slice(column);
            let end = aligned(body.0.len(), 8);
            body.pad(end);
        }
        let mut head = Head::default();
        head.u32(RECORD).u32(kind).u32(rows as u32);
        head.u32(checksum(&[&body.0[RECORD_HEAD..]]));
        head.u64(first).u32(0);
        let sum = checksum(&[&head.0]);
        head.u32(sum);
        body.0[..RECORD_HEAD].copy_from_slice(&head.0);
        self.sink.write(&body.0)?;
        self.sink.sync()?;
        let end = self.at + body.0.len();
        self.sink.write(&mark(self.at, end, &head.0))?;
        self.at = end + MARK;
        Ok(())
    }

    /// Acknowledge the record that ends the file but was not acknowledged, and forget what was cut behind it.
    fn mend(&mut self, unmarked: Option<[u8; MARK]>) -> io::Result<()> {
        self.sink.sync()?;
        if let Some(mark) = unmarked {
            self.sink.write(&mark)?;
            self.at += MARK;
        }
        Ok(())
    }
}

fn mark(begin: usize, end: usize, record_head: &[u8]) -> [u8; MARK] {
    let mut mark = Head::default();
    mark.u32(DONE).u32(0).u64(begin as u64).u64(end as u64);
    mark.u32(u32_at(record_head, 12));
    let sum = checksum(&[&mark.0]);
    mark.u32(sum);
    mark.0.try_into().unwrap_or([0; MARK])
}

/// What a record holds.
pub(crate) enum Record<'a> {
    Transfers(Batch<'a>),
    Tokens(&'a [Token]),
}

/// Where a log that was read ends.
#[derive(Debug)]
pub(crate) struct End {
    /// The bytes that stay.
    pub at: usize,
    /// The acknowledgement that the last record lacks.
    unmarked: Option<[u8; MARK]>,
    /// Bytes behind them, which are cut.
    pub cut: usize,
}

impl End {
    /// Write on from here; `resume` opens the file, cut to a length.
    pub fn resume(
        &self,
        resume: impl FnOnce(u64) -> io::Result<Box<dyn Sink>>,
    ) -> io::Result<Writer> {
        let mut writer = Writer::new(resume(self.at as u64)?, self.at);
        if self.cut > 0 || self.unmarked.is_some() {
            writer.mend(self.unmarked)?;
        }
        Ok(writer)
    }
}

/// Check the first bytes of a log.
pub(crate) fn check_head(
    file: &str,
    bytes: &[u8],
    generation: u64,
    manifest_sum: u32,
) -> Result<(), StoreError> {
    check_kind(file, bytes, MAGIC, VERSION)?;
    let Some(head) = bytes.get(..SUM_AT) else {
        let what = format!("expected a head of {HEAD} bytes, got the end of the file");
        return Err(StoreError::damaged(file, bytes.len(), what));
    };
    check_sum(file, 0, "a head", u32_at(bytes, SUM_AT), &[head])?;
    let found = (u64_at(head, 16), u32_at(head, 12));
    if found != (generation, manifest_sum) {
        let what = format!(
            "expected the log of generation {generation} of MANIFEST {manifest_sum:08x}, got {} of {:08x}",
            found.0, found.1
        );
        return Err(StoreError::parted(file, 12, what));
    }
    Ok(())
}

/// Visit every record behind the head. `visit` is given the number that a record says its first row has.
pub(crate) fn replay(
    file: &str,
    bytes: &[u8],
    mut visit: impl FnMut(usize, u64, Record<'_>) -> Result<(), StoreError>,
) -> Result<End, StoreError> {
    let mut at = HEAD;
    let end = |at, unmarked| End {
        at,
        unmarked,
        cut: bytes.len() - at,
    };
    while at < bytes.len() {
        let read = match read(bytes, at) {
            Ok(read) => read,
            Err(what) if is_acknowledged_from(bytes, at) => {
                return Err(StoreError::damaged(file, at, what));
            }
            Err(_) => return Ok(end(at, None)),
        };
        visit(at, read.first, read.record)?;
        let expected = mark(at, read.end, &bytes[at..]);
        let rest = &bytes[read.end..];
        let found = &rest[..rest.len().min(MARK)];
        if found != expected {
            let torn = found
                .iter()
                .zip(expected)
                .all(|(found, expected)| *found == 0 || *found == expected);
            if !torn || is_acknowledged_from(bytes, read.end) {
                let what = "expected the acknowledgement of the record before, got something else";
                return Err(StoreError::damaged(file, read.end, what));
            }
            return Ok(end(read.end, Some(expected)));
        }
        at = read.end + MARK;
    }
    Ok(end(at, None))
}

struct Read<'a> {
    first: u64,
    record: Record<'a>,
    end: usize,
}

/// The record at a place, or what is wrong with it.
fn read(bytes: &[u8], at: usize) -> Result<Read<'_>, String> {
    let head = bytes.get(at..at + RECORD_HEAD);
    let head = head.ok_or("expected a record's head of 32 bytes, got the end of the file")?;
    let (kind, rows) = (u32_at(head, 4), u32_at(head, 8) as usize);
    if u32_at(head, 0) != RECORD || u32_at(head, 28) != checksum(&[&head[..28]]) {
        return Err("expected a record's head with its checksum, got something else".into());
    }
    let sizes: &[usize] = match kind {
        TRANSFERS => &[4, 4, 8, 8],
        TRANSFERS_BY_CHANNEL => &[4, 4, 8, 8, 1],
        TOKENS => &[size_of::<Token>()],
        _ => return Err(format!("expected a record of kind 1 to 3, got {kind}")),
    };
    let begin = at + RECORD_HEAD;
    let len: usize = sizes.iter().map(|size| aligned(size * rows, 8)).sum();
    let body = bytes.get(begin..begin + len);
    let body =
        body.ok_or_else(|| format!("expected a record of {len} bytes, got the end of the file"))?;
    let (kept, found) = (u32_at(head, 12), checksum(&[body]));
    if kept != found {
        return Err(format!(
            "expected a record with checksum {kept:08x}, got {found:08x}"
        ));
    }
    let mut next = 0;
    let mut column = |size: usize| {
        let column = &body[next..next + size * rows];
        next += aligned(size * rows, 8);
        column
    };
    let misplaced = || "expected a record at a multiple of eight bytes".to_owned();
    let record = if kind == TOKENS {
        Record::Tokens(values_of(column(size_of::<Token>())).ok_or_else(misplaced)?)
    } else {
        Record::Transfers(Batch {
            src: values_of(column(4)).ok_or_else(misplaced)?,
            dst: values_of(column(4)).ok_or_else(misplaced)?,
            time: values_of(column(8)).ok_or_else(misplaced)?,
            amount: values_of(column(8)).ok_or_else(misplaced)?,
            channel: (kind == TRANSFERS_BY_CHANNEL).then(|| column(1)),
        })
    };
    Ok(Read {
        first: u64_at(head, 16),
        record,
        end: begin + len,
    })
}

/// Whether an acknowledgement of a record that begins here or later stands anywhere behind.
fn is_acknowledged_from(bytes: &[u8], from: usize) -> bool {
    (from..bytes.len().saturating_sub(MARK - 1))
        .step_by(8)
        .any(|at| {
            let mark = &bytes[at..at + MARK];
            u32_at(mark, 0) == DONE
                && u64_at(mark, 8) >= from as u64
                && u64_at(mark, 16) == at as u64
                && u32_at(mark, 28) == checksum(&[&mark[..28]])
        })
}
