//! Reading accounts' transfers within bounds of a walk's order, wherever they lie.
//!
//! Two ways: `gather` reads many accounts at once, in passes without branches that wait for memory, so that a processor
//! has many loads under way; `scan` reads one account and lets the caller decide about each transfer.

use std::ops::{ControlFlow, Range};

use crate::graph::Graph;
use crate::order::{Frame, Key};
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
    pub amount: i64,
    pub to: u32,
    pub key: K,
}

/// An account to read, with `low < key <= high`, and the least amount that is followed from it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch<K> {
    pub account: u32,
    pub low: K,
    pub high: K,
    pub least: i64,
}

/// Append the transfers of all stretches that carry enough to somebody else. Each one within its bounds is
/// charged to the budget; when that is used up, reading ends there.
pub(crate) fn gather<K: Key>(
    graph: &Graph,
    frame: Frame,
    stretches: &[Stretch<K>],
    budget: &mut Budget<'_>,
    steps: &mut Vec<Step<K>>,
) -> ControlFlow<()> {
    let mut runs: Vec<(Stretch<K>, Range<usize>)> = Vec::with_capacity(stretches.len());
    for segment in &graph.segments {
        let base = K::base(frame, segment.base);
        let index = if K::BACKWARD {
            &segment.into
        } else {
            &segment.out
        };
        runs.clear();
        runs.extend(
            stretches
                .iter()
                .map(|stretch| (*stretch, index.range(stretch.account)))
                .filter(|(_, run)| !run.is_empty()),
        );
        // Ask memory for where each run is read first, before the first is needed.
        if K::BACKWARD {
            let rows: u64 = runs
                .iter()
                .map(|(_, run)| u64::from(segment.entries[run.start].row))
                .sum();
            std::hint::black_box(rows);
        } else {
            let ticks: u64 = runs
                .iter()
                .map(|(_, run)| u64::from(segment.rows[run.end - 1].tick))
                .sum();
            std::hint::black_box(ticks);
        }
        for (stretch, run) in &runs {
            read_run(segment, base, stretch, run.clone(), budget, steps)?;
        }
    }
    if !graph.tail.is_empty() {
        for stretch in stretches {
            let keep = |step: Step<K>, budget: &mut Budget<'_>| {
                if !budget.take() {
                    return ControlFlow::Break(());
                }
                if step.amount >= stretch.least && step.to != stretch.account {
                    steps.push(step);
                }
                ControlFlow::Continue(())
            };
            scan_tail(graph, frame, *stretch, budget, keep)?;
        }
    }
    ControlFlow::Continue(())
}

#[inline]
fn read_run<K: Key>(
    segment: &Segment,
    base: K::Base,
    stretch: &Stretch<K>,
    run: Range<usize>,
    budget: &mut Budget<'_>,
    steps: &mut Vec<Step<K>>,
) -> ControlFlow<()> {
    let Stretch {
        account,
        low,
        high,
        least,
    } = *stretch;
    if K::BACKWARD {
        let entries = &segment.entries[run];
        let key_of = |row: u32| {
            K::of(base, segment.rows[row as usize].tick, || {
                segment.seqs[row as usize]
            })
        };
        let from = if high == K::NEVER {
            0
        } else {
            entries.partition_point(|entry| key_of(entry.row) > high)
        };
        for entry in &entries[from..] {
            let key = key_of(entry.row);
            if key <= low {
                break;
            }
            if !budget.take() {
                return ControlFlow::Break(());
            }
            let amount = segment.rows[entry.row as usize].amount;
            if amount >= least && entry.src != account {
                steps.push(Step {
                    amount,
                    to: entry.src,
                    key,
                });
            }
        }
    } else {
        let start = run.start;
        let rows = &segment.rows[run];
        let key_of = |at: usize| K::of(base, rows[at].tick, || segment.seqs[start + at]);
        let until = if high == K::NEVER {
            rows.len()
        } else {
            last_within(rows.len(), |at| key_of(at) <= high)
        };
        for at in (0..until).rev() {
            let key = key_of(at);
            if key <= low {
                break;
            }
            if !budget.take() {
                return ControlFlow::Break(());
            }
            let row = rows[at];
            if row.amount >= least && row.dst != account {
                steps.push(Step {
                    amount: row.amount,
                    to: row.dst,
                    key,
                });
            }
        }
    }
    ControlFlow::Continue(())
}

