//! The intermediate representation: a graph of layers with every argument resolved and every default filled in, and
//! what `compile` and `fit` ask for. `resolve` makes a [`Network`] from a syntax tree; `check` makes a
//! [`CheckedNetwork`] from a network; only a checked network can be lowered.
//!
//! Nodes stand in topological order: a node's inputs come before it. Node 0 is the only `Input`.

use crate::activation::Activation;
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
    /// The node whose output is the network's.
    pub output: NodeId,
    /// What `compile(...)` asks for; none where there is no such line, and then the network cannot be trained.
    pub compile: Option<Compile>,
    /// What `fit(...)` asks for.
    pub fit: Fit,
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
    /// Whose outputs it takes; empty for the input alone.
    pub inputs: Vec<NodeId>,
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
        Self {
            network,
            shapes,
            variables,
        }
    }

    /// The network as it was resolved, with the axes settled.
    pub fn network(&self) -> &Network {
        &self.network
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

    /// The shape of one input sample.
    pub fn input_shape(&self) -> &Shape {
        static EMPTY: std::sync::LazyLock<Shape> = std::sync::LazyLock::new(|| Shape::flat(0));
        self.shapes.first().unwrap_or(&EMPTY)
    }

    /// The shape of one output sample.
    pub fn output_shape(&self) -> &Shape {
        self.shapes.get(self.network.output.0).unwrap_or(self.input_shape())
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

    /// The number of parameters that the optimizer moves.
    pub fn trainable_params(&self) -> usize {
        self.variables
            .iter()
            .flatten()
            .filter(|variable| variable.trainable)
            .map(Variable::count)
            .sum()
    }

    /// How its outputs are to be read.
    pub fn answer(&self) -> Answer {
        let (single, last) = (self.output_shape().elements() == 1, self.last_function());
        let made = matches!(
            last,
            Some(Activation::Softmax | Activation::Sigmoid | Activation::HardSigmoid)
        );
        let targets = self.network.compile.as_ref().map(|compile| compile.loss.targets());
        match targets {
            Some(Targets::Values) => Answer::Values,
            Some(Targets::Binary) if single => Answer::Binary { is_logit: !made },
            None if single && last == Some(Activation::Sigmoid) => Answer::Binary { is_logit: false },
            None if single => Answer::Values,
            // What is said of several labels at once is not one distribution.
            Some(Targets::Binary) if !made => Answer::Values,
            Some(Targets::Binary | Targets::ClassNumber | Targets::Shares) | None if made => Answer::Shares,
            Some(Targets::Binary | Targets::ClassNumber | Targets::Shares) | None => Answer::Logits,
        }
    }

    /// The function that the outputs have gone through last, past layers that only move, choose or average values.
    fn last_function(&self) -> Option<Activation> {
        let mut at = self.network.output;
        loop {
            let node = self.network.nodes.get(at.0)?;
            let function = node
                .layer
                .activation()
                .filter(|&function| function != Activation::Linear);
            match (function, node.inputs.as_slice()) {
                (None, &[input]) if node.layer.passes_values() => at = input,
                _ => return function,
            }
        }
    }

    /// The activation of the layer whose output is the network's.
    pub fn last_activation(&self) -> Option<Activation> {
        let last = self.network.nodes.get(self.network.output.0)?;
        last.layer.activation()
    }
}
