//! Vectors of sixteen samples, one kernel source for every instruction set.
//!
//! A block of a batch is sixteen samples wide: one AVX-512 register, two of AVX2, four of NEON, and one cache line. A
//! value of a type that implements [`Simd`] is the proof that the CPU has its instructions: [`Avx512::detect`] and its
//! like are the only makers. Kernels are written once, over `S: Simd`, and run through [`Simd::call`], which compiles
//! them with the instruction set's features switched on; everything that they call is `#[inline(always)]`.

#[cfg(target_arch = "aarch64")]
mod arm;
#[cfg(target_arch = "x86_64")]
mod transpose;
#[cfg(target_arch = "x86_64")]
mod x86;

use bytemuck::{Pod, Zeroable};

/// Samples of a block.
pub const LANES: usize = 16;

/// One element of a tensor for the sixteen samples of a block.
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C, align(64))]
pub struct Row(pub [f32; LANES]);

/// A piece of work that is compiled for each instruction set.
pub trait Kernel {
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
    fn call<K: Kernel>(self, kernel: K) -> K::Output;
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

    /// Lane `i` of line `j` becomes lane `j` of row `i`.
    #[inline(always)]
    fn transpose(self, lines: [Self::V; LANES], to: &mut [Row; LANES]) {
        for (column, line) in lines.into_iter().enumerate() {
            for (row, lane) in to.iter_mut().zip(self.lanes(line)) {
                row.0[column] = lane;
            }
        }
    }

    /// Each lane by itself, for what is rare or needs bits.
    #[inline(always)]
    fn map(self, v: Self::V, f: impl Fn(f32) -> f32) -> Self::V {
        self.load(&Row(self.lanes(v).map(f)))
    }
}

/// Instruction sets that this CPU may have, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instructions {
    /// 512-bit vectors.
    Avx512,
    /// 256-bit vectors and fused multiply-add.
    Avx2,
    /// 128-bit vectors of 64-bit ARM.
    Neon,
    /// What every CPU has; the compiler vectorises as far as it can.
    Portable,
}

impl Instructions {
    /// Those that this CPU has, the best first.
    pub fn available() -> Vec<Self> {
        let mut found = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            found.extend(Avx512::detect().map(|_| Self::Avx512));
            found.extend(Avx2::detect().map(|_| Self::Avx2));
        }
        #[cfg(target_arch = "aarch64")]
        found.extend(Neon::detect().map(|_| Self::Neon));
        found.push(Self::Portable);
        found
    }

    /// Whether a row is one register of many, see [`Simd::WIDE`].
    pub fn wide(self) -> bool {
        self == Self::Avx512
    }

    /// Registers for sums and for what they share, of those that there are: one takes what is read in between.
    pub fn registers(self) -> usize {
        match self {
            Self::Avx512 | Self::Neon => 30,
            Self::Avx2 => 15,
            Self::Portable => 13,
        }
    }

    /// The name that a device's description shows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "AVX-512",
            Self::Avx2 => "AVX2",
            Self::Neon => "NEON",
            Self::Portable => "portable",
        }
    }

    /// Runs a kernel that is compiled for these instructions.
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        self.call(Compiled(kernel))
    }

    /// Runs `kernel` with these instructions, or with the portable ones where the CPU lacks them.
    pub fn call<K: WithSimd>(self, kernel: K) -> K::Output {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => match Avx512::detect() {
                Some(simd) => kernel.with(simd),
                None => kernel.with(Portable),
            },
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => match Avx2::detect() {
                Some(simd) => kernel.with(simd),
                None => kernel.with(Portable),
            },
            #[cfg(target_arch = "aarch64")]
            Self::Neon => match Neon::detect() {
                Some(simd) => kernel.with(simd),
                None => kernel.with(Portable),
            },
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx512 | Self::Avx2 => kernel.with(Portable),
            #[cfg(not(target_arch = "aarch64"))]
            Self::Neon => kernel.with(Portable),
            Self::Portable => kernel.with(Portable),
        }
    }
}

/// Runs a kernel by [`Simd::call`].
struct Compiled<K>(K);

impl<K: Kernel> WithSimd for Compiled<K> {
    type Output = K::Output;

    fn with<S: Simd>(self, simd: S) -> K::Output {
        simd.call(self.0)
    }
}

/// What is generic over the instruction set without being compiled for it: kernels that call several.
pub trait WithSimd {
    /// What it gives.
    type Output;
    /// Does it.
    fn with<S: Simd>(self, simd: S) -> Self::Output;
}

/// Arrays, for any CPU.
#[derive(Debug, Clone, Copy)]
pub struct Portable;

#[inline(always)]
fn zip(a: [f32; LANES], b: [f32; LANES], f: impl Fn(f32, f32) -> f32) -> [f32; LANES] {
    let mut made = a;
    for (a, b) in made.iter_mut().zip(b) {
        *a = f(*a, b);
    }
    made
}

impl Simd for Portable {
    type V = [f32; LANES];
    type M = [u32; LANES];
    type R = [f32; 4];
    const WIDE: bool = false;
    const PIECES: usize = 4;

    #[inline(never)]
    fn call<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }
    #[inline(always)]
    fn load_piece(self, row: &Row, piece: usize) -> Self::R {
        row.0.as_chunks().0[piece]
    }
    #[inline(always)]
    fn store_piece(self, row: &mut Row, piece: usize, r: Self::R) {
        row.0.as_chunks_mut().0[piece] = r;
    }
    #[inline(always)]
    fn zero_piece(self) -> Self::R {
        [0.0; 4]
    }
    #[inline(always)]
    fn fma_piece(self, a: Self::R, b: Self::R, c: Self::R) -> Self::R {
        let mut made = c;
        for lane in 0..4 {
            made[lane] += a[lane] * b[lane];
        }
        made
    }
    #[inline(always)]
    fn splat(self, value: f32) -> Self::V {
        [value; LANES]
    }
    #[inline(always)]
    fn load(self, row: &Row) -> Self::V {
        row.0
    }
    #[inline(always)]
    fn store(self, row: &mut Row, v: Self::V) {
        row.0 = v;
    }
    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a * b)
    }
    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a / b)
    }
    #[inline(always)]
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        // `mul_add` is a library call where the instruction is not assumed.
        self.add(self.mul(a, b), c)
    }
    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| if a < b { a } else { b })
    }
    #[inline(always)]
    fn sqrt(self, a: Self::V) -> Self::V {
        a.map(f32::sqrt)
    }
    #[inline(always)]
    fn greater(self, a: Self::V, b: Self::V) -> Self::M {
        zip(a, b, |a, b| f32::from_bits(u32::from(a > b).wrapping_neg())).map(f32::to_bits)
    }
    #[inline(always)]
    #[allow(clippy::float_cmp)]
    fn equal(self, a: Self::V, b: Self::V) -> Self::M {
        zip(a, b, |a, b| f32::from_bits(u32::from(a == b).wrapping_neg())).map(f32::to_bits)
    }
    #[inline(always)]
    fn select(self, mask: Self::M, yes: Self::V, no: Self::V) -> Self::V {
        let mut made = no;
        for ((to, yes), mask) in made.iter_mut().zip(yes).zip(mask) {
            *to = if mask == 0 { *to } else { yes };
        }
        made
    }
}

#[cfg(target_arch = "x86_64")]
pub use x86::{Avx2, Avx512};

#[cfg(target_arch = "aarch64")]
pub use arm::Neon;
