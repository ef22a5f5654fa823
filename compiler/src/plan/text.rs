//! A plan for people: what `cnnc emit plan` prints.

use crate::activation::Activation;
use crate::numbers::thousands;
use crate::plan::{
    Doutput, Kind, Layout, Operation, Parameter, Plan, PoolKind, Program, Range, Taken, Tensor, TensorId,
};
use crate::training::optimizer::Optimizer;
use crate::window::Grid;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

impl Display for Plan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "plan of {}: {} -> {}",
            self.model, self.input_shape, self.output_shape
        )?;
        parameters(self, f)?;
        let programs = [
            ("training step", &self.training),
            ("validation step", &self.evaluation),
            ("prediction", &self.prediction),
        ];
        for (name, program) in programs {
            if !program.operations.is_empty() {
                operations(self, name, program, f)?;
            }
        }
        Ok(())
    }
}

impl Program {
    /// The tensors' names, told apart where several have one: the shares of a gradient become `dstem#1`, `dstem#2`.
    pub fn labels(&self) -> Vec<String> {
        // How many have the name, and how many of those were met.
        let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for tensor in &self.tensors {
            counts.entry(tensor.name.as_str()).or_default().0 += 1;
        }
        let label = |tensor: &Tensor| match counts.get_mut(tensor.name.as_str()) {
            Some((2.., met)) => {
                *met += 1;
                format!("{}#{met}", tensor.name)
            }
            Some(_) | None => tensor.name.clone(),
        };
        self.tensors.iter().map(label).collect()
    }
}

fn parameters(plan: &Plan, f: &mut Formatter<'_>) -> fmt::Result {
    let floats = plan.parameter_floats;
    writeln!(
        f,
        "\nparameters: one buffer of {} floats, rows padded to 4",
        thousands(floats)
    )?;
    let rows: Vec<[String; 5]> = plan
        .parameters
        .iter()
        .map(|parameter| {
            [
                thousands(parameter.range.offset),
                parameter.name.clone(),
                crate::layers::tuple(&parameter.shape),
                order(parameter),
                parameter.initializer.to_string(),
            ]
        })
        .collect();
    columns(f, ["at", "variable", "Keras's shape", "order here", "starts as"], &rows)?;
    match &plan.optimizer {
        Some(optimizer) => {
            let slots = optimizer.slots();
            let kept = if slots.is_empty() {
                "keeps nothing".to_owned()
            } else {
                format!("keeps {}, laid out alike", crate::call::suggest::all_of(slots))
            };
            writeln!(f, "\noptimizer: {}, {kept}", rule(optimizer))
        }
        None => writeln!(f, "\noptimizer: none, since the description has no compile(...)"),
    }
}

fn order(parameter: &Parameter) -> String {
    match parameter.layout {
        Layout::Convolution => "[input][row][column][filter]".to_owned(),
        Layout::Dense { positions: 1, .. } => "[input][unit]".to_owned(),
        Layout::Dense { channels, positions } => format!("[{channels} channels][{positions} positions][unit]"),
        Layout::Vector => "[value]".to_owned(),
    }
}

fn rule(optimizer: &Optimizer) -> String {
    let truth = |value: bool| if value { "True" } else { "False" };
    match *optimizer {
        Optimizer::SGD {
            learning_rate,
            momentum,
            nesterov,
        } => format!(
            "SGD(learning_rate={learning_rate}, momentum={momentum}, nesterov={})",
            truth(nesterov)
        ),
        Optimizer::RMSprop {
            learning_rate,
            rho,
            momentum,
            epsilon,
            centered,
        } => format!(
            "RMSprop(learning_rate={learning_rate}, rho={rho}, momentum={momentum}, epsilon={epsilon:e}, centered={})",
            truth(centered)
        ),
        Optimizer::Adam {
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
        } => format!(
            "Adam(learning_rate={learning_rate}, beta_1={beta_1}, beta_2={beta_2}, epsilon={epsilon:e}, amsgrad={})",
            truth(amsgrad)
        ),
        Optimizer::AdamW {
            learning_rate,
            weight_decay,
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
        } => format!(
            "AdamW(learning_rate={learning_rate}, weight_decay={weight_decay}, beta_1={beta_1}, beta_2={beta_2}, \
             epsilon={epsilon:e}, amsgrad={})",
            truth(amsgrad)
        ),
    }
}

