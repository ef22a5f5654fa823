//! Dispatch: from a program's operations to kernels of `shaders/`, by pure functions. Nothing here knows a device beyond
//! its class; `runtime::executor::wgpu` binds the buffers and launches.

mod convolution;
mod dense;
mod head;
mod optimizer;

use crate::activation::Activation;
use crate::plan::{Kind, Plan, PoolKind, Pooling, Program, Range, TensorId};
use crate::tiling::{DeviceClass, Tiling};
use serde::Serialize;
use shaders::{Constant, File, SpecialiseError, textures};

/// A kernel: an entry point of a file with its geometry filled in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Kernel {
    /// The file.
    pub file: File,
    /// The entry point.
    pub entry: &'static str,
    /// Its geometry.
    pub constants: Vec<(&'static str, Constant)>,
    /// Whether it reads textures in the place of buffers.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub textures: bool,
}

impl Kernel {
    /// The complete WGSL text.
    pub fn source(&self) -> Result<String, SpecialiseError> {
        let source = shaders::specialise(self.file.source(), &self.constants)?;
        Ok(if self.textures {
            textures::through_textures(&source)
        } else {
            source
        })
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
    /// What each workgroup of the optimizer updates.
    Runs,
    /// Something small that the kernel names but, with these constants, does not read.
    Nothing,
    /// A texture with the contents of a tensor.
    Texels(TensorId),
    /// A texture with the contents of the flat parameters.
    ParameterTexels,
    /// A texture that is not read, of four floats or of one word.
    NoTexels {
        /// Whether it is of one word.
        words: bool,
    },
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
    /// The segments cut for the optimizer's workgroups (see `optimizer.wgsl`); empty where nothing is updated.
    pub runs: Vec<[u32; 4]>,
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
    let mut schedule = schedule_in_buffers(plan, program, class);
    if Tiling::of(class).textures {
        for dispatch in &mut schedule.dispatches {
            through_textures(dispatch);
        }
    }
    schedule
}

/// Has a product read textures.
fn through_textures(dispatch: &mut Dispatch) {
    if !matches!(dispatch.kernel.file, File::Conv2d | File::Dense | File::Head) {
        return;
    }
    dispatch.kernel.textures = true;
    let readable: Vec<(u32, bool)> = textures::readable(dispatch.kernel.file.source()).collect();
    let mut bindings = Vec::new();
    for &(binding, resource) in &dispatch.bindings {
        let texels = readable.iter().find(|(number, _)| *number == binding);
        let Some(&(_, words)) = texels else {
            bindings.push((binding, resource));
            continue;
        };
        // The first also tells the size of the batch.
        if binding == 0 {
            bindings.push((binding, resource));
        }
        let texels = match resource {
            Resource::Tensor(id) => Resource::Texels(id),
            Resource::Parameters => Resource::ParameterTexels,
            _ => Resource::NoTexels { words },
        };
        bindings.push((binding + textures::BINDING, texels));
    }
    dispatch.bindings = bindings;
}

/// The same without textures, for tensors that are too large for them.
pub fn schedule_in_buffers(plan: &Plan, program: &Program, class: DeviceClass) -> Schedule {
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
        let kind = &step.kind;
        let launch = convolution::launch(kind, &tiling, &mut schedule)
            .or_else(|| dense::launch(kind, &tiling, &mut schedule))
            .or_else(|| head::launch(kind, &tiling))
            .or_else(|| launch(plan, program, kind, &tiling, &mut schedule));
        let Some((kernel, bindings, work)) = launch else {
            continue;
        };
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

fn kernel(file: File, tiling: &Tiling, entry: &'static str, constants: Constants) -> Kernel {
    let constants = std::iter::once(("WORKGROUP", unsigned(tiling.workgroup)))
        .chain(constants)
        .collect();
    Kernel {
        file,
        entry,
        constants,
        textures: false,
    }
}

/// So many invocations for each quad.
const fn each(tiling: &Tiling, per_quad: usize) -> Work {
    Work::Invocations {
        fixed: 0,
        per_quad,
        workgroup: tiling.workgroup,
    }
}

/// So many invocations, whatever the batch.
const fn fixed(tiling: &Tiling, fixed: usize) -> Work {
    Work::Invocations {
        fixed,
        per_quad: 0,
        workgroup: tiling.workgroup,
    }
}

/// The launches of all but products, which have modules of their own.
fn launch(plan: &Plan, program: &Program, kind: &Kind, tiling: &Tiling, schedule: &mut Schedule) -> Option<Launch> {
    use Resource::{Data, Labels, Order, State, Steps, Tensor, Totals};
    let each = |per_quad| each(tiling, per_quad);
    let kernel = |file, entry, constants| kernel(file, tiling, entry, constants);
    let elements = |id: TensorId| program.tensors.get(id.0).map_or(0, crate::plan::Tensor::elements);
    let channels = |id: TensorId| program.tensors.get(id.0).map_or(1, |tensor| tensor.channels);
    let launch = match kind {
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
        Kind::Update => optimizer::launch(plan, tiling, schedule),
        Kind::Convolution { .. }
        | Kind::ConvolutionDkernel { .. }
        | Kind::ConvolutionDinput { .. }
        | Kind::Dense { .. }
        | Kind::DenseDkernel { .. }
        | Kind::DenseDinput { .. }
        | Kind::Head { .. } => return None,
    };
    Some(launch)
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
