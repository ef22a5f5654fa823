//! Vectors of sixteen samples, one kernel source for every instruction set.
//!
//! A block of a batch is sixteen samples wide: one AVX-512 register, two of AVX2, four of NEON, and one cache line. A
//! value of a type that implements [`Simd`] is the proof that the CPU has its instructions: [`Avx512::detect`] and its
//! like are the only makers. Kernels are written once, over `S: Simd`, and run through [`Simd::call`], which compiles
//! them with the instruction set's features switched on; everything that they call is `#[inline(always)]`.
#![allow(unsafe_code)]

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
    fn from_bytes(self, bytes: &[u8; LANES]) -> Self::V {
        self.load(&Row(bytes.map(f32::from)))
    }

    /// Whole numbers from 0 to 255 as bytes.
    #[inline(always)]
    fn to_bytes(self, v: Self::V) -> [u8; LANES] {
        self.lanes(v).map(|lane| lane as i32 as u8)
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

    /// The name that a device's description shows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "AVX-512",
            Self::Avx2 => "AVX2",
            Self::Neon => "NEON",
            Self::Portable => "portable",
        }
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

/// What is generic over the instruction set without being compiled for it: the workers' loop.
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
    const WIDE: bool = false;

    #[inline(always)]
    fn call<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run(self)
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

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Kernel, LANES, Row, Simd};
    use std::arch::x86_64::*;

    /// 512-bit vectors; a value is the proof that the CPU has AVX-512F.
    #[derive(Debug, Clone, Copy)]
    pub struct Avx512(());

    impl Avx512 {
        /// The proof, if the CPU has the instructions.
        pub fn detect() -> Option<Self> {
            is_x86_feature_detected!("avx512f").then_some(Self(()))
        }
    }

    // SAFETY of every block in this implementation: `self` proves AVX-512F; pointers come from references to rows of
    // sixteen floats that are aligned to 64 bytes, and masks keep partial accesses inside their slices.
    impl Simd for Avx512 {
        type V = __m512;
        type M = __mmask16;
        const WIDE: bool = true;

        #[inline(always)]
        fn call<K: Kernel>(self, kernel: K) -> K::Output {
            #[target_feature(enable = "avx512f")]
            fn enabled<K: Kernel>(simd: Avx512, kernel: K) -> K::Output {
                kernel.run(simd)
            }
            // SAFETY: `self` proves the feature.
            unsafe { enabled(self, kernel) }
        }
        #[inline(always)]
        fn splat(self, value: f32) -> Self::V {
            unsafe { _mm512_set1_ps(value) }
        }
        #[inline(always)]
        fn load(self, row: &Row) -> Self::V {
            unsafe { _mm512_load_ps(row.0.as_ptr()) }
        }
        #[inline(always)]
        fn store(self, row: &mut Row, v: Self::V) {
            unsafe { _mm512_store_ps(row.0.as_mut_ptr(), v) }
        }
        #[inline(always)]
        fn add(self, a: Self::V, b: Self::V) -> Self::V {
            unsafe { _mm512_add_ps(a, b) }
        }
        #[inline(always)]
        fn sub(self, a: Self::V, b: Self::V) -> Self::V {
            unsafe { _mm512_sub_ps(a, b) }
        }
        #[inline(always)]
        fn mul(self, a: Self::V, b: Self::V) -> Self::V {
            unsafe { _mm512_mul_ps(a, b) }
        }
        #[inline(always)]
        fn div(self, a: Self::V, b: Self::V) -> Self::V {
            unsafe { _mm512_div_ps(a, b) }
        }
        #[inline(always)]
        fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
            unsafe { _mm512_fmadd_ps(a, b, c) }
        }
        #[inline(always)]
        fn max(self, a: Self::V, b: Self::V) -> Self::V {
            unsafe { _mm512_max_ps(a, b) }
        }
        #[inline(always)]
        fn min(self, a: Self::V, b: Self::V) -> Self::V {
            unsafe { _mm512_min_ps(a, b) }
        }
        #[inline(always)]
        fn sqrt(self, a: Self::V) -> Self::V {
            unsafe { _mm512_sqrt_ps(a) }
        }
        #[inline(always)]
        fn greater(self, a: Self::V, b: Self::V) -> Self::M {
            unsafe { _mm512_cmp_ps_mask::<_CMP_GT_OQ>(a, b) }
        }
        #[inline(always)]
        fn equal(self, a: Self::V, b: Self::V) -> Self::M {
            unsafe { _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(a, b) }
        }
        #[inline(always)]
        fn select(self, mask: Self::M, yes: Self::V, no: Self::V) -> Self::V {
            unsafe { _mm512_mask_blend_ps(mask, no, yes) }
        }
        #[inline(always)]
        fn sum(self, v: Self::V) -> f32 {
            unsafe {
                let v = _mm512_add_ps(v, _mm512_shuffle_f32x4::<0b00_00_11_10>(v, v));
                let v = _mm512_add_ps(v, _mm512_shuffle_f32x4::<0b00_00_00_01>(v, v));
                let v = _mm512_castps512_ps128(v);
                let v = _mm_add_ps(v, _mm_movehl_ps(v, v));
                _mm_cvtss_f32(_mm_add_ss(v, _mm_shuffle_ps::<1>(v, v)))
            }
        }
        #[inline(always)]
        fn sum4(self, [a, b, c, d]: [Self::V; 4]) -> [f32; 4] {
            // The halves of two vectors are added at once; the order within a sum is that of `sum`.
            unsafe {
                let ab = _mm512_add_ps(
                    _mm512_shuffle_f32x4::<0b01_00_01_00>(a, b),
                    _mm512_shuffle_f32x4::<0b11_10_11_10>(a, b),
                );
                let cd = _mm512_add_ps(
                    _mm512_shuffle_f32x4::<0b01_00_01_00>(c, d),
                    _mm512_shuffle_f32x4::<0b11_10_11_10>(c, d),
                );
                let v = _mm512_add_ps(
                    _mm512_shuffle_f32x4::<0b10_00_10_00>(ab, cd),
                    _mm512_shuffle_f32x4::<0b11_01_11_01>(ab, cd),
                );
                let v = _mm512_add_ps(v, _mm512_permute_ps::<0b01_00_11_10>(v));
                let v = _mm512_add_ps(v, _mm512_permute_ps::<0b10_11_00_01>(v));
                let mut row = Row([0.0; LANES]);
                _mm512_store_ps(row.0.as_mut_ptr(), v);
                [row.0[0], row.0[4], row.0[8], row.0[12]]
            }
        }
        #[inline(always)]
        fn load_part(self, part: &[f32]) -> Self::V {
            let mask = ((1_u32 << part.len().min(LANES)) - 1) as __mmask16;
            unsafe { _mm512_maskz_loadu_ps(mask, part.as_ptr()) }
        }
        #[inline(always)]
        fn store_part(self, part: &mut [f32], v: Self::V) {
            let mask = ((1_u32 << part.len().min(LANES)) - 1) as __mmask16;
            unsafe { _mm512_mask_storeu_ps(part.as_mut_ptr(), mask, v) }
        }
        #[inline(always)]
        fn from_bytes(self, bytes: &[u8; LANES]) -> Self::V {
            unsafe { _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(bytes.as_ptr().cast()))) }
        }
        #[inline(always)]
        fn to_bytes(self, v: Self::V) -> [u8; LANES] {
            let mut bytes = [0; LANES];
            unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), _mm512_cvtepi32_epi8(_mm512_cvttps_epi32(v))) };
            bytes
        }
    }

    /// 256-bit vectors; a value is the proof that the CPU has AVX2 and FMA.
    #[derive(Debug, Clone, Copy)]
    pub struct Avx2(());

    impl Avx2 {
        /// The proof, if the CPU has the instructions.
        pub fn detect() -> Option<Self> {
            (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Self(()))
        }
    }

    // SAFETY of every block in this implementation: `self` proves AVX2 and FMA; pointers come from references to rows of
    // sixteen floats that are aligned to 64 bytes.
    impl Simd for Avx2 {
        type V = [__m256; 2];
        type M = [__m256; 2];
        const WIDE: bool = false;

        #[inline(always)]
        fn call<K: Kernel>(self, kernel: K) -> K::Output {
            #[target_feature(enable = "avx2,fma")]
            fn enabled<K: Kernel>(simd: Avx2, kernel: K) -> K::Output {
                kernel.run(simd)
            }
            // SAFETY: `self` proves the features.
            unsafe { enabled(self, kernel) }
        }
        #[inline(always)]
        fn splat(self, value: f32) -> Self::V {
            unsafe { [_mm256_set1_ps(value); 2] }
        }
        #[inline(always)]
        fn load(self, row: &Row) -> Self::V {
            unsafe { [_mm256_load_ps(row.0.as_ptr()), _mm256_load_ps(row.0.as_ptr().add(8))] }
        }
        #[inline(always)]
        fn store(self, row: &mut Row, v: Self::V) {
            unsafe {
                _mm256_store_ps(row.0.as_mut_ptr(), v[0]);
                _mm256_store_ps(row.0.as_mut_ptr().add(8), v[1]);
            }
        }
        #[inline(always)]
        fn add(self, a: Self::V, b: Self::V) -> Self::V {
            unsafe { [_mm256_add_ps(a[0], b[0]), _mm256_add_ps(a[1], b[1])] }
        }
        #[inline(always)]
        fn sub(self, a: Self::V, b: Self::V) -> Self::V {
            unsafe { [_mm256_sub_ps(a[0], b[0]), _mm256_sub_ps(a[1], b[1])] }
        }
        #[inline(always)]
        fn mul(self, a: Self::V, b: Self::V) -> Self::V {
            unsafe { [_mm256_mul_ps(a[0], b[0]), _mm256_mul_ps(a[1], b[1])] }
        }
        #[inline(always)]
        fn div(self, a: Self::V, b: Self::V) -> Self::V {
            unsafe { [_mm256_div_ps(a[0], b[0]), _mm256_div_ps(a[1], b[1])] }
        }
        #[inline(always)]
        fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
            unsafe { [_mm256_fmadd_ps(a[0], b[0], c[0]), _mm256_fmadd_ps(a[1], b[1], c[1])] }
        }
        #[inline(always)]
        fn max(self, a: Self::V, b: Self::V) -> Self::V {
            unsafe { [_mm256_max_ps(a[0], b[0]), _mm256_max_ps(a[1], b[1])] }
        }
        #[inline(always)]
        fn min(self, a: Self::V, b: Self::V) -> Self::V {
            unsafe { [_mm256_min_ps(a[0], b[0]), _mm256_min_ps(a[1], b[1])] }
        }
        #[inline(always)]
        fn sqrt(self, a: Self::V) -> Self::V {
            unsafe { [_mm256_sqrt_ps(a[0]), _mm256_sqrt_ps(a[1])] }
        }
        #[inline(always)]
        fn greater(self, a: Self::V, b: Self::V) -> Self::M {
            unsafe {
                [
                    _mm256_cmp_ps::<_CMP_GT_OQ>(a[0], b[0]),
                    _mm256_cmp_ps::<_CMP_GT_OQ>(a[1], b[1]),
                ]
            }
        }
        #[inline(always)]
        fn equal(self, a: Self::V, b: Self::V) -> Self::M {
            unsafe {
                [
                    _mm256_cmp_ps::<_CMP_EQ_OQ>(a[0], b[0]),
                    _mm256_cmp_ps::<_CMP_EQ_OQ>(a[1], b[1]),
                ]
            }
        }
        #[inline(always)]
        fn select(self, mask: Self::M, yes: Self::V, no: Self::V) -> Self::V {
            unsafe {
                [
                    _mm256_blendv_ps(no[0], yes[0], mask[0]),
                    _mm256_blendv_ps(no[1], yes[1], mask[1]),
                ]
            }
        }
        #[inline(always)]
        fn sum(self, v: Self::V) -> f32 {
            unsafe {
                let v = _mm256_add_ps(v[0], v[1]);
                let v = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps::<1>(v));
                let v = _mm_add_ps(v, _mm_movehl_ps(v, v));
                _mm_cvtss_f32(_mm_add_ss(v, _mm_shuffle_ps::<1>(v, v)))
            }
        }
    }
}

