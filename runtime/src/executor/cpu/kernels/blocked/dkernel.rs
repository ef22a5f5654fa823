//! `dkernel = sum over samples and places of input x doutput`, and `dbias`. `=` for the first block of a sum, then `+=`. One
//! item: the taps of one row of the kernel and one block of sixteen input channels, for one or two blocks of filters.

use super::super::super::memory::Floats;
use super::super::super::simd::{LANES, Row, Simd, SimdKernel, WithSimd};
use super::super::sums::accumulate_into;
use super::abreast;
use super::product::{RUNS, most, with_run};
use std::cmp::Reverse;
use std::ops::Range;

/// Rows of sixteen floats of the gradient that are read at a time: they stay in the second-level cache while the taps of an
/// item go by.
const BAND: usize = 2048;

/// Taps whose sums are in registers together.
struct Run {
    /// Where they read, from a pixel's base on, in floats.
    places: Vec<u32>,
    /// Which taps they are, in the order of the parameters.
    taps: Vec<u32>,
    /// Whether their places lie side by side.
    adjacent: bool,
}

/// What is the same in every step.
pub struct Dkernel {
    /// The taps of each row of the kernel and block of input channels, in runs.
    rows: Vec<Vec<Run>>,
    /// Rows and columns of the convolution's map.
    pub size: (usize, usize),
    /// Floats from a row's first base to the next row's.
    pub row: usize,
    /// Floats from base to base.
    pub step: usize,
    /// Floats of a sample's input.
    pub sample: usize,
    /// How many filters the convolution has.
    pub filters: usize,
    /// The first floats of the gradients.
    pub kernel: usize,
    /// None where there is no bias.
    pub bias: Option<usize>,
    /// Whether there are many registers.
    pub wide: bool,
}

/// Where a convolution reads.
pub struct Reading {
    /// For each row of the kernel and block of input channels, its taps: where they read, and which they are.
    pub rows: Vec<Vec<(u32, u32)>>,
    /// Rows and columns of the convolution's map.
    pub size: (usize, usize),
    /// Floats from a row's first base to the next row's.
    pub row: usize,
    /// Floats from base to base.
    pub step: usize,
    /// Floats of a sample's input.
    pub sample: usize,
}

impl Dkernel {
    /// Cuts the taps into runs.
    pub fn new(reading: Reading, filters: usize, kernel: usize, bias: Option<usize>, wide: bool) -> Self {
        let cut = |taps: Vec<(u32, u32)>| {
            let mut rest = &taps[..];
            let runs = cuts(taps.len(), wide).into_iter().map(|size| {
                let (run, after) = rest.split_at(size);
                rest = after;
                Run {
                    places: run.iter().map(|&(place, _)| place).collect(),
                    taps: run.iter().map(|&(_, tap)| tap).collect(),
                    adjacent: run.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0),
                }
            });
            runs.collect()
        };
        Self {
            rows: reading.rows.into_iter().map(cut).collect(),
            size: reading.size,
            row: reading.row,
            step: reading.step,
            sample: reading.sample,
            filters,
            kernel,
            bias,
            wide,
        }
    }

    fn blocks(&self) -> usize {
        self.filters.div_ceil(LANES)
    }

    /// How many items there are.
    pub fn items(&self) -> usize {
        self.blocks().div_ceil(abreast(self.wide)) * self.rows.len()
    }

    /// How many rows of scratch memory each worker needs.
    pub fn scratch(&self) -> usize {
        let taps = |runs: &Vec<Run>| runs.iter().map(|run| run.taps.len()).sum::<usize>();
        self.rows.iter().map(taps).max().unwrap_or(0) * abreast(self.wide)
    }
}

