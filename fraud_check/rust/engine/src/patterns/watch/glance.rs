//! What a new shape cannot do without, for a transfer that no other is later than.
//!
//! Everything remembered is then at most as late, so that the best stretch is the one that ends with this transfer. Every
//! condition here is necessary: an account that is dismissed has no new shape. Some are sufficient too, but that is not
//! relied on.

use rustc_hash::FxHashMap;

use super::met::{Few, Marks};
use super::recent::Recent;
use crate::patterns::source::Side;
use crate::patterns::{Patterns, Shape};
use crate::transfer::Transfer;

/// Working space, kept from one transfer to the next.
#[derive(Debug, Default)]
pub(super) struct Glance {
    seen: Few,
    marks: Marks,
    met: Marks,
    times: FxHashMap<u32, i64>,
    reached: FxHashMap<u32, i64>,
    frontier: Vec<(u32, i64)>,
    next: Vec<(u32, i64)>,
}

/// One pattern, one transfer, and what is remembered.
struct Moment<'a> {
    recent: &'a Recent,
    near: &'a Patterns,
    now: &'a Transfer,
    skipped: &'a mut u64,
}

impl Moment<'_> {
    /// The account's transfers in the window, latest first, up to the cap; whether that was hit is told at the end.
    fn latest(&mut self, account: u32, side: Side, mut visit: impl FnMut(&Transfer) -> bool) {
        let from = self.near.start.unwrap_or(i64::MIN);
        let mut left = self.near.max_degree;
        for row in self.recent.latest(account, side, from) {
            if left == 0 {
                *self.skipped += 1;
                return;
            }
            left -= 1;
            if row.amount >= self.near.min_amount && !visit(row) {
                return;
            }
        }
    }

    /// Whether the account can have as many counterparties as the shape needs.
    fn may(&self, account: u32, side: Side) -> bool {
        self.recent.most(account, side) >= self.near.size
    }
}

impl Glance {
    /// Accounts around which the shape may be new.
    pub fn anchors(
        &mut self,
        recent: &Recent,
        near: &Patterns,
        now: &Transfer,
        skipped: &mut u64,
    ) -> Vec<u32> {
        let mut moment = Moment {
            recent,
            near,
            now,
            skipped,
        };
        let at = &mut moment;
        let &Transfer { src, dst, .. } = now;
        let only = |account, holds| if holds { vec![account] } else { Vec::new() };
        match near.shape {
            Shape::FanOut => only(src, self.is_last_of_enough(at, src, Side::Payments)),
            Shape::FanIn => only(dst, self.is_last_of_enough(at, dst, Side::Receipts)),
            Shape::GatherScatter => {
                let holds = self.passes(at, src, None) && !self.passes(at, src, Some(now.seq));
                only(src, holds)
            }
            Shape::ScatterGather => self.scatterers(at),
            Shape::Cycle => only(dst, self.comes_back(at)),
            Shape::Bipartite => self.crowd(at),
            Shape::Stack => self.mules(at),
        }
    }

    /// Payers that may be enough with this transfer: the payer, if somebody shares just enough receivers with it now; and
    /// those with whom it shares just enough. Whoever shared more did so without this transfer.
    fn crowd(&mut self, at: &mut Moment<'_>) -> Vec<u32> {
        let (&Transfer { src, dst, seq, .. }, size) = (at.now, at.near.size);
        if at.recent.most(dst, Side::Receipts) < 2 || !self.has_enough(at, src, Side::Payments) {
            return Vec::new();
        }
        let mut others = Self::others(at, dst, Side::Receipts, src);
        others.retain(|account| at.may(*account, Side::Payments));
        if others.is_empty() {
            return others;
        }
        let Self { marks, met, .. } = self;
        marks.clear(at.recent.accounts());
        let (mut own, mut begun, mut before) = (0, i64::MAX, i64::MIN);
        at.latest(src, Side::Payments, |row| {
            own += usize::from(marks.set(row.dst));
            begun = row.time;
            if row.dst == dst && row.seq != seq {
                before = before.max(row.time);
            }
            true
        });
        let (mut enough, mut just) = (0, false);
        let mut found = Vec::new();
        for other in others {
            let (mut ever, mut since, mut first) = (0, 0, i64::MAX);
            met.clear(at.recent.accounts());
            at.latest(other, Side::Payments, |row| {
                first = row.time;
                if marks.has(row.dst) && met.set(row.dst) {
                    ever += 1;
                    since += usize::from(row.time >= begun);
                }
                true
            });
            enough += usize::from(since >= size);
            just |= since == size;
            if ever < size || before >= first {
                continue;
            }
            // The other way round: what the payer shares since the other began.
            met.clear(at.recent.accounts());
            at.latest(other, Side::Payments, |row| {
                _ = met.set(row.dst);
                true
            });
            let mut shared = 0;
            at.latest(src, Side::Payments, |row| {
                shared += usize::from(row.time >= first && met.unset(row.dst));
                row.time >= first
            });
            if shared == size {
                found.push(other);
            }
        }
        if before == i64::MIN && (just || (own == size && enough + 1 >= size)) {
            found.push(src);
        }
        found
    }

