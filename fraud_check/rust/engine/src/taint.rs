//! How much: tainted money followed through what accounts hold, to the last unit.
//!
//! Nobody tells the hub balances, so an account's content is what came in since the window began less what went out,
//! never below zero. A payment larger than the content carries all its taint, and the rest of it is clean. Every
//! payment of a seed after its start is tainted whole. Taint is kept per hop and ends after the last one; it ends, too, in a
//! payment that is not followed (below the least amount or share, or out of a stop account or a hub). So at any time
//!
//! `injected = held + ended`, exactly.
//!
//! Every unit that a seed pays out is one of its own (it has a number), so that an account to which it comes back does not get
//! it twice: what came to an account is never more than the seeds paid out, nor is what came first to accounts at one hop.

mod pool;

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use self::pool::{Pool, Portion};
use crate::account::behind;
use crate::error::GraphError;
use crate::graph::Graph;
use crate::question::{AccountSet, MAX_HOPS, Question, Truncation};
use crate::scratch::Scratch;
use crate::spread::{Seeds, spread};
use crate::transfer::Transfer;
use crate::witness::Trail;

/// Which of an account's money leaves first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A part of every portion: floor(amount × tainted / content), and the remainder stays. Which units of a hop are that
    /// part changes no content; they are those that came first.
    Haircut,
    /// The money that came first.
    Fifo,
    /// The money that came last, as the Fraud Act's Art. 53 returns it.
    Lifo,
}

/// Tainted money, one row for each account that the walk reaches, in the order of the spread.
#[derive(Debug, Default)]
pub struct Taint {
    /// The accounts.
    pub accounts: Vec<u32>,
    /// Tainted money that came to each, every unit once, however often it came back.
    pub received: Vec<i64>,
    /// Tainted money that each still held at the end.
    pub held: Vec<i64>,
    /// The same, by the hop at which it first came to the account, unless only one account was asked about.
    pub held_at: Vec<Held>,
    /// Tainted money that the seeds paid out.
    pub injected: i64,
    /// Tainted money that left the walk: `repaid`, `beyond`, or in a payment that is not followed.
    pub ended: i64,
    /// What of it a seed paid on, so that it is in `injected` again.
    pub repaid: i64,
    /// What of it was paid on after the last hop.
    pub beyond: i64,
    /// What tainted money moved, in the order in which it did, unless only one account was asked about. At one hop a unit
    /// moves once, so what moved at a hop is never more than what was injected.
    pub moved: Vec<Moved>,
    /// What cut the walk short, if anything did. Then nothing is said of any account, unless it was the cap on fan-out:
    /// that leaves out only what goes through hubs.
    pub truncated: Option<Truncation>,
}

/// Tainted money of one hop that one transfer carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The transfer's sequence number.
    pub seq: u32,
    /// The hop of the money when it arrived.
    pub hop: u8,
    /// How much.
    pub amount: i64,
    /// How much of that had not been at the receiver before.
    pub first: i64,
}

/// Tainted money that an account held at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// The account.
    pub account: u32,
    /// The hop at which it first came there.
    pub hop: u8,
    /// How much.
    pub amount: i64,
}

/// Tainted money that came to one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountTaint {
    /// How much; none if a budget cut the count short. With a cap on fan-out, what did not go through hubs.
    pub received: Option<i64>,
    /// What cut the count short, if anything did.
    pub truncated: Option<Truncation>,
}

/// Whether a walk that was cut short still says all but what lies behind hubs.
fn is_whole(truncated: Option<Truncation>) -> bool {
    matches!(truncated, None | Some(Truncation::Fanout))
}

/// Follow tainted money from the seeds.
///
/// # Errors
/// As for [`spread`]; or the question goes backward, or has a dwell limit, which contents make meaningless.
pub fn taint(
    graph: &Graph,
    seeds: Seeds<'_>,
    question: &Question,
    method: Method,
    scratch: &mut Scratch,
    expired: &dyn Fn() -> bool,
) -> Result<Taint, GraphError> {
    within(graph, seeds, question, method, None, scratch, expired)
}

