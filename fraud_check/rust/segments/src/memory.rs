//! The only `unsafe` of the project: a file's bytes in memory, and bytes as values.
//!
//! Three facts carry it, each where it is used: files are not changed while they are mapped; the types that are read
//! out of bytes have no padding and no forbidden bit pattern; a slice is cast only where it is aligned.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::ops::{Deref, Range};
use std::sync::Arc;

use engine::{Column, Entry, Lender, Row, Token};

/// Values that lie in a file as they lie in memory.
///
/// # Safety
/// The type has no padding, and every pattern of bits is a value of it.
pub(crate) unsafe trait Plain: Copy + Send + Sync + 'static {}

// SAFETY: integers, and arrays of them.
unsafe impl Plain for u8 {}
// SAFETY: as above.
unsafe impl Plain for u32 {}
// SAFETY: as above.
unsafe impl Plain for u64 {}
// SAFETY: as above.
unsafe impl Plain for i64 {}
// SAFETY: as above.
unsafe impl Plain for Token {}
// SAFETY: `repr(C)` of integers, and as long as they are together, so there is no padding.
unsafe impl Plain for Row {}
const _: () = assert!(size_of::<Row>() == size_of::<i64>() + 2 * size_of::<u32>());
// SAFETY: as above.
unsafe impl Plain for Entry {}
const _: () = assert!(size_of::<Entry>() == 2 * size_of::<u32>());

/// Values as the bytes they are.
pub(crate) fn bytes_of<T: Plain>(values: &[T]) -> &[u8] {
    // SAFETY: `Plain` has no padding, so every byte is initialised; a byte is aligned anywhere.
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

/// Bytes as the values they are; none if they are not aligned, or are not a whole number of values.
pub(crate) fn values_of<T: Plain>(bytes: &[u8]) -> Option<&[T]> {
    // SAFETY: every pattern of bits is a value of a `Plain` type.
    let (before, values, after) = unsafe { bytes.align_to::<T>() };
    (before.is_empty() && after.is_empty()).then_some(values)
}

/// The bytes of a file, aligned to at least eight.
#[derive(Debug)]
pub struct Memory(Kept);

#[derive(Debug)]
enum Kept {
    Mapped(memmap2::Mmap),
    Held(Vec<u64>, usize),
}

impl Memory {
    /// A file's bytes where the system's cache has them.
    ///
    /// # Errors
    /// The system refuses.
    pub fn map(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(Self::hold(&[]));
        }
        // SAFETY: a store's directory is locked for this process, and it changes no file that it has mapped: segments,
        // names and the manifest are written once and replaced by renaming, a log is appended to only after its mapping
        // was dropped. Others are kept out by the directory's mode; one who may write to it may as well kill us.
        Ok(Self(Kept::Mapped(unsafe { memmap2::Mmap::map(file)? })))
    }

    /// A copy of bytes.
    #[must_use]
    pub fn hold(bytes: &[u8]) -> Self {
        let words = bytes.chunks(8).map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_ne_bytes(word)
        });
        Self(Kept::Held(words.collect(), bytes.len()))
    }

    fn heap(&self) -> usize {
        match &self.0 {
            Kept::Mapped(_) => 0,
            Kept::Held(words, _) => words.capacity() * size_of::<u64>(),
        }
    }
}

impl Deref for Memory {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Kept::Mapped(bytes) => bytes,
            Kept::Held(words, len) => &bytes_of(words)[..*len],
        }
    }
}

/// A stretch of a file's bytes, lent as values.
struct Stretch<T> {
    memory: Arc<Memory>,
    bytes: Range<usize>,
    values: PhantomData<fn() -> T>,
}

impl<T: Plain> Lender<T> for Stretch<T> {
    fn lend(&self) -> &[T] {
        values_of(&self.memory[self.bytes.clone()]).unwrap_or_default()
    }

    fn heap(&self) -> usize {
        // What is held is shared by all columns of a file; each counts its own part.
        self.bytes.len().min(self.memory.heap())
    }
}

/// A stretch of a file's bytes as a column; none if it is not aligned, or is not a whole number of values.
pub(crate) fn lend<T: Plain>(memory: &Arc<Memory>, bytes: Range<usize>) -> Option<Column<T>> {
    values_of::<T>(memory.get(bytes.clone())?)?;
    Some(Column::lent(Arc::new(Stretch {
        memory: Arc::clone(memory),
        bytes,
        values: PhantomData,
    })))
}

#[cfg(test)]
mod tests {
    use super::{Memory, bytes_of, lend, values_of};
    use engine::Row;
    use std::sync::Arc;

    #[test]
    fn values_come_back_as_they_were() {
        let rows = [
            Row {
                amount: -1,
                dst: 7,
                tick: u32::MAX,
            },
            Row {
                amount: i64::MAX,
                dst: 0,
                tick: 1,
            },
        ];
        let memory = Arc::new(Memory::hold(bytes_of(&rows)));
        let column = lend::<Row>(&memory, 0..32).expect("aligned");
        drop(memory);
        assert_eq!(*column, rows);
        assert_eq!(column.clone().heap(), 32);
    }

    #[test]
    fn what_is_not_aligned_or_not_whole_is_no_column() {
        let memory = Arc::new(Memory::hold(&[0; 64]));
        assert!(lend::<u64>(&memory, 4..12).is_none());
        assert!(lend::<u64>(&memory, 0..12).is_none());
        assert!(lend::<u64>(&memory, 56..72).is_none());
        assert!(values_of::<u32>(&memory[..4]).is_some());
        assert!(Memory::hold(&[]).is_empty());
        assert_eq!(&*Memory::hold(&[1, 2, 3]), [1, 2, 3]);
    }

    #[test]
    #[cfg_attr(miri, ignore = "miri maps no files")]
    fn a_mapped_file_is_read_like_memory() {
        let mut file = tempfile::tempfile().expect("a file");
        assert!(Memory::map(&file).expect("empty").is_empty());
        std::io::Write::write_all(&mut file, &[1, 0, 0, 0, 2, 0, 0, 0]).expect("written");
        let memory = Arc::new(Memory::map(&file).expect("mapped"));
        let column = lend::<u32>(&memory, 0..8).expect("aligned");
        drop((memory, file));
        assert_eq!((&*column, column.heap()), (&[1, 2][..], 0));
    }
}
