//! The intermediate representation: a graph of layers with every argument resolved and every default filled in, and
//! what `compile` and `fit` ask for. `resolve` makes a [`Network`] from a syntax tree; `check` makes a
//! [`CheckedNetwork`] from a network; only a checked network can be lowered.
//!
//! Nodes stand in topological order: a node's inputs come before it. The inputs of the network come first, in their order.

use crate::activation::ActivationFunction;
use crate::applications::Weights;
use crate::layers::Layer;
use crate::rules::Rules;
use crate::shape::Shape;
use crate::training::compile::Compile;
use crate::training::fit::Fit;
use crate::training::losses::Targets;
use crate::variable::Variable;
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;
use serde::Serialize;

/// A description with all names resolved and all defaults filled in, not yet checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Network {
    /// The name after `model` in the description.
    pub name: String,
    /// The place of the name in the description.
    #[serde(skip)]
    pub name_span: Span,
    /// Which sizes of the input the description leaves open, so that they are those of the data set; empty where it says all.
    #[serde(skip)]
    pub open: Vec<bool>,
    /// Whether the description uses `name = Layer(...)` or `Layer(...)(...)`: Keras's functional form, whose summary
    /// shows the input layer, and a "Connected to" column unless the graph is a chain.
    pub functional: bool,
    /// The layers, inputs before users.
    pub nodes: Vec<Node>,
    /// The models that are layers of this one, each before those inside of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// The node whose output is the network's only or first one.
    pub output: NodeId,
    /// The nodes of the other outputs, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_outputs: Vec<NodeId>,
    /// The arguments of `compile(...)`; None where the description has no such line, so that the network cannot be trained.
    pub compile: Option<Compile>,
    /// The arguments of the first `fit(...)`.
    pub fit: Fit,
    /// The phases of training after the first, in order, one for each further `fit(...)`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub later: Vec<Phase>,
}

/// A `fit(...)` after the first one. It goes on with the weights that the previous phase left.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Phase {
    /// The arguments of the phase's own `compile(...)`, whose optimizer begins anew; None where the previous phase's
    /// optimizer goes on.
    pub compile: Option<Compile>,
    /// The arguments of the phase's `fit(...)`.
    pub fit: Fit,
    /// For each node, whether training moves its variables in this phase.
    #[serde(skip)]
    pub trainable: Vec<bool>,
}

impl Network {
    /// The network as phase `index`, counted from 0, trains it: with the layers that train then, its `compile` and
    /// its `fit`. None beyond the last phase.
    pub fn phase(&self, index: usize) -> Option<Self> {
        let Some(before) = index.checked_sub(1) else {
            return Some(Self {
                later: Vec::new(),
                ..self.clone()
            });
        };
        let phase = self.later.get(before)?;
        let compiled = self
            .later
            .iter()
            .take(index)
            .rev()
            .find_map(|phase| phase.compile.as_ref());
        let mut network = Self {
            compile: compiled.or(self.compile.as_ref()).cloned(),
            fit: phase.fit.clone(),
            later: Vec::new(),
            ..self.clone()
        };
        for (node, trainable) in network.nodes.iter_mut().zip(&phase.trainable) {
            node.trainable = *trainable;
        }
        Some(network)
    }

    /// The arguments of the last `compile(...)`, whose loss and metrics measure the trained network.
    pub fn last_compile(&self) -> Option<&Compile> {
        let later = self.later.iter().rev().find_map(|phase| phase.compile.as_ref());
        later.or(self.compile.as_ref())
    }
}

impl Network {
    /// The nodes whose outputs are the network's, in order.
    pub fn outputs(&self) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::once(self.output).chain(self.other_outputs.iter().copied())
    }

    /// The number of inputs, which are the first nodes.
    pub fn inputs(&self) -> usize {
        self.nodes.iter().take_while(|node| node.layer.is_input()).count()
    }

    /// The name that users know a node by: that of the model whose output it is, or of the layer that is applied again.
    pub fn called(&self, id: NodeId) -> &str {
        let owner = |id: NodeId| self.nodes.get(id.0).and_then(|node| node.shares).unwrap_or(id);
        let id = owner(id);
        let within = |group: &&Group| group.output == id && (group.start..group.end).contains(&id.0);
        match (self.groups.iter().find(within), self.nodes.get(id.0)) {
            (Some(group), _) => &group.name,
            (None, Some(node)) => &node.name,
            (None, None) => "",
        }
    }

    /// Whether there are several inputs or several outputs.
    pub fn has_several_ends(&self) -> bool {
        self.inputs() > 1 || !self.other_outputs.is_empty()
    }
}

