//! Places where a test makes the engine panic. Only a build with the feature `faults` has any of this; the extension that
//! is shipped has neither the places nor a way to name them.

#[cfg(feature = "faults")]
mod armed {
    use std::sync::{Mutex, PoisonError};

    use pyo3::prelude::*;

    static ARMED: Mutex<Vec<(String, u32)>> = Mutex::new(Vec::new());

    /// Panic the next so many times that the place is passed.
    #[pyfunction]
    #[pyo3(signature = (place, times = 1))]
    pub(crate) fn panic_at(place: String, times: u32) {
        let mut armed = ARMED.lock().unwrap_or_else(PoisonError::into_inner);
        armed.retain(|(other, _)| *other != place);
        armed.push((place, times));
    }

    /// How many panics are still to come.
    #[pyfunction]
    pub(crate) fn panics_left() -> u32 {
        let armed = ARMED.lock().unwrap_or_else(PoisonError::into_inner);
        armed.iter().map(|(_, left)| left).sum()
    }

    pub(crate) fn pass(place: &str) {
        let mut armed = ARMED.lock().unwrap_or_else(PoisonError::into_inner);
        let due = armed
            .iter_mut()
            .find(|(other, left)| other == place && *left > 0);
        if let Some((_, left)) = due {
            *left -= 1;
            drop(armed);
            panic!("a test wants a panic at {place}");
        }
    }
}

#[cfg(feature = "faults")]
pub(crate) use armed::{panic_at, panics_left, pass};

#[cfg(not(feature = "faults"))]
#[inline(always)]
pub(crate) fn pass(_place: &str) {}
