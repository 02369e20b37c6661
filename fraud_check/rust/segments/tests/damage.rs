//! Files that are cut, flipped, exchanged, missing, of another version, or not ours.

mod support;

use std::sync::Arc;

use segments::{Disk, Store, StoreError};
use support::lossy::{Loss, LossyDisk};
use support::{Dice, Kept, Row};

const SEALED: usize = 60;
const BATCHES: [usize; 3] = [1, 5, 2];

/// Some rows and names in segments, and some in the log.
fn filled() -> (LossyDisk, Vec<Row>) {
    let disk = LossyDisk::default();
    let rows = Dice(1).rows(SEALED + BATCHES.iter().sum::<usize>());
    let mut kept = Kept::open(Arc::new(disk.clone())).expect("an empty disk");
    kept.name(0..9).expect("a disk that works");
    kept.append(&rows[..SEALED]).expect("a disk that works");
    kept.seal().expect("a disk that works");
    let mut at = SEALED;
    for count in BATCHES {
        kept.append(&rows[at..at + count])
            .expect("a disk that works");
        at += count;
    }
    (disk, rows)
}

fn open(disk: &LossyDisk) -> Result<Kept, StoreError> {
    Kept::open(Arc::new(disk.clone()))
}

fn refusal(disk: &LossyDisk) -> StoreError {
    match open(disk) {
        Ok(kept) => panic!("expected a refusal, got {} rows", kept.rows().len()),
        Err(error) => error,
    }
}

fn log_of(disk: &LossyDisk) -> String {
    let names = disk.list().expect("a disk that works");
    names
        .into_iter()
        .find(|name| name.starts_with("log-"))
        .expect("a log")
}

#[test]
fn a_log_cut_at_any_byte_opens_to_the_last_whole_batch() {
    let (disk, rows) = filled();
    let log = log_of(&disk);
    let whole = disk.bytes(&log);
    let mut seen = Vec::new();
    for len in 0..whole.len() {
        let disk = disk.after(Loss::Nothing);
        disk.put(&log, whole[..len].to_vec());
        if len < 64 {
            let error = refusal(&disk);
            assert!(
                matches!(&error, StoreError::Damaged { file, .. } if *file == log),
                "{error}"
            );
            continue;
        }
        let mut kept = open(&disk).expect("a torn end is cut");
        let count = kept.rows().len();
        assert_eq!(kept.rows(), rows[..count]);
        seen.push(count);
        // What was cut stays cut, and what comes now stands behind what was kept.
        kept.append(&rows[..2]).expect("a disk that works");
        let again = open(&disk).expect("mended");
        assert_eq!(
            (again.cut, again.rows()),
            (0, [&rows[..count], &rows[..2]].concat())
        );
    }
    assert!(seen.is_sorted(), "more bytes are never fewer batches");
    seen.dedup();
    assert_eq!(seen, [60, 61, 66, 68], "whole batches only");
}

#[test]
fn any_other_file_cut_at_any_byte_is_refused_by_its_name() {
    let (disk, _) = filled();
    for name in disk.list().expect("a disk that works") {
        let whole = disk.bytes(&name);
        if name.starts_with("log-") {
            continue;
        }
        for len in 0..whole.len() {
            let disk = disk.after(Loss::Nothing);
            disk.put(&name, whole[..len].to_vec());
            let error = refusal(&disk);
            assert!(
                matches!(&error, StoreError::Damaged { file, .. } if *file == name),
                "{error}"
            );
        }
        let disk = disk.after(Loss::Nothing);
        disk.put(&name, [&whole[..], &[0]].concat());
        assert!(
            matches!(refusal(&disk), StoreError::Damaged { .. }),
            "longer than it was"
        );
    }
}

#[test]
fn a_flipped_bit_is_found_wherever_it_is() {
    let (disk, rows) = filled();
    let mut mended = 0;
    for name in disk.list().expect("a disk that works") {
        let whole = disk.bytes(&name);
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let disk = disk.after(Loss::Nothing);
            disk.put(&name, bytes);
            match open(&disk) {
                Err(StoreError::Damaged { file, .. } | StoreError::Newer { file, .. }) => {
                    assert_eq!(file, name, "bit {bit}");
                }
                Err(error) => panic!("{name}, bit {bit}: {error}"),
                Ok(kept) => {
                    // A bit lost in the very last acknowledgement looks like one half written: it is written anew.
                    let last = bit / 8 >= whole.len() - 32 && name.starts_with("log-");
                    assert!(last && kept.cut > 0, "{name}, bit {bit}: not found");
                    assert_eq!(kept.rows(), rows);
                    mended += 1;
                }
            }
        }
    }
    assert!(
        (1..128).contains(&mended),
        "{mended} bits of the last acknowledgement"
    );
}

#[test]
fn a_newer_version_is_refused_and_left_as_it_is() {
    let (disk, _) = filled();
    for name in disk.list().expect("a disk that works") {
        let mut bytes = disk.bytes(&name);
        bytes[8] = 2;
        let disk = disk.after(Loss::Nothing);
        disk.put(&name, bytes.clone());
        let error = refusal(&disk).to_string();
        let expected = format!(
            "{name}: expected a version up to 1, got 2; open it with the program that wrote it"
        );
        assert_eq!(error, expected);
        assert_eq!(disk.bytes(&name), bytes);
    }
}

