//! Opening, appending, sealing, and in which order things reach the disk.
//!
//! **Append**: the caller tries the batch on a copy of the graph; its record is written and synced; its acknowledgement is
//! written; the caller publishes the copy.
//!
//! **Seal**: every segment that has no file yet is written beside, synced, renamed, and read back; likewise new tokens. The
//! next log is written with its head only, and synced; names are synced. Then the manifest that lists all of them is written
//! beside, synced, and renamed over the old one: with this rename the new files count, and before it they do not. Names
//! are synced again, and what no longer counts is removed.
//!
//! **Open**: what counts is read and checked, whole; the log is replayed; what does not count is removed last.

mod seal;

use std::io;
use std::sync::Arc;

use engine::{Batch, Graph, Names, Segment, Token};

use crate::disk::Disk;
use crate::failure::StoreError;
use crate::kept;
use crate::log::{self, Record, Writer};
use crate::manifest::{
    Listed, MANIFEST, Manifest, NEW, log_name, names_name, number_of, segment_name,
};
use crate::memory::Memory;

/// Rows of the log after which it is time to seal, unless one says otherwise.
pub const SEAL_ROWS: u64 = 1 << 20;

/// What was there, and in what state.
#[derive(Debug)]
pub struct Opened {
    /// All transfers.
    pub graph: Graph,
    /// All tokens.
    pub names: Names,
    /// Transfers that came from the log.
    pub replayed: u64,
    /// Bytes cut from the end of the log: of a write that was never acknowledged.
    pub cut: u64,
}

/// A directory that keeps a graph and its names. Whoever holds it is its one writer.
pub struct Store {
    disk: Arc<dyn Disk>,
    manifest: Manifest,
    next_number: u64,
    kept: Vec<(Arc<Segment>, Listed)>,
    log: Result<Writer, String>,
    log_rows: u64,
    seal_rows: u64,
    /// When to seal, in rows of the log: later than `seal_rows` if that failed.
    due_at: u64,
    postponed: Option<String>,
}

impl Store {
    /// Open what is there, or begin with nothing; `seal_rows` is how long the log may become.
    ///
    /// # Errors
    /// A file is missing or not what was written, is of a newer version, or the system refuses.
    pub fn open(disk: Arc<dyn Disk>, seal_rows: u64) -> Result<(Self, Opened), StoreError> {
        let files = disk.list().map_err(StoreError::io(".", "list"))?;
        if files.iter().any(|file| file == MANIFEST) {
            Self::reopen(disk, &files, seal_rows)
        } else {
            Self::begin(disk, &files, seal_rows)
        }
    }

    fn begin(
        disk: Arc<dyn Disk>,
        files: &[String],
        seal_rows: u64,
    ) -> Result<(Self, Opened), StoreError> {
        for file in files {
            let is_ours = ["segment", "names", "log"]
                .iter()
                .any(|kind| number_of(file, kind).is_some());
            if !is_ours && *file != format!("{MANIFEST}{NEW}") {
                return Err(StoreError::NoStore { file: file.clone() });
            }
            // An earlier beginning may have been cut short; nothing was acknowledged before there was a manifest.
            let is_begun = file.ends_with(NEW) || (*file == log_name(1) && is_bare(&*disk, file)?);
            if !is_begun {
                let what = format!("expected a list of files, got none beside {file}");
                return Err(StoreError::damaged(MANIFEST, 0, what));
            }
        }
        let mut store = Self {
            disk,
            manifest: Manifest::default(),
            next_number: 1,
            kept: Vec::new(),
            log: Err("it was not begun".into()),
            log_rows: 0,
            seal_rows,
            due_at: seal_rows,
            postponed: None,
        };
        let (mut graph, names) = (Graph::new(), Names::default());
        store.write_all(&mut graph, &names)?;
        store.remove_others();
        let opened = Opened {
            graph,
            names,
            replayed: 0,
            cut: 0,
        };
        Ok((store, opened))
    }

    fn reopen(
        disk: Arc<dyn Disk>,
        files: &[String],
        seal_rows: u64,
    ) -> Result<(Self, Opened), StoreError> {
        let (manifest, sum) = Manifest::from_bytes(&read(&*disk, MANIFEST)?)?;
        let mut segments = Vec::with_capacity(manifest.segments.len());
        for listed in &manifest.segments {
            let name = segment_name(listed.number);
            let segment = kept::open_segment(&name, read(&*disk, &name)?, listed.seal)?;
            segments.push(Arc::new(segment));
        }
        let kept = segments
            .iter()
            .cloned()
            .zip(manifest.segments.iter().copied());
        let kept = kept.collect();
        let graph = Graph::of_segments(segments)
            .map_err(|flaw| StoreError::damaged(MANIFEST, 0, flaw.to_string()))?;
        let mut names = Names::default();
        for listed in &manifest.names {
            let name = names_name(listed.number);
            let tokens = kept::open_names(&name, read(&*disk, &name)?, listed.seal, names.len())?;
            intern(&name, 0, &mut names, &tokens)?;
        }
        let counted = (u64::from(graph.transfers()), names.len() as u64);
        if counted != (manifest.transfers, manifest.tokens) {
            let what = format!(
                "expected files with {} transfers and {} tokens, got {} and {}",
                manifest.transfers, manifest.tokens, counted.0, counted.1
            );
            return Err(StoreError::damaged(MANIFEST, 24, what));
        }
        let numbers = files
            .iter()
            .filter_map(|file| number_of(file, "segment").or_else(|| number_of(file, "names")));
        let mut store = Self {
            next_number: numbers.max().map_or(1, |most| most + 1),
            disk,
            manifest,
            kept,
            log: Err("it was not opened".into()),
            log_rows: 0,
            seal_rows,
            due_at: seal_rows,
            postponed: None,
        };
        let mut opened = Opened {
            graph,
            names,
            replayed: 0,
            cut: 0,
        };
        store.replay(sum, files, &mut opened)?;
        store.remove_others();
        Ok((store, opened))
    }

