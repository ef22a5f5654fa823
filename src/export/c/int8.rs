//! A C file whose products, pools and what lies between them are computed in 8-bit integers.

use super::ports::{arguments, output_name, words};
use super::writer::{Writer, array, is_mean, permuted_strides, section, shared_strides, weight_name, window};
use crate::export::int8::{Params, Quantized};
use crate::export::memory::Memory;
use crate::export::model::Model;
use crate::export::text::{c_float as float, sizes3};
use compiler::portable::{Graph, Node, Op, ValueId, WeightId};
use std::collections::BTreeMap;

/// A tensor in memory: a value as integers, or as floats.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Held {
    Integers(ValueId),
    Floats(ValueId),
}

/// The steps that the C code computes, one after another.
enum Step<'a> {
    /// The value is rounded from floats to integers.
    Round(ValueId),
    /// The value is converted from integers to floats.
    Widen(ValueId),
    /// A node is computed, in integers (true) or in floats.
    Node(&'a Node, bool),
}

/// The text of the C file.
pub fn text(int8: &Quantized, model: &Model<'_>) -> String {
    let graph = &int8.graph;
    let steps = steps(int8);
    let (places, bytes) = places(int8, &steps);
    let mut writer = Writer::in_memory(graph, Memory::of(graph, |_| false));
    writer.places = places
        .iter()
        .filter_map(|(held, &place)| match held {
            Held::Floats(value) => Some((*value, format!("((float *)work + {})", place / 4))),
            Held::Integers(_) => None,
        })
        .collect();
    let ports = writer.ports.clone();
    writer.places.extend(ports);
    let at = |value: ValueId| {
        let place = places.get(&Held::Integers(value)).copied().unwrap_or(0);
        format!("((int8_t *)work + {place})")
    };
    let mut kernels: Vec<WeightId> = Vec::new();
    for step in &steps {
        match step {
            Step::Round(value) => {
                let (from, size, params) = (
                    writer.place(*value),
                    graph.shape(*value).elements(),
                    params(int8, *value),
                );
                writer.call(
                    "quantize8",
                    &from,
                    &format!("{size}, {}, {}", float(params.scale), params.zero),
                    &at(*value),
                );
            }
            Step::Widen(value) => {
                let (to, size, params) = (
                    writer.place(*value),
                    graph.shape(*value).elements(),
                    params(int8, *value),
                );
                writer.call(
                    "dequantize8",
                    &at(*value),
                    &format!("{size}, {}, {}", float(params.scale), params.zero),
                    &to,
                );
            }
            Step::Node(node, false) => writer.node(node),
            Step::Node(node, true) => integer_node(&mut writer, int8, node, &at, &mut kernels),
        }
    }
    written(&writer, int8, model, &kernels, bytes)
}

fn params(int8: &Quantized, value: ValueId) -> Params {
    int8.params_of(value).unwrap_or(Params { scale: 1.0, zero: 0 })
}

/// The nodes in order, with conversions between integers and floats where they are needed.
fn steps(int8: &Quantized) -> Vec<Step<'_>> {
    let graph = &int8.graph;
    let mut steps = Vec::new();
    let mut held: Vec<Held> = graph.inputs.iter().map(|&input| Held::Floats(input)).collect();
    let round = |value: ValueId, steps: &mut Vec<Step<'_>>, held: &mut Vec<Held>| {
        if int8.params_of(value).is_some() {
            steps.push(Step::Round(value));
            // Others take it rounded as well.
            held.retain(|&other| other != Held::Floats(value));
            held.push(Held::Integers(value));
        }
    };
    for &input in &graph.inputs {
        round(input, &mut steps, &mut held);
    }
    let widen = |value: ValueId, steps: &mut Vec<Step<'_>>, held: &mut Vec<Held>| {
        if !held.contains(&Held::Floats(value)) && held.contains(&Held::Integers(value)) {
            steps.push(Step::Widen(value));
            held.push(Held::Floats(value));
        }
    };
    for (place, node) in graph.nodes.iter().enumerate() {
        if int8.is_integer(place) {
            steps.push(Step::Node(node, true));
            held.push(Held::Integers(node.output));
        } else {
            node.inputs
                .iter()
                .for_each(|&input| widen(input, &mut steps, &mut held));
            steps.push(Step::Node(node, false));
            held.push(Held::Floats(node.output));
            round(node.output, &mut steps, &mut held);
        }
    }
    for &output in &graph.outputs {
        widen(output, &mut steps, &mut held);
    }
    steps
}

