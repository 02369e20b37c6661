//! What a store asks of a disk, and the real one. Tests have another, which loses power.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use crate::failure::StoreError;
use crate::memory::Memory;

/// A directory of files.
pub trait Disk: Send + Sync {
    /// The names of all files.
    ///
    /// # Errors
    /// The system refuses.
    fn list(&self) -> io::Result<Vec<String>>;
    /// A file's bytes.
    ///
    /// # Errors
    /// There is no such file, or the system refuses.
    fn read(&self, name: &str) -> io::Result<Memory>;
    /// An empty file to be written, in place of any of the same name.
    ///
    /// # Errors
    /// The system refuses.
    fn create(&self, name: &str) -> io::Result<Box<dyn Sink>>;
    /// A file that is written on after so many bytes; what it has beyond them goes.
    ///
    /// # Errors
    /// There is no such file, or the system refuses.
    fn resume(&self, name: &str, from: u64) -> io::Result<Box<dyn Sink>>;
    /// Give a file another name, in place of any that has it.
    ///
    /// # Errors
    /// There is no such file, or the system refuses.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Remove a file.
    ///
    /// # Errors
    /// There is no such file, or the system refuses.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Return when names outlive a loss of power.
    ///
    /// # Errors
    /// The system refuses.
    fn sync_names(&self) -> io::Result<()>;
}

/// A file that is being written.
pub trait Sink: Send {
    /// Write all of it.
    ///
    /// # Errors
    /// The system refuses; any part may have been written.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Return when what was written outlives a loss of power.
    ///
    /// # Errors
    /// The system refuses; nobody knows what is on the disk.
    fn sync(&mut self) -> io::Result<()>;
}

const LOCK: &str = "LOCK";

/// A real directory, locked while this lives.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
    itself: File,
    _lock: File,
}

impl Directory {
    /// Lock a directory, made if there is none.
    ///
    /// # Errors
    /// It is locked already, or the system refuses.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let shown = path.display().to_string();
        if !path.is_dir() {
            make_private(path).map_err(StoreError::io(&shown, "make the directory"))?;
        }
        let itself = File::open(path).map_err(StoreError::io(&shown, "open the directory"))?;
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let lock = private(&mut options).open(path.join(LOCK));
        let lock = lock.map_err(StoreError::io(&shown, "open its LOCK"))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                itself,
                _lock: lock,
            }),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                Err(StoreError::Locked { directory: shown })
            }
            Err(error) => Err(StoreError::io(&shown, "lock it")(error.into())),
        }
    }
}

/// Who paid whom is nobody else's business: files are the owner's alone.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    let parent = path.parent().filter(|parent| *parent != Path::new(""));
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

impl Disk for Directory {
    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in self.path.read_dir()? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name != LOCK {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn read(&self, name: &str) -> io::Result<Memory> {
        Memory::map(&File::open(self.path.join(name))?)
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn Sink>> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        let file = private(&mut options).open(self.path.join(name))?;
        Ok(Box::new(file))
    }

    fn resume(&self, name: &str, from: u64) -> io::Result<Box<dyn Sink>> {
        let file = OpenOptions::new().append(true).open(self.path.join(name))?;
        if file.metadata()?.len() != from {
            file.set_len(from)?;
        }
        Ok(Box::new(file))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.path.join(from), self.path.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.path.join(name))
    }

    fn sync_names(&self) -> io::Result<()> {
        self.itself.sync_all()
    }
}

impl Sink for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}
