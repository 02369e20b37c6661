//! The graph behind locks: one writer at a time, readers on snapshots.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use engine::{
    AccountSet, Batch, Graph, GraphError, Method, Patterns, Question, Rule, Scratch, Seeds, Shape,
    Standing,
};
use numpy::PyReadonlyArray1;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::answers::{PyAccountAnswer, PyFindings, PySpread, PyTaint};
use crate::fault::{Failure, released};

const SPOILT: Failure =
    Failure::Fault("the standing labels were lost in an earlier fault; set the rule again");

/// Scratches kept for the next questions.
const POOL: usize = 4;

/// A set of accounts, made once and used in many questions.
#[pyclass(frozen, name = "AccountSet", module = "fraud_check.engine._engine")]
pub(crate) struct PyAccountSet {
    inner: Arc<AccountSet>,
}

#[pymethods]
impl PyAccountSet {
    #[new]
    fn new(accounts: PyReadonlyArray1<'_, u32>) -> PyResult<Self> {
        let set =
            AccountSet::new("accounts", slice(&accounts, "accounts")?).map_err(Failure::from)?;
        Ok(Self {
            inner: Arc::new(set),
        })
    }

    fn __contains__(&self, account: u32) -> bool {
        self.inner.has(account)
    }
}

/// Rows that one hold of the labels' lock takes in: readers wait for no more than these.
const CHUNK: usize = 2_048;

/// Transfers between accounts.
#[pyclass(frozen, name = "Graph", module = "fraud_check.engine._engine")]
pub(crate) struct PyGraph {
    writing: Mutex<()>,
    published: RwLock<Graph>,
    scratches: Mutex<Vec<Scratch>>,
    standing: RwLock<Option<Standing>>,
}

impl PyGraph {
    fn snapshot(&self) -> Graph {
        self.published
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Change a copy, then publish it whole: a refusal or a panic leaves the graph as it was.
    fn change<T>(
        &self,
        _turn: &MutexGuard<'_, ()>,
        work: impl FnOnce(&mut Graph) -> Result<T, GraphError>,
    ) -> Result<T, Failure> {
        let mut graph = self.snapshot();
        let outcome = work(&mut graph)?;
        let mut published = self
            .published
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *published, graph);
        drop(published);
        drop(before);
        Ok(outcome)
    }

    /// Take a published batch into the labels. A panic in here poisons them, and they are then as good as absent.
    fn follow(&self, batch: &Batch<'_>, first: u32) -> Result<(), Failure> {
        if self.standing.read().map_err(|_| SPOILT)?.is_none() {
            return Ok(());
        }
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
            if let Some(standing) = self.standing.write().map_err(|_| SPOILT)?.as_mut() {
                late.extend(standing.follow(&chunk, first + from as u32));
            }
        }
        if late.is_empty() {
            Ok(())
        } else {
            self.repair(|standing, graph| standing.relate(graph, &late))
        }
    }

    /// Work a repair out while questions go on, then put it in place.
    fn repair(
        &self,
        work: impl FnOnce(&Standing, &Graph) -> engine::Repair,
    ) -> Result<(), Failure> {
        let graph = self.snapshot();
        let repair = self
            .standing
            .read()
            .map_err(|_| SPOILT)?
            .as_ref()
            .map(|standing| work(standing, &graph));
        if let (Some(standing), Some(repair)) =
            (self.standing.write().map_err(|_| SPOILT)?.as_mut(), repair)
        {
            standing.apply(repair);
        }
        Ok(())
    }

    fn with_scratch<T>(
        &self,
        work: impl FnOnce(&mut Scratch) -> Result<T, GraphError>,
    ) -> Result<T, Failure> {
        let kept = self
            .scratches
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let mut scratch = kept.unwrap_or_default();
        // After a panic the scratch is dropped with the unwinding, so no spoilt one comes back.
        let outcome = work(&mut scratch);
        let mut pool = self
            .scratches
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if pool.len() < POOL {
            pool.push(scratch);
        }
        Ok(outcome?)
    }
}

#[pymethods]
impl PyGraph {
    #[new]
    fn new() -> Self {
        Self {
            writing: Mutex::default(),
            published: RwLock::new(Graph::new()),
            scratches: Mutex::default(),
            standing: RwLock::default(),
        }
    }

