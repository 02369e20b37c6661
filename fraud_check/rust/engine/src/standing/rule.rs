//! The rule that is asked all the time.

use std::sync::Arc;

use crate::error::GraphError;
use crate::question::{AccountSet, Question};

/// The most hops of a standing rule.
pub const MAX_STANDING_HOPS: usize = 3;

/// What makes an account worth a review, asked all the time.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The most transfers in a row, at most [`MAX_STANDING_HOPS`].
    pub hops: u8,
    /// How far back from the moment asked about transfers count, inclusive.
    pub window: i64,
    /// The least amount that counts.
    pub min_amount: i64,
    /// The longest that money may rest before it is passed on.
    pub dwell: Option<i64>,
    /// Accounts entered but not passed through.
    pub stop: Arc<AccountSet>,
}

impl Rule {
    /// The same rule as a question about one moment.
    #[must_use]
    pub fn question(&self, as_of: i64) -> Question {
        Question {
            hops: self.hops,
            start: Some(as_of.saturating_sub(self.window)),
            end: Some(as_of),
            min_amount: self.min_amount,
            dwell: self.dwell,
            stop: Arc::clone(&self.stop),
            ..Question::default()
        }
    }

    pub(super) fn check(&self) -> Result<(), GraphError> {
        if usize::from(self.hops) > MAX_STANDING_HOPS {
            let (name, expected, got) =
                ("max_hops", "1 to 3 for the standing rule", self.hops.into());
            return Err(GraphError::Parameter {
                name,
                expected,
                got,
            });
        }
        if self.window < 0 {
            return Err(GraphError::Parameter {
                name: "window",
                expected: "0 or more",
                got: self.window,
            });
        }
        self.question(0).check()
    }
}
