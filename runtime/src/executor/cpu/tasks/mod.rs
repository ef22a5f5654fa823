//! From a plan's operations to tasks: what a worker does to one block of sixteen samples, with every address worked out.
//!
//! A block has memory of its own, an arena: the plan's slots, and what only this executor needs: padded copies of inputs,
//! gradients behind fused pools spread out again, packed weights. So a worker takes a block from its gather to its last
//! gradient without waiting for anyone, while everything it touches stays in its cache.

mod convolution;

use super::kernels::Tiles;
use super::kernels::convolution::Forward;
use super::kernels::data::GATHERED;
use super::kernels::dinput::Dinput;
use super::kernels::dkernel::Dkernel;
use super::kernels::pool::Windows;
use super::simd::{Instructions, LANES};
use compiler::activation::Activation;
use compiler::plan::{self, Doutput, Kind, PoolKind, Program, TensorId, TensorKind};
use compiler::window::Grid;
use convolution::as_convolution;
use std::collections::HashMap;
use std::ops::Range;

/// A program made ready.
pub struct Tasks {
    /// In order.
    pub tasks: Vec<Task>,
    /// Rows of a block's arena.
    pub rows: usize,
    /// Codes of a block's arena.
    pub codes: usize,
    /// Floats of packed weights.
    pub packed: usize,
    /// Rows of scratch that a worker needs.
    pub scratch: usize,
    /// Where each tensor lies, rows or codes by its kind.
    pub places: Vec<Range<usize>>,
    /// Where the output lies; nowhere where no tensor has it.
    pub output: Range<usize>,
    /// Multiply-adds of one sample in the forward pass.
    pub work: usize,
    /// Tasks of the forward pass that have them.
    pub products: usize,
}

impl Tasks {
    /// Multiply-adds of a task on a block, of those that have any, on average.
    pub fn mean_work(&self) -> usize {
        self.work * LANES / self.products.max(1)
    }
}

/// A piece of work.
pub struct Task {
    /// The operation that it belongs to.
    pub operation: usize,
    /// What to do.
    pub work: Work,
    /// Into how many shares it can be cut.
    pub items: usize,
    /// Whether once a step is enough, not for every block.
    pub once: bool,
}

/// Where weights are read.
pub enum Weights {
    /// In the parameter buffer.
    Parameters(Range<usize>),
    /// Where a task has packed them.
    Packed(Range<usize>),
}

/// What a task does; ranges are rows of the arena, and floats of the parameter, gradient and packed buffers.
#[allow(missing_docs)]
pub enum Work {
    Gather {
        channels: usize,
        positions: usize,
        output: Range<usize>,
    },
    PackForward {
        tiles: Tiles,
        taps: usize,
        stride: usize,
        weights: Range<usize>,
        packed: Range<usize>,
    },
    PackDinput {
        tiles: Tiles,
        taps: usize,
        filters: usize,
        weights: Range<usize>,
        packed: Range<usize>,
    },
    Pad {
        size: (usize, usize),
        to: (usize, usize),
        plane: usize,
        input: Range<usize>,
        output: Range<usize>,
    },
    Unpool {
        size: (usize, usize),
        to: (usize, usize),
        plane: usize,
        doutput: Range<usize>,
        codes: Range<usize>,
        output: Range<usize>,
    },
    Forward {
        plan: Forward,
        input: Range<usize>,
        weights: Weights,
        bias: Option<Range<usize>>,
        output: Range<usize>,
        codes: Option<Range<usize>>,
    },
    Dkernel {
        plan: Dkernel,
        input: Range<usize>,
        doutput: Range<usize>,
    },
    Dinput {
        plan: Dinput,
        doutput: Range<usize>,
        packed: Range<usize>,
        mask: Option<Range<usize>>,
        dinput: Range<usize>,
    },
    DenseDkernel {
        kernel: usize,
        bias: Option<usize>,
        input: Range<usize>,
        doutput: Range<usize>,
    },
    DenseDinput {
        weights: Range<usize>,
        doutput: Range<usize>,
        mask: Option<Range<usize>>,
        dinput: Range<usize>,
    },
    Activate {
        function: Activation,
        input: Range<usize>,
        output: Range<usize>,
    },
    ActivateBackward {
        function: Activation,
        input: Option<Range<usize>>,
        output: Range<usize>,
        doutput: Range<usize>,
        dinput: Range<usize>,
    },
    Softmax {
        positions: usize,
        input: Range<usize>,
        output: Range<usize>,
    },
    SoftmaxBackward {
        positions: usize,
        output: Range<usize>,
        doutput: Range<usize>,
        dinput: Range<usize>,
    },
    Pool {
        pool: PoolKind,
        windows: Windows,
        input: Range<usize>,
        output: Range<usize>,
    },
    PoolBackward {
        windows: Windows,
        share: bool,
        taken: Option<(Range<usize>, Range<usize>)>,
        doutput: Range<usize>,
        dinput: Range<usize>,
    },
    Add {
        left: Range<usize>,
        right: Range<usize>,
        output: Range<usize>,
    },
    Copy {
        block: usize,
        /// From block to block, and before the first.
        from: (usize, usize),
        to: (usize, usize),
        input: Range<usize>,
        output: Range<usize>,
    },
    Transpose {
        rows: usize,
        columns: usize,
        input: Range<usize>,
        output: Range<usize>,
    },
    Loss {
        from_logits: bool,
        input: Range<usize>,
        dinput: Option<Range<usize>>,
    },
}

