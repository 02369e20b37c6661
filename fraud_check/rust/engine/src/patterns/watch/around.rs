//! Which accounts a late transfer can concern: all that are near enough, since it may lie anywhere in a shape.

use rustc_hash::FxHashMap;

use super::recent::{Recent, View};
use crate::patterns::source::{Side, Source};
use crate::patterns::{Patterns, Shape};
use crate::transfer::Transfer;

/// Accounts around which a shape may be new with this transfer; `near` is bounded to one window around it.
pub(super) fn anchors(
    recent: &Recent,
    near: &Patterns,
    transfer: &Transfer,
    skipped: &mut u64,
) -> Vec<u32> {
    let &Transfer { src, dst, .. } = transfer;
    let mut others = |account, side| others(recent, near, account, side, skipped);
    let mut found = match near.shape {
        Shape::FanOut => vec![src],
        Shape::FanIn => vec![dst],
        Shape::GatherScatter => vec![src, dst],
        Shape::ScatterGather => [vec![src], others(src, Side::Receipts)].concat(),
        Shape::Bipartite => [vec![src], others(dst, Side::Receipts)].concat(),
        Shape::Stack => [others(src, Side::Payments), others(dst, Side::Receipts)].concat(),
        Shape::Cycle => behind(recent, near, transfer, skipped),
    };
    found.sort_unstable();
    found.dedup();
    found
}

/// The other parties of an account's transfers.
fn others(
    recent: &Recent,
    near: &Patterns,
    account: u32,
    side: Side,
    skipped: &mut u64,
) -> Vec<u32> {
    rows(recent, near, account, side, i64::MAX, skipped)
        .iter()
        .map(|row| side.other(row))
        .collect()
}

/// An account's transfers that count before a time; none if there are too many.
fn rows(
    recent: &Recent,
    near: &Patterns,
    account: u32,
    side: Side,
    before: i64,
    skipped: &mut u64,
) -> Vec<Transfer> {
    let view = View::new(recent, None);
    let (from, to) = (
        near.start.unwrap_or(i64::MIN),
        near.end.unwrap_or(i64::MAX).min(before - 1),
    );
    let mut rows = Vec::new();
    if view.count(account, side, from, to) > near.max_degree {
        *skipped += 1;
        return rows;
    }
    view.read(account, side, from, to, &mut |row| {
        if near.counts(&row) {
            rows.push(row);
        }
    });
    rows
}

/// Accounts whose money can have gone on with this transfer, and its payer: a cycle may start at each.
fn behind(recent: &Recent, near: &Patterns, transfer: &Transfer, skipped: &mut u64) -> Vec<u32> {
    let mut latest: FxHashMap<u32, i64> = FxHashMap::from_iter([(transfer.src, transfer.time)]);
    let mut frontier = vec![(transfer.src, transfer.time)];
    for _ in 1..near.max_hops {
        let mut next = Vec::new();
        for (account, before) in frontier {
            for row in rows(recent, near, account, Side::Receipts, before, skipped) {
                let known = latest.entry(row.src).or_insert(i64::MIN);
                if row.time > *known {
                    *known = row.time;
                    next.push((row.src, row.time));
                }
            }
        }
        frontier = next;
    }
    latest.into_keys().collect()
}
