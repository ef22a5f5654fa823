//! Dispatch: from a program's operations to kernels of `shaders/`, by pure functions. Nothing here knows a device beyond
//! its class; `runtime::executor::wgpu` binds the buffers and launches.

use crate::activation::Activation;
use crate::network::Optimizer;
use crate::plan::{Convolution, Dense, Kind, Plan, PoolKind, Pooling, Program, Range, TensorId};
use crate::tiling::{DeviceClass, Tiling};
use serde::Serialize;
use shaders::{Constant, File, SpecialiseError};

/// A kernel: an entry point of a file with its geometry filled in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Kernel {
    /// The file.
    pub file: File,
    /// The entry point.
    pub entry: &'static str,
    /// Its geometry.
    pub constants: Vec<(&'static str, Constant)>,
}

impl Kernel {
    /// The complete WGSL text.
    pub fn source(&self) -> Result<String, SpecialiseError> {
        shaders::specialise(self.file.source(), &self.constants)
    }
}

/// A launch of a kernel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dispatch {
    /// The layer it is of.
    pub layer: String,
    /// Which operation of the program.
    pub operation: usize,
    /// What runs.
    pub kernel: Kernel,
    /// What is bound, by the shader's binding number.
    pub bindings: Vec<(u32, Resource)>,
    /// How much of it.
    pub work: Work,
}

/// What a kernel binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// A tensor of the program.
    Tensor(TensorId),
    /// The flat parameters.
    Parameters,
    /// The partial gradients.
    Gradients,
    /// One of the optimizer's buffers.
    Slot(usize),
    /// One of the four pieces of the data set.
    Data(usize),
    /// The epoch's order of samples.
    Order,
    /// The data set's labels.
    Labels,
    /// The steps' rates.
    Steps,
    /// The step counters.
    State,
    /// The sums for the report.
    Totals,
    /// Where each variable's partial gradients lie.
    Segments,
    /// Something small that the kernel names but, with these constants, does not read.
    Nothing,
}

/// How many invocations a launch needs for a batch of so many quads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Single invocations, `fixed + per_quad * quads` of them.
    Invocations {
        /// However many quads there are.
        fixed: usize,
        /// For each quad.
        per_quad: usize,
        /// Invocations of a workgroup.
        workgroup: usize,
    },
    /// Whole workgroups: `tiles` for each strip of `lanes` columns, of which each quad has `positions`.
    Strips {
        /// Columns of a quad.
        positions: usize,
        /// Columns of a workgroup.
        lanes: usize,
        /// Workgroups of a strip.
        tiles: usize,
    },
    /// Single invocations, `rows` for each `tile` columns, of which each quad has `positions`.
    Columns {
        /// Columns of a quad.
        positions: usize,
        /// Columns of an invocation.
        tile: usize,
        /// Invocations of a tile.
        rows: usize,
        /// Invocations of a workgroup.
        workgroup: usize,
    },
}

impl Work {
    /// How many workgroups that makes.
    pub const fn workgroups(self, quads: usize) -> usize {
        match self {
            Self::Invocations {
                fixed,
                per_quad,
                workgroup,
            } => (fixed + per_quad * quads).div_ceil(workgroup),
            Self::Strips {
                positions,
                lanes,
                tiles,
            } => (positions * quads).div_ceil(lanes) * tiles,
            Self::Columns {
                positions,
                tile,
                rows,
                workgroup,
            } => ((positions * quads).div_ceil(tile) * rows).div_ceil(workgroup),
        }
    }
}

/// The launches of a program, and the layout of the partial gradients they make.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Schedule {
    /// In order.
    pub dispatches: Vec<Dispatch>,
    /// One for each parameter, in order: its first vec4, the first vec4 of its gradients, how many partial gradients
    /// there are, and the vec4s of one.
    pub segments: Vec<[u32; 4]>,
    /// The length of the partial gradients, in vec4s.
    pub gradient_vec4s: usize,
}

/// Where a Dkernel operation writes.
struct Partial {
    kernel_at: usize,
    bias_at: usize,
}