/// The offset of each tensor in the memory, in bytes, and how many bytes that needs altogether.
fn places(int8: &Quantized, steps: &[Step<'_>]) -> (BTreeMap<Held, usize>, usize) {
    let graph = &int8.graph;
    // What a step takes and makes; a tensor that is another under another shape is that one.
    let touched = |step: &Step<'_>| -> (Vec<Held>, Held) {
        match step {
            Step::Round(value) => (vec![Held::Floats(*value)], Held::Integers(*value)),
            Step::Widen(value) => (vec![Held::Integers(*value)], Held::Floats(*value)),
            Step::Node(node, true) => (
                node.inputs.iter().map(|&input| Held::Integers(input)).collect(),
                Held::Integers(node.output),
            ),
            Step::Node(node, false) => (
                node.inputs.iter().map(|&input| Held::Floats(input)).collect(),
                Held::Floats(node.output),
            ),
        }
    };
    let is_same = |step: &Step<'_>| match step {
        Step::Node(node, integer) => node.op == Op::Reshape || (*integer && int8.is_idle(node)),
        Step::Round(_) | Step::Widen(_) => false,
    };
    let mut roots: BTreeMap<Held, Held> = BTreeMap::new();
    let mut last: BTreeMap<Held, usize> = BTreeMap::new();
    for (index, step) in steps.iter().enumerate() {
        let (taken, made) = touched(step);
        for held in &taken {
            last.insert(roots.get(held).copied().unwrap_or(*held), index);
        }
        if let (true, Some(first)) = (is_same(step), taken.first()) {
            let root = roots.get(first).copied().unwrap_or(*first);
            roots.insert(made, root);
        }
    }
    for output in graph.outputs.iter().map(|&output| Held::Floats(output)) {
        last.insert(roots.get(&output).copied().unwrap_or(output), usize::MAX);
    }
    let size = |held: Held| match held {
        Held::Integers(value) => graph.shape(value).elements().next_multiple_of(4),
        Held::Floats(value) => graph.shape(value).elements() * 4,
    };
    let mut places: BTreeMap<Held, usize> = BTreeMap::new();
    let mut used: Vec<(usize, usize, Held)> = Vec::new();
    let mut bytes = 0;
    for (index, step) in steps.iter().enumerate() {
        let (_, made) = touched(step);
        if let Some(root) = roots.get(&made) {
            let place = places.get(root).copied();
            // The samples lie elsewhere.
            places.extend(place.map(|place| (made, place)));
            continue;
        }
        let mut start = 0;
        for &(from, to, _) in &used {
            if from >= start + size(made) {
                break;
            }
            start = start.max(to);
        }
        used.push((start, start + size(made), made));
        used.sort_unstable();
        places.insert(made, start);
        bytes = bytes.max(start + size(made));
        used.retain(|(_, _, held)| last.get(held).is_some_and(|&last| last > index));
    }
    (places, bytes)
}

