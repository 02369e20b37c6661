//! What leaves: frozen reports.

use engine::{
    AccountAnswer, AccountTaint, Finding, Findings, Spread, Taint, Trail, Transfer, Truncation,
};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;

use crate::fault::released;

/// A transfer, as evidence.
#[pyclass(
    frozen,
    eq,
    name = "Transfer",
    module = "fraud_check.engine._engine",
    get_all
)]
#[derive(Clone, PartialEq)]
pub(crate) struct PyTransfer {
    seq: u32,
    src: u32,
    dst: u32,
    time: i64,
    amount: i64,
    channel: u8,
}

impl From<Transfer> for PyTransfer {
    fn from(transfer: Transfer) -> Self {
        let Transfer {
            time,
            amount,
            seq,
            src,
            dst,
            channel,
        } = transfer;
        Self {
            seq,
            src,
            dst,
            time,
            amount,
            channel,
        }
    }
}

#[pymethods]
impl PyTransfer {
    fn __repr__(&self) -> String {
        let Self {
            seq,
            src,
            dst,
            time,
            amount,
            channel,
        } = self;
        format!(
            "Transfer(seq={seq}, src={src}, dst={dst}, time={time}, amount={amount}, channel={channel})"
        )
    }
}

pub(crate) fn cause(truncated: Option<Truncation>) -> Option<&'static str> {
    truncated.map(|cause| match cause {
        Truncation::Reads => "max_reads",
        Truncation::Time => "max_seconds",
        Truncation::Fanout => "max_fanout",
    })
}

/// The answer of a spread: columns with one row per account.
#[pyclass(frozen, name = "Spread", module = "fraud_check.engine._engine")]
pub(crate) struct PySpread {
    #[pyo3(get)]
    accounts: Py<PyArray1<u32>>,
    #[pyo3(get)]
    hops: Py<PyArray1<u8>>,
    #[pyo3(get)]
    arrivals: Py<PyArray1<i64>>,
    #[pyo3(get)]
    earliest: Py<PyArray1<i64>>,
    #[pyo3(get)]
    amounts: Py<PyArray1<i64>>,
    #[pyo3(get)]
    layers: Vec<(u64, u64, i64)>,
    #[pyo3(get)]
    reads: u64,
    #[pyo3(get)]
    truncated: Option<&'static str>,
    trail: Trail,
}

impl PySpread {
    pub fn new(py: Python<'_>, spread: Spread) -> Self {
        Self {
            accounts: spread.accounts.into_pyarray(py).unbind(),
            hops: spread.hops.into_pyarray(py).unbind(),
            arrivals: spread.arrivals.into_pyarray(py).unbind(),
            earliest: spread.earliest.into_pyarray(py).unbind(),
            amounts: spread.amounts.into_pyarray(py).unbind(),
            layers: spread
                .layers
                .iter()
                .map(|layer| (layer.accounts, layer.transfers, layer.amount))
                .collect(),
            reads: spread.reads,
            truncated: cause(spread.truncated),
            trail: spread.trail,
        }
    }
}

#[pymethods]
impl PySpread {
    fn path(&self, py: Python<'_>, account: u32) -> PyResult<Option<Vec<PyTransfer>>> {
        let path = released(py, || Ok(self.trail.path(account)))?;
        Ok(path.map(|path| path.into_iter().map(PyTransfer::from).collect()))
    }
}

/// The answer about one account.
#[pyclass(
    frozen,
    name = "AccountAnswer",
    module = "fraud_check.engine._engine",
    get_all
)]
pub(crate) struct PyAccountAnswer {
    hop: Option<u8>,
    source: Option<u32>,
    arrival: Option<i64>,
    earliest: Option<i64>,
    amount: i64,
    path: Vec<Py<PyTransfer>>,
    reads: u64,
    truncated: Option<&'static str>,
}

impl PyAccountAnswer {
    pub fn new(py: Python<'_>, answer: AccountAnswer) -> PyResult<Self> {
        let AccountAnswer {
            found,
            reads,
            truncated,
        } = answer;
        let path = found.as_ref().map_or(&[][..], |found| &found.path);
        let path = path
            .iter()
            .map(|step| Py::new(py, PyTransfer::from(*step)))
            .collect::<PyResult<_>>()?;
        Ok(Self {
            hop: found.as_ref().map(|found| found.hop),
            source: found.as_ref().map(|found| found.source),
            arrival: found.as_ref().map(|found| found.arrival),
            earliest: found.as_ref().map(|found| found.earliest),
            amount: found.as_ref().map_or(0, |found| found.amount),
            path,
            reads,
            truncated: cause(truncated),
        })
    }
}