/// The launches of one program of `plan` on a device of `class`.
pub fn schedule(plan: &Plan, program: &Program, class: DeviceClass) -> Schedule {
    let tiling = Tiling::of(class);
    let mut schedule = Schedule::default();
    for parameter in &plan.parameters {
        schedule.segments.push([
            parameter.range.offset as u32 / 4,
            0,
            0,
            parameter.range.floats as u32 / 4,
        ]);
    }
    for (operation, step) in program.operations.iter().enumerate() {
        let (kernel, bindings, work) = launch(plan, program, &step.kind, &tiling, &mut schedule);
        schedule.dispatches.push(Dispatch {
            layer: step.layer.clone(),
            operation,
            kernel,
            bindings,
            work,
        });
    }
    schedule
}

impl Schedule {
    /// Room for `splits` partial gradients of the variable at `range`; gives the first vec4.
    fn partial(&mut self, range: Range, splits: usize) -> usize {
        let start = self.gradient_vec4s;
        self.gradient_vec4s += range.floats / 4 * splits;
        if let Some(segment) = self
            .segments
            .iter_mut()
            .find(|segment| segment[0] as usize == range.offset / 4)
        {
            segment[1] = start as u32;
            segment[2] = splits as u32;
        }
        start
    }

    fn partials(&mut self, kernel: Range, bias: Option<Range>, splits: usize) -> Partial {
        let kernel_at = self.partial(kernel, splits);
        Partial {
            kernel_at,
            bias_at: bias.map_or(0, |bias| self.partial(bias, splits)),
        }
    }
}

