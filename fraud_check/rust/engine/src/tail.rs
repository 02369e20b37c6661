//! The newest transfers, before they are sealed into a segment: rows, and per account a list of them, latest first.
//!
//! A late transfer walks its account's list to its place. A snapshot shares the tail until the next append copies it.

use rustc_hash::FxHashMap;

use crate::transfer::Transfer;

/// No row.
const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Links {
    earlier_out: u32,
    earlier_in: u32,
}

/// Transfers not yet sealed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tail {
    rows: Vec<Transfer>,
    links: Vec<Links>,
    latest_out: FxHashMap<u32, u32>,
    latest_in: FxHashMap<u32, u32>,
}

impl Tail {
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn rows(&self) -> &[Transfer] {
        &self.rows
    }

    pub fn insert(&mut self, transfer: Transfer) {
        let row = self.rows.len() as u32;
        self.rows.push(transfer);
        self.links.push(Links {
            earlier_out: NONE,
            earlier_in: NONE,
        });
        let (newer, older) = self.place(self.latest_out.get(&transfer.src), row, |links| {
            links.earlier_out
        });
        self.links[row as usize].earlier_out = older;
        match newer {
            NONE => _ = self.latest_out.insert(transfer.src, row),
            newer => self.links[newer as usize].earlier_out = row,
        }
        let (newer, older) = self.place(self.latest_in.get(&transfer.dst), row, |links| {
            links.earlier_in
        });
        self.links[row as usize].earlier_in = older;
        match newer {
            NONE => _ = self.latest_in.insert(transfer.dst, row),
            newer => self.links[newer as usize].earlier_in = row,
        }
    }

    /// The neighbours in a list between which a new row belongs.
    fn place(&self, latest: Option<&u32>, row: u32, earlier: impl Fn(&Links) -> u32) -> (u32, u32) {
        let key = self.key(row);
        let mut newer = NONE;
        let mut older = latest.copied().unwrap_or(NONE);
        while older != NONE && self.key(older) > key {
            newer = older;
            older = earlier(&self.links[older as usize]);
        }
        (newer, older)
    }

    fn key(&self, row: u32) -> (i64, u32) {
        let row = &self.rows[row as usize];
        (row.time, row.seq)
    }

    /// The account's payments, latest first, with their rows.
    pub fn payments(&self, account: u32) -> impl Iterator<Item = (u32, &Transfer)> {
        self.walk(self.latest_out.get(&account), |links| links.earlier_out)
    }

    /// The account's receipts, latest first, with their rows.
    pub fn receipts(&self, account: u32) -> impl Iterator<Item = (u32, &Transfer)> {
        self.walk(self.latest_in.get(&account), |links| links.earlier_in)
    }

    fn walk(
        &self,
        latest: Option<&u32>,
        earlier: impl Fn(&Links) -> u32,
    ) -> impl Iterator<Item = (u32, &Transfer)> {
        let mut next = latest.copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            if next == NONE {
                return None;
            }
            let row = next;
            next = earlier(&self.links[row as usize]);
            Some((row, &self.rows[row as usize]))
        })
    }

    /// Bytes held, hash tables estimated from their capacity.
    pub fn bytes(&self) -> usize {
        self.rows.capacity() * size_of::<Transfer>()
            + self.links.capacity() * size_of::<Links>()
            + (self.latest_out.capacity() + self.latest_in.capacity()) * 9
    }
}
