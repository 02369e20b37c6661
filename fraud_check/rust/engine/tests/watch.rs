//! Shapes at insert, against a search of the whole graph before and after each transfer.

use engine::{Finding, Graph, Patterns, Shape, Sighting, Sightings, Watch, WatchLimits, patterns};
use proptest::prelude::*;

mod rows;
use rows::{Row, with_batch};

const SHAPES: [Shape; 7] = [
    Shape::FanOut,
    Shape::FanIn,
    Shape::GatherScatter,
    Shape::ScatterGather,
    Shape::Cycle,
    Shape::Bipartite,
    Shape::Stack,
];

fn pattern(shape: Shape, size: usize, window: i64) -> Patterns {
    Patterns {
        shape,
        size,
        window,
        min_amount: 0,
        start: None,
        end: None,
        max_hops: 5,
        max_degree: 10_000,
        max_reads: None,
    }
}

/// What a search finds with each transfer in one window around it, and does not find without.
fn searched(asked: &[Patterns], rows: &[Row], graph: &mut Graph) -> Vec<Sighting> {
    let mut seen = Vec::new();
    for row in rows {
        let before = graph.clone();
        let seq = with_batch(&[*row], |batch| graph.append(batch)).expect("rows in range");
        for (number, one) in asked.iter().enumerate() {
            let (start, end) = (Some(row.2 - one.window), Some(row.2 + one.window));
            let near = Patterns {
                start,
                end,
                ..one.clone()
            };
            let find = |graph: &Graph| patterns(graph, &near, &|| false).expect("good").found;
            let old = find(&before);
            let known = |new: &Finding| {
                old.iter()
                    .any(|old| (old.account, old.gathered_at) == (new.account, new.gathered_at))
            };
            let fresh = find(graph).into_iter().filter(|new| !known(new));
            seen.extend(fresh.map(|finding| Sighting {
                pattern: number,
                seq,
                finding,
            }));
        }
    }
    seen
}

fn in_order(mut seen: Vec<Sighting>) -> Vec<Sighting> {
    seen.sort_by_key(|one| {
        (
            one.seq,
            one.pattern,
            one.finding.account,
            one.finding.gathered_at,
        )
    });
    seen
}

fn watch(asked: &[Patterns], late: i64) -> Watch {
    let limits = WatchLimits {
        late,
        max_rows: 1_000_000,
    };
    Watch::new(asked.to_vec(), limits).expect("good patterns")
}

fn follow(watch: &mut Watch, rows: &[Row], first: u32) -> Sightings {
    with_batch(rows, |batch| watch.follow(batch, first)).expect("rows in range")
}

/// Batches sorted by time, mostly one after the other, with some that come late.
fn batches() -> impl Strategy<Value = Vec<Vec<Row>>> {
    let row = (0..9_u32, 0..9_u32, 0..20_i64, 0..3_i64);
    let batch = (prop::collection::vec(row, 0..16), 0..6_i64);
    prop::collection::vec(batch, 1..5).prop_map(|batches| {
        let mut begin = 0;
        batches
            .into_iter()
            .map(|(mut rows, step)| {
                rows.iter_mut().for_each(|row| row.2 += begin);
                rows.sort_by_key(|row| row.2);
                begin += 4 * step;
                rows
            })
            .collect()
    })
}

/// Layers that pay one another: among random rows stacks hardly ever are.
fn layered() -> impl Strategy<Value = Vec<Vec<Row>>> {
    let row = (0..3_u32, 0..3_u32, 0..2_u32, 0..12_i64);
    prop::collection::vec(prop::collection::vec(row, 0..24), 1..4).prop_map(|batches| {
        let lay = |(from, to, layer, time): (u32, u32, u32, i64)| {
            (
                3 * layer + from,
                3 * layer + 3 + to,
                time + i64::from(layer) * 8,
                1,
            )
        };
        batches
            .into_iter()
            .map(|rows| {
                let mut rows: Vec<Row> = rows.into_iter().map(lay).collect();
                rows.sort_by_key(|row| row.2);
                rows
            })
            .collect()
    })
}

fn asked() -> impl Strategy<Value = Vec<Patterns>> {
    let one = (0..SHAPES.len(), 2..4_usize, 0..25_i64, 0..2_i64, 2..6_u8);
    let one = one.prop_map(|(shape, size, window, min_amount, max_hops)| Patterns {
        min_amount,
        max_hops,
        ..pattern(SHAPES[shape], size, window)
    });
    prop::collection::vec(one, 1..4)
}

