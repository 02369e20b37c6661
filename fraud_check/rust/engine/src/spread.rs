//! Spread: from seeds, each with the time its taint starts, hop by hop, as far as money can have gone.
//!
//! Level by level over walks. Without a dwell limit an account needs only its earliest arrival per level, and a pointer
//! in time down to which its transfers were read: an earlier arrival reads on from there, so that each transfer is read
//! at most once over all hops. With a dwell limit taint lives on transfers: each tainted arrival opens the stretch of
//! time in which the money may move on, and a mark per transfer keeps it from being read twice.

mod earliest;
mod tainted;

use crate::error::GraphError;
use crate::fanout::Barrier;
use crate::graph::Graph;
use crate::order::{BySeq, Frame, Key, Narrow, Wide};
use crate::question::{AccountSet, Budget, Question, Truncation, check_seeds};
use crate::scratch::{Cell, Pad, Pads, Scratch};
use crate::share::{Measured, Shares};
use crate::witness::Trail;

/// Accounts with the time their taint starts, strictly ascending by account.
#[derive(Debug, Clone, Copy)]
pub struct Seeds<'a> {
    /// The accounts.
    pub accounts: &'a [u32],
    /// When the taint of each starts.
    pub times: &'a [i64],
}

impl Seeds<'_> {
    /// Check that the seeds are strictly ascending by account and within range.
    ///
    /// # Errors
    /// They are not.
    pub fn check(&self) -> Result<(), GraphError> {
        check_seeds(self.accounts, self.times)
    }
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
            until: None,
            measured: Measured::Near,
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
    let frame = inputs.graph.frame();
    let Question {
        backward,
        tie_by_seq,
        ..
    } = *inputs.question;
    match (backward, tie_by_seq, frame.is_narrow()) {
        (false, false, true) => run::<Narrow<false>>(inputs, frame, scratch, expired),
        (true, false, true) => run::<Narrow<true>>(inputs, frame, scratch, expired),
        (false, false, false) => run::<Wide<false>>(inputs, frame, scratch, expired),
        (true, false, false) => run::<Wide<true>>(inputs, frame, scratch, expired),
        (false, true, _) => run::<BySeq<false>>(inputs, frame, scratch, expired),
        (true, true, _) => run::<BySeq<true>>(inputs, frame, scratch, expired),
    }
}

pub(crate) struct Inputs<'a> {
    pub graph: &'a Graph,
    pub seeds: Seeds<'a>,
    pub question: &'a Question,
    pub within: Option<&'a AccountSet>,
    /// Ascending by account: the last payment of each that matters; all of them, if nothing is said.
    pub until: Option<&'a [(u32, i64)]>,
    pub measured: Measured,
}

impl Inputs<'_> {
    /// The bound of the walk's window, or where an account's payments stop to matter.
    #[inline]
    fn high<K: Key>(&self, frame: Frame, account: u32, high: K) -> K {
        let Some(until) = self.until else {
            return high;
        };
        let known = until.binary_search_by_key(&account, |(one, _)| *one);
        known.map_or(high, |at| high.min(K::after_all_at(frame, until[at].1)))
    }

    /// Whether money that reached an account before this hop goes on; a seed's always does.
    #[inline]
    fn passes(&self, hop: u8, account: u32, hubs: &mut bool) -> bool {
        if hop == 1 {
            return true;
        }
        let barrier = self.question.barrier(self.graph, account);
        *hubs |= barrier == Some(Barrier::Hub);
        barrier.is_none()
    }
}

/// Accounts with the arrival from which they are read on.
type Frontier<K> = Vec<(u32, K)>;

struct Walk<'a, K: Key> {
    inputs: &'a Inputs<'a>,
    frame: Frame,
    pad: &'a mut Pad<K>,
    budget: Budget<'a>,
    shares: Shares,
    /// Whether the walk came to an account that it did not pass through for its many transfers.
    hubs: bool,
    levels: Vec<Frontier<K>>,
    accounts: Vec<u32>,
    hops: Vec<u8>,
    arrivals: Vec<i64>,
    layers: Vec<Layer>,
}

fn run<K: Pads>(
    inputs: &Inputs<'_>,
    frame: Frame,
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
    let start = seeds.accounts.iter().zip(seeds.times);
    let start: Frontier<K> = start
        .map(|(&seed, &time)| (seed, K::after_all_at(frame, time)))
        .collect();
    for &(seed, key) in &start {
        let cell = &mut pad.cells[seed as usize];
        (cell.best, cell.settled) = (key, key);
    }
    let mut walk = Walk {
        inputs,
        frame,
        pad,
        budget: Budget::new(inputs.question.max_reads, expired),
        shares: Shares::new(inputs.question, inputs.measured),
        hubs: false,
        levels: Vec::with_capacity(usize::from(inputs.question.hops) + 1),
        accounts: seeds.accounts.to_vec(),
        hops: vec![0; seeds.accounts.len()],
        arrivals: seeds.times.to_vec(),
        layers: vec![Layer {
            accounts: seeds.accounts.len() as u64,
            ..Layer::default()
        }],
    };
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

impl<K: Key> Walk<'_, K> {
    /// The window, as bounds on keys: later than the first, up to the second.
    fn window(&self) -> (K, K) {
        let Question { start, end, .. } = *self.inputs.question;
        let (first, last) = if K::BACKWARD {
            (end, start)
        } else {
            (start, end)
        };
        let Frame { oldest, newest } = self.frame;
        let first = first.unwrap_or(if K::BACKWARD { newest } else { oldest });
        let low = K::before_all_at(self.frame, first);
        (
            low,
            last.map_or(K::NEVER, |time| K::after_all_at(self.frame, time)),
        )
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
        let Self { frame, pad, .. } = self;
        let mut earliest = Vec::with_capacity(self.accounts.len());
        let mut amounts = Vec::with_capacity(self.accounts.len());
        for &account in &self.accounts {
            let cell = std::mem::replace(&mut pad.cells[account as usize], Cell::UNTOUCHED);
            earliest.push(cell.best.time(frame));
            amounts.push(cell.amount);
        }
        // A seed's own time may lie outside the frame of the transfers, so it is taken from the seed.
        let start = self.inputs.seeds.times.iter().zip(&self.levels[0]);
        for ((own, (_, key)), earliest) in start.zip(&mut earliest) {
            if key.time(frame) == *earliest {
                *earliest = *own;
            }
        }
        Spread {
            accounts: self.accounts,
            hops: self.hops,
            arrivals: self.arrivals,
            earliest,
            amounts,
            layers: self.layers,
            reads: self.budget.read,
            truncated: self
                .budget
                .truncated
                .or(self.hubs.then_some(Truncation::Fanout)),
            trail: Trail::new(
                self.levels,
                frame,
                self.inputs.graph.clone(),
                self.inputs.question.clone(),
                self.shares,
            ),
        }
    }
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
