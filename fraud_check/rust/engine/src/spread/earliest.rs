//! Without a dwell limit: an account is read on from its earliest arrival, and down to where it was read before.

use super::{Frontier, Layer, Walk};
use crate::order::Key;
use crate::scan::{Step, Stretch, gather};
use crate::scratch::Pad;

/// Accounts read together: enough loads under way, few enough to stay in the first cache.
const BLOCK: usize = 64;

impl<K: Key> Walk<'_, K> {
    /// Hop by hop.
    pub(super) fn by_earliest_arrival(&mut self) {
        let (low, high) = self.window();
        // Down to where each account of the frontier was read before.
        let mut scanned: Vec<K> = vec![K::NEVER; self.levels[0].len()];
        let mut steps: Vec<Step<K>> = Vec::new();
        let mut hubs = false;
        let mut block: Vec<Stretch<K>> = Vec::with_capacity(BLOCK);
        for hop in 1..=self.inputs.question.hops {
            let mut layer = Layer::default();
            let frontier = self.levels.pop().unwrap_or_default();
            for (accounts, bounds) in frontier.chunks(BLOCK).zip(scanned.chunks(BLOCK)) {
                block.clear();
                steps.clear();
                let Self {
                    inputs,
                    frame,
                    budget,
                    shares,
                    ..
                } = self;
                for (&(account, arrival), &bound) in accounts.iter().zip(bounds) {
                    if !inputs.passes(hop, account, &mut hubs) {
                        continue;
                    }
                    let Some(least) = shares.leaving(inputs.graph, account, budget) else {
                        break;
                    };
                    block.push(Stretch {
                        account,
                        low: arrival.max(low),
                        high: bound.min(inputs.high(*frame, account, high)),
                        least,
                    });
                }
                let read = gather(inputs.graph, *frame, &block, budget, &mut steps);
                let kept = shares.retain(inputs.graph, &mut steps, budget);
                self.hand_on(&steps, &mut layer);
                if read.is_break() || kept.is_break() || self.budget.truncated.is_some() {
                    break;
                }
            }
            self.levels.push(frontier);
            let next = self.settle(hop, &mut scanned);
            self.close(layer);
            if next.is_empty() {
                break;
            }
            self.levels.push(next);
            if self.budget.truncated.is_some() {
                break;
            }
        }
        self.hubs = hubs;
    }

    /// Taint moves along the steps. No branch here waits for an account's cell, so many are under way at once.
    pub(super) fn hand_on(&mut self, steps: &[Step<K>], layer: &mut Layer) {
        for step in steps {
            if self.inputs.within.is_some_and(|set| !set.has(step.to)) {
                continue;
            }
            layer.transfers += 1;
            layer.amount += step.amount;
            let cell = &mut self.pad.cells[step.to as usize];
            cell.amount += step.amount;
            cell.best = cell.best.min(step.key);
            self.pad.touched.insert(step.to);
        }
    }

    /// End a hop: who was reached earlier than before, in order, and down to where each was read.
    pub(super) fn settle(&mut self, hop: u8, scanned: &mut Vec<K>) -> Frontier<K> {
        let Pad { cells, touched } = &mut *self.pad;
        let mut next: Frontier<K> = Vec::new();
        touched.drain(|account| next.push((account, K::NEVER)));
        scanned.clear();
        scanned.resize(next.len(), K::NEVER);
        // Whether a cell improved is known only when it has come from memory, so it decides a place, not a branch.
        let mut improved = 0;
        for at in 0..next.len() {
            let account = next[at].0;
            let cell = &mut cells[account as usize];
            next[improved] = (account, cell.best);
            scanned[improved] = cell.settled;
            improved += usize::from(cell.best < cell.settled);
            cell.settled = cell.settled.min(cell.best);
        }
        next.truncate(improved);
        scanned.truncate(improved);
        for ((account, key), before) in next.iter().zip(&*scanned) {
            if *before == K::NEVER {
                self.accounts.push(*account);
                self.hops.push(hop);
                self.arrivals.push(key.time(self.frame));
            }
        }
        next
    }
}