/// The call of the function that computes a node in integers.
fn integer_node(
    writer: &mut Writer<'_>,
    int8: &Quantized,
    node: &Node,
    at: &dyn Fn(ValueId) -> String,
    kernels: &mut Vec<WeightId>,
) {
    let graph: &Graph = &int8.graph;
    let input = graph.first(node);
    let (from, to) = (graph.shape(input), graph.shape(node.output));
    let (x, y) = (at(input), at(node.output));
    let ([h, w, c], [oh, ow, oc]) = (sizes3(from), sizes3(to));
    let (taken, made) = (params(int8, input), params(int8, node.output));
    let (zx, zy) = (taken.zero, made.zero);
    if node.op != Op::Reshape && !int8.is_idle(node) {
        let name = graph.name_of(node.output);
        writer.body.push_str(&format!("    /* {name}: {to}, int8 */\n"));
    }
    let named = |kernel: WeightId| {
        let name = weight_name(kernel);
        format!("{name}, {name}_bias, {name}_scale")
    };
    match &node.op {
        Op::Convolution(op) => {
            kernels.push(op.kernel);
            let (kh, kw) = window(graph, op.kernel);
            let (sh, sw, dh, dw) = (op.strides.0, op.strides.1, op.dilation.0, op.dilation.1);
            let [(top, _), (left, _)] = op.pads;
            let arguments = format!(
                "{h}, {w}, {c}, {zx}, {}, {kh}, {kw}, {oc}, {}, {sh}, {sw}, {dh}, {dw}, {top}, {left}, {oh}, {ow}, {zy}",
                named(op.kernel),
                op.groups
            );
            writer.call("convolution8", &x, &arguments, &y);
        }
        Op::Dense(op) => {
            kernels.push(op.kernel);
            let arguments = format!("{}, {c}, {zx}, {}, {oc}, {zy}", from.positions(), named(op.kernel));
            writer.call("dense8", &x, &arguments, &y);
        }
        Op::Pool(op) => {
            let [(top, _), (left, _)] = op.pads;
            let (mean, size, strides) = (is_mean(op.kind), op.size, op.strides);
            let arguments = format!(
                "{h}, {w}, {c}, {zx}, {mean}, {}, {}, {}, {}, {top}, {left}, {oh}, {ow}",
                size.0, size.1, strides.0, strides.1
            );
            writer.call("pool8", &x, &arguments, &y);
        }
        Op::GlobalPool(kind) => {
            let arguments = format!(
                "{}, {c}, {}, {zx}, {}, {zy}",
                from.positions(),
                is_mean(*kind),
                float(taken.scale / made.scale)
            );
            writer.call("global_pool8", &x, &arguments, &y);
        }
        Op::Activation(_) if int8.is_idle(node) => {}
        Op::Activation(_) => {
            let arguments = format!("{}, {zx}, {}, {zy}", to.elements(), float(taken.scale / made.scale));
            writer.call("relu8", &x, &arguments, &y);
        }
        Op::Pad([(top, _), (left, _)]) => {
            writer.call(
                "shift8",
                &x,
                &format!("{h}, {w}, {c}, {zx}, {top}, {left}, {oh}, {ow}"),
                &y,
            );
        }
        Op::Crop([(top, _), (left, _)]) => {
            writer.call(
                "shift8",
                &x,
                &format!("{h}, {w}, {c}, {zx}, -{top}, -{left}, {oh}, {ow}"),
                &y,
            );
        }
        Op::Permute(order) => {
            let strides = permuted_strides(from, order);
            let arguments = format!("{oh}, {ow}, {oc}, {}, {}, {}", strides[0], strides[1], strides[2]);
            writer.call("permute8", &x, &arguments, &y);
        }
        Op::Concatenate(axis) => {
            let after: usize = to.sizes().iter().skip(axis + 1).product();
            let before: usize = to.sizes().iter().take(*axis).product();
            let along = |shape: &compiler::shape::Shape| shape.sizes().get(*axis).copied().unwrap_or(1) * after;
            let mut offset = 0;
            for &part in &node.inputs {
                let (size, own) = (along(graph.shape(part)), params(int8, part));
                let factor = float(own.scale / made.scale);
                let arguments = format!("{before}, {size}, {}, {}, {factor}, {zy}", along(to), own.zero);
                writer.call("blocks8", &at(part), &arguments, &format!("{y} + {offset}"));
                offset += size;
            }
        }
        Op::Merge(_) => {
            let right = node.inputs.get(1).copied().unwrap_or(input);
            let other = params(int8, right);
            let (left, behind) = (shared_strides(from.sizes()), shared_strides(graph.shape(right).sizes()));
            let arguments = format!(
                "{}, {}, {}, {zx}, {}, {}, {}, {}, {}, {}, {}, {oh}, {ow}, {oc}, {zy}",
                left[0],
                left[1],
                left[2],
                float(taken.scale / made.scale),
                at(right),
                behind[0],
                behind[1],
                behind[2],
                other.zero,
                float(other.scale / made.scale)
            );
            writer.call("add8", &x, &arguments, &y);
        }
        // The same integers at the same place.
        Op::Reshape => {}
        // The rules have none of these compute in integers.
        Op::ConvolutionTranspose(_)
        | Op::Affine { .. }
        | Op::Normalize { .. }
        | Op::Prelu { .. }
        | Op::Softmax
        | Op::Resize(_) => writer.node(node),
    }
    writer.kernels.insert("round8");
}