/// The index of a node in [`Network::nodes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct NodeId(pub usize);

/// A model that is a layer: the nodes `start..end`, whose names begin with its own and a `/`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// The name of the layer that the model is, such as `encoder`.
    pub name: String,
    /// Keras's class: `Sequential`, or `Functional`.
    #[serde(rename = "type")]
    pub class: &'static str,
    /// The index of its first node.
    pub start: usize,
    /// The index behind its last node.
    pub end: usize,
    /// The node whose output the model takes.
    pub input: NodeId,
    /// The node whose output is the model's own.
    pub output: NodeId,
    /// The shape of one sample that the model's own `Input` gives; None where it takes any.
    #[serde(skip)]
    pub shape: Option<Shape>,
    /// The source of its weights before training; None where they are drawn at random.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<Weights>,
    /// Whether the model is in the functional form, whose order of layers is that of the graph.
    #[serde(skip)]
    pub functional: bool,
    /// The place of the call in the description.
    #[serde(skip)]
    pub span: Span,
}

/// One layer of the graph.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Node {
    /// The name that the description gives, or Keras's automatic one (`conv2d_1`).
    pub name: String,
    /// The layer's class with its arguments.
    #[serde(flatten)]
    pub layer: Layer,
    /// The nodes whose outputs the layer takes; empty for inputs only.
    pub inputs: Vec<NodeId>,
    /// The node whose variables it uses, where a layer is applied again; that node has its own variables. None where
    /// it has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shares: Option<NodeId>,
    /// Whether training moves its variables.
    pub trainable: bool,
    /// Regularizers of its variables and its output, and constraints of its variables.
    #[serde(skip_serializing_if = "Rules::is_empty")]
    pub rules: Rules,
    /// The place of the layer in the description.
    #[serde(skip)]
    pub span: Span,
    /// The places of the arguments that are written, by Keras's names; defaults have no entry.
    #[serde(skip)]
    pub argument_spans: Vec<(&'static str, Span)>,
}

impl Node {
    /// The layer's variables in Keras's order, for an input of this shape, with the rules that they follow.
    pub fn variables(&self, input: &Shape) -> Vec<Variable> {
        let mut variables = self.layer.variables(input);
        for variable in &mut variables {
            variable.trainable &= self.trainable;
            self.rules.apply(variable);
        }
        variables
    }

    /// The place of an argument, or of the whole layer where the argument is left out.
    pub fn span_of(&self, argument: &str) -> Span {
        self.argument_spans
            .iter()
            .find(|(name, _)| *name == argument)
            .map_or(self.span, |&(_, span)| span)
    }
}

/// The meaning of a network's outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A number for each class, which a softmax turns into probabilities.
    Logits,
    /// The probability of each class.
    Shares,
    /// One number, for the second of two classes.
    Binary {
        /// Whether the number needs a sigmoid to become the probability.
        is_logit: bool,
    },
    /// Numbers that are not about classes.
    Values,
}

/// A network that has been checked: every node has its output shape and its variables. Only `check` makes one, and
/// lowering one cannot fail.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckedNetwork {
    network: Network,
    shapes: Vec<Shape>,
    variables: Vec<Vec<Variable>>,
    /// Which sizes of each node's output are open in the description; empty where none is.
    #[serde(skip)]
    open: Vec<Vec<bool>>,
    #[serde(skip)]
    inputs: Vec<Port>,
    #[serde(skip)]
    outputs: Vec<Port>,
    #[serde(skip)]
    input_shape: Shape,
    #[serde(skip)]
    output_shape: Shape,
}