fn operations(plan: &Plan, name: &str, program: &Program, f: &mut Formatter<'_>) -> fmt::Result {
    let bytes = program.bytes(1) / 4;
    writeln!(
        f,
        "\n{name}: {} operations, {} bytes a sample in {} slots",
        program.operations.len(),
        thousands(bytes),
        program.slots.len()
    )?;
    let words = Words {
        plan,
        program,
        labels: program.labels(),
    };
    let rows: Vec<[String; 4]> = program
        .operations
        .iter()
        .enumerate()
        .map(|(index, operation)| {
            let (formula, sizes) = words.formula(operation);
            [index.to_string(), operation.layer.clone(), sizes, formula]
        })
        .collect();
    columns(f, ["#", "of", "sizes of a sample", "operation"], &rows)?;
    let rows: Vec<[String; 3]> = program
        .slots
        .iter()
        .enumerate()
        .map(|(index, slot)| {
            let tenants = slot.tenants.iter().map(|tenant| {
                let last = if tenant.last >= program.operations.len() {
                    "end".to_owned()
                } else {
                    tenant.last.to_string()
                };
                format!("{} {}..{last}", words.tensor(tenant.tensor), tenant.first)
            });
            let tenants = tenants.collect::<Vec<_>>().join(", ");
            [index.to_string(), thousands(slot.bytes_per_quad / 4), tenants]
        })
        .collect();
    writeln!(f)?;
    columns(
        f,
        [
            "slot",
            "bytes",
            "tensors, each with the operations that first and last touch it",
        ],
        &rows,
    )
}

