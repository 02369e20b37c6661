//! A segment from transfers that come in order of (time, seq).
//!
//! Their places are sorted by payer and by receiver, and the rows then taken from where they stand: one read of memory
//! out of order for each row, whatever the number of accounts.

use super::{Entry, Row, Segment};
use crate::index::Index;
use crate::radix::{Placed, Radix};
use crate::transfer::Transfer;

/// Columns of transfers in order of (time, seq).
#[derive(Debug, Clone, Copy)]
pub(crate) struct InOrder<'a> {
    pub src: &'a [u32],
    pub dst: &'a [u32],
    pub time: &'a [i64],
    pub amount: &'a [i64],
    pub channel: Option<&'a [u8]>,
    pub seqs: Seqs<'a>,
}

/// Sequence numbers: one after the other from the first, or as listed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Seqs<'a> {
    From(u32),
    Listed(&'a [u32]),
}

/// The same transfers as columns of their own.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    src: Vec<u32>,
    dst: Vec<u32>,
    time: Vec<i64>,
    amount: Vec<i64>,
    channel: Vec<u8>,
    seqs: Vec<u32>,
}

impl Columns {
    pub fn of(transfers: &[Transfer]) -> Self {
        Self {
            src: transfers.iter().map(|one| one.src).collect(),
            dst: transfers.iter().map(|one| one.dst).collect(),
            time: transfers.iter().map(|one| one.time).collect(),
            amount: transfers.iter().map(|one| one.amount).collect(),
            channel: transfers.iter().map(|one| one.channel).collect(),
            seqs: transfers.iter().map(|one| one.seq).collect(),
        }
    }

    pub fn in_order(&self) -> InOrder<'_> {
        InOrder {
            src: &self.src,
            dst: &self.dst,
            time: &self.time,
            amount: &self.amount,
            channel: Some(&self.channel),
            seqs: Seqs::Listed(&self.seqs),
        }
    }
}

impl<'a> InOrder<'a> {
    /// The first rows, and the rest.
    fn split(self, at: usize) -> (Self, Self) {
        let (src, dst) = (self.src.split_at(at), self.dst.split_at(at));
        let (time, amount) = (self.time.split_at(at), self.amount.split_at(at));
        let channel = self.channel.map(|channel| channel.split_at(at));
        let seqs = match self.seqs {
            Seqs::From(first) => (Seqs::From(first), Seqs::From(first + at as u32)),
            Seqs::Listed(seqs) => {
                let (first, rest) = seqs.split_at(at);
                (Seqs::Listed(first), Seqs::Listed(rest))
            }
        };
        let part = |src, dst, time, amount, channel, seqs| InOrder::<'a> {
            src,
            dst,
            time,
            amount,
            channel,
            seqs,
        };
        (
            part(
                src.0,
                dst.0,
                time.0,
                amount.0,
                channel.map(|one| one.0),
                seqs.0,
            ),
            part(
                src.1,
                dst.1,
                time.1,
                amount.1,
                channel.map(|one| one.1),
                seqs.1,
            ),
        )
    }
}

impl Segment {
    /// Segments of the transfers: one for each span that 32 bits can count.
    pub(crate) fn build_all(transfers: InOrder<'_>) -> Vec<Self> {
        let mut rest = transfers;
        let mut built = Vec::new();
        let mut radix = Radix::default();
        while let Some(first) = rest.time.first() {
            let last = first + i64::from(u32::MAX);
            let (part, after) = rest.split(rest.time.partition_point(|time| *time <= last));
            built.push(Self::build(part, &mut radix));
            rest = after;
        }
        built
    }

    fn build(transfers: InOrder<'_>, radix: &mut Radix) -> Self {
        let InOrder {
            src,
            dst,
            time,
            amount,
            channel,
            seqs,
        } = transfers;
        let base = time.first().copied().unwrap_or(0);
        let last = time.last().copied().unwrap_or(0);
        let in_time: Vec<Row> = (amount.iter().zip(dst).zip(time))
            .map(|((&amount, &dst), &time)| Row {
                amount,
                dst,
                tick: (time - base) as u32,
            })
            .collect();
        let by_payer = radix.sort(src);
        let taken = || by_payer.iter().map(|placed| placed.at());
        let rows: Vec<Row> = taken().map(|at| in_time[at]).collect();
        let seqs: Vec<u32> = match seqs {
            Seqs::From(first) => taken().map(|at| first + at as u32).collect(),
            Seqs::Listed(seqs) => taken().map(|at| seqs[at]).collect(),
        };
        let channels: Vec<u8> = match channel {
            None => vec![0; src.len()],
            Some(channel) => taken().map(|at| channel[at]).collect(),
        };
        let mut in_time = vec![0_u32; src.len()];
        by_payer
            .iter()
            .zip(0..)
            .for_each(|(placed, row)| in_time[placed.at()] = row);
        let out = Index::of_sorted(by_payer.iter().map(|placed| placed.key()));
        let by_receiver = radix.sort(dst);
        let entry = |placed: &Placed| Entry {
            src: src[placed.at()],
            row: in_time[placed.at()],
        };
        let entries: Vec<Entry> = by_receiver.iter().map(entry).collect();
        let into = Index::of_sorted(by_receiver.iter().map(|placed| placed.key()));
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
}
