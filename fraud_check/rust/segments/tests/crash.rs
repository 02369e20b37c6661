//! A loss of power, or a kill, at every single thing that is asked of the disk.

mod support;

use std::sync::Arc;

use segments::StoreError;
use support::lossy::{Loss, LossyDisk};
use support::{Dice, Kept, Row};

/// What was told to a caller, and what was under way when the disk went.
#[derive(Default)]
struct Told {
    rows: Vec<Row>,
    trying: Vec<Row>,
    names: usize,
    trying_names: usize,
}

/// A store's life: batches small and large, names, seals, and an opening in between.
fn live(disk: &LossyDisk, told: &mut Told) -> Result<(), StoreError> {
    let mut dice = Dice(5);
    let mut kept = Kept::open(Arc::new(disk.clone()))?;
    for (round, count) in [3, 0, 40, 1, 700, 2, 9].into_iter().enumerate() {
        told.trying_names = told.names + round;
        kept.name(0..told.trying_names)?;
        told.names = told.trying_names;
        let rows = dice.rows(count);
        told.trying = rows.clone();
        kept.append(&rows)?;
        told.trying.clear();
        told.rows.extend(rows);
        if round % 3 == 1 {
            kept.seal()?;
        }
        if round == 4 {
            kept = Kept::open(Arc::new(disk.clone()))?;
        }
    }
    kept.seal()
}

#[test]
fn whatever_the_moment_nothing_acknowledged_is_lost_and_nothing_is_there_by_half() {
    let whole = LossyDisk::default();
    live(&whole, &mut Told::default()).expect("a disk that works");
    let rounds = if support::long() { 200 } else { 4 };
    for step in 0..whole.steps() {
        let disk = LossyDisk::default();
        disk.stop_at(step);
        let mut told = Told::default();
        // Removing what no longer counts may fail without a word; everything else ends the life.
        let ended = live(&disk, &mut told);
        let losses = (0..rounds).map(|round| Loss::Some((step * 1_000 + round) as u64));
        for loss in losses.chain([Loss::Nothing, Loss::Everything]) {
            let survivor = disk.after(loss);
            let mut kept = Kept::open(Arc::new(survivor.clone()))
                .unwrap_or_else(|error| panic!("step {step}, {loss:?}, {ended:?}: {error}"));
            let rows = kept.rows();
            let both: Vec<Row> = told.rows.iter().chain(&told.trying).copied().collect();
            assert!(rows == told.rows || rows == both, "step {step}, {loss:?}");
            let names = kept.names.len();
            assert!(
                names == told.names || names == told.trying_names,
                "step {step}, {loss:?}"
            );
            // Life goes on, and what comes now is kept too.
            kept.append(&[(1, 2, 3, 4, 5)]).expect("a disk that works");
            kept.seal().expect("a disk that works");
            drop(kept);
            let again = Kept::open(Arc::new(survivor)).expect("an orderly end");
            assert_eq!(again.rows().last(), Some(&(1, 2, 3, 4, 5)));
            assert_eq!(
                (again.rows().len(), again.names.len()),
                (rows.len() + 1, names)
            );
        }
    }
}

#[test]
fn after_a_failed_write_the_store_says_so_and_takes_nothing_more() {
    let disk = LossyDisk::default();
    let mut kept = Kept::open(Arc::new(disk.clone())).expect("an empty disk");
    kept.append(&[(1, 2, 3, 4, 0)]).expect("a disk that works");
    disk.stop_at(disk.steps());
    let failed = kept
        .append(&[(2, 3, 4, 5, 0)])
        .expect_err("the disk is gone");
    assert!(matches!(failed, StoreError::Io { .. }), "{failed}");
    let closed = kept
        .append(&[(2, 3, 4, 5, 0)])
        .expect_err("the store is closed");
    assert!(matches!(closed, StoreError::Closed { .. }), "{closed}");
    let closed = kept.seal().expect_err("the store is closed");
    assert!(matches!(closed, StoreError::Closed { .. }), "{closed}");
    assert_eq!(kept.rows(), [(1, 2, 3, 4, 0)], "the graph is as it was");
}

#[test]
fn a_batch_that_is_refused_leaves_no_trace() {
    let disk = LossyDisk::default();
    let mut kept = Kept::open(Arc::new(disk.clone())).expect("an empty disk");
    let steps = disk.steps();
    let refused = kept
        .append(&[(1, 2, 3, 4, 0), (1, 2, 3, -4, 0)])
        .expect_err("a negative amount");
    assert_eq!(
        refused.to_string(),
        format!("amount[1]: expected 0 to {}, got -4", i64::MAX)
    );
    assert_eq!((disk.steps(), kept.graph.transfers()), (steps, 0));
    kept.append(&[(1, 2, 3, 4, 0)]).expect("a disk that works");
}
