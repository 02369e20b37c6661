//! The spread against its definition on transfers, and against itself however the graph was loaded.

use std::collections::BTreeMap;

use engine::{Batch, Graph, Question, Scratch, Seeds, account, spread};
use proptest::prelude::*;

mod rows;
use rows::with_batch;

type Rows = Vec<(u32, u32, i64, i64)>;

fn append(graph: &mut Graph, rows: &[(u32, u32, i64, i64)]) {
    with_batch(rows, |batch| graph.append(batch)).expect("rows in range");
}

/// (hop, arrival, earliest, amount) per account, by the definition.
fn defined(
    rows: &Rows,
    seeds: &BTreeMap<u32, i64>,
    question: &Question,
) -> BTreeMap<u32, (u8, i64, i64, i64)> {
    let moves = |row: &&(u32, u32, i64, i64)| {
        let early = question.start.is_some_and(|start| row.2 < start);
        row.0 != row.1 && !early && question.end.is_none_or(|end| row.2 <= end)
    };
    let paid = |payer: u32| {
        let own = rows.iter().filter(moves).filter(|row| row.0 == payer);
        own.map(|row| i128::from(row.3)).sum::<i128>()
    };
    let counts = |row: &&(u32, u32, i64, i64)| {
        let share = i128::from(row.3) * 10_000 >= i128::from(question.min_share) * paid(row.0);
        moves(row) && row.3 >= question.min_amount && share
    };
    let rows: Vec<_> = rows.iter().filter(counts).collect();
    let mut levels: Vec<Option<u8>> = rows
        .iter()
        .map(|row| (seeds.get(&row.0)? < &row.2).then_some(1))
        .collect();
    for level in 2..=question.hops {
        let before = levels.clone();
        for (at, row) in rows.iter().enumerate() {
            let follows = |(other, known): (&&(u32, u32, i64, i64), &Option<u8>)| {
                let rested = row.2 - other.2;
                known.is_some()
                    && other.1 == row.0
                    && rested > 0
                    && question.dwell.is_none_or(|most| rested <= most)
            };
            if levels[at].is_none() && rows.iter().zip(&before).any(follows) {
                levels[at] = Some(level);
            }
        }
    }
    let mut answer: BTreeMap<u32, (u8, i64, i64, i64)> = seeds
        .iter()
        .map(|(&seed, &time)| (seed, (0, time, time, 0)))
        .collect();
    for (row, level) in rows
        .iter()
        .zip(levels)
        .filter_map(|(row, level)| Some((row, level?)))
    {
        let known = answer.entry(row.1).or_insert((level, row.2, row.2, 0));
        if (level, row.2) < (known.0, known.1) {
            (known.0, known.1) = (level, row.2);
        }
        known.2 = known.2.min(row.2);
        known.3 += row.3;
    }
    answer
}

fn rows() -> impl Strategy<Value = Rows> {
    prop::collection::vec((0..8_u32, 0..8_u32, 0..20_i64, 0..4_i64), 0..60)
}

/// Hops, least amount, dwell limit, least share, window.
type Asked = (u8, i64, Option<i64>, u32, Option<i64>, Option<i64>);

