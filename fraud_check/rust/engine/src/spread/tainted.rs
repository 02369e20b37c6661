//! With a dwell limit: taint lies on transfers, and each tainted arrival opens a stretch in which the money may move on.

use std::ops::ControlFlow;

use super::{Frontier, Inputs, Layer, Walk};
use crate::order::{Frame, Key};
use crate::question::Budget;
use crate::scan::{Step, Stretch, scan};
use crate::scratch::Marks;

impl<K: Key> Walk<'_, K> {
    /// Hop by hop: what arrived at one hop moves on in the stretches that it opens, and in no other.
    pub(super) fn by_tainted_transfer(&mut self, dwell: i64, marks: &mut Marks) {
        let (low, high) = self.window();
        let mut scanned: Vec<K> = Vec::new();
        let mut steps: Vec<Step<K>> = Vec::new();
        let mut hubs = false;
        for hop in 1..=self.inputs.question.hops {
            let mut layer = Layer::default();
            let mut arrived: Frontier<K> = Vec::new();
            let mut earlier: Option<(u32, K)> = None;
            let frontier = self.levels.pop().unwrap_or_default();
            for &(account, arrival) in &frontier {
                if !self.inputs.passes(hop, account, &mut hubs) {
                    continue;
                }
                let until = if hop == 1 {
                    K::NEVER
                } else {
                    arrival.rested(dwell)
                };
                // Stretches of one account come in order; what the one before covered is not looked at again.
                let from = match earlier {
                    Some((same, covered)) if same == account => covered.max(arrival),
                    _ => arrival,
                };
                earlier = Some((account, until));
                steps.clear();
                let Self {
                    inputs,
                    frame,
                    budget,
                    shares,
                    ..
                } = self;
                let Some(least) = shares.leaving(inputs.graph, account, budget) else {
                    break;
                };
                let stretch = Stretch {
                    account,
                    low: from.max(low),
                    high: until.min(inputs.high(*frame, account, high)),
                    least,
                };
                let read = taint(inputs, *frame, budget, marks, stretch, |step| {
                    steps.push(step)
                });
                let kept = shares.retain(inputs.graph, &mut steps, budget);
                arrived.extend(steps.iter().map(|step| (step.to, step.key)));
                self.hand_on(&steps, &mut layer);
                if read.is_break() || kept.is_break() {
                    break;
                }
            }
            self.levels.push(frontier);
            self.settle(hop, &mut scanned);
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
        self.hubs = hubs;
    }
}

/// Read the transfers of one stretch that no other stretch has read yet.
fn taint<K: Key>(
    inputs: &Inputs<'_>,
    frame: Frame,
    budget: &mut Budget<'_>,
    marks: &mut Marks,
    stretch: Stretch<K>,
    mut visit: impl FnMut(Step<K>),
) -> ControlFlow<()> {
    scan(
        inputs.graph,
        frame,
        stretch,
        budget,
        |step, place, budget| {
            if !marks.mark(place.segment, place.row) {
                return ControlFlow::Continue(());
            }
            if !budget.take() {
                return ControlFlow::Break(());
            }
            let inside = inputs.within.is_none_or(|set| set.has(step.to));
            if step.amount >= stretch.least && step.to != stretch.account && inside {
                visit(step);
            }
            ControlFlow::Continue(())
        },
    )
}
