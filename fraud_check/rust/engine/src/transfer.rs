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
        let mut accounts = 0;
        for (column, values) in [("src", self.src), ("dst", self.dst)] {
            for (row, &value) in values.iter().enumerate() {
                if value >= MAX_ACCOUNTS {
                    return Err(out_of_range(
                        column,
                        row,
                        i64::from(value),
                        0,
                        i64::from(MAX_ACCOUNTS) - 1,
                    ));
                }
                accounts = accounts.max(value + 1);
            }
        }
        let mut ascending = true;
        let mut last = i64::MIN;
        for (row, &time) in self.time.iter().enumerate() {
            if !(-MAX_TIME..=MAX_TIME).contains(&time) {
                return Err(out_of_range("time", row, time, -MAX_TIME, MAX_TIME));
            }
            ascending &= last <= time;
            last = time;
        }
        let mut sum = total;
        for (row, &amount) in self.amount.iter().enumerate() {
            if amount < 0 {
                return Err(out_of_range("amount", row, amount, 0, i64::MAX));
            }
            sum = sum.checked_add(amount).ok_or(GraphError::TotalAmount)?;
        }
        Ok(Checked {
            total: sum,
            accounts,
            ascending,
        })
    }

    /// The rows with their sequence numbers, ordered by (time, seq).
    pub(crate) fn transfers(&self, first_seq: u32, ascending: bool) -> Vec<Transfer> {
        let mut rows: Vec<Transfer> = (0..self.len())
            .map(|row| Transfer {
                time: self.time[row],
                amount: self.amount[row],
                seq: first_seq + row as u32,
                src: self.src[row],
                dst: self.dst[row],
                channel: self.channel.map_or(0, |channel| channel[row]),
            })
            .collect();
        if !ascending {
            rows.sort_unstable_by_key(|row| (row.time, row.seq));
        }
        rows
    }
}

fn out_of_range(column: &'static str, row: usize, got: i64, least: i64, most: i64) -> GraphError {
    GraphError::OutOfRange {
        column,
        row,
        got,
        least,
        most,
    }
}
