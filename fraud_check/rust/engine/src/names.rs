//! Names of accounts: 32-byte tokens on one side, dense numbers on the other.

use std::collections::{HashMap, HashSet};

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
        self.require_room(fresh, tokens.len())?;
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

    /// Those of the tokens that have no number yet, each once, in the order in which they would get one.
    ///
    /// # Errors
    /// There would be too many accounts.
    pub fn fresh(&self, tokens: &[Token]) -> Result<Vec<Token>, GraphError> {
        let mut seen = HashSet::new();
        let is_fresh = |token: &&Token| !self.numbers.contains_key(*token) && seen.insert(**token);
        let fresh: Vec<Token> = tokens.iter().filter(is_fresh).copied().collect();
        self.require_room(fresh.len(), tokens.len())?;
        Ok(fresh)
    }

    fn require_room(&self, fresh: usize, row: usize) -> Result<(), GraphError> {
        let wanted = self.tokens.len() + fresh;
        if wanted <= MAX_ACCOUNTS as usize {
            return Ok(());
        }
        Err(GraphError::OutOfRange {
            column: "tokens",
            row,
            got: wanted as i64,
            least: 0,
            most: i64::from(MAX_ACCOUNTS),
        })
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

    /// All tokens, in the order of their numbers.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
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
        assert_eq!(names.fresh(&[c, a, [4; 32], c]), Ok(vec![c, [4; 32]]));
        assert_eq!(names.intern(&[c, b]), Ok(vec![2, 1]));
        assert_eq!((names.find(&c), names.find(&[9; 32])), (Some(2), None));
        assert_eq!((names.token(1), names.token(3)), (Some(&b), None));
        assert_eq!(names.len(), 3);
    }
}
