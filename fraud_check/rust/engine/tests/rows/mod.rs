//! Rows of a test as the columns of a batch.

use engine::Batch;

/// Payer, payee, time, amount.
pub type Row = (u32, u32, i64, i64);

pub fn with_batch<T>(rows: &[Row], work: impl FnOnce(&Batch<'_>) -> T) -> T {
    let src: Vec<u32> = rows.iter().map(|row| row.0).collect();
    let dst: Vec<u32> = rows.iter().map(|row| row.1).collect();
    let time: Vec<i64> = rows.iter().map(|row| row.2).collect();
    let amount: Vec<i64> = rows.iter().map(|row| row.3).collect();
    work(&Batch {
        src: &src,
        dst: &dst,
        time: &time,
        amount: &amount,
        channel: None,
    })
}
