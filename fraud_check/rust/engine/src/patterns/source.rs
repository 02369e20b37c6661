//! Where a search for shapes reads: the graph, or what a watch remembers of it.

use std::ops::Range;

use crate::graph::Graph;
use crate::transfer::Transfer;

/// Which of an account's transfers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// What it pays.
    Payments,
    /// What it is paid.
    Receipts,
}

impl Side {
    /// The other party of a transfer of this side.
    pub fn other(self, transfer: &Transfer) -> u32 {
        match self {
            Self::Payments => transfer.dst,
            Self::Receipts => transfer.src,
        }
    }
}

/// Transfers by account, side and time; times are inclusive.
pub(super) trait Source {
    /// How many there are in a stretch of time.
    fn count(&self, account: u32, side: Side, from: i64, to: i64) -> usize;
    /// Visit them, in any order.
    fn read(&self, account: u32, side: Side, from: i64, to: i64, visit: &mut dyn FnMut(Transfer));
}

impl Graph {
    /// Visit, per segment, where the account's transfers of a stretch of time lie: the segment's number and a range.
    fn stretches(
        &self,
        account: u32,
        side: Side,
        from: i64,
        to: i64,
        mut visit: impl FnMut(usize, Range<usize>),
    ) {
        for (number, segment) in self.segments.iter().enumerate() {
            if segment.last < from || segment.base > to {
                continue;
            }
            let run = match side {
                Side::Payments => segment.out.range(account),
                Side::Receipts => segment.into.range(account),
            };
            let time = |at: usize| match side {
                Side::Payments => segment.time(at),
                Side::Receipts => segment.time(segment.entries[at].row as usize),
            };
            let first = first_not(run.clone(), |at| time(at) < from);
            let until = first_not(first..run.end, |at| time(at) <= to);
            if first < until {
                visit(number, first..until);
            }
        }
    }

    /// The newest transfers of the account in a stretch of time.
    fn newest_within(
        &self,
        account: u32,
        side: Side,
        from: i64,
        to: i64,
        mut visit: impl FnMut(Transfer),
    ) {
        let mut take = |rows: &mut dyn Iterator<Item = (u32, &Transfer)>| {
            rows.map(|(_, transfer)| *transfer)
                .take_while(|transfer| transfer.time >= from)
                .filter(|transfer| transfer.time <= to)
                .for_each(&mut visit);
        };
        match side {
            Side::Payments => take(&mut self.tail.payments(account)),
            Side::Receipts => take(&mut self.tail.receipts(account)),
        }
    }
}

impl Source for Graph {
    fn count(&self, account: u32, side: Side, from: i64, to: i64) -> usize {
        let mut count = 0;
        self.stretches(account, side, from, to, |_, run| count += run.len());
        self.newest_within(account, side, from, to, |_| count += 1);
        count
    }

    fn read(&self, account: u32, side: Side, from: i64, to: i64, visit: &mut dyn FnMut(Transfer)) {
        self.stretches(account, side, from, to, |number, run| {
            let segment = &self.segments[number];
            for at in run {
                visit(match side {
                    Side::Payments => segment.transfer(account, at),
                    Side::Receipts => {
                        let entry = segment.entries[at];
                        segment.transfer(entry.src, entry.row as usize)
                    }
                });
            }
        });
        self.newest_within(account, side, from, to, visit);
    }
}

/// The first place of a range at which a condition, once true and then not, no longer holds.
fn first_not(range: Range<usize>, holds: impl Fn(usize) -> bool) -> usize {
    let Range {
        start: mut low,
        end: mut high,
    } = range;
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
