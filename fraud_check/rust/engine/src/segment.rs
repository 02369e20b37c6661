//! An immutable stretch of transfers, laid out for both directions.
//!
//! A row is 16 bytes, sorted by (src, time, seq): one account's payments are one run of memory in time order. The other
//! direction holds 8 bytes a transfer and points at the rows. With sequence number and channel that is 29 bytes.
//! Times are 32-bit offsets from the segment's first, so a segment spans less than 2^32 ticks.

use std::sync::Arc;

use crate::column::Column;
use crate::index::Index;
use crate::transfer::Transfer;

/// Rows fewer than one in this many accounts are sorted, not counted.
const SPARSE: usize = 4;

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
    pub(crate) rows: Column<Row>,
    pub(crate) seqs: Column<u32>,
    pub(crate) channels: Column<u8>,
    pub(crate) into: Index,
    pub(crate) entries: Column<Entry>,
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
        let most = transfers
            .iter()
            .map(|row| row.src.max(row.dst))
            .max()
            .unwrap_or(0);
        let accounts = most as usize + 1;
        if transfers.len() < accounts / SPARSE {
            return Self::build_sparse(transfers, base, last);
        }
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
            rows: rows.into(),
            seqs: seqs.into(),
            channels: channels.into(),
            into,
            entries: entries.into(),
        }
    }

    /// Few rows among many accounts: sorting them costs less than counting all accounts.
    fn build_sparse(transfers: &[Transfer], base: i64, last: i64) -> Self {
        let keys: Vec<u32> = transfers.iter().map(|one| one.src).collect();
        let order = stable_order(&keys);
        let sorted = || order.iter().map(|at| &transfers[*at as usize]);
        let row = |one: &Transfer| Row {
            amount: one.amount,
            dst: one.dst,
            tick: (one.time - base) as u32,
        };
        let mut places = vec![0_u32; transfers.len()];
        order
            .iter()
            .zip(0..)
            .for_each(|(at, place)| places[*at as usize] = place);
        let rows: Vec<Row> = sorted().map(row).collect();
        let seqs: Vec<u32> = sorted().map(|one| one.seq).collect();
        let channels: Vec<u8> = sorted().map(|one| one.channel).collect();
        let out = Index::from_sorted(sorted().map(|one| one.src));
        let keys: Vec<u32> = transfers.iter().map(|one| one.dst).collect();
        let order = stable_order(&keys);
        let into = Index::from_sorted(order.iter().map(|at| transfers[*at as usize].dst));
        let entry = |at: &u32| Entry {
            src: transfers[*at as usize].src,
            row: places[*at as usize],
        };
        let entries: Vec<Entry> = order.iter().map(entry).collect();
        Self {
            base,
            last,
            out,
            rows: rows.into(),
            seqs: seqs.into(),
            channels: channels.into(),
            into,
            entries: entries.into(),
        }
    }

    /// Whether all together span less than 2^32 ticks and rows.
    pub(crate) fn fit_together(sources: &[Arc<Self>]) -> bool {
        let base = sources.iter().map(|source| source.base).min().unwrap_or(0);
        let last = sources.iter().map(|source| source.last).max().unwrap_or(0);
        let rows: usize = sources.iter().map(|source| source.rows.len()).sum();
        last - base <= i64::from(u32::MAX) && rows < u32::MAX as usize
    }

    /// Merge segments that fit together, account by account: both sides stay sorted by (time, seq).
    pub(crate) fn merge(sources: &[Arc<Self>]) -> Self {
        let base = sources.iter().map(|source| source.base).min().unwrap_or(0);
        let last = sources.iter().map(|source| source.last).max().unwrap_or(0);
        let total = sources.iter().map(|source| source.rows.len()).sum();
        let mut rows = Vec::with_capacity(total);
        let mut seqs = Vec::with_capacity(total);
        let mut channels = Vec::with_capacity(total);
        let mut entries = Vec::with_capacity(total);
        let mut moved: Vec<Vec<u32>> = sources
            .iter()
            .map(|source| vec![0; source.rows.len()])
            .collect();
        let outs: Vec<&Index> = sources.iter().map(|source| &source.out).collect();
        let intos: Vec<&Index> = sources.iter().map(|source| &source.into).collect();
        let mut payers = Vec::with_capacity(total);
        let mut together: Vec<Origin> = Vec::new();
        let in_order = follow_one_another(sources);
        for account in Index::any_of(&outs) {
            if in_order {
                for (source, moved) in sources.iter().zip(&mut moved) {
                    let run = source.out.range(account);
                    let shift = (source.base - base) as u32;
                    let first = rows.len() as u32;
                    moved[run.clone()]
                        .iter_mut()
                        .zip(first..)
                        .for_each(|(place, to)| *place = to);
                    rows.extend(source.rows[run.clone()].iter().map(|row| Row {
                        tick: row.tick + shift,
                        ..*row
                    }));
                    seqs.extend_from_slice(&source.seqs[run.clone()]);
                    channels.extend_from_slice(&source.channels[run]);
                }
                payers.resize(rows.len(), account);
                continue;
            }
            collect(
                sources,
                &mut together,
                |source| source.out.range(account),
                |_, at| at,
            );
            for origin in &together {
                let source = &sources[origin.source];
                moved[origin.source][origin.at] = rows.len() as u32;
                let tick = (origin.time - base) as u32;
                rows.push(Row {
                    tick,
                    ..source.rows[origin.at]
                });
                seqs.push(origin.seq);
                channels.push(source.channels[origin.at]);
                payers.push(account);
            }
        }
        let out = Index::from_sorted(payers.into_iter());
        let mut receivers = Vec::with_capacity(total);
        for account in Index::any_of(&intos) {
            if in_order {
                for (source, moved) in sources.iter().zip(&moved) {
                    let run = source.entries[source.into.range(account)].iter();
                    entries.extend(run.map(|entry| Entry {
                        src: entry.src,
                        row: moved[entry.row as usize],
                    }));
                }
                receivers.resize(entries.len(), account);
                continue;
            }
            let row_of = |source: &Self, at: usize| source.entries[at].row as usize;
            collect(
                sources,
                &mut together,
                |source| source.into.range(account),
                row_of,
            );
            for origin in &together {
                let Entry { src, row } = sources[origin.source].entries[origin.at];
                entries.push(Entry {
                    src,
                    row: moved[origin.source][row as usize],
                });
                receivers.push(account);
            }
        }
        let into = Index::from_sorted(receivers.into_iter());
        Self {
            base,
            last,
            out,
            rows: rows.into(),
            seqs: seqs.into(),
            channels: channels.into(),
            into,
            entries: entries.into(),
        }
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

    /// Bytes of the heap that are held.
    pub(crate) fn bytes(&self) -> usize {
        let rows = self.rows.heap() + self.seqs.heap() + self.channels.heap();
        rows + self.entries.heap() + self.out.bytes() + self.into.bytes()
    }
}

