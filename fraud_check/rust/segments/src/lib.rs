//! The money-flow graph on disk: a log of what was acknowledged, and immutable segments that are mapped back as they are.
//!
//! A store is one directory, opened by one process at a time:
//!
//! | file | holds | written |
//! | --- | --- | --- |
//! | `MANIFEST` | which of the other files count, their lengths and checksums | beside, synced, renamed |
//! | `log-N` | batches of transfers and tokens since the manifest of generation N | appended, synced, acknowledged |
//! | `segment-N` | the columns of one segment, as the engine holds them in memory | beside, synced, renamed |
//! | `names-N` | tokens by the numbers of their accounts | beside, synced, renamed |
//! | `LOCK` | nothing; it is locked while the store is open | once |
//!
//! All numbers are little-endian, every file begins with eight letters and a version, every byte is under a CRC-32C, also
//! padding. `columns`, `log` and `manifest` give the layouts byte by byte; `store` gives the order of syncs.
//!
//! **What is promised.** What `Store::append` returned for is there after a kill at any moment, also of the machine. What it
//! did not return for is there whole or not at all. A file that is not what was written is refused, with its name, the
//! place, what was expected, and what to do; so is a file of a newer version. Nothing is ever repaired by guessing: all that
//! is cut is the end of a log after its last acknowledgement.
//!
//! **What is left out.** A checksum is no signature: who may write to the directory may write another history. The kernel
//! ends a process whose mapped file is made shorter by somebody else; the lock keeps out our own processes only.

mod checksum;
mod columns;
mod disk;
mod failure;
mod fields;
mod kept;
mod log;
mod manifest;
mod memory;
mod store;

pub use disk::{Directory, Disk, Sink};
pub use failure::StoreError;
pub use memory::Memory;
pub use store::{Opened, SEAL_ROWS, Store};

#[cfg(not(all(target_endian = "little", target_pointer_width = "64")))]
compile_error!("segments are mapped as they lie: little-endian, 64-bit");