/// Tainted money by content: columns with one row per account.
#[pyclass(frozen, name = "Taint", module = "fraud_check.engine._engine", get_all)]
pub(crate) struct PyTaint {
    accounts: Py<PyArray1<u32>>,
    received: Py<PyArray1<i64>>,
    held: Py<PyArray1<i64>>,
    injected: i64,
    ended: i64,
    repaid: i64,
    beyond: i64,
    held_accounts: Py<PyArray1<u32>>,
    held_hops: Py<PyArray1<u8>>,
    held_amounts: Py<PyArray1<i64>>,
    moved_seqs: Py<PyArray1<u32>>,
    moved_hops: Py<PyArray1<u8>>,
    moved: Py<PyArray1<i64>>,
    moved_first: Py<PyArray1<i64>>,
    truncated: Option<&'static str>,
}

impl PyTaint {
    pub fn new(py: Python<'_>, taint: Taint) -> Self {
        let (moved, held) = (&taint.moved, &taint.held_at);
        let seqs: Vec<u32> = moved.iter().map(|one| one.seq).collect();
        let hops: Vec<u8> = moved.iter().map(|one| one.hop).collect();
        let amounts: Vec<i64> = moved.iter().map(|one| one.amount).collect();
        let first: Vec<i64> = moved.iter().map(|one| one.first).collect();
        let holders: Vec<u32> = held.iter().map(|one| one.account).collect();
        let held_hops: Vec<u8> = held.iter().map(|one| one.hop).collect();
        let held_amounts: Vec<i64> = held.iter().map(|one| one.amount).collect();
        Self {
            moved_seqs: seqs.into_pyarray(py).unbind(),
            moved_hops: hops.into_pyarray(py).unbind(),
            moved: amounts.into_pyarray(py).unbind(),
            moved_first: first.into_pyarray(py).unbind(),
            held_accounts: holders.into_pyarray(py).unbind(),
            held_hops: held_hops.into_pyarray(py).unbind(),
            held_amounts: held_amounts.into_pyarray(py).unbind(),
            repaid: taint.repaid,
            beyond: taint.beyond,
            accounts: taint.accounts.into_pyarray(py).unbind(),
            received: taint.received.into_pyarray(py).unbind(),
            held: taint.held.into_pyarray(py).unbind(),
            injected: taint.injected,
            ended: taint.ended,
            truncated: cause(taint.truncated),
        }
    }
}

/// How much tainted money came to one account.
#[pyclass(
    frozen,
    name = "AccountTaint",
    module = "fraud_check.engine._engine",
    get_all
)]
pub(crate) struct PyAccountTaint {
    received: Option<i64>,
    truncated: Option<&'static str>,
}

impl PyAccountTaint {
    pub fn new(taint: AccountTaint) -> Self {
        Self {
            received: taint.received,
            truncated: cause(taint.truncated),
        }
    }
}

/// A shape that was found, with the transfers that make it.
#[pyclass(
    frozen,
    name = "Finding",
    module = "fraud_check.engine._engine",
    get_all
)]
pub(crate) struct PyFinding {
    account: u32,
    gathered_at: Option<u32>,
    size: usize,
    evidence: Vec<Py<PyTransfer>>,
}

impl PyFinding {
    pub fn new(py: Python<'_>, finding: Finding) -> PyResult<Self> {
        let Finding {
            account,
            gathered_at,
            size,
            evidence,
        } = finding;
        let evidence = evidence
            .into_iter()
            .map(|step| Py::new(py, PyTransfer::from(step)));
        Ok(Self {
            account,
            gathered_at,
            size,
            evidence: evidence.collect::<PyResult<_>>()?,
        })
    }
}

/// All shapes of one kind.
#[pyclass(
    frozen,
    name = "Findings",
    module = "fraud_check.engine._engine",
    get_all
)]
pub(crate) struct PyFindings {
    found: Vec<Py<PyFinding>>,
    skipped: u64,
    reads: u64,
    truncated: Option<&'static str>,
}

impl PyFindings {
    pub fn new(py: Python<'_>, findings: Findings) -> PyResult<Self> {
        let found = findings.found.into_iter();
        let found = found.map(|finding| Py::new(py, PyFinding::new(py, finding)?));
        Ok(Self {
            found: found.collect::<PyResult<_>>()?,
            skipped: findings.skipped,
            reads: findings.reads,
            truncated: cause(findings.truncated),
        })
    }
}
