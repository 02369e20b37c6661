//! Sorting by account: the places of keys in ascending order, equal ones in the order in which they stand.

/// Bits of a key that one pass looks at: few enough that the ends of all heaps stay in a processor's cache.
const BITS: u32 = 11;
const HEAPS: usize = 1 << BITS;

/// A key and the place at which it stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Placed(u64);

impl Placed {
    #[inline]
    fn new(key: u32, at: u32) -> Self {
        Self(u64::from(key) << u32::BITS | u64::from(at))
    }

    /// The key.
    #[inline]
    pub fn key(self) -> u32 {
        (self.0 >> u32::BITS) as u32
    }

    /// The place.
    #[inline]
    pub fn at(self) -> usize {
        self.0 as u32 as usize
    }
}

/// Working memory of sorting, kept for the next sort.
#[derive(Debug, Default)]
pub(crate) struct Radix {
    placed: Vec<Placed>,
    other: Vec<Placed>,
}

impl Radix {
    /// The keys in order, each with its place. There are fewer than 2^32.
    pub fn sort(&mut self, keys: &[u32]) -> &[Placed] {
        let count = keys.len();
        let grown = count.max(self.placed.len());
        self.placed.resize(grown, Placed::default());
        let most = keys.iter().copied().fold(0, u32::max);
        let placed = (0..).zip(keys).map(|(at, key)| Placed::new(*key, at));
        distribute(keys, placed, &mut self.placed[..count], 0);
        let mut shift = BITS;
        while shift < u32::BITS && most >> shift > 0 {
            self.other.resize(grown, Placed::default());
            let placed = self.placed[..count].iter().copied();
            distribute(keys, placed, &mut self.other[..count], shift);
            std::mem::swap(&mut self.placed, &mut self.other);
            shift += BITS;
        }
        &self.placed[..count]
    }
}

/// Put what is placed on heaps by one digit of the keys, each heap in the order in which they come.
fn distribute(keys: &[u32], placed: impl Iterator<Item = Placed>, to: &mut [Placed], shift: u32) {
    let mut ends = [0_u32; HEAPS];
    let digit = |key: u32| (key >> shift) as usize & (HEAPS - 1);
    keys.iter().for_each(|key| ends[digit(*key)] += 1);
    let mut next = 0;
    for end in &mut ends {
        next += std::mem::replace(end, next);
    }
    for one in placed {
        let end = &mut ends[digit(one.key())];
        to[*end as usize] = one;
        *end += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::Radix;

    #[test]
    fn places_ascend_by_key_and_equal_keys_keep_their_order() {
        let mut radix = Radix::default();
        let spread = |at: u32| at.wrapping_mul(2_654_435_761) >> (at % 30);
        for keys in [
            (0..5_000).map(spread).collect::<Vec<u32>>(),
            (0..700).map(|at| spread(at) & 1_023).collect(),
            vec![0, 0],
            vec![u32::MAX, 0, u32::MAX],
            Vec::new(),
        ] {
            let mut expected: Vec<usize> = (0..keys.len()).collect();
            expected.sort_by_key(|at| keys[*at]);
            let sorted = radix.sort(&keys);
            assert!(
                sorted
                    .iter()
                    .map(|one| one.at())
                    .eq(expected.iter().copied())
            );
            assert!(
                sorted
                    .iter()
                    .map(|one| one.key())
                    .eq(expected.iter().map(|at| keys[*at]))
            );
        }
    }
}
