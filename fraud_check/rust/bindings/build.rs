//! Writes into the extension which sources it was built from.

include!("../sources.rs");

fn main() {
    tell_sources(&["bindings", "engine", "segments"]);
}
