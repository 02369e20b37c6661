//! Labels against the search and against a rebuild, after every kind of change.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{AccountSet, Graph, Rule, Scratch, Seeds, Standing, account};
use proptest::prelude::*;

mod rows;
use rows::with_batch;

const ACCOUNTS: u32 = 8;

#[derive(Debug, Clone)]
enum Change {
    Transfers(Vec<(u32, u32, i64, i64)>),
    Warn(u32, i64),
    Lift(u32),
    Compact,
}

fn change() -> impl Strategy<Value = Change> {
    let row = (0..ACCOUNTS, 0..ACCOUNTS, 0..30_i64, 0..4_i64);
    prop_oneof![
        4 => prop::collection::vec(row, 0..12).prop_map(Change::Transfers),
        2 => (0..ACCOUNTS, -2..25_i64).prop_map(|(account, from)| Change::Warn(account, from)),
        1 => (0..ACCOUNTS).prop_map(Change::Lift),
        1 => Just(Change::Compact),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    let stop = prop::collection::vec(0..ACCOUNTS, 0..2);
    (
        1..=3_u8,
        0..40_i64,
        0..3_i64,
        prop::option::of(0..10_i64),
        stop,
    )
        .prop_map(|(hops, window, min_amount, dwell, stop)| {
            let stop = Arc::new(AccountSet::new("stop", &stop).expect("accounts in range"));
            Rule {
                hops,
                window,
                min_amount,
                dwell,
                stop,
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        if std::env::var("PASSPORT_TEST_COUNTS").is_ok_and(|counts| counts == "long") { 20_000 } else { 400 }
    ))]

    #[test]
    fn labels_equal_the_search_and_a_rebuild(rule in rule(), changes in prop::collection::vec(change(), 1..10)) {
        let mut graph = Graph::new();
        let mut warned = BTreeMap::new();
        let mut standing = Standing::new(rule.clone(), &graph, &[]).expect("a good rule");
        let mut scratch = Scratch::default();
        for change in changes {
            match change {
                Change::Transfers(rows) => append(&mut graph, &mut standing, &rows),
                Change::Warn(one, from) => {
                    warned.insert(one, from);
                    let repair = standing.rewarn(&graph, &[(one, Some(from))]);
                    standing.apply(repair);
                }
                Change::Lift(one) => {
                    warned.remove(&one);
                    let repair = standing.rewarn(&graph, &[(one, None)]);
                    standing.apply(repair);
                }
                Change::Compact => graph.compact(),
            }
            let warnings: Vec<(u32, i64)> = warned.iter().map(|(one, from)| (*one, *from)).collect();
            prop_assert_eq!(standing.warnings(), warnings.clone());
            let rebuilt = Standing::new(rule.clone(), &graph, &warnings).expect("a good rule");
            prop_assert!(standing.agrees_with(&rebuilt));
            for as_of in [0, 7, 15, 29, 40] {
                compare(&graph, &standing, &warnings, as_of, &mut scratch)?;
            }
        }
    }
}

fn append(graph: &mut Graph, standing: &mut Standing, rows: &[(u32, u32, i64, i64)]) {
    let late = with_batch(rows, |batch| {
        let first = graph.append(batch).expect("rows in range");
        standing.follow(batch, first)
    });
    let repair = standing.relate(graph, &late);
    standing.apply(repair);
}

fn compare(
    graph: &Graph,
    standing: &Standing,
    warnings: &[(u32, i64)],
    as_of: i64,
    scratch: &mut Scratch,
) -> Result<(), TestCaseError> {
    let (accounts, times): (Vec<u32>, Vec<i64>) = warnings.iter().copied().unzip();
    let seeds = Seeds {
        accounts: &accounts,
        times: &times,
    };
    let rule = standing.rule();
    for one in 0..ACCOUNTS {
        let searched = account(graph, one, seeds, &rule.question(as_of), scratch, &|| false)
            .expect("a good question");
        let labelled = standing.account(one, as_of);
        let facts =
            |found: &engine::Found| (found.hop, found.arrival, found.earliest, found.amount);
        prop_assert_eq!(
            labelled.found.as_ref().map(facts),
            searched.found.as_ref().map(facts)
        );
        let Some(found) = labelled.found else {
            continue;
        };
        prop_assert_eq!(found.path.len(), usize::from(found.hop));
        let Some(first) = found.path.first() else {
            continue;
        };
        prop_assert_eq!(found.source, first.src);
        let warned = warnings
            .iter()
            .find(|(warned, _)| *warned == first.src)
            .expect("a path starts at a warning");
        prop_assert!(first.time > warned.1 && first.time >= as_of - rule.window);
        let last = found.path.last().expect("not empty");
        prop_assert_eq!((last.dst, last.time), (one, found.arrival));
        for pair in found.path.windows(2) {
            let rested = pair[1].time - pair[0].time;
            prop_assert!(pair[0].dst == pair[1].src && rested > 0 && !rule.stop.has(pair[1].src));
            prop_assert!(rule.dwell.is_none_or(|most| rested <= most));
        }
    }
    Ok(())
}
