//! Witnesses: one path of transfers that explains why an account was reached.
//!
//! Nothing is stored for it while walking. The levels of a walk say at which hop it reached which account, and when;
//! the receipts of an account then name the transfer that brought it there, and so on back to a seed.

use crate::graph::Graph;
use crate::order::{Frame, Key, Rank};
use crate::question::Question;
use crate::share::Shares;
use crate::transfer::Transfer;

/// What a walk leaves behind for those who ask why.
#[derive(Debug)]
pub struct Trail {
    levels: Box<dyn Levels>,
    graph: Graph,
    question: Question,
    shares: Shares,
}

/// Per hop, ascending by account and arrival: who was reached, and when.
trait Levels: std::fmt::Debug + Send + Sync {
    /// The hop of an account's first arrival, and its rank.
    fn first(&self, account: u32) -> Option<(usize, Rank)>;
    /// The first arrival of an account at a level that meets a condition.
    fn find(&self, account: u32, level: usize, condition: &dyn Fn(Rank) -> bool) -> Option<Rank>;
}

/// Levels as a walk made them, with the frame in which their keys are counted.
#[derive(Debug)]
struct Counted<K>(Frame, Vec<Vec<(u32, K)>>);

impl<K: Key> Levels for Counted<K> {
    fn first(&self, account: u32) -> Option<(usize, Rank)> {
        (0..self.1.len()).find_map(|level| Some((level, self.find(account, level, &|_| true)?)))
    }

    fn find(&self, account: u32, level: usize, condition: &dyn Fn(Rank) -> bool) -> Option<Rank> {
        let arrivals = self.1.get(level)?;
        let first = arrivals.partition_point(|(other, _)| *other < account);
        let own = arrivals[first..]
            .iter()
            .take_while(|(other, _)| *other == account);
        own.map(|(_, key)| key.rank(self.0))
            .find(|rank| condition(*rank))
    }
}

impl Trail {
    pub(crate) fn new<K: Key>(
        levels: Vec<Vec<(u32, K)>>,
        frame: Frame,
        graph: Graph,
        question: Question,
        shares: Shares,
    ) -> Self {
        Self {
            levels: Box::new(Counted(frame, levels)),
            graph,
            question,
            shares,
        }
    }

    /// The transfers of a path with the fewest hops between a seed and the account, in the order in which they happened.
    ///
    /// A seed's path is empty; an account that was not reached has none.
    #[must_use]
    pub fn path(&self, account: u32) -> Option<Vec<Transfer>> {
        let (mut level, mut at) = self.levels.first(account)?;
        let mut path = Vec::with_capacity(level);
        let mut account = account;
        while level > 0 {
            level -= 1;
            let transfer;
            (transfer, account, at) = self.step(account, level, at)?;
            path.push(transfer);
        }
        if !self.question.backward {
            path.reverse();
        }
        Some(path)
    }

    /// Whether the walk followed payments of this amount when it left an account.
    pub(crate) fn followed(&self, account: u32, amount: i64) -> bool {
        self.shares.followed(account, amount)
    }

    /// A transfer that reaches `account` at this rank, from one that was reached at `level` in time to make it.
    fn step(&self, account: u32, level: usize, at: Rank) -> Option<(Transfer, u32, Rank)> {
        let Question {
            backward,
            tie_by_seq,
            ..
        } = self.question;
        let time = if backward { -at.0 } else { at.0 };
        let mut found: Vec<Transfer> = Vec::new();
        for segment in &self.graph.segments {
            if backward {
                let run = segment.out.range(account);
                let first = run.start
                    + segment.rows[run.clone()].partition_point(|row| segment.at(row.tick) < time);
                let same = (first..run.end).take_while(|row| segment.time(*row) == time);
                found.extend(same.map(|row| segment.transfer(account, row)));
            } else {
                let run = &segment.entries[segment.into.range(account)];
                let first = run.partition_point(|entry| segment.time(entry.row as usize) < time);
                let same = run[first..]
                    .iter()
                    .take_while(|entry| segment.time(entry.row as usize) == time);
                found.extend(same.map(|entry| segment.transfer(entry.src, entry.row as usize)));
            }
        }
        if backward {
            found.extend(
                self.graph
                    .tail
                    .payments(account)
                    .map(|(_, transfer)| *transfer)
                    .filter(|one| one.time == time),
            );
        } else {
            found.extend(
                self.graph
                    .tail
                    .receipts(account)
                    .map(|(_, transfer)| *transfer)
                    .filter(|one| one.time == time),
            );
        }
        found.sort_unstable_by_key(|transfer| transfer.seq);
        found.into_iter().find_map(|transfer| {
            let from = if backward { transfer.dst } else { transfer.src };
            let seq = match (tie_by_seq, backward) {
                (false, _) => u32::MAX,
                (true, false) => transfer.seq,
                (true, true) => u32::MAX - 1 - transfer.seq,
            };
            let fits =
                from != account && self.shares.followed(from, transfer.amount) && at.1 == seq;
            let rank = if fits {
                self.arrived(from, level, (at.0, seq))?
            } else {
                return None;
            };
            Some((transfer, from, rank))
        })
    }

    /// An arrival of `account` at this level that lets a transfer of this rank follow.
    fn arrived(&self, account: u32, level: usize, next: Rank) -> Option<Rank> {
        if level > 0 && self.question.barrier(&self.graph, account).is_some() {
            return None;
        }
        let dwell = self.question.dwell.filter(|_| level > 0);
        let in_time = |rank: Rank| dwell.is_none_or(|dwell| next.0 <= rank.0.saturating_add(dwell));
        self.levels
            .find(account, level, &|rank| rank < next && in_time(rank))
    }
}
