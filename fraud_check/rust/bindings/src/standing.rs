//! The standing question: labels that follow every transfer and every warning, and are looked up.

use std::sync::{Arc, TryLockError};

use engine::{Rule, Seeds};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

use crate::answers::PyAccountAnswer;
use crate::arguments::{PyAccountSet, seeds};
use crate::fault::released;
use crate::graph::PyGraph;
use crate::resident::Resident;

#[pymethods]
impl PyGraph {
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
        let seeds = seeds(&seed_accounts, &seed_times)?;
        let stop = stop.map(|set| Arc::clone(&set.inner)).unwrap_or_default();
        let rule = Rule {
            hops: max_hops,
            window,
            min_amount,
            dwell,
            stop,
        };
        released(py, || {
            let _turn = self.turn();
            let resident = Resident::new(rule, seeds, &self.snapshot())?;
            let before = self.resident_mut().replace(resident);
            drop(before);
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
            self.relist(account, taint_from);
            Ok(())
        })
    }

    fn standing(
        &self,
        py: Python<'_>,
        account: u32,
        as_of: i64,
    ) -> PyResult<Option<PyAccountAnswer>> {
        // A look-up takes about a microsecond: less than to hand the interpreter over and get it back.
        let known = match self.standing.try_read() {
            Ok(standing) => Resident::look_up(standing.as_ref(), account, as_of),
            Err(TryLockError::WouldBlock) => released(py, || Ok(self.looked_up(account, as_of)))?,
            Err(TryLockError::Poisoned(_)) => Some(None),
        };
        let answer = match known {
            None => return Ok(None),
            Some(Some(answer)) => answer,
            Some(None) => released(py, || self.searched(account, as_of))?,
        };
        PyAccountAnswer::new(py, answer).map(Some)
    }

    #[getter]
    fn standing_bytes(&self) -> usize {
        self.labels_bytes()
    }

    #[getter]
    fn standing_faults(&self) -> u64 {
        self.label_faults().0
    }

    #[getter]
    fn standing_lost(&self) -> bool {
        self.label_faults().1
    }
}
