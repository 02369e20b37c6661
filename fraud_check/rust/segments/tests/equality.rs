//! What is kept is what was appended: against a graph in memory, whatever happened in between, on a real directory.

mod support;

use std::sync::Arc;

use engine::{Graph, Question, Rule, Scratch, Seeds, Standing, spread};
use proptest::prelude::*;
use segments::Directory;
use support::{Columns, Dice, Kept, rows_of, token};

#[derive(Debug, Clone)]
enum Deed {
    Append(usize),
    Name(usize),
    Seal,
    Compact,
    Reopen,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        4 => (0_usize..300).prop_map(Deed::Append),
        1 => (16_000_usize..40_000).prop_map(Deed::Append),
        2 => (0_usize..50).prop_map(Deed::Name),
        2 => Just(Deed::Seal),
        1 => Just(Deed::Compact),
        2 => Just(Deed::Reopen),
    ];
    prop::collection::vec(deed, 1..14)
}

/// Everything that a spread says.
fn answer(graph: &Graph) -> impl PartialEq + std::fmt::Debug + use<> {
    let seeds = Seeds {
        accounts: &[3, 50, 120],
        times: &[0, 10, 2_000],
    };
    let question = Question {
        hops: 4,
        dwell: Some(1_500),
        min_amount: 1 << 37,
        ..Question::default()
    };
    let answer = spread(
        graph,
        seeds,
        &question,
        None,
        &mut Scratch::default(),
        &|| false,
    );
    let answer = answer.expect("a good question");
    (
        answer.accounts,
        answer.hops,
        answer.arrivals,
        answer.earliest,
        answer.amounts,
    )
}

fn open(path: &std::path::Path) -> Kept {
    let disk = Directory::open(path).expect("a directory");
    Kept::open(Arc::new(disk)).expect("as it was left")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if support::long() { 2_000 } else { 40 }))]

    #[test]
    fn what_is_kept_is_what_was_appended(deeds in deeds(), seed in any::<u64>()) {
        let directory = tempfile::tempdir().expect("a directory");
        let mut kept = open(directory.path());
        let (mut graph, mut names, mut dice) = (Graph::new(), 0, Dice(seed));
        for deed in deeds {
            match deed {
                Deed::Append(count) => {
                    let rows = dice.rows(count);
                    let first = graph.append(&Columns::of(&rows).batch()).expect("rows in range");
                    prop_assert_eq!(kept.append(&rows).expect("a disk that works"), first);
                    if kept.store.is_due() {
                        kept.seal().expect("a disk that works");
                    }
                }
                Deed::Name(count) => {
                    names += count;
                    kept.name(names - count..names).expect("a disk that works");
                }
                Deed::Seal => kept.seal().expect("a disk that works"),
                Deed::Compact => kept.graph.compact(),
                Deed::Reopen => {
                    drop(kept);
                    kept = open(directory.path());
                    prop_assert_eq!(kept.cut, 0);
                }
            }
        }
        drop(kept);
        let kept = open(directory.path());
        prop_assert_eq!(kept.rows(), rows_of(&graph));
        prop_assert_eq!(kept.graph.newest(), graph.newest());
        prop_assert_eq!(kept.graph.accounts(), graph.accounts());
        prop_assert_eq!(answer(&kept.graph), answer(&graph));
        prop_assert_eq!(kept.names.len(), names);
        prop_assert!((0..names).all(|number| kept.names.find(&token(number)) == Some(number as u32)));
        // Labels are worked out of what was kept, and are those of the graph in memory.
        let rule = Rule { hops: 3, window: 3_000, min_amount: 1 << 37, dwell: None, stop: Arc::default() };
        let label = |graph: &Graph| Standing::new(rule.clone(), graph, &[(3, 0), (50, 10)]).expect("a good rule");
        prop_assert!(label(&kept.graph).agrees_with(&label(&graph)));
    }
}

#[test]
fn a_snapshot_outlives_the_files_that_it_reads() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut kept = open(directory.path());
    let rows = Dice(3).rows(5_000);
    kept.append(&rows).expect("a disk that works");
    kept.seal().expect("a disk that works");
    assert!(
        kept.graph.bytes() < 1_000,
        "segments lie in files, not on the heap"
    );
    let snapshot = kept.graph.clone();
    for _ in 0..5 {
        kept.append(&rows).expect("a disk that works");
        kept.seal().expect("a disk that works");
    }
    let merged = kept.graph.sealed().len();
    assert!(
        merged < 5,
        "{merged} segments: small ones are merged, and their files removed"
    );
    drop(kept);
    assert_eq!(rows_of(&snapshot), rows);
}
