//! An account's content, as portions of clean money (hop 0) and of money tainted at some hop.

use std::collections::VecDeque;

use super::Method;
use crate::question::MAX_HOPS;

/// An amount of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Portion {
    pub hop: u8,
    pub amount: i64,
    /// The number of its first unit among all that the seeds paid out; of clean money it means nothing.
    pub first: i64,
}

impl Portion {
    pub fn clean(amount: i64) -> Self {
        Self {
            hop: 0,
            amount,
            first: 0,
        }
    }

    /// Whether it is money of a seed.
    pub fn is_tainted(&self) -> bool {
        self.hop > 0 && self.amount > 0
    }

    /// Take units off, those with the lowest numbers.
    fn cut(&mut self, amount: i64) -> Self {
        let taken = Self { amount, ..*self };
        self.amount -= amount;
        self.first += amount;
        taken
    }
}

/// What an account holds.
#[derive(Debug, Clone)]
pub(super) enum Pool {
    /// Mixed: how much of each kind; and which units, hop by hop, in the order in which they came.
    Mixed([i64; MAX_HOPS as usize + 1], Vec<VecDeque<Portion>>),
    /// In the order in which it came, and which end leaves first.
    Ordered(VecDeque<Portion>, Method),
}

impl Pool {
    pub fn new(method: Method) -> Self {
        match method {
            Method::Haircut => Self::Mixed([0; MAX_HOPS as usize + 1], Vec::new()),
            Method::Fifo | Method::Lifo => Self::Ordered(VecDeque::new(), method),
        }
    }

    /// Put money in, in the order of its portions.
    pub fn deposit(&mut self, portions: &[Portion]) {
        for portion in portions.iter().filter(|portion| portion.amount > 0) {
            match self {
                Self::Mixed(kinds, units) => {
                    kinds[usize::from(portion.hop)] += portion.amount;
                    if portion.is_tainted() {
                        let hop = usize::from(portion.hop);
                        // Most accounts see few hops.
                        units.resize_with(units.len().max(hop), VecDeque::new);
                        units[hop - 1].push_back(*portion);
                    }
                }
                Self::Ordered(queue, _) => match queue.back_mut() {
                    Some(last) if last.hop == 0 && portion.hop == 0 => {
                        last.amount += portion.amount
                    }
                    _ => queue.push_back(*portion),
                },
            }
        }
    }

    /// Take money out; what the content cannot cover is clean.
    pub fn withdraw(&mut self, amount: i64) -> Vec<Portion> {
        let mut portions = match self {
            Self::Mixed(kinds, units) => mixed(kinds, units, amount),
            Self::Ordered(queue, method) => ordered(queue, *method, amount),
        };
        let taken: i64 = portions.iter().map(|portion| portion.amount).sum();
        if taken < amount {
            portions.push(Portion::clean(amount - taken));
        }
        portions
    }

    /// How much of it is tainted.
    pub fn tainted(&self) -> i64 {
        self.portions().iter().map(|portion| portion.amount).sum()
    }

    /// What of it is tainted.
    pub fn portions(&self) -> Vec<Portion> {
        match self {
            Self::Mixed(_, units) => units.iter().flatten().copied().collect(),
            Self::Ordered(queue, _) => {
                let tainted = queue.iter().filter(|portion| portion.is_tainted());
                tainted.copied().collect()
            }
        }
    }
}

/// A part of every kind: the tainted portions that leave.
fn mixed(
    kinds: &mut [i64; MAX_HOPS as usize + 1],
    units: &mut [VecDeque<Portion>],
    amount: i64,
) -> Vec<Portion> {
    let content: i64 = kinds.iter().sum();
    let part = amount.min(content);
    let tainted: i64 = kinds[1..].iter().sum();
    let share = share_of(part, tainted, content);
    let mut shares = [0; MAX_HOPS as usize + 1];
    for hop in 1..kinds.len() {
        shares[hop] = share_of(share, kinds[hop], tainted);
    }
    // Fewer units than hops are left by rounding down; they go to the fewest hops that still hold some.
    let mut over = share - shares.iter().sum::<i64>();
    for hop in 1..kinds.len() {
        let unit = over.min(1).min(kinds[hop] - shares[hop]);
        shares[hop] += unit;
        over -= unit;
    }
    shares[0] = part - share;
    for (kind, share) in kinds.iter_mut().zip(shares) {
        *kind -= share;
    }
    // Of each hop the units that came first leave.
    let by_hop = units.iter_mut().zip(&shares[1..]);
    by_hop
        .flat_map(|(queue, share)| ordered(queue, Method::Fifo, *share))
        .collect()
}

