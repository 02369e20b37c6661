//! The binding: converts, releases the interpreter while working, and turns one error into one exception.

use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rand_core::OsRng;

use crate::{Blinding, OprfError, ServerKey};

create_exception!(
    _oprf,
    OprfRefused,
    PyValueError,
    "A batch was refused; the text says why."
);

impl From<OprfError> for PyErr {
    fn from(error: OprfError) -> Self {
        OprfRefused::new_err(error.message())
    }
}

fn views(parts: &[Vec<u8>]) -> Vec<&[u8]> {
    parts.iter().map(Vec::as_slice).collect()
}

fn to_bytes<'py>(py: Python<'py>, parts: &[impl AsRef<[u8]>]) -> Vec<Bound<'py, PyBytes>> {
    parts
        .iter()
        .map(|part| PyBytes::new(py, part.as_ref()))
        .collect()
}

/// What a client keeps between blinding and finalising; it never leaves the process.
#[pyclass(frozen, name = "Blinding", module = "fraud_check.tokens._oprf")]
struct PyBlinding {
    inner: Blinding,
    elements: Vec<Vec<u8>>,
}

#[pymethods]
impl PyBlinding {
    /// Blind each input with a fresh random scalar.
    #[new]
    fn new(py: Python<'_>, inputs: Vec<Vec<u8>>) -> PyResult<Self> {
        let inputs: Vec<zeroize::Zeroizing<Vec<u8>>> =
            inputs.into_iter().map(zeroize::Zeroizing::new).collect();
        let (inner, elements) = py.detach(|| {
            let parts: Vec<&[u8]> = inputs.iter().map(|input| input.as_slice()).collect();
            crate::blind(&parts, &mut OsRng)
        })?;
        Ok(Self { inner, elements })
    }

    /// The blinded elements, in the order of the inputs.
    #[getter]
    fn elements<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyBytes>> {
        to_bytes(py, &self.elements)
    }

    /// Check the batch's proof against the public key and unblind the outputs, 64 bytes each.
    fn finalize<'py>(
        &self,
        py: Python<'py>,
        evaluated: Vec<Vec<u8>>,
        proof: Vec<u8>,
        public_key: Vec<u8>,
    ) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let outputs = py.detach(|| self.inner.finalize(&views(&evaluated), &proof, &public_key))?;
        Ok(to_bytes(py, &outputs))
    }
}

/// A key of the server's.
#[pyclass(frozen, name = "ServerKey", module = "fraud_check.tokens._oprf")]
struct PyServerKey {
    inner: ServerKey,
}

#[pymethods]
impl PyServerKey {
    /// Derive the key pair from a 32-byte seed and public information.
    #[new]
    fn new(seed: Vec<u8>, info: Vec<u8>) -> PyResult<Self> {
        let seed = zeroize::Zeroizing::new(seed);
        Ok(Self {
            inner: ServerKey::derive(&seed, &info)?,
        })
    }

    /// The public key, 32 bytes.
    #[getter]
    fn public_key<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.inner.public_key())
    }

    /// Evaluate a batch of blinded elements: the answers, and one proof for all of them.
    fn evaluate<'py>(
        &self,
        py: Python<'py>,
        blinded: Vec<Vec<u8>>,
    ) -> PyResult<(Vec<Bound<'py, PyBytes>>, Bound<'py, PyBytes>)> {
        let (answers, proof) = py.detach(|| self.inner.evaluate(&views(&blinded), &mut OsRng))?;
        Ok((to_bytes(py, &answers), PyBytes::new(py, &proof)))
    }
}

#[pymodule]
fn _oprf(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyBlinding>()?;
    module.add_class::<PyServerKey>()?;
    module.add("SOURCES", env!("SOURCES"))?;
    module.add("OprfRefused", module.py().get_type::<OprfRefused>())?;
    Ok(())
}
