//! Shapes over several accounts: scatter-gather, cycle.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use super::source::{Side, Source};
use super::{Finding, Looking};
use crate::transfer::{MAX_TIME, Transfer};

impl<S: Source> Looking<'_, S> {
    /// For each account at which enough of the payments are gathered, the stretch with the most; the earliest of equals.
    pub(super) fn scatter_gather(&mut self, account: u32) -> Vec<Finding> {
        let pays = self.all(account, Side::Payments);
        if pays.len() < self.asked.size {
            return Vec::new();
        }
        let mut ends: FxHashMap<u32, i64> = FxHashMap::default();
        for pay in &pays {
            ends.insert(pay.dst, pay.time.saturating_add(self.asked.window));
        }
        let mut between: FxHashMap<u32, Vec<Transfer>> = FxHashMap::default();
        for pay in &pays {
            if let Entry::Vacant(slot) = between.entry(pay.dst) {
                let until = ends[&pay.dst];
                slot.insert(self.transfers(pay.dst, Side::Payments, pay.time + 1, until));
            }
        }
        let mut pairs: FxHashMap<u32, Vec<(Transfer, Transfer)>> = FxHashMap::default();
        for pay in &pays {
            let onward = &between[&pay.dst];
            let from = onward.partition_point(|row| row.time <= pay.time);
            let near = onward[from..]
                .iter()
                .take_while(|row| row.time - pay.time <= self.asked.window);
            for row in near.filter(|row| row.dst != account) {
                pairs.entry(row.dst).or_default().push((*pay, *row));
            }
        }
        let mut found: Vec<Finding> = pairs
            .into_iter()
            .filter_map(|(target, pairs)| self.gathered(account, target, &pairs))
            .collect();
        found.sort_unstable_by_key(|finding| finding.gathered_at);
        found
    }

    fn gathered(
        &self,
        account: u32,
        target: u32,
        pairs: &[(Transfer, Transfer)],
    ) -> Option<Finding> {
        let mut best: Vec<(Transfer, Transfer)> = Vec::new();
        for (first, _) in pairs {
            let until = first.time + self.asked.window;
            let mut each: FxHashMap<u32, (Transfer, Transfer)> = FxHashMap::default();
            // Pairs come in order of the payment, then of the one onward: the first that fits is the earliest.
            for pair in pairs
                .iter()
                .filter(|pair| pair.0.time >= first.time && pair.1.time <= until)
            {
                each.entry(pair.0.dst).or_insert(*pair);
            }
            if each.len() > best.len() {
                best = each.into_values().collect();
            }
        }
        (best.len() >= self.asked.size).then(|| {
            let mut evidence: Vec<Transfer> =
                best.iter().flat_map(|pair| [pair.0, pair.1]).collect();
            evidence.sort_unstable_by_key(|row| (row.time, row.seq));
            Finding {
                account,
                gathered_at: Some(target),
                size: best.len(),
                evidence,
            }
        })
    }

    /// The shortest way back to the account; the earliest of equals.
    pub(super) fn cycle(&mut self, account: u32) -> Option<Finding> {
        let pays = self.all(account, Side::Payments);
        let first = pays.first()?.time;
        if self
            .transfers(account, Side::Receipts, first + 1, MAX_TIME)
            .is_empty()
        {
            return None;
        }
        let mut best: Option<Vec<Transfer>> = None;
        for pay in &pays {
            let most = best
                .as_ref()
                .map_or(usize::from(self.asked.max_hops), |path| path.len() - 1);
            if most < 2 {
                break;
            }
            if let Some(path) = self.way_back(pay, most) {
                best = Some(path);
            }
        }
        best.map(|evidence| Finding {
            account,
            gathered_at: None,
            size: evidence.len(),
            evidence,
        })
    }

    /// The shortest walk of at most `most` transfers that begins with this payment and ends at its payer in time.
    fn way_back(&mut self, pay: &Transfer, most: usize) -> Option<Vec<Transfer>> {
        let until = pay.time.saturating_add(self.asked.window);
        let mut steps: Vec<(Transfer, usize)> = vec![(*pay, usize::MAX)];
        let mut reached: FxHashMap<u32, i64> = FxHashMap::from_iter([(pay.dst, pay.time)]);
        let mut frontier = vec![0_usize];
        for _ in 1..most {
            let mut next: FxHashMap<u32, usize> = FxHashMap::default();
            for from in frontier {
                let (step, _) = steps[from];
                for row in self.transfers(step.dst, Side::Payments, step.time + 1, until) {
                    if row.dst == pay.src {
                        steps.push((row, from));
                        return Some(walked(&steps));
                    }
                    if reached.get(&row.dst).is_none_or(|known| row.time < *known) {
                        reached.insert(row.dst, row.time);
                        steps.push((row, from));
                        next.insert(row.dst, steps.len() - 1);
                    }
                }
            }
            frontier = next.into_values().collect();
            frontier.sort_unstable();
        }
        None
    }
}

/// The walk that ends with the last step.
fn walked(steps: &[(Transfer, usize)]) -> Vec<Transfer> {
    let mut at = steps.len() - 1;
    let mut path = Vec::new();
    while let Some((step, before)) = steps.get(at) {
        path.push(*step);
        at = *before;
    }
    path.reverse();
    path
}
