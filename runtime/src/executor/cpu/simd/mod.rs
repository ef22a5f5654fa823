//! Vectors of sixteen samples, one kernel source for every instruction set.
//!
//! A block of a batch is sixteen samples wide: one AVX-512 register, two of AVX2, four of NEON, and one cache line. A value of a
//! type that implements [`Simd`] proves that the CPU has its instructions: [`Avx512::detect`] and its like are the only ways to
//! make one. Kernels are written once, over `S: Simd`, and run through [`Simd::call`], which compiles them with the instruction
//! set's features switched on; everything that they call is `#[inline(always)]`.

#[cfg(target_arch = "aarch64")]
mod arm;
mod portable;
mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use portable::Portable;
pub use vector::{LANES, Row, Simd, SimdKernel, WithSimd};

/// Instruction sets that a CPU may have, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instructions {
    /// 512-bit vectors of x86-64 (AVX-512 F, BW and VL).
    Avx512,
    /// 256-bit vectors of x86-64, with fused multiply-add.
    Avx2,
    /// 128-bit vectors of 64-bit ARM.
    Neon,
    /// What every CPU has; the compiler vectorizes as far as it can.
    Portable,
}

impl Instructions {
    /// The instruction sets that this CPU has, the best first.
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

    /// Whether a row is a single register and there are many of them: see [`Simd::WIDE`].
    pub fn wide(self) -> bool {
        self == Self::Avx512
    }

    /// How many of the registers may hold sums and what these share; the rest is left for what is read in between.
    pub fn registers(self) -> usize {
        match self {
            Self::Avx512 | Self::Neon => 30,
            Self::Avx2 => 15,
            Self::Portable => 13,
        }
    }

    /// The name in a device's description.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "AVX-512",
            Self::Avx2 => "AVX2",
            Self::Neon => "NEON",
            Self::Portable => "portable",
        }
    }

    /// The name in the environment variable `CNNC_CPU`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Neon => "neon",
            Self::Portable => "portable",
        }
    }

    /// Runs a kernel as compiled for these instructions.
    pub fn run<K: SimdKernel>(self, kernel: K) -> K::Output {
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

/// Lets a kernel of [`SimdKernel`] run by [`Simd::call`].
struct Compiled<K>(K);

impl<K: SimdKernel> WithSimd for Compiled<K> {
    type Output = K::Output;

    fn with<S: Simd>(self, simd: S) -> K::Output {
        simd.call(self.0)
    }
}

#[cfg(target_arch = "x86_64")]
pub use x86::{Avx2, Avx512};

#[cfg(target_arch = "aarch64")]
pub use arm::Neon;