/// So many taps in runs, such that as little as possible is waited for multiply-adds.
fn cuts(taps: usize, wide: bool) -> Vec<usize> {
    // For each number of taps, the time they take and the last of their runs.
    let mut best = vec![(0, 0)];
    for count in 1..=taps {
        let fits = RUNS.into_iter().filter(|&run| run <= most(wide).min(count));
        // Each run reads the gradient once more.
        let times = fits.map(|run| (best[count - run].0 + (2 * run).max(8) + 2, run));
        best.push(
            times
                .min_by_key(|&(time, run)| (time, Reverse(run)))
                .unwrap_or((0, count)),
        );
    }
    let mut cuts = Vec::new();
    let mut left = taps;
    while left > 0 {
        cuts.push(best[left].1);
        left -= best[left].1;
    }
    cuts
}

/// What one call of the kernel is given.
pub struct Call<'a> {
    /// Sizes, taps and strides, the same in every call.
    pub plan: &'a Dkernel,
    /// How many samples are worked on, at most sixteen.
    pub samples: usize,
    /// What the convolution took.
    pub input: &'a [Row],
    /// The gradient of its map.
    pub doutput: &'a [Row],
    /// Written: the gradients of the part of the batch, which the sums are stored in or added to.
    pub gradients: Floats<'a>,
    /// Whether sums begin here; else they go on.
    pub first: bool,
    /// The worker's own memory.
    pub scratch: &'a mut [Row],
    /// Whose turn it is.
    pub items: Range<usize>,
}

impl WithSimd for Call<'_> {
    type Output = ();

    fn with<S: Simd>(mut self, simd: S) {
        let plan = self.plan;
        let scratch = &mut std::mem::take(&mut self.scratch)[..plan.scratch()];
        let band = (BAND / (plan.size.1 * abreast(plan.wide))).clamp(1, plan.size.0);
        for item in self.items.clone() {
            let (group, row) = (item / plan.rows.len(), item % plan.rows.len());
            let first = group * abreast(plan.wide);
            let blocks = abreast(plan.wide).min(plan.blocks() - first);
            scratch.fill(Row([0.0; LANES]));
            for sample in 0..self.samples {
                for start in (0..plan.size.0).step_by(band) {
                    let lines = start..(start + band).min(plan.size.0);
                    let mut rest = &mut scratch[..];
                    for run in &plan.rows[row] {
                        let (sums, after) = rest.split_at_mut(run.taps.len() * blocks);
                        rest = after;
                        let lines = lines.clone();
                        let call = &self;
                        with_run!(S, run.taps.len(), blocks, (P, N) => if run.adjacent {
                            simd.call(Sum::<P, N, true> { call, sample, first, lines, places: &run.places, sums });
                        } else {
                            simd.call(Sum::<P, N, false> { call, sample, first, lines, places: &run.places, sums });
                        });
                    }
                }
            }
            self.put(first, blocks, &plan.rows[row], scratch);
            if row == 0
                && let Some(bias) = plan.bias
            {
                for block in first..first + blocks {
                    simd.call(Bias {
                        doutput: self.doutput,
                        samples: self.samples,
                        size: plan.size,
                        filters: plan.filters,
                        gradients: self.gradients,
                        first: self.first,
                        block,
                        bias,
                    });
                }
            }
        }
    }
}

impl Call<'_> {
    /// Sums of some taps to their places in the gradient.
    fn put(&self, first: usize, blocks: usize, runs: &[Run], sums: &[Row]) {
        let plan = self.plan;
        let stride = plan.filters.next_multiple_of(4);
        let taps = runs.iter().flat_map(|run| &run.taps);
        for (&tap, sums) in taps.zip(sums.chunks_exact(blocks)) {
            for (block, row) in (first..).zip(sums) {
                let width = LANES.min(plan.filters - block * LANES);
                let start = plan.kernel + tap as usize * stride + block * LANES;
                accumulate_into(self.gradients.part(start..start + width), &row.0[..width], self.first);
            }
        }
    }
}

/// The sums of P taps and N blocks of filters over some rows of a sample.
struct Sum<'a, const P: usize, const N: usize, const ADJACENT: bool> {
    call: &'a Call<'a>,
    sample: usize,
    first: usize,
    lines: Range<usize>,
    places: &'a [u32],
    sums: &'a mut [Row],
}

