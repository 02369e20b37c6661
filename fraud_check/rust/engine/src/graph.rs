//! The graph: immutable segments, growing geometrically, and a small tail of the newest transfers.
//!
//! Cloning one is a snapshot: a few reference counts. Whoever reads a snapshot never blocks on who appends.

use std::sync::Arc;

use crate::error::GraphError;
use crate::order::Frame;
use crate::segment::Segment;
use crate::tail::Tail;
use crate::transfer::{Batch, Transfer};

/// Rows that the tail takes before it is sealed; also bounds how far a late row can walk.
const TAIL_ROWS: usize = 16_384;
/// A segment is merged with the one before it unless that one is this many times larger.
const GROWTH: usize = 3;

/// All transfers, as of some moment.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    pub(crate) segments: Vec<Arc<Segment>>,
    pub(crate) tail: Arc<Tail>,
    accounts: u32,
    next_seq: u32,
    total: i64,
    oldest: Option<i64>,
    newest: Option<i64>,
}

impl Graph {
    /// A graph without transfers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Take a whole batch, or refuse it whole. Rows get consecutive sequence numbers; the first is returned.
    ///
    /// Rows may come in any order of time, also earlier than what is there. Equal rows are different transfers.
    /// A self-transfer is kept and carries nothing; a transfer of zero is kept and followed like any other.
    ///
    /// # Errors
    /// A column's length, an account, a time or an amount is out of range, or the graph is full.
    pub fn append(&mut self, batch: &Batch<'_>) -> Result<u32, GraphError> {
        let checked = batch.check(self.total)?;
        let first = self.next_seq;
        let rows = u32::try_from(batch.len()).map_err(|_| GraphError::TooManyTransfers)?;
        let next_seq = first.checked_add(rows).filter(|next| *next < u32::MAX);
        self.next_seq = next_seq.ok_or(GraphError::TooManyTransfers)?;
        self.total = checked.total;
        self.accounts = self.accounts.max(checked.accounts);
        self.newest = self.newest.max(batch.time.iter().copied().max());
        self.oldest = self
            .oldest
            .into_iter()
            .chain(batch.time.iter().copied())
            .min();
        let transfers = batch.transfers(first, checked.ascending);
        if self.tail.len() + transfers.len() < TAIL_ROWS {
            let tail = Arc::make_mut(&mut self.tail);
            transfers
                .into_iter()
                .for_each(|transfer| tail.insert(transfer));
        } else {
            self.seal(transfers);
        }
        Ok(first)
    }

    fn seal(&mut self, mut transfers: Vec<Transfer>) {
        if !self.tail.is_empty() {
            transfers.extend_from_slice(self.tail.rows());
            transfers.sort_by_key(|row| (row.time, row.seq));
            self.tail = Arc::default();
        }
        for built in Segment::build_all(&transfers) {
            self.segments.push(Arc::new(built));
            self.fold(GROWTH);
        }
    }

    /// Merge newest segments while the one before is less than `growth` times as large.
    fn fold(&mut self, growth: usize) {
        while let [.., before, newest] = self.segments.as_slice() {
            let small = before.rows.len() < newest.rows.len().saturating_mul(growth);
            if !small || !before.fits_with(newest) {
                break;
            }
            let merged = Arc::new(before.merge(newest));
            self.segments.truncate(self.segments.len() - 2);
            self.segments.push(merged);
        }
    }

    /// Seal the tail and merge all segments that fit together: slower now, faster questions after.
    pub fn compact(&mut self) {
        self.seal(Vec::new());
        self.segments.sort_by_key(|segment| segment.base);
        let segments = std::mem::take(&mut self.segments);
        for segment in segments {
            self.segments.push(segment);
            self.fold(usize::MAX);
        }
    }

    /// Visit an account's payments later than a time, in any order.
    pub(crate) fn payments_after(&self, account: u32, time: i64, mut visit: impl FnMut(Transfer)) {
        for segment in self.segments.iter().filter(|segment| segment.last > time) {
            for row in segment
                .out
                .range(account)
                .rev()
                .take_while(|row| segment.time(*row) > time)
            {
                visit(segment.transfer(account, row));
            }
        }
        let newest = self.tail.payments(account).map(|(_, transfer)| *transfer);
        newest
            .take_while(|transfer| transfer.time > time)
            .for_each(visit);
    }

    /// One past the greatest account seen.
    #[must_use]
    pub fn accounts(&self) -> u32 {
        self.accounts
    }

    /// How many transfers there are; also the next sequence number.
    #[must_use]
    pub fn transfers(&self) -> u32 {
        self.next_seq
    }

    /// The latest time of any transfer.
    #[must_use]
    pub fn newest(&self) -> Option<i64> {
        self.newest
    }

    /// The span of all times.
    pub(crate) fn frame(&self) -> Frame {
        Frame {
            oldest: self.oldest.unwrap_or(0),
            newest: self.newest.unwrap_or(0),
        }
    }

    /// How many segments there are, the tail not counted.
    #[must_use]
    pub fn segments(&self) -> usize {
        self.segments.len()
    }

    /// Bytes held by transfers and their indexes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.segments
            .iter()
            .map(|segment| segment.bytes())
            .sum::<usize>()
            + self.tail.bytes()
    }
}
