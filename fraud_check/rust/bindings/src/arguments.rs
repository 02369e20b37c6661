//! What comes in: columns where they lie, sets of accounts, time budgets.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::{AccountSet, Batch, Seeds};
use numpy::PyReadonlyArray1;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::fault::{GraphRefused, guarded};

/// A set of accounts, made once and used in many questions.
#[pyclass(frozen, name = "AccountSet", module = "fraud_check.engine._engine")]
pub(crate) struct PyAccountSet {
    pub(crate) inner: Arc<AccountSet>,
}

#[pymethods]
impl PyAccountSet {
    #[new]
    fn new(accounts: PyReadonlyArray1<'_, u32>) -> PyResult<Self> {
        let accounts = slice(&accounts, "accounts")?;
        let set = guarded(|| Ok(AccountSet::new("accounts", accounts)?))?;
        Ok(Self {
            inner: Arc::new(set),
        })
    }

    fn __contains__(&self, account: u32) -> bool {
        self.inner.has(account)
    }
}

/// A column where it lies; one that is not contiguous would have to be copied, so it is refused.
pub(crate) fn slice<'a, T: numpy::Element>(
    column: &'a PyReadonlyArray1<'_, T>,
    name: &str,
) -> PyResult<&'a [T]> {
    column.as_slice().map_err(|_| {
        PyTypeError::new_err(format!(
            "{name}: expected a contiguous array, got a strided one"
        ))
    })
}

/// Transfers as Python hands them over, where they lie.
pub(crate) fn batch<'a>(
    src: &'a PyReadonlyArray1<'_, u32>,
    dst: &'a PyReadonlyArray1<'_, u32>,
    time: &'a PyReadonlyArray1<'_, i64>,
    amount: &'a PyReadonlyArray1<'_, i64>,
    channel: Option<&'a PyReadonlyArray1<'_, u8>>,
) -> PyResult<Batch<'a>> {
    Ok(Batch {
        src: slice(src, "src")?,
        dst: slice(dst, "dst")?,
        time: slice(time, "time")?,
        amount: slice(amount, "amount")?,
        channel: channel.map(|column| slice(column, "channel")).transpose()?,
    })
}

/// A number of seconds as a stretch of time.
pub(crate) fn duration(seconds: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(seconds).map_err(|_| {
        GraphRefused::new_err(format!(
            "max_seconds: expected 0 or more seconds, got {seconds}"
        ))
    })
}

/// Whether the time that a question may take is up.
pub(crate) fn deadline(max_seconds: Option<f64>) -> PyResult<impl Fn() -> bool + Send + Sync> {
    let allowed = max_seconds.map(duration).transpose()?;
    let started = Instant::now();
    Ok(move || allowed.is_some_and(|allowed| started.elapsed() >= allowed))
}

/// Seeds as Python hands them over, where they lie.
pub(crate) fn seeds<'a>(
    accounts: &'a PyReadonlyArray1<'_, u32>,
    times: &'a PyReadonlyArray1<'_, i64>,
) -> PyResult<Seeds<'a>> {
    Ok(Seeds {
        accounts: slice(accounts, "seed_accounts")?,
        times: slice(times, "seed_times")?,
    })
}