#[cfg(target_arch = "aarch64")]
pub use arm::Neon;

#[cfg(target_arch = "aarch64")]
mod arm {
    use super::{Kernel, Row, Simd};
    use std::arch::aarch64::*;
    use std::array::from_fn;

    /// 128-bit vectors; a value is the proof that the CPU has NEON.
    #[derive(Debug, Clone, Copy)]
    pub struct Neon(());

    impl Neon {
        /// The proof, if the CPU has the instructions.
        pub fn detect() -> Option<Self> {
            std::arch::is_aarch64_feature_detected!("neon").then_some(Self(()))
        }
    }

    // SAFETY of every block in this implementation: `self` proves NEON; pointers come from references to rows of sixteen
    // floats.
    impl Simd for Neon {
        type V = [float32x4_t; 4];
        type M = [uint32x4_t; 4];
        const WIDE: bool = false;

        #[inline(always)]
        fn call<K: Kernel>(self, kernel: K) -> K::Output {
            #[target_feature(enable = "neon")]
            fn enabled<K: Kernel>(simd: Neon, kernel: K) -> K::Output {
                kernel.run(simd)
            }
            // SAFETY: `self` proves the feature.
            unsafe { enabled(self, kernel) }
        }
        #[inline(always)]
        fn splat(self, value: f32) -> Self::V {
            unsafe { [vdupq_n_f32(value); 4] }
        }
        #[inline(always)]
        fn load(self, row: &Row) -> Self::V {
            from_fn(|i| unsafe { vld1q_f32(row.0.as_ptr().add(4 * i)) })
        }
        #[inline(always)]
        fn store(self, row: &mut Row, v: Self::V) {
            for (i, v) in v.into_iter().enumerate() {
                unsafe { vst1q_f32(row.0.as_mut_ptr().add(4 * i), v) }
            }
        }
        #[inline(always)]
        fn add(self, a: Self::V, b: Self::V) -> Self::V {
            from_fn(|i| unsafe { vaddq_f32(a[i], b[i]) })
        }
        #[inline(always)]
        fn sub(self, a: Self::V, b: Self::V) -> Self::V {
            from_fn(|i| unsafe { vsubq_f32(a[i], b[i]) })
        }
        #[inline(always)]
        fn mul(self, a: Self::V, b: Self::V) -> Self::V {
            from_fn(|i| unsafe { vmulq_f32(a[i], b[i]) })
        }
        #[inline(always)]
        fn div(self, a: Self::V, b: Self::V) -> Self::V {
            from_fn(|i| unsafe { vdivq_f32(a[i], b[i]) })
        }
        #[inline(always)]
        fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
            from_fn(|i| unsafe { vfmaq_f32(c[i], a[i], b[i]) })
        }
        #[inline(always)]
        fn max(self, a: Self::V, b: Self::V) -> Self::V {
            from_fn(|i| unsafe { vmaxq_f32(a[i], b[i]) })
        }
        #[inline(always)]
        fn min(self, a: Self::V, b: Self::V) -> Self::V {
            from_fn(|i| unsafe { vminq_f32(a[i], b[i]) })
        }
        #[inline(always)]
        fn sqrt(self, a: Self::V) -> Self::V {
            from_fn(|i| unsafe { vsqrtq_f32(a[i]) })
        }
        #[inline(always)]
        fn greater(self, a: Self::V, b: Self::V) -> Self::M {
            from_fn(|i| unsafe { vcgtq_f32(a[i], b[i]) })
        }
        #[inline(always)]
        fn equal(self, a: Self::V, b: Self::V) -> Self::M {
            from_fn(|i| unsafe { vceqq_f32(a[i], b[i]) })
        }
        #[inline(always)]
        fn select(self, mask: Self::M, yes: Self::V, no: Self::V) -> Self::V {
            from_fn(|i| unsafe { vbslq_f32(mask[i], yes[i], no[i]) })
        }
    }
}