/// Rows below their heads, indented. A column of numbers stands right.
fn columns<const N: usize>(f: &mut Formatter<'_>, heads: [&str; N], rows: &[[String; N]]) -> fmt::Result {
    let heads = heads.map(str::to_owned);
    let width = |column: usize| {
        let cells = rows.iter().chain([&heads]).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let numeric = |column: usize| {
        let mut cells = rows.iter().filter_map(|row| row.get(column));
        cells.all(|cell| cell.chars().all(|letter| letter.is_ascii_digit() || letter == ','))
    };
    let widths: [(usize, bool); N] = std::array::from_fn(|column| (width(column), numeric(column)));
    for row in std::iter::once(&heads).chain(rows) {
        let mut line = String::new();
        for (cell, (width, right)) in row.iter().zip(widths) {
            let padding = " ".repeat(width - cell.chars().count());
            if right {
                line.extend(["  ", &padding, cell]);
            } else {
                line.extend(["  ", cell, &padding]);
            }
        }
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}

/// Names for what operations hold by number.
struct Words<'a> {
    plan: &'a Plan,
    program: &'a Program,
    labels: Vec<String>,
}

impl Words<'_> {
    fn tensor(&self, id: TensorId) -> &str {
        self.labels.get(id.0).map_or("?", String::as_str)
    }

    /// `20x8x8`: channels first, as it lies; positions in one number, since a tensor knows no more.
    fn size(&self, id: TensorId) -> String {
        let tensor = self.program.tensors.get(id.0);
        tensor.map_or_else(String::new, |tensor| match tensor.positions {
            1 => thousands(tensor.channels),
            positions => format!("{}x{}", thousands(tensor.channels), thousands(positions)),
        })
    }

    fn variable(&self, range: Range) -> &str {
        let found = self.plan.parameters.iter().find(|parameter| parameter.range == range);
        found.map_or("?", |parameter| parameter.name.as_str())
    }

    fn dvariables(&self, kernel: Range, bias: Option<Range>) -> String {
        let bias = bias.map_or_else(String::new, |bias| format!(", d{}", self.variable(bias)));
        format!("d{}{bias}", self.variable(kernel))
    }

    fn plus(&self, bias: Option<Range>) -> String {
        bias.map_or_else(String::new, |bias| format!(" + {}", self.variable(bias)))
    }

    fn doutput(&self, doutput: &Doutput) -> String {
        match doutput.codes {
            Some(codes) => format!("unpool({}, {})", self.tensor(doutput.tensor), self.tensor(codes)),
            None => self.tensor(doutput.tensor).to_owned(),
        }
    }

    fn masked(&self, formula: String, mask: Option<TensorId>) -> String {
        match mask {
            Some(mask) => format!("{formula} where {} > 0", self.tensor(mask)),
            None => formula,
        }
    }

    fn behind(&self, taken: Option<&Taken>) -> String {
        taken.map_or_else(String::new, |taken| {
            format!("{}, {}, ", self.tensor(taken.input), self.tensor(taken.output))
        })
    }

    /// What the operation writes and how, and the sizes that it does that with.
    fn formula(&self, operation: &Operation) -> (String, String) {
        let name = |id: &TensorId| self.tensor(*id);
        let through = |from: &TensorId, to: &TensorId| format!("{} -> {}", self.size(*from), self.size(*to));
        match &operation.kind {
            Kind::Gather { output } => (format!("{} = data[order]", name(output)), self.size(*output)),
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
                let mut formula = format!("conv({}, {})", name(input), self.variable(*kernel));
                formula.push_str(&self.plus(*bias));
                if *relu {
                    formula = format!("relu({formula})");
                }
                if *pool {
                    formula = format!("max2x2({formula})");
                }
                let made = codes.map_or_else(String::new, |codes| format!(", {}", self.tensor(codes)));
                let channels = (geometry.in_channels, geometry.out_channels);
                let sizes = format!(
                    "{}{}",
                    window(&geometry.grid, channels),
                    if *pool { ", then halved" } else { "" }
                );
                (format!("{}{made} = {formula}", name(output)), sizes)
            }
            Kind::ConvolutionDkernel {
                geometry,
                input,
                doutput,
                kernel,
                bias,
            } => {
                let formula = format!("{} * {}", name(input), self.doutput(doutput));
                let channels = (geometry.in_channels, geometry.out_channels);
                (
                    format!("{} = {formula}", self.dvariables(*kernel, *bias)),
                    window(&geometry.grid, channels),
                )
            }
            Kind::ConvolutionDinput {
                geometry,
                doutput,
                kernel,
                mask,
                dinput,
            } => {
                let formula = format!("conv_transposed({}, {})", self.doutput(doutput), self.variable(*kernel));
                let channels = (geometry.in_channels, geometry.out_channels);
                (
                    format!("{} = {}", name(dinput), self.masked(formula, *mask)),
                    window(&geometry.grid, channels),
                )
            }
            Kind::Dense {
                geometry,
                input,
                kernel,
                bias,
                relu,
                output,
            } => {
                let mut formula = format!("{} @ {}{}", name(input), self.variable(*kernel), self.plus(*bias));
                if *relu {
                    formula = format!("relu({formula})");
                }
                (format!("{} = {formula}", name(output)), product(geometry))
            }
            Kind::DenseDkernel {
                geometry,
                input,
                doutput,
                kernel,
                bias,
            } => {
                let formula = format!("{}^T @ {}", name(input), name(doutput));
                (
                    format!("{} = {formula}", self.dvariables(*kernel, *bias)),
                    product(geometry),
                )
            }
            Kind::DenseDinput {
                geometry,
                doutput,
                kernel,
                mask,
                dinput,
            } => {
                let formula = format!("{} @ {}^T", name(doutput), self.variable(*kernel));
                (
                    format!("{} = {}", name(dinput), self.masked(formula, *mask)),
                    product(geometry),
                )
            }
            Kind::Activation {
                function,
                input,
                output,
            } => {
                let formula = format!("{} = {}({})", name(output), called(*function), name(input));
                (formula, self.size(*output))
            }
            Kind::ActivationBackward {
                function,
                input,
                output,
                doutput,
                dinput,
            } => {
                let at = input.as_ref().unwrap_or(output);
                let formula = format!("{}'({}) * {}", called(*function), name(at), name(doutput));
                (format!("{} = {formula}", name(dinput)), self.size(*dinput))
            }
            Kind::Softmax { input, output } => (
                format!("{} = softmax({})", name(output), name(input)),
                self.size(*output),
            ),
            Kind::SoftmaxBackward {
                output,
                doutput,
                dinput,
            } => (
                format!("{} = softmax'({}) * {}", name(dinput), name(output), name(doutput)),
                self.size(*dinput),
            ),
            Kind::Pool {
                pool,
                geometry,
                input,
                output,
            } => (
                format!("{} = {}_pool({})", name(output), pooled(*pool), name(input)),
                window(&geometry.grid, (geometry.channels, geometry.channels)),
            ),
            Kind::PoolBackward {
                pool,
                geometry,
                taken,
                doutput,
                dinput,
            } => {
                let taken = self.behind(taken.as_ref());
                let formula = format!("{}_pool'({taken}{})", pooled(*pool), name(doutput));
                (
                    format!("{} = {formula}", name(dinput)),
                    window(&geometry.grid, (geometry.channels, geometry.channels)),
                )
            }
            Kind::GlobalPool { pool, input, output } => (
                format!("{} = global_{}_pool({})", name(output), pooled(*pool), name(input)),
                through(input, output),
            ),
            Kind::GlobalPoolBackward {
                pool,
                taken,
                doutput,
                dinput,
            } => {
                let taken = self.behind(taken.as_ref());
                let formula = format!("global_{}_pool'({taken}{})", pooled(*pool), name(doutput));
                (format!("{} = {formula}", name(dinput)), through(dinput, doutput))
            }
            Kind::Add { left, right, output } => (
                format!("{} = {} + {}", name(output), name(left), name(right)),
                self.size(*output),
            ),
            Kind::Copy {
                blocks,
                block,
                input_stride,
                input_offset,
                output_stride,
                output_offset,
                input,
                output,
            } => (
                format!("part of {} = part of {}", name(output), name(input)),
                format!(
                    "{blocks} blocks of {block}, from {input_offset} every {input_stride} to {output_offset} every \
                     {output_stride}"
                ),
            ),
            Kind::Transpose {
                rows,
                columns,
                input,
                output,
            } => (
                format!("{} = {}^T", name(output), name(input)),
                format!("{rows}x{columns}"),
            ),
            Kind::Loss {
                classes,
                from_logits,
                input,
                dinput,
            } => {
                let dinput = dinput
                    .as_ref()
                    .map_or_else(String::new, |dinput| format!(", {}", name(dinput)));
                (
                    format!("loss{dinput} = cross_entropy({}, labels)", name(input)),
                    format!("{classes} {}", made(*from_logits)),
                )
            }
            Kind::Head {
                geometry,
                input,
                kernel,
                bias,
                from_logits,
                doutput,
            } => {
                let doutput = doutput
                    .as_ref()
                    .map_or_else(String::new, |doutput| format!(", {}", name(doutput)));
                let formula = format!("{} @ {}{}", name(input), self.variable(*kernel), self.plus(*bias));
                (
                    format!("loss{doutput} = cross_entropy({formula}, labels)"),
                    format!("{} {}", product(geometry), made(*from_logits)),
                )
            }
            Kind::Update => (
                "parameters = optimizer(parameters, gradients)".to_owned(),
                format!("{} floats", thousands(self.plan.parameter_floats)),
            ),
        }
    }
}

