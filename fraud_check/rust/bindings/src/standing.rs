//! The standing question: labels that follow every transfer and every warning, and are looked up.

use std::sync::Arc;

use engine::{Batch, Graph, Rule, Seeds, Standing};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

use crate::answers::PyAccountAnswer;
use crate::arguments::{PyAccountSet, seeds};
use crate::fault::{Failure, released};
use crate::graph::PyGraph;

const SPOILT: Failure =
    Failure::Fault("the standing labels were lost in an earlier fault; set the rule again");

/// Rows that one hold of the labels' lock takes in: readers wait for no more than these.
const CHUNK: usize = 2_048;

impl PyGraph {
    /// Take a published batch into the labels. A panic in here poisons them, and they are then as good as absent.
    pub(crate) fn follow(&self, batch: &Batch<'_>, first: u32) -> Result<(), Failure> {
        if self.standing.read().map_err(|_| SPOILT)?.is_none() {
            return Ok(());
        }
        let mut late = Vec::new();
        for from in (0..batch.len()).step_by(CHUNK) {
            let rows = from..(from + CHUNK).min(batch.len());
            let chunk = Batch {
                src: &batch.src[rows.clone()],
                dst: &batch.dst[rows.clone()],
                time: &batch.time[rows.clone()],
                amount: &batch.amount[rows.clone()],
                channel: batch.channel.map(|channel| &channel[rows]),
            };
            if let Some(standing) = self.standing.write().map_err(|_| SPOILT)?.as_mut() {
                late.extend(standing.follow(&chunk, first + from as u32));
            }
        }
        if late.is_empty() {
            Ok(())
        } else {
            self.repair(|standing, graph| standing.relate(graph, &late))
        }
    }

    /// Work a repair out while questions go on, then put it in place.
    fn repair(
        &self,
        work: impl FnOnce(&Standing, &Graph) -> engine::Repair,
    ) -> Result<(), Failure> {
        let graph = self.snapshot();
        let repair = self
            .standing
            .read()
            .map_err(|_| SPOILT)?
            .as_ref()
            .map(|standing| work(standing, &graph));
        if let (Some(standing), Some(repair)) =
            (self.standing.write().map_err(|_| SPOILT)?.as_mut(), repair)
        {
            standing.apply(repair);
        }
        Ok(())
    }
}

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
            seeds.check()?;
            let _turn = self.turn();
            let warnings: Vec<(u32, i64)> = seeds
                .accounts
                .iter()
                .copied()
                .zip(seeds.times.iter().copied())
                .collect();
            let built = Standing::new(rule, &self.snapshot(), &warnings)?;
            self.standing.clear_poison();
            *self.standing.write().map_err(|_| SPOILT)? = Some(built);
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
            self.repair(|standing, graph| standing.rewarn(graph, &[(account, taint_from)]))
        })
    }

    fn standing(
        &self,
        py: Python<'_>,
        account: u32,
        as_of: i64,
    ) -> PyResult<Option<PyAccountAnswer>> {
        // A look-up takes about a microsecond: less than to hand the interpreter over and get it back.
        let labels = self.standing.try_read().ok();
        let answer = match labels {
            Some(labels) => labels.as_ref().map(|labels| labels.account(account, as_of)),
            None => released(py, || {
                let labels = self.standing.read().map_err(|_| SPOILT)?;
                Ok(labels.as_ref().map(|labels| labels.account(account, as_of)))
            })?,
        };
        answer
            .map(|answer| PyAccountAnswer::new(py, answer))
            .transpose()
    }

    #[getter]
    fn standing_bytes(&self) -> usize {
        self.standing
            .read()
            .ok()
            .and_then(|labels| labels.as_ref().map(Standing::bytes))
            .unwrap_or(0)
    }
}
