//! Segments put together again: the same from the same parts, and from spoilt ones a refusal or at least no panic.

use std::sync::Arc;

use engine::{
    Batch, Column, Graph, Method, Parts, Patterns, Question, Rule, Scratch, Seeds, Segment, Shape,
    Standing, account, patterns, spread, taint,
};
use proptest::prelude::*;

mod rows;
use rows::with_batch;

const ACCOUNTS: u32 = 150;

fn graph_of(rows: &[(u32, u32, i64, i64)]) -> Graph {
    let mut graph = Graph::new();
    with_batch(rows, |batch| graph.append(batch)).expect("rows in range");
    graph.settle();
    graph
}

/// Everything that can be asked.
fn ask(graph: &Graph) {
    let seeds = Seeds {
        accounts: &[1, 70],
        times: &[0, 10],
    };
    let mut scratch = Scratch::default();
    let never = || false;
    for (backward, tie_by_seq, dwell) in [
        (false, false, None),
        (true, true, None),
        (false, false, Some(9)),
    ] {
        let question = Question {
            hops: 5,
            backward,
            tie_by_seq,
            dwell,
            ..Question::default()
        };
        let answer =
            spread(graph, seeds, &question, None, &mut scratch, &never).expect("a good question");
        for reached in &answer.accounts {
            _ = answer.trail.path(*reached);
        }
        if !backward {
            _ = account(graph, 3, seeds, &question, &mut scratch, &never);
        }
        if !backward && dwell.is_none() {
            _ = taint(graph, seeds, &question, Method::Lifo, &mut scratch, &never);
        }
    }
    for shape in [Shape::FanOut, Shape::ScatterGather, Shape::Cycle] {
        let asked = Patterns {
            shape,
            size: 3,
            window: 50,
            min_amount: 0,
            start: None,
            end: None,
            max_hops: 4,
            max_degree: 100,
            max_reads: Some(100_000),
        };
        _ = patterns(graph, &asked, &never);
    }
    let rule = Rule {
        hops: 3,
        window: 100,
        min_amount: 0,
        dwell: None,
        stop: Arc::default(),
    };
    let labels = Standing::new(rule, graph, &[(1, 0), (70, 10)]).expect("a good rule");
    _ = labels.account(3, 200);
}

/// One value of one column is another, or one is missing, or there is one too many.
fn spoil<T: Copy + Send + Sync>(
    column: &mut Column<T>,
    at: usize,
    how: u8,
    other: impl Fn(T) -> T,
) {
    let mut values = column.to_vec();
    let Some(value) = values
        .len()
        .checked_sub(1)
        .map(|last| values[at % (last + 1)])
    else {
        return;
    };
    let place = at % values.len();
    match how % 4 {
        0 => _ = values.pop(),
        1 => values.push(value),
        _ => values[place] = other(value),
    }
    *column = values.into();
}

fn spoil_one(parts: &mut Parts, which: u8, at: usize, how: u8, bits: u64) {
    let small = |value: u32| value ^ bits as u32;
    // An account within reason: what is asked takes memory for as many as there are.
    let account = (bits as u32 & 0xfff) | (bits as u32 & 1 << 31);
    match which % 12 {
        0 => spoil(&mut parts.rows, at, how, |mut row| {
            row.dst ^= account;
            row
        }),
        1 => spoil(&mut parts.rows, at, how, |mut row| {
            row.tick ^= bits as u32;
            row.amount ^= bits.cast_signed();
            row
        }),
        2 => spoil(&mut parts.seqs, at, how, small),
        3 => spoil(&mut parts.channels, at, how, |channel| channel ^ bits as u8),
        4 => spoil(&mut parts.entries, at, how, |mut entry| {
            entry.row ^= bits as u32;
            entry.src ^= account;
            entry
        }),
        5 => spoil(&mut parts.out.words, at, how, |word| word ^ bits),
        6 => spoil(&mut parts.out.ranks, at, how, small),
        7 => spoil(&mut parts.out.starts, at, how, small),
        8 => spoil(&mut parts.into.words, at, how, |word| word ^ bits),
        9 => spoil(&mut parts.into.starts, at, how, small),
        10 => parts.base ^= bits.cast_signed(),
        _ => parts.last ^= bits.cast_signed(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        if std::env::var("PASSPORT_TEST_COUNTS").is_ok_and(|counts| counts == "long") { 100_000 } else { 600 }
    ))]

    #[test]
    fn the_same_parts_make_the_same_segment_and_spoilt_ones_no_panic(
        rows in prop::collection::vec((0..ACCOUNTS, 0..ACCOUNTS, 0_i64..100, 0_i64..50), 1..60),
        which in any::<u8>(), at in any::<usize>(), how in any::<u8>(),
        bits in prop_oneof![(0_u32..64).prop_map(|bit| 1_u64 << bit), any::<u64>()],
    ) {
        let graph = graph_of(&rows);
        let kept: Vec<Arc<Segment>> = graph.sealed().to_vec();
        let again = Segment::from_parts(kept[0].parts()).expect("the same parts");
        prop_assert_eq!(&again, &*kept[0]);
        let again = Graph::of_segments(vec![Arc::new(again)]).expect("the same segments");
        prop_assert_eq!((again.transfers(), again.accounts(), again.newest()), (graph.transfers(), graph.accounts(), graph.newest()));
        ask(&again);

        let mut parts = kept[0].parts();
        spoil_one(&mut parts, which, at, how, bits);
        let spoilt = Segment::from_parts(parts).and_then(|segment| Graph::of_segments(vec![Arc::new(segment)]));
        if let Ok(mut graph) = spoilt {
            ask(&graph);
            let more = Batch { src: &[1], dst: &[2], time: &[7], amount: &[1], channel: None };
            _ = graph.append(&more);
            graph.compact();
            ask(&graph);
        }
    }
}
