//! The dense layer's gradients. (Its forward pass is a convolution of one pixel.)

use super::super::memory::{Floats, Output};
use super::super::simd::{Kernel, LANES, Row, Simd};
use std::ops::Range;

/// `dkernel = input doutput^T`, `dbias = sum of doutput`, over the samples of a block.
///
/// input, doutput: rows of sixteen samples; dkernel `[input][unit]`; `=` for the first block of a sum, then `+=`. One
/// item: sixteen inputs. doutput is turned, so that a vector holds sixteen units of one sample: then each input's row of
/// gradients is a sum of sixteen vectors, and no lanes are added up.
pub struct Dkernel<'a> {
    /// What the layer took.
    pub input: &'a [Row],
    /// One row a unit.
    pub doutput: &'a [Row],
    /// Where sums go.
    pub gradients: Floats<'a>,
    /// Where the kernel's begin.
    pub kernel: usize,
    /// Where the bias's begin.
    pub bias: Option<usize>,
    /// Whether the sums begin here.
    pub first: bool,
    /// Whose turn it is.
    pub items: Range<usize>,
}

impl Kernel for Dkernel<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let units = self.doutput.len();
        let stride = units.next_multiple_of(4);
        let inputs = self.items.start * LANES..(self.items.end * LANES).min(self.input.len());
        for start in (0..units).step_by(LANES) {
            let width = (stride - start).min(LANES);
            let mut turned = [Row([0.0; LANES]); LANES];
            for (unit, d) in self.doutput[start..].iter().take(LANES).enumerate() {
                for (turned, d) in turned.iter_mut().zip(d.0) {
                    turned.0[unit] = d;
                }
            }
            let mut d = [simd.zero(); LANES];
            for n in 0..LANES {
                d[n] = simd.load(&turned[n]);
            }
            let mut input = inputs.clone();
            while input.len() >= 4 {
                self.tile::<S, 4>(simd, input.start, start, width, stride, &d);
                input.start += 4;
            }
            for input in input {
                self.tile::<S, 1>(simd, input, start, width, stride, &d);
            }
        }
        if let (Some(bias), 0) = (self.bias, self.items.start) {
            for (unit, d) in self.doutput.iter().enumerate() {
                let sum = simd.sum(simd.load(d));
                super::dkernel::accumulate_into(self.gradients.part(bias + unit..bias + unit + 1), &[sum], self.first);
            }
        }
    }
}

impl Dkernel<'_> {
    /// I inputs by sixteen units.
    #[inline(always)]
    fn tile<S: Simd, const I: usize>(
        &self,
        simd: S,
        input: usize,
        start: usize,
        width: usize,
        stride: usize,
        d: &[S::V; LANES],
    ) {
        let rows = &self.input[input..][..I];
        let mut sums = [simd.zero(); I];
        for n in 0..LANES {
            for i in 0..I {
                sums[i] = simd.fma(simd.splat(rows[i].0[n]), d[n], sums[i]);
            }
        }
        for (i, sum) in sums.into_iter().enumerate() {
            let to = self.kernel + (input + i) * stride + start;
            let part = self.gradients.part(to..to + width);
            let sum = if self.first {
                sum
            } else {
                simd.add(sum, simd.load_part(part))
            };
            simd.store_part(part, sum);
        }
    }
}

/// `dinput = kernel doutput`, zero where `mask` is not positive.
///
/// doutput, dinput: rows of sixteen samples; kernel `[input][unit]`; writes `=`. One item: eight inputs, whose sums stay
/// in registers.
pub struct Dinput<'a> {
    /// One row a unit.
    pub doutput: &'a [Row],
    /// The kernel.
    pub weights: &'a [f32],
    /// The output of the relu before.
    pub mask: Option<&'a [Row]>,
    /// Made.
    pub dinput: Output<'a, Row>,
    /// How many rows that has.
    pub inputs: usize,
    /// Whose turn it is.
    pub items: Range<usize>,
}

impl Kernel for Dinput<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let mut inputs = self.items.start * 8..(self.items.end * 8).min(self.inputs);
        while inputs.len() >= 8 {
            if S::WIDE {
                self.tile::<S, 8>(simd, inputs.start);
            } else {
                self.tile::<S, 4>(simd, inputs.start);
                self.tile::<S, 4>(simd, inputs.start + 4);
            }
            inputs.start += 8;
        }
        for input in inputs {
            self.tile::<S, 1>(simd, input);
        }
    }
}

impl Dinput<'_> {
    #[inline(always)]
    fn tile<S: Simd, const I: usize>(&self, simd: S, input: usize) {
        let units = self.doutput.len();
        let stride = units.next_multiple_of(4);
        let mut weights: [&[f32]; I] = [&[]; I];
        for i in 0..I {
            weights[i] = &self.weights[(input + i) * stride..][..units];
        }
        let mut sums = [simd.zero(); I];
        for unit in 0..units {
            let d = simd.load(&self.doutput[unit]);
            for i in 0..I {
                sums[i] = simd.fma(d, simd.splat(weights[i][unit]), sums[i]);
            }
        }
        for (i, sum) in sums.into_iter().enumerate() {
            let sum = match self.mask {
                Some(mask) => {
                    let open = simd.greater(simd.load(&mask[input + i]), simd.zero());
                    simd.select(open, sum, simd.zero())
                }
                None => sum,
            };
            simd.store(self.dinput.row(input + i), sum);
        }
    }
}
