//! Sorting by account: the places of keys in ascending order, equal ones in the order in which they stand.

/// Bits of a key that one pass looks at: few enough that the ends of all heaps stay in a processor's cache.
const MOST_BITS: u32 = 11;

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
        let most = keys.iter().copied().max().unwrap_or(0);
        let bits = (u32::BITS - most.leading_zeros()).max(1);
        let passes = bits.div_ceil(MOST_BITS);
        let width = bits.div_ceil(passes);
        let mut starts = count(keys, passes, width);
        let placed = keys.iter().zip(0..).map(|(key, at)| Placed::new(*key, at));
        self.placed.resize(keys.len(), Placed::default());
        distribute(placed, &mut self.placed, &mut starts[0], 0);
        for pass in 1..passes {
            self.other.resize(keys.len(), Placed::default());
            let starts = &mut starts[pass as usize];
            distribute(
                self.placed.iter().copied(),
                &mut self.other,
                starts,
                pass * width,
            );
            std::mem::swap(&mut self.placed, &mut self.other);
        }
        &self.placed
    }
}

/// For each pass, where the heap of each digit starts.
fn count(keys: &[u32], passes: u32, width: u32) -> Vec<Vec<u32>> {
    let mut heaps = vec![vec![0_u32; 1 << width]; passes as usize];
    for key in keys {
        for (pass, heaps) in (0..).zip(&mut heaps) {
            heaps[digit(*key, pass * width, (1 << width) - 1)] += 1;
        }
    }
    for heaps in &mut heaps {
        let mut next = 0;
        for heap in heaps {
            next += std::mem::replace(heap, next);
        }
    }
    heaps
}

fn distribute(
    from: impl Iterator<Item = Placed>,
    to: &mut [Placed],
    starts: &mut [u32],
    shift: u32,
) {
    let mask = starts.len() - 1;
    for placed in from {
        let next = &mut starts[digit(placed.key(), shift, mask)];
        to[*next as usize] = placed;
        *next += 1;
    }
}

#[inline]
fn digit(key: u32, shift: u32, mask: usize) -> usize {
    (key >> shift) as usize & mask
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
