//! The intermediate representation: a graph of layers with every argument resolved and every default filled in, and
//! what `compile` and `fit` ask for. `resolve` makes a [`Network`] from a syntax tree; `check` makes a
//! [`CheckedNetwork`] from a network; only a checked network can be lowered.
//!
//! Nodes stand in topological order: a node's inputs come before it. Node 0 is the only `Input`.

use crate::activation::Activation;
use crate::initializer::Initializer;
use crate::layers::Layer;
use crate::shape::Shape;
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
    /// Where it was written.
    #[serde(skip)]
    pub span: Span,
    /// Where each argument that was written stands, by its Keras name; what was defaulted has no entry.
    #[serde(skip)]
    pub argument_spans: Vec<(&'static str, Span)>,
}

impl Node {
    /// Where the argument was written, or the whole layer where it was defaulted.
    pub fn span_of(&self, argument: &str) -> Span {
        self.argument_spans
            .iter()
            .find(|(name, _)| *name == argument)
            .map_or(self.span, |&(_, span)| span)
    }
}

/// `compile(...)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compile {
    /// How parameters follow gradients; Keras's default is RMSprop.
    pub optimizer: Optimizer,
    /// What is minimised.
    pub loss: Loss,
    /// What else is reported, by the names they were asked for with (`acc` or `accuracy`): they head the columns.
    pub metrics: Vec<Metric>,
    /// Where the loss was written.
    #[serde(skip)]
    pub loss_span: Span,
    /// Where `from_logits=` was written, if it was.
    #[serde(skip)]
    pub from_logits_span: Option<Span>,
}

/// A metric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Metric {
    /// The name as given, which is the key in the log.
    pub name: String,
}

/// A loss.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// The mean over the batch of `-log softmax(output)[label]`, or of `-log output[label]`.
    SparseCategoricalCrossentropy {
        /// Whether the output is logits or probabilities.
        from_logits: bool,
    },
}

/// An optimizer and its constants; the update rules are in `keras/src/optimizers` and in `shaders/optimizer.wgsl`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "name")]
pub enum Optimizer {
    /// Stochastic gradient descent.
    SGD {
        /// 0.01
        learning_rate: f64,
        /// 0
        momentum: f64,
        /// false
        nesterov: bool,
    },
    /// Divides by a running root mean square.
    RMSprop {
        /// 0.001
        learning_rate: f64,
        /// 0.9
        rho: f64,
        /// 0
        momentum: f64,
        /// 1e-7, inside the root
        epsilon: f64,
        /// false
        centered: bool,
    },
    /// Kingma and Ba, 2014.
    Adam {
        /// 0.001
        learning_rate: f64,
        /// 0.9
        beta_1: f64,
        /// 0.999
        beta_2: f64,
        /// 1e-7, outside the root
        epsilon: f64,
        /// false
        amsgrad: bool,
    },
    /// Adam with decoupled weight decay: Loshchilov and Hutter, 2017.
    AdamW {
        /// 0.001
        learning_rate: f64,
        /// 0.004
        weight_decay: f64,
        /// 0.9
        beta_1: f64,
        /// 0.999
        beta_2: f64,
        /// 1e-7
        epsilon: f64,
        /// false
        amsgrad: bool,
    },
}

/// `fit(...)`, Keras's arguments and the data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fit {
    /// A known data set's name or a path relative to the description; none where `fit` or `data=` is absent, and then
    /// a run needs `--data`.
    pub data: Option<DataName>,
    /// Passes over the training split; 1.
    pub epochs: usize,
    /// The epoch to begin at, for the numbering and the shuffles; 0.
    pub initial_epoch: usize,
    /// Samples a step; 32.
    pub batch_size: usize,
    /// Whether each epoch has its own order; true.
    pub shuffle: bool,
    /// The share of the training split, its last part, that validates in place of the test split; 0.
    pub validation_split: f64,
    /// Samples a step when validating; none means `batch_size`.
    pub validation_batch_size: Option<usize>,
    /// Validate every so many epochs; 1.
    pub validation_freq: usize,
    /// Where all randomness starts; 0. (Keras: `keras.utils.set_random_seed`.)
    pub seed: u64,
    /// Where the data argument stands.
    #[serde(skip)]
    pub data_span: Option<Span>,
}

/// What `data=` names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DataName {
    /// A data set that this compiler knows by name.
    Known(KnownData),
    /// A path, relative to the description's folder.
    Path(String),
}

/// The data sets with names. Shapes and class counts are facts of the files, so `check` can compare a network with
/// them before a byte is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KnownData {
    /// Handwritten digits.
    Mnist,
    /// Zalando's clothes.
    FashionMnist,
    /// Small colour photographs.
    Cifar10,
}

impl Default for Fit {
    /// Keras's defaults, as when `fit` is absent.
    fn default() -> Self {
        Self {
            data: None,
            epochs: 1,
            initial_epoch: 0,
            batch_size: 32,
            shuffle: true,
            validation_split: 0.0,
            validation_batch_size: None,
            validation_freq: 1,
            seed: 0,
            data_span: None,
        }
    }
}

