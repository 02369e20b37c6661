//! Shapes at insert: a watch that is told every batch.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use engine::{Patterns, Sightings, Watch, WatchLimits};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

use crate::answers::PyFinding;
use crate::arguments;
use crate::fault::{guarded, released};
use crate::patterns::shape_of;
use crate::points;

/// A pattern as Python hands it over: shape, size, window, min_amount, max_hops, max_degree.
type Asked = (String, usize, i64, i64, u8, usize);

/// A standing search for patterns.
#[pyclass(frozen, name = "Watch", module = "fraud_check.engine._engine")]
pub(crate) struct PyWatch {
    patterns: Vec<Patterns>,
    limits: WatchLimits,
    /// None: a fault took it, and the next batch begins anew.
    watch: Mutex<Option<Watch>>,
}

#[pymethods]
impl PyWatch {
    #[new]
    #[pyo3(signature = (patterns, *, late, max_rows, max_reads))]
    fn new(
        patterns: Vec<Asked>,
        late: i64,
        max_rows: usize,
        max_reads: Option<u64>,
    ) -> PyResult<Self> {
        let asked = patterns.into_iter().map(|asked| {
            let (shape, size, window, min_amount, max_hops, max_degree) = asked;
            Ok(Patterns {
                shape: shape_of(&shape)?,
                size,
                window,
                min_amount,
                start: None,
                end: None,
                max_hops,
                max_degree,
                max_reads,
            })
        });
        let patterns = asked.collect::<PyResult<Vec<Patterns>>>()?;
        let limits = WatchLimits { late, max_rows };
        let watch = guarded(|| Ok(Watch::new(patterns.clone(), limits)?))?;
        Ok(Self {
            patterns,
            limits,
            watch: Mutex::new(Some(watch)),
        })
    }

    #[pyo3(signature = (first_seq, src, dst, time, amount, channel = None))]
    #[allow(clippy::too_many_arguments)]
    fn follow(
        &self,
        py: Python<'_>,
        first_seq: u32,
        src: PyReadonlyArray1<'_, u32>,
        dst: PyReadonlyArray1<'_, u32>,
        time: PyReadonlyArray1<'_, i64>,
        amount: PyReadonlyArray1<'_, i64>,
        channel: Option<PyReadonlyArray1<'_, u8>>,
    ) -> PyResult<PySightings> {
        let batch = arguments::batch(&src, &dst, &time, &amount, channel.as_ref())?;
        let told = released(py, || {
            let mut kept = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
            // The transfers are in the graph already, so a panic is no error: the watch begins anew, and says so.
            let follow = || {
                let mut watch = match kept.take() {
                    Some(watch) => watch,
                    None => Watch::new(self.patterns.clone(), self.limits)?,
                };
                let told = watch.follow(&batch, first_seq);
                points::pass("watch.follow");
                *kept = Some(watch);
                told
            };
            match catch_unwind(AssertUnwindSafe(follow)) {
                Ok(told) => Ok(Some(told?)),
                Err(_) => Ok(None),
            }
        })?;
        PySightings::new(py, told)
    }

    #[getter]
    fn bytes(&self) -> usize {
        self.watch
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .map_or(0, Watch::bytes)
    }
}

/// A shape that a transfer completed.
#[pyclass(
    frozen,
    name = "Sighting",
    module = "fraud_check.engine._engine",
    get_all
)]
pub(crate) struct PySighting {
    pattern: usize,
    seq: u32,
    finding: Py<PyFinding>,
}

/// What a batch completed.
#[pyclass(
    frozen,
    name = "Sightings",
    module = "fraud_check.engine._engine",
    get_all
)]
pub(crate) struct PySightings {
    seen: Vec<Py<PySighting>>,
    skipped: u64,
    late: u64,
    forgotten: u64,
    lost: bool,
}

impl PySightings {
    fn new(py: Python<'_>, told: Option<Sightings>) -> PyResult<Self> {
        let lost = told.is_none();
        let Sightings {
            seen,
            skipped,
            late,
            forgotten,
        } = told.unwrap_or_default();
        let seen = seen.into_iter().map(|one| {
            let finding = Py::new(py, PyFinding::new(py, one.finding)?)?;
            let (pattern, seq) = (one.pattern, one.seq);
            Py::new(
                py,
                PySighting {
                    pattern,
                    seq,
                    finding,
                },
            )
        });
        Ok(Self {
            seen: seen.collect::<PyResult<_>>()?,
            skipped,
            late,
            forgotten,
            lost,
        })
    }
}
