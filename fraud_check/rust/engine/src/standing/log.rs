//! What is known of one account near the warnings: its tainted receipts in order of time.

use super::MAX_STANDING_HOPS;
use crate::transfer::Transfer;

/// No walk.
pub(super) const NONE: i64 = i64::MIN;
/// A tainted receipt, with the latest start of a walk of one, two, three transfers that ends with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Receipt {
    pub time: i64,
    pub amount: i64,
    pub seq: u32,
    pub src: u32,
    pub channel: u8,
    pub starts: [i64; MAX_STANDING_HOPS],
}

/// What is known of one account near the warnings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Log {
    /// When its own taint starts, if it is a warning account.
    pub warned: Option<i64>,
    /// Ordered by (time, seq).
    pub receipts: Vec<Receipt>,
    /// Per receipt, the latest starts so far; may lag behind.
    pub latest: Vec<[i64; MAX_STANDING_HOPS]>,
}

impl Log {
    /// The latest start of a walk of `hops` transfers that arrived before `time`, rested no longer than allowed, and
    /// may be continued with a transfer at `time`.
    pub fn start_before(&self, hops: usize, time: i64, dwell: Option<i64>) -> i64 {
        if hops == 0 {
            return if self.warned.is_some_and(|from| from < time) {
                time
            } else {
                NONE
            };
        }
        let until = match self.receipts.last() {
            Some(last) if last.time < time => self.receipts.len(),
            _ => self.receipts.partition_point(|receipt| receipt.time < time),
        };
        let level = hops - 1;
        match dwell {
            None if until == 0 => NONE,
            None if until <= self.latest.len() => self.latest[until - 1][level],
            None => {
                let known = self.latest.last().map_or(NONE, |latest| latest[level]);
                let rest = &self.receipts[self.latest.len()..until];
                rest.iter()
                    .map(|receipt| receipt.starts[level])
                    .fold(known, i64::max)
            }
            Some(dwell) => {
                let recent = self.receipts[..until].iter().rev();
                let recent = recent.take_while(|receipt| time - receipt.time <= dwell);
                recent
                    .map(|receipt| receipt.starts[level])
                    .fold(NONE, i64::max)
            }
        }
    }

    /// Bring the running maxima up to date.
    pub fn catch_up(&mut self) {
        for receipt in &self.receipts[self.latest.len()..] {
            let mut starts = self
                .latest
                .last()
                .copied()
                .unwrap_or([NONE; MAX_STANDING_HOPS]);
            for (known, new) in starts.iter_mut().zip(receipt.starts) {
                *known = new.max(*known);
            }
            self.latest.push(starts);
        }
    }

    pub fn push(&mut self, receipt: Receipt) {
        self.receipts.push(receipt);
        self.catch_up();
    }

    /// Set one start of a transfer's receipt, making or removing the receipt; whether anything changed.
    pub fn set(&mut self, transfer: &Transfer, level: usize, start: i64) -> bool {
        let key = (transfer.time, transfer.seq);
        let place = self
            .receipts
            .partition_point(|receipt| (receipt.time, receipt.seq) < key);
        let there = self
            .receipts
            .get(place)
            .is_some_and(|receipt| receipt.seq == transfer.seq);
        if !there {
            if start == NONE {
                return false;
            }
            self.receipts.insert(place, Receipt::of(transfer));
        }
        let receipt = &mut self.receipts[place];
        if receipt.starts[level] == start {
            return false;
        }
        receipt.starts[level] = start;
        if receipt.starts == [NONE; MAX_STANDING_HOPS] {
            self.receipts.remove(place);
        }
        self.latest.truncate(place);
        true
    }

    pub fn is_empty(&self) -> bool {
        self.warned.is_none() && self.receipts.is_empty()
    }
}

impl Receipt {
    pub fn of(transfer: &Transfer) -> Self {
        let Transfer {
            time,
            amount,
            seq,
            src,
            channel,
            ..
        } = *transfer;
        Self {
            time,
            amount,
            seq,
            src,
            channel,
            starts: [NONE; MAX_STANDING_HOPS],
        }
    }

    pub fn transfer(&self, dst: u32) -> Transfer {
        let Self {
            time,
            amount,
            seq,
            src,
            channel,
            ..
        } = *self;
        Transfer {
            time,
            amount,
            seq,
            src,
            dst,
            channel,
        }
    }
}
