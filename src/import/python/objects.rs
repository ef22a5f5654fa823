//! The objects that a script makes: layers, tensors, models.

use super::value::{Function, Id, Scope};
use crate::import::draft::{Call, Layer, Named};
use crate::import::literal::{Argument, Literal};
use ruff_python_ast::Stmt;
use std::rc::Rc;

/// A layer that the script made.
pub struct LayerObject<'a> {
    pub class: String,
    pub arguments: Vec<Argument>,
    pub name: Option<String>,
    pub lines: (usize, usize),
    /// The shape of a sample that it declares as its input.
    pub input_shape: Option<Literal>,
    /// The function that a `Lambda` calls, or layers that were passed as its activation; they are applied in its place, or after
    /// it.
    pub function: Option<Rc<Function<'a>>>,
    pub then: Option<Id>,
    /// The value of `trainable`, if the script sets it.
    pub trainable: Option<Literal>,
    /// The layers of one of Keras's applications, once they are needed.
    pub parts: Option<Rc<Vec<PartOfModel>>>,
}

/// A layer of one of Keras's applications.
pub struct PartOfModel {
    /// The layer, as scripts see it.
    pub layer: Id,
    /// The name that `freeze` has for it.
    pub name: String,
    /// Whether it has weights.
    pub has_weights: bool,
}

/// The output of a layer.
pub struct TensorObject {
    pub layer: Id,
    /// The inputs of the layer; `None` for one that is not known.
    pub inputs: Vec<Option<Id>>,
}

/// A member of a `Sequential`: a layer or a model.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Item {
    Layer(Id),
    Model(Id),
}

/// A model that the script made.
#[derive(Default)]
pub struct ModelObject {
    pub name: Option<String>,
    /// The members of a `Sequential`.
    pub layers: Vec<Item>,
    /// The inputs and outputs of a functional model.
    #[expect(clippy::type_complexity, reason = "two lists of one form")]
    pub graph: Option<(Vec<Option<Id>>, Vec<Option<Id>>)>,
    /// The input and the output of a `Sequential`, once they are needed.
    pub tensors: Vec<Id>,
    /// Whether it is one of Keras's applications, which have a single layer here.
    pub is_application: bool,
    /// Whether it was told to be kept as it is.
    pub is_frozen: bool,
    /// What it was compiled with since it was last trained.
    pub compiled: Option<Compiled>,
    /// How it was trained, in that order.
    pub phases: Vec<Trained>,
    /// What it is trained on.
    pub feed: Feed,
    pub lines: (usize, usize),
}

/// A `compile` that nothing was trained with yet.
pub struct Compiled {
    pub call: Call,
    pub lines: (usize, usize),
}

/// A `fit`, and the `compile` before it, where there is one of its own.
pub struct Trained {
    pub compile: Option<Call>,
    pub fit: Call,
    /// What the samples are, as far as the script says it; phases have the same.
    pub samples: Samples,
    /// What was frozen when it was trained, by the places of layers.
    pub frozen: Vec<Option<Literal>>,
}

/// What a `fit` is trained on.
#[derive(Clone, PartialEq)]
pub enum Samples {
    /// What the description names.
    Known,
    /// What is not known, by its text.
    Unknown(String),
}

/// How samples get into the network.
#[derive(Clone, Default)]
pub struct Feed {
    /// The data sets with names of their own.
    pub values: Vec<Named>,
    /// The layers that change samples before the network's first layer.
    pub front: Vec<Layer>,
    /// The factor and the summand that turn a data set's bytes into the script's values.
    pub scale: Option<(f64, f64)>,
}

/// A module that lies beside the script.
pub struct Module<'a> {
    /// Its statements.
    pub body: &'a [Stmt],
    /// Its names, once it has been imported.
    pub scope: Option<Scope<'a>>,
}

/// Something that a description cannot express.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub lines: (usize, usize),
    pub words: String,
    /// The model that it concerns; `None` where it may concern any.
    pub model: Option<Id>,
}
