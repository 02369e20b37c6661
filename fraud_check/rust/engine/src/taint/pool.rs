//! An account's content, as portions of clean money (hop 0) and of money tainted at some hop.

use std::collections::VecDeque;

use super::Method;
use crate::question::MAX_HOPS;

/// An amount of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Portion {
    pub hop: u8,
    pub amount: i64,
}

/// What an account holds.
#[derive(Debug, Clone)]
pub(super) enum Pool {
    /// Mixed: how much of each kind.
    Mixed([i64; MAX_HOPS as usize + 1]),
    /// In the order in which it came, and which end leaves first.
    Ordered(VecDeque<Portion>, Method),
}

impl Pool {
    pub fn new(method: Method) -> Self {
        match method {
            Method::Haircut => Self::Mixed([0; MAX_HOPS as usize + 1]),
            Method::Fifo | Method::Lifo => Self::Ordered(VecDeque::new(), method),
        }
    }

    /// Put money in, in the order of its portions.
    pub fn deposit(&mut self, portions: &[Portion]) {
        for portion in portions.iter().filter(|portion| portion.amount > 0) {
            match self {
                Self::Mixed(kinds) => kinds[usize::from(portion.hop)] += portion.amount,
                Self::Ordered(queue, _) => match queue.back_mut() {
                    Some(last) if last.hop == portion.hop => last.amount += portion.amount,
                    _ => queue.push_back(*portion),
                },
            }
        }
    }

    /// Take money out; what the content cannot cover is clean.
    pub fn withdraw(&mut self, amount: i64) -> Vec<Portion> {
        let mut portions = Vec::new();
        let mut left = amount;
        match self {
            Self::Mixed(kinds) => {
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
                for (hop, (kind, share)) in kinds.iter_mut().zip(shares).enumerate() {
                    *kind -= share;
                    if hop > 0 && share > 0 {
                        portions.push(Portion {
                            hop: hop as u8,
                            amount: share,
                        });
                    }
                }
                left -= share;
            }
            Self::Ordered(queue, method) => {
                while left > 0 {
                    let next = if *method == Method::Fifo {
                        queue.front_mut()
                    } else {
                        queue.back_mut()
                    };
                    let Some(portion) = next else { break };
                    let share = left.min(portion.amount);
                    portions.push(Portion {
                        hop: portion.hop,
                        amount: share,
                    });
                    left -= share;
                    portion.amount -= share;
                    if portion.amount == 0 {
                        _ = if *method == Method::Fifo {
                            queue.pop_front()
                        } else {
                            queue.pop_back()
                        };
                    }
                }
            }
        }
        if left > 0 {
            portions.push(Portion {
                hop: 0,
                amount: left,
            });
        }
        portions
    }

    /// How much of it is tainted.
    pub fn tainted(&self) -> i64 {
        match self {
            Self::Mixed(kinds) => kinds[1..].iter().sum(),
            Self::Ordered(queue, _) => queue
                .iter()
                .filter(|portion| portion.hop > 0)
                .map(|one| one.amount)
                .sum(),
        }
    }
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
            pool.deposit(&[Portion { hop, amount }]);
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
        pool.deposit(&[Portion { hop: 1, amount: 3 }, Portion { hop: 2, amount: 3 }]);
        assert_eq!(pool.withdraw(1), [Portion { hop: 1, amount: 1 }]);
        assert_eq!(pool.tainted(), 5);
    }
}
