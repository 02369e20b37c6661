//! Reading one account's transfers within bounds of a walk's order, wherever they lie.

use std::ops::ControlFlow;

use crate::graph::Graph;
use crate::order::Key;
use crate::question::Budget;
use crate::segment::Segment;

/// Where a transfer lies: the segment's number (the tail comes after the last) and the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub segment: u32,
    pub row: u32,
}

/// A transfer as a walk meets it: the account it leads to, its key, its amount.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<K> {
    pub to: u32,
    pub amount: i64,
    pub key: K,
    pub place: Place,
}

/// Visit the transfers that leave `account` in the walk's direction, with `low < key <= high`, until told to stop.
///
/// Every transfer within the bounds is charged to the budget, once; when it is used up the scan ends.
#[inline]
pub(crate) fn scan<K: Key>(
    graph: &Graph,
    account: u32,
    low: K,
    high: K,
    budget: &mut Budget<'_>,
    mut visit: impl FnMut(Step<K>, &mut Budget<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    for (number, segment) in graph.segments.iter().enumerate() {
        let edge = |time| K::mirror(time);
        let (first, last) = if K::BACKWARD {
            (edge(segment.last), edge(segment.base))
        } else {
            (edge(segment.base), edge(segment.last))
        };
        if low.mirrored() > last || high.mirrored() < first {
            continue;
        }
        scan_segment(
            segment,
            number as u32,
            account,
            low,
            high,
            budget,
            &mut visit,
        )?;
    }
    if graph.tail.is_empty() {
        return ControlFlow::Continue(());
    }
    let tail = graph.segments.len() as u32;
    let mut visit_tail = |row: u32, to: u32, transfer: &crate::transfer::Transfer| {
        let key = K::of(transfer.time, || transfer.seq);
        if low < key && key <= high {
            let step = Step {
                to,
                amount: transfer.amount,
                key,
                place: Place { segment: tail, row },
            };
            return visit(step, budget);
        }
        ControlFlow::Continue(())
    };
    if K::BACKWARD {
        for (row, transfer) in graph.tail.receipts(account) {
            visit_tail(row, transfer.src, transfer)?;
        }
    } else {
        for (row, transfer) in graph.tail.payments(account) {
            if K::of(transfer.time, || transfer.seq) <= low {
                break;
            }
            visit_tail(row, transfer.dst, transfer)?;
        }
    }
    ControlFlow::Continue(())
}

#[inline]
fn scan_segment<K: Key>(
    segment: &Segment,
    number: u32,
    account: u32,
    low: K,
    high: K,
    budget: &mut Budget<'_>,
    visit: &mut impl FnMut(Step<K>, &mut Budget<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let key_of = |row: usize| K::of(segment.time(row), || segment.seqs[row]);
    if K::BACKWARD {
        // Receipts ascend in time, so their mirrored keys descend: the walk reads from its own end downwards too.
        let entries = &segment.entries[segment.into.range(account)];
        let from = if high == K::NEVER {
            0
        } else {
            entries.partition_point(|entry| key_of(entry.row as usize) > high)
        };
        for entry in &entries[from..] {
            let key = key_of(entry.row as usize);
            if key <= low {
                break;
            }
            let amount = segment.rows[entry.row as usize].amount;
            visit(
                Step {
                    to: entry.src,
                    amount,
                    key,
                    place: Place {
                        segment: number,
                        row: entry.row,
                    },
                },
                budget,
            )?;
        }
    } else {
        let range = segment.out.range(account);
        let start = range.start;
        let rows = &segment.rows[range];
        let until = if high == K::NEVER {
            rows.len()
        } else {
            let seqs = &segment.seqs[start..];
            let mut until =
                rows.partition_point(|row| segment.base + i64::from(row.tick) <= high.mirrored());
            while until > 0
                && K::of(segment.base + i64::from(rows[until - 1].tick), || {
                    seqs[until - 1]
                }) > high
            {
                until -= 1;
            }
            until
        };
        for (at, row) in rows[..until].iter().enumerate().rev() {
            let key = K::of(segment.base + i64::from(row.tick), || {
                segment.seqs[start + at]
            });
            if key <= low {
                break;
            }
            let place = Place {
                segment: number,
                row: (start + at) as u32,
            };
            visit(
                Step {
                    to: row.dst,
                    amount: row.amount,
                    key,
                    place,
                },
                budget,
            )?;
        }
    }
    ControlFlow::Continue(())
}
