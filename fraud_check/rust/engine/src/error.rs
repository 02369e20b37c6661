//! What the engine refuses, in words that say what was expected and what came.

use std::fmt;

/// Why a call was refused. The graph is as it was before the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GraphError {
    /// Columns of one batch differ in length.
    ColumnLengths {
        /// Which column is off.
        column: &'static str,
        /// Rows of the first column.
        expected: usize,
        /// Rows that came.
        got: usize,
    },
    /// A value of one row lies outside what the engine holds.
    OutOfRange {
        /// Which column.
        column: &'static str,
        /// Which row of the batch, from 0.
        row: usize,
        /// What came.
        got: i64,
        /// The least value allowed.
        least: i64,
        /// The greatest value allowed.
        most: i64,
    },
    /// All amounts together no longer fit a signed 64-bit integer, so sums could not be exact.
    TotalAmount,
    /// More transfers than sequence numbers.
    TooManyTransfers,
    /// Seeds must be strictly ascending by account.
    UnsortedSeeds {
        /// Which seed, from 0.
        position: usize,
    },
    /// A parameter of a question makes no sense.
    Parameter {
        /// Which parameter.
        name: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What came.
        got: i64,
    },
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ColumnLengths {
                column,
                expected,
                got,
            } => {
                write!(
                    f,
                    "{column}: expected {expected} rows like the first column, got {got}"
                )
            }
            Self::OutOfRange {
                column,
                row,
                got,
                least,
                most,
            } => {
                write!(f, "{column}[{row}]: expected {least} to {most}, got {got}")
            }
            Self::TotalAmount => {
                write!(
                    f,
                    "amount: expected all amounts together to stay below 2^63, and they would not"
                )
            }
            Self::TooManyTransfers => {
                write!(f, "expected at most {} transfers in one graph", u32::MAX)
            }
            Self::UnsortedSeeds { position } => write!(
                f,
                "seeds: expected strictly ascending accounts, got an unsorted or repeated one at position {position}"
            ),
            Self::Parameter {
                name,
                expected,
                got,
            } => write!(f, "{name}: expected {expected}, got {got}"),
        }
    }
}

impl std::error::Error for GraphError {}
