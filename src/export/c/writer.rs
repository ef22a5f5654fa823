//! The C file of a network in floats: each operation is a call of a kernel.

use super::activation::formula;
use crate::export::memory::{Memory, Place};
use crate::export::model::Model;
use crate::export::text::{c_float as float, c_identifier, sizes3};
use compiler::ops::{Interpolation, PoolKind};
use compiler::portable::{Graph, Merge, Node, Op, Sets, ValueId, WeightId};
use std::collections::{BTreeMap, BTreeSet};

const KERNELS: &str = include_str!("kernels.c");

/// A C file that is being written.
pub(super) struct Writer<'a> {
    pub(super) graph: &'a Graph,
    pub(super) memory: Memory,
    /// The addresses, as expressions in C, of tensors outside that memory.
    pub(super) places: BTreeMap<ValueId, String>,
    pub(super) name: String,
    pub(super) body: String,
    pub(super) kernels: BTreeSet<&'static str>,
    pub(super) weights: BTreeSet<WeightId>,
    pub(super) math: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(graph: &'a Graph) -> Self {
        let memory = Memory::of(graph, |op| {
            matches!(
                op,
                Op::Affine { .. } | Op::Activation(_) | Op::Softmax | Op::Prelu { .. }
            )
        });
        let mut writer = Self::in_memory(graph, memory);
        graph.nodes.iter().for_each(|node| writer.node(node));
        writer
    }

    pub(super) fn in_memory(graph: &'a Graph, memory: Memory) -> Self {
        Self {
            graph,
            memory,
            places: BTreeMap::new(),
            name: c_identifier(&graph.name),
            body: String::new(),
            kernels: BTreeSet::new(),
            weights: BTreeSet::new(),
            math: false,
        }
    }

    pub(super) fn text(&self, model: &Model<'_>) -> String {
        let (name, graph) = (&self.name, self.graph);
        let (inputs, outputs) = (graph.shape(graph.input), graph.shape(graph.output));
        let used: Vec<&WeightId> = self.weights.iter().collect();
        let weights: usize = used.iter().map(|&&weight| graph.weight(weight).values.len()).sum();
        let bytes = self.memory.elements * 4;
        let library = if self.math { " -lm" } else { "" };
        let mut text = format!(
            "/* {name}: a trained network, exported by cnnc.\n\
             \x20*\n\
             \x20*   void {name}_predict(const float input[{}], float output[{}]);\n\
             \x20*\n\
             \x20* input   {inputs}, channels last; {}\n\
             \x20* output  {outputs}\n\
             \x20* memory  {bytes} bytes at its peak, static; no heap. Weights: {} bytes, constant\n\
             \x20* build   cc -std=c99 -O2 -c FILE.c{library}\n\
             \x20* check   cc -std=c99 -O2 -DCNNC_CHECK FILE.c{library} && ./a.out\n\
             \x20*         prints the largest difference of {} samples to what cnnc predicts\n\
             \x20*/\n",
            inputs.elements(),
            outputs.elements(),
            model.input_words(),
            weights * 4,
            model.samples.count,
        );
        if self.math {
            text.push_str("#include <math.h>\n\n");
        }
        for &&weight in &used {
            let held = graph.weight(weight);
            text.push_str(&format!("/* {} {:?} */\n", held.name, held.shape));
            text.push_str(&array(&weight_name(weight), &held.values));
        }
        if self.memory.elements > 0 {
            text.push_str(&format!("\nstatic float work[{}];\n\n", self.memory.elements));
        }
        for kernel in &self.kernels {
            text.push_str(section(kernel));
        }
        text.push_str(&format!(
            "void {name}_predict(const float *input, float *output);\n\nvoid {name}_predict(const float *input, float *output) {{\n{}",
            self.body
        ));
        let last = self.place(graph.output);
        text.push_str(&format!(
            "    for (int i = 0; i < {}; i++) output[i] = ({last})[i];\n}}\n",
            outputs.elements()
        ));
        text + &self.check(model)
    }

    /// The part of the file that compares the network's outputs for the samples with those expected.
    pub(super) fn check(&self, model: &Model<'_>) -> String {
        let elements = |value: ValueId| self.graph.shape(value).elements().to_string();
        let mut text = "\n#ifdef CNNC_CHECK\n".to_owned();
        text.push_str(&array("sample_inputs", &model.samples.inputs));
        text.push_str(&array("sample_outputs", &model.samples.outputs));
        text.push_str("#endif\n");
        let check = section("check")
            .replace("@NAME@", &self.name)
            .replace("@SAMPLES@", &model.samples.count.to_string())
            .replace("@INPUTS@", &elements(self.graph.input))
            .replace("@OUTPUTS@", &elements(self.graph.output));
        text + &check
    }

    pub(super) fn place(&self, value: ValueId) -> String {
        if let Some(place) = self.places.get(&value) {
            return place.clone();
        }
        match self.memory.place(value) {
            Place::Input => "input".to_owned(),
            Place::Memory(0) => "work".to_owned(),
            Place::Memory(offset) => format!("work + {offset}"),
        }
    }

    fn weight(&mut self, weight: WeightId) -> String {
        self.weights.insert(weight);
        weight_name(weight)
    }

    fn bias(&mut self, bias: Option<WeightId>) -> String {
        bias.map_or_else(|| "0".to_owned(), |bias| self.weight(bias))
    }

    /// Adds a call of a kernel: the address of the input, other arguments, the address of the output.
    pub(super) fn call(&mut self, kernel: &'static str, input: &str, arguments: &str, output: &str) {
        self.kernels.insert(kernel);
        self.body
            .push_str(&format!("    {kernel}({input}, {arguments}, {output});\n"));
    }

    pub(super) fn node(&mut self, node: &Node) {
        let graph = self.graph;
        let input = graph.first(node);
        let (from, to) = (graph.shape(input).clone(), graph.shape(node.output).clone());
        let (x, y) = (self.place(input), self.place(node.output));
        let ([h, w, c], [oh, ow, oc]) = (sizes3(&from), sizes3(&to));
        if node.op != Op::Reshape {
            self.body
                .push_str(&format!("    /* {}: {to} */\n", graph.name_of(node.output)));
        }
        match &node.op {
            Op::Convolution(op) => {
                let (kernel, bias) = (self.weight(op.kernel), self.bias(op.bias));
                let (kh, kw) = window(graph, op.kernel);
                let (sh, sw, dh, dw) = (op.strides.0, op.strides.1, op.dilation.0, op.dilation.1);
                let [(top, _), (left, _)] = op.pads;
                let arguments = format!(
                    "{h}, {w}, {c}, {kernel}, {bias}, {kh}, {kw}, {oc}, {}, {sh}, {sw}, {dh}, {dw}, {top}, {left}, {oh}, {ow}",
                    op.groups
                );
                self.call("convolution", &x, &arguments, &y);
            }
            Op::ConvolutionTranspose(op) => {
                let (kernel, bias) = (self.weight(op.kernel), self.bias(op.bias));
                let (kh, kw) = window(graph, op.kernel);
                let (sh, sw, dh, dw) = (op.strides.0, op.strides.1, op.dilation.0, op.dilation.1);
                let (top, left) = op.before;
                let arguments = format!(
                    "{h}, {w}, {c}, {kernel}, {bias}, {kh}, {kw}, {oc}, {sh}, {sw}, {dh}, {dw}, {top}, {left}, {oh}, {ow}"
                );
                self.call("transposed", &x, &arguments, &y);
            }
            Op::Dense(op) => {
                let (kernel, bias) = (self.weight(op.kernel), self.bias(op.bias));
                let arguments = format!("{}, {c}, {kernel}, {bias}, {oc}", from.positions());
                self.call("dense", &x, &arguments, &y);
            }
            Op::Pool(op) => {
                let [(top, _), (left, _)] = op.pads;
                let (mean, size, strides) = (is_mean(op.kind), op.size, op.strides);
                let arguments = format!(
                    "{h}, {w}, {c}, {mean}, {}, {}, {}, {}, {top}, {left}, {oh}, {ow}",
                    size.0, size.1, strides.0, strides.1
                );
                self.call("pool", &x, &arguments, &y);
            }
            Op::GlobalPool(kind) => {
                let arguments = format!("{}, {c}, {}", from.positions(), is_mean(*kind));
                self.call("global_pool", &x, &arguments, &y);
            }
            Op::Affine { scale, shift } => {
                let (scale, shift) = (self.weight(*scale), self.weight(*shift));
                self.call(
                    "affine",
                    &x,
                    &format!("{}, {c}, {scale}, {shift}", from.positions()),
                    &y,
                );
            }
            Op::Normalize {
                sets,
                epsilon,
                gamma,
                beta,
            } => {
                self.math = true;
                let (gamma, beta) = (self.weight(*gamma), self.weight(*beta));
                let (positions, epsilon) = (from.positions(), float(*epsilon));
                match sets {
                    Sets::Positions => {
                        let arguments = format!("{positions}, {c}, {epsilon}, {gamma}, {beta}");
                        self.call("normalize_positions", &x, &arguments, &y);
                    }
                    Sets::Groups(groups) => {
                        let arguments = format!("{positions}, {c}, {groups}, {epsilon}, {gamma}, {beta}");
                        self.call("normalize_groups", &x, &arguments, &y);
                    }
                }
            }
            Op::Activation(function) => {
                let (formula, math) = formula(*function);
                self.math |= math;
                self.each(to.elements(), &x, &y, &formula);
            }
            Op::Prelu { alpha } => {
                let strides = shared_strides(&graph.weight(*alpha).shape);
                let alpha = self.weight(*alpha);
                let arguments = format!("{h}, {w}, {c}, {alpha}, {}, {}, {}", strides[0], strides[1], strides[2]);
                self.call("prelu", &x, &arguments, &y);
            }
            Op::Softmax => {
                self.math = true;
                self.call("softmax", &x, &format!("{}, {c}", from.positions()), &y);
            }
            Op::Pad([(top, _), (left, _)]) => {
                self.call("shift", &x, &format!("{h}, {w}, {c}, {top}, {left}, {oh}, {ow}"), &y);
            }
            Op::Crop([(top, _), (left, _)]) => {
                self.call("shift", &x, &format!("{h}, {w}, {c}, -{top}, -{left}, {oh}, {ow}"), &y);
            }
            // The same numbers at the same place.
            Op::Reshape => {}
            Op::Permute(order) => {
                let strides = permuted_strides(&from, order);
                let arguments = format!("{oh}, {ow}, {oc}, {}, {}, {}", strides[0], strides[1], strides[2]);
                self.call("permute", &x, &arguments, &y);
            }
            Op::Concatenate(axis) => {
                let after: usize = to.sizes().iter().skip(axis + 1).product();
                let before: usize = to.sizes().iter().take(*axis).product();
                let along = |shape: &compiler::shape::Shape| shape.sizes().get(*axis).copied().unwrap_or(1) * after;
                let mut offset = 0;
                for &part in &node.inputs {
                    let size = along(graph.shape(part));
                    let arguments = format!("{before}, {size}, {}", along(&to));
                    let place = self.place(part);
                    self.call("blocks", &place, &arguments, &format!("{y} + {offset}"));
                    offset += size;
                }
            }
            Op::Merge(merge) => {
                let right = node.inputs.get(1).copied().unwrap_or(input);
                let strides = [shared_strides(from.sizes()), shared_strides(graph.shape(right).sizes())];
                let z = self.place(right);
                let formula = match merge {
                    Merge::Add => "a + b",
                    Merge::Multiply => "a * b",
                    Merge::Subtract => "a - b",
                    Merge::Maximum => "a > b ? a : b",
                    Merge::Minimum => "a < b ? a : b",
                };
                let index = |[sh, sw, sc]: [usize; 3]| format!("i * {sh} + j * {sw} + o * {sc}");
                self.body.push_str(&format!(
                    "    for (int i = 0; i < {oh}; i++)\n        for (int j = 0; j < {ow}; j++)\n            for (int o = 0; o < {oc}; o++) {{\n\
                     \x20               float a = ({x})[{}], b = ({z})[{}];\n\
                     \x20               ({y})[(i * {ow} + j) * {oc} + o] = {formula};\n            }}\n",
                    index(strides[0]),
                    index(strides[1]),
                ));
            }
            Op::Resize(op) => {
                let (fh, fw) = op.factors;
                match op.interpolation {
                    Interpolation::Nearest => {
                        self.call("resize_nearest", &x, &format!("{w}, {c}, {fh}, {fw}, {oh}, {ow}"), &y);
                    }
                    Interpolation::Bilinear => {
                        self.call(
                            "resize_bilinear",
                            &x,
                            &format!("{h}, {w}, {c}, {fh}, {fw}, {oh}, {ow}"),
                            &y,
                        );
                    }
                }
            }
        }
    }

    fn each(&mut self, elements: usize, x: &str, y: &str, formula: &str) {
        self.body.push_str(&format!(
            "    for (int i = 0; i < {elements}; i++) {{\n        float a = ({x})[i];\n        ({y})[i] = {formula};\n    }}\n"
        ));
    }
}