/// How many of the first rows are within a bound that rows leave once.
#[inline]
fn last_within(len: usize, within: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if within(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// Visit the transfers of one stretch, with their places, until told to stop. The caller charges the budget.
#[inline]
pub(crate) fn scan<K: Key>(
    graph: &Graph,
    frame: Frame,
    stretch: Stretch<K>,
    budget: &mut Budget<'_>,
    mut visit: impl FnMut(Step<K>, Place, &mut Budget<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let Stretch {
        account, low, high, ..
    } = stretch;
    for (number, segment) in graph.segments.iter().enumerate() {
        let base = K::base(frame, segment.base);
        let number = number as u32;
        if K::BACKWARD {
            let entries = &segment.entries[segment.into.range(account)];
            let key_of = |row: u32| {
                K::of(base, segment.rows[row as usize].tick, || {
                    segment.seqs[row as usize]
                })
            };
            let from = entries.partition_point(|entry| key_of(entry.row) > high);
            for entry in &entries[from..] {
                let key = key_of(entry.row);
                if key <= low {
                    break;
                }
                let amount = segment.rows[entry.row as usize].amount;
                visit(
                    Step {
                        amount,
                        to: entry.src,
                        key,
                    },
                    Place {
                        segment: number,
                        row: entry.row,
                    },
                    budget,
                )?;
            }
        } else {
            let run = segment.out.range(account);
            let start = run.start;
            let rows = &segment.rows[run];
            let key_of = |at: usize| K::of(base, rows[at].tick, || segment.seqs[start + at]);
            for at in (0..last_within(rows.len(), |at| key_of(at) <= high)).rev() {
                let key = key_of(at);
                if key <= low {
                    break;
                }
                let place = Place {
                    segment: number,
                    row: (start + at) as u32,
                };
                visit(
                    Step {
                        amount: rows[at].amount,
                        to: rows[at].dst,
                        key,
                    },
                    place,
                    budget,
                )?;
            }
        }
    }
    if graph.tail.is_empty() {
        return ControlFlow::Continue(());
    }
    let segment = graph.segments.len() as u32;
    let mut row_of =
        |step, row, budget: &mut Budget<'_>| visit(step, Place { segment, row }, budget);
    scan_tail_rows(graph, frame, stretch, budget, &mut row_of)
}

fn scan_tail<K: Key>(
    graph: &Graph,
    frame: Frame,
    stretch: Stretch<K>,
    budget: &mut Budget<'_>,
    mut visit: impl FnMut(Step<K>, &mut Budget<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    scan_tail_rows(graph, frame, stretch, budget, &mut |step, _, budget| {
        visit(step, budget)
    })
}

fn scan_tail_rows<K: Key>(
    graph: &Graph,
    frame: Frame,
    Stretch {
        account, low, high, ..
    }: Stretch<K>,
    budget: &mut Budget<'_>,
    visit: &mut impl FnMut(Step<K>, u32, &mut Budget<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    if K::BACKWARD {
        for (row, transfer) in graph.tail.receipts(account) {
            let key = K::at(frame, transfer.time, transfer.seq);
            if key > high {
                break;
            }
            if key > low {
                visit(
                    Step {
                        amount: transfer.amount,
                        to: transfer.src,
                        key,
                    },
                    row,
                    budget,
                )?;
            }
        }
    } else {
        for (row, transfer) in graph.tail.payments(account) {
            let key = K::at(frame, transfer.time, transfer.seq);
            if key <= low {
                break;
            }
            if key <= high {
                visit(
                    Step {
                        amount: transfer.amount,
                        to: transfer.dst,
                        key,
                    },
                    row,
                    budget,
                )?;
            }
        }
    }
    ControlFlow::Continue(())
}
