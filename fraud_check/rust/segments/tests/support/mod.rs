//! What the tests of the store share: rows, contents, and a disk that loses power.
#![allow(dead_code)]

pub mod lossy;

use std::sync::Arc;

use engine::{Batch, Graph, Names, Token};
use segments::{Disk, Opened, Store, StoreError};

/// (src, dst, time, amount, channel)
pub type Row = (u32, u32, i64, i64, u8);

/// Whether the long counts are asked for.
pub fn long() -> bool {
    std::env::var("PASSPORT_TEST_COUNTS").is_ok_and(|counts| counts == "long")
}

/// Numbers that look random and are the same every time.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    pub fn rows(&mut self, count: usize) -> Vec<Row> {
        let row = |dice: &mut Self| {
            let account = |dice: &mut Self| dice.below(200) as u32;
            let (src, dst) = (account(dice), account(dice));
            let (time, amount) = (dice.below(5_000) as i64 - 100, dice.below(1 << 40) as i64);
            (src, dst, time, amount, dice.below(5) as u8)
        };
        (0..count).map(|_| row(self)).collect()
    }
}

/// Rows as columns.
pub struct Columns {
    src: Vec<u32>,
    dst: Vec<u32>,
    time: Vec<i64>,
    amount: Vec<i64>,
    channel: Vec<u8>,
}

impl Columns {
    pub fn of(rows: &[Row]) -> Self {
        Self {
            src: rows.iter().map(|row| row.0).collect(),
            dst: rows.iter().map(|row| row.1).collect(),
            time: rows.iter().map(|row| row.2).collect(),
            amount: rows.iter().map(|row| row.3).collect(),
            channel: rows.iter().map(|row| row.4).collect(),
        }
    }

    pub fn batch(&self) -> Batch<'_> {
        let has_channels = self.channel.iter().any(|channel| *channel != 0);
        Batch {
            src: &self.src,
            dst: &self.dst,
            time: &self.time,
            amount: &self.amount,
            channel: has_channels.then_some(&self.channel),
        }
    }
}

pub fn token(number: usize) -> Token {
    let mut token = [7; 32];
    token[..8].copy_from_slice(&(number as u64).to_le_bytes());
    token
}

/// A store with what it keeps, used as the binding uses it: a change is made to a copy, and published if it succeeds.
pub struct Kept {
    pub store: Store,
    pub graph: Graph,
    pub names: Names,
    pub replayed: u64,
    pub cut: u64,
}

impl Kept {
    pub fn open(disk: Arc<dyn Disk>) -> Result<Self, StoreError> {
        let (store, opened) = Store::open(disk, 1_000)?;
        let Opened {
            graph,
            names,
            replayed,
            cut,
        } = opened;
        Ok(Self {
            store,
            graph,
            names,
            replayed,
            cut,
        })
    }

    pub fn append(&mut self, rows: &[Row]) -> Result<u32, StoreError> {
        let mut graph = self.graph.clone();
        let columns = Columns::of(rows);
        let first = graph.append(&columns.batch())?;
        self.store.append(first, &columns.batch())?;
        self.graph = graph;
        Ok(first)
    }

    pub fn name(&mut self, numbers: std::ops::Range<usize>) -> Result<(), StoreError> {
        let tokens: Vec<Token> = numbers.map(token).collect();
        self.store.name(&self.names, &tokens)?;
        self.names.intern(&tokens)?;
        Ok(())
    }

    pub fn seal(&mut self) -> Result<(), StoreError> {
        let mut graph = self.graph.clone();
        self.store.seal(&mut graph, &self.names)?;
        self.graph = graph;
        Ok(())
    }

    pub fn rows(&self) -> Vec<Row> {
        rows_of(&self.graph)
    }
}

/// All transfers of a graph, in the order of their numbers.
pub fn rows_of(graph: &Graph) -> Vec<Row> {
    let mut graph = graph.clone();
    graph.settle();
    let mut rows: Vec<Option<Row>> = vec![None; graph.transfers() as usize];
    for segment in graph.sealed() {
        let parts = segment.parts();
        for entry in parts.entries.iter() {
            let at = entry.row as usize;
            let row = parts.rows[at];
            let time = parts.base + i64::from(row.tick);
            let seen = &mut rows[parts.seqs[at] as usize];
            assert!(seen.is_none(), "a number twice");
            *seen = Some((entry.src, row.dst, time, row.amount, parts.channels[at]));
        }
    }
    rows.into_iter().map(|row| row.expect("no gap")).collect()
}
