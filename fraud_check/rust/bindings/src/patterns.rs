//! Shapes of transfers, found by a search of the whole graph.

use engine::{Patterns, Shape};
use pyo3::prelude::*;

use crate::answers::PyFindings;
use crate::arguments::deadline;
use crate::fault::{GraphRefused, released};
use crate::graph::PyGraph;

#[pymethods]
impl PyGraph {
    #[pyo3(signature = (
        shape, *, size, window, min_amount = 0, start = None, end = None, max_hops = 6, max_degree = 10_000,
        max_reads = None, max_seconds = None,
    ))]
    #[allow(clippy::too_many_arguments)]
    fn patterns(
        &self,
        py: Python<'_>,
        shape: &str,
        size: usize,
        window: i64,
        min_amount: i64,
        start: Option<i64>,
        end: Option<i64>,
        max_hops: u8,
        max_degree: usize,
        max_reads: Option<u64>,
        max_seconds: Option<f64>,
    ) -> PyResult<PyFindings> {
        let shape = shape_of(shape)?;
        let asked = Patterns {
            shape,
            size,
            window,
            min_amount,
            start,
            end,
            max_hops,
            max_degree,
            max_reads,
        };
        let expired = deadline(max_seconds)?;
        let findings = released(py, || {
            Ok(engine::patterns(&self.snapshot(), &asked, &expired)?)
        })?;
        PyFindings::new(py, findings)
    }
}

/// A shape by its name.
pub(crate) fn shape_of(name: &str) -> PyResult<Shape> {
    Ok(match name {
        "fan_out" => Shape::FanOut,
        "fan_in" => Shape::FanIn,
        "gather_scatter" => Shape::GatherScatter,
        "scatter_gather" => Shape::ScatterGather,
        "cycle" => Shape::Cycle,
        "bipartite" => Shape::Bipartite,
        "stack" => Shape::Stack,
        _ => {
            let known =
                "fan_out, fan_in, gather_scatter, scatter_gather, cycle, bipartite or stack";
            let text = format!("shape: expected {known}, got {name:?}");
            return Err(GraphRefused::new_err(text));
        }
    })
}
