//! An immutable array, wherever its memory is: made here, or lent by who maps files.
//!
//! Reading one costs what reading a slice costs: where the memory lies is found out once, when the column is made.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use yoke::Yoke;

/// Whoever owns the memory of a column.
pub trait Lender<T>: Send + Sync {
    /// The values; the same ones every time.
    fn lend(&self) -> &[T];
    /// Bytes of the heap that are held for them; none if they lie in a file.
    fn heap(&self) -> usize;
}

impl<T: Send + Sync> Lender<T> for Vec<T> {
    fn lend(&self) -> &[T] {
        self
    }

    fn heap(&self) -> usize {
        self.capacity() * size_of::<T>()
    }
}

/// Values that never change. A clone shares them.
#[derive(Clone)]
pub struct Column<T: 'static> {
    values: Yoke<&'static [T], Arc<dyn Lender<T>>>,
}

impl<T> Column<T> {
    /// Values that somebody else keeps.
    #[must_use]
    pub fn lent(lender: Arc<dyn Lender<T>>) -> Self {
        Self {
            values: Yoke::attach_to_cart(lender, |lender| lender.lend()),
        }
    }

    /// Bytes of the heap that are held.
    #[must_use]
    pub fn heap(&self) -> usize {
        self.values.backing_cart().heap()
    }
}

impl<T: Send + Sync> From<Vec<T>> for Column<T> {
    fn from(values: Vec<T>) -> Self {
        Self::lent(Arc::new(values))
    }
}

impl<T: Send + Sync> Default for Column<T> {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

impl<T> Deref for Column<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        self.values.get()
    }
}

impl<T: PartialEq> PartialEq for Column<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Column<T> {}

impl<T: fmt::Debug> fmt::Debug for Column<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.deref().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Column;

    #[test]
    fn a_clone_shares_the_values_and_outlives_the_first() {
        let one = Column::from(vec![3_u32, 1, 2]);
        let two = one.clone();
        assert_eq!(one.as_ptr(), two.as_ptr());
        drop(one);
        assert_eq!(*two, [3, 1, 2]);
        assert!(two.heap() >= 12);
        assert!(Column::<u8>::default().is_empty());
    }
}
