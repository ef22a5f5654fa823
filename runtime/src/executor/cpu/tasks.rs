//! From a plan's operations to tasks: what a worker does to one block of sixteen samples, with every address worked out.
//!
//! A block has memory of its own, an arena: the plan's slots, and what only this executor needs: padded copies of inputs,
//! gradients behind fused pools spread out again, packed weights. So a worker takes a block from its gather to its last
//! gradient without waiting for anyone, while everything it touches stays in its cache.

use super::kernels::Tiles;
use super::kernels::convolution::Forward;
use super::kernels::data::GATHERED;
use super::kernels::dinput::Dinput;
use super::kernels::dkernel::{Dkernel, Strided};
use super::kernels::pool::Windows;
use super::simd::LANES;
use compiler::activation::Activation;
use compiler::plan::{self, Doutput, Kind, PoolKind, Program, TensorId, TensorKind};
use compiler::window::{Grid, Sliding};
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
    /// Where the output lies.
    pub output: Range<usize>,
    /// Multiply-adds of one sample, roughly.
    pub work: usize,
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
        pool: PoolKind,
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

/// Makes a program ready. `wide`: for registers of sixteen lanes. `keep`: every tensor has memory of its own, so that it
/// can be looked at afterwards.
pub fn tasks(program: &Program, wide: bool, keep: bool) -> Tasks {
    let mut made = Maker {
        program,
        wide,
        made: Tasks {
            tasks: Vec::new(),
            rows: 0,
            codes: 0,
            packed: 0,
            scratch: 0,
            places: Vec::new(),
            output: 0..0,
            work: 0,
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
    wide: bool,
    made: Tasks,
    /// Padded copies of inputs.
    padded: HashMap<(TensorId, Grid), Range<usize>>,
    /// Where the gradient of a convolution's map is spread out; for one convolution after another.
    map: Range<usize>,
    /// Whose gradient lies there, and whether zeros surround it.
    spread: Option<(Doutput, bool)>,
    operation: usize,
}

/// The gradient of a convolution's map.
struct Map {
    at: Range<usize>,
    strided: Strided,
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
        self.made.output = self.at(self.program.output);
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
                let positions = self.program.tensors[input.0].positions;
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
                pool,
                geometry,
                taken,
                doutput,
                dinput,
            } => {
                let taken = taken.map(|taken| (self.at(taken.input), self.at(taken.output)));
                let (doutput, dinput) = (self.at(doutput), self.at(dinput));
                let windows = Windows::new(&geometry.grid);
                let work = Work::PoolBackward {
                    pool,
                    windows,
                    share: false,
                    taken,
                    doutput,
                    dinput,
                };
                self.push(work, geometry.channels);
            }
            Kind::GlobalPool { pool, input, output } => {
                let tensor = &self.program.tensors[input.0];
                let (channels, windows) = (tensor.channels, Windows::global(tensor.positions));
                let (input, output) = (self.at(input), self.at(output));
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
                pool,
                taken,
                doutput,
                dinput,
            } => {
                let tensor = &self.program.tensors[dinput.0];
                let (channels, windows) = (tensor.channels, Windows::global(tensor.positions));
                let taken = taken.map(|taken| (self.at(taken.input), self.at(taken.output)));
                let (doutput, dinput) = (self.at(doutput), self.at(dinput));
                self.push(
                    Work::PoolBackward {
                        pool,
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
            // The workers do it together, when all blocks are done.
            Kind::Update => {}
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn convolution(
        &mut self,
        geometry: &plan::Convolution,
        input: TensorId,
        kernel: plan::Range,
        bias: Option<plan::Range>,
        (relu, pool): (bool, bool),
        codes: Option<TensorId>,
        output: TensorId,
    ) {
        let grid = &geometry.grid;
        let input = self.padded(geometry, input);
        let taps = taps(geometry);
        let (bases, pixels) = bases(grid, pool);
        let tiles = Tiles::of(geometry.out_channels, Forward::limit(self.wide, pixels));
        let stride = geometry.out_channels.next_multiple_of(4);
        self.made.work += taps.len() * geometry.out_channels * grid.vertical.output * grid.horizontal.output;
        // Packed tiles keep out of the first-level cache what a tile does not use; with one tile, or little use of it,
        // nothing is won.
        let packed = tiles.count() > 1 && pixels > 8;
        let weights = if packed {
            let packed = self.pack(taps.len() * geometry.out_channels);
            let work = Work::PackForward {
                tiles,
                taps: taps.len(),
                stride,
                weights: floats(kernel),
                packed: packed.clone(),
            };
            self.push_once(work, tiles.count());
            Weights::Packed(packed)
        } else {
            Weights::Parameters(floats(kernel))
        };
        let plan = Forward {
            taps,
            groups: (bases.len() / 4).div_ceil(8).max(1),
            bases,
            pixels,
            tiles,
            stride: (!packed).then_some(stride),
            relu,
            pool,
        };
        let items = plan.items();
        let output = self.at(output);
        let codes = codes.map(|codes| self.at(codes));
        self.push(
            Work::Forward {
                plan,
                input,
                weights,
                bias: bias.map(floats),
                output,
                codes,
            },
            items,
        );
    }

    fn dkernel(
        &mut self,
        geometry: &plan::Convolution,
        input: TensorId,
        doutput: Doutput,
        kernel: plan::Range,
        bias: Option<plan::Range>,
    ) {
        let grid = &geometry.grid;
        let map = self.map(geometry, doutput);
        let input = self.padded_copy(grid, input);
        let taps = taps(geometry);
        let (filters, taps_at_once) = Dkernel::tile(self.wide, geometry.out_channels, taps.len());
        let (rows, columns) = (grid.vertical.output, grid.horizontal.output);
        // Half the first-level cache for doutput: the other half is for the input and for sums kept aside.
        let band = (BAND_ROWS / (filters * columns)).clamp(1, rows);
        // Bands of equal height, and none where one more row would do.
        let band = rows.div_ceil(rows.div_ceil(band));
        let tap_tiles = taps.len().div_ceil(taps_at_once);
        let plan = Dkernel {
            rows,
            columns,
            input_steps: (grid.vertical.stride * padded_size(grid).1, grid.horizontal.stride),
            doutput: map.strided,
            tiles: Tiles::of(geometry.out_channels, filters),
            taps_at_once,
            run: if band < rows {
                tap_tiles.min(16)
            } else {
                tap_tiles.div_ceil(4)
            },
            band,
            stride: geometry.out_channels.next_multiple_of(4),
            kernel: kernel.offset,
            bias: bias.map(|bias| bias.offset),
            taps,
        };
        self.made.scratch = self.made.scratch.max(plan.scratch());
        let items = plan.items();
        self.push(
            Work::Dkernel {
                plan,
                input,
                doutput: map.at,
            },
            items,
        );
    }

    fn dinput(
        &mut self,
        geometry: &plan::Convolution,
        doutput: Doutput,
        kernel: plan::Range,
        mask: Option<TensorId>,
        dinput: TensorId,
    ) {
        let map = self.map(geometry, doutput);
        let plan = Dinput::new(geometry.in_channels, geometry.out_channels, &geometry.grid, self.wide);
        let packed = self.pack(geometry.in_channels * plan.taps * plan.filters);
        let work = Work::PackDinput {
            tiles: plan.tiles,
            taps: plan.taps,
            filters: plan.filters,
            weights: floats(kernel),
            packed: packed.clone(),
        };
        self.push_once(work, plan.tiles.count());
        let items = plan.items();
        let (mask, dinput) = (mask.map(|mask| self.at(mask)), self.at(dinput));
        self.push(
            Work::Dinput {
                plan,
                doutput: map.at,
                packed,
                mask,
                dinput,
            },
            items,
        );
    }

    /// Where a convolution reads: its input, or a copy with zeros around it, which is made here.
    fn padded(&mut self, geometry: &plan::Convolution, input: TensorId) -> Range<usize> {
        let grid = &geometry.grid;
        let (vertical, horizontal) = (&grid.vertical, &grid.horizontal);
        let (height, width) = (extent(vertical), extent(horizontal));
        let inside = vertical.pad_before == 0
            && horizontal.pad_before == 0
            && height <= vertical.input
            && width <= horizontal.input;
        if inside {
            return self.at(input);
        }
        let output = self.rows(geometry.in_channels * height * width);
        let work = Work::Pad {
            size: (vertical.input, horizontal.input),
            to: (vertical.pad_before * width + horizontal.pad_before, width),
            plane: height * width,
            input: self.at(input),
            output: output.clone(),
        };
        self.push(work, geometry.in_channels);
        self.padded.insert((input, *grid), output.clone());
        output
    }

    /// Where the forward pass read.
    fn padded_copy(&self, grid: &Grid, input: TensorId) -> Range<usize> {
        self.padded
            .get(&(input, *grid))
            .cloned()
            .unwrap_or_else(|| self.at(input))
    }

    /// The gradient of a convolution's map: as it is where it is nothing else, spread out where a pool was fused, with
    /// zeros between the rows where a dinput takes it.
    fn map(&mut self, geometry: &plan::Convolution, doutput: Doutput) -> Map {
        let grid = &geometry.grid;
        let size = (grid.vertical.output, grid.horizontal.output);
        let spaced = self.program.operations.iter().any(|operation| match operation.kind {
            Kind::ConvolutionDinput { doutput: taken, .. } => taken == doutput,
            Kind::DenseDinput {
                doutput: taken,
                geometry,
                ..
            } => geometry.positions > 1 && taken == doutput.tensor,
            _ => false,
        });
        let (to, plane) = if spaced {
            ((1, size.1 + 1), Dinput::plane(grid))
        } else {
            ((0, size.1), size.0 * size.1)
        };
        let strided = Strided {
            offset: to.0,
            row: to.1,
            channel: plane,
        };
        if !spaced && doutput.codes.is_none() {
            return Map {
                at: self.at(doutput.tensor),
                strided,
            };
        }
        let output = MAP..MAP + geometry.out_channels * plane;
        if self.spread != Some((doutput, spaced)) {
            self.spread = Some((doutput, spaced));
            self.map.end = self.map.end.max(output.len());
            let from = self.at(doutput.tensor);
            let work = match doutput.codes {
                Some(codes) => {
                    let codes = self.at(codes);
                    Work::Unpool {
                        size,
                        to,
                        plane,
                        doutput: from,
                        codes,
                        output: output.clone(),
                    }
                }
                None => Work::Pad {
                    size,
                    to,
                    plane,
                    input: from,
                    output: output.clone(),
                },
            };
            self.push(work, geometry.out_channels);
        }
        Map { at: output, strided }
    }
}

/// Stands for the map's place until that is known.
const MAP: usize = 1 << 48;

/// Rows of doutput that a band may hold: 16 KiB of them.
const BAND_ROWS: usize = 256;

fn floats(range: plan::Range) -> Range<usize> {
    range.offset..range.offset + range.floats
}

/// A dense layer as a convolution of one row with a kernel of one pixel.
fn as_convolution(geometry: plan::Dense) -> plan::Convolution {
    let along = |cells| Sliding {
        input: cells,
        output: cells,
        size: 1,
        stride: 1,
        dilation: 1,
        pad_before: 0,
    };
    plan::Convolution {
        in_channels: geometry.inputs,
        out_channels: geometry.units,
        grid: Grid {
            vertical: along(1),
            horizontal: along(geometry.positions),
        },
    }
}

/// Cells from the first that a window covers to the last.
fn extent(along: &Sliding) -> usize {
    (along.output - 1) * along.stride + (along.size - 1) * along.dilation + 1
}

/// Rows and columns of the map that a convolution reads: its input, or what is padded.
fn padded_size(grid: &Grid) -> (usize, usize) {
    let (vertical, horizontal) = (&grid.vertical, &grid.horizontal);
    let (height, width) = (extent(vertical), extent(horizontal));
    let padded =
        vertical.pad_before > 0 || horizontal.pad_before > 0 || height > vertical.input || width > horizontal.input;
    if padded {
        (height, width)
    } else {
        (vertical.input, horizontal.input)
    }
}

/// Where each tap reads, from a pixel's base on, in the order of the parameters.
fn taps(geometry: &plan::Convolution) -> Vec<u32> {
    let grid = &geometry.grid;
    let (height, width) = padded_size(grid);
    let mut taps = Vec::new();
    for channel in 0..geometry.in_channels {
        for ky in 0..grid.vertical.size {
            for kx in 0..grid.horizontal.size {
                let row = channel * height + ky * grid.vertical.dilation;
                taps.push((row * width + kx * grid.horizontal.dilation) as u32);
            }
        }
    }
    taps
}

/// The bases of the pixels in groups of four, windows of a pool or one after another, and how many pixels there are.
fn bases(grid: &Grid, pool: bool) -> (Vec<u32>, usize) {
    let (vertical, horizontal) = (&grid.vertical, &grid.horizontal);
    let (_, width) = padded_size(grid);
    let base = |y: usize, x: usize| (y * vertical.stride * width + x * horizontal.stride) as u32;
    let mut bases = Vec::new();
    if pool {
        for y in (0..vertical.output - vertical.output % 2).step_by(2) {
            for x in (0..horizontal.output - horizontal.output % 2).step_by(2) {
                bases.extend([base(y, x), base(y, x + 1), base(y + 1, x), base(y + 1, x + 1)]);
            }
        }
        return (bases, vertical.output * horizontal.output);
    }
    for y in 0..vertical.output {
        for x in 0..horizontal.output {
            bases.push(base(y, x));
        }
    }
    let pixels = bases.len();
    // An incomplete group repeats its last pixel, and keeps it to itself.
    while bases.len() % 4 != 0 {
        bases.push(bases[pixels - 1]);
    }
    (bases, pixels)
}
