//! The graph behind locks: one writer at a time, readers on snapshots. What is asked of it lies beside: `questions`,
//! `standing` and `patterns` each give the class its methods.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use engine::{Graph, GraphError, Names, Scratch};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

use crate::arguments;
use crate::fault::{Failure, released};
use crate::keeping::{Keeping, locked};
use crate::names::PyNames;
use crate::points;
use crate::resident::Resident;

/// Scratches kept for the next questions.
const POOL: usize = 4;

/// Transfers between accounts.
#[pyclass(frozen, name = "Graph", module = "fraud_check.engine._engine")]
pub(crate) struct PyGraph {
    writing: Mutex<()>,
    published: RwLock<Graph>,
    scratches: Mutex<Vec<Scratch>>,
    pub(crate) standing: RwLock<Option<Resident>>,
    pub(crate) names: Py<PyNames>,
    pub(crate) keeping: Arc<Mutex<Keeping>>,
}

impl PyGraph {
    pub(crate) fn of(
        py: Python<'_>,
        graph: Graph,
        names: Names,
        keeping: Keeping,
    ) -> PyResult<Self> {
        let keeping = Arc::new(Mutex::new(keeping));
        Ok(Self {
            writing: Mutex::default(),
            published: RwLock::new(graph),
            scratches: Mutex::default(),
            standing: RwLock::default(),
            names: Py::new(py, PyNames::of(names, Arc::clone(&keeping)))?,
            keeping,
        })
    }

    pub(crate) fn snapshot(&self) -> Graph {
        self.published
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn turn(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Change a copy, then publish it whole: a refusal or a panic leaves the graph as it was.
    pub(crate) fn change<T, E>(
        &self,
        _turn: &MutexGuard<'_, ()>,
        work: impl FnOnce(&mut Graph) -> Result<T, E>,
    ) -> Result<T, Failure>
    where
        Failure: From<E>,
    {
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

    pub(crate) fn with_scratch<T>(
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
    fn new(py: Python<'_>) -> PyResult<Self> {
        Self::of(py, Graph::new(), Names::default(), Keeping::InMemory)
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
        let batch = arguments::batch(&src, &dst, &time, &amount, channel.as_ref())?;
        released(py, || {
            let turn = self.turn();
            let first = self.change(&turn, |graph| {
                let first = graph.append(&batch)?;
                points::pass("append.graph");
                locked(&self.keeping).append(first, &batch)?;
                Ok::<_, Failure>(first)
            })?;
            // From here on the rows are in the graph, and in its directory: nothing that follows may say otherwise.
            self.follow(&batch, first);
            self.seal_if_due(&turn);
            Ok(first)
        })
    }

    fn compact(&self, py: Python<'_>) -> PyResult<()> {
        released(py, || {
            let turn = self.turn();
            self.change(&turn, |graph| {
                graph.compact();
                Ok::<_, Failure>(())
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
    fn total(&self) -> i64 {
        self.snapshot().total()
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
}
