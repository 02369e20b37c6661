//! Shapes around one account: fan-out, fan-in, gather-scatter.

use rustc_hash::FxHashMap;

use super::source::{Side, Source};
use super::{Finding, Looking, Shape, first_of_each};
use crate::transfer::Transfer;

impl<S: Source> Looking<'_, S> {
    /// The stretch of the window's length with the most counterparties; the earliest of equals.
    pub(super) fn fan(&mut self, account: u32) -> Option<Finding> {
        let receipts = self.asked.shape == Shape::FanIn;
        let rows = self.all(
            account,
            if receipts {
                Side::Receipts
            } else {
                Side::Payments
            },
        );
        if rows.len() < self.asked.size {
            return None;
        }
        let other = |row: &Transfer| if receipts { row.src } else { row.dst };
        let mut inside: FxHashMap<u32, usize> = FxHashMap::default();
        let (mut first, mut best) = (0, (0, 0..0));
        for (last, row) in rows.iter().enumerate() {
            *inside.entry(other(row)).or_default() += 1;
            while row.time - rows[first].time > self.asked.window {
                let gone = other(&rows[first]);
                let left = inside.get_mut(&gone).map_or(0, |count| {
                    *count -= 1;
                    *count
                });
                if left == 0 {
                    inside.remove(&gone);
                }
                first += 1;
            }
            if inside.len() > best.0 {
                best = (inside.len(), first..last + 1);
            }
        }
        let (size, stretch) = best;
        (size >= self.asked.size).then(|| Finding {
            account,
            gathered_at: None,
            size,
            evidence: first_of_each(&rows[stretch], other, usize::MAX),
        })
    }

    /// The earliest stretch in which enough pay the account, and after the last of them it pays enough.
    pub(super) fn gather_scatter(&mut self, account: u32) -> Option<Finding> {
        let paid = self.all(account, Side::Receipts);
        if paid.len() < self.asked.size {
            return None;
        }
        let pays = self.all(account, Side::Payments);
        if pays.len() < self.asked.size {
            return None;
        }
        let size = self.asked.size;
        for first in 0..paid.len() {
            let until = paid[first].time + self.asked.window;
            let gathered = first_of_each(&paid[first..], |row| row.src, size);
            let Some(last) = gathered.get(size - 1).filter(|last| last.time <= until) else {
                continue;
            };
            let from = pays.partition_point(|row| row.time <= last.time);
            let to = pays.partition_point(|row| row.time <= until);
            let scattered = first_of_each(&pays[from..to.max(from)], |row| row.dst, usize::MAX);
            if scattered.len() >= size {
                let evidence = gathered.into_iter().chain(scattered).collect();
                return Some(Finding {
                    account,
                    gathered_at: None,
                    size,
                    evidence,
                });
            }
        }
        None
    }
}