/// Makes a program ready for an instruction set. `keep`: every tensor has memory of its own, so that it can be looked at
/// afterwards.
pub fn tasks(program: &Program, instructions: Instructions, keep: bool) -> Tasks {
    let mut made = Maker {
        program,
        instructions,
        made: Tasks {
            tasks: Vec::new(),
            rows: 0,
            codes: 0,
            packed: 0,
            scratch: 0,
            places: Vec::new(),
            output: 0..0,
            work: 0,
            products: 0,
        },
        padded: HashMap::new(),
        map: 0..0,
        spread: None,
        operation: 0,
    };
    made.place(keep);
    for (index, operation) in program.operations.iter().enumerate() {
        made.operation = index;
        made.step(&operation.kind);
    }
    made.finish()
}

struct Maker<'a> {
    program: &'a Program,
    instructions: Instructions,
    made: Tasks,
    /// Padded copies of inputs.
    padded: HashMap<(TensorId, Grid), Range<usize>>,
    /// Where the gradient of a convolution's map is spread out; for one convolution after another.
    map: Range<usize>,
    /// Whose gradient lies there, and whether zeros surround it.
    spread: Option<(Doutput, bool)>,
    operation: usize,
}

impl Maker<'_> {
    /// Gives each tensor its rows.
    fn place(&mut self, keep: bool) {
        let tensors = &self.program.tensors;
        let mut slots = vec![0; self.program.slots.len()];
        for tensor in tensors.iter().filter(|tensor| tensor.kind == TensorKind::Floats) {
            if let Some(slot) = slots.get_mut(tensor.slot) {
                *slot = tensor.elements().max(*slot);
            }
        }
        let mut starts = Vec::new();
        for slot in &slots {
            starts.push(self.made.rows);
            self.made.rows += if keep { 0 } else { *slot };
        }
        for tensor in tensors {
            let elements = tensor.elements();
            let start = match (tensor.kind, starts.get(tensor.slot)) {
                (TensorKind::Codes, _) => {
                    self.made.codes += elements;
                    self.made.codes - elements
                }
                (TensorKind::Floats, Some(&start)) if !keep => start,
                (TensorKind::Floats, _) => self.rows(elements).start,
            };
            self.made.places.push(start..start + elements);
        }
        self.made.output = self.program.output.map_or(0..0, |output| self.at(output));
    }

    fn finish(mut self) -> Tasks {
        // The map's place is known only now that its largest tenant is: it is last in the arena.
        let start = self.made.rows;
        let moved = |range: &mut Range<usize>| {
            if range.start >= MAP {
                *range = range.start - MAP + start..range.end - MAP + start;
            }
        };
        for task in &mut self.made.tasks {
            match &mut task.work {
                Work::Pad { output, .. } | Work::Unpool { output, .. } => moved(output),
                Work::Dkernel { doutput, .. } | Work::Dinput { doutput, .. } => moved(doutput),
                _ => {}
            }
        }
        self.made.rows += self.map.len();
        self.made
    }

    fn at(&self, id: TensorId) -> Range<usize> {
        self.made.places.get(id.0).cloned().unwrap_or(0..0)
    }

    fn rows(&mut self, count: usize) -> Range<usize> {
        self.made.rows += count;
        self.made.rows - count..self.made.rows
    }

    fn pack(&mut self, floats: usize) -> Range<usize> {
        // A cache line's multiple, so that two workers never share one.
        let start = self.made.packed;
        self.made.packed += floats.next_multiple_of(LANES);
        start..start + floats
    }

    fn push(&mut self, work: Work, items: usize) {
        self.made.tasks.push(Task {
            operation: self.operation,
            work,
            items,
            once: false,
        });
    }

    fn push_once(&mut self, work: Work, items: usize) {
        self.made.tasks.push(Task {
            operation: self.operation,
            work,
            items,
            once: true,
        });
    }

    fn step(&mut self, kind: &Kind) {
        // Whoever writes the gradient that was spread out makes the spread one stale.
        for written in kind.writes() {
            self.spread = self.spread.filter(|(doutput, _)| doutput.tensor != written);
        }
        match *kind {
            Kind::Gather { output } => {
                let tensor = &self.program.tensors[output.0];
                let (channels, positions) = (tensor.channels, tensor.positions);
                let output = self.at(output);
                self.push(
                    Work::Gather {
                        channels,
                        positions,
                        output,
                    },
                    (channels * positions).div_ceil(GATHERED),
                );
            }
            Kind::Convolution {
                geometry,
                input,
                kernel,
                bias,
                relu,
                pool,
                codes,
                output,
            } => {
                let output = self.at(output);
                self.convolution(&geometry, input, kernel, bias, (relu, pool), codes, output);
            }
            Kind::ConvolutionDkernel {
                geometry,
                input,
                doutput,
                kernel,
                bias,
            } => {
                self.dkernel(&geometry, input, doutput, kernel, bias);
            }
            Kind::ConvolutionDinput {
                geometry,
                doutput,
                kernel,
                mask,
                dinput,
            } => {
                self.dinput(&geometry, doutput, kernel, mask, dinput);
            }
            Kind::Dense {
                geometry,
                input,
                kernel,
                bias,
                relu,
                output,
            } => {
                let output = self.at(output);
                self.convolution(
                    &as_convolution(geometry),
                    input,
                    kernel,
                    bias,
                    (relu, false),
                    None,
                    output,
                );
            }
            Kind::DenseDkernel {
                geometry,
                input,
                doutput,
                kernel,
                bias,
            } if geometry.positions == 1 => {
                let (input, doutput) = (self.at(input), self.at(doutput));
                let items = geometry.inputs.div_ceil(LANES);
                let bias = bias.map(|bias| bias.offset);
                self.push(
                    Work::DenseDkernel {
                        kernel: kernel.offset,
                        bias,
                        input,
                        doutput,
                    },
                    items,
                );
            }
            Kind::DenseDkernel {
                geometry,
                input,
                doutput,
                kernel,
                bias,
            } => {
                let doutput = Doutput {
                    tensor: doutput,
                    codes: None,
                };
                self.dkernel(&as_convolution(geometry), input, doutput, kernel, bias);
            }
            Kind::DenseDinput {
                geometry,
                doutput,
                kernel,
                mask,
                dinput,
            } if geometry.positions == 1 => {
                let work = Work::DenseDinput {
                    weights: floats(kernel),
                    doutput: self.at(doutput),
                    mask: mask.map(|mask| self.at(mask)),
                    dinput: self.at(dinput),
                };
                self.push(work, geometry.inputs.div_ceil(8));
            }
            Kind::DenseDinput {
                geometry,
                doutput,
                kernel,
                mask,
                dinput,
            } => {
                let doutput = Doutput {
                    tensor: doutput,
                    codes: None,
                };
                self.dinput(&as_convolution(geometry), doutput, kernel, mask, dinput);
            }
            Kind::Activation {
                function,
                input,
                output,
            } => {
                let (input, output) = (self.at(input), self.at(output));
                let items = output.len();
                self.push(
                    Work::Activate {
                        function,
                        input,
                        output,
                    },
                    items,
                );
            }
            Kind::ActivationBackward {
                function,
                input,
                output,
                doutput,
                dinput,
            } => {
                let input = input.map(|input| self.at(input));
                let (output, doutput, dinput) = (self.at(output), self.at(doutput), self.at(dinput));
                let items = dinput.len();
                self.push(
                    Work::ActivateBackward {
                        function,
                        input,
                        output,
                        doutput,
                        dinput,
                    },
                    items,
                );
            }
            Kind::Softmax { input, output } => {
                let positions = self.program.tensors[output.0].positions;
                let (input, output) = (self.at(input), self.at(output));
                self.push(
                    Work::Softmax {
                        positions,
                        input,
                        output,
                    },
                    positions,
                );
            }
            Kind::SoftmaxBackward {
                output,
                doutput,
                dinput,
            } => {
                let positions = self.program.tensors[output.0].positions;
                let (output, doutput, dinput) = (self.at(output), self.at(doutput), self.at(dinput));
                self.push(
                    Work::SoftmaxBackward {
                        positions,
                        output,
                        doutput,
                        dinput,
                    },
                    positions,
                );
            }
            Kind::Pool {
                pool,
                geometry,
                input,
                output,
            } => {
                let (input, output) = (self.at(input), self.at(output));
                let windows = Windows::new(&geometry.grid);
                self.push(
                    Work::Pool {
                        pool,
                        windows,
                        input,
                        output,
                    },
                    geometry.channels,
                );
            }
            Kind::PoolBackward {
                geometry,
                taken,
                doutput,
                dinput,
                ..
            } => {
                let taken = taken.map(|taken| (self.at(taken.input), self.at(taken.output)));
                let (doutput, dinput) = (self.at(doutput), self.at(dinput));
                let windows = Windows::new(&geometry.grid);
                let work = Work::PoolBackward {
                    windows,
                    share: false,
                    taken,
                    doutput,
                    dinput,
                };
                self.push(work, geometry.channels);
            }
            Kind::GlobalPool { pool, input, output } => {
                let (input, output) = (self.at(input), self.at(output));
                let channels = output.len();
                let windows = Windows::global(input.len() / channels);
                self.push(
                    Work::Pool {
                        pool,
                        windows,
                        input,
                        output,
                    },
                    channels,
                );
            }
            Kind::GlobalPoolBackward {
                taken, doutput, dinput, ..
            } => {
                let taken = taken.map(|taken| (self.at(taken.input), self.at(taken.output)));
                let (doutput, dinput) = (self.at(doutput), self.at(dinput));
                let channels = doutput.len();
                let windows = Windows::global(dinput.len() / channels);
                self.push(
                    Work::PoolBackward {
                        windows,
                        share: true,
                        taken,
                        doutput,
                        dinput,
                    },
                    channels,
                );
            }
            Kind::Add { left, right, output } => {
                let (left, right, output) = (self.at(left), self.at(right), self.at(output));
                let items = output.len();
                self.push(Work::Add { left, right, output }, items);
            }
            Kind::Copy {
                blocks,
                block,
                input_stride,
                input_offset,
                output_stride,
                output_offset,
                input,
                output,
            } => {
                let (input, output) = (self.at(input), self.at(output));
                let (from, to) = ((input_stride, input_offset), (output_stride, output_offset));
                self.push(
                    Work::Copy {
                        block,
                        from,
                        to,
                        input,
                        output,
                    },
                    blocks,
                );
            }
            Kind::Transpose {
                rows,
                columns,
                input,
                output,
            } => {
                let (input, output) = (self.at(input), self.at(output));
                self.push(
                    Work::Transpose {
                        rows,
                        columns,
                        input,
                        output,
                    },
                    rows,
                );
            }
            Kind::Loss {
                from_logits,
                input,
                dinput,
                ..
            } => {
                let (input, dinput) = (self.at(input), dinput.map(|dinput| self.at(dinput)));
                self.push(
                    Work::Loss {
                        from_logits,
                        input,
                        dinput,
                    },
                    1,
                );
            }
            Kind::Head {
                geometry,
                input,
                kernel,
                bias,
                from_logits,
                doutput,
            } => {
                // A dense layer and its loss, with rows between them that no tensor has.
                let output = self.rows(geometry.units);
                let doutput = doutput.map(|doutput| self.at(doutput));
                let convolution = as_convolution(geometry);
                self.convolution(&convolution, input, kernel, bias, (false, false), None, output.clone());
                self.push(
                    Work::Loss {
                        from_logits,
                        input: output,
                        dinput: doutput,
                    },
                    1,
                );
            }
            // The workers do it together, when all blocks are done.
            Kind::Update => {}
        }
    }
}

/// Stands for the map's place until that is known.
const MAP: usize = 1 << 48;

fn floats(range: plan::Range) -> Range<usize> {
    range.offset..range.offset + range.floats
}