pub(super) fn is_mean(kind: PoolKind) -> u8 {
    match kind {
        PoolKind::Max => 0,
        PoolKind::Average => 1,
    }
}

pub(super) fn window(graph: &Graph, kernel: WeightId) -> (usize, usize) {
    match *graph.weight(kernel).shape {
        [height, width, ..] => (height, width),
        _ => (1, 1),
    }
}

/// Strides along height, width and channels; 0 where one value serves for all.
pub(super) fn shared_strides(sizes: &[usize]) -> [usize; 3] {
    let [height, width, channels] = sizes3(&compiler::shape::Shape::new(sizes.to_vec()));
    let stride = |size: usize, stride: usize| if size == 1 { 0 } else { stride };
    [
        stride(height, width * channels),
        stride(width, channels),
        stride(channels, 1),
    ]
}

/// Strides of the input along each axis of the output.
pub(super) fn permuted_strides(from: &compiler::shape::Shape, order: &[usize]) -> [usize; 3] {
    let stride = |axis: usize| from.sizes().iter().skip(axis + 1).product::<usize>();
    let mut strides = [0; 3];
    let first = 3 - order.len().min(3);
    for (place, &axis) in strides.iter_mut().skip(first).zip(order) {
        *place = stride(axis);
    }
    strides
}

pub(super) fn weight_name(weight: WeightId) -> String {
    format!("w{}", weight.0)
}

/// A constant array of floats, several on a line.
pub(super) fn array(name: &str, values: &[f32]) -> String {
    let mut text = format!("static const float {name}[{}] = {{\n", values.len());
    for row in values.chunks(12) {
        let row: Vec<String> = row.iter().map(|&value| float(value)).collect();
        text.push_str(&format!("    {},\n", row.join(", ")));
    }
    text + "};\n"
}

/// The source of a kernel, from `kernels.c`.
pub(super) fn section(name: &str) -> &'static str {
    let begin = format!("/* == {name} == */\n");
    let from = KERNELS.find(&begin).map_or(KERNELS.len(), |at| at + begin.len());
    let rest = KERNELS.get(from..).unwrap_or_default();
    rest.get(..rest.find("/* == ").unwrap_or(rest.len()))
        .unwrap_or_default()
}
