//! What a script makes: layers, tensors, models.

use super::value::{Function, Id};
use crate::import::draft::{Call, Layer, Named};
use crate::import::literal::{Argument, Literal};
use std::rc::Rc;

/// A layer that the script made.
pub struct LayerObject<'a> {
    pub class: String,
    pub arguments: Vec<Argument>,
    pub name: Option<String>,
    pub lines: (usize, usize),
    /// The shape of a sample that it says it takes.
    pub input_shape: Option<Literal>,
    /// What a `Lambda` calls, and layers that were given as activations: applied in place of it, or behind it.
    pub function: Option<Rc<Function<'a>>>,
    pub then: Option<Id>,
    /// Whether training moves its weights, where the script says so.
    pub trainable: Option<Literal>,
    /// Of one of Keras's applications: its layers, once somebody asks.
    pub parts: Option<Rc<Vec<PartOfModel>>>,
}

/// A layer of one of Keras's applications.
pub struct PartOfModel {
    /// The layer, as scripts see it.
    pub layer: Id,
    /// What `freeze` calls it.
    pub name: String,
    /// Whether it has weights.
    pub has_weights: bool,
}

/// What a layer gives.
pub struct TensorObject {
    pub layer: Id,
    /// None where what it takes is not known.
    pub inputs: Vec<Option<Id>>,
}

/// What a `Sequential` holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Item {
    Layer(Id),
    Model(Id),
}

/// A model that the script made.
#[derive(Default)]
pub struct ModelObject {
    pub name: Option<String>,
    /// The layers of a `Sequential`, and models among them.
    pub layers: Vec<Item>,
    /// Inputs and outputs of a functional one.
    #[expect(clippy::type_complexity, reason = "two lists of one form")]
    pub graph: Option<(Vec<Option<Id>>, Vec<Option<Id>>)>,
    /// What a `Sequential` gives, once somebody asks.
    pub tensors: Vec<Id>,
    /// Whether it is one of Keras's applications: its one layer is the whole of it.
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
    /// Data sets with names of their own.
    pub values: Vec<Named>,
    /// What is done to them before the network's first layer.
    pub front: Vec<Layer>,
    /// What a data set's values of 0 to 1 are multiplied by, and what is added then.
    pub scale: Option<(f64, f64)>,
}

/// Something that a description cannot say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub lines: (usize, usize),
    pub words: String,
    /// The model that it is about; none where it may be about any.
    pub model: Option<Id>,
}