    fn replay(
        &mut self,
        manifest_sum: u32,
        files: &[String],
        opened: &mut Opened,
    ) -> Result<(), StoreError> {
        let generation = self.manifest.generation;
        let newer = |file: &&String| number_of(file, "log").is_some_and(|of| of > generation);
        for file in files.iter().filter(newer) {
            if !is_bare(&*self.disk, file)? {
                let what =
                    format!("expected generation {generation} of MANIFEST or an earlier one");
                return Err(StoreError::parted(file, 16, what));
            }
        }
        let file = log_name(generation);
        let bytes = read(&*self.disk, &file)?;
        log::check_head(&file, &bytes, generation, manifest_sum)?;
        let Opened { graph, names, .. } = opened;
        let end = log::replay(&file, &bytes, |at, first, record| {
            let (what, expected) = match record {
                Record::Transfers(_) => ("transfer", u64::from(graph.transfers())),
                Record::Tokens(_) => ("token", names.len() as u64),
            };
            if first != expected {
                let what = format!("expected {what} {expected} next, got {first}");
                return Err(StoreError::damaged(&file, at, what));
            }
            match record {
                Record::Transfers(batch) => graph
                    .append(&batch)
                    .map(|_| ())
                    .map_err(|error| StoreError::damaged(&file, at, error.to_string())),
                Record::Tokens(tokens) => intern(&file, at, names, tokens),
            }
        })?;
        // A log that is written on must not be mapped.
        drop(bytes);
        let resumed = end.resume(|at| self.disk.resume(&file, at));
        self.log = Ok(resumed.map_err(StoreError::io(&file, "write on"))?);
        opened.cut = end.cut as u64;
        opened.replayed = u64::from(opened.graph.transfers()) - self.manifest.transfers;
        self.log_rows = opened.replayed;
        Ok(())
    }

    /// Make a batch durable that the graph has numbered from `first` on; the caller then publishes the graph that has it.
    ///
    /// # Errors
    /// It could not be made durable; the graph that has it must then be thrown away for the one before.
    pub fn append(&mut self, first: u32, batch: &Batch<'_>) -> Result<(), StoreError> {
        if !batch.is_empty() {
            self.write(|log| log.transfers(first, batch))?;
            self.log_rows += batch.len() as u64;
        }
        Ok(())
    }

    /// Make those of the tokens durable that have no number yet; the caller then lets `names` number them.
    ///
    /// # Errors
    /// There would be too many, or they could not be made durable; then none may be numbered.
    pub fn name(&mut self, names: &Names, tokens: &[Token]) -> Result<(), StoreError> {
        let fresh = names.fresh(tokens)?;
        if !fresh.is_empty() {
            self.write(|log| log.tokens(names.len(), &fresh))?;
        }
        Ok(())
    }

    fn write(
        &mut self,
        work: impl FnOnce(&mut Writer) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        let log = self.log.as_mut();
        let log = log.map_err(|why| StoreError::Closed { why: why.clone() })?;
        work(log).map_err(|source| {
            // After a failed sync nobody knows what is on the disk, and a second sync would say nothing of the first.
            self.log = Err(source.to_string());
            StoreError::io(&log_name(self.manifest.generation), "make a record durable")(source)
        })
    }

    /// Transfers that are in the log only.
    #[must_use]
    pub fn log_rows(&self) -> u64 {
        self.log_rows
    }

    /// Whether it is time to seal.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.log_rows >= self.due_at && self.log.is_ok()
    }

    /// Go on with the log after a seal failed; it is due again after as many rows once more.
    pub fn postpone(&mut self, why: String) {
        self.due_at = self.log_rows + self.seal_rows;
        self.postponed = Some(why);
    }

    /// Why the log is longer than it should be.
    #[must_use]
    pub fn postponed(&self) -> Option<&str> {
        self.postponed.as_deref()
    }
}

/// Whether a log has no record.
fn is_bare(disk: &dyn Disk, file: &str) -> Result<bool, StoreError> {
    Ok(read(disk, file)?.len() <= log::HEAD)
}

fn read(disk: &dyn Disk, file: &str) -> Result<Memory, StoreError> {
    disk.read(file).map_err(|source| {
        if source.kind() == io::ErrorKind::NotFound {
            return StoreError::parted(file, 0, "expected this file, and there is none");
        }
        StoreError::io(file, "read")(source)
    })
}

fn intern(file: &str, at: usize, names: &mut Names, tokens: &[Token]) -> Result<(), StoreError> {
    let before = names.len();
    let numbers = names.intern(tokens);
    let numbers = numbers.map_err(|error| StoreError::damaged(file, at, error.to_string()))?;
    if numbers.len() != names.len() - before {
        let what = "expected tokens that are not there yet, got one again";
        return Err(StoreError::damaged(file, at, what));
    }
    Ok(())
}
