//! The graph: immutable segments, growing geometrically, and a small tail of the newest transfers.
//!
//! Cloning one is a snapshot: a few reference counts. Whoever reads a snapshot never blocks on who appends.

use std::sync::Arc;

use crate::error::GraphError;
use crate::order::Frame;
use crate::parts::{Flaw, require};
use crate::segment::{Columns, InOrder, Segment, Seqs};
use crate::tail::Tail;
use crate::transfer::{Batch, Transfer};

/// Rows that the tail takes before it is sealed; also bounds how far a late row can walk.
const TAIL_ROWS: usize = 16_384;
/// Segments of one size that are merged into one of the next: fewer mean faster questions, more mean faster appending.
const FAN: usize = 6;

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
        if !batch.is_empty() {
            self.oldest = self.oldest.into_iter().chain([checked.oldest]).min();
            self.newest = self.newest.max(Some(checked.newest));
        }
        if self.tail.len() + batch.len() < TAIL_ROWS {
            let tail = Arc::make_mut(&mut self.tail);
            let rows = batch.transfers(first, checked.ascending);
            rows.into_iter().for_each(|transfer| tail.insert(transfer));
        } else if self.tail.is_empty() && checked.ascending {
            self.take(InOrder {
                src: batch.src,
                dst: batch.dst,
                time: batch.time,
                amount: batch.amount,
                channel: batch.channel,
                seqs: Seqs::From(first),
            });
        } else {
            self.seal(batch.transfers(first, checked.ascending));
        }
        Ok(first)
    }

    /// Make segments of the tail and these rows.
    fn seal(&mut self, mut transfers: Vec<Transfer>) {
        if !self.tail.is_empty() {
            transfers.extend_from_slice(self.tail.rows());
            transfers.sort_by_key(|row| (row.time, row.seq));
            self.tail = Arc::default();
        }
        self.take(Columns::of(&transfers).in_order());
    }

    fn take(&mut self, transfers: InOrder<'_>) {
        for built in Segment::build_all(transfers) {
            self.segments.push(Arc::new(built));
            self.fold();
        }
    }

    /// Merge the newest segments of one size as soon as there are enough of them: a transfer is rewritten once per size.
    /// Where what they make is itself enough for the next size, all are merged at once.
    fn fold(&mut self) {
        let mut from = self.segments.len().saturating_sub(1);
        loop {
            let size = size_class(&self.segments[from..]);
            let older = self.segments[..from].iter().rev();
            let alike = older
                .take_while(|one| size_class(std::slice::from_ref(one)) <= size)
                .count();
            if alike + 1 < FAN || !Segment::fit_together(&self.segments[from - alike..]) {
                break;
            }
            from -= alike;
        }
        if from + 1 < self.segments.len() {
            let merged = Segment::merge(&self.segments[from..]);
            self.segments.truncate(from);
            self.segments.push(Arc::new(merged));
        }
    }

    /// Seal the tail and merge all segments that fit together: slower now, faster questions after.
    pub fn compact(&mut self) {
        self.seal(Vec::new());
        self.segments.sort_by_key(|segment| segment.base);
        let mut rest = std::mem::take(&mut self.segments);
        while !rest.is_empty() {
            let mut take = 1;
            while take < rest.len() && Segment::fit_together(&rest[..=take]) {
                take += 1;
            }
            let group: Vec<Arc<Segment>> = rest.drain(..take).collect();
            let merged = if take == 1 {
                Arc::clone(&group[0])
            } else {
                Arc::new(Segment::merge(&group))
            };
            self.segments.push(merged);
        }
    }

    /// A graph of segments that were kept elsewhere and hold all its transfers, numbered from 0.
    ///
    /// # Errors
    /// Together they are not one graph.
    pub fn of_segments(segments: Vec<Arc<Segment>>) -> Result<Self, Flaw> {
        let rows: u64 = segments.iter().map(|one| one.rows.len() as u64).sum();
        let counted = u32::try_from(rows).ok().filter(|rows| *rows < u32::MAX);
        let mut graph = Self {
            next_seq: counted.ok_or(Flaw {
                part: "segments",
                at: segments.len(),
                expected: "fewer than 2^32 transfers",
            })?,
            ..Self::default()
        };
        for (at, segment) in segments.iter().enumerate() {
            let most = segment.seqs.iter().copied().max().unwrap_or(0);
            require(most < graph.next_seq, "seqs", at, "numbers without gaps")?;
            let total = segment
                .rows
                .iter()
                .try_fold(graph.total, |total, row| total.checked_add(row.amount));
            graph.total = total.ok_or(Flaw {
                part: "amounts",
                at,
                expected: "all together below 2^63",
            })?;
            let accounts = segment.out.accounts().max(segment.into.accounts());
            let others = segment.rows.iter().map(|row| row.dst);
            let others = others.chain(segment.entries.iter().map(|entry| entry.src));
            let others = others.max().map_or(0, |most| most + 1);
            graph.accounts = graph.accounts.max(accounts).max(others);
            graph.newest = graph.newest.max(Some(segment.last));
            graph.oldest = Some(
                graph
                    .oldest
                    .map_or(segment.base, |oldest| oldest.min(segment.base)),
            );
        }
        graph.segments = segments;
        Ok(graph)
    }

    /// Seal the tail: every transfer is in a segment then.
    pub fn settle(&mut self) {
        self.seal(Vec::new());
    }

    /// The segments; with the tail settled, all that there is.
    #[must_use]
    pub fn sealed(&self) -> &[Arc<Segment>] {
        &self.segments
    }

    /// Hold other segments with the same transfers, in the same places.
    pub fn exchange(&mut self, segments: Vec<Arc<Segment>>) {
        debug_assert!(
            self.segments
                .iter()
                .map(|one| one.rows.len())
                .eq(segments.iter().map(|one| one.rows.len()))
        );
        self.segments = segments;
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

    /// Visit an account's receipts later than a time, in any order.
    pub(crate) fn receipts_after(&self, account: u32, time: i64, mut visit: impl FnMut(Transfer)) {
        for segment in self.segments.iter().filter(|segment| segment.last > time) {
            let entries = segment.entries[segment.into.range(account)].iter().rev();
            for entry in entries.take_while(|entry| segment.time(entry.row as usize) > time) {
                visit(segment.transfer(entry.src, entry.row as usize));
            }
        }
        let newest = self.tail.receipts(account).map(|(_, transfer)| *transfer);
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

    /// The sum of all amounts.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.total
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

/// Segments of one class, each taken together, differ in rows by less than the factor at which they are merged.
fn size_class(segments: &[Arc<Segment>]) -> u32 {
    let rows: usize = segments.iter().map(|segment| segment.rows.len()).sum();
    (rows / TAIL_ROWS).max(1).ilog(FAN)
}
