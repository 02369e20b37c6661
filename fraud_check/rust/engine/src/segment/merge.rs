//! Several segments in one, account by account: both sides stay sorted by (time, seq).
//!
//! Sources mostly follow one another in time, so that an account's runs need only be put end to end. They are laid out
//! for 64 accounts at a time, which in every source are one run of memory. Where late transfers make sources overlap, the
//! accounts that they concern are sorted afterwards.

use std::sync::Arc;

use super::{Entry, Row, Segment};
use crate::index::Index;

impl Segment {
    /// Whether all together span less than 2^32 ticks and rows.
    pub(crate) fn fit_together(sources: &[Arc<Self>]) -> bool {
        let (base, last) = span(sources);
        let rows: usize = sources.iter().map(|source| source.rows.len()).sum();
        last - base <= i64::from(u32::MAX) && rows < u32::MAX as usize
    }

    /// Merge segments that fit together.
    pub(crate) fn merge(sources: &[Arc<Self>]) -> Self {
        let mut sources = sources.to_vec();
        sources.sort_by_key(|source| source.base);
        let (base, last) = span(&sources);
        let total = sources.iter().map(|source| source.rows.len()).sum();
        let mut rows = vec![
            Row {
                amount: 0,
                dst: 0,
                tick: 0
            };
            total
        ];
        let (mut seqs, mut channels) = (vec![0_u32; total], vec![0_u8; total]);
        let mut moved: Vec<Vec<u32>> = sources
            .iter()
            .map(|source| vec![0; source.rows.len()])
            .collect();
        let out = Index::lay_out(sources.iter().map(|one| &one.out), |source, run, to| {
            let Self {
                base: begins,
                rows: old,
                seqs: old_seqs,
                channels: old_channels,
                ..
            } = &*sources[source];
            let shift = (begins - base) as u32;
            moved[source][run.clone()].copy_from_slice(to);
            let old = old[run.clone()]
                .iter()
                .zip(&old_seqs[run.clone()])
                .zip(&old_channels[run]);
            for (((row, seq), channel), &to) in old.zip(to) {
                let to = to as usize;
                rows[to] = Row {
                    tick: row.tick + shift,
                    ..*row
                };
                seqs[to] = *seq;
                channels[to] = *channel;
            }
        });
        let in_order = follow_one_another(&sources);
        let sorted = if in_order {
            None
        } else {
            sort_rows(&out, &mut rows, &mut seqs, &mut channels)
        };
        let mut entries = vec![Entry { src: 0, row: 0 }; total];
        let into = Index::lay_out(sources.iter().map(|one| &one.into), |source, run, to| {
            let moved = &moved[source];
            for (entry, &to) in sources[source].entries[run].iter().zip(to) {
                entries[to as usize] = Entry {
                    src: entry.src,
                    row: moved[entry.row as usize],
                };
            }
        });
        if let Some(sorted) = sorted {
            entries
                .iter_mut()
                .for_each(|entry| entry.row = sorted[entry.row as usize]);
        }
        if !in_order {
            let key = |entry: &Entry| (rows[entry.row as usize].tick, seqs[entry.row as usize]);
            for run in into.runs() {
                let run = &mut entries[run];
                if !run.is_sorted_by_key(key) {
                    run.sort_unstable_by_key(key);
                }
            }
        }
        Self {
            base,
            last,
            out,
            rows: rows.into(),
            seqs: seqs.into(),
            channels: channels.into(),
            into,
            entries: entries.into(),
        }
    }
}

fn span(sources: &[Arc<Segment>]) -> (i64, i64) {
    let base = sources.iter().map(|source| source.base).min().unwrap_or(0);
    (
        base,
        sources.iter().map(|source| source.last).max().unwrap_or(0),
    )
}

/// Whether each source lies after the one before it in (time, seq), so that runs need only be put end to end.
fn follow_one_another(sources: &[Arc<Segment>]) -> bool {
    sources.windows(2).all(|pair| {
        let [one, next] = pair else { return true };
        one.last < next.base
            || (one.last == next.base && one.seqs.iter().max() < next.seqs.iter().min())
    })
}

