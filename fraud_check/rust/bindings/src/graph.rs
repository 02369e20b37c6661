//! The graph behind locks: one writer at a time, readers on snapshots.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use engine::{AccountSet, Batch, Graph, GraphError, Question, Scratch, Seeds};
use numpy::PyReadonlyArray1;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::answers::{PyAccountAnswer, PySpread};
use crate::fault::{Failure, released};

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

/// Transfers between accounts.
#[pyclass(frozen, name = "Graph", module = "fraud_check.engine._engine")]
pub(crate) struct PyGraph {
    writing: Mutex<()>,
    published: RwLock<Graph>,
    scratches: Mutex<Vec<Scratch>>,
}

impl PyGraph {
    fn snapshot(&self) -> Graph {
        self.published
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Change a copy, then publish it whole: a refusal or a panic leaves the graph as it was.
    fn change<T>(
        &self,
        work: impl FnOnce(&mut Graph) -> Result<T, GraphError>,
    ) -> Result<T, Failure> {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
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
        released(py, || self.change(|graph| graph.append(&batch)))
    }

    fn compact(&self, py: Python<'_>) -> PyResult<()> {
        released(py, || {
            self.change(|graph| {
                graph.compact();
                Ok(())
            })
        })
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
