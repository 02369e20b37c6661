//! Errors become `GraphRefused`; a panic becomes `EngineFault` and never leaves Rust.

use std::panic::{AssertUnwindSafe, catch_unwind};

use engine::GraphError;
use pyo3::create_exception;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

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

/// Why work did not give a result.
pub(crate) enum Failure {
    Refused(GraphError),
    Fault(&'static str),
}

impl From<GraphError> for Failure {
    fn from(error: GraphError) -> Self {
        Self::Refused(error)
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(error) => GraphRefused::new_err(error.to_string()),
            Failure::Fault(text) => EngineFault::new_err(text),
        }
    }
}

/// Work without the interpreter; a panic is caught here.
pub(crate) fn released<T: Send>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T, Failure> + Send,
) -> PyResult<T> {
    let outcome = py.detach(|| catch_unwind(AssertUnwindSafe(work)));
    outcome
        .unwrap_or(Err(Failure::Fault(
            "the engine panicked; this call had no effect",
        )))
        .map_err(PyErr::from)
}