fn check(asked: &[Patterns], batches: &[Vec<Row>]) -> Result<(), TestCaseError> {
    let (mut graph, mut watch) = (Graph::new(), watch(asked, 1_000));
    for rows in batches {
        let first = graph.transfers();
        let told = follow(&mut watch, rows, first);
        let expected = searched(asked, rows, &mut graph);
        prop_assert_eq!(in_order(told.seen), in_order(expected));
        prop_assert_eq!((told.skipped, told.late, told.forgotten), (0, 0, 0));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        if std::env::var("PASSPORT_TEST_COUNTS").is_ok_and(|counts| counts == "long") { 20_000 } else { 600 }
    ))]

    #[test]
    fn a_watch_tells_what_a_search_finds_newly(asked in asked(), batches in batches()) {
        check(&asked, &batches)?;
    }

    #[test]
    fn a_watch_tells_new_layers(size in 2..4_usize, window in 4..25_i64, batches in layered()) {
        check(&[pattern(Shape::Stack, size, window), pattern(Shape::Bipartite, size, window)], &batches)?;
    }

    #[test]
    fn it_does_not_matter_how_a_stream_is_cut(asked in asked(), batches in batches(), cut in 1..5_usize) {
        let mut rows: Vec<Row> = batches.concat();
        rows.sort_by_key(|row| row.2);
        let (mut whole, mut parts) = (watch(&asked, 0), watch(&asked, 0));
        let told = follow(&mut whole, &rows, 0).seen;
        let mut again = Vec::new();
        for (at, part) in rows.chunks(cut).enumerate() {
            again.extend(follow(&mut parts, part, (at * cut) as u32).seen);
        }
        prop_assert_eq!(told, again);
    }

    #[test]
    fn a_cap_that_is_hit_is_told_and_what_is_seen_is_true(
        asked in asked(), batches in batches(), most in 1..6_usize, max_reads in 1..20_u64,
    ) {
        let capped: Vec<Patterns> = asked.iter()
            .map(|one| Patterns { max_degree: most, max_reads: Some(max_reads), ..one.clone() })
            .collect();
        let (mut free, mut bound) = (watch(&asked, 1_000), watch(&capped, 1_000));
        let mut first = 0;
        for rows in &batches {
            let all = follow(&mut free, rows, first);
            let told = follow(&mut bound, rows, first);
            first += rows.len() as u32;
            prop_assert!(told.skipped > 0 || in_order(all.seen) == in_order(told.seen.clone()));
            for one in told.seen {
                let times: Vec<i64> = one.finding.evidence.iter().map(|row| row.time).collect();
                let span = times.iter().max().zip(times.iter().min()).map(|(last, first)| last - first);
                prop_assert!(span.is_some_and(|span| span <= capped[one.pattern].window));
                let cycle = asked[one.pattern].shape == Shape::Cycle;
                let least = if cycle { 2 } else { asked[one.pattern].size };
                prop_assert!(one.finding.size >= least);
            }
        }
    }
}

/// With the late transfer the way back is short, without it longer than what may be read: whether it is new is not known.
#[test]
fn a_cap_that_is_hit_without_the_transfer_is_told_as_well() {
    let asked = [Patterns {
        max_hops: 3,
        max_degree: 4,
        max_reads: Some(9),
        ..pattern(Shape::Cycle, 2, 14)
    }];
    let rows = [
        (2, 1, 0, 0),
        (0, 1, 1, 0),
        (0, 1, 1, 0),
        (0, 4, 2, 0),
        (0, 2, 2, 0),
        (1, 3, 2, 0),
        (7, 1, 6, 0),
        (2, 0, 8, 0),
        (1, 2, 8, 0),
    ];
    let mut watch = watch(&asked, 1_000);
    follow(&mut watch, &rows, 0);
    let told = follow(&mut watch, &[(1, 0, 2, 0)], 9);
    assert_eq!((told.seen.len(), told.skipped), (1, 1));
}

#[test]
fn what_comes_too_late_is_counted_and_what_is_over_is_forgotten() {
    let mut told = watch(&[pattern(Shape::FanIn, 2, 10)], 5);
    assert_eq!(follow(&mut told, &[(1, 0, 100, 1)], 0).late, 0);
    assert_eq!(follow(&mut told, &[(2, 0, 94, 1)], 1).late, 1);
    let seen = follow(&mut told, &[(2, 0, 95, 1)], 2).seen;
    assert_eq!((seen.len(), seen[0].seq), (1, 2));
    // After a window of rest the same is told again.
    assert!(follow(&mut told, &[(3, 0, 104, 1)], 3).seen.is_empty());
    assert_eq!(
        follow(&mut told, &[(1, 0, 200, 1), (2, 0, 205, 1)], 4)
            .seen
            .len(),
        1
    );
}

#[test]
fn memory_ends_with_the_window_and_with_its_cap() {
    let rows = |begin: i64| -> Vec<Row> {
        (0..100_000)
            .map(|at| (at % 1_000, 1_000 + at % 999, begin + i64::from(at), 1))
            .collect()
    };
    let asked = [pattern(Shape::Cycle, 2, 1_000)];
    let mut short = watch(&asked, 0);
    let mut first = 0;
    let mut bytes = Vec::new();
    for round in 0..8 {
        assert_eq!(
            follow(&mut short, &rows(round * 100_000), first).forgotten,
            0
        );
        first += 100_000;
        bytes.push(short.bytes());
    }
    assert!(bytes[7] <= bytes[1], "{bytes:?}");
    let mut small = Watch::new(
        vec![pattern(Shape::Cycle, 2, 1_000_000)],
        WatchLimits {
            late: 0,
            max_rows: 10_000,
        },
    )
    .expect("good");
    let told = follow(&mut small, &rows(0), 0);
    assert!(
        told.forgotten > 50_000 && small.bytes() < 16 << 20,
        "{}",
        told.forgotten
    );
}

#[test]
fn bad_parameters_are_refused() {
    let refused = |asked: Patterns, late, max_rows| {
        let limits = WatchLimits { late, max_rows };
        Watch::new(vec![asked], limits)
            .map(|_| ())
            .expect_err("bad")
            .to_string()
    };
    let good = pattern(Shape::Cycle, 2, 1);
    assert!(
        refused(
            Patterns {
                size: 1,
                ..good.clone()
            },
            0,
            1
        )
        .contains("size")
    );
    assert!(
        refused(
            Patterns {
                window: -1,
                ..good.clone()
            },
            0,
            1
        )
        .contains("window")
    );
    assert!(
        refused(
            Patterns {
                end: Some(3),
                ..good.clone()
            },
            0,
            1
        )
        .contains("bounds of time")
    );
    assert!(refused(good.clone(), -1, 1).contains("late"));
    assert!(refused(good, 0, 0).contains("max_rows"));
}
