//! Convolutions in groups of channels, and their gradients.
//!
//! input, dinput, output, doutput `[channel][row][column]` of rows of sixteen samples; kernel `[input channel of a group]
//! [tap][output channel]`, each last axis padded to four; all write `=`, gradients `=` for the first block of a sum and `+=`
//! for those that follow.

use super::super::memory::{Floats, Output};
use super::super::simd::{Row, Simd, SimdKernel};
use super::blocked::of_channels;
use super::elementwise::Rectifier;
use super::sums::{accumulate_into, sum_of_channel};
use compiler::window::{Grid, Sliding};
use std::ops::Range;

/// What is the same in every step.
pub struct Grouped {
    /// Input channels of a group.
    pub group_inputs: usize,
    /// Output channels of a group.
    pub group_outputs: usize,
    /// The kernel laid over the input.
    pub grid: Grid,
    /// Floats from one tap's weights to the next.
    pub stride: usize,
    /// For each output row, and each output column, the taps that meet a cell, and the cell that tap 0 would meet.
    vertical: Vec<Taps>,
    horizontal: Vec<Taps>,
    /// For each input row, and each input column, the taps that reach it and the window that they reach it from.
    reaching_rows: Vec<Vec<(usize, usize)>>,
    reaching_columns: Vec<Vec<(usize, usize)>>,
}

/// The taps of a window that lie inside.
struct Taps {
    inside: Range<usize>,
    /// The cell under tap 0, in front of the first one where it is padding.
    first: isize,
}

impl Taps {
    fn cell(&self, tap: usize, dilation: usize) -> usize {
        (self.first + (tap * dilation) as isize) as usize
    }
}

impl Grouped {
    /// Lays the kernel out.
    pub fn new(group_inputs: usize, group_outputs: usize, outputs: usize, grid: Grid) -> Self {
        let taps = |along: &Sliding| -> Vec<Taps> {
            let all = (0..along.output).map(|window| {
                let first = (window * along.stride) as isize - along.pad_before as isize;
                let inside = |tap: &usize| {
                    let cell = first + (tap * along.dilation) as isize;
                    cell >= 0 && cell < along.input as isize
                };
                let start = (0..along.size).find(inside).unwrap_or(along.size);
                let count = (start..along.size).take_while(inside).count();
                Taps {
                    inside: start..start + count,
                    first,
                }
            });
            all.collect()
        };
        let reaching = |along: &Sliding| -> Vec<Vec<(usize, usize)>> {
            let cells = (0..along.input).map(|cell| {
                let taps = (0..along.size).filter_map(|tap| {
                    let from = (cell + along.pad_before).checked_sub(tap * along.dilation)?;
                    let window = from / along.stride;
                    (from % along.stride == 0 && window < along.output).then_some((tap, window))
                });
                taps.collect()
            });
            cells.collect()
        };
        Self {
            group_inputs,
            group_outputs,
            grid,
            stride: outputs.next_multiple_of(4),
            vertical: taps(&grid.vertical),
            horizontal: taps(&grid.horizontal),
            reaching_rows: reaching(&grid.vertical),
            reaching_columns: reaching(&grid.horizontal),
        }
    }

    fn input_plane(&self) -> usize {
        self.grid.vertical.input * self.grid.horizontal.input
    }

    fn output_plane(&self) -> usize {
        self.grid.vertical.output * self.grid.horizontal.output
    }

    /// Where the weight of a tap begins, for output channel 0.
    fn weight(&self, input: usize, ky: usize, kx: usize) -> usize {
        ((input * self.grid.vertical.size + ky) * self.grid.horizontal.size + kx) * self.stride
    }
}

/// `output = kernel input + bias`. One item: an output channel.
pub struct Forward<'a> {
    /// Sizes, strides and padding, as they were prepared from the plan.
    pub plan: &'a Grouped,
    /// Blocks of sixteen channels that a sample has, where those are the items; each channel is then a group.
    pub blocks: Option<usize>,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// The kernel, `[input of the group][row][column][output channel]`.
    pub weights: &'a [f32],
    /// The bias of each output channel.
    pub bias: Option<&'a [f32]>,
    /// What becomes of sums.
    pub rectifier: Option<Rectifier>,
    /// Written: a row has one element of each sample of a block.
    pub output: Output<'a, Row>,
    /// The output channels that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.plan;
        let (rows, columns) = (&plan.vertical, &plan.horizontal);
        let (down, across) = (plan.grid.vertical.dilation, plan.grid.horizontal.dilation);
        let width = plan.grid.horizontal.input;
        for channel in self.items {
            let of = |values: &[f32]| of_channels(simd, values, channel, self.blocks);
            let bias = self.bias.map_or(simd.zero(), of);
            let first = channel / plan.group_outputs * plan.group_inputs;
            for (row, vertical) in rows.iter().enumerate() {
                for (column, horizontal) in columns.iter().enumerate() {
                    let mut sum = bias;
                    for i in 0..plan.group_inputs {
                        let input = &self.input[(first + i) * plan.input_plane()..][..plan.input_plane()];
                        for ky in vertical.inside.clone() {
                            let input = &input[vertical.cell(ky, down) * width..][..width];
                            for kx in horizontal.inside.clone() {
                                let w = of(&self.weights[plan.weight(i, ky, kx)..][..plan.stride]);
                                sum = simd.fma(simd.load(&input[horizontal.cell(kx, across)]), w, sum);
                            }
                        }
                    }
                    let at = channel * plan.output_plane() + row * columns.len() + column;
                    let sum = self.rectifier.map_or(sum, |rectifier| rectifier.of(simd, sum));
                    simd.store(self.output.row(at), sum);
                }
            }
        }
    }
}

