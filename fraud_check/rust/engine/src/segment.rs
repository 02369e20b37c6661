//! An immutable stretch of transfers, laid out for both directions.
//!
//! A row is 16 bytes, sorted by (src, time, seq): one account's payments are one run of memory in time order. The other
//! direction holds 8 bytes a transfer and points at the rows. With sequence number and channel that is 29 bytes.
//! Times are 32-bit offsets from the segment's first, so a segment spans less than 2^32 ticks.

use crate::index::Index;
use crate::transfer::Transfer;

/// A payment, without its payer, which the index knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub amount: i64,
    pub dst: u32,
    pub tick: u32,
}

/// A receipt: who paid, and which row it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub src: u32,
    pub row: u32,
}

/// Transfers of one stretch of time.
#[derive(Debug)]
pub struct Segment {
    pub(crate) base: i64,
    pub(crate) last: i64,
    pub(crate) out: Index,
    pub(crate) rows: Vec<Row>,
    pub(crate) seqs: Vec<u32>,
    pub(crate) channels: Vec<u8>,
    pub(crate) into: Index,
    pub(crate) entries: Vec<Entry>,
}

impl Segment {
    /// Segments of transfers ordered by (time, seq): one for each span that 32 bits can count.
    pub(crate) fn build_all(transfers: &[Transfer]) -> Vec<Self> {
        let mut rest = transfers;
        let mut built = Vec::new();
        while let Some(first) = rest.first() {
            let end = rest.partition_point(|row| row.time - first.time <= i64::from(u32::MAX));
            built.push(Self::build(&rest[..end]));
            rest = &rest[end..];
        }
        built
    }

    fn build(transfers: &[Transfer]) -> Self {
        let base = transfers.first().map_or(0, |row| row.time);
        let last = transfers.last().map_or(0, |row| row.time);
        let accounts = transfers
            .iter()
            .map(|row| row.src.max(row.dst) + 1)
            .max()
            .unwrap_or(0) as usize;
        let mut counts = vec![0_u32; accounts];
        transfers
            .iter()
            .for_each(|row| counts[row.src as usize] += 1);
        let out = Index::from_counts(&counts);
        into_starts(&mut counts);
        let count = transfers.len();
        let mut rows = vec![
            Row {
                amount: 0,
                dst: 0,
                tick: 0
            };
            count
        ];
        let mut seqs = vec![0_u32; count];
        let mut channels = vec![0_u8; count];
        let mut places = vec![0_u32; count];
        for (transfer, place) in transfers.iter().zip(&mut places) {
            let next = &mut counts[transfer.src as usize];
            let at = *next as usize;
            *place = *next;
            *next += 1;
            rows[at] = Row {
                amount: transfer.amount,
                dst: transfer.dst,
                tick: (transfer.time - base) as u32,
            };
            seqs[at] = transfer.seq;
            channels[at] = transfer.channel;
        }
        counts.fill(0);
        transfers
            .iter()
            .for_each(|row| counts[row.dst as usize] += 1);
        let into = Index::from_counts(&counts);
        into_starts(&mut counts);
        let mut entries = vec![Entry { src: 0, row: 0 }; count];
        for (transfer, place) in transfers.iter().zip(places) {
            let next = &mut counts[transfer.dst as usize];
            entries[*next as usize] = Entry {
                src: transfer.src,
                row: place,
            };
            *next += 1;
        }
        Self {
            base,
            last,
            out,
            rows,
            seqs,
            channels,
            into,
            entries,
        }
    }

    /// One segment of two that together span less than 2^32 ticks; else both come back.
    pub(crate) fn fits_with(&self, other: &Self) -> bool {
        let span = self.last.max(other.last) - self.base.min(other.base);
        let rows = self.rows.len() + other.rows.len();
        span <= i64::from(u32::MAX) && rows <= u32::MAX as usize
    }

    /// Merge two that fit, account by account: both sides stay sorted by (time, seq).
    pub(crate) fn merge(&self, other: &Self) -> Self {
        let base = self.base.min(other.base);
        let last = self.last.max(other.last);
        let accounts = self.out.accounts().max(other.out.accounts());
        let accounts = accounts
            .max(self.into.accounts())
            .max(other.into.accounts());
        let total = self.rows.len() + other.rows.len();
        let mut merged = Self {
            base,
            last,
            out: Index::default(),
            rows: Vec::with_capacity(total),
            seqs: Vec::with_capacity(total),
            channels: Vec::with_capacity(total),
            into: Index::default(),
            entries: Vec::with_capacity(total),
        };
        let sources = [self, other];
        let mut moved = sources.map(|source| vec![0_u32; source.rows.len()]);
        let mut counts = vec![0_u32; accounts as usize];
        for account in 0..accounts {
            let mut runs = sources.map(|source| source.out.range(account));
            counts[account as usize] = runs.iter().map(|run| run.len() as u32).sum();
            while let Some(from) = earlier(sources, &runs, |_, at| at) {
                let source = sources[from];
                let at = runs[from].start;
                runs[from].start += 1;
                moved[from][at] = merged.rows.len() as u32;
                let tick = (source.base - base) as u32 + source.rows[at].tick;
                merged.rows.push(Row {
                    tick,
                    ..source.rows[at]
                });
                merged.seqs.push(source.seqs[at]);
                merged.channels.push(source.channels[at]);
            }
        }
        merged.out = Index::from_counts(&counts);
        for account in 0..accounts {
            let mut runs = sources.map(|source| source.into.range(account));
            counts[account as usize] = runs.iter().map(|run| run.len() as u32).sum();
            while let Some(from) =
                earlier(sources, &runs, |source, at| source.entries[at].row as usize)
            {
                let entry = sources[from].entries[runs[from].start];
                runs[from].start += 1;
                merged.entries.push(Entry {
                    src: entry.src,
                    row: moved[from][entry.row as usize],
                });
            }
        }
        merged.into = Index::from_counts(&counts);
        merged
    }

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

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.rows.capacity() * size_of::<Row>()
            + self.entries.capacity() * size_of::<Entry>()
            + self.seqs.capacity() * 4
            + self.channels.capacity()
            + self.out.bytes()
            + self.into.bytes()
    }
}

/// Which of two runs holds the earlier transfer, if any is left.
fn earlier(
    sources: [&Segment; 2],
    runs: &[std::ops::Range<usize>; 2],
    row_of: impl Fn(&Segment, usize) -> usize,
) -> Option<usize> {
    match (runs[0].is_empty(), runs[1].is_empty()) {
        (true, true) => None,
        (false, true) => Some(0),
        (true, false) => Some(1),
        (false, false) => {
            let keys = [0, 1].map(|side: usize| {
                let row = row_of(sources[side], runs[side].start);
                (sources[side].time(row), sources[side].seqs[row])
            });
            Some(usize::from(keys[1] < keys[0]))
        }
    }
}

fn into_starts(counts: &mut [u32]) {
    let mut next = 0;
    for count in counts {
        next += std::mem::replace(count, next);
    }
}
