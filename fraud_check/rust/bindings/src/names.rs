//! Tokens to account numbers and back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use engine::{Names, TOKEN_SIZE};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::fault::{GraphRefused, PANICKED, released};
use crate::keeping::{Keeping, locked};
use crate::points;

/// Tokens numbered in the order in which they were first seen.
#[pyclass(frozen, name = "Names", module = "fraud_check.engine._engine")]
pub(crate) struct PyNames {
    pub(crate) inner: RwLock<Names>,
    keeping: Arc<Mutex<Keeping>>,
}

impl PyNames {
    pub(crate) fn of(names: Names, keeping: Arc<Mutex<Keeping>>) -> Self {
        Self {
            inner: RwLock::new(names),
            keeping,
        }
    }
}

#[pymethods]
impl PyNames {
    #[new]
    fn new() -> Self {
        Self::of(Names::default(), Arc::default())
    }

    /// Tokens one after the other, 32 bytes each.
    fn intern<'py>(&self, py: Python<'py>, tokens: &[u8]) -> PyResult<Bound<'py, PyArray1<u32>>> {
        let (tokens, rest) = tokens.as_chunks::<TOKEN_SIZE>();
        if !rest.is_empty() {
            return Err(refuse(tokens.len() * TOKEN_SIZE + rest.len()));
        }
        let numbers = released(py, || {
            // Looking up goes on while new ones are made durable.
            let mut keeping = locked(&self.keeping);
            keeping.name(
                &self.inner.read().unwrap_or_else(PoisonError::into_inner),
                tokens,
            )?;
            let mut names = self.inner.write().unwrap_or_else(PoisonError::into_inner);
            let before = names.len();
            let intern = || {
                let numbers = names.intern(tokens);
                points::pass("names.intern");
                numbers
            };
            match catch_unwind(AssertUnwindSafe(intern)) {
                Ok(numbers) => Ok(numbers?),
                Err(_) => {
                    // As it was; and a directory that has names which memory has not is no longer its own.
                    let kept = names.tokens()[..before].to_vec();
                    *names = Names::default();
                    names.intern(&kept)?;
                    Err(keeping.lose().unwrap_or(PANICKED))
                }
            }
        })?;
        Ok(numbers.into_pyarray(py))
    }

    fn find(&self, token: &[u8]) -> PyResult<Option<u32>> {
        let token = token.try_into().map_err(|_| refuse(token.len()))?;
        Ok(self
            .inner
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .find(token))
    }

    fn token<'py>(&self, py: Python<'py>, number: u32) -> Option<Bound<'py, PyBytes>> {
        let names = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        names.token(number).map(|token| PyBytes::new(py, token))
    }

    fn __len__(&self) -> usize {
        self.inner
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }
}

fn refuse(got: usize) -> PyErr {
    GraphRefused::new_err(format!(
        "tokens: expected {TOKEN_SIZE} bytes each, got {got} bytes"
    ))
}