    #[pyo3(signature = (src, dst, time, amount, channel = None))]
    fn append(
        &self,
        py: Python<'_>,
        src: PyReadonlyArray1<'_, u32>,
        dst: PyReadonlyArray1<'_, u32>,
        time: PyReadonlyArray1<'_, i64>,
        amount: PyReadonlyArray1<'_, i64>,
        channel: Option<PyReadonlyArray1<'_, u8>>,
    ) -> PyResult<u32> {
        let batch = Batch {
            src: slice(&src, "src")?,
            dst: slice(&dst, "dst")?,
            time: slice(&time, "time")?,
            amount: slice(&amount, "amount")?,
            channel: channel
                .as_ref()
                .map(|channel| slice(channel, "channel"))
                .transpose()?,
        };
        released(py, || {
            let turn = self.turn();
            let first = self.change(&turn, |graph| graph.append(&batch))?;
            self.follow(&batch, first)?;
            Ok(first)
        })
    }

    fn compact(&self, py: Python<'_>) -> PyResult<()> {
        released(py, || {
            let turn = self.turn();
            self.change(&turn, |graph| {
                graph.compact();
                Ok(())
            })
        })
    }

    #[pyo3(signature = (
        seed_accounts, seed_times, *, max_hops, window, min_amount = 0, dwell = None, stop = None,
    ))]
    #[allow(clippy::too_many_arguments)]
    fn set_rule(
        &self,
        py: Python<'_>,
        seed_accounts: PyReadonlyArray1<'_, u32>,
        seed_times: PyReadonlyArray1<'_, i64>,
        max_hops: u8,
        window: i64,
        min_amount: i64,
        dwell: Option<i64>,
        stop: Option<&PyAccountSet>,
    ) -> PyResult<()> {
        let seeds = Seeds {
            accounts: slice(&seed_accounts, "seed_accounts")?,
            times: slice(&seed_times, "seed_times")?,
        };
        let stop = stop.map(|set| Arc::clone(&set.inner)).unwrap_or_default();
        let rule = Rule {
            hops: max_hops,
            window,
            min_amount,
            dwell,
            stop,
        };
        released(py, || {
            seeds.check()?;
            let _turn = self.turn();
            let warnings: Vec<(u32, i64)> = seeds
                .accounts
                .iter()
                .copied()
                .zip(seeds.times.iter().copied())
                .collect();
            let built = Standing::new(rule, &self.snapshot(), &warnings)?;
            self.standing.clear_poison();
            *self.standing.write().map_err(|_| SPOILT)? = Some(built);
            Ok(())
        })
    }

    #[pyo3(signature = (account, taint_from))]
    fn warn(&self, py: Python<'_>, account: u32, taint_from: Option<i64>) -> PyResult<()> {
        released(py, || {
            let times = taint_from.as_slice();
            Seeds {
                accounts: &[account][..times.len()],
                times,
            }
            .check()?;
            let _turn = self.turn();
            self.repair(|standing, graph| standing.rewarn(graph, &[(account, taint_from)]))
        })
    }

    fn standing(
        &self,
        py: Python<'_>,
        account: u32,
        as_of: i64,
    ) -> PyResult<Option<PyAccountAnswer>> {
        // A look-up takes about a microsecond: less than to hand the interpreter over and get it back.
        let labels = self.standing.try_read().ok();
        let answer = match labels {
            Some(labels) => labels.as_ref().map(|labels| labels.account(account, as_of)),
            None => released(py, || {
                let labels = self.standing.read().map_err(|_| SPOILT)?;
                Ok(labels.as_ref().map(|labels| labels.account(account, as_of)))
            })?,
        };
        answer
            .map(|answer| PyAccountAnswer::new(py, answer))
            .transpose()
    }

    #[getter]
    fn standing_bytes(&self) -> usize {
        self.standing
            .read()
            .ok()
            .and_then(|labels| labels.as_ref().map(Standing::bytes))
            .unwrap_or(0)
    }

    #[getter]
    fn accounts(&self) -> u32 {
        self.snapshot().accounts()
    }

    #[getter]
    fn transfers(&self) -> u32 {
        self.snapshot().transfers()
    }

    #[getter]
    fn newest(&self) -> Option<i64> {
        self.snapshot().newest()
    }

    #[getter]
    fn segments(&self) -> usize {
        self.snapshot().segments()
    }

    #[getter]
    fn bytes(&self) -> usize {
        self.snapshot().bytes()
    }

    #[pyo3(signature = (
        seed_accounts, seed_times, *, max_hops = 3, backward = false, tie_by_seq = false, start = None, end = None,
        min_amount = 0, dwell = None, stop = None, max_reads = None, max_seconds = None,
    ))]
    #[allow(clippy::too_many_arguments)]
    fn spread(
        &self,
        py: Python<'_>,
        seed_accounts: PyReadonlyArray1<'_, u32>,
        seed_times: PyReadonlyArray1<'_, i64>,
        max_hops: u8,
        backward: bool,
        tie_by_seq: bool,
        start: Option<i64>,
        end: Option<i64>,
        min_amount: i64,
        dwell: Option<i64>,
        stop: Option<&PyAccountSet>,
        max_reads: Option<u64>,
        max_seconds: Option<f64>,
    ) -> PyResult<PySpread> {
        let seeds = Seeds {
            accounts: slice(&seed_accounts, "seed_accounts")?,
            times: slice(&seed_times, "seed_times")?,
        };
        let stop = stop.map(|set| Arc::clone(&set.inner)).unwrap_or_default();
        let hops = max_hops;
        let question = Question {
            hops,
            backward,
            tie_by_seq,
            start,
            end,
            min_amount,
            dwell,
            stop,
            max_reads,
        };
        let expired = deadline(max_seconds)?;
        let spread = released(py, || {
            let graph = self.snapshot();
            self.with_scratch(|scratch| {
                engine::spread(&graph, seeds, &question, None, scratch, &expired)
            })
        })?;
        Ok(PySpread::new(py, spread))
    }

    #[pyo3(signature = (
        seed_accounts, seed_times, method, *, max_hops = 3, tie_by_seq = false, start = None, end = None,
        min_amount = 0, stop = None, max_reads = None, max_seconds = None,
    ))]
    #[allow(clippy::too_many_arguments)]
    fn taint(
        &self,
        py: Python<'_>,
        seed_accounts: PyReadonlyArray1<'_, u32>,
        seed_times: PyReadonlyArray1<'_, i64>,
        method: &str,
        max_hops: u8,
        tie_by_seq: bool,
        start: Option<i64>,
        end: Option<i64>,
        min_amount: i64,
        stop: Option<&PyAccountSet>,
        max_reads: Option<u64>,
        max_seconds: Option<f64>,
    ) -> PyResult<PyTaint> {
        let seeds = Seeds {
            accounts: slice(&seed_accounts, "seed_accounts")?,
            times: slice(&seed_times, "seed_times")?,
        };
        let method = method_of(method)?;
        let stop = stop.map(|set| Arc::clone(&set.inner)).unwrap_or_default();
        let (hops, backward, dwell) = (max_hops, false, None);
        let question = Question {
            hops,
            backward,
            tie_by_seq,
            start,
            end,
            min_amount,
            dwell,
            stop,
            max_reads,
        };
        let expired = deadline(max_seconds)?;
        let taint = released(py, || {
            let graph = self.snapshot();
            self.with_scratch(|scratch| {
                engine::taint(&graph, seeds, &question, method, scratch, &expired)
            })
        })?;
        Ok(PyTaint::new(py, taint))
    }

    #[pyo3(signature = (
        account, seed_accounts, seed_times, method, *, max_hops = 3, tie_by_seq = false, start = None, as_of = None,
        min_amount = 0, stop = None, max_reads = None, max_seconds = None,
    ))]
    #[allow(clippy::too_many_arguments)]
    fn account_taint(
        &self,
        py: Python<'_>,
        account: u32,
        seed_accounts: PyReadonlyArray1<'_, u32>,
        seed_times: PyReadonlyArray1<'_, i64>,
        method: &str,
        max_hops: u8,
        tie_by_seq: bool,
        start: Option<i64>,
        as_of: Option<i64>,
        min_amount: i64,
        stop: Option<&PyAccountSet>,
        max_reads: Option<u64>,
        max_seconds: Option<f64>,
    ) -> PyResult<Option<i64>> {
        let seeds = Seeds {
            accounts: slice(&seed_accounts, "seed_accounts")?,
            times: slice(&seed_times, "seed_times")?,
        };
        let method = method_of(method)?;
        let stop = stop.map(|set| Arc::clone(&set.inner)).unwrap_or_default();
        let (hops, end, backward, dwell) = (max_hops, as_of, false, None);
        let question = Question {
            hops,
            backward,
            tie_by_seq,
            start,
            end,
            min_amount,
            dwell,
            stop,
            max_reads,
        };
        let expired = deadline(max_seconds)?;
        released(py, || {
            let graph = self.snapshot();
            self.with_scratch(|scratch| {
                engine::account_taint(&graph, account, seeds, &question, method, scratch, &expired)
            })
        })
    }

    #[pyo3(signature = (
        shape, *, size, window, min_amount = 0, start = None, end = None, max_hops = 6, max_degree = 10_000,
        max_reads = None, max_seconds = None,
    ))]
    #[allow(clippy::too_many_arguments)]
    fn patterns(
        &self,
        py: Python<'_>,
        shape: &str,
        size: usize,
        window: i64,
        min_amount: i64,
        start: Option<i64>,
        end: Option<i64>,
        max_hops: u8,
        max_degree: usize,
        max_reads: Option<u64>,
        max_seconds: Option<f64>,
    ) -> PyResult<PyFindings> {
        let shape = match shape {
            "fan_out" => Shape::FanOut,
            "fan_in" => Shape::FanIn,
            "gather_scatter" => Shape::GatherScatter,
            "scatter_gather" => Shape::ScatterGather,
            "cycle" => Shape::Cycle,
            _ => {
                let known = "fan_out, fan_in, gather_scatter, scatter_gather or cycle";
                let text = format!("shape: expected {known}, got {shape:?}");
                return Err(crate::fault::GraphRefused::new_err(text));
            }
        };
        let asked = Patterns {
            shape,
            size,
            window,
            min_amount,
            start,
            end,
            max_hops,
            max_degree,
            max_reads,
        };
        let expired = deadline(max_seconds)?;
        let findings = released(py, || {
            Ok(engine::patterns(&self.snapshot(), &asked, &expired)?)
        })?;
        PyFindings::new(py, findings)
    }

    #[pyo3(signature = (
        account, seed_accounts, seed_times, *, max_hops = 3, tie_by_seq = false, start = None, as_of = None,
        min_amount = 0, dwell = None, stop = None, max_reads = None, max_seconds = None,
    ))]
    #[allow(clippy::too_many_arguments)]
    fn account(
        &self,
        py: Python<'_>,
        account: u32,
        seed_accounts: PyReadonlyArray1<'_, u32>,
        seed_times: PyReadonlyArray1<'_, i64>,
        max_hops: u8,
        tie_by_seq: bool,
        start: Option<i64>,
        as_of: Option<i64>,
        min_amount: i64,
        dwell: Option<i64>,
        stop: Option<&PyAccountSet>,
        max_reads: Option<u64>,
        max_seconds: Option<f64>,
    ) -> PyResult<PyAccountAnswer> {
        let seeds = Seeds {
            accounts: slice(&seed_accounts, "seed_accounts")?,
            times: slice(&seed_times, "seed_times")?,
        };
        let stop = stop.map(|set| Arc::clone(&set.inner)).unwrap_or_default();
        let (hops, end, backward) = (max_hops, as_of, false);
        let question = Question {
            hops,
            backward,
            tie_by_seq,
            start,
            end,
            min_amount,
            dwell,
            stop,
            max_reads,
        };
        let expired = deadline(max_seconds)?;
        let answer = released(py, || {
            let graph = self.snapshot();
            self.with_scratch(|scratch| {
                engine::account(&graph, account, seeds, &question, scratch, &expired)
            })
        })?;
        PyAccountAnswer::new(py, answer)
    }
}