/// Sort every payer's rows that are not; where each row went, if any moved.
fn sort_rows(
    out: &Index,
    rows: &mut [Row],
    seqs: &mut [u32],
    channels: &mut [u8],
) -> Option<Vec<u32>> {
    let mut sorted: Option<Vec<u32>> = None;
    for run in out.runs() {
        let key = |at: usize| (rows[at].tick, seqs[at]);
        if run.clone().is_sorted_by_key(key) {
            continue;
        }
        let mut order: Vec<usize> = run.clone().collect();
        order.sort_unstable_by_key(|at| key(*at));
        let old: Vec<(Row, u32, u8)> = order
            .iter()
            .map(|at| (rows[*at], seqs[*at], channels[*at]))
            .collect();
        let sorted = sorted.get_or_insert_with(|| (0..rows.len() as u32).collect());
        for ((to, from), (row, seq, channel)) in run.zip(order).zip(old) {
            sorted[from] = to as u32;
            (rows[to], seqs[to], channels[to]) = (row, seq, channel);
        }
    }
    sorted
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::{Segment, build::Columns};
    use crate::transfer::Transfer;

    fn build(transfers: &[Transfer]) -> Arc<Segment> {
        let mut built = Segment::build_all(Columns::of(transfers).in_order());
        assert_eq!(built.len(), 1);
        Arc::new(built.remove(0))
    }

    proptest! {
        /// Parts overlap in time, or follow one another, or share the tick at the seam.
        #[test]
        fn merged_parts_equal_what_is_built_at_once(
            parts in prop::collection::vec(
                (0..40_i64, 1..60_i64, prop::collection::vec((0..400_u32, 0..9_u32, 0..60_i64, any::<u8>()), 1..80)),
                1..6,
            ),
            apart in any::<bool>(),
        ) {
            let (mut all, mut built) = (Vec::new(), Vec::new());
            let mut seq = 0;
            for (number, (shift, span, rows)) in parts.iter().enumerate() {
                let begins = if apart { 60 * number as i64 } else { *shift };
                let mut part: Vec<Transfer> = rows.iter().map(|&(src, dst, time, channel)| {
                    seq += 1;
                    let time = begins + time % span;
                    let (src, dst) = if channel % 2 == 0 { (src, dst) } else { (dst, src) };
                    Transfer { time, amount: i64::from(seq) << 33, seq, src, dst, channel }
                }).collect();
                part.sort_by_key(|row| (row.time, row.seq));
                built.push(build(&part));
                all.extend(part);
            }
            all.sort_by_key(|row| (row.time, row.seq));
            prop_assert_eq!(&Segment::merge(&built), &*build(&all));
        }

        #[test]
        fn a_segment_holds_every_transfer_on_both_sides(
            rows in prop::collection::vec((0..300_u32, 0..300_u32, 0..9_i64, any::<i64>(), any::<u8>()), 0..200),
        ) {
            let mut all: Vec<Transfer> = rows.iter().zip(7..).map(|(&(src, dst, time, amount, channel), seq)| {
                Transfer { time, amount: amount & i64::MAX, seq, src, dst, channel }
            }).collect();
            all.sort_by_key(|row| (row.time, row.seq));
            let built = Segment::build_all(Columns::of(&all).in_order());
            prop_assert_eq!(built.len(), usize::from(!all.is_empty()));
            for segment in built {
                for account in 0..301 {
                    let paid = segment.out.range(account).map(|row| segment.transfer(account, row));
                    prop_assert!(paid.eq(all.iter().copied().filter(|one| one.src == account)));
                    let got = segment.entries[segment.into.range(account)].iter();
                    let got = got.map(|entry| segment.transfer(entry.src, entry.row as usize));
                    prop_assert!(got.eq(all.iter().copied().filter(|one| one.dst == account)));
                }
            }
        }
    }
}
