//! The standing question, answered without walking: is an account within reach of a warning account, as of now?
//!
//! For every account near the warnings there is a log of its tainted receipts, and for each receipt and each number of hops
//! the latest start of a walk that ends with it. That is all a sliding window needs: a walk lies in the window exactly
//! if its first transfer does. A transfer in order of time adds one receipt in O(hops), plus the receipts that the dwell
//! limit makes it look back at. Late transfers, and warnings that come or are lifted, are repaired hop by hop, and only
//! where something changes. Answers equal the search's, whatever `as_of` is.

mod log;
mod repair;
mod rule;

use self::log::{Log, NONE, Receipt};
pub use self::repair::Repair;
pub use self::rule::{MAX_STANDING_HOPS, Rule};
use crate::account::{AccountAnswer, Found};
use crate::error::GraphError;
use crate::graph::Graph;
use crate::transfer::{Batch, Transfer};

/// No log.
const ABSENT: u32 = u32::MAX;

/// Labels for one rule.
#[derive(Debug)]
pub struct Standing {
    rule: Rule,
    places: Vec<u32>,
    logs: Vec<Log>,
    newest: i64,
}

impl Standing {
    /// Labels for the transfers and warnings that are there already.
    ///
    /// # Errors
    /// The rule is out of range.
    pub fn new(rule: Rule, graph: &Graph, warnings: &[(u32, i64)]) -> Result<Self, GraphError> {
        rule.check()?;
        let newest = graph.newest().unwrap_or(NONE);
        let mut standing = Self {
            rule,
            places: Vec::new(),
            logs: Vec::new(),
            newest,
        };
        let changes: Vec<(u32, Option<i64>)> = warnings
            .iter()
            .map(|(one, from)| (*one, Some(*from)))
            .collect();
        standing.apply(standing.rewarn(graph, &changes));
        Ok(standing)
    }

    /// The rule.
    #[must_use]
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// The warning accounts, ascending, each with the time from which its money is tainted.
    #[must_use]
    pub fn warnings(&self) -> Vec<(u32, i64)> {
        let warned = |(account, place): (usize, &u32)| {
            Some((account as u32, self.logs.get(*place as usize)?.warned?))
        };
        self.places.iter().enumerate().filter_map(warned).collect()
    }

    /// Take the rows of a batch that come in order of time; the others are returned, to be repaired.
    pub fn follow(&mut self, batch: &Batch<'_>, first_seq: u32) -> Vec<Transfer> {
        let mut late = Vec::new();
        let ascending = batch.time.is_sorted();
        if !ascending {
            let rows = batch.transfers(first_seq, false);
            rows.iter().for_each(|row| self.admit(row, &mut late));
            return late;
        }
        for row in 0..batch.len() {
            let time = batch.time[row];
            let tainted = self.log(batch.src[row]).is_some();
            if tainted || time < self.newest {
                let transfer = Transfer {
                    time,
                    amount: batch.amount[row],
                    seq: first_seq + row as u32,
                    src: batch.src[row],
                    dst: batch.dst[row],
                    channel: batch.channel.map_or(0, |channel| channel[row]),
                };
                self.admit(&transfer, &mut late);
            } else {
                self.newest = time;
            }
        }
        late
    }

    #[inline]
    fn admit(&mut self, transfer: &Transfer, late: &mut Vec<Transfer>) {
        if transfer.time < self.newest {
            late.push(*transfer);
            return;
        }
        self.newest = transfer.time;
        if transfer.amount < self.rule.min_amount || transfer.src == transfer.dst {
            return;
        }
        let Some(from) = self.log(transfer.src) else {
            return;
        };
        let mut receipt = Receipt::of(transfer);
        for level in 0..self.levels(transfer.src) {
            receipt.starts[level] = from.start_before(level, transfer.time, self.rule.dwell);
        }
        if receipt.starts != [NONE; MAX_STANDING_HOPS] {
            self.log_mut(transfer.dst).push(receipt);
        }
    }

    /// How many hops may end with a payment of this account.
    fn levels(&self, account: u32) -> usize {
        if self.rule.stop.has(account) {
            1
        } else {
            usize::from(self.rule.hops)
        }
    }