/// An input or an output of a network. The numbers of several lie one after another in a row, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The name of the layer, as Keras reports it.
    pub name: String,
    /// The input's node, or the one whose output it is.
    pub node: NodeId,
    /// The shape of one sample.
    pub shape: Shape,
    /// How many numbers of a sample's row lie before those of this port.
    pub offset: usize,
}

/// The ports of these nodes, and the shape of a sample of all of them: that of the only port, or a row of all numbers.
fn ports(network: &Network, shapes: &[Shape], nodes: impl Iterator<Item = NodeId>) -> (Vec<Port>, Shape) {
    let mut ports: Vec<Port> = Vec::new();
    let mut offset = 0;
    for node in nodes {
        let Some(shape) = shapes.get(node.0).cloned() else {
            continue;
        };
        let elements = shape.checked_elements().unwrap_or(usize::MAX);
        ports.push(Port {
            name: network.called(node).to_owned(),
            node,
            shape,
            offset,
        });
        offset = offset.saturating_add(elements);
    }
    let shape = match ports.as_slice() {
        [only] => only.shape.clone(),
        _ => Shape::flat(offset),
    };
    (ports, shape)
}

impl CheckedNetwork {
    /// The shape of values that are given place by place, after they were moved as pictures are, for some layers cut a part out.
    pub fn as_moved(&self, shape: &Shape) -> Shape {
        let moving = self.nodes().filter(|(_, node, ..)| node.layer.moves_pictures());
        let last = moving.last().and_then(|(_, _, shape, _)| shape.as_map());
        match (shape.as_map(), last) {
            (Some((.., channels)), Some((height, width, _))) => Shape::map(height, width, channels),
            _ => shape.clone(),
        }
    }

    /// Called by `check` alone, with one shape and one list of variables for each node.
    pub(crate) fn new(network: Network, shapes: Vec<Shape>, variables: Vec<Vec<Variable>>) -> Self {
        debug_assert!(network.nodes.len() == shapes.len() && shapes.len() == variables.len());
        let (inputs, input_shape) = ports(&network, &shapes, (0..network.inputs()).map(NodeId));
        let (outputs, output_shape) = ports(&network, &shapes, network.outputs());
        Self {
            network,
            shapes,
            variables,
            open: Vec::new(),
            inputs,
            outputs,
            input_shape,
            output_shape,
        }
    }

    /// The network with which sizes of each node's output are open in the description.
    #[must_use]
    pub(crate) fn leaving_open(self, open: Vec<Vec<bool>>) -> Self {
        Self { open, ..self }
    }

    /// The sizes of a node's output as the description says them, with None for those that it leaves to the data set.
    pub fn described(&self, id: NodeId) -> Vec<Option<usize>> {
        let open = self.open.get(id.0);
        let is_open = |axis: usize| open.and_then(|open| open.get(axis)) == Some(&true);
        let sizes = self.shapes.get(id.0).map(Shape::sizes).unwrap_or_default();
        let sizes = sizes.iter().enumerate();
        sizes.map(|(axis, &size)| (!is_open(axis)).then_some(size)).collect()
    }

    /// The network as it was resolved, with all axes settled.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The number of phases of training: one for each `fit(...)`, and one where there is none.
    pub fn phase_count(&self) -> usize {
        1 + self.network.later.len()
    }

    /// The network as phase `index`, counted from 0, trains it (see [`Network::phase`]); beyond the last phase, as that one does.
    #[must_use]
    pub fn phase(&self, index: usize) -> Self {
        let network = self.network.phase(index.min(self.network.later.len()));
        let network = network.unwrap_or_else(|| self.network.clone());
        let variables = |node: &Node| {
            // A layer that is applied again has its variables at the first node.
            let input = node.inputs.first().filter(|_| node.shares.is_none());
            let input = input.and_then(|input| self.shapes.get(input.0));
            input.map(|input| node.variables(input)).unwrap_or_default()
        };
        let variables = network.nodes.iter().map(variables).collect();
        Self::new(network, self.shapes.clone(), variables).leaving_open(self.open.clone())
    }

