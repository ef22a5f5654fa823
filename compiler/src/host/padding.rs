//! Padding: a kernel takes samples four at a time (a quad), so that the last quad of a batch may have places without a
//! sample, and a batch that is shorter than the others quads without any.

/// Marks a place without a sample in an order; `NONE` in the shaders.
pub const NONE: u32 = u32::MAX;

/// The number of quads that hold so many samples.
pub const fn quads(samples: usize) -> usize {
    samples.div_ceil(4)
}

/// An order of samples as kernels read it: batch after batch of `batch_size`, each padded with [`NONE`] to `quads` quads,
/// or to whole quads where it has more.
pub fn pad(order: &[u32], batch_size: usize, quads: usize) -> Vec<u32> {
    let batch_size = batch_size.max(1);
    let mut padded = Vec::with_capacity(order.len().div_ceil(batch_size) * quads * 4);
    for batch in order.chunks(batch_size) {
        padded.extend(batch);
        let places = self::quads(batch.len()).max(quads) * 4;
        padded.extend(std::iter::repeat_n(NONE, places - batch.len()));
    }
    padded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_padded_batch_by_batch() {
        assert_eq!(pad(&[1, 2, 3, 4, 5], 3, 1), [1, 2, 3, NONE, 4, 5, NONE, NONE]);
        assert_eq!(
            pad(&[1, 2, 3, 4, 5, 6], 5, 2),
            [
                1, 2, 3, 4, 5, NONE, NONE, NONE, 6, NONE, NONE, NONE, NONE, NONE, NONE, NONE
            ]
        );
        assert_eq!(pad(&[1, 2, 3, 4], 4, 1), [1, 2, 3, 4]);
        assert_eq!(pad(&[], 4, 1), [0_u32; 0]);
    }
}
