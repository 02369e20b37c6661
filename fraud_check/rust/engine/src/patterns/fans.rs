//! Shapes around one account: fan-out, fan-in, gather-scatter.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Finding, Looking, Shape};
use crate::transfer::Transfer;

impl Looking<'_> {
    /// The stretch of the window's length with the most counterparties; the earliest of equals.
    pub(super) fn fan(&mut self, account: u32) -> Option<Finding> {
        let receipts = self.asked.shape == Shape::FanIn;
        let rows = self.transfers(account, receipts, self.after());
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
        let paid = self.transfers(account, true, self.after());
        if paid.len() < self.asked.size {
            return None;
        }
        let pays = self.transfers(account, false, self.after());
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

/// The first transfer of each counterparty, up to so many counterparties.
fn first_of_each(
    rows: &[Transfer],
    other: impl Fn(&Transfer) -> u32,
    most: usize,
) -> Vec<Transfer> {
    let mut seen = FxHashSet::default();
    rows.iter()
        .filter(|row| seen.insert(other(row)))
        .take(most)
        .copied()
        .collect()
}
