//! A store's life in a few rows: short enough for Miri, which watches every access to memory that is read as values.

mod support;

use std::sync::Arc;

use engine::{Question, Scratch, Seeds, spread};
use support::lossy::LossyDisk;
use support::{Dice, Kept, token};

#[test]
fn what_lies_in_bytes_is_read_as_values_while_the_graph_or_a_copy_lives() {
    let disk = LossyDisk::default();
    let rows = Dice(2).rows(60);
    let mut kept = Kept::open(Arc::new(disk.clone())).expect("an empty disk");
    kept.name(0..5).expect("a disk that works");
    kept.append(&rows[..30]).expect("a disk that works");
    kept.seal().expect("a disk that works");
    kept.append(&rows[30..]).expect("a disk that works");
    kept.name(3..9).expect("a disk that works");
    drop(kept);
    let Kept {
        store,
        graph,
        names,
        ..
    } = Kept::open(Arc::new(disk)).expect("as it was left");
    let copy = graph.clone();
    drop((store, graph));
    let seeds = Seeds {
        accounts: &[rows[0].0],
        times: &[-100],
    };
    let asked = Question::default();
    let answer = spread(&copy, seeds, &asked, None, &mut Scratch::default(), &|| {
        false
    });
    let reached = answer.expect("a good question").accounts;
    assert!(reached.contains(&rows[0].1));
    assert_eq!(support::rows_of(&copy), rows);
    assert_eq!((names.len(), names.token(8)), (9, Some(&token(8))));
}
