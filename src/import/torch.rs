//! Reads a state dict of PyTorch, as safetensors, for a network that has a description. Names do not reliably tell about the
//! network, so modules are told apart by the shapes of their tensors; those with the same shapes are taken in the order of their
//! names, in which numbers count as numbers.

use crate::session::{Error, Result};
use compiler::network::{CheckedNetwork, NodeId};
use compiler::variable::Variable;
use runtime::checkpoint::NamedTensor;
use safetensors::{Dtype, SafeTensors};
use std::collections::BTreeMap;
use std::path::Path;

/// The largest state dict that is read, in bytes.
const MOST_BYTES: u64 = 1 << 33;

/// The last component of a tensor's name, and the tensor's shape.
type Slot = (&'static str, Vec<usize>);

/// The module of PyTorch that a layer of the network corresponds to.
struct Wanted<'a> {
    name: &'a str,
    variables: &'a [Variable],
    slots: Vec<Slot>,
    /// The rows, columns and channels of the picture that was flattened before a dense layer.
    flattened: Option<(usize, usize, usize)>,
}

/// Reads the variables of the network from a file.
pub fn read(path: &Path, network: &CheckedNetwork) -> Result<Vec<NamedTensor>> {
    let bytes = super::file::read(path, MOST_BYTES)?;
    of(&bytes, network).map_err(|error| super::file::named(path, &error))
}

fn of(bytes: &[u8], network: &CheckedNetwork) -> Result<Vec<NamedTensor>> {
    let file = SafeTensors::deserialize(bytes)
        .map_err(|cause| Error::message(format!("this is not a safetensors file: {cause}")))?;
    // What `cnnc export` writes is flattened as layers here do it.
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|cause| Error::message(cause.to_string()))?;
    let says = header.metadata().as_ref().and_then(|all| all.get("flatten").cloned());
    let channels_first = says.as_deref() != Some("channels last");
    let modules = modules(&file);
    let mut wanted = Vec::new();
    for (id, node, _, variables) in network.nodes() {
        if variables.is_empty() {
            continue;
        }
        let slots = slots(node.layer.class(), variables).ok_or_else(|| {
            Error::message(format!(
                "{} ({}) has no module of the same weights in PyTorch",
                node.name,
                node.layer.class()
            ))
        })?;
        wanted.push(Wanted {
            name: &node.name,
            variables,
            slots,
            flattened: flattened(network, id).filter(|_| channels_first),
        });
    }
    let mut tensors: Vec<NamedTensor> = Vec::new();
    let mut used = 0;
    for (place, layer) in wanted.iter().enumerate() {
        let alike = |other: &&Wanted<'_>| other.slots == layer.slots;
        let before = wanted.iter().take(place).filter(alike).count();
        let all = wanted.iter().filter(alike).count();
        let found: Vec<&Module> = modules.iter().filter(|module| module.is(&layer.slots)).collect();
        if found.len() != all {
            return Err(mismatch(layer, all, &found));
        }
        let Some(module) = found.get(before) else { continue };
        used += 1;
        for (variable, (slot, _)) in layer.variables.iter().zip(&layer.slots) {
            let name = module.tensor(slot);
            let values = floats(&file, &name)?;
            let values = in_keras_s_order(&values, variable, layer);
            tensors.push((
                format!("{}.{}", layer.name, variable.name),
                variable.shape.clone(),
                values,
            ));
        }
    }
    if let Some(surplus) = modules
        .iter()
        .find(|module| !wanted.iter().any(|layer| module.is(&layer.slots)))
        .filter(|_| used < modules.len())
    {
        return Err(Error::message(format!(
            "no layer of the network has the weights of the module `{}`: {}",
            surplus.name,
            surplus.shapes()
        )));
    }
    Ok(tensors)
}

fn mismatch(layer: &Wanted<'_>, all: usize, found: &[&Module]) -> Error {
    let shapes: Vec<String> = layer
        .slots
        .iter()
        .map(|(slot, shape)| format!("{slot} {shape:?}"))
        .collect();
    let names: Vec<&str> = found.iter().map(|module| module.name.as_str()).collect();
    let found = match names.as_slice() {
        [] => "none".to_owned(),
        names => format!("{}: {}", names.len(), names.join(", ")),
    };
    Error::message(format!(
        "the network has {all} with weights as those of {} ({}); the file's modules with such are {found}",
        layer.name,
        shapes.join(", ")
    ))
}

/// The tensors of a module, by the last components of their names.
struct Module {
    name: String,
    tensors: BTreeMap<String, Vec<usize>>,
}

impl Module {
    fn is(&self, slots: &[Slot]) -> bool {
        self.tensors.len() == slots.len() && slots.iter().all(|(slot, shape)| self.tensors.get(*slot) == Some(shape))
    }

    fn tensor(&self, slot: &str) -> String {
        if self.name.is_empty() {
            slot.to_owned()
        } else {
            format!("{}.{slot}", self.name)
        }
    }

    fn shapes(&self) -> String {
        let shapes: Vec<String> = self
            .tensors
            .iter()
            .map(|(slot, shape)| format!("{slot} {shape:?}"))
            .collect();
        shapes.join(", ")
    }
}