type Launch = (Kernel, Vec<(u32, Resource)>, Work);
type Constants = Vec<(&'static str, Constant)>;

fn unsigned(value: usize) -> Constant {
    Constant::Unsigned(u32::try_from(value).unwrap_or(u32::MAX))
}

fn at(range: Option<Range>) -> Constant {
    unsigned(range.map_or(0, |range| range.offset / 4))
}

fn launch(plan: &Plan, program: &Program, kind: &Kind, tiling: &Tiling, schedule: &mut Schedule) -> Launch {
    use Resource::{Data, Labels, Nothing, Order, Parameters, State, Steps, Tensor, Totals};
    let workgroup = tiling.workgroup;
    let each = |per_quad: usize| Work::Invocations {
        fixed: 0,
        per_quad,
        workgroup,
    };
    let fixed = |fixed: usize| Work::Invocations {
        fixed,
        per_quad: 0,
        workgroup,
    };
    let elements = |id: TensorId| program.tensors.get(id.0).map_or(0, crate::plan::Tensor::elements);
    let channels = |id: TensorId| program.tensors.get(id.0).map_or(1, |tensor| tensor.channels);
    let kernel = |file: File, entry: &'static str, constants: Constants| {
        let constants = std::iter::once(("WORKGROUP", unsigned(workgroup)))
            .chain(constants)
            .collect();
        Kernel { file, entry, constants }
    };
    match kind {
        Kind::Gather { output } => {
            let shape = &plan.input_shape;
            let constants = vec![
                ("CHANNELS", unsigned(shape.channels())),
                ("POSITIONS", unsigned(shape.positions())),
            ];
            let bindings = [Data(0), Data(1), Data(2), Data(3), Order, State, Tensor(*output)];
            // The executor replaces the entry point by `floats`, and the work with it, where the data are floats.
            (
                kernel(File::Gather, "bytes", constants),
                numbered(&bindings),
                each(shape.elements().div_ceil(4)),
            )
        }
        Kind::Convolution {
            geometry,
            input,
            kernel: weights,
            bias,
            relu,
            pool,
            codes,
            output,
        } => {
            let tiles = tiling.convolution(geometry, *pool);
            let mut constants = convolution_constants(geometry, &tiles);
            constants.extend([
                ("HAS_BIAS", Constant::Bool(bias.is_some())),
                ("RELU", Constant::Bool(*relu)),
            ]);
            constants.extend([("KERNEL_AT", at(Some(*weights))), ("BIAS_AT", at(*bias))]);
            constants.extend(convolution_unused(&["UNPOOL", "MASKED", "DKERNEL_AT", "DBIAS_AT"]));
            let mut bindings = vec![(0, Tensor(*input)), (1, Parameters), (2, Tensor(*output))];
            bindings.extend(codes.map(|codes| (3, Tensor(codes))));
            let entry = match (*pool, codes.is_some()) {
                (false, _) => "forward",
                (true, false) => "forward_pool",
                (true, true) => "forward_pool_codes",
            };
            let (height, width) = (geometry.grid.vertical.output, geometry.grid.horizontal.output);
            let (height, width) = if *pool {
                (height / 2 * 2, width / 2 * 2)
            } else {
                (height, width)
            };
            let out_c4 = geometry.out_channels.div_ceil(4);
            let per_quad = height.div_ceil(tiles.height) * width.div_ceil(tiles.width) * out_c4;
            (kernel(File::Conv2d, entry, constants), bindings, each(per_quad))
        }
        Kind::ConvolutionDkernel {
            geometry,
            input,
            doutput,
            kernel: weights,
            bias,
        } => {
            let tiles = tiling.convolution(geometry, false);
            let splits = tiles.split_rows * tiles.split_quads;
            let partial = schedule.partials(*weights, *bias, splits);
            let mut constants = convolution_constants(geometry, &tiles);
            constants.extend([
                ("HAS_BIAS", Constant::Bool(bias.is_some())),
                ("UNPOOL", Constant::Bool(doutput.codes.is_some())),
                ("DKERNEL_AT", unsigned(partial.kernel_at)),
                ("DBIAS_AT", unsigned(partial.bias_at)),
            ]);
            constants.extend(convolution_unused(&["RELU", "MASKED", "KERNEL_AT", "BIAS_AT"]));
            let codes = doutput.codes.map_or(Nothing, Tensor);
            let bindings = vec![
                (0, Tensor(*input)),
                (4, Tensor(doutput.tensor)),
                (5, codes),
                (8, Resource::Gradients),
            ];
            let out_c4 = geometry.out_channels.div_ceil(4);
            let tiles_k = geometry.grid.vertical.size.div_ceil(tiles.k);
            let invocations = out_c4 * splits * tiles_k * geometry.in_channels;
            (kernel(File::Conv2d, "dkernel", constants), bindings, fixed(invocations))
        }
        Kind::ConvolutionDinput {
            geometry,
            doutput,
            kernel: weights,
            mask,
            dinput,
        } => {
            let tiles = tiling.convolution(geometry, false);
            let mut constants = convolution_constants(geometry, &tiles);
            constants.extend([
                ("UNPOOL", Constant::Bool(doutput.codes.is_some())),
                ("MASKED", Constant::Bool(mask.is_some())),
                ("KERNEL_AT", at(Some(*weights))),
            ]);
            constants.extend(convolution_unused(&[
                "HAS_BIAS",
                "RELU",
                "BIAS_AT",
                "DKERNEL_AT",
                "DBIAS_AT",
            ]));
            let codes = doutput.codes.map_or(Nothing, Tensor);
            let mask = mask.map_or(Nothing, Tensor);
            let bindings = vec![
                (1, Parameters),
                (4, Tensor(doutput.tensor)),
                (5, codes),
                (6, mask),
                (7, Tensor(*dinput)),
            ];
            let (vertical, horizontal) = (geometry.grid.vertical, geometry.grid.horizontal);
            let (entry, columns, channels) = if tiles.strided {
                ("dinput_strided", horizontal.input, 4)
            } else {
                ("dinput", horizontal.input.div_ceil(tiles.x), 2)
            };
            (
                kernel(File::Conv2d, entry, constants),
                bindings,
                each(vertical.input * columns * geometry.in_channels.div_ceil(channels)),
            )
        }
        Kind::Dense {
            geometry,
            input,
            kernel: weights,
            bias,
            relu,
            output,
        } => {
            let tiles = tiling.dense(geometry);
            let mut constants = dense_constants(geometry, &tiles);
            constants.extend([
                ("HAS_BIAS", Constant::Bool(bias.is_some())),
                ("RELU", Constant::Bool(*relu)),
                ("MASKED", Constant::Bool(false)),
                ("KERNEL_AT", at(Some(*weights))),
                ("BIAS_AT", at(*bias)),
                ("DKERNEL_AT", unsigned(0)),
                ("DBIAS_AT", unsigned(0)),
            ]);
            let bindings = vec![(0, Tensor(*input)), (1, Parameters), (2, Tensor(*output))];
            let tiles_c = geometry.units.div_ceil(4).div_ceil(tiles.c4);
            let work = Work::Strips {
                positions: geometry.positions,
                lanes: tiles.lanes * tiles.n,
                tiles: tiles_c,
            };
            (kernel(File::Dense, "forward", constants), bindings, work)
        }
        Kind::DenseDkernel {
            geometry,
            input,
            doutput,
            kernel: weights,
            bias,
        } => {
            let tiles = tiling.dense(geometry);
            let partial = schedule.partials(*weights, *bias, tiles.split_columns);
            let mut constants = dense_constants(geometry, &tiles);
            constants.extend([
                ("HAS_BIAS", Constant::Bool(bias.is_some())),
                ("RELU", Constant::Bool(false)),
                ("MASKED", Constant::Bool(false)),
                ("KERNEL_AT", unsigned(0)),
                ("BIAS_AT", unsigned(0)),
                ("DKERNEL_AT", unsigned(partial.kernel_at)),
                ("DBIAS_AT", unsigned(partial.bias_at)),
            ]);
            let bindings = vec![(0, Tensor(*input)), (3, Tensor(*doutput)), (6, Resource::Gradients)];
            // One input more: the bias.
            let rows = (geometry.inputs + 1).div_ceil(tiles.i);
            let invocations = rows * geometry.units.div_ceil(4).div_ceil(tiles.c4) * tiles.split_columns;
            (kernel(File::Dense, "dkernel", constants), bindings, fixed(invocations))
        }
        Kind::DenseDinput {
            geometry,
            doutput,
            kernel: weights,
            mask,
            dinput,
        } => {
            let tiles = tiling.dense(geometry);
            let mut constants = dense_constants(geometry, &tiles);
            constants.extend([
                ("HAS_BIAS", Constant::Bool(false)),
                ("RELU", Constant::Bool(false)),
                ("MASKED", Constant::Bool(mask.is_some())),
                ("KERNEL_AT", at(Some(*weights))),
                ("BIAS_AT", unsigned(0)),
                ("DKERNEL_AT", unsigned(0)),
                ("DBIAS_AT", unsigned(0)),
            ]);
            let mask = mask.map_or(Nothing, Tensor);
            let bindings = vec![(1, Parameters), (3, Tensor(*doutput)), (4, mask), (5, Tensor(*dinput))];
            let work = Work::Columns {
                positions: geometry.positions,
                tile: tiles.n,
                rows: geometry.inputs.div_ceil(4 * tiles.x4),
                workgroup,
            };
            (kernel(File::Dense, "dinput", constants), bindings, work)
        }
        Kind::Activation {
            function,
            input,
            output,
        } => {
            let bindings = vec![(0, Tensor(*input)), (1, Tensor(*output))];
            (
                kernel(File::Activation, "forward", activation_constants(*function)),
                bindings,
                each(elements(*output)),
            )
        }
        Kind::ActivationBackward {
            function,
            input,
            output,
            doutput,
            dinput,
        } => {
            let (entry, first) = match input {
                Some(input) => ("backward_from_input", (0, Tensor(*input))),
                None => ("backward", (2, Tensor(*output))),
            };
            let bindings = vec![first, (3, Tensor(*doutput)), (4, Tensor(*dinput))];
            (
                kernel(File::Activation, entry, activation_constants(*function)),
                bindings,
                each(elements(*dinput)),
            )
        }
        Kind::Softmax { input, output } => {
            let constants = vec![("CHANNELS", unsigned(channels(*output)))];
            let per_quad = elements(*output) / channels(*output).max(1);
            let bindings = vec![(0, Tensor(*input)), (1, Tensor(*output))];
            (kernel(File::Softmax, "forward", constants), bindings, each(per_quad))
        }
        Kind::SoftmaxBackward {
            output,
            doutput,
            dinput,
        } => {
            let constants = vec![("CHANNELS", unsigned(channels(*output)))];
            let per_quad = elements(*output) / channels(*output).max(1);
            let bindings = vec![(2, Tensor(*output)), (3, Tensor(*doutput)), (4, Tensor(*dinput))];
            (kernel(File::Softmax, "backward", constants), bindings, each(per_quad))
        }
        Kind::Pool {
            pool,
            geometry,
            input,
            output,
        } => {
            let entry = if *pool == PoolKind::Max {
                "max_forward"
            } else {
                "average_forward"
            };
            let bindings = vec![(0, Tensor(*input)), (1, Tensor(*output))];
            (
                kernel(File::Pool2d, entry, pool_constants(geometry)),
                bindings,
                each(elements(*output)),
            )
        }
        Kind::PoolBackward {
            geometry,
            taken,
            doutput,
            dinput,
            ..
        } => {
            let (entry, mut bindings) = taken_bindings(taken.as_ref());
            bindings.extend([(3, Tensor(*doutput)), (4, Tensor(*dinput))]);
            (
                kernel(File::Pool2d, entry, pool_constants(geometry)),
                bindings,
                each(elements(*dinput)),
            )
        }
        Kind::GlobalPool { pool, input, output } => {
            let entry = if *pool == PoolKind::Max {
                "max_forward"
            } else {
                "average_forward"
            };
            let constants = global_pool_constants(channels(*output), elements(*input));
            let bindings = vec![(0, Tensor(*input)), (1, Tensor(*output))];
            (
                kernel(File::GlobalPool2d, entry, constants),
                bindings,
                each(channels(*output)),
            )
        }
        Kind::GlobalPoolBackward {
            taken, doutput, dinput, ..
        } => {
            let (entry, mut bindings) = taken_bindings(taken.as_ref());
            bindings.extend([(3, Tensor(*doutput)), (4, Tensor(*dinput))]);
            let n_channels = elements(*doutput);
            let constants = global_pool_constants(n_channels, elements(*dinput));
            (kernel(File::GlobalPool2d, entry, constants), bindings, each(n_channels))
        }
        Kind::Add { left, right, output } => {
            let bindings = vec![(0, Tensor(*left)), (1, Tensor(*right)), (2, Tensor(*output))];
            (
                kernel(File::Elementwise, "add", elementwise_constants(&[])),
                bindings,
                each(elements(*output)),
            )
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
            let constants = elementwise_constants(&[
                ("BLOCKS", *blocks),
                ("BLOCK", *block),
                ("INPUT_ELEMENTS", elements(*input)),
                ("INPUT_STRIDE", *input_stride),
                ("INPUT_OFFSET", *input_offset),
                ("RESULT_STRIDE", *output_stride),
                ("RESULT_OFFSET", *output_offset),
            ]);
            let bindings = vec![(3, Tensor(*input)), (4, Tensor(*output))];
            (
                kernel(File::Elementwise, "copy", constants),
                bindings,
                each(blocks * block),
            )
        }
        Kind::Transpose {
            rows,
            columns,
            input,
            output,
        } => {
            let constants = elementwise_constants(&[("ROWS", *rows), ("COLUMNS", *columns)]);
            let bindings = vec![(3, Tensor(*input)), (4, Tensor(*output))];
            (
                kernel(File::Elementwise, "transpose_map", constants),
                bindings,
                each(rows * columns),
            )
        }
        Kind::Loss {
            classes,
            from_logits,
            input,
            dinput,
        } => {
            let constants = vec![
                ("CLASSES", unsigned(*classes)),
                ("FROM_LOGITS", Constant::Bool(*from_logits)),
            ];
            let mut bindings = vec![(0, Tensor(*input)), (1, Order), (2, Labels), (4, State), (5, Totals)];
            let entry = match dinput {
                Some(dinput) => {
                    bindings.extend([(3, Steps), (6, Tensor(*dinput))]);
                    "train"
                }
                None => "evaluate",
            };
            (kernel(File::Loss, entry, constants), bindings, each(1))
        }
        Kind::Update => update(plan, workgroup),
    }
}

