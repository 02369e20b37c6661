//! Working memory of a walk, kept between questions so that a question does not pay for the size of the graph.

use crate::order::{BySeq, Key, Narrow, Wide};

/// What a walk knows of one account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell<K> {
    /// Tainted amount received.
    pub amount: i64,
    /// The earliest arrival so far.
    pub best: K,
    /// The earliest arrival as of the last hop that closed; `NEVER` until the account is reached.
    pub settled: K,
}

impl<K: Key> Cell<K> {
    pub const UNTOUCHED: Self = Self {
        amount: 0,
        best: K::NEVER,
        settled: K::NEVER,
    };
}

/// Accounts, as bits below bits, so that a few among millions are found quickly and in order.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    words: Vec<u64>,
    summary: Vec<u64>,
}

impl Accounts {
    fn reserve(&mut self, accounts: usize) {
        let words = accounts.div_ceil(64);
        if self.words.len() < words {
            self.words.resize(words, 0);
            self.summary.resize(words.div_ceil(64), 0);
        }
    }

    #[inline]
    pub fn insert(&mut self, account: u32) {
        let place = (account >> 6) as usize;
        self.words[place] |= 1 << (account & 63);
        self.summary[place >> 6] |= 1 << (place & 63);
    }

    /// Take out all accounts, in ascending order.
    pub fn drain(&mut self, mut take: impl FnMut(u32)) {
        for (high, summary) in self.summary.iter_mut().enumerate() {
            while *summary != 0 {
                let place = (high << 6) + summary.trailing_zeros() as usize;
                *summary &= *summary - 1;
                let mut word = std::mem::take(&mut self.words[place]);
                while word != 0 {
                    take(((place << 6) as u32) + word.trailing_zeros());
                    word &= word - 1;
                }
            }
        }
    }
}

/// Cells of all accounts, untouched between walks, and the accounts that the current hop touched.
#[derive(Debug)]
pub(crate) struct Pad<K> {
    pub cells: Vec<Cell<K>>,
    pub touched: Accounts,
}

impl<K> Default for Pad<K> {
    fn default() -> Self {
        Self {
            cells: Vec::new(),
            touched: Accounts::default(),
        }
    }
}

impl<K: Key> Pad<K> {
    pub fn reserve(&mut self, accounts: usize) {
        if self.cells.len() < accounts {
            self.cells.resize(accounts, Cell::UNTOUCHED);
        }
        self.touched.reserve(accounts);
    }
}

/// Which transfers were read, one bit each, per segment; the tail comes last.
///
/// A question takes back only what the one before it marked, so that it does not pay for the size of the graph.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    words: Vec<Vec<u64>>,
    marked: Vec<(u32, u32)>,
}

impl Marks {
    pub fn reset(&mut self, rows: impl Iterator<Item = usize>) {
        for (part, word) in self.marked.drain(..) {
            self.words[part as usize][word as usize] = 0;
        }
        for (part, rows) in rows.enumerate() {
            if self.words.len() == part {
                self.words.push(Vec::new());
            }
            // Shrinks as well: a long segment's words may become a short one's.
            self.words[part].resize(rows.div_ceil(64), 0);
        }
    }

    /// Mark a row; whether it was unmarked before.
    #[inline]
    pub fn mark(&mut self, segment: u32, row: u32) -> bool {
        let word = &mut self.words[segment as usize][(row >> 6) as usize];
        let bit = 1_u64 << (row & 63);
        if *word == 0 {
            self.marked.push((segment, row >> 6));
        }
        let fresh = *word & bit == 0;
        *word |= bit;
        fresh
    }
}

/// Working memory for any walk; use one per question at a time.
#[derive(Debug, Default)]
pub struct Scratch {
    forward: Pad<Narrow<false>>,
    backward: Pad<Narrow<true>>,
    forward_wide: Pad<Wide<false>>,
    backward_wide: Pad<Wide<true>>,
    forward_seq: Pad<BySeq<false>>,
    backward_seq: Pad<BySeq<true>>,
    marks: Marks,
}

/// A key's own part of the scratch.
pub(crate) trait Pads: Key {
    fn pad(scratch: &mut Scratch) -> (&mut Pad<Self>, &mut Marks);
}

macro_rules! pads {
    ($($key:ty: $field:ident),*) => {$(
        impl Pads for $key {
            fn pad(scratch: &mut Scratch) -> (&mut Pad<Self>, &mut Marks) {
                (&mut scratch.$field, &mut scratch.marks)
            }
        }
    )*};
}

pads!(Narrow<false>: forward, Narrow<true>: backward, Wide<false>: forward_wide, Wide<true>: backward_wide, BySeq<false>: forward_seq, BySeq<true>: backward_seq);

#[cfg(test)]
mod tests {
    use super::Marks;

    #[test]
    fn what_one_question_marked_is_unmarked_for_the_next() {
        let mut marks = Marks::default();
        for rows in [[200, 70], [70, 200], [0, 1_000], [300, 10]] {
            marks.reset(rows.into_iter());
            for (part, rows) in (0..).zip(rows) {
                assert!((0..rows as u32).all(|row| marks.mark(part, row)));
                assert!(!(0..rows as u32).any(|row| marks.mark(part, row)));
            }
        }
    }
}
