//! TFLite (LiteRT) in float32 or int8, channels last as Keras has them.

mod activation;
mod flat;
mod int8;
mod nodes;
mod operators;

use super::int8::Quantized;
use super::model::{File, Model};
use super::npz;
use crate::session::{Error, Result};
use compiler::portable::{Graph, ValueId, WeightId};
use flat::{Field, Object};
use operators::{Operator, Options};
use std::collections::{BTreeMap, BTreeSet};

/// The largest offset that 32 bits can hold.
const MOST: usize = i32::MAX as usize;

/// The model, with samples for it in a file of their own.
///
/// # Errors
/// When an operation cannot be expressed in TFLite, or the model is too large for the format.
pub fn files(model: &Model<'_>) -> Result<Vec<File>> {
    let graph = match &model.int8 {
        Some(quantized) => quantized.graph.clone(),
        None => compiler::portable::fold(model.graph.clone()),
    };
    let floats: usize = graph.weights.iter().map(|weight| weight.values.len()).sum();
    if floats > MOST / 8 {
        return Err(Error::message(
            "a TFLite file holds at most 2 GiB, and this network has more",
        ));
    }
    let mut writer = Writer::new(&graph, model.int8.as_ref());
    for (place, node) in graph.nodes.iter().enumerate() {
        match &model.int8 {
            Some(quantized) if quantized.is_integer(place) => writer.integer_node(quantized, node)?,
            Some(_) | None => writer.node(node)?,
        }
    }
    writer.end();
    Ok(vec![
        File::main(writer.file(model)),
        File::beside("samples.npz", npz::samples(model)?),
    ])
}

/// The type of a tensor's elements, numbered as in `TensorType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Float,
    Int,
    Bool,
    Byte,
}

/// A model that is being written.
struct Writer<'a> {
    graph: &'a Graph,
    tensors: Vec<Vec<(usize, Field)>>,
    buffers: Vec<Vec<(usize, Field)>>,
    operators: Vec<(Operator, Vec<i32>, i32, Options)>,
    /// The float tensors of the graph's values, by their indices.
    values: BTreeMap<ValueId, i32>,
    /// The quantized network; `None` where all is in float32.
    int8: Option<&'a Quantized>,
    /// The integer tensors of the graph's values, by their indices.
    integers: BTreeMap<ValueId, i32>,
    /// The index of the tensor that is the model's input.
    input: i32,
}

impl<'a> Writer<'a> {
    fn new(graph: &'a Graph, int8: Option<&'a Quantized>) -> Self {
        let mut writer = Self {
            graph,
            tensors: Vec::new(),
            // The first buffer is that of tensors without contents.
            buffers: vec![Vec::new()],
            operators: Vec::new(),
            values: BTreeMap::new(),
            int8,
            integers: BTreeMap::new(),
            input: 0,
        };
        writer.input = writer.tensor("input", &writer.batched(graph.input), Kind::Float, None);
        writer.made(graph.input, writer.input);
        writer
    }

    /// The shape of a value after a batch of one.
    fn batched(&self, value: ValueId) -> Vec<usize> {
        let sizes = self.graph.shape(value).sizes().iter().copied();
        std::iter::once(1).chain(sizes).collect()
    }

    fn tensor(&mut self, name: &str, shape: &[usize], kind: Kind, contents: Option<Vec<u8>>) -> i32 {
        let index = self.tensors.len();
        let name = if name.is_empty() {
            format!("t{index}")
        } else {
            name.to_owned()
        };
        let sizes = shape.iter().map(|&size| i32::try_from(size).unwrap_or(i32::MAX));
        let mut fields = vec![(0, Field::ints(sizes.clone()))];
        fields.push((
            1,
            Field::Byte(match kind {
                Kind::Float => 0,
                Kind::Int => 2,
                Kind::Bool => 6,
                Kind::Byte => 9,
            }),
        ));
        let buffer = match contents {
            Some(bytes) => {
                self.buffers.push(vec![(0, Field::Object(Object::Bytes(bytes)))]);
                self.buffers.len() - 1
            }
            None => 0,
        };
        fields.push((2, Field::int(buffer as i32)));
        fields.push((3, Field::text(&name)));
        // Any batch: the first axis of what is computed may be resized.
        if buffer == 0 {
            fields.push((7, Field::ints(std::iter::once(-1).chain(sizes.skip(1)))));
        }
        self.tensors.push(fields);
        index as i32
    }

    /// Adds a constant of floats and returns its index.
    fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) -> i32 {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(name, shape, Kind::Float, Some(bytes))
    }

    /// Adds a constant of integers and returns its index.
    fn ints(&mut self, shape: &[usize], values: &[i32]) -> i32 {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor("", shape, Kind::Int, Some(bytes))
    }

    /// Adds a weight, with its axes as they are.
    fn weight(&mut self, weight: WeightId) -> i32 {
        let held = self.graph.weight(weight);
        self.floats(&held.name, &held.shape, &held.values)
    }

    /// Adds a bias; zeros where there is none.
    fn bias(&mut self, bias: Option<WeightId>, outputs: usize) -> i32 {
        match bias {
            Some(bias) => self.weight(bias),
            None => self.floats("", &[outputs], &vec![0.0; outputs]),
        }
    }

    /// Adds an operator and returns the index of its output, whose shape has the batch first.
    fn push(&mut self, operator: Operator, inputs: &[i32], shape: &[usize], options: Options) -> i32 {
        let output = self.tensor("", shape, Kind::Float, None);
        self.operators.push((operator, inputs.to_vec(), output, options));
        output
    }

    /// As `push`, for an operator whose output has truth values.
    fn truths(&mut self, operator: Operator, inputs: &[i32], shape: &[usize]) -> i32 {
        let output = self.tensor("", shape, Kind::Bool, None);
        self.operators.push((operator, inputs.to_vec(), output, None));
        output
    }

    fn file(self, model: &Model<'_>) -> Vec<u8> {
        let graph = self.graph;
        let output = self.values.get(&graph.output).copied().unwrap_or(0);
        let input = self.input;
        let used: Vec<Operator> = self
            .operators
            .iter()
            .map(|(operator, ..)| *operator)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let codes = used.iter().map(|&operator| {
            let number = operator as i32;
            vec![
                (0, Field::Byte(number.min(127) as u8)),
                (2, Field::int(1)),
                (3, Field::int(number)),
            ]
        });
        let operators = self.operators.iter().map(|(operator, inputs, output, options)| {
            let code = used.iter().position(|used| used == operator).unwrap_or(0);
            let mut fields = vec![
                (0, Field::int(code as i32)),
                (1, Field::ints(inputs.iter().copied())),
                (2, Field::ints([*output])),
            ];
            if let Some((kind, options)) = options {
                fields.push((3, Field::Byte(*kind)));
                fields.push((4, Field::table(options.clone())));
            }
            fields
        });
        let subgraph = vec![
            (0, Field::tables(self.tensors.clone())),
            (1, Field::ints([input])),
            (2, Field::ints([output])),
            (3, Field::tables(operators)),
            (4, Field::text(&graph.name)),
        ];
        let description = format!("exported by cnnc; input: {}", model.input_words());
        let root = Object::Table(vec![
            (0, Field::int(3)),
            (1, Field::tables(codes)),
            (2, Field::tables([subgraph])),
            (3, Field::text(&description)),
            (4, Field::tables(self.buffers.clone())),
        ]);
        flat::file(&root, *b"TFL3")
    }
}
