//! Where an account's rows lie: a bitmap with ranks over accounts that have any, then their starts.
//!
//! An account without rows costs one bit and a half, so that a small segment of a large graph stays small, and most
//! questions about leaves end in the bitmap, which fits a processor's cache.

use std::ops::Range;

use crate::column::Column;

/// Rows of each account, as consecutive ranges in ascending order of accounts.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Index {
    pub(crate) words: Column<u64>,
    pub(crate) ranks: Column<u32>,
    pub(crate) starts: Column<u32>,
}

impl Index {
    /// From the accounts of the rows, in ascending order.
    pub(crate) fn of_sorted(
        accounts: impl ExactSizeIterator<Item = u32> + Clone + DoubleEndedIterator,
    ) -> Self {
        let Some(most) = accounts.clone().next_back() else {
            return Self {
                starts: vec![0].into(),
                ..Self::default()
            };
        };
        let mut words = vec![0_u64; (most as usize >> 6) + 1];
        // Every row writes where its account's rows end so far, which is where the next account's start: no branch waits.
        let mut starts = vec![0_u32; accounts.len() + 1];
        let (mut filled, mut last) = (0, u32::MAX);
        for (account, row) in accounts.zip(1..) {
            filled += usize::from(account != last);
            starts[filled] = row;
            words[(account >> 6) as usize] |= 1 << (account & 63);
            last = account;
        }
        starts.truncate(filled + 1);
        starts.shrink_to_fit();
        let mut rank = 0;
        let ranks: Vec<u32> = words
            .iter()
            .map(|word| rank_before(&mut rank, *word))
            .collect();
        Self {
            words: words.into(),
            ranks: ranks.into(),
            starts: starts.into(),
        }
    }

    /// One past the greatest account that has rows.
    pub(crate) fn accounts(&self) -> u32 {
        let Some(place) = self.words.iter().rposition(|word| *word != 0) else {
            return 0;
        };
        (place as u32) * 64 + u64::BITS - self.words[place].leading_zeros()
    }

    /// The index of several together, each account's rows put end to end.
    ///
    /// `place` is told, for each index and a run of its rows, where they go. Rows of 64 accounts are told at once.
    pub(crate) fn lay_out<'a>(
        indexes: impl Iterator<Item = &'a Self>,
        mut place: impl FnMut(usize, Range<usize>, &[u32]),
    ) -> Self {
        let indexes: Vec<&Self> = indexes.collect();
        let places = indexes
            .iter()
            .map(|index| index.words.len())
            .max()
            .unwrap_or(0);
        let filled = indexes
            .iter()
            .map(|index| index.starts.len())
            .max()
            .unwrap_or(1);
        let (mut words, mut ranks) = (Vec::with_capacity(places), Vec::with_capacity(places));
        let mut starts = Vec::with_capacity(filled);
        let mut to: Vec<u32> = Vec::new();
        let mut next = 0;
        for block in 0..places {
            let mut ends = [0_u32; 64];
            let mut all = 0;
            for index in &indexes {
                all |= index.words.get(block).copied().unwrap_or(0);
                index.each_run(block, |bit, run| ends[bit] += run.len() as u32);
            }
            ranks.push(starts.len() as u32);
            words.push(all);
            while all != 0 {
                let end = &mut ends[all.trailing_zeros() as usize];
                starts.push(next);
                next += std::mem::replace(end, next);
                all &= all - 1;
            }
            for (number, index) in indexes.iter().enumerate() {
                let rows = index.block(block);
                if rows.is_empty() {
                    continue;
                }
                if to.len() < rows.len() {
                    to.resize(rows.len(), 0);
                }
                let to = &mut to[..rows.len()];
                index.each_run(block, |bit, run| {
                    let first = ends[bit];
                    ends[bit] += run.len() as u32;
                    let to = &mut to[run.start - rows.start..run.end - rows.start];
                    // Most runs are short: one or two rows need no loop.
                    match to {
                        [one] => *one = first,
                        [one, two] => (*one, *two) = (first, first + 1),
                        _ => to.iter_mut().zip(first..).for_each(|(to, row)| *to = row),
                    }
                });
                place(number, rows, to);
            }
        }
        starts.push(next);
        starts.shrink_to_fit();
        Self {
            words: words.into(),
            ranks: ranks.into(),
            starts: starts.into(),
        }
    }

    /// The rows of 64 accounts.
    fn block(&self, block: usize) -> Range<usize> {
        let Some(word) = self.words.get(block) else {
            return 0..0;
        };
        let rank = self.ranks[block] as usize;
        self.starts[rank] as usize..self.starts[rank + word.count_ones() as usize] as usize
    }

    /// Visit the runs of 64 accounts.
    #[inline]
    fn each_run(&self, block: usize, mut visit: impl FnMut(usize, Range<usize>)) {
        let Some(&(mut word)) = self.words.get(block) else {
            return;
        };
        let rank = self.ranks[block] as usize;
        let ends = &self.starts[rank..=rank + word.count_ones() as usize];
        let mut start = ends[0];
        for end in &ends[1..] {
            visit(
                word.trailing_zeros() as usize & 63,
                start as usize..*end as usize,
            );
            start = *end;
            word &= word - 1;
        }
    }

    /// The rows of each account that has any.
    pub(crate) fn runs(&self) -> impl Iterator<Item = Range<usize>> {
        self.starts
            .windows(2)
            .map(|ends| ends[0] as usize..ends[1] as usize)
    }

    /// The account's rows.
    #[inline]
    pub fn range(&self, account: u32) -> Range<usize> {
        let place = (account >> 6) as usize;
        let Some(&word) = self.words.get(place) else {
            return 0..0;
        };
        let bit = 1_u64 << (account & 63);
        if word & bit == 0 {
            return 0..0;
        }
        let rank = self.ranks[place] as usize + (word & (bit - 1)).count_ones() as usize;
        self.starts[rank] as usize..self.starts[rank + 1] as usize
    }

    /// Bytes of the heap that are held.
    pub(crate) fn bytes(&self) -> usize {
        self.words.heap() + self.ranks.heap() + self.starts.heap()
    }
}

