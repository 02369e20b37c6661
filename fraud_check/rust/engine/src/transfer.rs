//! Transfers as they come in: columns of one batch, checked whole before a row of it is taken.

use crate::error::GraphError;

/// One past the greatest account number: accounts are dense integers that the caller hands out.
pub const MAX_ACCOUNTS: u32 = 1 << 28;
/// The greatest time, either way; its neighbours still fit, so no comparison overflows.
pub const MAX_TIME: i64 = (1 << 53) - 1;

/// One transfer. `seq` is its number in the order of arrival, and its identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    /// When, in the caller's ticks.
    pub time: i64,
    /// How much, in minor units.
    pub amount: i64,
    /// The order of arrival.
    pub seq: u32,
    /// Who paid.
    pub src: u32,
    /// Who received.
    pub dst: u32,
    /// By which channel, in the caller's coding.
    pub channel: u8,
}

/// Columns of transfers. `channel` may be left out (then 0).
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// Who paid.
    pub src: &'a [u32],
    /// Who received.
    pub dst: &'a [u32],
    /// When.
    pub time: &'a [i64],
    /// How much.
    pub amount: &'a [i64],
    /// By which channel.
    pub channel: Option<&'a [u8]>,
}

/// What a checked batch adds up to.
pub(crate) struct Checked {
    pub total: i64,
    pub accounts: u32,
    pub ascending: bool,
    pub oldest: i64,
    pub newest: i64,
}

impl Batch<'_> {
    /// Rows of the batch.
    #[must_use]
    pub fn len(&self) -> usize {
        self.src.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.src.is_empty()
    }

    pub(crate) fn check(&self, total: i64) -> Result<Checked, GraphError> {
        let rows = self.len();
        let lengths = [
            ("dst", self.dst.len()),
            ("time", self.time.len()),
            ("amount", self.amount.len()),
            ("channel", self.channel.map_or(rows, <[u8]>::len)),
        ];
        for (column, got) in lengths {
            if got != rows {
                return Err(GraphError::ColumnLengths {
                    column,
                    expected: rows,
                    got,
                });
            }
        }
        // Whole columns are looked at without stopping; only what is refused is looked for again.
        let mut most = 0;
        for (column, values) in [("src", self.src), ("dst", self.dst)] {
            most = values.iter().copied().fold(most, u32::max);
            if most >= MAX_ACCOUNTS {
                let outside = |value: &u32| *value >= MAX_ACCOUNTS;
                return Err(first_outside(
                    column,
                    values,
                    outside,
                    0,
                    i64::from(MAX_ACCOUNTS) - 1,
                ));
            }
        }
        let ascending = self.time.is_sorted();
        let (oldest, newest) = if ascending {
            let ends = self.time.first().zip(self.time.last());
            ends.map_or((i64::MAX, i64::MIN), |(first, last)| (*first, *last))
        } else {
            let wider = |(least, most): (i64, i64), &time: &i64| (least.min(time), most.max(time));
            self.time.iter().fold((i64::MAX, i64::MIN), wider)
        };
        if !self.is_empty() && (oldest < -MAX_TIME || newest > MAX_TIME) {
            let outside = |time: &i64| !(-MAX_TIME..=MAX_TIME).contains(time);
            return Err(first_outside(
                "time", self.time, outside, -MAX_TIME, MAX_TIME,
            ));
        }
        let signs = self.amount.iter().fold(0, |signs, amount| signs | amount);
        if signs < 0 {
            return Err(first_outside(
                "amount",
                self.amount,
                |amount| *amount < 0,
                0,
                i64::MAX,
            ));
        }
        // Halves of fewer than 2^32 numbers cannot overflow, and are added several at a time.
        let (mut high, mut low) = (0_u64, 0_u64);
        for amount in self.amount {
            high += (*amount as u64) >> u32::BITS;
            low += (*amount as u64) & u64::from(u32::MAX);
        }
        let sum = (i128::from(high) << u32::BITS) + i128::from(low) + i128::from(total);
        let total = i64::try_from(sum).map_err(|_| GraphError::TotalAmount)?;
        Ok(Checked {
            total,
            accounts: if self.is_empty() { 0 } else { most + 1 },
            ascending,
            oldest,
            newest,
        })
    }

    /// A row with its sequence number.
    #[inline]
    pub(crate) fn row(&self, row: usize, first_seq: u32) -> Transfer {
        Transfer {
            time: self.time[row],
            amount: self.amount[row],
            seq: first_seq + row as u32,
            src: self.src[row],
            dst: self.dst[row],
            channel: self.channel.map_or(0, |channel| channel[row]),
        }
    }

    /// The rows with their sequence numbers, ordered by (time, seq).
    pub(crate) fn transfers(&self, first_seq: u32, ascending: bool) -> Vec<Transfer> {
        let rows = (0..self.len()).map(|row| self.row(row, first_seq));
        let mut rows: Vec<Transfer> = rows.collect();
        if !ascending {
            rows.sort_unstable_by_key(|row| (row.time, row.seq));
        }
        rows
    }
}

/// The first value that lies outside.
fn first_outside<T: Copy + Into<i64>>(
    column: &'static str,
    values: &[T],
    outside: impl Fn(&T) -> bool,
    least: i64,
    most: i64,
) -> GraphError {
    let row = values.iter().position(outside).unwrap_or(0);
    GraphError::OutOfRange {
        column,
        row,
        got: values[row].into(),
        least,
        most,
    }
}
