//! The vectors that kernels are written over: sixteen lanes, whatever the width of the registers.

use bytemuck::{Pod, Zeroable};

/// The number of lanes, one for each sample of a block.
pub const LANES: usize = 16;

/// One element of a tensor for the sixteen samples of a block.
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C, align(64))]
pub struct Row(pub [f32; LANES]);

/// A piece of work that is compiled separately for each instruction set.
pub trait SimdKernel {
    /// The result of the work.
    type Output;
    /// Does the work; must be `#[inline(always)]`, so that it is compiled with the instructions of its caller.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// An instruction set, seen as sixteen lanes of `f32`.
pub trait Simd: Copy + Send + Sync + 'static {
    /// Sixteen floats, in as many registers as they take.
    type V: Copy;
    /// Sixteen truth values: the result of a comparison, one for each lane.
    type M: Copy;
    /// A single register, for kernels that need many sums: a row is [`Simd::PIECES`] of them.
    type R: Copy;
    /// How many registers a row takes.
    const PIECES: usize;
    /// Whether the sums of four pixels times five channels fit into the registers; else those of one pixel times six channels do.
    const WIDE: bool;

    /// Runs a kernel as compiled for these instructions.
    fn call<K: SimdKernel>(self, kernel: K) -> K::Output;
    /// A vector with `value` in all lanes.
    fn splat(self, value: f32) -> Self::V;
    /// Reads a row from memory.
    fn load(self, row: &Row) -> Self::V;
    /// Writes a row to memory.
    fn store(self, row: &mut Row, v: Self::V);
    /// `a + b` in each lane.
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a - b` in each lane.
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a b` in each lane.
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a / b` in each lane.
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a b + c`, rounded once where the instruction set has fused multiply-add.
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// The larger of `a` and `b` in each lane.
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    /// The smaller of `a` and `b` in each lane.
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    /// The square root of each lane.
    fn sqrt(self, a: Self::V) -> Self::V;
    /// Whether `a > b`, lane by lane; false where one of them is no number.
    fn greater(self, a: Self::V, b: Self::V) -> Self::M;
    /// Whether `a == b`, lane by lane; false where one of them is no number.
    fn equal(self, a: Self::V, b: Self::V) -> Self::M;
    /// `yes` in the lanes where the mask is true, else `no`.
    fn select(self, mask: Self::M, yes: Self::V, no: Self::V) -> Self::V;

    /// Reads register `piece` of a row.
    fn load_piece(self, row: &Row, piece: usize) -> Self::R;
    /// Writes register `piece` of a row.
    fn store_piece(self, row: &mut Row, piece: usize, r: Self::R);
    /// A register of zeros.
    fn zero_piece(self) -> Self::R;
    /// `a b + c` of one register.
    fn fma_piece(self, a: Self::R, b: Self::R, c: Self::R) -> Self::R;

    /// A vector with zero in all lanes.
    #[inline(always)]
    fn zero(self) -> Self::V {
        self.splat(0.0)
    }

    /// The lanes as an array.
    #[inline(always)]
    fn lanes(self, v: Self::V) -> [f32; LANES] {
        let mut row = Row([0.0; LANES]);
        self.store(&mut row, v);
        row.0
    }

    /// The sum of the lanes, added by halves; the order is the same for every instruction set.
    #[inline(always)]
    fn sum(self, v: Self::V) -> f32 {
        let mut lanes = self.lanes(v);
        for half in [8, 4, 2, 1] {
            for lane in 0..half {
                lanes[lane] += lanes[lane + half];
            }
        }
        lanes[0]
    }

    /// The sums of four vectors, each as [`Simd::sum`].
    #[inline(always)]
    fn sum4(self, v: [Self::V; 4]) -> [f32; 4] {
        [self.sum(v[0]), self.sum(v[1]), self.sum(v[2]), self.sum(v[3])]
    }

    /// Reads up to sixteen floats; the lanes beyond them are zero.
    #[inline(always)]
    fn load_part(self, part: &[f32]) -> Self::V {
        let mut row = Row([0.0; LANES]);
        for (to, from) in row.0.iter_mut().zip(part) {
            *to = *from;
        }
        self.load(&row)
    }

    /// Writes as many lanes as the slice holds, at most sixteen.
    #[inline(always)]
    fn store_part(self, part: &mut [f32], v: Self::V) {
        let lanes = self.lanes(v);
        for (to, from) in part.iter_mut().zip(lanes) {
            *to = from;
        }
    }

