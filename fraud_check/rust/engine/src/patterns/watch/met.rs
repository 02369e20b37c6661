//! Which accounts were met on the way, at the price of what is asked of it: whether, and how many.

use rustc_hash::FxHashSet;

/// Accounts met, few as a rule.
#[derive(Debug, Default)]
pub(super) struct Few {
    first: Vec<u32>,
    rest: FxHashSet<u32>,
}

/// From how many on a set is faster to ask than a list.
const LIST: usize = 24;

impl Few {
    pub fn clear(&mut self) {
        self.first.clear();
        if !self.rest.is_empty() {
            self.rest.clear();
        }
    }

    /// Whether the account was not met before.
    pub fn insert(&mut self, account: u32) -> bool {
        if self.first.contains(&account) {
            return false;
        }
        if self.first.len() < LIST {
            self.first.push(account);
            return true;
        }
        self.rest.insert(account)
    }

    pub fn len(&self) -> usize {
        self.first.len() + self.rest.len()
    }
}

/// Accounts that are marked: those with the number of the round.
#[derive(Debug, Default)]
pub(super) struct Marks {
    round: u32,
    rounds: Vec<u32>,
}

impl Marks {
    pub fn clear(&mut self, accounts: usize) {
        self.rounds.resize(accounts, 0);
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.rounds.fill(0);
            self.round = 1;
        }
    }

    /// Mark an account; whether it was not marked before.
    pub fn set(&mut self, account: u32) -> bool {
        std::mem::replace(&mut self.rounds[account as usize], self.round) != self.round
    }

    /// Take a mark off; whether there was one.
    pub fn unset(&mut self, account: u32) -> bool {
        std::mem::replace(&mut self.rounds[account as usize], 0) == self.round
    }

    pub fn has(&self, account: u32) -> bool {
        self.rounds[account as usize] == self.round
    }
}
