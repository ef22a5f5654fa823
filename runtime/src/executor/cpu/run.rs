//! Runs tasks: one share of one task on one block.
#![allow(unsafe_code)]

use super::kernels::{convolution, data, dense, dinput, dkernel, elementwise, loss, pool};
use super::memory::{Codes, Shared};
use super::simd::{LANES, Row, Simd};
use super::tasks::{Task, Tasks, Weights, Work};
use crate::data::Split;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// The memory of one block.
pub struct Arena {
    rows: Shared<Row>,
    codes: Shared<Codes>,
    /// Packed weights.
    packed: Shared<Row>,
}

impl Arena {
    /// For a program; none where there is no memory for it.
    pub fn new(tasks: &Tasks) -> Option<Self> {
        Some(Self {
            rows: Shared::zeros(tasks.rows)?,
            codes: Shared::zeros(tasks.codes)?,
            packed: Shared::for_floats(tasks.packed)?,
        })
    }

    /// How many bytes one takes.
    pub fn bytes(tasks: &Tasks) -> u64 {
        let rows = tasks.rows.saturating_add(tasks.packed.div_ceil(LANES)) as u64;
        let codes = (tasks.codes as u64).saturating_mul(size_of::<Codes>() as u64);
        rows.saturating_mul(size_of::<Row>() as u64).saturating_add(codes)
    }

    /// Rows, for who has the arena to itself.
    pub fn rows_alone(&mut self, range: Range<usize>) -> &[Row] {
        // SAFETY: `&mut self`: nobody else is there.
        unsafe { self.rows.rows(range) }
    }

    /// Codes, for who has the arena to itself.
    pub fn codes_alone(&mut self, range: Range<usize>) -> &[Codes] {
        // SAFETY: `&mut self`: nobody else is there.
        unsafe { self.codes.rows(range) }
    }

    /// The rows of a finished block.
    ///
    /// # Safety
    /// No task writes them while the slice lives.
    pub unsafe fn rows(&self, range: Range<usize>) -> &[Row] {
        // SAFETY: as the caller promises.
        unsafe { self.rows.rows(range) }
    }
}

/// What a block's sums came to.
#[derive(Default)]
pub struct BlockSums {
    loss: AtomicU64,
    correct: AtomicU32,
}

impl BlockSums {
    /// Loss and right samples.
    pub fn get(&self) -> (f64, u32) {
        (
            f64::from_bits(self.loss.load(Ordering::Relaxed)),
            self.correct.load(Ordering::Relaxed),
        )
    }
}

/// A block of a batch.
pub struct Block<'a> {
    /// Its memory.
    pub arena: &'a Arena,
    /// All parameters.
    pub parameters: &'a Shared<Row>,
    /// Where its gradients go.
    pub gradients: Option<&'a Shared<Row>>,
    /// Whether it is the first of its part: its gradients are set, the others' added.
    pub first: bool,
    /// The data set.
    pub split: &'a Split,
    /// Its samples, at most sixteen.
    pub order: &'a [u32],
    /// Real samples of the whole batch.
    pub batch: usize,
    /// Where its sums go.
    pub sums: &'a BlockSums,
}

