//! Spread: from seeds, each with the time its taint starts, hop by hop, as far as money can have gone.
//!
//! Level by level over walks. Without a dwell limit an account needs only its earliest arrival per level, and a pointer
//! in time down to which its transfers were read: an earlier arrival reads on from there, so that each transfer is read
//! at most once over all hops. With a dwell limit taint lives on transfers: each tainted arrival opens the stretch of
//! time in which the money may move on, and a mark per transfer keeps it from being read twice.

use std::ops::ControlFlow;

use crate::error::GraphError;
use crate::graph::Graph;
use crate::order::{BySeq, Key, Strict};
use crate::question::{AccountSet, Budget, Question, Truncation, check_seeds};
use crate::scan::{Step, scan};
use crate::scratch::{Cell, Marks, Pad, Pads, Scratch, UNREACHED};
use crate::witness::Trail;

/// Accounts with the time their taint starts, strictly ascending by account.
#[derive(Debug, Clone, Copy)]
pub struct Seeds<'a> {
    /// The accounts.
    pub accounts: &'a [u32],
    /// When the taint of each starts.
    pub times: &'a [i64],
}

/// What one hop added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Layer {
    /// Accounts reached first at this hop.
    pub accounts: u64,
    /// Transfers tainted first at this hop.
    pub transfers: u64,
    /// Their amounts together.
    pub amount: i64,
}

/// The answer: one row for each account reached, ordered by (hop, account), seeds first.
#[derive(Debug)]
pub struct Spread {
    /// The accounts.
    pub accounts: Vec<u32>,
    /// The fewest hops to each.
    pub hops: Vec<u8>,
    /// The earliest arrival at that many hops (backward: the latest departure); a seed's own time.
    pub arrivals: Vec<i64>,
    /// The earliest arrival within all hops (backward: the latest departure).
    pub earliest: Vec<i64>,
    /// Tainted transfers into the account (backward: out of it) within all hops, each once.
    pub amounts: Vec<i64>,
    /// Per hop, from 0.
    pub layers: Vec<Layer>,
    /// How many transfers were read.
    pub reads: u64,
    /// What cut the walk short, if anything did.
    pub truncated: Option<Truncation>,
    /// Why: a path to each account.
    pub trail: Trail,
}

/// Follow money from the seeds.
///
/// `within` restricts the walk to some accounts. `expired` is asked now and then whether time is up.
///
/// # Errors
/// A parameter is out of range, or the seeds are not strictly ascending.
pub fn spread(
    graph: &Graph,
    seeds: Seeds<'_>,
    question: &Question,
    within: Option<&AccountSet>,
    scratch: &mut Scratch,
    expired: &dyn Fn() -> bool,
) -> Result<Spread, GraphError> {
    question.check()?;
    check_seeds(seeds.accounts, seeds.times)?;
    Ok(walk(
        &Inputs {
            graph,
            seeds,
            question,
            within,
        },
        scratch,
        expired,
    ))
}

/// Follow money between checked inputs.
pub(crate) fn walk(
    inputs: &Inputs<'_>,
    scratch: &mut Scratch,
    expired: &dyn Fn() -> bool,
) -> Spread {
    match (inputs.question.backward, inputs.question.tie_by_seq) {
        (false, false) => run::<Strict<false>>(inputs, scratch, expired),
        (true, false) => run::<Strict<true>>(inputs, scratch, expired),
        (false, true) => run::<BySeq<false>>(inputs, scratch, expired),
        (true, true) => run::<BySeq<true>>(inputs, scratch, expired),
    }
}

pub(crate) struct Inputs<'a> {
    pub graph: &'a Graph,
    pub seeds: Seeds<'a>,
    pub question: &'a Question,
    pub within: Option<&'a AccountSet>,
}

/// Accounts to read from, with the arrival that says from when.
type Frontier<K> = Vec<(u32, K)>;

struct Walk<'a, K: Key> {
    inputs: &'a Inputs<'a>,
    pad: &'a mut Pad<K>,
    budget: Budget<'a>,
    levels: Vec<Frontier<K>>,
    accounts: Vec<u32>,
    hops: Vec<u8>,
    arrivals: Vec<i64>,
    layers: Vec<Layer>,
}

