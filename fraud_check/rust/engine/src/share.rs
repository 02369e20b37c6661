//! The share rule: a transfer is followed only if it is large enough a part of all that its payer paid out.
//!
//! Forward a transfer is measured against what its payer paid within the question's window, backward against what its
//! receiver received: a property of the transfer, whatever walk meets it. Self-transfers move nothing and are not counted.
//! Each account's payments are added up once in a walk, and what is read for that is charged to the budget.

use std::ops::ControlFlow;

use rustc_hash::FxHashMap;

use crate::graph::Graph;
use crate::order::{Key, Wide};
use crate::question::{Budget, Question};
use crate::scan::{Step, Stretch, scan};

/// What a share is counted in: a part of ten thousand.
pub(crate) const WHOLE: u32 = 10_000;

/// At which end of a transfer, seen from a walk, the account stands whose transfers are the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measured {
    /// Where the walk comes from, as in a question's own walk.
    Near,
    /// Where the walk goes: one backward that prepares a forward question.
    Far,
}

/// The least amount that is followed from each account, as far as a walk has asked.
#[derive(Debug)]
pub(crate) struct Shares {
    least: i64,
    share: u32,
    measured: Measured,
    receipts: bool,
    start: Option<i64>,
    end: Option<i64>,
    known: FxHashMap<u32, i64>,
}

impl Shares {
    pub fn new(question: &Question, measured: Measured) -> Self {
        Self {
            least: question.min_amount,
            share: question.min_share,
            measured,
            receipts: question.backward == (measured == Measured::Near),
            start: question.start,
            end: question.end,
            known: FxHashMap::default(),
        }
    }

    /// The least amount with which a walk leaves this account; none if the budget did not suffice to find out.
    #[inline]
    pub fn leaving(&mut self, graph: &Graph, account: u32, budget: &mut Budget<'_>) -> Option<i64> {
        if self.share == 0 || self.measured == Measured::Far {
            return Some(self.least);
        }
        self.least_of(graph, account, budget)
    }

    /// Drop the steps that are too small a part of what the accounts that they lead to moved.
    /// What cannot be found out within the budget is dropped too.
    #[inline]
    pub fn retain<K>(
        &mut self,
        graph: &Graph,
        steps: &mut Vec<Step<K>>,
        budget: &mut Budget<'_>,
    ) -> ControlFlow<()> {
        if self.share == 0 || self.measured == Measured::Near {
            return ControlFlow::Continue(());
        }
        let mut flow = ControlFlow::Continue(());
        steps.retain(|step| {
            if flow.is_break() {
                return false;
            }
            let Some(least) = self.least_of(graph, step.to, budget) else {
                flow = ControlFlow::Break(());
                return false;
            };
            step.amount >= least
        });
        flow
    }

    /// Whether the walk followed payments of this amount when it left this account.
    pub fn followed(&self, account: u32, amount: i64) -> bool {
        let enough = |least: &i64| amount >= *least;
        amount >= self.least && (self.share == 0 || self.known.get(&account).is_some_and(enough))
    }

    fn least_of(&mut self, graph: &Graph, account: u32, budget: &mut Budget<'_>) -> Option<i64> {
        if let Some(&known) = self.known.get(&account) {
            return Some(known);
        }
        let moved = if self.receipts {
            self.moved::<Wide<true>>(graph, account, budget)
        } else {
            self.moved::<Wide<false>>(graph, account, budget)
        }?;
        // At most `moved`, which is part of a total below 2^63.
        let part = (moved * u128::from(self.share)).div_ceil(u128::from(WHOLE));
        let least = i64::try_from(part).unwrap_or(i64::MAX).max(self.least);
        self.known.insert(account, least);
        Some(least)
    }

    /// All that an account paid, or received, within the window.
    fn moved<K: Key>(&self, graph: &Graph, account: u32, budget: &mut Budget<'_>) -> Option<u128> {
        let frame = graph.frame();
        let (first, last) = (
            self.start.unwrap_or(frame.oldest),
            self.end.unwrap_or(frame.newest),
        );
        let (first, last) = if K::BACKWARD {
            (last, first)
        } else {
            (first, last)
        };
        let stretch = Stretch {
            account,
            low: K::before_all_at(frame, first),
            high: K::after_all_at(frame, last),
            least: 0,
        };
        let mut moved = 0_u128;
        let flow = scan(graph, frame, stretch, budget, |step, _, budget| {
            if !budget.take() {
                return ControlFlow::Break(());
            }
            if step.to != account {
                moved += u128::from(step.amount.unsigned_abs());
            }
            ControlFlow::Continue(())
        });
        flow.is_continue().then_some(moved)
    }
}