/// What leaves first, from one end of the queue.
fn ordered(queue: &mut VecDeque<Portion>, method: Method, amount: i64) -> Vec<Portion> {
    let mut portions = Vec::new();
    let mut left = amount;
    while left > 0 {
        let next = if method == Method::Fifo {
            queue.front_mut()
        } else {
            queue.back_mut()
        };
        let Some(portion) = next else { break };
        let taken = portion.cut(left.min(portion.amount));
        left -= taken.amount;
        portions.push(taken);
        if portion.amount == 0 {
            _ = if method == Method::Fifo {
                queue.pop_front()
            } else {
                queue.pop_back()
            };
        }
    }
    portions
}

/// floor(amount × part / whole); nothing of nothing.
fn share_of(amount: i64, part: i64, whole: i64) -> i64 {
    // Both factors are below 2^63, so the product fits, and the quotient is at most the amount.
    if whole == 0 {
        0
    } else {
        (i128::from(amount) * i128::from(part) / i128::from(whole)) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::{Pool, Portion};
    use crate::taint::Method;

    fn filled(method: Method) -> Pool {
        let mut pool = Pool::new(method);
        for (hop, amount) in [(1, 30), (0, 50), (2, 20)] {
            pool.deposit(&[Portion {
                hop,
                amount,
                first: 100 * i64::from(hop),
            }]);
        }
        pool
    }

    fn taken(method: Method, amount: i64) -> Vec<(u8, i64)> {
        filled(method)
            .withdraw(amount)
            .iter()
            .map(|portion| (portion.hop, portion.amount))
            .collect()
    }

    #[test]
    fn each_method_takes_its_own() {
        assert_eq!(taken(Method::Haircut, 10), [(1, 3), (2, 2), (0, 5)]);
        assert_eq!(taken(Method::Fifo, 40), [(1, 30), (0, 10)]);
        assert_eq!(taken(Method::Lifo, 40), [(2, 20), (0, 20)]);
    }

    #[test]
    fn more_than_the_content_carries_all_its_taint_and_the_rest_is_clean() {
        assert_eq!(taken(Method::Haircut, 130), [(1, 30), (2, 20), (0, 80)]);
        assert_eq!(
            taken(Method::Fifo, 130),
            [(1, 30), (0, 50), (2, 20), (0, 30)]
        );
        assert_eq!(
            taken(Method::Lifo, 130),
            [(2, 20), (0, 50), (1, 30), (0, 30)]
        );
    }

    #[test]
    fn a_haircut_of_a_unit_takes_taint_only_if_all_is_tainted() {
        assert_eq!(taken(Method::Haircut, 1), [(0, 1)]);
        let mut pool = Pool::new(Method::Haircut);
        let (one, other) = (unit(1, 3, 0), unit(2, 3, 3));
        pool.deposit(&[one, other]);
        assert_eq!(pool.withdraw(1), [unit(1, 1, 0)]);
        assert_eq!(pool.tainted(), 5);
    }

    #[test]
    fn units_keep_their_numbers_however_a_portion_is_cut() {
        for method in [Method::Haircut, Method::Fifo, Method::Lifo] {
            let mut pool = Pool::new(method);
            pool.deposit(&[unit(1, 10, 40)]);
            assert_eq!(pool.withdraw(4), [unit(1, 4, 40)]);
            assert_eq!(pool.portions(), [unit(1, 6, 44)]);
        }
    }

    fn unit(hop: u8, amount: i64, first: i64) -> Portion {
        Portion { hop, amount, first }
    }
}
