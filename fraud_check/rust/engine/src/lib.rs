//! The money-flow graph: dated transfers between accounts, and time-respecting walks from seeds over them.
//!
//! It knows no file, no clock, no interpreter and no account number: accounts are dense integers, times are integer
//! ticks, amounts are exact integers, and budgets are handed in. The semantics are in `fraud_check/engine/__init__.py`;
//! a slow and obvious version of them, in Python, is the oracle of the tests.

mod account;
mod column;
mod error;
mod fanout;
mod graph;
mod index;
mod names;
mod order;
mod parts;
mod patterns;
mod question;
mod radix;
mod scan;
mod scratch;
mod segment;
mod share;
mod spread;
mod standing;
mod tail;
mod taint;
mod transfer;
mod witness;

pub use account::{AccountAnswer, Found, account};
pub use column::{Column, Lender};
pub use error::GraphError;
pub use graph::Graph;
pub use names::{Names, TOKEN_SIZE, Token};
pub use parts::{Flaw, IndexParts, Parts};
pub use patterns::{
    Finding, Findings, Patterns, Shape, Sighting, Sightings, Watch, WatchLimits, patterns,
};
pub use question::{AccountSet, MAX_HOPS, Question, Truncation};
pub use scratch::Scratch;
pub use segment::{Entry, Row, Segment};
pub use spread::{Layer, Seeds, Spread, spread};
pub use standing::{MAX_STANDING_HOPS, Repair, Rule, Standing};
pub use taint::{AccountTaint, Held, Method, Moved, Taint, account_taint, taint};
pub use transfer::{Batch, MAX_ACCOUNTS, MAX_TIME, Transfer};
pub use witness::Trail;