fn asked() -> impl Strategy<Value = Asked> {
    let share = prop_oneof![Just(0), Just(2_500), Just(5_000), 0..=10_000_u32];
    let dwell = prop::option::of(0..8_i64);
    let (start, end) = (prop::option::of(0..9_i64), prop::option::of(8..20_i64));
    (1..=8_u8, 0..3_i64, dwell, share, start, end)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        if std::env::var("PASSPORT_TEST_COUNTS").is_ok_and(|counts| counts == "long") { 20_000 } else { 400 }
    ))]

    #[test]
    fn equals_the_definition(
        batches in prop::collection::vec((rows(), any::<bool>()), 1..4),
        seeds in prop::collection::btree_map(0..9_u32, 0..15_i64, 1..4),
        (hops, min_amount, dwell, min_share, start, end) in asked(),
        most in 0..80_u64,
    ) {
        let mut graph = Graph::new();
        let mut all = Rows::new();
        for (rows, compact) in batches {
            append(&mut graph, &rows);
            all.extend(rows);
            if compact {
                graph.compact();
            }
        }
        let question = Question { hops, min_amount, dwell, min_share, start, end, ..Question::default() };
        let (accounts, times): (Vec<u32>, Vec<i64>) = seeds.iter().map(|(account, time)| (*account, *time)).unzip();
        let from = Seeds { accounts: &accounts, times: &times };
        let mut scratch = Scratch::default();
        let expected = defined(&all, &seeds, &question);
        // Twice with one scratch: a walk leaves it as it found it.
        for _ in 0..2 {
            let found = spread(&graph, from, &question, None, &mut scratch, &|| false).expect("a good question");
            let table: BTreeMap<_, _> = (0..found.accounts.len())
                .map(|row| (found.accounts[row], (found.hops[row], found.arrivals[row], found.earliest[row], found.amounts[row])))
                .collect();
            prop_assert_eq!(&table, &expected);
            // With a share, all that an account paid is read once more, to be added up.
            let times = if min_share == 0 { 1 } else { 2 };
            prop_assert!(found.reads <= times * all.len() as u64);
        }
        for one in 0..9 {
            let answer = account(&graph, one, from, &question, &mut scratch, &|| false).expect("a good question");
            let row = answer.found.map(|found| (found.hop, found.arrival, found.earliest, found.amount));
            prop_assert_eq!(row.as_ref(), expected.get(&one));
        }
        let tight = Question { max_reads: Some(most), ..question };
        for one in 0..9 {
            let answer = account(&graph, one, from, &tight, &mut scratch, &|| false).expect("a good question");
            prop_assert!(answer.reads <= most);
            // What was cut short says so; what it says is no more than there is.
            let whole = expected.get(&one);
            match answer.found {
                Some(found) => prop_assert!(whole.is_some_and(|row| found.hop >= row.0 && found.amount <= row.3)),
                None => prop_assert!(whole.is_none() || answer.truncated.is_some()),
            }
        }
    }

    #[test]
    fn a_refused_batch_changes_nothing(rows in rows(), amount in i64::MIN..0) {
        let mut graph = Graph::new();
        append(&mut graph, &rows);
        let before = (graph.transfers(), graph.accounts(), graph.newest(), graph.bytes());
        let batch = Batch { src: &[1, 1], dst: &[2, 2], time: &[3, 3], amount: &[1, amount], channel: None };
        prop_assert!(graph.append(&batch).is_err());
        prop_assert_eq!((graph.transfers(), graph.accounts(), graph.newest(), graph.bytes()), before);
    }
}

#[test]
fn a_share_of_very_large_amounts_is_exact_and_inclusive() {
    const HALF: i64 = 1 << 61;
    let mut graph = Graph::new();
    append(
        &mut graph,
        &[
            (0, 1, 1, HALF),
            (0, 2, 2, HALF - 1),
            (0, 3, 3, 1),
            (0, 0, 4, HALF),
        ],
    );
    let mut scratch = Scratch::default();
    let mut reached = |min_share| {
        let question = Question {
            min_share,
            ..Question::default()
        };
        let seeds = Seeds {
            accounts: &[0],
            times: &[0],
        };
        let found = spread(&graph, seeds, &question, None, &mut scratch, &|| false);
        found.expect("a good question").accounts
    };
    assert_eq!(reached(0), [0, 1, 2, 3]);
    assert_eq!(reached(1), [0, 1, 2]);
    assert_eq!(reached(5_000), [0, 1]);
    assert_eq!(reached(5_001), [0]);
}

#[test]
fn a_share_of_more_than_the_whole_is_refused() {
    let question = Question {
        min_share: 10_001,
        ..Question::default()
    };
    assert!(question.check().is_err());
}
