//! Segments and tokens as files of columns.

use engine::{Column, IndexParts, Parts, Segment, Token};

use crate::columns::{Incoming, Kind, Outgoing, Seal, write};
use crate::disk::Sink;
use crate::failure::StoreError;
use crate::memory::Memory;

const SEGMENT_COLUMNS: usize = 10;

/// Write a segment: rows, sequence numbers, channels, entries, then words, ranks and starts of payers and of receivers.
pub(crate) fn write_segment(sink: &mut dyn Sink, segment: &Segment) -> std::io::Result<Seal> {
    let Parts {
        base,
        last,
        rows,
        seqs,
        channels,
        entries,
        out,
        into,
    } = segment.parts();
    let columns: [Outgoing<'_>; SEGMENT_COLUMNS] = [
        Outgoing::of(&rows),
        Outgoing::of(&seqs),
        Outgoing::of(&channels),
        Outgoing::of(&entries),
        Outgoing::of(&out.words),
        Outgoing::of(&out.ranks),
        Outgoing::of(&out.starts),
        Outgoing::of(&into.words),
        Outgoing::of(&into.ranks),
        Outgoing::of(&into.starts),
    ];
    let numbers = [base.cast_unsigned(), last.cast_unsigned()];
    write(sink, Kind::Segment, numbers, &columns)
}

/// A segment where its file lies.
pub(crate) fn open_segment(file: &str, memory: Memory, seal: Seal) -> Result<Segment, StoreError> {
    let kept = Incoming::open(file, memory, Kind::Segment, seal, SEGMENT_COLUMNS)?;
    let index = |first| {
        Ok::<_, StoreError>(IndexParts {
            words: kept.column(first)?,
            ranks: kept.column(first + 1)?,
            starts: kept.column(first + 2)?,
        })
    };
    let parts = Parts {
        base: kept.numbers[0].cast_signed(),
        last: kept.numbers[1].cast_signed(),
        rows: kept.column(0)?,
        seqs: kept.column(1)?,
        channels: kept.column(2)?,
        entries: kept.column(3)?,
        out: index(4)?,
        into: index(7)?,
    };
    Segment::from_parts(parts).map_err(|flaw| StoreError::damaged(file, 0, flaw.to_string()))
}

/// Write tokens, the first of which has this number.
pub(crate) fn write_names(
    sink: &mut dyn Sink,
    first: usize,
    tokens: &[Token],
) -> std::io::Result<Seal> {
    write(
        sink,
        Kind::Names,
        [first as u64, 0],
        &[Outgoing::of(tokens)],
    )
}

/// Tokens where their file lies, the first of which must have this number.
pub(crate) fn open_names(
    file: &str,
    memory: Memory,
    seal: Seal,
    first: usize,
) -> Result<Column<Token>, StoreError> {
    let kept = Incoming::open(file, memory, Kind::Names, seal, 1)?;
    if kept.numbers != [first as u64, 0] {
        let what = format!(
            "expected tokens from number {first} on, got from {}",
            kept.numbers[0]
        );
        return Err(StoreError::damaged(file, 16, what));
    }
    kept.column(0)
}