fn run<K: Pads + 'static>(
    inputs: &Inputs<'_>,
    scratch: &mut Scratch,
    expired: &dyn Fn() -> bool,
) -> Spread {
    let (pad, marks) = K::pad(scratch);
    let seeds = inputs.seeds;
    let known = inputs
        .graph
        .accounts()
        .max(seeds.accounts.last().map_or(0, |last| last + 1));
    pad.reserve(known as usize);
    let mut walk = Walk {
        inputs,
        pad,
        budget: Budget::new(inputs.question.max_reads, expired),
        levels: Vec::with_capacity(usize::from(inputs.question.hops) + 1),
        accounts: Vec::new(),
        hops: Vec::new(),
        arrivals: Vec::new(),
        layers: vec![Layer {
            accounts: seeds.accounts.len() as u64,
            ..Layer::default()
        }],
    };
    let start = seeds.accounts.iter().zip(seeds.times);
    let start: Frontier<K> = start
        .map(|(&seed, &time)| (seed, K::after_all_at(K::mirror(time))))
        .collect();
    for &(seed, key) in &start {
        walk.pad.cells[seed as usize].best = key;
        walk.reach(seed, 0, key);
    }
    walk.levels.push(start);
    match inputs.question.dwell {
        None => walk.by_earliest_arrival(),
        Some(dwell) => {
            let segments = inputs
                .graph
                .segments
                .iter()
                .map(|segment| segment.rows.len());
            marks.reset(segments.chain(std::iter::once(inputs.graph.tail.len())));
            walk.by_tainted_transfer(dwell, marks);
        }
    }
    walk.finish()
}

impl<K: Key + 'static> Walk<'_, K> {
    /// Without a dwell limit.
    fn by_earliest_arrival(&mut self) {
        let (low, high) = self.window();
        for hop in 1..=self.inputs.question.hops {
            let mut layer = Layer::default();
            let frontier = self.levels.pop().unwrap_or_default();
            for &(account, arrival) in &frontier {
                if hop > 1 && self.inputs.question.stop.has(account) {
                    continue;
                }
                let scanned =
                    std::mem::replace(&mut self.pad.cells[account as usize].scanned, arrival);
                let from = arrival.max(low);
                if self
                    .relax(account, from, scanned.min(high), &mut layer)
                    .is_break()
                {
                    break;
                }
            }
            self.levels.push(frontier);
            let mut touched = std::mem::take(&mut self.pad.touched);
            let mut next = Vec::new();
            touched.drain(|account| {
                let key = self.pad.cells[account as usize].best;
                next.push((account, key));
                self.reach(account, hop, key);
            });
            self.pad.touched = touched;
            self.close(layer);
            if next.is_empty() {
                break;
            }
            self.levels.push(next);
            if self.budget.truncated.is_some() {
                break;
            }
        }
    }

    /// Read an account's transfers within bounds and hand their taint on.
    fn relax(&mut self, account: u32, low: K, high: K, layer: &mut Layer) -> ControlFlow<()> {
        let Self {
            inputs,
            pad,
            budget,
            ..
        } = self;
        let least = inputs.question.min_amount;
        let within = inputs.within;
        scan(inputs.graph, account, low, high, budget, |step, budget| {
            if !budget.take() {
                return ControlFlow::Break(());
            }
            if step.amount < least
                || step.to == account
                || within.is_some_and(|set| !set.has(step.to))
            {
                return ControlFlow::Continue(());
            }
            let cell = &mut pad.cells[step.to as usize];
            layer.transfers += 1;
            layer.amount += step.amount;
            cell.amount += step.amount;
            if step.key < cell.best {
                cell.best = step.key;
                pad.touched.insert(step.to);
            }
            ControlFlow::Continue(())
        })
    }

