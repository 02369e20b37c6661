//! The standing rule with its labels, and what answers while there are none.
//!
//! What the graph has taken in stands, whatever comes of the labels: a fault in following it loses them, never the rows. The
//! rule and the list of warning accounts are kept beside them, so that they can be built anew, at once and then with every
//! change until it succeeds, each failure doubling the changes that are let pass before the next try. Until then the search
//! answers, which always agrees with them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use engine::{
    AccountAnswer, Batch, Graph, GraphError, MAX_ACCOUNTS, MAX_TIME, Rule, Seeds, Standing,
};

use crate::fault::Failure;
use crate::graph::PyGraph;
use crate::points;

/// Rows that one hold of the labels' lock takes in: readers wait for no more than these.
const CHUNK: usize = 2_048;

/// What one search in place of a look-up may take; one that hits it says so.
const SEARCH: Duration = Duration::from_millis(200);

/// The warning accounts, ascending, each with the time from which its money is tainted.
#[derive(Clone)]
pub(crate) struct Warned {
    accounts: Vec<u32>,
    times: Vec<i64>,
}

impl Warned {
    fn set(&mut self, account: u32, from: Option<i64>) {
        match (self.accounts.binary_search(&account), from) {
            (Ok(at), Some(from)) => self.times[at] = from,
            (Ok(at), None) => {
                self.accounts.remove(at);
                self.times.remove(at);
            }
            (Err(at), Some(from)) => {
                self.accounts.insert(at, account);
                self.times.insert(at, from);
            }
            (Err(_), None) => {}
        }
    }

    fn seeds(&self) -> Seeds<'_> {
        Seeds {
            accounts: &self.accounts,
            times: &self.times,
        }
    }
}

/// A rule, and the labels that answer it.
pub(crate) struct Resident {
    rule: Rule,
    warned: Arc<Warned>,
    /// None: a fault took them.
    labels: Option<Standing>,
    faults: u64,
    /// Changes to let pass before labels are built again, and as many after one more failure.
    wait: u32,
    pause: u32,
}

impl Resident {
    /// Labels for what is there already.
    pub(crate) fn new(rule: Rule, seeds: Seeds<'_>, graph: &Graph) -> Result<Self, GraphError> {
        seeds.check()?;
        let warned = Warned {
            accounts: seeds.accounts.to_vec(),
            times: seeds.times.to_vec(),
        };
        let labels = built(&rule, &warned, graph).transpose()?;
        Ok(Self {
            rule,
            warned: Arc::new(warned),
            faults: labels.is_none().into(),
            labels,
            wait: 0,
            pause: 1,
        })
    }

    /// What the labels say: none without a rule, and none within that without labels.
    pub(crate) fn look_up(
        standing: Option<&Self>,
        account: u32,
        as_of: i64,
    ) -> Option<Option<AccountAnswer>> {
        let labels = &standing?.labels;
        Some(labels.as_ref().and_then(|labels| {
            let look = || {
                points::pass("labels.look_up");
                labels.account(account, as_of)
            };
            catch_unwind(AssertUnwindSafe(look)).ok()
        }))
    }

    fn lose(&mut self) {
        self.labels = None;
        self.faults += 1;
        (self.wait, self.pause) = (0, 1);
    }
}

/// Labels, unless building them panics.
fn built(rule: &Rule, warned: &Warned, graph: &Graph) -> Option<Result<Standing, GraphError>> {
    let pairs = warned.accounts.iter().copied();
    let pairs: Vec<(u32, i64)> = pairs.zip(warned.times.iter().copied()).collect();
    let build = || {
        points::pass("labels.build");
        Standing::new(rule.clone(), graph, &pairs)
    };
    catch_unwind(AssertUnwindSafe(build)).ok()
}

impl PyGraph {
    fn resident(&self) -> RwLockReadGuard<'_, Option<Resident>> {
        self.standing.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn resident_mut(&self) -> RwLockWriteGuard<'_, Option<Resident>> {
        self.standing
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Take a published batch into the labels.
    pub(crate) fn follow(&self, batch: &Batch<'_>, first: u32) {
        self.keep_labels(|| self.take_in(batch, first));
    }

    /// Put an account on the list, move its time, or take it off.
    pub(crate) fn relist(&self, account: u32, from: Option<i64>) {
        if let Some(resident) = self.resident_mut().as_mut() {
            Arc::make_mut(&mut resident.warned).set(account, from);
        }
        self.keep_labels(|| self.repair(|labels, graph| labels.rewarn(graph, &[(account, from)])));
    }