/// The modules in the order of their names, without `num_batches_tracked`.
fn modules(file: &SafeTensors<'_>) -> Vec<Module> {
    let mut modules: BTreeMap<String, BTreeMap<String, Vec<usize>>> = BTreeMap::new();
    for (name, tensor) in file.iter() {
        let (module, own) = name.rsplit_once('.').unwrap_or(("", name));
        if own != "num_batches_tracked" {
            modules
                .entry(module.to_owned())
                .or_default()
                .insert(own.to_owned(), tensor.shape().to_vec());
        }
    }
    let mut modules: Vec<Module> = modules
        .into_iter()
        .map(|(name, tensors)| Module { name, tensors })
        .collect();
    modules.sort_by_key(|module| natural(&module.name));
    modules
}

/// A name split up for sorting, so that `conv10` comes after `conv9`.
fn natural(name: &str) -> Vec<(String, u64)> {
    let mut parts = vec![(String::new(), 0_u64)];
    let mut in_number = false;
    for letter in name.chars() {
        let digit = letter.to_digit(10);
        if digit.is_none() && in_number {
            parts.push((String::new(), 0));
        }
        in_number = digit.is_some();
        if let Some((word, number)) = parts.last_mut() {
            match digit {
                Some(digit) => *number = number.saturating_mul(10).saturating_add(u64::from(digit)),
                None => word.push(letter),
            }
        }
    }
    parts
}

/// The tensors of the module that corresponds to a layer; `None` where there is no such module.
fn slots(class: &str, variables: &[Variable]) -> Option<Vec<Slot>> {
    variables
        .iter()
        .map(|variable| {
            let shape = variable.shape.as_slice();
            Some(match (class, variable.name, shape) {
                ("Conv2D", "kernel", &[height, width, inputs, outputs]) => {
                    ("weight", vec![outputs, inputs, height, width])
                }
                ("Conv2DTranspose", "kernel", &[height, width, outputs, inputs]) => {
                    ("weight", vec![inputs, outputs, height, width])
                }
                ("Conv1D", "kernel", &[length, inputs, outputs]) => ("weight", vec![outputs, inputs, length]),
                ("DepthwiseConv2D", "kernel" | "depthwise_kernel", &[height, width, channels, multiplier]) => {
                    ("weight", vec![channels * multiplier, 1, height, width])
                }
                ("Dense", "kernel", &[inputs, outputs]) => ("weight", vec![outputs, inputs]),
                ("PReLU", "alpha", shape) => ("weight", vec![shape.iter().product()]),
                (_, "bias" | "beta", shape) => ("bias", shape.to_vec()),
                (_, "gamma", shape) => ("weight", shape.to_vec()),
                (_, "moving_mean", shape) => ("running_mean", shape.to_vec()),
                (_, "moving_variance", shape) => ("running_var", shape.to_vec()),
                _ => return None,
            })
        })
        .collect()
}

/// The picture whose flattened values a layer takes, since PyTorch flattens with the channels first.
fn flattened(network: &CheckedNetwork, layer: NodeId) -> Option<(usize, usize, usize)> {
    let node = |id: NodeId| network.nodes().find(|(own, ..)| *own == id);
    let (_, own, ..) = node(layer)?;
    let mut behind = *own.inputs.first()?;
    for _ in 0..network.nodes().count() {
        let (_, before, ..) = node(behind)?;
        let input = *before.inputs.first()?;
        match before.layer.class() {
            "Flatten" => {
                let (_, _, shape, _) = node(input)?;
                return shape.as_map();
            }
            "Dropout" | "Activation" | "ReLU" | "LeakyReLU" | "ELU" | "GaussianNoise" => behind = input,
            _ => return None,
        }
    }
    None
}

fn floats(file: &SafeTensors<'_>, name: &str) -> Result<Vec<f32>> {
    let refused = || Error::message(format!("`{name}` does not hold float32 numbers"));
    let tensor = file.tensor(name).map_err(|_| refused())?;
    if tensor.dtype() != Dtype::F32 {
        return Err(refused());
    }
    let (numbers, _) = tensor.data().as_chunks::<4>();
    Ok(numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
}

/// The values of a PyTorch tensor in the order that they have in Keras.
fn in_keras_s_order(values: &[f32], variable: &Variable, layer: &Wanted<'_>) -> Vec<f32> {
    let shape = variable.shape.as_slice();
    let slot = layer
        .slots
        .iter()
        .find(|(slot, _)| *slot == "weight")
        .map(|(_, shape)| shape.as_slice());
    let at = |index: usize| values.get(index).copied().unwrap_or(0.0);
    match (variable.name, shape, slot) {
        ("kernel", &[inputs, outputs], _) => {
            let row = |input: usize| match layer.flattened {
                Some((height, width, channels)) => {
                    let (place, channel) = (input / channels, input % channels);
                    channel * height * width + place
                }
                None => input,
            };
            (0..inputs * outputs)
                .map(|index| at((index % outputs) * inputs + row(index / outputs)))
                .collect()
        }
        ("kernel", &[length, inputs, outputs], _) => (0..length * inputs * outputs)
            .map(|index| {
                let (rest, output) = (index / outputs, index % outputs);
                at((output * inputs + rest % inputs) * length + rest / inputs)
            })
            .collect(),
        // (height, width, a, b) of (b, a, height, width); depthwise, (a * b, 1, height, width).
        (_, &[height, width, first, second], Some(own)) => (0..height * width * first * second)
            .map(|index| {
                let (rest, b) = (index / second, index % second);
                let (place, a) = (rest / first, rest % first);
                let is_depthwise = own.get(1) == Some(&1) && own.first() == Some(&(first * second)) && first != 1;
                let outer = if is_depthwise { a * second + b } else { b * first + a };
                at(outer * height * width + place)
            })
            .collect(),
        _ => values.to_vec(),
    }
}