/// `dinput = kernel^T doutput`. One item: an input channel.
pub struct Dinput<'a> {
    /// Sizes, strides and padding, as they were prepared from the plan.
    pub plan: &'a Grouped,
    /// The gradient of the output.
    pub doutput: &'a [Row],
    /// The kernel, `[input of the group][row][column][output channel]`.
    pub weights: &'a [f32],
    /// Written: a row has one element of each sample of a block.
    pub dinput: Output<'a, Row>,
    /// The input channels that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Dinput<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.plan;
        let (rows, columns) = (&plan.reaching_rows, &plan.reaching_columns);
        let width = plan.grid.horizontal.output;
        for channel in self.items {
            let (group, i) = (channel / plan.group_inputs, channel % plan.group_inputs);
            for (row, vertical) in rows.iter().enumerate() {
                for (column, horizontal) in columns.iter().enumerate() {
                    let mut sum = simd.zero();
                    for output in group * plan.group_outputs..(group + 1) * plan.group_outputs {
                        let doutput = &self.doutput[output * plan.output_plane()..][..plan.output_plane()];
                        for &(ky, y) in vertical {
                            for &(kx, x) in horizontal {
                                let w = simd.splat(self.weights[plan.weight(i, ky, kx) + output]);
                                sum = simd.fma(simd.load(&doutput[y * width + x]), w, sum);
                            }
                        }
                    }
                    let at = channel * plan.input_plane() + row * columns.len() + column;
                    simd.store(self.dinput.row(at), sum);
                }
            }
        }
    }
}

/// `dkernel = sum over pixels and samples of doutput x input`, `dbias = sum of doutput`. One item: an output channel.
pub struct Dkernel<'a> {
    /// Sizes, strides and padding, as they were prepared from the plan.
    pub plan: &'a Grouped,
    /// What the convolution took.
    pub input: &'a [Row],
    /// The gradient of its output.
    pub doutput: &'a [Row],
    /// Where the partial sums of each block of samples are written.
    pub gradients: Floats<'a>,
    /// Where the kernel's and the bias's begin.
    pub places: (usize, Option<usize>),
    /// Whether sums begin here; else they go on.
    pub first: bool,
    /// The output channels whose gradients this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Dkernel<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.plan;
        let (down, across) = (plan.grid.vertical.dilation, plan.grid.horizontal.dilation);
        let (width, columns) = (plan.grid.horizontal.input, plan.horizontal.len());
        let (kernel, bias) = self.places;
        for channel in self.items {
            let doutput = &self.doutput[channel * plan.output_plane()..][..plan.output_plane()];
            let first = channel / plan.group_outputs * plan.group_inputs;
            for i in 0..plan.group_inputs {
                let input = &self.input[(first + i) * plan.input_plane()..][..plan.input_plane()];
                for ky in 0..plan.grid.vertical.size {
                    for kx in 0..plan.grid.horizontal.size {
                        let mut sum = simd.zero();
                        let rows = plan.vertical.iter().zip(doutput.chunks(columns));
                        for (vertical, doutput) in rows.filter(|(taps, _)| taps.inside.contains(&ky)) {
                            let input = &input[vertical.cell(ky, down) * width..][..width];
                            for (horizontal, d) in plan.horizontal.iter().zip(doutput) {
                                if horizontal.inside.contains(&kx) {
                                    let x = simd.load(&input[horizontal.cell(kx, across)]);
                                    sum = simd.fma(x, simd.load(d), sum);
                                }
                            }
                        }
                        let at = kernel + plan.weight(i, ky, kx) + channel;
                        accumulate_into(self.gradients.part(at..at + 1), &[simd.sum(sum)], self.first);
                    }
                }
            }
            if let Some(bias) = bias {
                let sum = sum_of_channel(simd, doutput);
                let to = self.gradients.part(bias + channel..bias + channel + 1);
                accumulate_into(to, &[simd.sum(sum)], self.first);
            }
        }
    }
}