    /// Each node with its output shape and its variables, in order.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node, &Shape, &[Variable])> {
        let parts = self
            .network
            .nodes
            .iter()
            .zip(&self.shapes)
            .zip(&self.variables)
            .enumerate();
        parts.map(|(index, ((node, shape), variables))| (NodeId(index), node, shape, variables.as_slice()))
    }

    /// The inputs, in order.
    pub fn inputs(&self) -> &[Port] {
        &self.inputs
    }

    /// The outputs, in order.
    pub fn outputs(&self) -> &[Port] {
        &self.outputs
    }

    /// The shape of one input sample; with several inputs, a row of all their numbers.
    pub fn input_shape(&self) -> &Shape {
        &self.input_shape
    }

    /// The shape of one output sample; with several outputs, a row of all their numbers.
    pub fn output_shape(&self) -> &Shape {
        &self.output_shape
    }

    /// The arguments of `compile(...)`, or the error that they are missing, for what trains or evaluates.
    pub fn training(&self) -> Result<&Compile, Box<Diagnostic>> {
        self.network.compile.as_ref().ok_or_else(|| {
            Box::new(
                Diagnostic::error("E0410", "there is no compile(...)")
                    .at(self.network.name_span, "this model has no loss to train with")
                    .help("add: compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=[\"accuracy\"])"),
            )
        })
    }

    /// The number of all parameters.
    pub fn total_params(&self) -> usize {
        self.variables.iter().flatten().map(Variable::count).sum()
    }

    /// How many of them are whole numbers of eight bytes, where all else has four: what Keras keeps of how many samples a layer
    /// was adapted to.
    pub fn long_params(&self) -> usize {
        let owners = self.nodes().filter(|(_, node, ..)| node.shares.is_none());
        owners.filter(|(_, node, ..)| node.layer.adapts()).count()
    }

    /// The number of parameters that the optimizer moves.
    pub fn trainable_params(&self) -> usize {
        self.variables
            .iter()
            .flatten()
            .filter(|variable| variable.trainable)
            .map(Variable::count)
            .sum()
    }

    /// The meaning of the outputs; several together are values (see [`CheckedNetwork::answer_of`]).
    pub fn answer(&self) -> Answer {
        match self.outputs.as_slice() {
            [_] => self.answer_of(0),
            _ => Answer::Values,
        }
    }

    /// The meaning of the output with this index.
    pub fn answer_of(&self, output: usize) -> Answer {
        let Some(port) = self.outputs.get(output) else {
            return Answer::Values;
        };
        let (single, last) = (port.shape.elements() == 1, self.last_function(port.node));
        let made = matches!(
            last,
            Some(ActivationFunction::Softmax | ActivationFunction::Sigmoid | ActivationFunction::HardSigmoid)
        );
        let judgement = self
            .network
            .last_compile()
            .and_then(|compile| compile.judgements().nth(output));
        let targets = judgement.map(|judgement| judgement.loss.targets());
        match targets {
            Some(Targets::Values) => Answer::Values,
            Some(Targets::Binary) if single => Answer::Binary { is_logit: !made },
            None if single && last == Some(ActivationFunction::Sigmoid) => Answer::Binary { is_logit: false },
            None if single => Answer::Values,
            // Several labels that may hold at once are not one distribution.
            Some(Targets::Binary) if !made => Answer::Values,
            Some(Targets::Binary | Targets::ClassNumber | Targets::Shares) | None if made => Answer::Shares,
            Some(Targets::Binary | Targets::ClassNumber | Targets::Shares) | None => Answer::Logits,
        }
    }

    /// The last function that an output has gone through, beyond layers that only move, choose or average values.
    fn last_function(&self, output: NodeId) -> Option<ActivationFunction> {
        let mut at = output;
        loop {
            let node = self.network.nodes.get(at.0)?;
            let function = node
                .layer
                .activation()
                .filter(|&function| function != ActivationFunction::Linear);
            match (function, node.inputs.as_slice()) {
                (None, &[input]) if node.layer.passes_values() => at = input,
                _ => return function,
            }
        }
    }
}
