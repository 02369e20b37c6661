//! Questions answered by a walk: the whole spread, one account, and how much of the seeds' money came to whom.

use engine::Method;
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

use crate::answers::{PyAccountAnswer, PyAccountTaint, PySpread, PyTaint};
use crate::arguments::seeds;
use crate::asked::PyAsked;
use crate::fault::{GraphRefused, released};
use crate::graph::PyGraph;

#[pymethods]
impl PyGraph {
    fn spread(
        &self,
        py: Python<'_>,
        seed_accounts: PyReadonlyArray1<'_, u32>,
        seed_times: PyReadonlyArray1<'_, i64>,
        asked: &PyAsked,
    ) -> PyResult<PySpread> {
        let seeds = seeds(&seed_accounts, &seed_times)?;
        let (question, expired) = (&asked.question, asked.expired());
        let spread = released(py, || {
            let graph = self.snapshot();
            self.with_scratch(|scratch| {
                engine::spread(&graph, seeds, question, None, scratch, &expired)
            })
        })?;
        Ok(PySpread::new(py, spread))
    }

    fn account(
        &self,
        py: Python<'_>,
        account: u32,
        seed_accounts: PyReadonlyArray1<'_, u32>,
        seed_times: PyReadonlyArray1<'_, i64>,
        asked: &PyAsked,
    ) -> PyResult<PyAccountAnswer> {
        let seeds = seeds(&seed_accounts, &seed_times)?;
        let (question, expired) = (&asked.question, asked.expired());
        let answer = released(py, || {
            let graph = self.snapshot();
            self.with_scratch(|scratch| {
                engine::account(&graph, account, seeds, question, scratch, &expired)
            })
        })?;
        PyAccountAnswer::new(py, answer)
    }

    fn taint(
        &self,
        py: Python<'_>,
        seed_accounts: PyReadonlyArray1<'_, u32>,
        seed_times: PyReadonlyArray1<'_, i64>,
        method: &str,
        asked: &PyAsked,
    ) -> PyResult<PyTaint> {
        let (seeds, method) = (seeds(&seed_accounts, &seed_times)?, method_of(method)?);
        let (question, expired) = (&asked.question, asked.expired());
        let taint = released(py, || {
            let graph = self.snapshot();
            self.with_scratch(|scratch| {
                engine::taint(&graph, seeds, question, method, scratch, &expired)
            })
        })?;
        Ok(PyTaint::new(py, taint))
    }

    fn account_taint(
        &self,
        py: Python<'_>,
        account: u32,
        seed_accounts: PyReadonlyArray1<'_, u32>,
        seed_times: PyReadonlyArray1<'_, i64>,
        method: &str,
        asked: &PyAsked,
    ) -> PyResult<PyAccountTaint> {
        let (seeds, method) = (seeds(&seed_accounts, &seed_times)?, method_of(method)?);
        let (question, expired) = (&asked.question, asked.expired());
        let taint = released(py, || {
            let graph = self.snapshot();
            self.with_scratch(|scratch| {
                engine::account_taint(&graph, account, seeds, question, method, scratch, &expired)
            })
        })?;
        Ok(PyAccountTaint::new(taint))
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