    /// Let the labels follow what has happened already. If that panics they are lost, and built anew.
    fn keep_labels(&self, work: impl FnOnce()) {
        if self.resident().is_none() {
            return;
        }
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            if let Some(resident) = self.resident_mut().as_mut() {
                resident.lose();
            }
            // Up to here whoever read took the poison for what it is.
            self.standing.clear_poison();
        }
        self.mend();
    }

    /// Build lost labels anew if it is time for that.
    fn mend(&self) {
        if self
            .resident()
            .as_ref()
            .is_none_or(|one| one.labels.is_some())
        {
            return;
        }
        let due = self.resident_mut().as_mut().and_then(|resident| {
            let due = resident.wait == 0;
            resident.wait = resident.wait.saturating_sub(1);
            due.then(|| (resident.rule.clone(), Arc::clone(&resident.warned)))
        });
        let Some((rule, warned)) = due else { return };
        let labels = built(&rule, &warned, &self.snapshot());
        if let Some(resident) = self.resident_mut().as_mut() {
            resident.labels = labels.and_then(Result::ok);
            if resident.labels.is_none() {
                resident.wait = resident.pause;
                resident.pause = resident.pause.saturating_mul(2);
            }
        }
    }

    fn take_in(&self, batch: &Batch<'_>, first: u32) {
        let mut late = Vec::new();
        for from in (0..batch.len()).step_by(CHUNK) {
            let rows = from..(from + CHUNK).min(batch.len());
            let chunk = Batch {
                src: &batch.src[rows.clone()],
                dst: &batch.dst[rows.clone()],
                time: &batch.time[rows.clone()],
                amount: &batch.amount[rows.clone()],
                channel: batch.channel.map(|channel| &channel[rows]),
            };
            if let Some(labels) = labels_of(self.resident_mut().as_mut()) {
                late.extend(labels.follow(&chunk, first + from as u32));
                points::pass("labels.follow");
            }
        }
        if !late.is_empty() {
            self.repair(|labels, graph| labels.relate(graph, &late));
        }
    }

    /// Work a repair out while questions go on, then put it in place.
    fn repair(&self, work: impl FnOnce(&Standing, &Graph) -> engine::Repair) {
        let graph = self.snapshot();
        let repair = self.resident().as_ref().and_then(|resident| {
            let labels = resident.labels.as_ref()?;
            points::pass("labels.repair");
            Some(work(labels, &graph))
        });
        if let (Some(labels), Some(repair)) = (labels_of(self.resident_mut().as_mut()), repair) {
            labels.apply(repair);
            points::pass("labels.apply");
        }
    }

    /// What the labels say, once whoever writes them has done so.
    pub(crate) fn looked_up(&self, account: u32, as_of: i64) -> Option<Option<AccountAnswer>> {
        match self.standing.read() {
            Ok(standing) => Resident::look_up(standing.as_ref(), account, as_of),
            // Half-written labels leave the lock poisoned until they are gone.
            Err(_) => Some(None),
        }
    }

    /// The same answer by search, for want of labels.
    pub(crate) fn searched(&self, account: u32, as_of: i64) -> Result<AccountAnswer, Failure> {
        let (rule, warned) = match self.resident().as_ref() {
            Some(resident) if account < MAX_ACCOUNTS => {
                (resident.rule.clone(), Arc::clone(&resident.warned))
            }
            _ => return Ok(AccountAnswer::default()),
        };
        let mut question = rule.question(as_of);
        // There are no transfers beyond these times, so a label knows no such bounds.
        for bound in [&mut question.start, &mut question.end] {
            *bound = bound.map(|time| time.clamp(-MAX_TIME, MAX_TIME));
        }
        let started = Instant::now();
        let expired = || started.elapsed() >= SEARCH;
        let graph = self.snapshot();
        self.with_scratch(|scratch| {
            points::pass("labels.search");
            engine::account(
                &graph,
                account,
                warned.seeds(),
                &question,
                scratch,
                &expired,
            )
        })
    }

    pub(crate) fn labels_bytes(&self) -> usize {
        let standing = self.resident();
        let labels = standing.as_ref().and_then(|one| one.labels.as_ref());
        labels.map_or(0, Standing::bytes)
    }

    /// How often a fault took the labels, and whether they are missing now.
    pub(crate) fn label_faults(&self) -> (u64, bool) {
        let standing = self.resident();
        let resident = standing.as_ref();
        resident.map_or((0, false), |one| (one.faults, one.labels.is_none()))
    }
}

fn labels_of(resident: Option<&mut Resident>) -> Option<&mut Standing> {
    resident.and_then(|resident| resident.labels.as_mut())
}
