//! Questions answered by a walk: the whole spread, or one account.

use std::sync::Arc;

use engine::{Question, Seeds};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

use crate::answers::{PyAccountAnswer, PySpread};
use crate::arguments::{PyAccountSet, deadline, slice};
use crate::fault::released;
use crate::graph::PyGraph;

#[pymethods]
impl PyGraph {
    #[pyo3(signature = (
        seed_accounts, seed_times, *, max_hops = 3, backward = false, tie_by_seq = false, start = None, end = None,
        min_amount = 0, dwell = None, stop = None, max_reads = None, max_seconds = None, max_fanout = None,
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
        max_fanout: Option<usize>,
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
            max_fanout,
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
        min_amount = 0, dwell = None, stop = None, max_reads = None, max_seconds = None, max_fanout = None,
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
        max_fanout: Option<usize>,
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
            max_fanout,
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
