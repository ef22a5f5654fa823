//! A network in words and arithmetic, for learners: every number of its summary, and what training does with it.
//!
//! The numbers are those that the compiler works with: sizes of [`crate::window::Sliding`], parameters of a layer's
//! variables, costs of [`crate::verbose`] and [`crate::plan::work`]. An [`Equation`] puts the arithmetic before such a number;
//! that the two agree is what the tests see to.

mod arithmetic;
mod expression;
mod totals;
mod training;
mod words;

pub use expression::{Equation, Expression, Function, Right};

use crate::activation::Activation;
use crate::network::{CheckedNetwork, Node};
use crate::shape::Shape;
use crate::variable::Variable;
use crate::verbose::{self, ReceptiveField};

/// A network explained.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The model's name.
    pub model: String,
    /// What it makes of what, in a sentence or two.
    pub about: Vec<String>,
    /// Every layer, the input first, the others as the summary orders them.
    pub layers: Vec<LayerExplanation>,
    /// What the layers come to together.
    pub totals: Section,
    /// What training does; one section a subject. Empty where the network is not compiled.
    pub training: Vec<Section>,
    /// The words of the field that were used, and what they mean.
    pub glossary: Vec<(&'static str, &'static str)>,
}

/// A layer explained.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerExplanation {
    /// Its name.
    pub name: String,
    /// Keras's class.
    pub class: &'static str,
    /// The shape that goes in; none for the input.
    pub input: Option<Shape>,
    /// The shape that comes out.
    pub output: Shape,
    /// Its parameters, as the summary counts them.
    pub parameters: usize,
    /// Multiply-adds of one sample.
    pub macs: u64,
    /// What it does, in plain sentences.
    pub about: Vec<String>,
    /// Its numbers.
    pub facts: Vec<Fact>,
}

/// Some sentences and the numbers that belong to them.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// What it is about.
    pub title: &'static str,
    /// In plain sentences.
    pub about: Vec<String>,
    /// In numbers.
    pub facts: Vec<Fact>,
}

/// A number, or some that belong together, and why they are as they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// What is counted.
    pub what: What,
    /// Along which axis of the image, where the two differ.
    pub axis: Axis,
    /// The arithmetic; what the last one comes to is what is counted.
    pub equations: Vec<Equation>,
    /// Why, in a few words; may be empty.
    pub because: String,
}

/// What a [`Fact`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Cells of the output along an axis.
    Size,
    /// Cells by which windows stick out of the image.
    Padding,
    /// Numbers that one number of the output is made of, where no weights are involved.
    Window,
    /// Weights and biases.
    Parameters,
    /// Those that training moves, and those that it does not.
    Trainable,
    /// Multiply-adds of one sample.
    MultiplyAdds,
    /// Cells of the picture that a number of the output depends on.
    Sees,
    /// Cells of the picture from one number of the output to the next.
    Step,
    /// Numbers of the output, and their bytes.
    Memory,
    /// Bytes for a whole batch.
    BatchMemory,
    /// Training samples.
    Samples,
    /// Steps of an epoch.
    Steps,
    /// Updates of the parameters in the whole training.
    Updates,
    /// The loss of a network that guesses.
    Guessing,
    /// Numbers that the optimizer remembers.
    State,
    /// One update of one weight.
    Update,
    /// Multiply-adds of training.
    Work,
}

/// Axes of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// It is the same for both, or there are none.
    Both,
    /// The height.
    Height,
    /// The width.
    Width,
}

impl What {
    /// The few words that stand before its numbers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Padding => "padding",
            Self::Window => "made of",
            Self::Parameters => "parameters",
            Self::Trainable => "not trained",
            Self::MultiplyAdds => "multiply-adds",
            Self::Sees => "sees",
            Self::Step => "step",
            Self::Memory => "memory",
            Self::BatchMemory => "a batch",
            Self::Samples => "samples",
            Self::Steps => "an epoch",
            Self::Updates => "updates",
            Self::Guessing => "guessing",
            Self::State => "remembers",
            Self::Update => "by hand",
            Self::Work => "work",
        }
    }
}

impl Fact {
    fn new(what: What, equations: Vec<Equation>, because: impl Into<String>) -> Self {
        Self {
            what,
            axis: Axis::Both,
            equations,
            because: because.into(),
        }
    }

    fn along(self, axis: Axis) -> Self {
        Self { axis, ..self }
    }

    /// What is counted, along which axis: `size`, `height`, `sees, width`.
    pub fn name(&self) -> String {
        let axis = match self.axis {
            Axis::Both => return self.what.name().to_owned(),
            Axis::Height => "height",
            Axis::Width => "width",
        };
        if self.what == What::Size {
            axis.to_owned()
        } else {
            format!("{}, {axis}", self.what.name())
        }
    }
}

/// Explains a network.
pub fn explain(network: &CheckedNetwork) -> Explanation {
    let view = View::of(network);
    let mut order = crate::summary::order(network);
    order.retain(|id| id.0 > 0);
    let ids = std::iter::once(0).chain(order.iter().map(|id| id.0));
    let layers: Vec<LayerExplanation> = ids
        .filter_map(|id| view.places.get(id))
        .map(|place| layer(&view, place))
        .collect();
    let totals = totals::section(network, &layers);
    let training = training::sections(network);
    Explanation {
        model: network.network().name.clone(),
        about: words::network(network),
        totals,
        training,
        glossary: words::glossary(&layers, network.network().compile.is_some()),
        layers,
    }
}

/// A network as its layers' explanations need it.
struct View<'a> {
    network: &'a CheckedNetwork,
    places: Vec<Place<'a>>,
    fields: Vec<Option<ReceptiveField>>,
    macs: u64,
    parameters: usize,
    /// The first layer with an activation that does something, and something else than name probabilities.
    first_bend: Option<&'a Node>,
}

/// A layer and what there is around it.
struct Place<'a> {
    node: &'a Node,
    inputs: Vec<&'a Shape>,
    output: &'a Shape,
    variables: &'a [Variable],
    field: Option<ReceptiveField>,
    macs: u64,
}

impl<'a> View<'a> {
    fn of(network: &'a CheckedNetwork) -> Self {
        let shapes: Vec<&Shape> = network.nodes().map(|(_, _, shape, _)| shape).collect();
        let fields = verbose::fields(network);
        let place = |((_, node, output, variables), &field): ((_, &'a Node, &'a Shape, &'a [Variable]), _)| {
            let ids = node.inputs.iter();
            let inputs: Vec<&Shape> = ids.filter_map(|id| shapes.get(id.0).copied()).collect();
            let macs = inputs
                .first()
                .map_or(0, |input| verbose::macs(&node.layer, input, output));
            Place {
                node,
                inputs,
                output,
                variables,
                field,
                macs,
            }
        };
        let places = network.nodes().zip(&fields).map(place).collect();
        Self {
            network,
            places,
            fields,
            macs: verbose::costs(network).macs,
            parameters: network.total_params(),
            first_bend: network.nodes().map(|(_, node, ..)| node).find(|node| {
                let function = node.layer.activation();
                function.is_some_and(|function| !matches!(function, Activation::Linear | Activation::Softmax))
            }),
        }
    }
}

fn layer(view: &View<'_>, place: &Place<'_>) -> LayerExplanation {
    LayerExplanation {
        name: place.node.name.clone(),
        class: place.node.layer.class(),
        input: place.inputs.first().map(|&shape| shape.clone()),
        output: place.output.clone(),
        parameters: place.variables.iter().map(Variable::count).sum(),
        macs: place.macs,
        about: words::layer(view, place),
        facts: arithmetic::facts(view, place),
    }
}
