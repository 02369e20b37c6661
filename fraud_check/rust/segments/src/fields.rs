//! Numbers at places of a file's head.

/// A head as it is put together.
#[derive(Debug, Default)]
pub(crate) struct Head(pub Vec<u8>);

impl Head {
    pub fn begin(magic: &[u8; 8], version: u32) -> Self {
        let mut head = Self(magic.to_vec());
        head.u32(version);
        head
    }

    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// Zeros up to a length.
    pub fn pad(&mut self, len: usize) -> &mut Self {
        self.0.resize(self.0.len().max(len), 0);
        self
    }
}

/// The number at a place; beyond the end there are zeros, which a checksum does not forgive.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(take(bytes, at))
}

/// The number at a place; beyond the end there are zeros, which a checksum does not forgive.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(take(bytes, at))
}

fn take<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let there = at.checked_add(N).and_then(|end| bytes.get(at..end));
    there.map_or([0; N], |there| there.try_into().unwrap_or([0; N]))
}

/// The least multiple of a power of two that is not below.
pub(crate) fn aligned(len: usize, to: usize) -> usize {
    len.next_multiple_of(to)
}