fn numbered(resources: &[Resource]) -> Vec<(u32, Resource)> {
    (0..).zip(resources.iter().copied()).collect()
}

fn taken_bindings(taken: Option<&crate::plan::Taken>) -> (&'static str, Vec<(u32, Resource)>) {
    match taken {
        Some(taken) => (
            "max_backward",
            vec![(0, Resource::Tensor(taken.input)), (2, Resource::Tensor(taken.output))],
        ),
        None => ("average_backward", Vec::new()),
    }
}

fn convolution_constants(geometry: &Convolution, tiles: &crate::tiling::ConvolutionTiles) -> Constants {
    let (vertical, horizontal) = (geometry.grid.vertical, geometry.grid.horizontal);
    let reaches_out = |s: crate::window::Sliding| {
        s.pad_before > 0 || (s.output - 1) * s.stride + (s.size - 1) * s.dilation >= s.input
    };
    vec![
        ("IN_C", unsigned(geometry.in_channels)),
        ("IN_H", unsigned(vertical.input)),
        ("IN_W", unsigned(horizontal.input)),
        ("OUT_C", unsigned(geometry.out_channels)),
        ("OUT_H", unsigned(vertical.output)),
        ("OUT_W", unsigned(horizontal.output)),
        ("KERNEL_H", unsigned(vertical.size)),
        ("KERNEL_W", unsigned(horizontal.size)),
        ("STRIDE_H", unsigned(vertical.stride)),
        ("STRIDE_W", unsigned(horizontal.stride)),
        ("DILATION_H", unsigned(vertical.dilation)),
        ("DILATION_W", unsigned(horizontal.dilation)),
        ("PAD_TOP", unsigned(vertical.pad_before)),
        ("PAD_LEFT", unsigned(horizontal.pad_before)),
        (
            "PADDED",
            Constant::Bool(reaches_out(vertical) || reaches_out(horizontal)),
        ),
        ("TILE_H", unsigned(tiles.height)),
        ("TILE_W", unsigned(tiles.width)),
        ("TILE_K", unsigned(tiles.k)),
        ("TILE_X", unsigned(tiles.x)),
        ("STRIP", unsigned(tiles.strip)),
        ("SPLIT_ROWS", unsigned(tiles.split_rows)),
        ("SPLIT_QUADS", unsigned(tiles.split_quads)),
    ]
}

