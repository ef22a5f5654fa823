//! Lowering: a checked network becomes plain operations, forward and backward, one rule a layer. It cannot fail.
//!
//! Reverse mode: going through the layers backwards, each takes the gradient of its output and makes those of its
//! variables and, where something before it has variables, of its inputs. A tensor that is used more than once gets the
//! sum of its users' gradients, added in the users' reverse order.

mod graph;
mod target;

use crate::activation::Activation;
use crate::network::{CheckedNetwork, NodeId};
use crate::ops::{Compare, Constrain, Hit, Loss, Regularize, Update};
use crate::plan::builder::{Backward, Builder, Forward};
use crate::plan::mode::Mode;
use crate::plan::program::{Plan, Program};
use crate::plan::tensor::TensorId;
use crate::training::compile::Compile;
use graph::Graph;

/// The plain plan of a network: nothing fused, no memory assigned. `crate::plan_of` does all three.
pub fn lower(checked: &CheckedNetwork) -> Plan {
    let graph = Graph::new(checked, checked.network().output);
    let compile = checked.network().compile.as_ref();
    let program = |mode: Mode| match compile {
        Some(compile) => Lowering::new(&graph, mode).with_loss(compile, checked.last_activation()),
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

/// The plain plan of the network that ends at a layer: it predicts that layer's output and does not train. Its parameters
/// are those of the whole network; their layouts are its own.
pub fn lower_until(checked: &CheckedNetwork, layer: NodeId) -> Plan {
    predicting(checked, Graph::new(checked, layer))
}

/// A plan that does nothing but predict.
fn predicting(checked: &CheckedNetwork, graph: Graph<'_>) -> Plan {
    let prediction = Lowering::new(&graph, Mode::Predict).without_loss();
    Plan {
        model: checked.network().name.clone(),
        parameter_floats: graph.floats(),
        optimizer: None,
        input_shape: checked.input_shape().clone(),
        output_shape: graph
            .sites
            .get(graph.output)
            .map_or_else(|| checked.output_shape().clone(), |site| site.shape.clone()),
        training: Program::default(),
        evaluation: Program::default(),
        prediction,
        parameters: graph.parameters,
    }
}

/// One program in the making.
struct Lowering<'a> {
    graph: &'a Graph<'a>,
    mode: Mode,
    builder: Builder,
}

impl<'a> Lowering<'a> {
    fn new(graph: &'a Graph<'a>, mode: Mode) -> Self {
        let builder = Builder::new();
        Self { graph, mode, builder }
    }

    fn without_loss(mut self) -> Program {
        self.forward(self.graph.output + 1);
        self.builder.finish()
    }

    /// Forward and the loss, and in training backward and the update.
    fn with_loss(mut self, compile: &Compile, last: Option<Activation>) -> Program {
        let graph = self.graph;
        let input = self.forward(graph.sites.len());
        let site = graph.sites.get(graph.output);
        let trains = self.mode == Mode::Train;
        let dinput = site
            .filter(|_| trains)
            .map(|site| self.builder.shaped(format!("d{}", site.name), &site.shape));
        self.judge(compile, last, input, dinput);
        // The loss begins the sums that these add to.
        for (index, site) in graph.sites.iter().enumerate() {
            self.builder.penalise(index, site);
        }
        if let Some(dinput) = dinput {
            self.builder.give(graph.output, dinput);
            self.backward();
            self.regularize();
            self.builder.push("optimizer", Update {});
            self.constrain();
        }
        self.builder.finish()
    }

    /// The loss of `input`, which is the network's output, or what goes into its last activation where the loss absorbs that.
    fn judge(&mut self, compile: &Compile, last: Option<Activation>, input: TensorId, dinput: Option<TensorId>) {
        let graph = self.graph;
        let Some(site) = graph.sites.get(graph.output) else {
            return;
        };
        let absorbed = last.is_some() && site.absorbed == last;
        let (channels, positions) = (site.shape.channels(), site.shape.positions());
        let by_place = site.shape.rank() > 1;
        let Some(criterion) = compile.loss.criterion(absorbed, by_place) else {
            self.builder.push(
                "loss",
                Loss {
                    classes: channels,
                    from_logits: absorbed || compile.loss.from_logits(),
                    input,
                    dinput,
                },
            );
            return;
        };
        let target = graph.compared.tensor(site, &mut self.builder);
        let verdict = self.builder.tensor("verdict", 2, positions);
        let hit = compile.metrics.iter().find_map(|metric| metric.kind.hit(channels));
        let hit = match hit.unwrap_or(Hit::Largest) {
            // A sigmoid is above a half where what goes into it is above 0.
            Hit::Above(threshold) if absorbed => Hit::Above((threshold / (1.0 - threshold)).ln()),
            hit @ (Hit::Above(_) | Hit::Largest) => hit,
        };
        self.builder.push(
            "loss",
            Compare {
                criterion,
                hit,
                input,
                target,
                verdict,
                dinput,
            },
        );
    }

    /// The first so many layers in order. Returns the tensor of the network's output.
    fn forward(&mut self, layers: usize) -> TensorId {
        let graph = self.graph;
        for (index, layer) in graph.layers.iter().enumerate().take(layers) {
            if let Some(mut at) = Forward::at(&graph.sites, index, self.mode, &mut self.builder) {
                let output = layer.forward(&mut at);
                self.builder.set_output_of(index, output);
            }
        }
        let output = self.builder.output_of(graph.output);
        self.builder.set_output(output);
        output
    }

    /// What variables add to the loss and to their gradients. The weights stand still while samples are judged: what they
    /// add there is a number (`host::penalty`).
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

    /// What variables are held to once they have been moved.
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
