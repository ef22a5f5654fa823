//! Measures how fast this machine can compute: multiply-adds in registers, and nothing else.

use super::simd::{Instructions, Simd, SimdKernel, WithSimd};
use std::hint::black_box;
use std::thread::Builder;
use std::time::Instant;

/// How many multiply-adds are in flight at once: enough to hide their latency, few enough to stay in registers. The first number
/// is for instruction sets with many registers (`Simd::WIDE`), the second for the others.
const CHAINS: (usize, usize) = (20, 5);

/// How many stretches each thread measures. A stretch takes a few milliseconds or less, so that other programs do not interrupt
/// all of them.
const STRETCHES: usize = 100;
const ROUNDS: usize = 400_000;

/// The most floating-point operations a second that `threads` threads reach together, two a multiply-add: the sum of each
/// one's best stretch while all of them compute, of some 100 ms.
pub fn peak(instructions: Instructions, threads: usize) -> f64 {
    std::thread::scope(|scope| {
        let start = || Builder::new().spawn_scoped(scope, || instructions.call(Measure));
        // Those that the system does not give do not add to what is reached either.
        let others: Vec<_> = (1..threads).map_while(|_| start().ok()).collect();
        let own = instructions.call(Measure);
        let others = others.into_iter().map(|thread| thread.join().unwrap_or(0.0));
        own + others.sum::<f64>()
    })
}

/// Measures one thread: the operations a second of its fastest stretch.
struct Measure;

impl WithSimd for Measure {
    type Output = f64;

    fn with<S: Simd>(self, simd: S) -> f64 {
        let stretch = || {
            let start = Instant::now();
            let operations = if S::WIDE {
                simd.call(Chains::<{ CHAINS.0 }>)
            } else {
                simd.call(Chains::<{ CHAINS.1 }>)
            };
            operations / start.elapsed().as_secs_f64()
        };
        (0..STRETCHES).map(|_| stretch()).fold(0.0, f64::max)
    }
}

struct Chains<const N: usize>;

impl<const N: usize> SimdKernel for Chains<N> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> f64 {
        let (factor, summand) = (simd.splat(black_box(0.999)), simd.splat(black_box(0.1)));
        let mut chains = [simd.splat(1.0); N];
        for _ in 0..ROUNDS {
            for chain in &mut chains {
                *chain = simd.fma(*chain, factor, summand);
            }
        }
        let mut sum = simd.zero();
        for chain in chains {
            sum = simd.add(sum, chain);
        }
        black_box(simd.sum(sum));
        (2 * super::simd::LANES * N * ROUNDS) as f64
    }
}