/// What a loss is taken from.
const fn made(from_logits: bool) -> &'static str {
    if from_logits { "logits" } else { "probabilities" }
}

const fn pooled(pool: PoolKind) -> &'static str {
    match pool {
        PoolKind::Max => "max",
        PoolKind::Average => "average",
    }
}

/// `5x5: 28x28x1 -> 24x24x10`, and what else the window does.
fn window(grid: &Grid, (inputs, outputs): (usize, usize)) -> String {
    let (v, h) = (grid.vertical, grid.horizontal);
    let unless = |word: &str, plain: (usize, usize), sizes: (usize, usize)| {
        if sizes == plain {
            String::new()
        } else {
            format!(" {word} {}x{}", sizes.0, sizes.1)
        }
    };
    let strides = unless("every", (1, 1), (v.stride, h.stride));
    let dilation = unless("dilated", (1, 1), (v.dilation, h.dilation));
    let padding = unless("padded", (0, 0), (v.pad_before, h.pad_before));
    format!(
        "{}x{}{strides}{dilation}{padding}: {}x{}x{inputs} -> {}x{}x{outputs}",
        v.size, h.size, v.input, h.input, v.output, h.output
    )
}

fn product(geometry: &crate::plan::Dense) -> String {
    let columns = match geometry.positions {
        1 => String::new(),
        positions => format!(", {} columns", thousands(positions)),
    };
    format!(
        "{} -> {}{columns}",
        thousands(geometry.inputs),
        thousands(geometry.units)
    )
}

fn called(function: Activation) -> String {
    function.to_string()
}