/// How many accounts there are before this word.
fn rank_before(rank: &mut u32, word: u64) -> u32 {
    std::mem::replace(rank, *rank + word.count_ones())
}

#[cfg(test)]
mod tests {
    use super::Index;

    #[test]
    fn ranges_follow_the_counts() {
        let mut counts = vec![0_u32; 200];
        counts[0] = 2;
        counts[63] = 1;
        counts[64] = 3;
        counts[199] = 4;
        let rows: Vec<u32> = (counts.iter().zip(0_u32..))
            .flat_map(|(count, account)| (0..*count).map(move |_| account))
            .collect();
        let index = Index::of_sorted(rows.iter().copied());
        let mut next = 0;
        for (account, &count) in counts.iter().enumerate() {
            let range = index.range(account as u32);
            assert_eq!(range.len(), count as usize);
            if count > 0 {
                assert_eq!(range.start, next);
                next = range.end;
            }
        }
        assert_eq!(index.range(4_000), 0..0);
        assert!(index.runs().eq([0..2, 2..3, 3..6, 6..10]));
        let empty = Index::of_sorted(std::iter::empty());
        assert_eq!(empty.range(0), 0..0);
        assert_eq!((index.accounts(), empty.accounts()), (200, 0));
    }

    #[test]
    fn laid_out_together_each_account_has_its_rows_of_all_end_to_end() {
        let one = Index::of_sorted([3_u32, 3, 70, 200].into_iter());
        let two = Index::of_sorted([0_u32, 3, 71].into_iter());
        let empty = Index::of_sorted(std::iter::empty());
        let mut told = Vec::new();
        let both = Index::lay_out([&one, &empty, &two].into_iter(), |source, rows, to| {
            told.push((source, rows, to.to_vec()));
        });
        let expected = [
            (0, 0..2, vec![1, 2]),
            (2, 0..2, vec![0, 3]),
            (0, 2..3, vec![4]),
            (2, 2..3, vec![5]),
            (0, 3..4, vec![6]),
        ];
        assert_eq!(told, expected);
        assert_eq!(
            both,
            Index::of_sorted([0_u32, 3, 3, 3, 70, 71, 200].into_iter())
        );
    }
}
