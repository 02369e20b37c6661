//! Names of accounts: 32-byte tokens on one side, dense numbers on the other.

use std::collections::HashMap;

use crate::error::GraphError;
use crate::transfer::MAX_ACCOUNTS;

/// Bytes of a token.
pub const TOKEN_SIZE: usize = 32;

/// A token, as the hub stores it.
pub type Token = [u8; TOKEN_SIZE];

/// Tokens numbered in the order in which they were first seen.
///
/// The standard library's hash table is keyed at random, so nobody can choose tokens that collide.
#[derive(Debug, Default)]
pub struct Names {
    numbers: HashMap<Token, u32>,
    tokens: Vec<Token>,
}

impl Names {
    /// The number of each token; a new one gets the next.
    ///
    /// # Errors
    /// There would be too many accounts; then none is added.
    pub fn intern(&mut self, tokens: &[Token]) -> Result<Vec<u32>, GraphError> {
        let fresh = tokens
            .iter()
            .filter(|token| !self.numbers.contains_key(*token))
            .count();
        if self.tokens.len() + fresh > MAX_ACCOUNTS as usize {
            let (got, most) = ((self.tokens.len() + fresh) as i64, i64::from(MAX_ACCOUNTS));
            return Err(GraphError::OutOfRange {
                column: "tokens",
                row: tokens.len(),
                got,
                least: 0,
                most,
            });
        }
        Ok(tokens
            .iter()
            .map(|token| {
                *self.numbers.entry(*token).or_insert_with(|| {
                    self.tokens.push(*token);
                    self.tokens.len() as u32 - 1
                })
            })
            .collect())
    }

    /// The number of a token, if it has one.
    #[must_use]
    pub fn find(&self, token: &Token) -> Option<u32> {
        self.numbers.get(token).copied()
    }

    /// The token of a number, if it has one.
    #[must_use]
    pub fn token(&self, number: u32) -> Option<&Token> {
        self.tokens.get(number as usize)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn tokens_keep_their_numbers() {
        let mut names = Names::default();
        let [a, b, c] = [[1; 32], [2; 32], [3; 32]];
        assert_eq!(names.intern(&[a, b, a]), Ok(vec![0, 1, 0]));
        assert_eq!(names.intern(&[c, b]), Ok(vec![2, 1]));
        assert_eq!((names.find(&c), names.find(&[9; 32])), (Some(2), None));
        assert_eq!((names.token(1), names.token(3)), (Some(&b), None));
        assert_eq!(names.len(), 3);
    }
}