    /// Mules beside whom another may stand now: the payer has one more receiver in common with them, or the receiver, who
    /// passed its money on before, one more payer.
    fn mules(&mut self, at: &mut Moment<'_>) -> Vec<u32> {
        let &Transfer { src, dst, seq, .. } = at.now;
        let mut found = Vec::new();
        if self.passes(at, src, None) {
            found = self.mules_beside(at, src, dst, Side::Receipts);
            if !found.is_empty() || !self.passes(at, src, Some(seq)) {
                found.push(src);
            }
        }
        if self.passes(at, dst, None)
            && !self.mules_beside(at, dst, src, Side::Payments).is_empty()
            && !found.contains(&dst)
        {
            found.push(dst);
        }
        found
    }

    /// The other parties of `with` on this side that share enough payers and enough receivers with a mule.
    fn mules_beside(&mut self, at: &mut Moment<'_>, mule: u32, with: u32, side: Side) -> Vec<u32> {
        let mut beside = Self::others(at, with, side, mule);
        self.keep_alike(at, &mut beside, mule, Side::Payments);
        self.keep_alike(at, &mut beside, mule, Side::Receipts);
        beside
    }

    /// Whether the transfer brings the account's counterparties to just enough.
    fn is_last_of_enough(&mut self, at: &mut Moment<'_>, account: u32, side: Side) -> bool {
        if !at.may(account, side) {
            return false;
        }
        let (seen, now, size) = (&mut self.seen, at.now, at.near.size);
        seen.clear();
        let mut holds = true;
        at.latest(account, side, |row| {
            if row.seq != now.seq {
                let other = side.other(row);
                holds = other != side.other(now) && !(seen.insert(other) && seen.len() == size);
            }
            holds
        });
        holds && seen.len() + 1 == size
    }

    /// Whether enough paid the account, and after the last of them it paid enough; perhaps without one transfer.
    fn passes(&mut self, at: &mut Moment<'_>, account: u32, hidden: Option<u32>) -> bool {
        if !at.may(account, Side::Payments) || !at.may(account, Side::Receipts) {
            return false;
        }
        let (seen, size) = (&mut self.seen, at.near.size);
        let mut turn = None;
        seen.clear();
        at.latest(account, Side::Payments, |row| {
            if hidden != Some(row.seq) && seen.insert(row.dst) && seen.len() == size {
                turn = Some(row.time);
            }
            turn.is_none()
        });
        let Some(turn) = turn else { return false };
        seen.clear();
        at.latest(account, Side::Receipts, |row| {
            if row.time < turn {
                seen.insert(row.src);
            }
            seen.len() < size
        });
        seen.len() >= size
    }

    /// Whether the account has enough counterparties.
    fn has_enough(&mut self, at: &mut Moment<'_>, account: u32, side: Side) -> bool {
        if !at.may(account, side) {
            return false;
        }
        let (seen, size) = (&mut self.seen, at.near.size);
        seen.clear();
        at.latest(account, side, |row| {
            seen.insert(side.other(row));
            seen.len() < size
        });
        seen.len() >= size
    }

