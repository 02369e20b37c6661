//! Where a graph is kept: in memory only, or in a directory that remembers.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::{Batch, Graph, Names, Token};
use pyo3::prelude::*;
use segments::{Directory, Store};

use crate::fault::{Failure, released};
use crate::graph::PyGraph;
use crate::names::PyNames;

const CLOSED: Failure = Failure::Fault("expected an open graph, and this one was closed");
const SPOILT: Failure = Failure::Fault(
    "the store was lost in an earlier fault; open it again and see how many transfers it has",
);

/// Where a graph is kept.
#[derive(Default)]
pub(crate) enum Keeping {
    #[default]
    InMemory,
    InDirectory {
        store: Box<Store>,
        replayed: u64,
        cut: u64,
    },
    Closed,
}

/// The keeping, unless a panic went through it: what it wrote and what the graph has may then have parted.
pub(crate) fn locked(keeping: &Mutex<Keeping>) -> Result<MutexGuard<'_, Keeping>, Failure> {
    keeping.lock().map_err(|_| SPOILT)
}

impl Keeping {
    pub(crate) fn append(&mut self, graph: &mut Graph, batch: &Batch<'_>) -> Result<u32, Failure> {
        match self {
            Self::InMemory => Ok(graph.append(batch)?),
            Self::InDirectory { store, .. } => Ok(store.append(graph, batch)?),
            Self::Closed => Err(CLOSED),
        }
    }

    pub(crate) fn name(&mut self, names: &Names, tokens: &[Token]) -> Result<(), Failure> {
        match self {
            Self::InMemory => Ok(()),
            Self::InDirectory { store, .. } => Ok(store.name(names, tokens)?),
            Self::Closed => Err(CLOSED),
        }
    }
}

/// How a graph is kept in its directory.
#[pyclass(frozen, name = "Kept", module = "fraud_check.engine._engine", get_all)]
pub(crate) struct PyKept {
    replayed: u64,
    cut: u64,
    log_rows: u64,
    postponed: Option<String>,
}

impl PyGraph {
    /// Put the log into segments if it has become long. That the batch is durable stands, whatever comes of this.
    pub(crate) fn seal_if_due(&self, turn: &MutexGuard<'_, ()>) -> Result<(), Failure> {
        if let Keeping::InDirectory { store, .. } = &mut *locked(&self.keeping)?
            && store.is_due()
            && let Err(Failure::Store(why)) = self.seal_store(turn, store)
        {
            store.postpone(&why);
        }
        Ok(())
    }

    fn seal_store(&self, turn: &MutexGuard<'_, ()>, store: &mut Store) -> Result<(), Failure> {
        let names = &self.names.get().inner;
        let names = names.read().unwrap_or_else(PoisonError::into_inner);
        self.change(turn, |graph| store.seal(graph, &names))
    }
}

#[pymethods]
impl PyGraph {
    #[staticmethod]
    fn open(py: Python<'_>, directory: PathBuf, seal_rows: u64) -> PyResult<Self> {
        let (store, opened) = released(py, || {
            let disk = Arc::new(Directory::open(&directory)?);
            Ok(Store::open(disk, seal_rows.max(1))?)
        })?;
        let keeping = Keeping::InDirectory {
            store: Box::new(store),
            replayed: opened.replayed,
            cut: opened.cut,
        };
        Self::of(py, opened.graph, opened.names, keeping)
    }

    #[getter]
    fn names(&self, py: Python<'_>) -> Py<PyNames> {
        self.names.clone_ref(py)
    }

    #[getter]
    fn kept(&self, py: Python<'_>) -> PyResult<Option<PyKept>> {
        released(py, || {
            Ok(match &*locked(&self.keeping)? {
                Keeping::InDirectory {
                    store,
                    replayed,
                    cut,
                } => Some(PyKept {
                    replayed: *replayed,
                    cut: *cut,
                    log_rows: store.log_rows(),
                    postponed: store.postponed().map(str::to_owned),
                }),
                _ => None,
            })
        })
    }

    fn seal(&self, py: Python<'_>) -> PyResult<()> {
        released(py, || {
            let turn = self.turn();
            match &mut *locked(&self.keeping)? {
                Keeping::InMemory => Ok(()),
                Keeping::InDirectory { store, .. } => self.seal_store(&turn, store),
                Keeping::Closed => Err(CLOSED),
            }
        })
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        released(py, || {
            let _turn = self.turn();
            let mut keeping = self.keeping.lock().unwrap_or_else(PoisonError::into_inner);
            if !matches!(*keeping, Keeping::InMemory) {
                *keeping = Keeping::Closed;
            }
            Ok(())
        })
    }
}