/// How much tainted money came to one account: the money of the seeds behind it, through the accounts in between.
///
/// Taint of other seeds, which can not reach the account any more, counts as clean; so a haircut may differ from the whole
/// walk's by a unit of rounding for each payment.
///
/// # Errors
/// As for [`taint`].
pub fn account_taint(
    graph: &Graph,
    account: u32,
    seeds: Seeds<'_>,
    question: &Question,
    method: Method,
    scratch: &mut Scratch,
    expired: &dyn Fn() -> bool,
) -> Result<AccountTaint, GraphError> {
    let behind = behind(graph, account, seeds, question, scratch, expired)?;
    if !is_whole(behind.truncated) {
        return Ok(AccountTaint {
            received: None,
            truncated: behind.truncated,
        });
    }
    let between = AccountSet::new("account", &behind.accounts)?;
    let sources = Seeds {
        accounts: &behind.seeds,
        times: &behind.times,
    };
    let answer = within(
        graph,
        sources,
        question,
        method,
        Some(&between),
        scratch,
        expired,
    )?;
    let row = answer.accounts.iter().position(|one| *one == account);
    let received = row.map_or(0, |row| answer.received[row]);
    let truncated = answer.truncated.or(behind.truncated);
    Ok(AccountTaint {
        received: is_whole(truncated).then_some(received),
        truncated,
    })
}

fn within(
    graph: &Graph,
    seeds: Seeds<'_>,
    question: &Question,
    method: Method,
    between: Option<&AccountSet>,
    scratch: &mut Scratch,
    expired: &dyn Fn() -> bool,
) -> Result<Taint, GraphError> {
    if question.backward {
        return Err(GraphError::Parameter {
            name: "direction",
            expected: "forward for taint",
            got: -1,
        });
    }
    if let Some(got) = question.dwell {
        return Err(GraphError::Parameter {
            name: "dwell",
            expected: "none for taint by content",
            got,
        });
    }
    let reached = spread(graph, seeds, question, between, scratch, expired)?;
    if !is_whole(reached.truncated) {
        return Ok(Taint {
            truncated: reached.truncated,
            ..Taint::default()
        });
    }
    let rows: FxHashMap<u32, usize> = reached
        .accounts
        .iter()
        .zip(0..)
        .map(|(one, row)| (*one, row))
        .collect();
    let flows = flows(graph, question, &reached.accounts, &rows);
    let barred = reached.accounts.iter();
    let barred = barred.map(|&account| question.barrier(graph, account).is_some());
    let mut purse = Purse {
        seeds,
        question,
        trail: reached.trail,
        method,
        rows,
        barred: barred.collect(),
        pools: vec![Pool::new(method); reached.accounts.len()],
        visits: vec![Visits::default(); reached.accounts.len()],
        traced: between.is_none(),
        answer: Taint {
            received: vec![0; reached.accounts.len()],
            accounts: reached.accounts,
            truncated: reached.truncated,
            ..Taint::default()
        },
    };
    if question.tie_by_seq {
        flows
            .iter()
            .for_each(|flow| purse.settle(std::slice::from_ref(flow)));
    } else {
        flows
            .chunk_by(|one, other| one.time == other.time)
            .for_each(|tick| purse.settle(tick));
    }
    Ok(purse.closed())
}

/// Every payment of the window that one of the accounts makes or gets, in order; self-transfers move nothing.
fn flows(
    graph: &Graph,
    question: &Question,
    accounts: &[u32],
    rows: &FxHashMap<u32, usize>,
) -> Vec<Transfer> {
    let mut flows = Vec::new();
    let start = question.start.unwrap_or(i64::MIN + 1);
    let within =
        |flow: &Transfer| question.end.is_none_or(|end| flow.time <= end) && flow.src != flow.dst;
    for &account in accounts {
        graph.payments_after(account, start - 1, |flow| {
            flows.extend(Some(flow).filter(within))
        });
        graph.receipts_after(account, start - 1, |flow| {
            flows.extend(Some(flow).filter(|flow| within(flow) && !rows.contains_key(&flow.src)));
        });
    }
    flows.sort_unstable_by_key(|flow| (flow.time, flow.seq));
    flows
}

/// Which units have been at an account, by the number of the first of each stretch: the number after its last, and its hop.
///
/// Portions are cut and never joined, so a portion that comes is within one stretch or in none.
#[derive(Debug, Clone, Default)]
struct Visits(BTreeMap<i64, (i64, u8)>);

impl Visits {
    /// The hop at which a portion first came here; none if it never did.
    fn hop_of(&self, portion: &Portion) -> Option<u8> {
        let (_, &(end, hop)) = self.0.range(..=portion.first).next_back()?;
        (portion.first < end).then_some(hop)
    }

    /// Enter a portion; whether it came for the first time.
    fn enter(&mut self, portion: &Portion) -> bool {
        let is_new = self.hop_of(portion).is_none();
        if is_new {
            let end = portion.first + portion.amount;
            self.0.insert(portion.first, (end, portion.hop));
        }
        is_new
    }
}