    /// The other parties of the account's transfers in the window, but for one; and nothing later than the transfer.
    fn others(at: &mut Moment<'_>, account: u32, side: Side, but: u32) -> Vec<u32> {
        let mut others = Vec::new();
        at.latest(account, side, |row| {
            let other = side.other(row);
            if other != but {
                others.push(other);
            }
            true
        });
        others.sort_unstable();
        others.dedup();
        others
    }

    /// Who scattered money of which this transfer gathers the last of enough parts.
    fn scatterers(&mut self, at: &mut Moment<'_>) -> Vec<u32> {
        let &Transfer { src, dst, .. } = at.now;
        if at.recent.most(src, Side::Receipts) == 0 || !self.has_enough(at, dst, Side::Receipts) {
            return Vec::new();
        }
        let mut scatterers = Self::others(at, src, Side::Receipts, dst);
        scatterers.retain(|account| at.may(*account, Side::Payments));
        if scatterers.is_empty() {
            return scatterers;
        }
        let (seen, times, size) = (&mut self.seen, &mut self.times, at.near.size);
        times.clear();
        at.latest(dst, Side::Receipts, |row| {
            times.entry(row.src).or_insert(row.time);
            true
        });
        scatterers.retain(|account| {
            seen.clear();
            at.latest(*account, Side::Payments, |row| {
                if times.get(&row.dst).is_some_and(|onward| *onward > row.time) {
                    seen.insert(row.dst);
                }
                seen.len() <= size
            });
            // With more than enough there were enough without this transfer.
            seen.len() == size
        });
        scatterers
    }

    /// Whether money of the receiver may have come to the payer, so that it comes back with this transfer.
    fn comes_back(&mut self, at: &mut Moment<'_>) -> bool {
        let &Transfer { src, dst, time, .. } = at.now;
        let most = |account, side| at.recent.most(account, side);
        if most(dst, Side::Payments) == 0 || most(src, Side::Receipts) == 0 {
            return false;
        }
        let Self {
            times,
            reached,
            frontier,
            next,
            ..
        } = self;
        // Who paid the payer before, and when last.
        times.clear();
        at.latest(src, Side::Receipts, |row| {
            if row.time < time {
                times.entry(row.src).or_insert(row.time);
            }
            true
        });
        if times.is_empty() {
            return false;
        }
        let begin = at.near.start.unwrap_or(i64::MIN) - 1;
        reached.clear();
        frontier.clear();
        frontier.push((dst, begin));
        let mut left = at.near.max_reads.unwrap_or(u64::MAX);
        for hops in 1..at.near.max_hops {
            if frontier
                .iter()
                .any(|(account, arrival)| times.get(account).is_some_and(|paid| paid > arrival))
            {
                return true;
            }
            if hops + 1 == at.near.max_hops {
                break;
            }
            next.clear();
            let mut known = false;
            for &(account, arrival) in &*frontier {
                at.latest(account, Side::Payments, |row| {
                    left = left.saturating_sub(1);
                    if row.time <= arrival || left == 0 {
                        return false;
                    }
                    // Money was back already, without this transfer.
                    known |= row.dst == dst;
                    let first = reached.entry(row.dst).or_insert(i64::MAX);
                    if row.time < *first && row.time < time {
                        *first = row.time;
                        next.push((row.dst, row.time));
                    }
                    !known
                });
                if known {
                    return false;
                }
            }
            if left == 0 {
                *at.skipped += 1;
                return false;
            }
            std::mem::swap(frontier, next);
        }
        false
    }

    /// Keep accounts that share enough counterparties with another.
    fn keep_alike(&mut self, at: &mut Moment<'_>, accounts: &mut Vec<u32>, with: u32, side: Side) {
        accounts.retain(|account| at.may(*account, side));
        if accounts.is_empty() {
            return;
        }
        let (seen, marks, size) = (&mut self.seen, &mut self.marks, at.near.size);
        marks.clear(at.recent.accounts());
        at.latest(with, side, |row| {
            _ = marks.set(side.other(row));
            true
        });
        accounts.retain(|account| {
            seen.clear();
            at.latest(*account, side, |row| {
                let other = side.other(row);
                if marks.has(other) {
                    seen.insert(other);
                }
                seen.len() < size
            });
            seen.len() >= size
        });
    }
}
