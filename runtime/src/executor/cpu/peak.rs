//! The machine's own limit: how many floating-point operations a second its multiply-adds give when nothing is loaded.

use super::simd::{Instructions, Kernel, LANES, Simd, WithSimd};
use std::hint::black_box;
use std::sync::Barrier;
use std::time::Instant;

/// Multiply-adds of each chain between two looks at the clock.
const ROUNDS: usize = 20_000;

/// Looks at the clock; the best stretch counts, since whatever else runs only makes one slower.
const STRETCHES: usize = 100;

/// Floating-point operations a second, two a multiply-add, that `threads` threads reach at once with the executor's own
/// vectors: the sum of each thread's best stretch. Takes some hundredths of a second.
pub fn peak(instructions: Instructions, threads: usize) -> f64 {
    let threads = threads.max(1);
    let start = Barrier::new(threads);
    let chains = |worker: &dyn Fn() -> f64| {
        start.wait();
        worker()
    };
    // A chain waits for itself: how many hide that, and fit into the registers, depends on the CPU.
    let best = || {
        [
            chains(&|| instructions.call(Stretches::<3>)),
            chains(&|| instructions.call(Stretches::<6>)),
            chains(&|| instructions.call(Stretches::<12>)),
        ]
    };
    let all: Vec<[f64; 3]> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(best)).collect();
        let own = best();
        let others = others.into_iter().filter_map(|other| other.join().ok());
        std::iter::once(own).chain(others).collect()
    });
    (0..3)
        .map(|chains| all.iter().map(|speeds| speeds[chains]).sum())
        .fold(0.0, f64::max)
}

/// The best stretch of `CHAINS` chains, in operations a second.
struct Stretches<const CHAINS: usize>;

impl<const CHAINS: usize> WithSimd for Stretches<CHAINS> {
    type Output = f64;

    fn with<S: Simd>(self, simd: S) -> f64 {
        let work = (2 * LANES * CHAINS * ROUNDS) as f64;
        let stretch = |_| {
            let start = Instant::now();
            black_box(simd.call(Chains::<CHAINS>));
            work / start.elapsed().as_secs_f64().max(1e-9)
        };
        (0..STRETCHES).map(stretch).fold(0.0, f64::max)
    }
}

/// `x = a x + b`, again and again, each chain by itself.
struct Chains<const CHAINS: usize>;

impl<const CHAINS: usize> Kernel for Chains<CHAINS> {
    type Output = f32;

    #[allow(
        clippy::inline_always,
        reason = "what is not inlined is compiled without the instructions"
    )]
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> f32 {
        // Converges to 1: neither too large nor so small that the CPU takes longer over it.
        let a = simd.splat(black_box(0.5));
        let b = simd.splat(black_box(0.5));
        let mut x: [S::V; CHAINS] = std::array::from_fn(|chain| simd.splat(black_box(chain as f32)));
        for _ in 0..ROUNDS {
            for x in &mut x {
                *x = simd.fma(*x, a, b);
            }
        }
        simd.sum(x.into_iter().fold(simd.zero(), |sum, x| simd.add(sum, x)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instruction_set_gives_a_speed() {
        for instructions in Instructions::available() {
            let flops = peak(instructions, 1);
            // From a slow emulator to sixteen lanes on two units at 10 GHz.
            assert!((1e6..1e12).contains(&flops), "{}: {flops}", instructions.name());
        }
    }

    #[test]
    fn chains_compute_what_they_say() {
        let sum = Instructions::Portable.call(Sum);
        assert!((sum - 6.0 * LANES as f32).abs() < 1e-3, "{sum}");
    }

    struct Sum;

    impl WithSimd for Sum {
        type Output = f32;

        fn with<S: Simd>(self, simd: S) -> f32 {
            simd.call(Chains::<6>)
        }
    }
}
