//! Shapes of money flow that are worth a look, each with the transfers that make it.
//!
//! All within a window of time, by transfers of at least some amount, between at least `size` different accounts:
//!
//! * fan-out, fan-in: one account pays, or is paid by, that many;
//! * gather-scatter: that many pay an account, and after the last of them it pays that many;
//! * scatter-gather: an account pays that many, and each of them, later, pays the same one other account;
//! * cycle: money comes back to the account that paid it, each transfer later than the one before.
//!
//! One finding for each account (scatter-gather: each pair). A shape alone proves nothing: every one has innocent twins.
//! Accounts with more transfers than `max_degree` are passed over, and counted.

mod fans;
mod rounds;

use crate::error::GraphError;
use crate::graph::Graph;
use crate::question::{Budget, MAX_HOPS, Truncation};
use crate::transfer::Transfer;

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
    /// The account in the middle, or the one from which a scatter or a cycle starts.
    pub account: u32,
    /// Where a scatter is gathered.
    pub gathered_at: Option<u32>,
    /// How many counterparties; transfers, for a cycle.
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
    let mut looking = Looking {
        graph,
        asked,
        budget: Budget::new(asked.max_reads, expired),
        skipped: 0,
    };
    let mut findings = Findings::default();
    for account in 0..graph.accounts() {
        match asked.shape {
            Shape::FanOut | Shape::FanIn => findings.found.extend(looking.fan(account)),
            Shape::GatherScatter => findings.found.extend(looking.gather_scatter(account)),
            Shape::ScatterGather => findings.found.extend(looking.scatter_gather(account)),
            Shape::Cycle => findings.found.extend(looking.cycle(account)),
        }
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
        if self.window < 0 {
            return refuse("window", "0 or more", self.window);
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

struct Looking<'a> {
    graph: &'a Graph,
    asked: &'a Patterns,
    budget: Budget<'a>,
    skipped: u64,
}

impl Looking<'_> {
    /// The account's payments, or receipts, later than a time, in order; none if there are too many.
    fn transfers(&mut self, account: u32, receipts: bool, after: i64) -> Vec<Transfer> {
        let mut rows = Vec::new();
        let most = self.asked.max_degree;
        let mut all = 0_usize;
        let mut take = |transfer: Transfer| {
            all += 1;
            if all <= most && self.budget.take() && self.asked.counts(&transfer) {
                rows.push(transfer);
            }
        };
        if receipts {
            self.graph.receipts_after(account, after, &mut take);
        } else {
            self.graph.payments_after(account, after, &mut take);
        }
        if all > most {
            self.skipped += 1;
            return Vec::new();
        }
        rows.sort_unstable_by_key(|row| (row.time, row.seq));
        rows
    }

    fn after(&self) -> i64 {
        self.asked.start.map_or(i64::MIN + 1, |start| start - 1)
    }
}
