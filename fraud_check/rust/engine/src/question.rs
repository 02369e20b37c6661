//! What is asked: the parameters of a walk, checked once.

use std::sync::Arc;

use crate::error::GraphError;
use crate::share::WHOLE;
use crate::transfer::{MAX_ACCOUNTS, MAX_TIME};

/// The most hops a question may ask for.
pub const MAX_HOPS: u8 = 8;

/// A set of accounts, one bit each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountSet {
    words: Vec<u64>,
}

impl AccountSet {
    /// A set of these accounts.
    ///
    /// # Errors
    /// An account is out of range.
    pub fn new(column: &'static str, accounts: &[u32]) -> Result<Self, GraphError> {
        let mut set = Self::default();
        for (row, &account) in accounts.iter().enumerate() {
            if account >= MAX_ACCOUNTS {
                let most = i64::from(MAX_ACCOUNTS) - 1;
                return Err(GraphError::OutOfRange {
                    column,
                    row,
                    got: account.into(),
                    least: 0,
                    most,
                });
            }
            set.insert(account);
        }
        Ok(set)
    }

    pub(crate) fn insert(&mut self, account: u32) {
        let place = (account >> 6) as usize;
        if place >= self.words.len() {
            self.words.resize(place + 1, 0);
        }
        self.words[place] |= 1 << (account & 63);
    }

    /// Whether the account is in the set.
    #[inline]
    #[must_use]
    pub fn has(&self, account: u32) -> bool {
        self.words
            .get((account >> 6) as usize)
            .is_some_and(|word| word >> (account & 63) & 1 == 1)
    }
}

/// How money is followed. Times and limits are inclusive.
#[derive(Debug, Clone)]
pub struct Question {
    /// The most transfers in a row, at most [`MAX_HOPS`].
    pub hops: u8,
    /// Against time: who paid in, not where it went.
    pub backward: bool,
    /// In one tick a later sequence number counts as later.
    pub tie_by_seq: bool,
    /// The earliest transfer that counts.
    pub start: Option<i64>,
    /// The latest transfer that counts.
    pub end: Option<i64>,
    /// The least amount that counts.
    pub min_amount: i64,
    /// The least share, in ten-thousandths, of all that the payer paid out in the window (backward: of all that the
    /// receiver received); 0 for any. Self-transfers are not counted.
    pub min_share: u32,
    /// The longest that money may rest on an account before it is passed on; does not bind a seed's own start.
    pub dwell: Option<i64>,
    /// Accounts entered but not passed through; a seed's own start among them still counts.
    pub stop: Arc<AccountSet>,
    /// The most transfers to read.
    pub max_reads: Option<u64>,
    /// An account with more payments, or more receipts, than this is entered but not passed through.
    pub max_fanout: Option<usize>,
}

impl Default for Question {
    fn default() -> Self {
        Self {
            hops: 3,
            backward: false,
            tie_by_seq: false,
            start: None,
            end: None,
            min_amount: 0,
            min_share: 0,
            dwell: None,
            stop: Arc::default(),
            max_reads: None,
            max_fanout: None,
        }
    }
}

impl Question {
    /// Check the parameters.
    ///
    /// # Errors
    /// A parameter is out of its range.
    pub fn check(&self) -> Result<(), GraphError> {
        let refuse = |name, expected, got| {
            Err(GraphError::Parameter {
                name,
                expected,
                got,
            })
        };
        if !(1..=MAX_HOPS).contains(&self.hops) {
            return refuse("max_hops", "1 to 8", self.hops.into());
        }
        for (name, time) in [("start", self.start), ("end", self.end)] {
            if let Some(time) = time.filter(|time| !(-MAX_TIME..=MAX_TIME).contains(time)) {
                return refuse(name, "a time within 2^53 either way", time);
            }
        }
        if self.min_amount < 0 {
            return refuse("min_amount", "0 or more", self.min_amount);
        }
        if self.min_share > WHOLE {
            return refuse("min_share", "0 to 10000", self.min_share.into());
        }
        if let Some(dwell) = self.dwell.filter(|dwell| !(0..=MAX_TIME).contains(dwell)) {
            return refuse("dwell", "0 to 2^53", dwell);
        }
        Ok(())
    }
}

/// Check that seeds are strictly ascending by account and within range.
pub(crate) fn check_seeds(accounts: &[u32], times: &[i64]) -> Result<(), GraphError> {
    if accounts.len() != times.len() {
        let (expected, got) = (accounts.len(), times.len());
        return Err(GraphError::ColumnLengths {
            column: "seed times",
            expected,
            got,
        });
    }
    if let Some(place) = accounts.windows(2).position(|pair| pair[0] >= pair[1]) {
        return Err(GraphError::UnsortedSeeds {
            position: place + 1,
        });
    }
    AccountSet::new("seeds", accounts.last().map_or(&[], std::slice::from_ref))?;
    for (row, &got) in times.iter().enumerate() {
        if !(-MAX_TIME..=MAX_TIME).contains(&got) {
            let (least, most) = (-MAX_TIME, MAX_TIME);
            return Err(GraphError::OutOfRange {
                column: "seed times",
                row,
                got,
                least,
                most,
            });
        }
    }
    Ok(())
}

/// What stopped a walk before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truncation {
    /// The budget of transfers read.
    Reads,
    /// The budget of time.
    Time,
    /// An account with more transfers than a walk passes through; all else was followed to the end.
    Fanout,
}

/// The budgets of one walk, counted down.
pub(crate) struct Budget<'a> {
    left: u64,
    expired: &'a dyn Fn() -> bool,
    granted: u64,
    pub read: u64,
    pub truncated: Option<Truncation>,
}

/// Transfers read between two looks at the time.
const STRIDE: u64 = 32_768;

impl<'a> Budget<'a> {
    pub fn new(max_reads: Option<u64>, expired: &'a dyn Fn() -> bool) -> Self {
        Self {
            left: max_reads.unwrap_or(u64::MAX),
            expired,
            granted: 0,
            read: 0,
            truncated: None,
        }
    }

    /// Whether one more transfer may be read; counts it.
    #[inline]
    pub fn take(&mut self) -> bool {
        if self.granted == 0 && !self.refill() {
            return false;
        }
        self.granted -= 1;
        self.read += 1;
        true
    }

    #[cold]
    fn refill(&mut self) -> bool {
        if self.truncated.is_some() {
            return false;
        }
        if self.left == 0 {
            self.truncated = Some(Truncation::Reads);
            return false;
        }
        if (self.expired)() {
            self.truncated = Some(Truncation::Time);
            return false;
        }
        self.granted = self.left.min(STRIDE);
        self.left -= self.granted;
        true
    }
}
