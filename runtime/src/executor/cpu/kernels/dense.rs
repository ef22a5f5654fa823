//! The dense layer's gradients. (Its forward pass is a convolution of one pixel.)

use super::super::memory::{Floats, Output};
use super::super::simd::{LANES, Row, Simd, SimdKernel};
use std::array::from_fn;
use std::ops::Range;

/// Where the gradients of a dense layer's variables go.
pub struct Gradients<'a> {
    /// All gradients of the part of a batch.
    pub all: Floats<'a>,
    /// Where the kernel's begin.
    pub kernel: usize,
    /// Where the bias's begin.
    pub bias: Option<usize>,
    /// Whether sums begin here; else they go on.
    pub first: bool,
}

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
    /// Where the gradients of kernel and bias are added.
    pub gradients: Gradients<'a>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Dkernel<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let inputs = self.items.start * LANES..(self.items.end * LANES).min(self.input.len());
        for (tile, doutput) in self.doutput.chunks(LANES).enumerate() {
            let units = Units::of(simd, self.doutput.len(), tile, doutput);
            let mut input = inputs.clone();
            if !S::WIDE {
                // As many sums as there are registers.
                while input.len() >= 6 {
                    units.add::<S, 6>(simd, &self.gradients, input.start, self.input);
                    input.start += 6;
                }
            }
            while input.len() >= 4 {
                units.add::<S, 4>(simd, &self.gradients, input.start, self.input);
                input.start += 4;
            }
            for input in input {
                units.add::<S, 1>(simd, &self.gradients, input, self.input);
            }
        }
        if self.items.start == 0 {
            self.gradients.add_bias(simd, self.doutput);
        }
    }
}

/// Up to sixteen units of doutput, turned: a vector of units for each sample.
struct Units<V> {
    d: [V; LANES],
    /// Where they stand in a row of the kernel, and how many floats of it are theirs.
    start: usize,
    width: usize,
    /// Floats of a row of the kernel.
    stride: usize,
}

impl<V: Copy> Units<V> {
    #[inline(always)]
    fn of<S: Simd<V = V>>(simd: S, units: usize, tile: usize, doutput: &[Row]) -> Self {
        let mut turned = [Row([0.0; LANES]); LANES];
        for (unit, d) in doutput.iter().enumerate() {
            for (turned, d) in turned.iter_mut().zip(d.0) {
                turned.0[unit] = d;
            }
        }
        let mut d = [simd.zero(); LANES];
        for n in 0..LANES {
            d[n] = simd.load(&turned[n]);
        }
        let (start, stride) = (tile * LANES, units.next_multiple_of(4));
        Self {
            d,
            start,
            width: (stride - start).min(LANES),
            stride,
        }
    }

    /// The gradients of I inputs' weights to these units.
    #[inline(always)]
    fn add<S: Simd<V = V>, const I: usize>(&self, simd: S, gradients: &Gradients<'_>, input: usize, rows: &[Row]) {
        let rows = &rows[input..][..I];
        let part = |i: usize| {
            let to = gradients.kernel + (input + i) * self.stride + self.start;
            gradients.all.part(to..to + self.width)
        };
        let mut sums = [simd.zero(); I];
        if !gradients.first {
            // All before any is written: a load behind a masked store of the same line waits for it.
            for i in 0..I {
                sums[i] = simd.load_part(part(i));
            }
        }
        for n in 0..LANES {
            for i in 0..I {
                sums[i] = simd.fma(simd.splat(rows[i].0[n]), self.d[n], sums[i]);
            }
        }
        for i in 0..I {
            simd.store_part(part(i), sums[i]);
        }
    }
}

impl Gradients<'_> {
    #[inline(always)]
    fn add_bias<S: Simd>(&self, simd: S, doutput: &[Row]) {
        let Some(bias) = self.bias else { return };
        for (unit, d) in doutput.iter().enumerate() {
            let sum = simd.sum(simd.load(d));
            super::sums::accumulate_into(self.all.part(bias + unit..bias + unit + 1), &[sum], self.first);
        }
    }
}

/// `dbias = sum of doutput` alone, over the samples of a block.
pub struct Dbias<'a> {
    /// One row a unit.
    pub doutput: &'a [Row],
    /// Where the gradient of the bias is added.
    pub gradients: Gradients<'a>,
}

impl SimdKernel for Dbias<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        self.gradients.add_bias(simd, self.doutput);
    }
}

/// `dinput = kernel doutput`, zero where `mask` is not positive.
///
/// doutput, dinput: rows of sixteen samples; kernel `[input][unit]`; writes `=`. One item: eight inputs, whose sums stay
/// in registers.
pub struct Dinput<'a> {
    /// One row a unit.
    pub doutput: &'a [Row],
    /// The kernel, `[input][unit]`.
    pub weights: &'a [f32],
    /// The output of the relu before.
    pub mask: Option<&'a [Row]>,
    /// Written: a row has one element of each sample of a block.
    pub dinput: Output<'a, Row>,
    /// How many rows that has.
    pub inputs: usize,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Dinput<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let mut inputs = self.items.start * 8..(self.items.end * 8).min(self.inputs);
        while S::WIDE && inputs.len() >= 8 {
            self.tile::<S, 8>(simd, inputs.start);
            inputs.start += 8;
        }
        while !S::WIDE && inputs.len() >= 6 {
            self.tile::<S, 6>(simd, inputs.start);
            inputs.start += 6;
        }
        while !S::WIDE && inputs.len() >= 4 {
            self.tile::<S, 4>(simd, inputs.start);
            inputs.start += 4;
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
        let weights: [&[f32]; I] = from_fn(|i| &self.weights[(input + i) * stride..][..units]);
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
