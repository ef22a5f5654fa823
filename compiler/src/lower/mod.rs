//! Lowering: turns a checked network into plain operations, forward and backward, one rule for each layer. It cannot fail.
//!
//! Reverse mode: going through the layers backwards, each takes the gradient of its output and makes those of its
//! variables and, where layers before it have variables, of its inputs. A tensor with several users gets the sum of
//! their gradients, added in the reverse order of the users.

mod graph;
mod judging;
mod lowering;
mod target;

use crate::network::{CheckedNetwork, NodeId};
use crate::ops::{Constrain, Regularize, Update, Weigh};
use crate::plan::builder::{Backward, Forward};
use crate::plan::mode::Mode;
use crate::plan::program::{Plan, Program};
use crate::plan::tensor::TensorId;
use crate::training::compile::Compile;
use graph::Graph;
use judging::ends;
use lowering::Lowering;
use std::collections::BTreeMap;

/// The plain plan of a network, with nothing fused and no memory assigned; `crate::plan_of` does all three.
pub fn lower(checked: &CheckedNetwork) -> Plan {
    let outputs: Vec<NodeId> = checked.network().outputs().collect();
    let graph = Graph::new(checked, &outputs);
    let compile = checked.network().compile.as_ref();
    let program = |mode: Mode| match compile {
        Some(compile) => Lowering::new(&graph, mode).with_loss(compile, &checked.network().fit.class_weight),
        None => Program::default(),
    };
    let (training, evaluation) = (program(Mode::Train), program(Mode::Evaluate));
    Plan {
        optimizer: compile.map(|compile| compile.optimizer.clone()),
        training,
        evaluation,
        ..predicting(checked, graph)
    }
}

/// The plain plan of the network up to a layer, which predicts that layer's output and does not train. Its parameters
/// are those of the whole network; their layouts are its own.
pub fn lower_until(checked: &CheckedNetwork, layer: NodeId) -> Plan {
    predicting(checked, Graph::new(checked, &[layer]))
}

/// A plan that only predicts.
fn predicting(checked: &CheckedNetwork, graph: Graph<'_>) -> Plan {
    let prediction = Lowering::new(&graph, Mode::Predict).without_loss();
    Plan {
        model: checked.network().name.clone(),
        parameter_floats: graph.floats(),
        optimizer: None,
        input_shape: checked.input_shape().clone(),
        output_shape: match graph.outputs.as_slice() {
            [only] => graph.sites.get(*only).map(|site| site.shape.clone()),
            _ => None,
        }
        .unwrap_or_else(|| checked.output_shape().clone()),
        training: Program::default(),
        evaluation: Program::default(),
        prediction,
        folded: Vec::new(),
        parameters: graph.parameters,
    }
}

impl Lowering<'_> {
    fn without_loss(mut self) -> Program {
        let graph = self.graph;
        let output = self.forward(graph.outputs.iter().max().map_or(0, |last| last + 1));
        if graph.outputs.len() > 1 {
            let parts = graph.outputs.iter().filter_map(|&output| {
                let site = graph.sites.get(output)?;
                Some((self.builder.output_of(output), &site.shape))
            });
            let parts: Vec<_> = parts.collect();
            let outputs = self.builder.pack("outputs", &parts);
            self.builder.set_output(outputs);
        } else {
            self.builder.set_output(output);
        }
        self.builder.finish()
    }

    /// Appends the forward pass and the losses, and in training the backward pass and the update.
    fn with_loss(mut self, compile: &Compile, classes: &BTreeMap<u32, f32>) -> Program {
        let graph = self.graph;
        let output = self.forward(graph.sites.len());
        if let [_] = graph.outputs.as_slice() {
            self.builder.set_output(output);
        }
        let trains = self.mode == Mode::Train;
        let ends = ends(graph, compile);
        let mut verdicts = Vec::new();
        for end in &ends {
            let dinput = trains.then(|| self.builder.shaped(format!("d{}", end.site.name), &end.site.shape));
            let weighs = trains && !classes.is_empty();
            let unweighed = weighs.then(|| {
                let name = format!("d{}.unweighed", end.site.name);
                self.builder.shaped(name, &end.site.shape)
            });
            let mut verdict = self.judge(end, compile.is_weighed(), unweighed.or(dinput), weighs);
            if let (Some(dinput), Some(output), Some(losses)) = (unweighed, dinput, verdict.losses) {
                self.builder.push(
                    "loss",
                    Weigh {
                        classes: classes.clone(),
                        losses,
                        dinput,
                        output,
                    },
                );
                verdict.dinput = Some(output);
            }
            verdicts.push(verdict);
        }
        // Where samples are judged and not trained on, they weigh the same.
        let none = BTreeMap::new();
        self.count(&ends, &verdicts, if trains { classes } else { &none });
        // The losses write the sums that these add to.
        for (index, site) in graph.sites.iter().enumerate() {
            self.builder.penalise(index, site);
        }
        if trains {
            for (end, verdict) in ends.iter().zip(&verdicts) {
                if let Some(dinput) = verdict.dinput {
                    self.builder.give(end.output, dinput);
                }
            }
            self.backward();
            self.regularize();
            self.builder.push("optimizer", Update {});
            self.constrain();
        }
        self.builder.finish()
    }

    /// Appends the first so many layers in order; returns the tensor of the network's first output.
    fn forward(&mut self, layers: usize) -> TensorId {
        let graph = self.graph;
        for (index, layer) in graph.layers.iter().enumerate().take(layers) {
            if let Some(mut at) = Forward::at(&graph.sites, index, self.mode, &mut self.builder) {
                let output = layer.forward(&mut at);
                self.builder.set_output_of(index, output);
            }
        }
        self.builder.output_of(graph.output())
    }

    /// Appends the penalties of variables, and their gradients. While samples are judged the weights stay the same,
    /// and their penalty is a number (`host::penalty`).
    fn regularize(&mut self) {
        for parameter in &self.graph.parameters {
            if let Some(regularizer) = parameter.regularizer {
                let layer = parameter.name.split('.').next().unwrap_or_default();
                self.builder.push(
                    layer,
                    Regularize {
                        strengths: regularizer.strengths(),
                        variable: parameter.range,
                    },
                );
            }
        }
    }

    /// Appends the limits that variables are held to after updates.
    fn constrain(&mut self) {
        for parameter in &self.graph.parameters {
            if let Some(constrain) = Constrain::of(parameter) {
                let layer = parameter.name.split('.').next().unwrap_or_default();
                self.builder.push(layer, constrain);
            }
        }
    }

    fn backward(&mut self) {
        let graph = self.graph;
        for (index, layer) in graph.layers.iter().enumerate().rev() {
            if let Some(mut at) = Backward::at(&graph.sites, index, &mut self.builder) {
                layer.backward(&mut at);
            }
        }
    }
}