    /// With a dwell limit: what arrived at one hop moves on in the stretches that it opens, and in no other.
    fn by_tainted_transfer(&mut self, dwell: i64, marks: &mut Marks) {
        let (low, high) = self.window();
        for hop in 1..=self.inputs.question.hops {
            let mut layer = Layer::default();
            let mut arrived: Frontier<K> = Vec::new();
            let mut earlier: Option<(u32, K)> = None;
            let frontier = self.levels.pop().unwrap_or_default();
            for &(account, arrival) in &frontier {
                if hop > 1 && self.inputs.question.stop.has(account) {
                    continue;
                }
                let until = if hop == 1 {
                    K::NEVER
                } else {
                    K::after_all_at(arrival.mirrored().saturating_add(dwell))
                };
                // Stretches of one account come in order; what the one before covered is not looked at again.
                let from = match earlier {
                    Some((same, covered)) if same == account => covered.max(arrival),
                    _ => arrival,
                };
                earlier = Some((account, until));
                let (from, until) = (from.max(low), until.min(high));
                let Self {
                    inputs,
                    pad,
                    budget,
                    ..
                } = self;
                let flow = taint(inputs, budget, marks, account, from, until, |step| {
                    layer.transfers += 1;
                    layer.amount += step.amount;
                    let cell = &mut pad.cells[step.to as usize];
                    cell.amount += step.amount;
                    cell.best = cell.best.min(step.key);
                    if cell.row == UNREACHED {
                        cell.scanned = cell.scanned.min(step.key);
                        pad.touched.insert(step.to);
                    }
                    arrived.push((step.to, step.key));
                });
                if flow.is_break() {
                    break;
                }
            }
            self.levels.push(frontier);
            let mut touched = std::mem::take(&mut self.pad.touched);
            touched.drain(|account| {
                let first = self.pad.cells[account as usize].scanned;
                self.reach(account, hop, first);
            });
            self.pad.touched = touched;
            self.close(layer);
            if arrived.is_empty() {
                break;
            }
            arrived.sort_unstable();
            arrived.dedup();
            self.levels.push(arrived);
            if self.budget.truncated.is_some() {
                break;
            }
        }
    }

    /// The window, as bounds on keys: later than the first, up to the second.
    fn window(&self) -> (K, K) {
        let Question { start, end, .. } = *self.inputs.question;
        let (first, last) = if K::BACKWARD {
            (end, start)
        } else {
            (start, end)
        };
        let low = first.map_or(i64::MIN, |time| K::mirror(time) - 1);
        (
            K::after_all_at(low),
            last.map_or(K::NEVER, |time| K::after_all_at(K::mirror(time))),
        )
    }

    /// Give the account a row in the answer, if this is the first time it is reached.
    fn reach(&mut self, account: u32, hop: u8, key: K) {
        let cell = &mut self.pad.cells[account as usize];
        if cell.row == UNREACHED {
            cell.row = self.accounts.len() as u32;
            self.accounts.push(account);
            self.hops.push(hop);
            self.arrivals.push(key.time());
        }
    }

    /// Close a hop, unless nothing happened in it.
    fn close(&mut self, layer: Layer) {
        let before: u64 = self.layers.iter().map(|layer| layer.accounts).sum();
        let accounts = self.accounts.len() as u64 - before;
        if layer.transfers > 0 {
            self.layers.push(Layer { accounts, ..layer });
        }
    }

    /// Read the rest of the answer out of the cells, and leave them untouched for the next walk.
    fn finish(self) -> Spread {
        let mut earliest = Vec::with_capacity(self.accounts.len());
        let mut amounts = Vec::with_capacity(self.accounts.len());
        for &account in &self.accounts {
            let cell = std::mem::replace(&mut self.pad.cells[account as usize], Cell::UNTOUCHED);
            earliest.push(cell.best.time());
            amounts.push(cell.amount);
        }
        Spread {
            accounts: self.accounts,
            hops: self.hops,
            arrivals: self.arrivals,
            earliest,
            amounts,
            layers: self.layers,
            reads: self.budget.read,
            truncated: self.budget.truncated,
            trail: Trail::new(
                self.levels,
                self.inputs.graph.clone(),
                self.inputs.question.clone(),
            ),
        }
    }
}

/// Read the transfers of one stretch that no other stretch has read yet.
fn taint<K: Key>(
    inputs: &Inputs<'_>,
    budget: &mut Budget<'_>,
    marks: &mut Marks,
    account: u32,
    low: K,
    high: K,
    mut visit: impl FnMut(Step<K>),
) -> ControlFlow<()> {
    scan(inputs.graph, account, low, high, budget, |step, budget| {
        if !marks.mark(step.place.segment, step.place.row) {
            return ControlFlow::Continue(());
        }
        if !budget.take() {
            return ControlFlow::Break(());
        }
        let inside = inputs.within.is_none_or(|set| set.has(step.to));
        if step.amount >= inputs.question.min_amount && step.to != account && inside {
            visit(step);
        }
        ControlFlow::Continue(())
    })
}

impl Spread {
    /// The account's row in the answer.
    #[must_use]
    pub fn row(&self, account: u32) -> Option<usize> {
        let mut from = 0;
        while from < self.hops.len() {
            let hop = self.hops[from];
            let until = from + self.hops[from..].partition_point(|other| *other == hop);
            if let Ok(at) = self.accounts[from..until].binary_search(&account) {
                return Some(from + at);
            }
            from = until;
        }
        None
    }
}