fn method_of(name: &str) -> PyResult<Method> {
    match name {
        "haircut" => Ok(Method::Haircut),
        "fifo" => Ok(Method::Fifo),
        "lifo" => Ok(Method::Lifo),
        _ => {
            let text = format!("method: expected haircut, fifo or lifo, got {name:?}");
            Err(crate::fault::GraphRefused::new_err(text))
        }
    }
}

/// A column where it lies; one that is not contiguous would have to be copied, so it is refused.
fn slice<'a, T: numpy::Element>(
    column: &'a PyReadonlyArray1<'_, T>,
    name: &str,
) -> PyResult<&'a [T]> {
    column.as_slice().map_err(|_| {
        PyTypeError::new_err(format!(
            "{name}: expected a contiguous array, got a strided one"
        ))
    })
}

/// Whether the time that a question may take is up.
fn deadline(max_seconds: Option<f64>) -> PyResult<impl Fn() -> bool + Send + Sync> {
    let allowed = match max_seconds {
        None => None,
        Some(seconds) => Some(Duration::try_from_secs_f64(seconds).map_err(|_| {
            crate::fault::GraphRefused::new_err(format!(
                "max_seconds: expected 0 or more seconds, got {seconds}"
            ))
        })?),
    };
    let started = Instant::now();
    Ok(move || allowed.is_some_and(|allowed| started.elapsed() >= allowed))
}