impl Block<'_> {
    /// Does the items of a task.
    ///
    /// # Safety
    /// Every task before this one is done with, on this block, by all workers; the items of this one that other workers do
    /// meanwhile are others; nobody writes the parameters.
    pub unsafe fn run<S: Simd>(&self, simd: S, task: &Task, items: Range<usize>, scratch: &mut [Row]) {
        if items.is_empty() {
            return;
        }
        let (rows, codes, packed) = (&self.arena.rows, &self.arena.codes, &self.arena.packed);
        // SAFETY, for all of these: a task's inputs were written by tasks before it, its outputs are read by tasks after
        // it, and each item writes elements of its own; the plan's memory pass keeps inputs and outputs apart.
        let read = |range: &Range<usize>| unsafe { rows.rows(range.clone()) };
        let write = |range: &Range<usize>| unsafe { rows.output(range.clone()) };
        // The items' channels alone.
        let channels = |range: &Range<usize>| {
            let plane = range.len() / task.items;
            unsafe { rows.rows_mut(range.start + items.start * plane..range.start + items.end * plane) }
        };
        let parameters = |range: &Range<usize>| {
            let all: &[f32] = bytemuck::cast_slice(unsafe { self.parameters.rows(whole_rows(range)) });
            &all[range.start % LANES..][..range.len()]
        };
        let floats = |range: &Range<usize>| {
            let all: &[f32] = bytemuck::cast_slice(unsafe { packed.rows(whole_rows(range)) });
            &all[range.start % LANES..][..range.len()]
        };
        let gradients = || {
            let gradients = self.gradients.unwrap_or(packed);
            unsafe { gradients.floats(0..gradients.floats_len()) }
        };
        match &task.work {
            Work::Gather {
                channels,
                positions,
                output,
            } => simd.call(data::Gather {
                pixels: &self.split.pixels,
                order: self.order,
                channels: *channels,
                positions: *positions,
                output: write(output),
                items,
            }),
            Work::PackForward {
                tiles,
                taps,
                stride,
                weights,
                packed: to,
            } => {
                let (weights, packed) = (parameters(weights), unsafe { packed.floats(to.clone()) });
                data::PackForward {
                    tiles: *tiles,
                    taps: *taps,
                    stride: *stride,
                    weights,
                    packed,
                    items,
                }
                .run();
            }
            Work::PackDinput {
                tiles,
                taps,
                filters,
                weights,
                packed: to,
            } => {
                let (weights, packed) = (parameters(weights), unsafe { packed.floats(to.clone()) });
                data::PackDinput {
                    tiles: *tiles,
                    taps: *taps,
                    filters: *filters,
                    weights,
                    packed,
                    items,
                }
                .run();
            }
            Work::Pad {
                size,
                to,
                plane,
                input,
                output,
            } => {
                let (input, output) = (read(input), channels(output));
                simd.call(data::Pad {
                    size: *size,
                    to: *to,
                    input,
                    output,
                    plane: *plane,
                    items,
                });
            }
            Work::Unpool {
                size,
                to,
                plane,
                doutput,
                codes: from,
                output,
            } => simd.call(data::Unpool {
                size: *size,
                to: *to,
                doutput: read(doutput),
                codes: unsafe { codes.rows(from.clone()) },
                output: channels(output),
                plane: *plane,
                items,
            }),
            Work::Forward {
                plan,
                input,
                weights,
                bias,
                output,
                codes: to,
            } => {
                let weights = match weights {
                    Weights::Parameters(range) => parameters(range),
                    Weights::Packed(range) => floats(range),
                };
                let codes = to.as_ref().map(|to| unsafe { codes.output(to.clone()) });
                let (input, bias, output) = (read(input), bias.as_ref().map(parameters), write(output));
                convolution::Call {
                    plan,
                    input,
                    weights,
                    bias,
                    output,
                    codes,
                    items,
                }
                .run(simd);
            }
            Work::Dkernel { plan, input, doutput } => {
                let (input, doutput) = (read(input), read(doutput));
                let (gradients, first) = (gradients(), self.first);
                dkernel::Call {
                    plan,
                    input,
                    doutput,
                    gradients,
                    first,
                    scratch,
                    items,
                }
                .run(simd);
            }
            Work::Dinput {
                plan,
                doutput,
                packed,
                mask,
                dinput,
            } => {
                let (doutput, weights) = (read(doutput), floats(packed));
                let (mask, dinput) = (mask.as_ref().map(read), write(dinput));
                dinput::Call {
                    plan,
                    doutput,
                    weights,
                    mask,
                    dinput,
                    items,
                }
                .run(simd);
            }
            Work::DenseDkernel {
                kernel,
                bias,
                input,
                doutput,
            } => simd.call(dense::Dkernel {
                input: read(input),
                doutput: read(doutput),
                gradients: dense::Gradients {
                    all: gradients(),
                    kernel: *kernel,
                    bias: *bias,
                    first: self.first,
                },
                items,
            }),
            Work::DenseDinput {
                weights,
                doutput,
                mask,
                dinput,
            } => simd.call(dense::Dinput {
                doutput: read(doutput),
                weights: parameters(weights),
                mask: mask.as_ref().map(read),
                dinput: write(dinput),
                inputs: dinput.len(),
                items,
            }),
            Work::Activate {
                function,
                input,
                output,
            } => {
                let (input, output) = (read(input), write(output));
                simd.call(elementwise::Activate {
                    function: *function,
                    input,
                    output,
                    items,
                });
            }
            Work::ActivateBackward {
                function,
                input,
                output,
                doutput,
                dinput,
            } => {
                simd.call(elementwise::ActivateBackward {
                    function: *function,
                    input: input.as_ref().map(read),
                    output: read(output),
                    doutput: read(doutput),
                    dinput: write(dinput),
                    items,
                });
            }
            Work::Softmax {
                positions,
                input,
                output,
            } => {
                let (input, output) = (read(input), write(output));
                simd.call(elementwise::Softmax {
                    input,
                    positions: *positions,
                    output,
                    items,
                });
            }
            Work::SoftmaxBackward {
                positions,
                output,
                doutput,
                dinput,
            } => {
                let (output, doutput, dinput) = (read(output), read(doutput), write(dinput));
                simd.call(elementwise::SoftmaxBackward {
                    output,
                    doutput,
                    positions: *positions,
                    dinput,
                    items,
                });
            }
            Work::Pool {
                pool,
                windows,
                input,
                output,
            } => {
                let (input, output) = (read(input), channels(output));
                simd.call(pool::Pool {
                    pool: *pool,
                    windows,
                    input,
                    output,
                    items,
                });
            }
            Work::PoolBackward {
                windows,
                share,
                taken,
                doutput,
                dinput,
            } => simd.call(pool::PoolBackward {
                windows,
                taken: taken.as_ref().map(|(input, output)| (read(input), read(output))),
                share: *share,
                doutput: read(doutput),
                dinput: channels(dinput),
                items,
            }),
            Work::Add { left, right, output } => {
                let (left, right, output) = (read(left), read(right), write(output));
                simd.call(elementwise::Add {
                    left,
                    right,
                    output,
                    items,
                });
            }
            Work::Copy {
                block,
                from,
                to,
                input,
                output,
            } => {
                let (input, output) = (read(input), write(output));
                for item in items {
                    for (at, row) in input[item * from.0 + from.1..][..*block].iter().enumerate() {
                        *output.row(item * to.0 + to.1 + at) = *row;
                    }
                }
            }
            Work::Transpose {
                rows,
                columns,
                input,
                output,
            } => {
                let (input, output) = (read(input), write(output));
                for item in items {
                    for (column, row) in input[item * columns..][..*columns].iter().enumerate() {
                        *output.row(column * rows + item) = *row;
                    }
                }
            }
            Work::Loss {
                from_logits,
                input,
                dinput,
            } => {
                let mut labels = [0.0; LANES];
                for (label, &sample) in labels.iter_mut().zip(self.order) {
                    *label = self.split.labels[sample as usize] as f32;
                }
                let (loss, correct) = simd.call(loss::Loss {
                    input: read(input),
                    from_logits: *from_logits,
                    labels: &labels,
                    count: self.order.len(),
                    scale: 1.0 / self.batch as f32,
                    dinput: dinput.as_ref().map(write),
                });
                self.sums.loss.store(loss.to_bits(), Ordering::Relaxed);
                self.sums.correct.store(correct, Ordering::Relaxed);
            }
        }
    }
}

/// The rows that hold these floats.
fn whole_rows(floats: &Range<usize>) -> Range<usize> {
    floats.start / LANES..floats.end.div_ceil(LANES)
}
