//! A network out of Keras's configuration: modules, and the order in which tensors go through them.

use anyhow::{Context, Result, bail, ensure};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Dropout, DropoutConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::prelude::*;
use burn::tensor::activation::relu;
use serde_json::Value;

/// What has parameters or settings of its own.
#[derive(Module, Debug)]
pub enum Part {
    Convolution(Conv2d),
    Norm(BatchNorm),
    Dense(Linear),
    Pool(MaxPool2d),
    Dropout(Dropout),
}

/// The modules of a network.
#[derive(Module, Debug)]
pub struct Network {
    parts: Vec<Part>,
}

/// What is done with a part or without one.
#[derive(Debug, Clone, Copy)]
enum Action {
    /// The part of this number.
    Part(usize),
    Relu,
    Relu6,
    Flatten,
    Mean,
    Add,
}

/// A step and the steps whose outputs it takes; 0 is the input.
#[derive(Debug)]
struct Step {
    action: Action,
    inputs: Vec<usize>,
}

/// The order of a network's steps.
#[derive(Debug)]
pub struct Graph {
    steps: Vec<Step>,
}

/// A map for each sample, or a row.
#[derive(Clone)]
enum Flow {
    Map(Tensor<4>),
    Row(Tensor<2>),
}

/// Reads a configuration: its layers become modules on the device, initialised by Burn.
pub fn read(text: &str, device: &Device) -> Result<(Network, Graph)> {
    let whole: Value = serde_json::from_str(text)?;
    let layers = whole["config"]["layers"].as_array().context("no layers")?;
    let mut reader = Reader {
        device,
        network: Network { parts: Vec::new() },
        steps: Vec::new(),
        names: Vec::new(),
        shapes: Vec::new(),
    };
    for layer in layers {
        reader.layer(layer)?;
    }
    let graph = Graph { steps: reader.steps };
    Ok((reader.network, graph))
}

struct Reader<'a> {
    device: &'a Device,
    network: Network,
    steps: Vec<Step>,
    /// Of the layers, with the number of the step that ends each.
    names: Vec<(String, usize)>,
    /// Channels, height and width after each step from the input on; a row has only channels.
    shapes: Vec<Vec<usize>>,
}

impl Reader<'_> {
    fn step(&mut self, action: Action, inputs: Vec<usize>, shape: Vec<usize>) -> usize {
        self.steps.push(Step { action, inputs });
        self.shapes.push(shape);
        self.shapes.len() - 1
    }

    fn part(&mut self, part: Part, input: usize, shape: Vec<usize>) -> usize {
        self.network.parts.push(part);
        self.step(Action::Part(self.network.parts.len() - 1), vec![input], shape)
    }

    fn layer(&mut self, layer: &Value) -> Result<()> {
        let (class, config) = (layer["class_name"].as_str().unwrap_or_default(), &layer["config"]);
        let name = config["name"].as_str().context("a layer without a name")?.to_owned();
        if class == "InputLayer" {
            let sizes = numbers(&config["batch_shape"]);
            ensure!(
                sizes.len() == 3 && self.shapes.is_empty(),
                "one input of height, width and channels"
            );
            self.shapes.push(vec![sizes[2], sizes[0], sizes[1]]);
            self.names.push((name, 0));
            return Ok(());
        }
        let mut sources = Vec::new();
        tensors(&layer["inbound_nodes"], &mut sources);
        let found = |source: &String| {
            self.names
                .iter()
                .find(|(known, _)| known == source)
                .map(|(_, step)| *step)
        };
        let inputs: Vec<usize> = sources.iter().filter_map(found).collect();
        ensure!(
            !inputs.is_empty() && inputs.len() == sources.len(),
            "{name}: an input that is not known"
        );
        let (input, shape) = (inputs[0], self.shapes[inputs[0]].clone());
        let end = match class {
            "Conv2D" | "DepthwiseConv2D" => self.convolution(config, input, &shape, class == "DepthwiseConv2D")?,
            "Dense" => {
                let units = number(&config["units"])?;
                let bias = config["use_bias"] == Value::Bool(true);
                let dense = LinearConfig::new(shape[0], units).with_bias(bias).init(self.device);
                self.part(Part::Dense(dense), input, vec![units])
            }
            "BatchNormalization" => {
                let momentum = 1.0 - config["momentum"].as_f64().unwrap_or(0.99);
                let norm = BatchNormConfig::new(shape[0])
                    .with_epsilon(config["epsilon"].as_f64().unwrap_or(1e-3))
                    .with_momentum(momentum)
                    .init(self.device);
                self.part(Part::Norm(norm), input, shape)
            }
            "MaxPooling2D" => {
                ensure!(config["padding"] == "valid", "{name}: padding");
                let (size, strides) = (pair(&config["pool_size"])?, pair(&config["strides"])?);
                let pool = MaxPool2dConfig::new(size).with_strides(strides).init();
                let along = |axis: usize| (shape[axis + 1] - size[axis]) / strides[axis] + 1;
                let out = vec![shape[0], along(0), along(1)];
                self.part(Part::Pool(pool), input, out)
            }
            "Dropout" => {
                let dropout = DropoutConfig::new(config["rate"].as_f64().context("a rate")?).init();
                self.part(Part::Dropout(dropout), input, shape)
            }
            "ReLU" if config["max_value"].as_f64() == Some(6.0) => self.step(Action::Relu6, vec![input], shape),
            "ReLU" => self.step(Action::Relu, vec![input], shape),
            // Its function follows below.
            "Activation" => input,
            "Flatten" => {
                let count = shape.iter().product();
                self.step(Action::Flatten, vec![input], vec![count])
            }
            "GlobalAveragePooling2D" => self.step(Action::Mean, vec![input], vec![shape[0]]),
            "Add" => self.step(Action::Add, inputs, shape),
            _ => bail!("no layer {class} in this program"),
        };
        let end = match config["activation"].as_str() {
            None | Some("linear") => end,
            Some("relu") => {
                let shape = self.shapes[end].clone();
                self.step(Action::Relu, vec![end], shape)
            }
            Some(other) => bail!("no activation {other} in this program"),
        };
        self.names.push((name, end));
        Ok(())
    }

    fn convolution(&mut self, config: &Value, input: usize, shape: &[usize], depthwise: bool) -> Result<usize> {
        let (kernel, strides) = (pair(&config["kernel_size"])?, pair(&config["strides"])?);
        ensure!(pair(&config["dilation_rate"])? == [1, 1], "dilation");
        let (filters, groups) = if depthwise {
            (shape[0] * number(&config["depth_multiplier"])?, shape[0])
        } else {
            (number(&config["filters"])?, 1)
        };
        let same = config["padding"] == "same";
        // Zeros before and after, and windows, along an axis.
        let along = |axis: usize| {
            let (size, kernel, stride) = (shape[axis + 1], kernel[axis], strides[axis]);
            if !same {
                return (0, 0, (size - kernel) / stride + 1);
            }
            let count = size.div_ceil(stride);
            let zeros = ((count - 1) * stride + kernel).saturating_sub(size);
            (zeros / 2, zeros - zeros / 2, count)
        };
        let ((top, bottom, height), (left, right, width)) = (along(0), along(1));
        let convolution = Conv2dConfig::new([shape[0], filters], kernel)
            .with_stride(strides)
            .with_groups(groups)
            .with_padding(PaddingConfig2d::Explicit(top, left, bottom, right))
            .with_bias(config["use_bias"] == Value::Bool(true))
            .init(self.device);
        Ok(self.part(Part::Convolution(convolution), input, vec![filters, height, width]))
    }
}

