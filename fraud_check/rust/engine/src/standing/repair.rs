//! Repairs: late transfers, and warnings that come, move or are lifted.
//!
//! A repair is worked out beside the labels, which go on answering, and put in place at once. It looks again, hop by hop,
//! at the payments of accounts whose receipts changed, and stops where nothing does.

use rustc_hash::FxHashMap;

use super::Standing;
use super::log::{Log, NONE};
use crate::graph::Graph;
use crate::transfer::Transfer;

/// Logs that a repair changes, to be put in place at once.
#[derive(Debug, Default)]
pub struct Repair {
    pub(super) logs: FxHashMap<u32, Log>,
}

impl Repair {
    /// How many accounts change.
    #[must_use]
    pub fn accounts(&self) -> usize {
        self.logs.len()
    }
}

impl Standing {
    /// What changes when these transfers, which `graph` has already, came late.
    #[must_use]
    pub fn relate(&self, graph: &Graph, late: &[Transfer]) -> Repair {
        let mut changing = Changing {
            standing: self,
            repair: Repair::default(),
        };
        let mut dirty = vec![FxHashMap::default(); usize::from(self.rule.hops)];
        for transfer in late {
            for level in &mut dirty {
                mark(level, transfer.src, transfer.time - 1);
            }
        }
        changing.propagate(graph, dirty);
        changing.repair
    }

    /// What changes when accounts are warned from a time on, or no longer.
    #[must_use]
    pub fn rewarn(&self, graph: &Graph, changes: &[(u32, Option<i64>)]) -> Repair {
        let mut changing = Changing {
            standing: self,
            repair: Repair::default(),
        };
        let mut dirty = vec![FxHashMap::default(); usize::from(self.rule.hops)];
        for &(account, from) in changes {
            let log = changing.log_mut(account);
            let before = std::mem::replace(&mut log.warned, from);
            if let Some(since) = before
                .into_iter()
                .chain(from)
                .min()
                .filter(|_| before != from)
            {
                mark(&mut dirty[0], account, since);
            }
        }
        changing.propagate(graph, dirty);
        changing.repair
    }
}

/// Accounts with the time after which their payments must be looked at again.
type Dirty = FxHashMap<u32, i64>;

fn mark(dirty: &mut Dirty, account: u32, since: i64) {
    dirty
        .entry(account)
        .and_modify(|known| *known = since.min(*known))
        .or_insert(since);
}

/// Labels with a repair on top.
struct Changing<'a> {
    standing: &'a Standing,
    repair: Repair,
}

impl Changing<'_> {
    fn log(&self, account: u32) -> Option<&Log> {
        self.repair
            .logs
            .get(&account)
            .or_else(|| self.standing.log(account))
    }

    fn log_mut(&mut self, account: u32) -> &mut Log {
        let standing = self.standing;
        self.repair
            .logs
            .entry(account)
            .or_insert_with(|| standing.log(account).cloned().unwrap_or_default())
    }

    /// Hop by hop: look again at the payments of accounts whose receipts at this hop changed.
    fn propagate(&mut self, graph: &Graph, mut dirty: Vec<Dirty>) {
        let rule = &self.standing.rule;
        for hop in 0..dirty.len() {
            let accounts = std::mem::take(&mut dirty[hop]);
            for (account, since) in accounts {
                if self.standing.levels(account) <= hop {
                    continue;
                }
                if self.log(account).is_none() {
                    continue;
                }
                if self.repair.logs.contains_key(&account) {
                    self.log_mut(account).catch_up();
                }
                let mut payments = Vec::new();
                graph.payments_after(account, since, |transfer| {
                    if transfer.amount >= rule.min_amount && transfer.dst != account {
                        payments.push(transfer);
                    }
                });
                for transfer in payments {
                    let start = self
                        .log(account)
                        .map_or(NONE, |log| log.start_before(hop, transfer.time, rule.dwell));
                    if self.would_change(&transfer, hop, start)
                        && self.log_mut(transfer.dst).set(&transfer, hop, start)
                        && let Some(next) = dirty.get_mut(hop + 1)
                    {
                        mark(next, transfer.dst, transfer.time);
                    }
                }
            }
        }
    }

    /// Whether setting a start changes anything, found out without copying the log.
    fn would_change(&self, transfer: &Transfer, level: usize, start: i64) -> bool {
        let key = (transfer.time, transfer.seq);
        let known = self.log(transfer.dst).and_then(|log| {
            let place = log
                .receipts
                .binary_search_by_key(&key, |receipt| (receipt.time, receipt.seq))
                .ok()?;
            Some(log.receipts[place].starts[level])
        });
        known.unwrap_or(NONE) != start
    }
}
