//! Shapes of money flow that are worth a look, each with the transfers that make it.
//!
//! All within a window of time, by transfers of at least some amount, between at least `size` different accounts:
//!
//! * fan-out, fan-in: one account pays, or is paid by, that many;
//! * gather-scatter: that many pay an account, and after the last of them it pays that many;
//! * scatter-gather: an account pays that many, and each of them, later, pays the same one other account;
//! * cycle: money comes back to the account that paid it, each transfer later than the one before;
//! * bipartite: from a payment of an account on, that many payers, the account among them, pay that many of the accounts
//!   that it pays: many to many;
//! * stack: from a receipt of an account on, that many mules, the account among them, are each paid by that many of those
//!   who pay it, and after the last of these pay that many of those whom it pays: mules side by side.
//!
//! One finding for each account (scatter-gather: each pair). A shape alone proves nothing: every one has innocent twins.
//! Where a stretch of time holds more than `max_degree` transfers of an account, they are passed over, and counted.

mod fans;
mod layers;
mod rounds;
mod source;
mod watch;

use self::source::{Side, Source};
pub use self::watch::{Sighting, Sightings, Watch, WatchLimits};

use rustc_hash::FxHashSet;

use crate::error::GraphError;
use crate::graph::Graph;
use crate::question::{Budget, MAX_HOPS, Truncation};
use crate::transfer::{MAX_TIME, Transfer};

/// Which shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// One pays many.
    FanOut,
    /// Many pay one.
    FanIn,
    /// Many pay one, who then pays many.
    GatherScatter,
    /// One pays many, who then pay one.
    ScatterGather,
    /// Money comes back.
    Cycle,
    /// Many pay the same many.
    Bipartite,
    /// Many are paid by the same many, and then pay the same many.
    Stack,
}

/// What counts.
#[derive(Debug, Clone)]
pub struct Patterns {
    /// Which shape is looked for.
    pub shape: Shape,
    /// The least number of different counterparties; for a cycle it is not used.
    pub size: usize,
    /// The longest time from the first transfer to the last.
    pub window: i64,
    /// The least amount that counts.
    pub min_amount: i64,
    /// The earliest transfer that counts.
    pub start: Option<i64>,
    /// The latest transfer that counts.
    pub end: Option<i64>,
    /// The most transfers of a cycle.
    pub max_hops: u8,
    /// Accounts with more transfers than this are passed over.
    pub max_degree: usize,
    /// The most transfers to read.
    pub max_reads: Option<u64>,
}

/// One shape found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The account in the middle, or the one from which a scatter, a cycle or a crowd starts.
    pub account: u32,
    /// Where a scatter is gathered.
    pub gathered_at: Option<u32>,
    /// How many counterparties; transfers of a cycle, payers of many to many, mules of a stack.
    pub size: usize,
    /// The transfers, in order.
    pub evidence: Vec<Transfer>,
}

/// All that was found, by account.
#[derive(Debug, Default)]
pub struct Findings {
    /// The shapes.
    pub found: Vec<Finding>,
    /// Accounts passed over for having too many transfers.
    pub skipped: u64,
    /// How many transfers were read.
    pub reads: u64,
    /// What cut the search short.
    pub truncated: Option<Truncation>,
}

/// Look for a shape around every account.
///
/// # Errors
/// A parameter is out of range.
pub fn patterns(
    graph: &Graph,
    asked: &Patterns,
    expired: &dyn Fn() -> bool,
) -> Result<Findings, GraphError> {
    asked.check()?;
    let mut looking = Looking::new(graph, asked, expired);
    let mut findings = Findings::default();
    for account in 0..graph.accounts() {
        findings.found.extend(looking.around(account));
        if looking.budget.truncated.is_some() {
            break;
        }
    }
    findings.skipped = looking.skipped;
    findings.reads = looking.budget.read;
    findings.truncated = looking.budget.truncated;
    Ok(findings)
}

