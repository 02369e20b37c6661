//! An immutable stretch of transfers, laid out for both directions.
//!
//! A row is 16 bytes, sorted by (src, time, seq): one account's payments are one run of memory in time order. The other
//! direction holds 8 bytes a transfer and points at the rows. With sequence number and channel that is 29 bytes.
//! Times are 32-bit offsets from the segment's first, so a segment spans less than 2^32 ticks.

mod build;
mod merge;

pub(crate) use build::{Columns, InOrder, Seqs};

use crate::column::Column;
use crate::index::Index;
use crate::transfer::Transfer;

/// A payment, without its payer, which the index knows. Its layout is also that of a file, so it has no padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Row {
    /// How much.
    pub amount: i64,
    /// To whom.
    pub dst: u32,
    /// When, counted from the segment's first time.
    pub tick: u32,
}

/// A receipt: who paid, and which row it is. Its layout is also that of a file, so it has no padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Entry {
    /// Who paid.
    pub src: u32,
    /// Which row.
    pub row: u32,
}

/// Transfers of one stretch of time.
#[derive(Debug, PartialEq, Eq)]
pub struct Segment {
    pub(crate) base: i64,
    pub(crate) last: i64,
    pub(crate) out: Index,
    pub(crate) rows: Column<Row>,
    pub(crate) seqs: Column<u32>,
    pub(crate) channels: Column<u8>,
    pub(crate) into: Index,
    pub(crate) entries: Column<Entry>,
}

impl Segment {
    /// The time of a tick.
    #[inline]
    pub(crate) fn at(&self, tick: u32) -> i64 {
        self.base + i64::from(tick)
    }

    /// When the row happened.
    #[inline]
    pub(crate) fn time(&self, row: usize) -> i64 {
        self.at(self.rows[row].tick)
    }

    /// The row as a transfer of `src`.
    pub(crate) fn transfer(&self, src: u32, row: usize) -> Transfer {
        Transfer {
            time: self.time(row),
            amount: self.rows[row].amount,
            seq: self.seqs[row],
            src,
            dst: self.rows[row].dst,
            channel: self.channels[row],
        }
    }

    /// Bytes of the heap that are held.
    pub(crate) fn bytes(&self) -> usize {
        let rows = self.rows.heap() + self.seqs.heap() + self.channels.heap();
        rows + self.entries.heap() + self.out.bytes() + self.into.bytes()
    }
}
