//! How much of the seeds' money came to whom.

use std::sync::Arc;

use engine::{Method, Question, Seeds};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

use crate::answers::PyTaint;
use crate::arguments::{PyAccountSet, deadline, slice};
use crate::fault::{GraphRefused, released};
use crate::graph::PyGraph;

#[pymethods]
impl PyGraph {
    #[pyo3(signature = (
        seed_accounts, seed_times, method, *, max_hops = 3, tie_by_seq = false, start = None, end = None,
        min_amount = 0, stop = None, max_reads = None, max_seconds = None,
    ))]
    #[allow(clippy::too_many_arguments)]
    fn taint(
        &self,
        py: Python<'_>,
        seed_accounts: PyReadonlyArray1<'_, u32>,
        seed_times: PyReadonlyArray1<'_, i64>,
        method: &str,
        max_hops: u8,
        tie_by_seq: bool,
        start: Option<i64>,
        end: Option<i64>,
        min_amount: i64,
        stop: Option<&PyAccountSet>,
        max_reads: Option<u64>,
        max_seconds: Option<f64>,
    ) -> PyResult<PyTaint> {
        let seeds = Seeds {
            accounts: slice(&seed_accounts, "seed_accounts")?,
            times: slice(&seed_times, "seed_times")?,
        };
        let method = method_of(method)?;
        let stop = stop.map(|set| Arc::clone(&set.inner)).unwrap_or_default();
        let (hops, backward, dwell) = (max_hops, false, None);
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
            max_fanout: None,
        };
        let expired = deadline(max_seconds)?;
        let taint = released(py, || {
            let graph = self.snapshot();
            self.with_scratch(|scratch| {
                engine::taint(&graph, seeds, &question, method, scratch, &expired)
            })
        })?;
        Ok(PyTaint::new(py, taint))
    }

    #[pyo3(signature = (
        account, seed_accounts, seed_times, method, *, max_hops = 3, tie_by_seq = false, start = None, as_of = None,
        min_amount = 0, stop = None, max_reads = None, max_seconds = None,
    ))]
    #[allow(clippy::too_many_arguments)]
    fn account_taint(
        &self,
        py: Python<'_>,
        account: u32,
        seed_accounts: PyReadonlyArray1<'_, u32>,
        seed_times: PyReadonlyArray1<'_, i64>,
        method: &str,
        max_hops: u8,
        tie_by_seq: bool,
        start: Option<i64>,
        as_of: Option<i64>,
        min_amount: i64,
        stop: Option<&PyAccountSet>,
        max_reads: Option<u64>,
        max_seconds: Option<f64>,
    ) -> PyResult<Option<i64>> {
        let seeds = Seeds {
            accounts: slice(&seed_accounts, "seed_accounts")?,
            times: slice(&seed_times, "seed_times")?,
        };
        let method = method_of(method)?;
        let stop = stop.map(|set| Arc::clone(&set.inner)).unwrap_or_default();
        let (hops, end, backward, dwell) = (max_hops, as_of, false, None);
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
            max_fanout: None,
        };
        let expired = deadline(max_seconds)?;
        released(py, || {
            let graph = self.snapshot();
            self.with_scratch(|scratch| {
                engine::account_taint(&graph, account, seeds, &question, method, scratch, &expired)
            })
        })
    }
}

fn method_of(name: &str) -> PyResult<Method> {
    match name {
        "haircut" => Ok(Method::Haircut),
        "fifo" => Ok(Method::Fifo),
        "lifo" => Ok(Method::Lifo),
        _ => {
            let text = format!("method: expected haircut, fifo or lifo, got {name:?}");
            Err(GraphRefused::new_err(text))
        }
    }
}
