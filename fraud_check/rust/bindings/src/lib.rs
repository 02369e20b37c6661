//! The binding: converts, releases the interpreter while working, and turns errors and panics into exceptions.
//!
//! One batch in, one report out. Columns come as contiguous NumPy arrays and are read where they lie; answers leave as
//! arrays that own what the engine made. `fraud_check/engine/_engine.pyi` is the contract, compared with this in a test.

mod answers;
mod arguments;
mod asked;
mod fault;
mod graph;
mod keeping;
mod names;
mod patterns;
mod points;
mod questions;
mod resident;
mod standing;
mod watch;

use pyo3::prelude::*;

#[pymodule]
fn _engine(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<graph::PyGraph>()?;
    module.add_class::<arguments::PyAccountSet>()?;
    module.add_class::<asked::PyAsked>()?;
    module.add_class::<names::PyNames>()?;
    module.add_class::<keeping::PyKept>()?;
    module.add_class::<answers::PySpread>()?;
    module.add_class::<answers::PyAccountAnswer>()?;
    module.add_class::<answers::PyTaint>()?;
    module.add_class::<answers::PyAccountTaint>()?;
    module.add_class::<answers::PyFinding>()?;
    module.add_class::<answers::PyFindings>()?;
    module.add_class::<answers::PyTransfer>()?;
    module.add_class::<watch::PyWatch>()?;
    module.add_class::<watch::PySighting>()?;
    module.add_class::<watch::PySightings>()?;
    module.add(
        "GraphRefused",
        module.py().get_type::<fault::GraphRefused>(),
    )?;
    module.add(
        "StoreDamaged",
        module.py().get_type::<fault::StoreDamaged>(),
    )?;
    module.add("StoreFailed", module.py().get_type::<fault::StoreFailed>())?;
    module.add("EngineFault", module.py().get_type::<fault::EngineFault>())?;
    #[cfg(feature = "faults")]
    for switch in [
        wrap_pyfunction!(points::panic_at, module)?,
        wrap_pyfunction!(points::panics_left, module)?,
    ] {
        module.add_function(switch)?;
    }
    module.add("SOURCES", env!("SOURCES"))?;
    module.add("MAX_ACCOUNTS", engine::MAX_ACCOUNTS)?;
    module.add("MAX_HOPS", engine::MAX_HOPS)?;
    module.add("MAX_TIME", engine::MAX_TIME)?;
    module.add("SEAL_ROWS", segments::SEAL_ROWS)?;
    Ok(())
}