    /// Sixteen vectors turned: lane i of vector k becomes lane k of vector i.
    #[inline(always)]
    fn transpose(self, rows: [Self::V; LANES]) -> [Self::V; LANES] {
        // Four rounds of interleaving the upper half with the lower.
        let mut square = [[0.0; LANES]; LANES];
        for row in 0..LANES {
            square[row] = self.lanes(rows[row]);
        }
        for _ in 0..4 {
            let mut next = [[0.0; LANES]; LANES];
            for row in 0..LANES / 2 {
                for column in 0..LANES / 2 {
                    next[2 * row][2 * column] = square[row][column];
                    next[2 * row][2 * column + 1] = square[row + LANES / 2][column];
                    next[2 * row + 1][2 * column] = square[row][column + LANES / 2];
                    next[2 * row + 1][2 * column + 1] = square[row + LANES / 2][column + LANES / 2];
                }
            }
            square = next;
        }
        let mut made = rows;
        for row in 0..LANES {
            made[row] = self.load(&Row(square[row]));
        }
        made
    }

    /// Four vectors, each four lanes turned with those of the others: lane 4 q + i of vector k becomes lane 4 q + k of vector i.
    #[inline(always)]
    fn turn_quads(self, rows: [Self::V; 4]) -> [Self::V; 4] {
        let mut turned = [[0.0; LANES]; 4];
        for k in 0..4 {
            for (lane, from) in self.lanes(rows[k]).into_iter().enumerate() {
                turned[lane % 4][lane / 4 * 4 + k] = from;
            }
        }
        let mut made = rows;
        for k in 0..4 {
            made[k] = self.load(&Row(turned[k]));
        }
        made
    }

    /// Bytes as floats, from 0.0 to 255.0.
    #[inline(always)]
    fn widen(self, bytes: &[u8; LANES]) -> Self::V {
        self.load(&Row(bytes.map(f32::from)))
    }

    /// The floats of a row in the lanes whose byte is `byte`, else zero.
    #[inline(always)]
    fn pick(self, row: &Row, bytes: &[u8; LANES], byte: u8) -> Self::V {
        let here = self.equal(self.widen(bytes), self.splat(f32::from(byte)));
        self.select(here, self.load(row), self.zero())
    }

    /// Whole numbers from 0 to 255 as bytes.
    #[inline(always)]
    fn narrow(self, v: Self::V) -> [u8; LANES] {
        self.lanes(v).map(|lane| lane as i32 as u8)
    }

    /// 2 to the power of `n`, for whole numbers from -126 to 127.
    #[inline(always)]
    fn power_of_two(self, n: Self::V) -> Self::V {
        self.map(n, |n| f32::from_bits(((n as i32 + 127) << 23) as u32))
    }

    /// Applies `f` to each lane on its own, for what is rare or works on bits.
    #[inline(always)]
    fn map(self, v: Self::V, f: impl Fn(f32) -> f32) -> Self::V {
        self.load(&Row(self.lanes(v).map(f)))
    }
}

/// Work that is generic over the instruction set but not compiled for it: it calls several kernels.
pub trait WithSimd {
    /// The result of the work.
    type Output;
    /// Does the work; kernels within it are run by [`Simd::call`].
    fn with<S: Simd>(self, simd: S) -> Self::Output;
}

#[cfg(test)]
mod tests {
    use super::super::Instructions;
    use super::*;

    /// Sixteen rows turned, and the first four of them quad by quad.
    struct Turn([Row; LANES]);

    impl SimdKernel for Turn {
        type Output = ([Row; LANES], [Row; 4]);

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> Self::Output {
            let mut rows = [simd.zero(); LANES];
            for (to, row) in rows.iter_mut().zip(&self.0) {
                *to = simd.load(row);
            }
            let (mut square, mut quads) = (self.0, [self.0[0]; 4]);
            for (to, row) in square.iter_mut().zip(simd.transpose(rows)) {
                simd.store(to, row);
            }
            for (to, row) in quads
                .iter_mut()
                .zip(simd.turn_quads([rows[0], rows[1], rows[2], rows[3]]))
            {
                simd.store(to, row);
            }
            (square, quads)
        }
    }

    #[test]
    fn rows_are_turned() {
        let mut rows = [Row([0.0; LANES]); LANES];
        for (k, row) in rows.iter_mut().enumerate() {
            for (lane, value) in row.0.iter_mut().enumerate() {
                *value = (k * LANES + lane) as f32;
            }
        }
        for set in Instructions::available() {
            let (square, quads) = set.run(Turn(rows));
            for k in 0..LANES {
                for lane in 0..LANES {
                    assert_eq!(square[lane].0[k].to_bits(), rows[k].0[lane].to_bits(), "{}", set.name());
                    if k < 4 {
                        let turned = quads[lane % 4].0[lane / 4 * 4 + k];
                        assert_eq!(turned.to_bits(), rows[k].0[lane].to_bits(), "{}", set.name());
                    }
                }
            }
        }
    }
}
