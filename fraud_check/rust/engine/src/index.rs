//! Where an account's rows lie: a bitmap with ranks over accounts that have any, then their starts.
//!
//! An account without rows costs one bit and a half, so that a small segment of a large graph stays small, and most
//! questions about leaves end in the bitmap, which fits a processor's cache.

use std::ops::Range;

use crate::column::Column;

/// Rows of each account, as consecutive ranges in ascending order of accounts.
#[derive(Debug, Default)]
pub struct Index {
    words: Column<u64>,
    ranks: Column<u32>,
    starts: Column<u32>,
}

impl Index {
    /// From how many rows each account has.
    pub(crate) fn from_counts(counts: &[u32]) -> Self {
        let mut words = vec![0_u64; counts.len().div_ceil(64)];
        let mut ranks = Vec::with_capacity(words.len());
        let filled = counts.iter().filter(|count| **count > 0).count();
        let mut starts = Vec::with_capacity(filled + 1);
        let mut next = 0;
        for (word, chunk) in words.iter_mut().zip(counts.chunks(64)) {
            ranks.push(starts.len() as u32);
            for (bit, &count) in chunk.iter().enumerate() {
                if count > 0 {
                    *word |= 1 << bit;
                    starts.push(next);
                    next += count;
                }
            }
        }
        starts.push(next);
        Self {
            words: words.into(),
            ranks: ranks.into(),
            starts: starts.into(),
        }
    }

    /// From the accounts of the rows, in ascending order.
    pub(crate) fn from_sorted(accounts: impl Iterator<Item = u32>) -> Self {
        let (mut words, mut ranks, mut starts) = (Vec::new(), Vec::new(), Vec::new());
        let (mut next, mut last) = (0, None);
        for account in accounts {
            if last != Some(account) {
                let place = (account >> 6) as usize;
                while words.len() <= place {
                    words.push(0_u64);
                    ranks.push(starts.len() as u32);
                }
                words[place] |= 1 << (account & 63);
                starts.push(next);
                last = Some(account);
            }
            next += 1;
        }
        starts.push(next);
        Self {
            words: words.into(),
            ranks: ranks.into(),
            starts: starts.into(),
        }
    }

    /// The accounts that have rows in any of several indexes, ascending.
    pub(crate) fn any_of(indexes: &[&Self]) -> impl Iterator<Item = u32> {
        let words = indexes
            .iter()
            .map(|index| index.words.len())
            .max()
            .unwrap_or(0);
        (0..words).flat_map(move |place| {
            let mut word = indexes.iter().fold(0, |all, index| {
                all | index.words.get(place).copied().unwrap_or(0)
            });
            std::iter::from_fn(move || {
                let bit = (word != 0).then(|| word.trailing_zeros())?;
                word &= word - 1;
                Some((place << 6) as u32 + bit)
            })
        })
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
        let index = Index::from_counts(&counts);
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
        let rows = counts
            .iter()
            .enumerate()
            .flat_map(|(account, count)| (0..*count).map(move |_| account as u32));
        let sorted = Index::from_sorted(rows);
        assert!((0..300).all(|account| sorted.range(account) == index.range(account)));
        assert_eq!(
            Index::any_of(&[&index, &sorted]).collect::<Vec<_>>(),
            [0, 63, 64, 199]
        );
        assert_eq!(Index::from_sorted(std::iter::empty()).range(0), 0..0);
    }
}
