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

/// A resolved description.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Network {
    /// The model's name.
    pub name: String,
    /// Where the name stands.
    #[serde(skip)]
    pub name_span: Span,
    /// Whether the description uses `name = Layer(...)` or `Layer(...)(...)`: Keras's functional form, whose summary
    /// shows the input layer, and a "Connected to" column unless the graph is a chain.
    pub functional: bool,
    /// The layers, inputs before users.
    pub nodes: Vec<Node>,
    /// The models that are layers of this one, each before those inside of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// The node whose output is the network's, or the first of its outputs.
    pub output: NodeId,
    /// The nodes of the other outputs, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_outputs: Vec<NodeId>,
    /// What `compile(...)` asks for; none where there is no such line, and then the network cannot be trained.
    pub compile: Option<Compile>,
    /// What `fit(...)` asks for.
    pub fit: Fit,
    /// The phases of training after the first, in order: a further `fit(...)` each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub later: Vec<Phase>,
}

/// A `fit(...)` after the first one. It goes on with the weights that the phase before it left.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Phase {
    /// What its own `compile(...)` asks for, whose optimizer begins anew; none where the optimizer of the phase before goes on.
    pub compile: Option<Compile>,
    /// What its `fit(...)` asks for.
    pub fit: Fit,
    /// For each node whether training moves its variables now.
    #[serde(skip)]
    pub trainable: Vec<bool>,
}

impl Network {
    /// The network as one of its phases trains it, counted from 0: with the layers that train then, its `compile` and its
    /// `fit`. Behind the last phase there is nothing.
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

    /// What the last `compile(...)` asks for: what the trained network is measured by.
    pub fn last_compile(&self) -> Option<&Compile> {
        let later = self.later.iter().rev().find_map(|phase| phase.compile.as_ref());
        later.or(self.compile.as_ref())
    }
}

impl Network {
    /// The nodes of its outputs, in order.
    pub fn outputs(&self) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::once(self.output).chain(self.other_outputs.iter().copied())
    }

    /// How many inputs it has; they are its first nodes.
    pub fn inputs(&self) -> usize {
        self.nodes.iter().take_while(|node| node.layer.is_input()).count()
    }

    /// What the layer of a node is called: models that are layers and layers that are applied again have one name.
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

    /// Whether it has several inputs or several outputs.
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
    /// Its name as a layer.
    pub name: String,
    /// Keras's class: `Sequential`, or `Functional`.
    #[serde(rename = "type")]
    pub class: &'static str,
    /// The index of its first node.
    pub start: usize,
    /// The index behind its last node.
    pub end: usize,
    /// Whose output it takes.
    pub input: NodeId,
    /// The node whose output is the model's.
    pub output: NodeId,
    /// The shape of one sample that its own `Input` gives; none where it takes any.
    #[serde(skip)]
    pub shape: Option<Shape>,
    /// Where its weights come from before training begins; none where they are drawn at random.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<Weights>,
    /// Whether its layers are in the functional form, whose order is that of the graph.
    #[serde(skip)]
    pub functional: bool,
    /// Where it is called.
    #[serde(skip)]
    pub span: Span,
}

/// One layer of the graph.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Node {
    /// Its name: given, or Keras's automatic one (`conv2d_1`).
    pub name: String,
    /// What it does.
    #[serde(flatten)]
    pub layer: Layer,
    /// Whose outputs it takes; empty for the inputs alone.
    pub inputs: Vec<NodeId>,
    /// The node whose variables it uses, where the same layer is applied again. That node has none of another's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shares: Option<NodeId>,
    /// Whether training moves its variables.
    pub trainable: bool,
    /// What holds its variables and its output in check.
    #[serde(skip_serializing_if = "Rules::is_empty")]
    pub rules: Rules,
    /// Where it was written.
    #[serde(skip)]
    pub span: Span,
    /// Where each argument that was written stands, by its Keras name; what was defaulted has no entry.
    #[serde(skip)]
    pub argument_spans: Vec<(&'static str, Span)>,
}