fn tainted_in(portions: &[Portion]) -> i64 {
    let tainted = portions.iter().filter(|portion| portion.is_tainted());
    tainted.map(|one| one.amount).sum()
}

struct Purse<'a> {
    seeds: Seeds<'a>,
    question: &'a Question,
    trail: Trail,
    method: Method,
    rows: FxHashMap<u32, usize>,
    /// Which of the accounts tainted money enters and does not pass through.
    barred: Vec<bool>,
    pools: Vec<Pool>,
    visits: Vec<Visits>,
    /// Whether what each transfer carried is kept.
    traced: bool,
    answer: Taint,
}

impl Purse<'_> {
    /// Payments of one moment: all leave before any arrives, since money that comes in a tick cannot leave in it.
    fn settle(&mut self, flows: &[Transfer]) {
        let portions: Vec<Vec<Portion>> = flows.iter().map(|flow| self.take(flow)).collect();
        for (flow, portions) in flows.iter().zip(portions) {
            if let Some(&row) = self.rows.get(&flow.dst) {
                self.arrive(flow, row, &portions);
                self.pools[row].deposit(&portions);
            }
        }
    }

    /// Count what came, every unit once an account, and keep what the transfer carried, hop by hop.
    fn arrive(&mut self, flow: &Transfer, row: usize, portions: &[Portion]) {
        let mut carried = [(0, 0); MAX_HOPS as usize + 1];
        for portion in portions.iter().filter(|portion| portion.is_tainted()) {
            let (amount, first) = &mut carried[usize::from(portion.hop)];
            *amount += portion.amount;
            if self.visits[row].enter(portion) {
                *first += portion.amount;
                self.answer.received[row] += portion.amount;
            }
        }
        if !self.traced {
            return;
        }
        let tainted = carried.into_iter().zip(0..).skip(1);
        self.answer
            .moved
            .extend(tainted.filter(|((amount, _), _)| *amount > 0).map(
                |((amount, first), hop)| Moved {
                    seq: flow.seq,
                    hop,
                    amount,
                    first,
                },
            ));
    }

    /// The answer, once all is settled.
    fn closed(mut self) -> Taint {
        self.answer.held = self.pools.iter().map(Pool::tainted).collect();
        let rows = self.pools.iter().zip(&self.visits).enumerate();
        for (row, (pool, visits)) in rows.filter(|_| self.traced) {
            let mut held = [0; MAX_HOPS as usize + 1];
            for portion in pool.portions() {
                held[usize::from(visits.hop_of(&portion).unwrap_or(portion.hop))] += portion.amount;
            }
            let account = self.answer.accounts[row];
            let kept = held.into_iter().zip(0..).filter(|(amount, _)| *amount > 0);
            self.answer.held_at.extend(kept.map(|(amount, hop)| Held {
                account,
                hop,
                amount,
            }));
        }
        self.answer
    }

    /// What a payment is made of when it arrives.
    fn take(&mut self, flow: &Transfer) -> Vec<Portion> {
        let row = self.rows.get(&flow.src).copied();
        let mut portions = match row {
            Some(row) => self.pools[row].withdraw(flow.amount),
            None => vec![Portion::clean(flow.amount)],
        };
        // An account that the walk never left is its last hop's, or a stop: taint ends there in any case.
        let followed = self.trail.followed(flow.src, flow.amount);
        let seed = self.seeds.accounts.binary_search(&flow.src);
        if followed && seed.is_ok_and(|at| self.seeds.times[at] < flow.time) {
            // The seed's own taint takes the place of what had come to it from other seeds.
            let repaid = tainted_in(&portions);
            self.answer.ended += repaid;
            self.answer.repaid += repaid;
            let first = self.answer.injected;
            self.answer.injected += flow.amount;
            return vec![Portion {
                hop: 1,
                amount: flow.amount,
                first,
            }];
        }
        let stopped = !followed || row.is_some_and(|row| self.barred[row]);
        for portion in portions.iter_mut().filter(|portion| portion.hop > 0) {
            let is_last = portion.hop == self.question.hops;
            if stopped || is_last {
                self.answer.ended += portion.amount;
                self.answer.beyond += if is_last { portion.amount } else { 0 };
                portion.hop = 0;
            } else {
                portion.hop += 1;
            }
        }
        debug_assert_eq!(
            portions.iter().map(|portion| portion.amount).sum::<i64>(),
            flow.amount,
            "{:?}",
            self.method
        );
        portions
    }
}
