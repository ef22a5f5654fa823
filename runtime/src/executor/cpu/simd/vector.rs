//! What kernels are written over: sixteen lanes, whatever the registers.

use bytemuck::{Pod, Zeroable};

/// Samples of a block.
pub const LANES: usize = 16;

/// One element of a tensor for the sixteen samples of a block.
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C, align(64))]
pub struct Row(pub [f32; LANES]);

/// A piece of work that is compiled for each instruction set.
pub trait SimdKernel {
    /// What it gives.
    type Output;
    /// Does it; must be `#[inline(always)]`.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// An instruction set: sixteen lanes of `f32`.
pub trait Simd: Copy + Send + Sync + 'static {
    /// Sixteen floats.
    type V: Copy;
    /// Sixteen truths.
    type M: Copy;
    /// A register, where a kernel's sums need many: a row is [`Simd::PIECES`] of them.
    type R: Copy;
    /// Registers of a row.
    const PIECES: usize;
    /// Whether four pixels times five channels fit into the registers; else one pixel times six channels.
    const WIDE: bool;

    /// Runs a kernel with these instructions.
    fn call<K: SimdKernel>(self, kernel: K) -> K::Output;
    /// All lanes `value`.
    fn splat(self, value: f32) -> Self::V;
    /// Reads a row.
    fn load(self, row: &Row) -> Self::V;
    /// Writes a row.
    fn store(self, row: &mut Row, v: Self::V);
    /// `a + b`
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a - b`
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a b`
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a / b`
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a b + c`; rounded once where the instruction set can.
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// The larger.
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    /// The smaller.
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    /// The square root.
    fn sqrt(self, a: Self::V) -> Self::V;
    /// `a > b`
    fn greater(self, a: Self::V, b: Self::V) -> Self::M;
    /// `a == b`
    fn equal(self, a: Self::V, b: Self::V) -> Self::M;
    /// `yes` where true, else `no`.
    fn select(self, mask: Self::M, yes: Self::V, no: Self::V) -> Self::V;

    /// Reads a piece of a row.
    fn load_piece(self, row: &Row, piece: usize) -> Self::R;
    /// Writes a piece of a row.
    fn store_piece(self, row: &mut Row, piece: usize, r: Self::R);
    /// A register of zeros.
    fn zero_piece(self) -> Self::R;
    /// `a b + c` of a register.
    fn fma_piece(self, a: Self::R, b: Self::R, c: Self::R) -> Self::R;

    /// All lanes zero.
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

    /// The sum of the lanes, by halves: the order is the same for every instruction set.
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
        v.map(|v| self.sum(v))
    }

    /// Reads up to sixteen floats, zeros beyond them.
    #[inline(always)]
    fn load_part(self, part: &[f32]) -> Self::V {
        let mut row = Row([0.0; LANES]);
        for (to, from) in row.0.iter_mut().zip(part) {
            *to = *from;
        }
        self.load(&row)
    }

    /// Writes as many lanes as the slice takes, at most sixteen.
    #[inline(always)]
    fn store_part(self, part: &mut [f32], v: Self::V) {
        let lanes = self.lanes(v);
        for (to, from) in part.iter_mut().zip(lanes) {
            *to = from;
        }
    }

    /// Bytes as whole numbers.
    #[inline(always)]
    fn widen(self, bytes: &[u8; LANES]) -> Self::V {
        self.load(&Row(bytes.map(f32::from)))
    }

    /// Whole numbers from 0 to 255 as bytes.
    #[inline(always)]
    fn narrow(self, v: Self::V) -> [u8; LANES] {
        self.lanes(v).map(|lane| lane as i32 as u8)
    }

    /// 2 to the power of whole numbers from -126 to 127.
    #[inline(always)]
    fn power_of_two(self, n: Self::V) -> Self::V {
        self.map(n, |n| f32::from_bits(((n as i32 + 127) << 23) as u32))
    }

    /// Each lane by itself, for what is rare or needs bits.
    #[inline(always)]
    fn map(self, v: Self::V, f: impl Fn(f32) -> f32) -> Self::V {
        self.load(&Row(self.lanes(v).map(f)))
    }
}

/// What is generic over the instruction set without being compiled for it: kernels that call several.
pub trait WithSimd {
    /// What it gives.
    type Output;
    /// Does it.
    fn with<S: Simd>(self, simd: S) -> Self::Output;
}