    fn log(&self, account: u32) -> Option<&Log> {
        let place = *self.places.get(account as usize)?;
        self.logs.get(place as usize)
    }

    fn log_mut(&mut self, account: u32) -> &mut Log {
        if self.places.len() <= account as usize {
            self.places.resize(account as usize + 1, ABSENT);
        }
        let place = &mut self.places[account as usize];
        if *place == ABSENT {
            *place = self.logs.len() as u32;
            self.logs.push(Log::default());
        }
        &mut self.logs[*place as usize]
    }

    /// Put a repair in place.
    pub fn apply(&mut self, repair: Repair) {
        for (account, log) in repair.logs {
            if !log.is_empty() || self.log(account).is_some() {
                *self.log_mut(account) = log;
            }
        }
    }

    /// The answer about one account, as of a moment; equal to the search's.
    #[must_use]
    pub fn account(&self, account: u32, as_of: i64) -> AccountAnswer {
        let Some(log) = self.log(account) else {
            return AccountAnswer::default();
        };
        let cut = as_of.saturating_sub(self.rule.window);
        let inside = |receipt: &&Receipt| receipt.starts.iter().any(|start| *start >= cut);
        let until = log
            .receipts
            .partition_point(|receipt| receipt.time <= as_of);
        let first = log.receipts.partition_point(|receipt| receipt.time < cut);
        let receipts = &log.receipts[first..until.max(first)];
        let amount = receipts
            .iter()
            .filter(inside)
            .map(|receipt| receipt.amount)
            .sum();
        let earliest = receipts.iter().find(inside).map(|receipt| receipt.time);
        let found = if let Some(from) = log.warned {
            let earliest = earliest.map_or(from, |earliest| earliest.min(from));
            Some(Found {
                hop: 0,
                source: account,
                arrival: from,
                earliest,
                amount,
                path: Vec::new(),
            })
        } else {
            let level = (0..usize::from(self.rule.hops)).find_map(|level| {
                Some((
                    level,
                    receipts
                        .iter()
                        .find(|receipt| receipt.starts[level] >= cut)?,
                ))
            });
            level.zip(earliest).map(|((level, receipt), earliest)| {
                let path = self.path(account, level, receipt, cut);
                let source = path.first().map_or(account, |first| first.src);
                Found {
                    hop: level as u8 + 1,
                    source,
                    arrival: receipt.time,
                    earliest,
                    amount,
                    path,
                }
            })
        };
        AccountAnswer {
            found,
            reads: receipts.len() as u64,
            truncated: None,
        }
    }

    /// The transfers of one walk that ends with this receipt and starts within the window.
    fn path(&self, account: u32, level: usize, receipt: &Receipt, cut: i64) -> Vec<Transfer> {
        let mut path = Vec::with_capacity(level + 1);
        let mut step = *receipt;
        path.push(step.transfer(account));
        for level in (0..level).rev() {
            let payer = step.src;
            let before = self.log(payer).and_then(|log| {
                let until = log
                    .receipts
                    .partition_point(|receipt| receipt.time < step.time);
                let rested = |receipt: &Receipt| {
                    self.rule
                        .dwell
                        .is_none_or(|most| step.time - receipt.time <= most)
                };
                let recent = log.receipts[..until].iter().rev();
                recent
                    .take_while(|receipt| rested(receipt))
                    .find(|receipt| receipt.starts[level] >= cut)
            });
            // The start of a walk was taken from exactly such a receipt, so there is one.
            let Some(before) = before else { break };
            step = *before;
            path.push(step.transfer(payer));
        }
        path.reverse();
        path
    }

    /// Whether two sets of labels say the same, receipt for receipt.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        let accounts = self.places.len().max(other.places.len()) as u32;
        (0..accounts).all(|account| {
            let [one, two] =
                [self, other].map(|side| side.log(account).filter(|log| !log.is_empty()));
            one.map(|log| (log.warned, &log.receipts)) == two.map(|log| (log.warned, &log.receipts))
        })
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let logs = self.logs.iter().map(|log| {
            log.receipts.capacity() * size_of::<Receipt>()
                + log.latest.capacity() * 8 * MAX_STANDING_HOPS
        });
        self.places.capacity() * 4 + self.logs.capacity() * size_of::<Log>() + logs.sum::<usize>()
    }
}
