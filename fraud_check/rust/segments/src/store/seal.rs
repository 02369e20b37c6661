//! Putting what is in memory and in the log into files that are listed, in the order that `store` gives.

use std::io;
use std::sync::Arc;

use engine::{Graph, Names, Segment};

use super::{Store, read};
use crate::columns::Seal;
use crate::disk::Sink;
use crate::failure::StoreError;
use crate::kept;
use crate::log::{self, Writer};
use crate::manifest::{
    Listed, MANIFEST, Manifest, NEW, log_name, names_name, number_of, segment_name,
};

/// Files of names that are written anew as one.
const MOST_NAMES: usize = 16;

impl Store {
    /// Put everything into segments, which `graph` then holds where their files lie, and begin a new log.
    ///
    /// # Errors
    /// The system refuses; `graph` must then be thrown away for the one before. The store goes on, unless it says otherwise.
    pub fn seal(&mut self, graph: &mut Graph, names: &Names) -> Result<(), StoreError> {
        if let Err(why) = &self.log {
            return Err(StoreError::Closed { why: why.clone() });
        }
        graph.settle();
        let is_kept =
            |(one, (kept, _)): (&Arc<Segment>, &(Arc<Segment>, Listed))| Arc::ptr_eq(one, kept);
        let nothing_new = graph.sealed().len() == self.kept.len()
            && graph.sealed().iter().zip(&self.kept).all(is_kept)
            && names.len() as u64 == self.manifest.tokens;
        if nothing_new {
            return Ok(());
        }
        self.write_all(graph, names)?;
        self.remove_others();
        Ok(())
    }

    pub(super) fn write_all(&mut self, graph: &mut Graph, names: &Names) -> Result<(), StoreError> {
        let mut kept = Vec::with_capacity(graph.sealed().len());
        for segment in graph.sealed() {
            let known = self.kept.iter().find(|(one, _)| Arc::ptr_eq(one, segment));
            kept.push(match known {
                Some(known) => known.clone(),
                None => self.keep(segment)?,
            });
        }
        let mut listed = self.manifest.names.clone();
        let mut first = self.manifest.tokens as usize;
        if listed.len() >= MOST_NAMES {
            (listed, first) = (Vec::new(), 0);
        }
        if names.len() > first {
            let number = self.number();
            let write =
                |sink: &mut dyn Sink| kept::write_names(sink, first, &names.tokens()[first..]);
            let seal = self.write_file(&names_name(number), write)?;
            listed.push(Listed { number, seal });
        }
        let manifest = Manifest {
            generation: self.manifest.generation + 1,
            transfers: u64::from(graph.transfers()),
            tokens: names.len() as u64,
            segments: kept.iter().map(|(_, listed)| *listed).collect(),
            names: listed,
        };
        let (bytes, sum) = manifest.to_bytes();
        let name = log_name(manifest.generation);
        let head = log::head(manifest.generation, sum);
        let log = self.disk.create(&name).and_then(|mut log| {
            log.write(&head)?;
            log.sync()?;
            self.disk.sync_names()?;
            Ok(log)
        });
        let log = log.map_err(StoreError::io(&name, "begin the log"))?;
        let new = format!("{MANIFEST}{NEW}");
        let written = self.disk.create(&new).and_then(|mut sink| {
            sink.write(&bytes)?;
            sink.sync()
        });
        written.map_err(StoreError::io(&new, "write the list of files"))?;
        let renamed = self.disk.rename(&new, MANIFEST);
        renamed
            .and_then(|()| self.disk.sync_names())
            .map_err(|source| {
                self.log = Err(source.to_string());
                StoreError::io(MANIFEST, "put the list of files in place")(source)
            })?;
        graph.exchange(
            kept.iter()
                .map(|(segment, _)| Arc::clone(segment))
                .collect(),
        );
        self.log = Ok(Writer::new(log, head.len()));
        (self.manifest, self.kept, self.log_rows) = (manifest, kept, 0);
        (self.due_at, self.postponed) = (self.seal_rows, None);
        Ok(())
    }

    /// Write a segment, and take it back from its file.
    fn keep(&mut self, segment: &Segment) -> Result<(Arc<Segment>, Listed), StoreError> {
        let number = self.number();
        let name = segment_name(number);
        let seal = self.write_file(&name, |sink| kept::write_segment(sink, segment))?;
        let kept = kept::open_segment(&name, read(&*self.disk, &name)?, seal)?;
        Ok((Arc::new(kept), Listed { number, seal }))
    }

    fn write_file(
        &self,
        name: &str,
        write: impl FnOnce(&mut dyn Sink) -> io::Result<Seal>,
    ) -> Result<Seal, StoreError> {
        let new = format!("{name}{NEW}");
        let written = self.disk.create(&new).and_then(|mut sink| {
            let seal = write(&mut *sink)?;
            self.disk.rename(&new, name)?;
            Ok(seal)
        });
        written.map_err(StoreError::io(name, "write"))
    }

    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number - 1
    }

    /// Remove our files that do not count; one that stays is removed when the store is opened again.
    pub(super) fn remove_others(&self) {
        let listed = |of: &[Listed], number| of.iter().any(|one| one.number == number);
        for file in self.disk.list().unwrap_or_default() {
            let whole = !file.ends_with(NEW);
            let counts = if let Some(number) = number_of(&file, "segment") {
                whole && listed(&self.manifest.segments, number)
            } else if let Some(number) = number_of(&file, "names") {
                whole && listed(&self.manifest.names, number)
            } else if let Some(number) = number_of(&file, "log") {
                whole && number == self.manifest.generation
            } else {
                file != format!("{MANIFEST}{NEW}")
            };
            if !counts {
                _ = self.disk.remove(&file);
            }
        }
    }
}
