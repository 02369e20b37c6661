//! A segment taken apart, for whoever keeps it elsewhere, and put together again from parts that may have suffered.
//!
//! Putting together checks everything that the rest of the engine takes for granted when it indexes, in one pass over
//! each column: whatever lies in the parts, no question can then panic. Whether the values are the ones that were
//! kept is for a checksum to say, not for this.

use std::fmt;

use crate::column::Column;
use crate::index::Index;
use crate::segment::{Entry, Row, Segment};
use crate::transfer::{MAX_ACCOUNTS, MAX_TIME};

/// Everything that a segment holds.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The first time.
    pub base: i64,
    /// The last time.
    pub last: i64,
    /// Payments, by (payer, time, seq).
    pub rows: Column<Row>,
    /// Their sequence numbers.
    pub seqs: Column<u32>,
    /// Their channels.
    pub channels: Column<u8>,
    /// Receipts, by (receiver, time, seq).
    pub entries: Column<Entry>,
    /// Where each payer's rows lie.
    pub out: IndexParts,
    /// Where each receiver's entries lie.
    pub into: IndexParts,
}

/// Everything that an index holds.
#[derive(Debug, Clone)]
pub struct IndexParts {
    /// One bit an account: whether it has rows.
    pub words: Column<u64>,
    /// For each word, how many bits are set before it.
    pub ranks: Column<u32>,
    /// For each set bit, its first row; then how many rows there are.
    pub starts: Column<u32>,
}

/// What is wrong with parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flaw {
    /// Which part.
    pub part: &'static str,
    /// Which value of it, from 0.
    pub at: usize,
    /// What it should have been.
    pub expected: &'static str,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { part, at, expected } = self;
        write!(f, "{part}[{at}]: expected {expected}")
    }
}

impl std::error::Error for Flaw {}

pub(crate) fn require(
    holds: bool,
    part: &'static str,
    at: usize,
    expected: &'static str,
) -> Result<(), Flaw> {
    if holds {
        Ok(())
    } else {
        Err(Flaw { part, at, expected })
    }
}

/// The first place where something does not hold is the flaw.
fn require_all<T: Copy>(
    values: &[T],
    part: &'static str,
    expected: &'static str,
    holds: impl Fn(T) -> bool,
) -> Result<(), Flaw> {
    // Without an early end the pass is vectorised; only a flaw is looked for again.
    if values.iter().fold(true, |all, value| all & holds(*value)) {
        return Ok(());
    }
    let at = values.iter().position(|value| !holds(*value)).unwrap_or(0);
    Err(Flaw { part, at, expected })
}

impl Segment {
    /// The segment's parts; they share its memory.
    #[must_use]
    pub fn parts(&self) -> Parts {
        Parts {
            base: self.base,
            last: self.last,
            rows: self.rows.clone(),
            seqs: self.seqs.clone(),
            channels: self.channels.clone(),
            entries: self.entries.clone(),
            out: self.out.parts(),
            into: self.into.parts(),
        }
    }

    /// A segment of these parts.
    ///
    /// # Errors
    /// They do not fit together, or hold values that no segment has.
    pub fn from_parts(parts: Parts) -> Result<Self, Flaw> {
        let Parts {
            base,
            last,
            rows,
            seqs,
            channels,
            entries,
            out,
            into,
        } = parts;
        let times = -MAX_TIME <= base && base <= last && last <= MAX_TIME;
        require(times, "times", 0, "a first and a last time in range")?;
        let span = u32::try_from(last - base);
        let span = span.map_err(|_| Flaw {
            part: "times",
            at: 1,
            expected: "a span of less than 2^32 ticks",
        })?;
        let count = rows.len();
        let counted = count > 0 && count < u32::MAX as usize;
        require(counted, "rows", 0, "some rows, and fewer than 2^32")?;
        require(seqs.len() == count, "seqs", 0, "one for each row")?;
        require(channels.len() == count, "channels", 0, "one for each row")?;
        require(entries.len() == count, "entries", 0, "one for each row")?;
        require_all(&rows, "rows", "a row in range", |row: Row| {
            row.amount >= 0 && row.dst < MAX_ACCOUNTS && row.tick <= span
        })?;
        require_all(&entries, "entries", "an entry in range", |entry: Entry| {
            (entry.row as usize) < count && entry.src < MAX_ACCOUNTS
        })?;
        Ok(Self {
            base,
            last,
            out: Index::from_parts(out, count)?,
            rows,
            seqs,
            channels,
            into: Index::from_parts(into, count)?,
            entries,
        })
    }
}

impl Index {
    fn parts(&self) -> IndexParts {
        IndexParts {
            words: self.words.clone(),
            ranks: self.ranks.clone(),
            starts: self.starts.clone(),
        }
    }

    fn from_parts(parts: IndexParts, rows: usize) -> Result<Self, Flaw> {
        let IndexParts {
            words,
            ranks,
            starts,
        } = parts;
        let bounded = words.len() <= (MAX_ACCOUNTS / 64) as usize;
        require(bounded, "words", words.len(), "no account beyond the range")?;
        let paired = ranks.len() == words.len();
        require(paired, "ranks", 0, "one for each word")?;
        let mut filled = 0_u32;
        for (at, (word, rank)) in words.iter().zip(ranks.iter()).enumerate() {
            require(*rank == filled, "ranks", at, "the bits set before")?;
            filled += word.count_ones();
        }
        let each = starts.len() == filled as usize + 1;
        require(each, "starts", 0, "one for each bit set, and one more")?;
        require(starts[0] == 0, "starts", 0, "0")?;
        let ends = starts[filled as usize] as usize == rows;
        require(ends, "starts", filled as usize, "the number of rows")?;
        let rising = starts.windows(2).position(|pair| pair[0] >= pair[1]);
        require(
            rising.is_none(),
            "starts",
            rising.unwrap_or(0),
            "less than the next",
        )?;
        Ok(Self {
            words,
            ranks,
            starts,
        })
    }
}
