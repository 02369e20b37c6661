//! Hubs: accounts with so many transfers that a walk enters them, and does not pass through.
//!
//! A payroll or a tax office with a million transfers joins everybody to everybody within two hops: passing through it
//! costs time and says nothing. The rule looks at both sides and at all of time, so that it is the same forward and
//! backward, and the same for one account as for the whole spread.

use crate::graph::Graph;
use crate::question::Question;

/// Why a walk does not pass through an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Barrier {
    /// It is in the stop set.
    Stop,
    /// It has more payments, or more receipts, than the question's cap.
    Hub,
}

impl Graph {
    /// Whether the account has more payments, or more receipts, than this.
    pub(crate) fn is_hub(&self, account: u32, most: usize) -> bool {
        let (mut pays, mut paid) = (0, 0);
        for segment in &self.segments {
            pays += segment.out.range(account).len();
            paid += segment.into.range(account).len();
            if pays.max(paid) > most {
                return true;
            }
        }
        let enough = most + 1;
        pays += self.tail.payments(account).take(enough).count();
        paid += self.tail.receipts(account).take(enough).count();
        pays.max(paid) > most
    }
}

impl Question {
    /// What keeps a walk from passing through an account that is no seed.
    #[inline]
    pub(crate) fn barrier(&self, graph: &Graph, account: u32) -> Option<Barrier> {
        if self.stop.has(account) {
            return Some(Barrier::Stop);
        }
        let most = self.max_fanout?;
        graph.is_hub(account, most).then_some(Barrier::Hub)
    }
}
