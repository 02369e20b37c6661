//! Shapes at insert: which ones does this transfer complete?
//!
//! A shape is new with a transfer if the search finds it, among the transfers of one window around, with that transfer and
//! does not find it without. Rows of a batch are taken in order of time, then of arrival, each as if it came alone, so
//! that it does not matter how a stream is cut into batches. A shape that goes on is told once; one that comes again
//! after a window of rest is told again.
//!
//! A watch remembers the transfers of the last windows by account, and nothing else. For a transfer that comes in order of
//! time, `glance` dismisses nearly all accounts by conditions that a new shape cannot do without; what is left is decided
//! by the search itself, with the transfer and without it. For a late one every account that it can concern is searched.

mod around;
mod glance;
mod met;
mod recent;

use self::glance::Glance;
use self::recent::{Recent, View};
use super::{Finding, Looking, Patterns};
use crate::error::GraphError;
use crate::transfer::{Batch, MAX_TIME, Transfer};

/// What a watch may hold.
#[derive(Debug, Clone, Copy)]
pub struct WatchLimits {
    /// How much earlier than the newest transfer one may be and still be looked at.
    pub late: i64,
    /// The most transfers to remember.
    pub max_rows: usize,
}

/// A shape that a transfer completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Which of the watch's patterns.
    pub pattern: usize,
    /// The transfer.
    pub seq: u32,
    /// The shape.
    pub finding: Finding,
}

/// What a batch completed.
#[derive(Debug, Default)]
pub struct Sightings {
    /// The shapes, in the order in which they were completed.
    pub seen: Vec<Sighting>,
    /// How often an account, or a search, was passed over because it would read too much.
    pub skipped: u64,
    /// Transfers that came too late to be looked at.
    pub late: u64,
    /// Transfers that were forgotten before their time, since there were too many: shapes with them are missed.
    pub forgotten: u64,
}

/// A standing search for patterns.
#[derive(Debug)]
pub struct Watch {
    patterns: Vec<Patterns>,
    limits: WatchLimits,
    window: i64,
    least: i64,
    newest: i64,
    recent: Recent,
    glance: Glance,
}

impl Watch {
    /// A watch that has seen nothing yet.
    ///
    /// # Errors
    /// A parameter is out of range.
    pub fn new(patterns: Vec<Patterns>, limits: WatchLimits) -> Result<Self, GraphError> {
        let refuse = |name, expected, got| {
            Err(GraphError::Parameter {
                name,
                expected,
                got,
            })
        };
        for pattern in &patterns {
            pattern.check()?;
            if let Some(bound) = pattern.start.or(pattern.end) {
                return refuse("start", "no bounds of time for a watch", bound);
            }
        }
        if !(0..=MAX_TIME).contains(&limits.late) {
            return refuse("late", "0 to 2^53", limits.late);
        }
        if limits.max_rows == 0 {
            return refuse("max_rows", "1 or more", 0);
        }
        let window = patterns.iter().map(|one| one.window).max().unwrap_or(0);
        let least = patterns.iter().map(|one| one.min_amount).min().unwrap_or(0);
        Ok(Self {
            patterns,
            limits,
            window,
            least,
            newest: -MAX_TIME,
            recent: Recent::default(),
            glance: Glance::default(),
        })
    }

    /// Take a batch, and say what it completes.
    ///
    /// # Errors
    /// A column's length, an account, a time or an amount is out of range; then nothing was taken.
    pub fn follow(&mut self, batch: &Batch<'_>, first_seq: u32) -> Result<Sightings, GraphError> {
        let checked = batch.check(0)?;
        let mut told = Sightings::default();
        self.recent.know(checked.accounts);
        if checked.ascending {
            (0..batch.len()).for_each(|row| self.take(&batch.row(row, first_seq), &mut told));
        } else {
            let rows = batch.transfers(first_seq, false);
            rows.iter().for_each(|row| self.take(row, &mut told));
        }
        Ok(told)
    }

    fn take(&mut self, transfer: &Transfer, told: &mut Sightings) {
        let in_order = transfer.time >= self.newest;
        if !in_order && self.newest - transfer.time > self.limits.late {
            told.late += 1;
            return;
        }
        self.newest = self.newest.max(transfer.time);
        if transfer.src == transfer.dst || transfer.amount < self.least {
            return;
        }
        self.recent
            .insert(*transfer, self.newest - self.limits.late - self.window);
        for (number, pattern) in self.patterns.iter().enumerate() {
            if transfer.amount < pattern.min_amount {
                continue;
            }
            let near = Patterns {
                start: Some((transfer.time - pattern.window).max(-MAX_TIME)),
                end: Some((transfer.time + pattern.window).min(MAX_TIME)),
                ..pattern.clone()
            };
            let anchors = if in_order {
                self.glance
                    .anchors(&self.recent, &near, transfer, &mut told.skipped)
            } else {
                around::anchors(&self.recent, &near, transfer, &mut told.skipped)
            };
            for account in anchors {
                self.tell(number, &near, account, transfer.seq, told);
            }
        }
        if self.recent.is_due() {
            let horizon = self.newest - self.limits.late - self.window;
            told.forgotten += self.recent.sweep(horizon, self.limits.max_rows);
        }
    }

    /// Search around an account, with the transfer and without it.
    fn tell(&self, number: usize, near: &Patterns, account: u32, seq: u32, told: &mut Sightings) {
        let never = || false;
        let with = View::new(&self.recent, None);
        let mut looking = Looking::new(&with, near, &never);
        let found = looking.around(account);
        let passed_over = looking.passed_over();
        if found.is_empty() {
            told.skipped += passed_over;
            return;
        }
        let without = View::new(&self.recent, Some(seq));
        let mut looking = Looking::new(&without, near, &never);
        let before = looking.around(account);
        // What this search passes over may have been the shape, and then it is not new.
        told.skipped += passed_over.max(looking.passed_over());
        let known = |one: &Finding| before.iter().any(|old| old.gathered_at == one.gathered_at);
        let fresh = found.into_iter().filter(|one| !known(one));
        told.seen.extend(fresh.map(|finding| Sighting {
            pattern: number,
            seq,
            finding,
        }));
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.recent.bytes()
    }
}