impl Node {
    /// Its variables in Keras's order, given the first input's shape.
    pub fn variables(&self, input: &Shape) -> Vec<Variable> {
        let mut variables = self.layer.variables(input);
        for variable in &mut variables {
            variable.trainable &= self.trainable;
            self.rules.apply(variable);
        }
        variables
    }

    /// Where the argument was written, or the whole layer where it was defaulted.
    pub fn span_of(&self, argument: &str) -> Span {
        self.argument_spans
            .iter()
            .find(|(name, _)| *name == argument)
            .map_or(self.span, |&(_, span)| span)
    }
}

/// How a network's outputs are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Of each class a number, of which a softmax makes probabilities.
    Logits,
    /// The probability of each class.
    Shares,
    /// One number about the second of two classes.
    Binary {
        /// Whether a sigmoid makes the probability of it.
        is_logit: bool,
    },
    /// Numbers that are about no classes.
    Values,
}

/// A network that has been checked: every node has its output shape and its variables. Only `check` makes one, and
/// lowering one cannot fail.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckedNetwork {
    network: Network,
    shapes: Vec<Shape>,
    variables: Vec<Vec<Variable>>,
    #[serde(skip)]
    inputs: Vec<Port>,
    #[serde(skip)]
    outputs: Vec<Port>,
    #[serde(skip)]
    input_shape: Shape,
    #[serde(skip)]
    output_shape: Shape,
}

/// An input or an output of a network. The numbers of several lie one after another, each in Keras's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// The layer's name, as Keras has it.
    pub name: String,
    /// Its node.
    pub node: NodeId,
    /// The shape of one sample.
    pub shape: Shape,
    /// How many numbers of a sample lie before its own.
    pub offset: usize,
}

/// The ports of these nodes, and the shape of a sample of all of them: that of the only one, or a row.
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
    /// The shape of what outputs are compared with place by place, once it is moved as pictures are: some layers cut a part out.
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
            inputs,
            outputs,
            input_shape,
            output_shape,
        }
    }

    /// The network as it was resolved, with the axes settled.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// How many phases its training has: one for each `fit(...)`, and one without any.
    pub fn phase_count(&self) -> usize {
        1 + self.network.later.len()
    }

    /// The network as one of its phases trains it, counted from 0 (see [`Network::phase`]); behind the last phase the last one.
    #[must_use]
    pub fn phase(&self, index: usize) -> Self {
        let network = self.network.phase(index.min(self.network.later.len()));
        let network = network.unwrap_or_else(|| self.network.clone());
        let variables = |node: &Node| {
            // What is applied again has the variables of the layer.
            let input = node.inputs.first().filter(|_| node.shares.is_none());
            let input = input.and_then(|input| self.shapes.get(input.0));
            input.map(|input| node.variables(input)).unwrap_or_default()
        };
        let variables = network.nodes.iter().map(variables).collect();
        Self::new(network, self.shapes.clone(), variables)
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

    /// Its inputs, in order.
    pub fn inputs(&self) -> &[Port] {
        &self.inputs
    }

    /// Its outputs, in order.
    pub fn outputs(&self) -> &[Port] {
        &self.outputs
    }

    /// The shape of one input sample; of several inputs a row of all their numbers.
    pub fn input_shape(&self) -> &Shape {
        &self.input_shape
    }

    /// The shape of one output sample; of several outputs a row of all their numbers.
    pub fn output_shape(&self) -> &Shape {
        &self.output_shape
    }

    /// What `compile(...)` asks for, or the error that it is missing: what trains or evaluates needs it.
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

    /// How its outputs are to be read; of several together they are values ([`CheckedNetwork::answer_of`]).
    pub fn answer(&self) -> Answer {
        match self.outputs.as_slice() {
            [_] => self.answer_of(0),
            _ => Answer::Values,
        }
    }

    /// How one of its outputs is to be read.
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
            // What is said of several labels at once is not one distribution.
            Some(Targets::Binary) if !made => Answer::Values,
            Some(Targets::Binary | Targets::ClassNumber | Targets::Shares) | None if made => Answer::Shares,
            Some(Targets::Binary | Targets::ClassNumber | Targets::Shares) | None => Answer::Logits,
        }
    }

    /// The function that an output has gone through last, past layers that only move, choose or average values.
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