/// Whether each source lies after the one before it in (time, seq), so that runs need only be put end to end.
fn follow_one_another(sources: &[Arc<Segment>]) -> bool {
    sources.windows(2).all(|pair| {
        let [one, next] = pair else { return true };
        one.last < next.base
            || (one.last == next.base && one.seqs.iter().max() < next.seqs.iter().min())
    })
}

/// The places of keys in ascending order, equal ones in the order in which they stand.
fn stable_order(keys: &[u32]) -> Vec<u32> {
    const BITS: u32 = 11;
    let mut order: Vec<u32> = (0..keys.len() as u32).collect();
    let mut sorted = vec![0_u32; keys.len()];
    let most = keys.iter().copied().max().unwrap_or(0);
    let mut shift = 0;
    while shift < u32::BITS && most >> shift > 0 {
        let digit = |at: u32| (keys[at as usize] >> shift) as usize & ((1 << BITS) - 1);
        let mut starts = vec![0_u32; 1 << BITS];
        order.iter().for_each(|at| starts[digit(*at)] += 1);
        into_starts(&mut starts);
        for at in &order {
            let next = &mut starts[digit(*at)];
            sorted[*next as usize] = *at;
            *next += 1;
        }
        std::mem::swap(&mut order, &mut sorted);
        shift += BITS;
    }
    order
}

/// Where a transfer lay before a merge.
struct Origin {
    time: i64,
    seq: u32,
    source: usize,
    at: usize,
}

/// One account's transfers of all sources, in order.
fn collect(
    sources: &[Arc<Segment>],
    together: &mut Vec<Origin>,
    run: impl Fn(&Segment) -> std::ops::Range<usize>,
    row_of: impl Fn(&Segment, usize) -> usize,
) {
    together.clear();
    for (source, segment) in sources.iter().enumerate() {
        together.extend(run(segment).map(|at| {
            let row = row_of(segment, at);
            Origin {
                time: segment.time(row),
                seq: segment.seqs[row],
                source,
                at,
            }
        }));
    }
    let key = |origin: &Origin| (origin.time, origin.seq);
    if !together.is_sorted_by_key(key) {
        together.sort_unstable_by_key(key);
    }
}

fn into_starts(counts: &mut [u32]) {
    let mut next = 0;
    for count in counts {
        next += std::mem::replace(count, next);
    }
}

#[cfg(test)]
mod tests {
    use super::stable_order;

    #[test]
    fn places_ascend_by_key_and_equal_keys_keep_their_order() {
        let keys: Vec<u32> = (0..5_000_u32)
            .map(|at| at.wrapping_mul(2_654_435_761) >> (at % 30))
            .collect();
        let mut expected: Vec<u32> = (0..5_000).collect();
        expected.sort_by_key(|at| keys[*at as usize]);
        assert_eq!(stable_order(&keys), expected);
        assert_eq!(stable_order(&[0, 0]), [0, 1]);
        assert!(stable_order(&[]).is_empty());
    }
}