fn written(writer: &Writer<'_>, int8: &Quantized, model: &Model<'_>, kernels: &[WeightId], bytes: usize) -> String {
    let (name, graph) = (&writer.name, &int8.graph);
    let (inputs, outputs) = (model.inputs(), model.outputs());
    let constant: usize = kernels
        .iter()
        .filter_map(|kernel| int8.kernels.get(kernel))
        .map(|kernel| kernel.values.len() + kernel.scales.len() * 8)
        .sum();
    let floats: usize = writer
        .weights
        .iter()
        .map(|&weight| graph.weight(weight).values.len() * 4)
        .sum();
    let library = if writer.math { " -lm" } else { "" };
    let mut text = format!(
        "/* {name}: a trained network in 8-bit integers, exported by cnnc.\n\
         \x20*\n\
         \x20*   void {name}_predict({});\n\
         \x20*\n\
         {}\
         \x20* memory  {bytes} bytes at its peak, static; no heap. Weights: {} bytes, constant\n\
         \x20* build   cc -std=c99 -O2 -c FILE.c{library}\n\
         \x20* check   cc -std=c99 -O2 -DCNNC_CHECK FILE.c{library} && ./a.out\n\
         \x20*         prints the largest difference of {} samples to what cnnc predicts in integers\n\
         \x20*/\n#include <stdint.h>\n",
        arguments(&writer.ports, (&inputs, &outputs), |name, elements| format!(
            "{name}[{elements}]"
        )),
        words(&writer.ports, (&inputs, &outputs), model.input_words()),
        constant + floats,
        model.samples.count,
    );
    if writer.math {
        text.push_str("#include <math.h>\n");
    }
    text.push('\n');
    for &kernel in kernels {
        let (held, Some(made)) = (graph.weight(kernel), int8.kernels.get(&kernel)) else {
            continue;
        };
        let out = int8.scale_behind(kernel);
        let factors: Vec<f32> = made.bias_scales.iter().map(|scale| scale / out).collect();
        let own = weight_name(kernel);
        text.push_str(&format!(
            "/* {} {:?}; sums times {own}_scale are the output's integers */\n",
            held.name, held.shape
        ));
        text.push_str(&integers(
            "int8_t",
            &own,
            made.values.iter().map(|&value| i32::from(value)),
        ));
        text.push_str(&integers("int32_t", &format!("{own}_bias"), made.bias.iter().copied()));
        text.push_str(&array(&format!("{own}_scale"), &factors));
    }
    for &weight in &writer.weights {
        let held = graph.weight(weight);
        text.push_str(&format!("/* {} {:?} */\n", held.name, held.shape));
        text.push_str(&array(&weight_name(weight), &held.values));
    }
    // Floats, so that it begins where floats may.
    text.push_str(&format!("\nstatic float work[{}];\n\n", (bytes / 4).max(1)));
    // What others call comes first.
    text.push_str(section("round8"));
    for kernel in writer.kernels.iter().filter(|kernel| **kernel != "round8") {
        text.push_str(section(kernel));
    }
    let taken = arguments(&writer.ports, (&inputs, &outputs), |name, _| format!("*{name}"));
    text.push_str(&format!(
        "void {name}_predict({taken});\n\nvoid {name}_predict({taken}) {{\n{}",
        writer.body
    ));
    for part in &outputs {
        let last = writer.place(part.value);
        text.push_str(&format!(
            "    for (int i = 0; i < {}; i++) {}[i] = ({last})[i];\n",
            part.shape.elements(),
            output_name(part, outputs.len()),
        ));
    }
    text.push_str("}\n");
    text + &writer.check(model)
}

/// A constant array of integers, several on a line.
fn integers(kind: &str, name: &str, values: impl Iterator<Item = i32>) -> String {
    let values: Vec<String> = values.map(|value| value.to_string()).collect();
    let mut text = format!("static const {kind} {name}[{}] = {{\n", values.len());
    for row in values.chunks(24) {
        text.push_str(&format!("    {},\n", row.join(", ")));
    }
    text + "};\n"
}
