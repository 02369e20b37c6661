//! What is asked of the graph: the parameters of a walk and what it may cost, put together once and given to each question.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::Question;
use pyo3::prelude::*;

use crate::arguments::{PyAccountSet, duration};

/// How money is followed, and what an answer may cost.
#[pyclass(frozen, name = "Asked", module = "fraud_check.engine._engine")]
pub(crate) struct PyAsked {
    pub(crate) question: Question,
    allowed: Option<Duration>,
}

#[pymethods]
impl PyAsked {
    // Not a constructor: Python hands a constructor its names in a dictionary, which takes half a microsecond.
    #[staticmethod]
    #[pyo3(signature = (
        *, max_hops = 3, backward = false, tie_by_seq = false, start = None, end = None, min_amount = 0, min_share = 0,
        dwell = None, stop = None, max_reads = None, max_seconds = None, max_fanout = None,
    ))]
    #[allow(clippy::too_many_arguments)]
    fn of(
        max_hops: u8,
        backward: bool,
        tie_by_seq: bool,
        start: Option<i64>,
        end: Option<i64>,
        min_amount: i64,
        min_share: u32,
        dwell: Option<i64>,
        stop: Option<&PyAccountSet>,
        max_reads: Option<u64>,
        max_seconds: Option<f64>,
        max_fanout: Option<usize>,
    ) -> PyResult<Self> {
        let question = Question {
            hops: max_hops,
            backward,
            tie_by_seq,
            start,
            end,
            min_amount,
            min_share,
            dwell,
            stop: stop.map(|set| Arc::clone(&set.inner)).unwrap_or_default(),
            max_reads,
            max_fanout,
        };
        let allowed = max_seconds.map(duration).transpose()?;
        Ok(Self { question, allowed })
    }
}

impl PyAsked {
    /// Whether the time that one answer may take, from now on, is up.
    pub(crate) fn expired(&self) -> impl Fn() -> bool + Send + Sync + use<> {
        let (allowed, started) = (self.allowed, Instant::now());
        move || allowed.is_some_and(|allowed| started.elapsed() >= allowed)
    }
}
