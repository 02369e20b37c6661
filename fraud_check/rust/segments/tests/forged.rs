//! Files that lie with every checksum right: changed at random, then summed anew from the inside out.
//!
//! Behind a checksum that fails nothing is looked at, so random changes alone never meet the checks behind it. Whatever
//! opens here must be safe to ask and to append to; what it answers is the forger's business.

// A sum is over a list of parts, which often has one.
#![allow(clippy::single_range_in_vec_init)]

mod support;

use std::sync::Arc;

use engine::{Method, Question, Rule, Scratch, Seeds, Standing};
use segments::Disk;
use support::lossy::{Loss, LossyDisk};
use support::{Dice, Kept, Row};

fn filled() -> (LossyDisk, Vec<Row>) {
    let disk = LossyDisk::default();
    let rows = Dice(3).rows(60);
    let mut kept = Kept::open(Arc::new(disk.clone())).expect("an empty disk");
    kept.name(0..9).expect("a disk that works");
    kept.append(&rows[..50]).expect("a disk that works");
    kept.seal().expect("a disk that works");
    kept.append(&rows[50..]).expect("a disk that works");
    kept.name(9..12).expect("a disk that works");
    (disk, rows)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    four.map_or(0, u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + value.len()) {
        place.copy_from_slice(value);
    }
}

fn put_sum(bytes: &mut [u8], at: usize, parts: &[std::ops::Range<usize>]) {
    let sum = parts.iter().fold(0, |sum, part| {
        crc32c::crc32c_append(sum, bytes.get(part.clone()).unwrap_or_default())
    });
    put(bytes, at, &sum.to_le_bytes());
}

/// Sum a file of columns anew, as far as its own lengths lead.
fn forge_columns(bytes: &mut [u8]) {
    let len = bytes.len() as u64;
    put(bytes, 32, &len.to_le_bytes());
    let count = (u32_at(bytes, 40) as usize).min(64);
    let lens: Vec<usize> = (0..count)
        .map(|at| u64_at(bytes, 64 + at * 16).min(len) as usize)
        .collect();
    let table = 64 + count * 16;
    let end = table + 4 * lens.iter().map(|len| len.div_ceil(1 << 20)).sum::<usize>();
    let mut at = end.next_multiple_of(64);
    let mut entry = table;
    for len in lens {
        for begin in (at..at + len).step_by(1 << 20) {
            put_sum(bytes, entry, &[begin..(begin + (1 << 20)).min(at + len)]);
            entry += 4;
        }
        at = (at + len).next_multiple_of(64);
    }
    put_sum(bytes, 60, &[0..60, 64..end]);
}

/// Sum a log anew: its head, its records, and their acknowledgements.
fn forge_log(bytes: &mut [u8], manifest_sum: u32) {
    put(bytes, 12, &manifest_sum.to_le_bytes());
    put_sum(bytes, 60, &[0..60]);
    let mut at = 64;
    while at + 64 <= bytes.len() {
        let rows = u32_at(bytes, at + 8) as usize;
        let padded = |size: usize| rows.saturating_mul(size).next_multiple_of(8);
        let body = match u32_at(bytes, at + 4) {
            1 => 2 * padded(4) + 2 * padded(8),
            2 => 2 * padded(4) + 2 * padded(8) + padded(1),
            3 => padded(32),
            _ => return,
        };
        let end = at + 32 + body;
        if end + 32 > bytes.len() {
            return;
        }
        put_sum(bytes, at + 12, &[at + 32..end]);
        put_sum(bytes, at + 28, &[at..at + 28]);
        put(bytes, end + 8, &(at as u64).to_le_bytes());
        put(bytes, end + 16, &(end as u64).to_le_bytes());
        let sum = u32_at(bytes, at + 12);
        put(bytes, end + 24, &sum.to_le_bytes());
        put_sum(bytes, end + 28, &[end..end + 28]);
        at = end + 32;
    }
}

