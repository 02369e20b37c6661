//! The transfers of the last windows, by account and side, in order of time.

use std::collections::VecDeque;

use crate::patterns::source::{Side, Source};
use crate::transfer::Transfer;

/// A lane holds no fewer than this many before all of them are looked through for what is over.
const FEWEST: usize = 65_536;

type Lane = VecDeque<Transfer>;

/// What a watch remembers.
#[derive(Debug, Default)]
pub(super) struct Recent {
    lanes: Vec<[Lane; 2]>,
    held: usize,
    after_sweep: usize,
}

impl Recent {
    /// Have lanes for accounts up to this many.
    pub fn know(&mut self, accounts: u32) {
        if self.lanes.len() < accounts as usize {
            self.lanes.resize_with(accounts as usize, Default::default);
        }
    }

    /// How many accounts have lanes.
    pub fn accounts(&self) -> usize {
        self.lanes.len()
    }

    /// Remember a transfer; what its accounts remember from before `horizon` is forgotten.
    pub fn insert(&mut self, transfer: Transfer, horizon: i64) {
        for (side, account) in [transfer.src, transfer.dst].into_iter().enumerate() {
            let lane = &mut self.lanes[account as usize][side];
            while lane.front().is_some_and(|row| row.time < horizon) {
                lane.pop_front();
                self.held -= 1;
            }
            let key = (transfer.time, transfer.seq);
            if lane.back().is_none_or(|row| (row.time, row.seq) < key) {
                lane.push_back(transfer);
            } else {
                let at = lane.partition_point(|row| (row.time, row.seq) < key);
                lane.insert(at, transfer);
            }
            self.held += 1;
        }
    }

    /// Whether enough was remembered since the last sweep that another is worth its time.
    pub fn is_due(&self) -> bool {
        self.held > 2 * self.after_sweep + FEWEST
    }

    /// Forget what is before the horizon; and, if there are still too many, the oldest, which are counted.
    pub fn sweep(&mut self, horizon: i64, max_rows: usize) -> u64 {
        self.forget(horizon);
        let mut early = 0;
        if self.held / 2 > max_rows {
            let payments = self.lanes.iter().flat_map(|[payments, _]| payments);
            let mut times: Vec<i64> = payments.map(|row| row.time).collect();
            let excess = times.len().saturating_sub(max_rows);
            if excess > 0 {
                let before = self.held;
                let (_, cut, _) = times.select_nth_unstable(excess - 1);
                let cut = *cut + 1;
                self.forget(cut);
                early = (before - self.held) as u64 / 2;
            }
        }
        self.after_sweep = self.held;
        early
    }

    fn forget(&mut self, horizon: i64) {
        self.held = 0;
        for lane in self.lanes.iter_mut().flatten() {
            while lane.front().is_some_and(|row| row.time < horizon) {
                lane.pop_front();
            }
            self.held += lane.len();
            if lane.capacity() > 8 && lane.capacity() > 4 * lane.len() {
                lane.shrink_to(2 * lane.len());
            } else if lane.is_empty() {
                *lane = Lane::new();
            }
        }
    }

    /// How many transfers of this side the account has at most.
    pub fn most(&self, account: u32, side: Side) -> usize {
        self.lane(account, side).map_or(0, VecDeque::len)
    }

    /// The account's transfers since a time, latest first.
    pub fn latest(&self, account: u32, side: Side, from: i64) -> impl Iterator<Item = &Transfer> {
        let rows = self.lane(account, side).into_iter().flatten().rev();
        rows.take_while(move |row| row.time >= from)
    }

    fn lane(&self, account: u32, side: Side) -> Option<&Lane> {
        let [payments, receipts] = self.lanes.get(account as usize)?;
        Some(match side {
            Side::Payments => payments,
            Side::Receipts => receipts,
        })
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let rows: usize = self.lanes.iter().flatten().map(VecDeque::capacity).sum();
        self.lanes.capacity() * size_of::<[Lane; 2]>() + rows * size_of::<Transfer>()
    }
}

/// What is remembered, perhaps without one transfer.
pub(super) struct View<'a> {
    recent: &'a Recent,
    hidden: Option<u32>,
}

impl<'a> View<'a> {
    pub fn new(recent: &'a Recent, hidden: Option<u32>) -> Self {
        Self { recent, hidden }
    }
}

impl Source for View<'_> {
    fn count(&self, account: u32, side: Side, from: i64, to: i64) -> usize {
        self.recent.lane(account, side).map_or(0, |lane| {
            let first = lane.partition_point(|row| row.time < from);
            lane.partition_point(|row| row.time <= to)
                .saturating_sub(first)
        })
    }

    fn read(&self, account: u32, side: Side, from: i64, to: i64, visit: &mut dyn FnMut(Transfer)) {
        let Some(lane) = self.recent.lane(account, side) else {
            return;
        };
        let first = lane.partition_point(|row| row.time < from);
        let until = lane.partition_point(|row| row.time <= to);
        lane.range(first..until.max(first))
            .filter(|row| self.hidden != Some(row.seq))
            .for_each(|row| visit(*row));
    }
}
