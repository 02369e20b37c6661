//! Why a store does not open, or does not take what it is given: which file, where, what was expected, what to do.

use std::fmt;
use std::io;

use engine::GraphError;

/// Why a call failed.
#[derive(Debug)]
pub enum StoreError {
    /// The system refused.
    Io {
        /// Which file of the store, or the directory.
        file: String,
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not what was written.
    Damaged {
        /// Which file of the store.
        file: String,
        /// Where in it, in bytes from its beginning.
        at: u64,
        /// What should be there, and what is.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A file was written by a later version of this program.
    Newer {
        /// Which file of the store.
        file: String,
        /// Its version.
        version: u32,
        /// The version that is known here.
        known: u32,
    },
    /// Another process has the store open.
    Locked {
        /// The directory.
        directory: String,
    },
    /// The directory holds something else.
    NoStore {
        /// A file that does not belong to a store.
        file: String,
    },
    /// The batch itself is bad.
    Refused(GraphError),
    /// An earlier write failed, and what is on the disk is known only to who opens it again.
    Closed {
        /// How it failed.
        why: String,
    },
}

pub(crate) const FROM_A_COPY: &str = "put the file back from a copy of the whole directory, or begin an empty store and append \
     its transfers again from where they came";
pub(crate) const THE_WHOLE_COPY: &str =
    "the files are of different times: put the whole directory back from one copy";

impl StoreError {
    pub(crate) fn damaged(file: &str, at: usize, what: impl Into<String>) -> Self {
        Self::Damaged {
            file: file.to_owned(),
            at: at as u64,
            what: what.into(),
            remedy: FROM_A_COPY,
        }
    }

    pub(crate) fn parted(file: &str, at: usize, what: impl Into<String>) -> Self {
        Self::Damaged {
            file: file.to_owned(),
            at: at as u64,
            what: what.into(),
            remedy: THE_WHOLE_COPY,
        }
    }

    pub(crate) fn io(file: &str, doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            file: file.to_owned(),
            doing,
            source,
        }
    }
}

impl From<GraphError> for StoreError {
    fn from(error: GraphError) -> Self {
        Self::Refused(error)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io {
                file,
                doing,
                source,
            } => write!(f, "{file}: could not {doing}: {source}"),
            Self::Damaged {
                file,
                at,
                what,
                remedy,
            } => write!(f, "{file}, byte {at}: {what}; {remedy}"),
            Self::Newer {
                file,
                version,
                known,
            } => write!(
                f,
                "{file}: expected a version up to {known}, got {version}; open it with the program that wrote it"
            ),
            Self::Locked { directory } => write!(
                f,
                "{directory}: expected to be alone, and another process has this store open; end it first"
            ),
            Self::NoStore { file } => write!(
                f,
                "{file}: expected a store or an empty directory, got a file that belongs to neither; name another directory"
            ),
            Self::Refused(error) => error.fmt(f),
            Self::Closed { why } => write!(
                f,
                "the store takes nothing more since a write failed ({why}); open it again and see how many transfers it has"
            ),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Refused(error) => Some(error),
            _ => None,
        }
    }
}
