//! Where an account's rows lie: a bitmap with ranks over accounts that have any, then their starts.
//!
//! An account without rows costs one bit and a half, so that a small segment of a large graph stays small, and most
//! questions about leaves end in the bitmap, which fits a processor's cache.

use std::ops::Range;

/// Rows of each account, as consecutive ranges in ascending order of accounts.
#[derive(Debug, Default)]
pub struct Index {
    words: Vec<u64>,
    ranks: Vec<u32>,
    starts: Vec<u32>,
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
            words,
            ranks,
            starts,
        }
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

    /// One past the greatest account that may have rows.
    pub(crate) fn accounts(&self) -> u32 {
        (self.words.len() * 64) as u32
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.words.capacity() * 8 + self.ranks.capacity() * 4 + self.starts.capacity() * 4
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
    }
}
