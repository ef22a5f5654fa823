//! The sums that convolutions spend their time in: some pixels times some blocks of filters.

use super::super::super::simd::{Row, Simd};

/// Pixels that there are kernels for; the larger ones for many registers alone.
pub const RUNS: [usize; 9] = [1, 2, 3, 4, 5, 6, 8, 12, 14];

/// The most pixels for one block of filters in narrow registers, and for two in wide ones.
pub fn most(wide: bool) -> usize {
    if wide { 14 } else { 6 }
}

/// Pixels at a time of a row of so many. Fewer sums than eight vectors wait for each other's multiply-adds.
pub fn run(width: usize, wide: bool, blocks: usize) -> usize {
    let (most, vectors) = (most(wide), if wide { blocks } else { 2 });
    let time = |run: usize| width.div_ceil(run) * (run * vectors).max(8);
    let fits = RUNS.into_iter().filter(|&run| run <= most.min(width));
    fits.min_by_key(|&run| (time(run), std::cmp::Reverse(run))).unwrap_or(1)
}

/// Where the sums of a run of pixels read.
#[derive(Clone, Copy)]
pub struct Taps<'a> {
    /// All that is read.
    pub input: &'a [f32],
    /// From a pixel on, in floats.
    pub taps: &'a [u32],
    /// Floats from pixel to pixel, where a kernel is not for a certain one.
    pub step: usize,
}

/// Sums of P pixels and N blocks of filters: `sums[p][n] = sum over taps of input[base + p step + tap] weights[tap][n]`, in the
/// order of the taps. STEP: the step, 0 where it is known at run time only.
#[inline(always)]
pub fn accumulate<S: Simd, const P: usize, const N: usize, const STEP: usize>(
    simd: S,
    from: Taps<'_>,
    base: usize,
    weights: &[[Row; N]],
) -> [[S::V; N]; P] {
    let step = if STEP > 0 { STEP } else { from.step };
    let mut sums = [[simd.zero(); N]; P];
    let input = &from.input[base..];
    for (&tap, weights) in from.taps.iter().zip(weights) {
        let x = &input[tap as usize..][..=(P - 1) * step];
        let mut w = [simd.zero(); N];
        for n in 0..N {
            w[n] = simd.load(&weights[n]);
        }
        for p in 0..P {
            let x = simd.splat(x[p * step]);
            for n in 0..N {
                sums[p][n] = simd.fma(x, w[n], sums[p][n]);
            }
        }
    }
    sums
}

/// Calls `$body` with the constants P of `$run` pixels and N of `$blocks` blocks of filters, as far as there are registers
/// for them.
macro_rules! with_run {
    ($simd:ty, $run:expr, $blocks:expr, ($P:ident, $N:ident) => $body:expr) => {{
        macro_rules! narrow {
            ($size:literal) => {{
                const $P: usize = $size;
                if $blocks == 2 && <$simd>::WIDE {
                    const $N: usize = 2;
                    $body
                } else {
                    const $N: usize = 1;
                    $body
                }
            }};
        }
        macro_rules! wide {
            ($size:literal) => {
                if <$simd>::WIDE {
                    narrow!($size)
                } else {
                    unreachable!("no registers for {} pixels", $size)
                }
            };
        }
        match $run {
            1 => narrow!(1),
            2 => narrow!(2),
            3 => narrow!(3),
            4 => narrow!(4),
            5 => narrow!(5),
            6 => narrow!(6),
            8 => wide!(8),
            12 => wide!(12),
            14 => wide!(14),
            run => unreachable!("no kernel for {run} pixels"),
        }
    }};
}
pub(super) use with_run;

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn runs_cover_rows_with_little_left_over() {
        for width in 1..200 {
            for (wide, blocks, most) in [(true, 2, 14), (true, 1, 14), (false, 1, 6)] {
                let run = run(width, wide, blocks);
                assert!(run <= width.min(most));
                // One block in wide registers takes no longer for up to eight pixels than for one.
                let left = if wide && blocks == 1 { 7 } else { width / 3 };
                assert!(width < 4 || width.div_ceil(run) * run <= width + left, "{width}: {run}");
            }
        }
        assert_eq!([run(28, true, 2), run(8, true, 2), run(30, true, 2)], [14, 8, 6]);
    }
}
