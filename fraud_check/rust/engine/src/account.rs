//! One account: is it within k hops of a seed, as of some moment, and by which transfers?
//!
//! Every walk that ends at the account lies among the accounts that a walk backward from it reaches within the same
//! hops. So: walk backward; if no seed is there in time, the answer is no; else walk forward from the seeds found,
//! within those accounts only, and no further than each one's last payment that still led there. The answer equals the account's row in the whole spread.

use crate::error::GraphError;
use crate::graph::Graph;
use crate::question::{AccountSet, Question, Truncation};
use crate::scratch::Scratch;
use crate::share::Measured;
use crate::spread::{Inputs, Seeds, walk};
use crate::transfer::{MAX_TIME, Transfer};

/// What a walk says about one account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountAnswer {
    /// What was found, if the account is within reach.
    pub found: Option<Found>,
    /// How many transfers were read.
    pub reads: u64,
    /// What cut the search short: "not found" is then no answer.
    pub truncated: Option<Truncation>,
}

/// How a seed's money reached the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The fewest hops.
    pub hop: u8,
    /// The seed at the path's start.
    pub source: u32,
    /// The earliest arrival at that many hops; a seed's own time.
    pub arrival: i64,
    /// The earliest arrival within all hops.
    pub earliest: i64,
    /// Tainted transfers into the account within all hops, each once.
    pub amount: i64,
    /// A path with the fewest hops; empty for a seed.
    pub path: Vec<Transfer>,
}

/// The accounts from which money can have come, and the seeds among them that were tainted in time.
pub(crate) struct Behind {
    pub accounts: Vec<u32>,
    /// Ascending by account, with the latest payment from which money can still have come.
    pub until: Vec<(u32, i64)>,
    pub seeds: Vec<u32>,
    pub times: Vec<i64>,
    pub reads: u64,
    pub truncated: Option<Truncation>,
}

/// Walk backward from one account, under a checked forward question.
pub(crate) fn behind(
    graph: &Graph,
    account: u32,
    seeds: Seeds<'_>,
    question: &Question,
    scratch: &mut Scratch,
    expired: &dyn Fn() -> bool,
) -> Result<Behind, GraphError> {
    question.check()?;
    seeds.check()?;
    AccountSet::new("account", &[account])?;
    if question.backward {
        let expected = "a forward question: it asks where an account's money came from already";
        return Err(GraphError::Parameter {
            name: "direction",
            expected,
            got: -1,
        });
    }
    let back = Question {
        backward: true,
        ..question.clone()
    };
    let origin = Seeds {
        accounts: &[account],
        times: &[question.end.unwrap_or(MAX_TIME) + 1],
    };
    let reached = walk(
        &Inputs {
            graph,
            seeds: origin,
            question: &back,
            within: None,
            until: None,
            measured: Measured::Far,
        },
        scratch,
        expired,
    );
    let mut sources: Vec<(u32, i64)> = Vec::new();
    for (&one, &departure) in reached.accounts.iter().zip(&reached.earliest) {
        if let Ok(at) = seeds.accounts.binary_search(&one)
            && (one == account || seeds.times[at] < departure)
        {
            sources.push((one, seeds.times[at]));
        }
    }
    sources.sort_unstable();
    let (seeds, times): (Vec<u32>, Vec<i64>) = sources.into_iter().unzip();
    let (reads, truncated) = (reached.reads, reached.truncated);
    let mut until: Vec<(u32, i64)> = Vec::new();
    if !seeds.is_empty() {
        let latest = reached.accounts.iter().zip(&reached.earliest);
        until.extend(latest.map(|(one, departure)| (*one, *departure)));
        until.sort_unstable();
    }
    Ok(Behind {
        accounts: reached.accounts,
        until,
        seeds,
        times,
        reads,
        truncated,
    })
}

/// Search for the seeds behind one account. The question's window ends at the moment asked about.
///
/// # Errors
/// A parameter is out of range, the seeds are not strictly ascending, or the question is a backward one.
pub fn account(
    graph: &Graph,
    account: u32,
    seeds: Seeds<'_>,
    question: &Question,
    scratch: &mut Scratch,
    expired: &dyn Fn() -> bool,
) -> Result<AccountAnswer, GraphError> {
    let behind = behind(graph, account, seeds, question, scratch, expired)?;
    if behind.seeds.is_empty() {
        return Ok(AccountAnswer {
            found: None,
            reads: behind.reads,
            truncated: behind.truncated,
        });
    }
    let within = AccountSet::new("account", &behind.accounts)?;
    let left = question
        .max_reads
        .map(|most| most.saturating_sub(behind.reads));
    let forward = Question {
        max_reads: left,
        ..question.clone()
    };
    let sources = Seeds {
        accounts: &behind.seeds,
        times: &behind.times,
    };
    let inputs = Inputs {
        graph,
        seeds: sources,
        question: &forward,
        within: Some(&within),
        until: Some(&behind.until),
        measured: Measured::Near,
    };
    let ahead = walk(&inputs, scratch, expired);
    let found = ahead.row(account).and_then(|row| {
        let path = ahead.trail.path(account)?;
        Some(Found {
            hop: ahead.hops[row],
            source: path.first().map_or(account, |first| first.src),
            arrival: ahead.arrivals[row],
            earliest: ahead.earliest[row],
            amount: ahead.amounts[row],
            path,
        })
    });
    let reads = behind.reads + ahead.reads;
    Ok(AccountAnswer {
        found,
        reads,
        truncated: behind.truncated.or(ahead.truncated),
    })
}