impl Patterns {
    fn check(&self) -> Result<(), GraphError> {
        let refuse = |name, expected, got| {
            Err(GraphError::Parameter {
                name,
                expected,
                got,
            })
        };
        if self.size < 2 {
            return refuse("size", "2 or more", self.size as i64);
        }
        if !(0..=MAX_TIME).contains(&self.window) {
            return refuse("window", "0 to 2^53", self.window);
        }
        for (name, time) in [("start", self.start), ("end", self.end)] {
            if let Some(time) = time.filter(|time| !(-MAX_TIME..=MAX_TIME).contains(time)) {
                return refuse(name, "a time within 2^53 either way", time);
            }
        }
        if self.min_amount < 0 {
            return refuse("min_amount", "0 or more", self.min_amount);
        }
        if !(2..=MAX_HOPS).contains(&self.max_hops) {
            return refuse("max_hops", "2 to 8", self.max_hops.into());
        }
        Ok(())
    }

    fn counts(&self, transfer: &Transfer) -> bool {
        transfer.src != transfer.dst
            && transfer.amount >= self.min_amount
            && self.end.is_none_or(|end| transfer.time <= end)
            && self.start.is_none_or(|start| transfer.time >= start)
    }
}

/// A search around one account after the other.
struct Looking<'a, S> {
    source: &'a S,
    asked: &'a Patterns,
    budget: Budget<'a>,
    skipped: u64,
}

impl<'a, S: Source> Looking<'a, S> {
    fn new(source: &'a S, asked: &'a Patterns, expired: &'a dyn Fn() -> bool) -> Self {
        Self {
            source,
            asked,
            budget: Budget::new(asked.max_reads, expired),
            skipped: 0,
        }
    }

    /// How often something was left unread.
    fn passed_over(&self) -> u64 {
        self.skipped + u64::from(self.budget.truncated.is_some())
    }

    /// The shape around this account; of a scatter that is gathered in several places, each.
    fn around(&mut self, account: u32) -> Vec<Finding> {
        let found = match self.asked.shape {
            Shape::FanOut | Shape::FanIn => self.fan(account),
            Shape::GatherScatter => self.gather_scatter(account),
            Shape::ScatterGather => return self.scatter_gather(account),
            Shape::Cycle => self.cycle(account),
            Shape::Bipartite => self.bipartite(account),
            Shape::Stack => self.stack(account),
        };
        found.into_iter().collect()
    }

    /// The account's transfers that count in a stretch of time, in order; none if there are too many.
    fn transfers(&mut self, account: u32, side: Side, from: i64, to: i64) -> Vec<Transfer> {
        let mut rows = Vec::new();
        let from = self.asked.start.map_or(from, |start| start.max(from));
        let to = self.asked.end.map_or(to, |end| end.min(to));
        if from > to {
            return rows;
        }
        if self.source.count(account, side, from, to) > self.asked.max_degree {
            self.skipped += 1;
            return rows;
        }
        let (asked, budget) = (self.asked, &mut self.budget);
        self.source.read(account, side, from, to, &mut |transfer| {
            if budget.take() && asked.counts(&transfer) {
                rows.push(transfer);
            }
        });
        rows.sort_unstable_by_key(|row| (row.time, row.seq));
        rows
    }

    /// All of the account's transfers that count.
    fn all(&mut self, account: u32, side: Side) -> Vec<Transfer> {
        self.transfers(account, side, -MAX_TIME, MAX_TIME)
    }
}

/// The rows from one time to another, inclusive, of rows in order.
fn within(rows: &[Transfer], from: i64, to: i64) -> &[Transfer] {
    let first = rows.partition_point(|row| row.time < from);
    let until = rows.partition_point(|row| row.time <= to);
    &rows[first..until.max(first)]
}

/// The first transfer of each counterparty, up to so many counterparties.
fn first_of_each<'a>(
    rows: impl IntoIterator<Item = &'a Transfer>,
    other: impl Fn(&Transfer) -> u32,
    most: usize,
) -> Vec<Transfer> {
    let mut seen = FxHashSet::default();
    rows.into_iter()
        .filter(|row| seen.insert(other(row)))
        .take(most)
        .copied()
        .collect()
}
