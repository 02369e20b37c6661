//! Where a graph is kept: in memory only, or in a directory that remembers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::{Batch, Names, Token};
use pyo3::prelude::*;
use segments::{Directory, Store, StoreError};

use crate::fault::{Failure, released};
use crate::graph::PyGraph;
use crate::names::PyNames;
use crate::points;

const CLOSED: Failure = Failure::Fault("expected an open graph, and this one was closed");
const LOST: Failure = Failure::Fault(
    "the directory was let go in an earlier fault: open it again, all that was acknowledged is there",
);
const UNSURE: Failure = Failure::Fault(
    "the engine panicked while it wrote to the directory: open it again, what this call brought may be there or not",
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
    /// A panic went through the store: what it wrote and what the graph has may have parted.
    Lost,
}

/// The keeping; a panic in the store is noted in it, so the lock's poison says nothing more.
pub(crate) fn locked(keeping: &Mutex<Keeping>) -> MutexGuard<'_, Keeping> {
    keeping.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Keeping {
    /// Make a batch durable that the graph numbered from `first` on.
    pub(crate) fn append(&mut self, first: u32, batch: &Batch<'_>) -> Result<(), Failure> {
        self.with_store(|store| {
            points::pass("store.append");
            store.append(first, batch)?;
            points::pass("store.appended");
            Ok(())
        })
    }

    pub(crate) fn name(&mut self, names: &Names, tokens: &[Token]) -> Result<(), Failure> {
        self.with_store(|store| store.name(names, tokens))
    }

    /// Let the store work, if there is one. After a panic in it nobody knows what is on the disk, so it is let go.
    fn with_store(
        &mut self,
        work: impl FnOnce(&mut Store) -> Result<(), StoreError>,
    ) -> Result<(), Failure> {
        match self {
            Self::InMemory => Ok(()),
            Self::InDirectory { store, .. } => {
                match catch_unwind(AssertUnwindSafe(|| work(store))) {
                    Ok(outcome) => Ok(outcome?),
                    Err(_) => Err(self.lose().unwrap_or(LOST)),
                }
            }
            Self::Closed => Err(CLOSED),
            Self::Lost => Err(LOST),
        }
    }

    /// Let the directory go, where there is one, and say so.
    pub(crate) fn lose(&mut self) -> Option<Failure> {
        let Self::InDirectory { .. } = self else {
            return None;
        };
        *self = Self::Lost;
        Some(UNSURE)
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
    pub(crate) fn seal_if_due(&self, turn: &MutexGuard<'_, ()>) {
        let mut keeping = locked(&self.keeping);
        if let Keeping::InDirectory { store, .. } = &*keeping
            && store.is_due()
            && let Err(why) = self.seal_store(turn, &mut keeping)
            && let Keeping::InDirectory { store, .. } = &mut *keeping
        {
            store.postpone(why.to_string());
        }
    }

    fn seal_store(&self, turn: &MutexGuard<'_, ()>, keeping: &mut Keeping) -> Result<(), Failure> {
        let names = &self.names.get().inner;
        let names = names.read().unwrap_or_else(PoisonError::into_inner);
        self.change(turn, |graph| {
            keeping.with_store(|store| {
                points::pass("store.seal");
                store.seal(graph, &names)
            })
        })
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
        released(py, || match &*locked(&self.keeping) {
            Keeping::InDirectory {
                store,
                replayed,
                cut,
            } => Ok(Some(PyKept {
                replayed: *replayed,
                cut: *cut,
                log_rows: store.log_rows(),
                postponed: store.postponed().map(str::to_owned),
            })),
            Keeping::InMemory | Keeping::Closed => Ok(None),
            Keeping::Lost => Err(LOST),
        })
    }

    fn seal(&self, py: Python<'_>) -> PyResult<()> {
        released(py, || {
            let turn = self.turn();
            self.seal_store(&turn, &mut locked(&self.keeping))
        })
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        released(py, || {
            let _turn = self.turn();
            let mut keeping = locked(&self.keeping);
            if !matches!(*keeping, Keeping::InMemory) {
                *keeping = Keeping::Closed;
            }
            Ok(())
        })
    }
}
