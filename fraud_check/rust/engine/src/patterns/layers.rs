//! Shapes in which several accounts stand side by side: many to many, stack.

use rustc_hash::{FxHashMap, FxHashSet};

use super::source::{Side, Source};
use super::{Finding, Looking, first_of_each, within};
use crate::transfer::Transfer;

/// Rows of several accounts, each in order.
type Rows = FxHashMap<u32, Vec<Transfer>>;

impl<S: Source> Looking<'_, S> {
    /// The earliest stretch, from a payment of the account on, in which enough pay enough of those whom it pays.
    pub(super) fn bipartite(&mut self, account: u32) -> Option<Finding> {
        let size = self.asked.size;
        let pays = self.all(account, Side::Payments);
        let paid = first_of_each(&pays, |row| row.dst, usize::MAX);
        if paid.len() < size {
            return None;
        }
        let (begin, end) = self.span(&pays);
        let mut into = Rows::default();
        for row in &paid {
            into.insert(row.dst, self.transfers(row.dst, Side::Receipts, begin, end));
        }
        // Most accounts end here: nobody else pays enough of the same, whenever.
        if shared(into.values().flatten(), |row| (row.src, row.dst), size).len() < size {
            return None;
        }
        starts(&pays).find_map(|from| {
            let to = from.saturating_add(self.asked.window);
            let paid = first_of_each(within(&pays, from, to), |row| row.dst, usize::MAX);
            let near: Vec<&Transfer> = paid
                .iter()
                .flat_map(|row| within(&into[&row.dst], from, to))
                .collect();
            let payers = shared(near.iter().copied(), |row| (row.src, row.dst), size);
            if !payers.contains(&account) || payers.len() < size {
                return None;
            }
            let mut evidence: Vec<Transfer> = near
                .into_iter()
                .filter(|row| payers.contains(&row.src))
                .copied()
                .collect();
            in_order(&mut evidence);
            let mut seen = FxHashSet::default();
            evidence.retain(|row| seen.insert((row.src, row.dst)));
            Some(Finding {
                account,
                gathered_at: None,
                size: payers.len(),
                evidence,
            })
        })
    }

    /// The earliest stretch, from a receipt of the account on, in which enough mules stand beside it, itself among them.
    pub(super) fn stack(&mut self, account: u32) -> Option<Finding> {
        let size = self.asked.size;
        let paid = self.all(account, Side::Receipts);
        if paid.len() < size {
            return None;
        }
        let (begin, end) = self.span(&paid);
        let pays = self.transfers(account, Side::Payments, begin, end);
        if pays.len() < size || self.gather_scatter(account).is_none() {
            return None;
        }
        // Who is paid by enough of the same, whenever; then their rows, and in each stretch whether they are mules.
        let mut beside: Vec<Transfer> = Vec::new();
        for row in first_of_each(&paid, |row| row.src, usize::MAX) {
            beside.extend(self.transfers(row.src, Side::Payments, begin, end));
        }
        let alike = shared(&beside, |row| (row.dst, row.src), size);
        if alike.len() < size || !alike.contains(&account) {
            return None;
        }
        beside.retain(|row| alike.contains(&row.dst));
        in_order(&mut beside);
        let (mut into, mut out) = (Rows::default(), Rows::default());
        for row in beside {
            into.entry(row.dst).or_default().push(row);
        }
        for &mule in &alike {
            out.insert(mule, self.transfers(mule, Side::Payments, begin, end));
        }
        starts(&paid).find_map(|from| {
            let to = from.saturating_add(self.asked.window);
            let above = first_of_each(within(&paid, from, to), |row| row.src, usize::MAX);
            let below = first_of_each(within(&pays, from, to), |row| row.dst, usize::MAX);
            let payers: FxHashSet<u32> = above.iter().map(|row| row.src).collect();
            let payees: FxHashSet<u32> = below.iter().map(|row| row.dst).collect();
            let passed = |mule: u32| {
                let near = within(into.get(&mule)?, from, to).iter();
                let gathered = first_of_each(
                    near.filter(|row| payers.contains(&row.src)),
                    |row| row.src,
                    size,
                );
                let last = gathered.get(size - 1)?.time;
                let onward = within(out.get(&mule)?, last + 1, to).iter();
                let scattered = first_of_each(
                    onward.filter(|row| payees.contains(&row.dst)),
                    |row| row.dst,
                    usize::MAX,
                );
                (scattered.len() >= size).then(|| gathered.into_iter().chain(scattered))
            };
            let _ = passed(account)?;
            let mules: Vec<_> = alike.iter().filter_map(|mule| passed(*mule)).collect();
            (mules.len() >= size).then(|| {
                let count = mules.len();
                let mut evidence: Vec<Transfer> = mules.into_iter().flatten().collect();
                evidence.extend(above.into_iter().chain(below));
                in_order(&mut evidence);
                evidence.dedup_by_key(|row| row.seq);
                Finding {
                    account,
                    gathered_at: None,
                    size: count,
                    evidence,
                }
            })
        })
    }

    /// From the first of these rows to the end of the last one's stretch.
    fn span(&self, rows: &[Transfer]) -> (i64, i64) {
        let first = rows.first().map_or(0, |row| row.time);
        let last = rows.last().map_or(0, |row| row.time);
        (first, last.saturating_add(self.asked.window))
    }
}

/// When a stretch may begin.
fn starts(rows: &[Transfer]) -> impl Iterator<Item = i64> {
    let mut times: Vec<i64> = rows.iter().map(|row| row.time).collect();
    times.dedup();
    times.into_iter()
}

/// Sort by time and order of arrival.
fn in_order(rows: &mut [Transfer]) {
    rows.sort_unstable_by_key(|row| (row.time, row.seq));
}

/// Accounts that are met with at least `least` different others.
fn shared<'a>(
    rows: impl IntoIterator<Item = &'a Transfer>,
    pair: impl Fn(&Transfer) -> (u32, u32),
    least: usize,
) -> FxHashSet<u32> {
    let mut seen: FxHashSet<(u32, u32)> = FxHashSet::default();
    let mut counts: FxHashMap<u32, usize> = FxHashMap::default();
    for row in rows {
        let (one, other) = pair(row);
        if seen.insert((one, other)) {
            *counts.entry(one).or_default() += 1;
        }
    }
    counts
        .into_iter()
        .filter(|(_, count)| *count >= least)
        .map(|(one, _)| one)
        .collect()
}