impl<const P: usize, const N: usize, const ADJACENT: bool> SimdKernel for Sum<'_, P, N, ADJACENT> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let call = self.call;
        let plan = call.plan;
        let (rows, columns) = plan.size;
        let mut places = [0; P];
        for p in 0..P {
            places[p] = self.places[p] as usize;
        }
        let reach = places.iter().max().map_or(0, |&last| last + 1);
        let kept = self.sums.as_chunks_mut::<N>().0;
        let mut sums = [[simd.zero(); N]; P];
        for p in 0..P {
            for n in 0..N {
                sums[p][n] = simd.load(&kept[p][n]);
            }
        }
        let input = &bytemuck::cast_slice::<Row, f32>(call.input)[self.sample * plan.sample..];
        for y in self.lines {
            let mut lines = [&call.doutput[..0]; N];
            for n in 0..N {
                let plane = self.sample * plan.blocks() + self.first + n;
                lines[n] = &call.doutput[(plane * rows + y) * columns..][..columns];
            }
            let line = &input[y * plan.row..];
            for x in 0..columns {
                let mut d = [simd.zero(); N];
                for n in 0..N {
                    d[n] = simd.load(&lines[n][x]);
                }
                if ADJACENT {
                    let from = &line[x * plan.step + places[0]..][..P];
                    for p in 0..P {
                        let value = simd.splat(from[p]);
                        for n in 0..N {
                            sums[p][n] = simd.fma(value, d[n], sums[p][n]);
                        }
                    }
                } else {
                    let from = &line[x * plan.step..][..reach];
                    for p in 0..P {
                        let value = simd.splat(from[places[p]]);
                        for n in 0..N {
                            sums[p][n] = simd.fma(value, d[n], sums[p][n]);
                        }
                    }
                }
            }
        }
        for p in 0..P {
            for n in 0..N {
                simd.store(&mut kept[p][n], sums[p][n]);
            }
        }
    }
}

/// The gradient of a block of biases.
pub struct Bias<'a> {
    /// The gradient of the map.
    pub doutput: &'a [Row],
    /// How many samples are worked on, at most sixteen.
    pub samples: usize,
    /// Rows and columns of the map.
    pub size: (usize, usize),
    /// How many filters the convolution has.
    pub filters: usize,
    /// Written: the gradients of the part of the batch, which the sums are stored in or added to.
    pub gradients: Floats<'a>,
    /// Whether sums begin here; else they go on.
    pub first: bool,
    /// The block of sixteen filters.
    pub block: usize,
    /// The first float of the biases' gradients.
    pub bias: usize,
}

impl SimdKernel for Bias<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (cells, blocks) = (self.size.0 * self.size.1, self.filters.div_ceil(LANES));
        let mut sum = simd.zero();
        for sample in 0..self.samples {
            let plane = &self.doutput[(sample * blocks + self.block) * cells..][..cells];
            for line in plane.chunks_exact(self.size.1) {
                let mut part = simd.zero();
                for d in line {
                    part = simd.add(part, simd.load(d));
                }
                sum = simd.add(sum, part);
            }
        }
        let start = self.block * LANES;
        let width = LANES.min(self.filters - start);
        let to = self.gradients.part(self.bias + start..self.bias + start + width);
        accumulate_into(to, &simd.lanes(sum)[..width], self.first);
    }
}

#[cfg(test)]
mod tests {
    use super::cuts;

    #[test]
    fn taps_are_cut_into_runs_that_fill_the_registers() {
        assert_eq!(cuts(0, true), [0_usize; 0]);
        assert_eq!(cuts(1, true), [1]);
        let sorted = |taps, wide| {
            let mut cuts = cuts(taps, wide);
            cuts.sort_unstable();
            cuts
        };
        assert_eq!(sorted(9, true), [4, 5]);
        for (taps, wide) in [(48, true), (48, false), (80, true), (25, true), (7, false)] {
            let cuts = sorted(taps, wide);
            assert_eq!(cuts.iter().sum::<usize>(), taps);
            assert!(cuts.iter().all(|&run| run >= 3), "{taps}: {cuts:?}");
        }
    }
}
