//! "After", in one place: the order in which transfers may follow one another.
//!
//! Backward is forward in a mirror: keys are negated, and "later" then means earlier. With ties strict an arrival
//! counts as the last of its tick, so only a later tick follows; by sequence, a later number in the same tick does.
//! Where all times of a graph fit 32 bits, so do strict keys: what a walk knows of an account is then 16 bytes.

use std::fmt::Debug;

/// The span of a graph's times, in which keys are counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub oldest: i64,
    pub newest: i64,
}

impl Frame {
    /// Whether every time of the frame, and what lies before and after it, has a 32-bit key.
    pub fn is_narrow(self) -> bool {
        self.newest - self.oldest < i64::from(u32::MAX) - 4
    }
}

/// A key as plain numbers: mirrored time, mirrored sequence. Strict keys are the last of their tick.
pub(crate) type Rank = (i64, u32);

/// The place of a transfer in the order of a walk.
pub(crate) trait Key: Copy + Ord + Debug + Send + Sync + 'static {
    /// Whether walks go against time.
    const BACKWARD: bool;
    /// Later than every transfer.
    const NEVER: Self;
    /// What turns a segment's ticks into keys.
    type Base: Copy;
    /// That of a segment that begins at this time.
    fn base(frame: Frame, begins: i64) -> Self::Base;
    /// The key of a tick; `seq` is asked only where it decides.
    fn of(base: Self::Base, tick: u32, seq: impl FnOnce() -> u32) -> Self;
    /// The least key that is later than every transfer at this time or, walking, before it.
    fn after_all_at(frame: Frame, time: i64) -> Self;
    /// The last key of the longest stretch that money of this arrival may rest.
    fn rested(self, dwell: i64) -> Self;
    /// The time as the caller knows it.
    fn time(self, frame: Frame) -> i64;
    /// The key as plain numbers, comparable in the same way.
    fn rank(self, frame: Frame) -> Rank;

    /// The key of a transfer that lies in no segment.
    fn at(frame: Frame, time: i64, seq: u32) -> Self {
        Self::of(Self::base(frame, time), 0, || seq)
    }

    /// The key just before every transfer at this time.
    fn before_all_at(frame: Frame, time: i64) -> Self {
        Self::after_all_at(frame, if Self::BACKWARD { time + 1 } else { time - 1 })
    }
}

fn mirror<const BACKWARD: bool>(time: i64) -> i64 {
    if BACKWARD { -time } else { time }
}

/// Strictly later, in a narrow frame: ticks from its first time (mirrored: its last), from 1; 0 is before all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Narrow<const BACKWARD: bool>(u32);

impl<const B: bool> Narrow<B> {
    fn counted(frame: Frame, time: i64) -> i64 {
        if B {
            frame.newest - time + 1
        } else {
            time - frame.oldest + 1
        }
    }
}

impl<const B: bool> Key for Narrow<B> {
    const BACKWARD: bool = B;
    const NEVER: Self = Self(u32::MAX);
    type Base = u32;

    fn base(frame: Frame, begins: i64) -> u32 {
        Self::counted(frame, begins) as u32
    }

    #[inline]
    fn of(base: u32, tick: u32, _: impl FnOnce() -> u32) -> Self {
        Self(if B {
            base.wrapping_sub(tick)
        } else {
            base.wrapping_add(tick)
        })
    }

    fn after_all_at(frame: Frame, time: i64) -> Self {
        let beyond = frame.newest - frame.oldest + 2;
        Self(Self::counted(frame, time).clamp(0, beyond) as u32)
    }

    fn rested(self, dwell: i64) -> Self {
        Self(
            self.0
                .saturating_add(u32::try_from(dwell).unwrap_or(u32::MAX)),
        )
    }

    fn time(self, frame: Frame) -> i64 {
        let counted = i64::from(self.0) - 1;
        if B {
            frame.newest - counted
        } else {
            frame.oldest + counted
        }
    }

    fn rank(self, frame: Frame) -> Rank {
        (mirror::<B>(self.time(frame)), u32::MAX)
    }
}

/// Strictly later, in any frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wide<const BACKWARD: bool>(i64);

impl<const B: bool> Key for Wide<B> {
    const BACKWARD: bool = B;
    const NEVER: Self = Self(i64::MAX);
    type Base = i64;

    fn base(_: Frame, begins: i64) -> i64 {
        mirror::<B>(begins)
    }

    #[inline]
    fn of(base: i64, tick: u32, _: impl FnOnce() -> u32) -> Self {
        Self(base + mirror::<B>(i64::from(tick)))
    }

    fn after_all_at(_: Frame, time: i64) -> Self {
        Self(mirror::<B>(time))
    }

    fn rested(self, dwell: i64) -> Self {
        Self(self.0.saturating_add(dwell))
    }

    fn time(self, _: Frame) -> i64 {
        mirror::<B>(self.0)
    }

    fn rank(self, _: Frame) -> Rank {
        (self.0, u32::MAX)
    }
}

/// Later in (time, seq).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BySeq<const BACKWARD: bool>(i64, u32);

impl<const B: bool> Key for BySeq<B> {
    const BACKWARD: bool = B;
    const NEVER: Self = Self(i64::MAX, u32::MAX);
    type Base = i64;

    fn base(_: Frame, begins: i64) -> i64 {
        mirror::<B>(begins)
    }

    #[inline]
    fn of(base: i64, tick: u32, seq: impl FnOnce() -> u32) -> Self {
        let seq = seq();
        Self(
            base + mirror::<B>(i64::from(tick)),
            if B { u32::MAX - 1 - seq } else { seq },
        )
    }

    fn after_all_at(_: Frame, time: i64) -> Self {
        Self(mirror::<B>(time), u32::MAX)
    }

    fn rested(self, dwell: i64) -> Self {
        Self(self.0.saturating_add(dwell), u32::MAX)
    }

    fn time(self, _: Frame) -> i64 {
        mirror::<B>(self.0)
    }

    fn rank(self, _: Frame) -> Rank {
        (self.0, self.1)
    }
}