fn number(value: &Value) -> Result<usize> {
    Ok(usize::try_from(value.as_u64().context("a number is missing")?)?)
}

fn numbers(value: &Value) -> Vec<usize> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(|value| number(value).ok()).collect()
}

/// One number for both, or two.
fn pair(value: &Value) -> Result<[usize; 2]> {
    if value.is_u64() {
        return Ok([number(value)?; 2]);
    }
    numbers(value).try_into().ok().context("no pair of numbers")
}

/// The names of the layers whose outputs are somewhere in there.
fn tensors(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(entries)
            if entries
                .get("class_name")
                .is_some_and(|class| class == "__keras_tensor__") =>
        {
            found.extend(value["config"]["keras_history"][0].as_str().map(str::to_owned));
        }
        Value::Object(entries) => entries.values().for_each(|entry| tensors(entry, found)),
        Value::Array(items) => items.iter().for_each(|item| tensors(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

impl Flow {
    fn map(self) -> Tensor<4> {
        match self {
            Self::Map(map) => map,
            Self::Row(_) => panic!("a row where a map is needed"),
        }
    }

    fn row(self) -> Tensor<2> {
        match self {
            Self::Row(row) => row,
            Self::Map(_) => panic!("a map where a row is needed"),
        }
    }
}

impl Network {
    /// Logits (samples, classes) of pictures (samples, channels, height, width).
    pub fn forward(&self, graph: &Graph, pictures: Tensor<4>) -> Tensor<2> {
        let mut values = vec![Flow::Map(pictures)];
        for step in &graph.steps {
            let first = values[step.inputs[0]].clone();
            values.push(self.step(step, first, &values));
        }
        values.pop().map(Flow::row).expect("the last step")
    }

    fn step(&self, step: &Step, first: Flow, values: &[Flow]) -> Flow {
        match step.action {
            Action::Part(number) => match (&self.parts[number], first) {
                (Part::Convolution(part), flow) => Flow::Map(part.forward(flow.map())),
                (Part::Dense(part), flow) => Flow::Row(part.forward(flow.row())),
                (Part::Pool(part), flow) => Flow::Map(part.forward(flow.map())),
                (Part::Norm(part), Flow::Map(map)) => Flow::Map(part.forward(map)),
                (Part::Norm(part), Flow::Row(row)) => Flow::Row(part.forward(row)),
                (Part::Dropout(part), Flow::Map(map)) => Flow::Map(part.forward(map)),
                (Part::Dropout(part), Flow::Row(row)) => Flow::Row(part.forward(row)),
            },
            Action::Relu => match first {
                Flow::Map(map) => Flow::Map(relu(map)),
                Flow::Row(row) => Flow::Row(relu(row)),
            },
            Action::Relu6 => match first {
                Flow::Map(map) => Flow::Map(map.clamp(0.0, 6.0)),
                Flow::Row(row) => Flow::Row(row.clamp(0.0, 6.0)),
            },
            Action::Flatten => Flow::Row(first.map().flatten(1, 3)),
            Action::Mean => Flow::Row(first.map().mean_dim(2).mean_dim(3).flatten(1, 3)),
            Action::Add => {
                let others = step.inputs[1..].iter().map(|&input| values[input].clone().map());
                Flow::Map(others.fold(first.map(), |sum, other| sum + other))
            }
        }
    }
}
