//! Plans as text for people, which `cnnc emit plan` prints.

use super::folded::Folded;
use super::layout::{Arrangement, arrangement, arrangement_of_step};
use super::parameter::{Parameter, ParameterLayout, Range};
use super::program::{Plan, Program};
use super::streaming::Streaming;
use super::tensor::Tensor;
use super::words::{Words, Written};
use crate::numbers::thousands;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

const PREDICTION: &str = "prediction";

/// Keras's default batch size.
const USUAL_BATCH: usize = 32;

/// What chooses a program's layout for so many samples.
type Arrange = fn(&Program, usize) -> Arrangement;

impl Display for Plan {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "plan of {}: {} -> {}",
            self.model, self.input_shape, self.output_shape
        )?;
        parameters(self, f)?;
        let programs: [(&str, &Program, Arrange); 3] = [
            ("training step", &self.training, arrangement_of_step),
            ("validation step", &self.evaluation, arrangement),
            (PREDICTION, &self.prediction, arrangement),
        ];
        for (name, program, arrange) in programs {
            let folded = if name == PREDICTION {
                self.folded.as_slice()
            } else {
                &[]
            };
            if !program.operations.is_empty() {
                operations(self, name, (program, folded), f)?;
                layouts(program, arrange, f)?;
            }
        }
        streamed(self, f)
    }
}

impl Program {
    /// A name for each tensor, told apart where several have the same: the summands of a gradient become `dstem#1`, `dstem#2`.
    pub fn labels(&self) -> Vec<String> {
        // The number of tensors with the name, and the number of those that have had their turn.
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
                crate::numbers::tuple(&parameter.shape),
                order(parameter),
                starts(parameter),
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
            writeln!(f, "\noptimizer: {}, {kept}", optimizer.printed())
        }
        None => writeln!(f, "\noptimizer: none, since the description has no compile(...)"),
    }
}

/// The initial values of a variable, and that they stay if training does not move them.
fn starts(parameter: &Parameter) -> String {
    let initializer = parameter.initializer;
    if parameter.trainable {
        initializer.to_string()
    } else {
        format!("{initializer}, not trained")
    }
}

fn order(parameter: &Parameter) -> String {
    match parameter.layout {
        ParameterLayout::Convolution => "[input][row][column][filter]".to_owned(),
        ParameterLayout::Dense { positions: 1, .. } => "[input][unit]".to_owned(),
        ParameterLayout::Dense { channels, positions } => format!("[{channels} channels][{positions} positions][unit]"),
        ParameterLayout::Depthwise => "[row][column][channel]".to_owned(),
        ParameterLayout::Vector => "[value]".to_owned(),
    }
}

/// The variables as a program with folded normalizations has them: `stem.kernel bn.scale`, `bn.shift`; and what these are.
fn renamed(plan: &Plan, folded: &[Folded]) -> (Vec<Parameter>, Vec<String>) {
    let mut parameters = plan.parameters.clone();
    let mut notes = Vec::new();
    for folded in folded {
        let named = |range: Range| {
            let found = plan.parameters.iter().find(|parameter| parameter.range == range);
            found.map_or("?", |parameter| parameter.name.as_str())
        };
        let mean = named(folded.moving_mean);
        let layer = mean.rsplit_once('.').map_or(mean, |(layer, _)| layer);
        let gamma = folded.gamma.map_or("1", named);
        let variance = named(folded.moving_variance);
        notes.push(format!(
            "{layer}.scale = {gamma} / sqrt({variance} + {})",
            folded.epsilon
        ));
        let beta = folded.beta.map(named);
        let shift = match (folded.bias.map(named), beta) {
            (None, None) => format!("-{mean} * {layer}.scale"),
            (None, Some(beta)) => format!("{beta} - {mean} * {layer}.scale"),
            (Some(bias), None) => format!("({bias} - {mean}) * {layer}.scale"),
            (Some(bias), Some(beta)) => format!("{beta} + ({bias} - {mean}) * {layer}.scale"),
        };
        notes.push(format!("{layer}.shift = {shift}"));
        for parameter in &mut parameters {
            if parameter.range == folded.kernel {
                parameter.name = format!("({} * {layer}.scale)", parameter.name);
            } else if parameter.range == folded.moving_mean {
                parameter.name = format!("{layer}.shift");
            }
        }
    }
    (parameters, notes)
}

fn operations(plan: &Plan, name: &str, (program, folded): (&Program, &[Folded]), f: &mut Formatter<'_>) -> fmt::Result {
    let bytes = program.bytes(1) / 4;
    writeln!(
        f,
        "\n{name}: {} operations, {} bytes a sample in {} slots",
        program.operations.len(),
        thousands(bytes),
        program.slots.len()
    )?;
    let labels = program.labels();
    let (parameters, notes) = renamed(plan, folded);
    let words = Words {
        labels: &labels,
        tensors: &program.tensors,
        parameters: &parameters,
        parameter_floats: plan.parameter_floats,
    };
    let rows: Vec<[String; 4]> = program
        .operations
        .iter()
        .enumerate()
        .map(|(index, instruction)| {
            let Written { formula, sizes } = instruction.op.written(&words);
            [index.to_string(), instruction.layer.clone(), sizes, formula]
        })
        .collect();
    columns(f, ["#", "of", "sizes of a sample", "operation"], &rows)?;
    if !notes.is_empty() {
        writeln!(f, "\n  made when weights are set:")?;
    }
    for note in notes {
        writeln!(f, "  {note}")?;
    }
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

/// The layouts that the CPU would choose for one sample and for whole blocks of samples, and why.
fn layouts(program: &Program, arrange: Arrange, f: &mut Formatter<'_>) -> fmt::Result {
    let rows: Vec<[String; 4]> = [1, 16]
        .into_iter()
        .map(|samples| {
            let chosen = arrange(program, samples);
            let layout = match chosen.blocked {
                0 => "batch-innermost".to_owned(),
                1 => "operation 0 channel-blocked".to_owned(),
                blocked => format!("operations 0 to {} channel-blocked", blocked - 1),
            };
            let (cycles, innermost) = (thousands(chosen.cycles as usize), thousands(chosen.innermost as usize));
            [samples.to_string(), layout, cycles, innermost]
        })
        .collect();
    writeln!(f)?;
    let heads = [
        "samples",
        "layout on the CPU, by estimated cycles",
        "cycles",
        "batch-innermost",
    ];
    columns(f, heads, &rows)
}

/// The dense layers that steps on the CPU stream, in batches of the usual size.
fn streamed(plan: &Plan, f: &mut Formatter<'_>) -> fmt::Result {
    let streaming = Streaming::of(plan, USUAL_BATCH);
    let kernels = plan
        .parameters
        .iter()
        .filter(|parameter| streaming.has(parameter.range.offset));
    let names: Vec<&str> = kernels.map(|parameter| parameter.name.as_str()).collect();
    if names.is_empty() {
        return Ok(());
    }
    writeln!(
        f,
        "\nstreamed on the CPU, in batches of {USUAL_BATCH}: {}; all samples meet there, and the weights move as their gradients are summed",
        crate::call::suggest::all_of(names)
    )
}

/// Rows below their heads, indented; columns of numbers are aligned to the right.
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
