//! Errors become `GraphRefused`, those of a store `StoreDamaged` or `StoreFailed`; a panic becomes `EngineFault` and never leaves Rust.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use engine::GraphError;
use pyo3::create_exception;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use segments::StoreError;

create_exception!(
    _engine,
    GraphRefused,
    PyValueError,
    "The engine refused a call; the text says why."
);
create_exception!(
    _engine,
    EngineFault,
    PyRuntimeError,
    "The engine failed; the text says where."
);

create_exception!(
    _engine,
    StoreDamaged,
    PyRuntimeError,
    "A directory is not a store that can be opened; the text says which file, where, what was expected, and what to do."
);
create_exception!(
    _engine,
    StoreFailed,
    PyRuntimeError,
    "The system did not let a store read or write; the text says what was tried."
);

/// A panic in work that changes nothing before its last step.
pub(crate) const PANICKED: Failure = Failure::Fault("the engine panicked; this call had no effect");

/// Why work did not give a result.
pub(crate) enum Failure {
    Refused(GraphError),
    Fault(&'static str),
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(error) => Self::Refused(error),
            error => Self::Store(error),
        }
    }
}

impl From<GraphError> for Failure {
    fn from(error: GraphError) -> Self {
        Self::Refused(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => error.fmt(to),
            Self::Fault(text) => to.write_str(text),
            Self::Store(error) => error.fmt(to),
        }
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        let text = failure.to_string();
        match failure {
            Failure::Refused(_) => GraphRefused::new_err(text),
            Failure::Fault(_) => EngineFault::new_err(text),
            Failure::Store(StoreError::Io { .. } | StoreError::Closed { .. }) => {
                StoreFailed::new_err(text)
            }
            Failure::Store(_) => StoreDamaged::new_err(text),
        }
    }
}

/// Work, with a panic as a failure.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(PANICKED))
}

/// Work without the interpreter; a panic is caught here.
pub(crate) fn released<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T, Failure> + Send,
) -> PyResult<T> {
    py.detach(|| guarded(work)).map_err(PyErr::from)
}
