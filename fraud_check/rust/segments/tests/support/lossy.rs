//! A disk in memory that counts what is asked of it, fails or loses power at any of these moments, and then holds what
//! a real one might: what was synced, and of the rest any part.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use segments::{Disk, Memory, Sink};

use super::Dice;

/// What becomes of what was not synced when power is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// All of it is there: only the process was killed, in the midst of its last write.
    Nothing,
    /// None of it is there.
    Everything,
    /// Of each write some sectors are there, zeros in place of others; of renames the first few.
    Some(u64),
}

#[derive(Debug, Clone, Default)]
struct File {
    synced: Vec<u8>,
    written: Vec<u8>,
}

#[derive(Debug, Default)]
struct State {
    files: Vec<File>,
    names: BTreeMap<String, usize>,
    synced_names: BTreeMap<String, usize>,
    pending_names: Vec<BTreeMap<String, usize>>,
    steps: usize,
    stop_at: Option<usize>,
    stopped: bool,
}

/// See above.
#[derive(Debug, Clone, Default)]
pub struct LossyDisk(Arc<Mutex<State>>);

const SECTOR: usize = 64;

impl LossyDisk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("one thread")
    }

    /// Fail at this step, and at every one after.
    pub fn stop_at(&self, step: usize) {
        self.state().stop_at = Some(step);
    }

    /// Steps so far.
    pub fn steps(&self) -> usize {
        self.state().steps
    }

    /// A disk that works, with what this one holds after its end.
    pub fn after(&self, loss: Loss) -> Self {
        let state = self.state();
        let mut dice = Dice(if let Loss::Some(seed) = loss { seed } else { 0 });
        let names = match loss {
            Loss::Nothing => &state.names,
            Loss::Everything => &state.synced_names,
            Loss::Some(_) => {
                let kept = dice.below(state.pending_names.len() as u64 + 1) as usize;
                match kept {
                    0 => &state.synced_names,
                    kept => &state.pending_names[kept - 1],
                }
            }
        };
        let mut files = state.files.clone();
        for file in &mut files {
            match loss {
                Loss::Nothing => {}
                Loss::Everything => file.written = file.synced.clone(),
                Loss::Some(_) => lose_some(file, &mut dice),
            }
            file.synced = file.written.clone();
        }
        let (names, synced_names) = (names.clone(), names.clone());
        Self(Arc::new(Mutex::new(State {
            files,
            names,
            synced_names,
            ..State::default()
        })))
    }

    /// A file's bytes.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        let state = self.state();
        state.files[state.names[name]].written.clone()
    }

    /// Put other bytes in place of a file's.
    pub fn put(&self, name: &str, bytes: Vec<u8>) {
        let mut state = self.state();
        let file = File {
            synced: bytes.clone(),
            written: bytes,
        };
        state.files.push(file);
        let inode = state.files.len() - 1;
        state.names.insert(name.to_owned(), inode);
        state.synced_names.insert(name.to_owned(), inode);
    }
}

/// Some sectors of what was written since the last sync, and some length between the old and the new.
fn lose_some(file: &mut File, dice: &mut Dice) {
    let old = file.synced.len().min(file.written.len());
    let len = old + dice.below((file.written.len() - old) as u64 + 1) as usize;
    file.written.truncate(len);
    for begin in (0..len).step_by(SECTOR) {
        if dice.below(2) == 0 {
            for at in begin..(begin + SECTOR).min(len) {
                file.written[at] = file.synced.get(at).copied().unwrap_or(0);
            }
        }
    }
}

impl State {
    /// One more step; whether the disk still works, and whether this is the one at which it stops.
    fn step(&mut self) -> (bool, bool) {
        let last = self.stop_at == Some(self.steps);
        self.steps += 1;
        self.stopped |= last;
        (!self.stopped, last)
    }

    fn require(&mut self) -> io::Result<()> {
        match self.step() {
            (true, _) => Ok(()),
            (false, _) => Err(io::Error::other("the disk is gone")),
        }
    }

    fn find(&self, name: &str) -> io::Result<usize> {
        let found = self.names.get(name).copied();
        found.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn renamed(&mut self) {
        let names = self.names.clone();
        self.pending_names.push(names);
    }
}

impl Disk for LossyDisk {
    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.state().names.keys().cloned().collect())
    }

    fn read(&self, name: &str) -> io::Result<Memory> {
        let state = self.state();
        Ok(Memory::hold(&state.files[state.find(name)?].written))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn Sink>> {
        let mut state = self.state();
        state.require()?;
        state.files.push(File::default());
        let inode = state.files.len() - 1;
        state.names.insert(name.to_owned(), inode);
        state.renamed();
        Ok(Box::new(LossySink(self.clone(), inode)))
    }

    fn resume(&self, name: &str, from: u64) -> io::Result<Box<dyn Sink>> {
        let mut state = self.state();
        state.require()?;
        let inode = state.find(name)?;
        state.files[inode].written.truncate(from as usize);
        Ok(Box::new(LossySink(self.clone(), inode)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state();
        state.require()?;
        let inode = state.find(from)?;
        state.names.remove(from);
        state.names.insert(to.to_owned(), inode);
        state.renamed();
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.state();
        state.require()?;
        state.names.remove(name);
        state.renamed();
        Ok(())
    }

    fn sync_names(&self) -> io::Result<()> {
        let mut state = self.state();
        state.require()?;
        state.synced_names = state.names.clone();
        state.pending_names.clear();
        Ok(())
    }
}

struct LossySink(LossyDisk, usize);

impl Sink for LossySink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.0.state();
        let (works, last) = state.step();
        // The write at which it ends is done in part.
        let part = if works { bytes.len() } else { bytes.len() / 2 };
        if works || last {
            state.files[self.1]
                .written
                .extend_from_slice(&bytes[..part]);
        }
        works
            .then_some(())
            .ok_or_else(|| io::Error::other("the disk is gone"))
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.0.state();
        state.require()?;
        let file = &mut state.files[self.1];
        file.synced = file.written.clone();
        Ok(())
    }
}