/// Make all checksums right, from the files of columns through the list of files to the log.
fn forge(disk: &LossyDisk) {
    let names = disk.list().expect("a disk that works");
    let mut manifest = disk.bytes("MANIFEST");
    for name in &names {
        let Some((kind @ ("segment" | "names"), number)) = name.split_once('-') else {
            continue;
        };
        let mut bytes = disk.bytes(name);
        forge_columns(&mut bytes);
        let segments = u32_at(&manifest, 12) as usize;
        let entries = manifest.len().saturating_sub(52) / 24;
        for entry in 0..entries {
            let at = 48 + entry * 24;
            let is_this = (entry < segments) == (kind == "segment")
                && number.parse() == Ok(u64_at(&manifest, at));
            if is_this {
                put(&mut manifest, at + 8, &(bytes.len() as u64).to_le_bytes());
                put(&mut manifest, at + 16, &u32_at(&bytes, 60).to_le_bytes());
            }
        }
        disk.put(name, bytes);
    }
    let end = manifest.len().saturating_sub(4);
    put_sum(&mut manifest, end, &[0..end]);
    let sum = u32_at(&manifest, end);
    disk.put("MANIFEST", manifest);
    for name in names.iter().filter(|name| name.starts_with("log-")) {
        let mut bytes = disk.bytes(name);
        forge_log(&mut bytes, sum);
        disk.put(name, bytes);
    }
}

/// Change one value behind the letters and the version: by one, by a bit, to an extreme, or to anything.
fn spoil(bytes: &mut [u8], dice: &mut Dice) {
    let size = [1, 4, 8][dice.below(3) as usize];
    let places = (bytes.len().saturating_sub(12) / size) as u64;
    if places == 0 {
        return;
    }
    let at = 12_usize.next_multiple_of(size) + dice.below(places) as usize * size;
    let before = u64_at(bytes, at);
    let after = match dice.below(6) {
        0 => before.wrapping_add(1),
        1 => before.wrapping_sub(1),
        2 => before ^ 1 << dice.below(8 * size as u64),
        3 => u64::MAX >> dice.below(3),
        4 => dice.below(300),
        _ => dice.below(u64::MAX),
    };
    put(bytes, at, &after.to_le_bytes()[..size]);
}

/// Ask everything that indexes by what the files say.
fn ask(kept: &Kept) {
    // What is asked takes memory for as many accounts as there are, and a forger may name 2^28.
    if kept.graph.accounts() > 1 << 16 {
        return;
    }
    let (graph, mut scratch) = (&kept.graph, Scratch::default());
    let accounts: Vec<u32> = (0..200).step_by(20).collect();
    let times = vec![-200; accounts.len()];
    let seeds = Seeds {
        accounts: &accounts,
        times: &times,
    };
    for (backward, tie_by_seq, dwell) in [
        (false, false, None),
        (true, true, Some(500)),
        (false, false, Some(90)),
    ] {
        let question = Question {
            backward,
            tie_by_seq,
            dwell,
            ..Question::default()
        };
        let spread = engine::spread(graph, seeds, &question, None, &mut scratch, &|| false);
        let spread = spread.expect("a good question");
        for account in &spread.accounts {
            _ = spread.trail.path(*account);
        }
    }
    let question = Question::default();
    for account in [1, 7, 199] {
        engine::account(graph, account, seeds, &question, &mut scratch, &|| false)
            .expect("a good question");
    }
    for method in [Method::Haircut, Method::Lifo] {
        engine::taint(graph, seeds, &question, method, &mut scratch, &|| false)
            .expect("a good question");
    }
    let rule = Rule {
        hops: 3,
        window: 4_000,
        min_amount: 0,
        dwell: None,
        stop: Arc::default(),
    };
    let standing = Standing::new(rule, graph, &[(0, -200), (20, 0)]).expect("a good rule");
    _ = standing.account(7, 4_000);
}

#[test]
fn files_that_lie_with_right_checksums_never_make_it_panic() {
    let (disk, rows) = filled();
    let names = disk.list().expect("a disk that works");
    forge(&disk);
    let whole = Kept::open(Arc::new(disk.after(Loss::Nothing))).expect("the truth, summed anew");
    assert_eq!(whole.rows(), rows);
    let mut dice = Dice(17);
    let rounds = if support::long() { 300_000 } else { 4_000 };
    let mut opened = 0;
    for _ in 0..rounds {
        let disk = disk.after(Loss::Nothing);
        for _ in 0..=dice.below(2) {
            let name = &names[dice.below(names.len() as u64) as usize];
            let mut bytes = disk.bytes(name);
            spoil(&mut bytes, &mut dice);
            disk.put(name, bytes);
        }
        forge(&disk);
        if let Ok(mut kept) = Kept::open(Arc::new(disk.clone())) {
            ask(&kept);
            opened += 1;
            // Refused or taken, as the forger's sums allow.
            _ = kept.append(&rows[..2]);
        }
    }
    assert!(
        opened > rounds / 20 && opened < rounds,
        "{opened} of {rounds} opened"
    );
}