impl KnownData {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Mnist, Self::FashionMnist, Self::Cifar10];

    /// The name that `data=` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mnist => "mnist",
            Self::FashionMnist => "fashion-mnist",
            Self::Cifar10 => "cifar10",
        }
    }

    /// The shape of one picture.
    pub fn shape(self) -> Shape {
        match self {
            Self::Mnist | Self::FashionMnist => Shape::map(28, 28, 1),
            Self::Cifar10 => Shape::map(32, 32, 3),
        }
    }

    /// How many classes there are.
    pub const fn classes(self) -> usize {
        10
    }

    /// How many samples of the training and of the test split the whole set has.
    pub const fn samples(self) -> (usize, usize) {
        match self {
            Self::Mnist | Self::FashionMnist => (60_000, 10_000),
            Self::Cifar10 => (50_000, 10_000),
        }
    }

    /// How many samples the program itself carries, for where the whole set is not at hand.
    pub const fn carried(self) -> Option<(usize, usize)> {
        match self {
            Self::Mnist => Some((8000, 2000)),
            Self::FashionMnist | Self::Cifar10 => None,
        }
    }
}

impl Fit {
    /// Where a training split of that many samples is cut: those before are trained on, the rest validate. Keras's rule,
    /// `int(samples * (1 - validation_split))`; a split beyond 0..1 saturates at an end.
    pub fn cut(samples: usize, validation_split: f64) -> usize {
        ((samples as f64 * (1.0 - validation_split)).floor() as usize).min(samples)
    }
}

/// One of a layer's variables: what Keras calls a weight.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Variable {
    /// `kernel`, `bias`.
    pub name: &'static str,
    /// Keras's shape of it.
    pub shape: Vec<usize>,
    /// How it starts.
    pub initializer: Initializer,
    /// Whether the optimizer moves it.
    pub trainable: bool,
}

impl Variable {
    /// How many numbers it holds: the one formula behind every parameter count. Saturates; `check` refuses what does.
    pub fn count(&self) -> usize {
        self.shape
            .iter()
            .fold(1, |product: usize, &size| product.saturating_mul(size))
    }
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
    /// Called by `check` alone, with one shape and one list of variables for each node.
    pub(crate) fn new(network: Network, shapes: Vec<Shape>, variables: Vec<Vec<Variable>>) -> Self {
        debug_assert!(network.nodes.len() == shapes.len() && shapes.len() == variables.len());
        Self {
            network,
            shapes,
            variables,
        }
    }

    /// The network.
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
                    .at(self.network.name_span, "this model has no loss to be trained by")
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

    /// Whether the last operation is a softmax: the loss then takes the logits before it, as Keras does.
    pub fn ends_in_softmax(&self) -> bool {
        self.network
            .nodes
            .get(self.network.output.0)
            .is_some_and(|node| node.layer.activation() == Some(Activation::Softmax))
    }
}

impl Optimizer {
    /// The buffers of the parameters' layout that the optimizer keeps from step to step, by Keras's names.
    pub fn slots(&self) -> Vec<&'static str> {
        let mut slots = Vec::new();
        match *self {
            Self::SGD { momentum, .. } => {
                if momentum != 0.0 {
                    slots.push("momentum");
                }
            }
            Self::RMSprop { momentum, centered, .. } => {
                slots.push("velocity");
                if momentum > 0.0 {
                    slots.push("momentum");
                }
                if centered {
                    slots.push("average_gradient");
                }
            }
            Self::Adam { amsgrad, .. } | Self::AdamW { amsgrad, .. } => {
                slots.extend(["momentum", "velocity"]);
                if amsgrad {
                    slots.push("velocity_hat");
                }
            }
        }
        slots
    }

    /// The two rates of step `step` (counted from 1), computed in `f64`: the learning rate, and the size of the step,
    /// which for Adam is `learning_rate sqrt(1 - beta_2^t) / (1 - beta_1^t)` and else the learning rate again.
    /// Source: keras/src/optimizers/{sgd,rmsprop,adam,adamw}.py, `update_step`.
    pub fn rates(&self, step: u64) -> [f32; 2] {
        let (learning_rate, size) = match *self {
            Self::SGD { learning_rate, .. } | Self::RMSprop { learning_rate, .. } => (learning_rate, learning_rate),
            Self::Adam {
                learning_rate,
                beta_1,
                beta_2,
                ..
            }
            | Self::AdamW {
                learning_rate,
                beta_1,
                beta_2,
                ..
            } => {
                let step = step as f64;
                (
                    learning_rate,
                    learning_rate * (1.0 - beta_2.powf(step)).sqrt() / (1.0 - beta_1.powf(step)),
                )
            }
        };
        [learning_rate as f32, size as f32]
    }
}