/// Values for the constants of `conv2d.wgsl` that an entry point does not use; alike, so that texts are alike.
fn convolution_unused(names: &[&'static str]) -> Constants {
    names
        .iter()
        .map(|&name| {
            (
                name,
                if name.ends_with("_AT") {
                    unsigned(0)
                } else {
                    Constant::Bool(false)
                },
            )
        })
        .collect()
}

fn dense_constants(geometry: &Dense, tiles: &crate::tiling::DenseTiles) -> Constants {
    vec![
        ("INPUTS", unsigned(geometry.inputs)),
        ("UNITS", unsigned(geometry.units)),
        ("TILE_C4", unsigned(tiles.c4)),
        ("TILE_I", unsigned(tiles.i)),
        ("TILE_X4", unsigned(tiles.x4)),
        ("SPLIT_INPUTS", unsigned(tiles.split_inputs)),
        ("LANES", unsigned(tiles.lanes)),
        ("TILE_N", unsigned(tiles.n)),
        ("SPLIT_COLUMNS", unsigned(tiles.split_columns)),
    ]
}

fn pool_constants(geometry: &Pooling) -> Constants {
    let (vertical, horizontal) = (geometry.grid.vertical, geometry.grid.horizontal);
    vec![
        ("CHANNELS", unsigned(geometry.channels)),
        ("IN_H", unsigned(vertical.input)),
        ("IN_W", unsigned(horizontal.input)),
        ("OUT_H", unsigned(vertical.output)),
        ("OUT_W", unsigned(horizontal.output)),
        ("SIZE_H", unsigned(vertical.size)),
        ("SIZE_W", unsigned(horizontal.size)),
        ("STRIDE_H", unsigned(vertical.stride)),
        ("STRIDE_W", unsigned(horizontal.stride)),
        ("PAD_TOP", unsigned(vertical.pad_before)),
        ("PAD_LEFT", unsigned(horizontal.pad_before)),
    ]
}

fn global_pool_constants(channels: usize, elements: usize) -> Constants {
    vec![
        ("CHANNELS", unsigned(channels)),
        ("POSITIONS", unsigned(elements / channels.max(1))),
    ]
}

fn elementwise_constants(values: &[(&'static str, usize)]) -> Constants {
    const NAMES: [&str; 9] = [
        "BLOCKS",
        "BLOCK",
        "INPUT_ELEMENTS",
        "INPUT_STRIDE",
        "INPUT_OFFSET",
        "RESULT_STRIDE",
        "RESULT_OFFSET",
        "ROWS",
        "COLUMNS",
    ];
    let value = |name: &str| {
        values
            .iter()
            .find(|(given, _)| *given == name)
            .map_or(1, |&(_, value)| value)
    };
    NAMES.iter().map(|&name| (name, unsigned(value(name)))).collect()
}

fn activation_constants(function: Activation) -> Constants {
    let (mut slope, mut threshold, mut ceiling, mut alpha) = (0.0, 0.0, None, 1.0);
    let number = match function {
        Activation::Relu {
            negative_slope,
            ceiling: max_value,
            threshold: from,
        } => {
            (slope, threshold, ceiling) = (negative_slope, from, max_value);
            0
        }
        Activation::Sigmoid => 1,
        Activation::Tanh => 2,
        Activation::Elu { alpha: given } => {
            alpha = given;
            3
        }
        Activation::Selu => 4,
        Activation::Softplus => 5,
        Activation::Softsign => 6,
        Activation::Silu => 7,
        Activation::Gelu => 8,
        Activation::HardSigmoid => 9,
        Activation::Exponential => 10,
        // Lowering makes neither: linear is nothing, softmax an operation of its own.
        Activation::Linear | Activation::Softmax => 11,
    };
    vec![
        ("FUNCTION", unsigned(number)),
        ("SLOPE", Constant::Float(slope)),
        ("THRESHOLD", Constant::Float(threshold)),
        ("HAS_CEILING", Constant::Bool(ceiling.is_some())),
        ("CEILING", Constant::Float(ceiling.unwrap_or(0.0))),
        ("ALPHA", Constant::Float(alpha)),
    ]
}

fn update(plan: &Plan, workgroup: usize) -> Launch {
    let optimizer = plan.optimizer.unwrap_or(Optimizer::SGD {
        learning_rate: 0.0,
        momentum: 0.0,
        nesterov: false,
    });
    let (mut momentum_of, mut nesterov_of, mut rho_of, mut epsilon_of) = (0.0, false, 0.0, 0.0);
    let (mut centered_of, mut betas, mut decay) = (false, (0.0, 0.0), 0.0);
    let entry = match optimizer {
        Optimizer::SGD { momentum, nesterov, .. } => {
            (momentum_of, nesterov_of) = (momentum, nesterov);
            if momentum == 0.0 { "sgd" } else { "sgd_momentum" }
        }
        Optimizer::RMSprop {
            rho,
            momentum,
            epsilon,
            centered,
            ..
        } => {
            (momentum_of, rho_of, epsilon_of, centered_of) = (momentum, rho, epsilon, centered);
            match (momentum > 0.0, centered) {
                (false, false) => "rmsprop",
                (true, true) => "rmsprop_two_more",
                (true, false) | (false, true) => "rmsprop_one_more",
            }
        }
        Optimizer::Adam {
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
            ..
        } => {
            (betas, epsilon_of) = ((beta_1, beta_2), epsilon);
            if amsgrad { "adam_amsgrad" } else { "adam" }
        }
        Optimizer::AdamW {
            weight_decay,
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
            ..
        } => {
            (betas, epsilon_of, decay) = ((beta_1, beta_2), epsilon, weight_decay);
            if amsgrad { "adam_amsgrad" } else { "adam" }
        }
    };
    let float = |value: f64| Constant::Float(value as f32);
    let constants = vec![
        ("WORKGROUP", unsigned(workgroup)),
        ("SEGMENTS", unsigned(plan.parameters.len())),
        ("MOMENTUM", float(momentum_of)),
        ("NESTEROV", Constant::Bool(nesterov_of)),
        ("RHO", float(rho_of)),
        ("EPSILON", float(epsilon_of)),
        ("CENTERED", Constant::Bool(centered_of)),
        ("BETA_1", float(betas.0)),
        ("BETA_2", float(betas.1)),
        ("WEIGHT_DECAY", float(decay)),
    ];
    let fixed = [
        Resource::Parameters,
        Resource::Gradients,
        Resource::Segments,
        Resource::Steps,
        Resource::State,
    ];
    let mut bindings = numbered(&fixed);
    bindings.extend((0..optimizer.slots().len()).map(|slot| (5 + slot as u32, Resource::Slot(slot))));
    let work = Work::Invocations {
        fixed: plan.parameter_floats / 4,
        per_quad: 0,
        workgroup,
    };
    (
        Kernel {
            file: File::Optimizer,
            entry,
            constants,
        },
        bindings,
        work,
    )
}