#[test]
fn a_missing_file_is_refused_by_its_name_and_nothing_is_removed() {
    let (disk, _) = filled();
    let names = disk.list().expect("a disk that works");
    for name in &names {
        let disk = disk.after(Loss::Nothing);
        disk.remove(name).expect("a disk that works");
        let error = refusal(&disk);
        assert!(
            matches!(&error, StoreError::Damaged { file, .. } if file == name),
            "{error}"
        );
        assert_eq!(
            disk.list().expect("a disk that works").len(),
            names.len() - 1
        );
    }
}

#[test]
fn files_of_different_times_are_refused() {
    let (disk, rows) = filled();
    let before = disk.after(Loss::Nothing);
    let mut kept = open(&disk).expect("whole");
    kept.append(&rows[..3]).expect("a disk that works");
    kept.seal().expect("a disk that works");
    kept.append(&rows[..3]).expect("a disk that works");
    // The list of files from an older copy, beside files of now: its segments are gone, and the log goes on from another.
    let mixed = disk.after(Loss::Nothing);
    mixed.put("MANIFEST", before.bytes("MANIFEST"));
    let error = refusal(&mixed);
    assert!(matches!(&error, StoreError::Damaged { .. }), "{error}");
    // The same with all older files: then the newer log has transfers that nobody should lose unasked.
    for name in before.list().expect("a disk that works") {
        mixed.put(&name, before.bytes(&name));
    }
    let error = refusal(&mixed).to_string();
    assert!(
        error.contains("expected generation 2 of MANIFEST or an earlier one"),
        "{error}"
    );
    assert!(
        error.contains("put the whole directory back from one copy"),
        "{error}"
    );
}

#[test]
fn another_stores_log_is_refused() {
    let (disk, rows) = filled();
    let other = LossyDisk::default();
    let mut kept = open(&other).expect("an empty disk");
    kept.append(&rows[..SEALED]).expect("a disk that works");
    kept.seal().expect("a disk that works");
    let log = log_of(&other);
    disk.put(&log, other.bytes(&log));
    assert!(refusal(&disk).to_string().contains("of MANIFEST"));
}

#[test]
fn a_directory_of_something_else_is_left_alone() {
    let disk = LossyDisk::default();
    disk.put("holiday.jpg", vec![1, 2, 3]);
    let error = refusal(&disk);
    assert!(
        matches!(&error, StoreError::NoStore { file } if file == "holiday.jpg"),
        "{error}"
    );
    assert_eq!(disk.list().expect("a disk that works"), ["holiday.jpg"]);
}

#[test]
fn bytes_changed_at_random_never_make_it_panic_or_lie() {
    let (disk, rows) = filled();
    let names = disk.list().expect("a disk that works");
    let mut dice = Dice(9);
    let rounds = if support::long() { 200_000 } else { 3_000 };
    let mut opened = 0;
    for _ in 0..rounds {
        let disk = disk.after(Loss::Nothing);
        for _ in 0..=dice.below(3) {
            let name = &names[dice.below(names.len() as u64) as usize];
            let mut bytes = disk.bytes(name);
            mutate(&mut bytes, &mut dice);
            disk.put(name, bytes);
        }
        if let Ok(kept) = open(&disk) {
            // Only the end of a log may be missing, and only whole batches of it.
            let found = kept.rows();
            assert_eq!(found, rows[..found.len()]);
            assert!([60, 61, 66, 68].contains(&found.len()));
            opened += 1;
        }
    }
    assert!(opened > 0 && opened < rounds, "{opened} of {rounds} opened");
}

fn mutate(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let len = bytes.len() as u64;
    if len == 0 {
        return;
    }
    let at = dice.below(len) as usize;
    let run = at..(at + 1 + dice.below(40) as usize).min(bytes.len());
    match dice.below(6) {
        0 => bytes.truncate(at),
        1 => bytes[run]
            .iter_mut()
            .for_each(|byte| *byte = dice.below(256) as u8),
        2 => bytes[run].fill(0),
        3 => bytes.extend(
            (0..dice.below(100))
                .map(|_| dice.below(256) as u8)
                .collect::<Vec<_>>(),
        ),
        4 => _ = bytes.drain(run),
        _ => {
            let copy = bytes[run].to_vec();
            let to = dice.below(len) as usize;
            bytes.splice(to..to, copy);
        }
    }
}

#[test]
fn one_process_at_a_time_opens_a_directory() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("graph");
    let one = segments::Directory::open(&path).expect("the first");
    let error = segments::Directory::open(&path).expect_err("the second");
    assert!(matches!(error, StoreError::Locked { .. }), "{error}");
    drop(one);
    let disk = Arc::new(segments::Directory::open(&path).expect("the first has ended"));
    Store::open(disk, 1_000).expect("an empty directory");
}
