//! "After", in one place: the order in which transfers may follow one another.
//!
//! Backward is forward in a mirror: keys are negated, and "later" then means earlier. With ties strict an arrival
//! counts as the last of its tick, so only a later tick follows; by sequence, a later number in the same tick does.

use std::fmt::Debug;

/// The place of a transfer in the order of a walk.
pub(crate) trait Key: Copy + Ord + Debug + Send + Sync {
    /// Whether walks go against time.
    const BACKWARD: bool;
    /// Later than every transfer.
    const NEVER: Self;
    /// The key of a transfer; `seq` is asked only where it decides.
    fn of(time: i64, seq: impl FnOnce() -> u32) -> Self;
    /// The least key that is later than every transfer at this mirrored time.
    fn after_all_at(mirrored: i64) -> Self;
    /// The time, mirrored when walking backward.
    fn mirrored(self) -> i64;

    /// The key as plain numbers, comparable in the same way.
    fn rank(self) -> (i64, u32);

    /// A time of the caller's, mirrored when walking backward.
    fn mirror(time: i64) -> i64 {
        if Self::BACKWARD { -time } else { time }
    }

    /// The time as the caller knows it.
    fn time(self) -> i64 {
        Self::mirror(self.mirrored())
    }
}

/// Strictly later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Strict<const BACKWARD: bool>(i64);

impl<const B: bool> Key for Strict<B> {
    const BACKWARD: bool = B;
    const NEVER: Self = Self(i64::MAX);

    #[inline]
    fn of(time: i64, _: impl FnOnce() -> u32) -> Self {
        Self(Self::mirror(time))
    }

    fn after_all_at(mirrored: i64) -> Self {
        Self(mirrored)
    }

    #[inline]
    fn mirrored(self) -> i64 {
        self.0
    }

    fn rank(self) -> (i64, u32) {
        (self.0, u32::MAX)
    }
}

/// Later in (time, seq).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BySeq<const BACKWARD: bool>(i64, u32);

impl<const B: bool> Key for BySeq<B> {
    const BACKWARD: bool = B;
    const NEVER: Self = Self(i64::MAX, u32::MAX);

    #[inline]
    fn of(time: i64, seq: impl FnOnce() -> u32) -> Self {
        let seq = seq();
        Self(Self::mirror(time), if B { u32::MAX - 1 - seq } else { seq })
    }

    fn after_all_at(mirrored: i64) -> Self {
        Self(mirrored, u32::MAX)
    }

    #[inline]
    fn mirrored(self) -> i64 {
        self.0
    }

    fn rank(self) -> (i64, u32) {
        (self.0, self.1)
    }
}
