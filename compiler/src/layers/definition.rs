//! The two traits that every class of layers implements, each in a file of its own; the list of these files is in
//! `layers/mod.rs`.

use crate::activation::ActivationFunction;
use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::explanation::fact::Fact;
use crate::layers::glyph::Form;
use crate::layers::place::Place;
use crate::plan::builder::{Backward, Forward};
use crate::plan::parameter::ParameterLayout;
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use crate::variable::Variable;
use crate::window::{Reach, Window};

/// The number of inputs that a layer takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// No input: `Input` begins the network.
    None,
    /// Exactly one input, as most layers take.
    One,
    /// Two or more inputs, as merging layers take.
    Many,
}

/// The reason why a layer cannot take its inputs, as facts that `check` puts into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The layer needs height x width x channels.
    NotAnImage,
    /// The window is larger than the image that it should slide over.
    DoesNotFit,
    /// The layer is not wired to any input.
    NoInput,
    /// The input with index `other` differs from the first one, in another axis than `axis`.
    Differs {
        /// The index of the input that differs, counted from 0.
        other: usize,
        /// The axis along which inputs are joined, and may differ; None where all axes must agree.
        axis: Option<usize>,
    },
    /// An argument does not go with the shape of the input; the layer puts the message into words.
    Argument {
        /// The argument at fault, by Keras's name.
        argument: &'static str,
        /// The rule that the argument breaks: the headline of the message.
        message: String,
        /// What the argument is instead: the label below it.
        label: String,
        /// A way to mend it.
        help: String,
    },
    /// The layer needs exactly two inputs.
    NotTwo {
        /// The number of inputs that it was given.
        given: usize,
    },
    /// The layer needs length x channels.
    NotASignal,
    /// The inputs have fewer axes than the argument `axis` says.
    NoAxis {
        /// The axis as the description gives it.
        axis: i64,
        /// The number of axes of the inputs, without the batch.
        rank: usize,
    },
}

/// What an export to Keras writes for a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InKeras {
    /// The class of the same name, with the same arguments.
    Itself,
    /// Another class that computes the same, with the arguments to write.
    Other(&'static str, Vec<(&'static str, String)>),
    /// There is no equivalent, so that only the weights of the network can be exported to Keras.
    Nothing,
}

/// How often a layer uses each of its weights for a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightUse {
    /// Once, as a dense layer does.
    Once,
    /// At every place that its window visits, as a convolution does.
    Everywhere,
}

/// What a class of layers provides before there is a layer of it.
pub trait Class: Sized {
    /// The name and the arguments of the call that makes a layer.
    const SIGNATURE: &'static Signature;

    /// The number of inputs that a layer of this class takes.
    const ARITY: Arity = Arity::One;

    /// Keras's name of the class, which summaries print and automatic names derive from.
    const KERAS_CLASS: &'static str = Self::SIGNATURE.name;

    /// Whether Keras offers the class in `keras` itself as well as in `keras.layers`.
    const IS_EXPORTED_AT_TOP: bool = false;

    /// Makes a layer from the arguments of a call; None where one of them could not be used, which has been reported.
    fn build(arguments: &mut Arguments) -> Option<Self>;
}

/// What a layer is and does. Shapes are of one sample.
pub trait Definition {
    /// The shape of the output for inputs of these shapes. Errs where the layer cannot take them.
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal>;

    /// The variables in Keras's order, for a first input of this shape.
    fn variables(&self, _input: &Shape) -> Vec<Variable> {
        Vec::new()
    }

    /// Whether its variables `mean` and `variance` are measured before training begins: those of each channel over
    /// all training samples, as they reach the layer.
    fn adapts(&self) -> bool {
        false
    }

    /// The variance that it has in the place of a measured one; None where it is measured, or the layer does not adapt.
    fn adapted_variance(&self) -> Option<f32> {
        None
    }

    /// All arguments in Keras's order, defaults included, as the description would give them.
    fn arguments(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// What an export to Keras writes for the layer.
    fn in_keras(&self) -> InKeras {
        InKeras::Itself
    }

    /// Completes the layer with what depends on the number of the inputs' axes, such as negative axes.
    fn settle(&mut self, _rank: usize) {}

    /// The shape of the samples that it takes from the data set; None unless it is an input.
    fn sample_shape(&self) -> Option<&Shape> {
        None
    }

    /// The window that slides over the image; None where the layer has none.
    fn window(&self) -> Option<&Window> {
        None
    }

    /// Whether its output consists of values of its input or of means of them, so that probabilities remain probabilities.
    fn passes_values(&self) -> bool {
        false
    }

    /// The activation function at its end; None where it has none.
    fn activation(&self) -> Option<ActivationFunction> {
        None
    }

    /// The argument that makes it keep height and width, such as `keepdims=True`; None where it keeps them or cannot.
    fn keeps_image_with(&self) -> Option<&'static str> {
        None
    }

    /// Whether it works along the last axis, in the same way at every place of the other axes.
    fn is_along_last_axis(&self) -> bool {
        false
    }

    /// Whether its kernel is a set of small pictures worth looking at, one for each filter and channel.
    fn has_filters(&self) -> bool {
        false
    }

    /// How often a sample uses each weight; None for layers that multiply by no weights.
    fn weight_use(&self) -> Option<WeightUse> {
        None
    }

    /// Factors whose product is the number of weights that each number of the output sums over; empty where there are none.
    fn taps(&self, _input: &Shape) -> Vec<usize> {
        Vec::new()
    }

    /// For layers whose multiply-adds are not those of [`Definition::taps`] for each output: the factors of the
    /// multiply-adds of one sample, step by step, and what is multiplied, in words.
    fn steps(&self, _input: &Shape, _output: &Shape) -> Option<(Vec<Vec<usize>>, &'static str)> {
        None
    }

    /// The rows and columns of the input that one number of the output depends on.
    fn reach(&self, _input: &Shape) -> Reach {
        self.window().map_or(Reach::CELL, Window::reach)
    }

    /// The word for what one vector of weights and its bias make: a filter, an output.
    fn unit(&self) -> &'static str {
        "channel"
    }

    /// Whether it can take a flattened image in any order, since the order of its own variables can follow.
    fn takes_any_order(&self) -> bool {
        false
    }

    /// Whether its output is the tensor of its input, which has this shape, under another shape, so that it needs no
    /// operation. `any_order` says that every user of the output takes it in any order.
    fn is_view(&self, _input: &Shape, _any_order: bool) -> bool {
        false
    }

    /// The order of a variable's numbers in the plan, Keras's own unless a kernel wants another one. `flattened` is
    /// the shape of the image that the layer's input is a flat view of.
    fn layout(&self, _variable: &Variable, _flattened: Option<&Shape>) -> ParameterLayout {
        ParameterLayout::Vector
    }

    /// Whether it brings values into another range, so that bytes must not be divided by 255 before it.
    fn scales_values(&self) -> bool {
        false
    }

    /// Whether it moves pictures, and with them the targets that belong to each pixel.
    fn moves_pictures(&self) -> bool {
        false
    }

    /// Whether it mixes the samples of a batch, and with them what outputs are compared with.
    fn mixes_samples(&self) -> bool {
        false
    }

    /// Whether it takes rectangles of samples from others, where it mixes samples.
    fn cuts_pictures(&self) -> bool {
        false
    }

    /// Whether it passes no gradient on, so that weights before it could not be trained.
    fn blocks_gradients(&self) -> bool {
        false
    }

    /// Whether training computes something else than prediction, such as with random numbers or statistics of the
    /// batch, even where its weights stay as they are (`frozen`).
    fn differs_in_training(&self, _frozen: bool) -> bool {
        self.blocks_gradients()
    }

    /// Appends the operations that make the output; returns the output. `at` knows the purpose of the program.
    fn forward(&self, at: &mut Forward<'_>) -> TensorId;

    /// Appends the operations that make the gradients of the variables and of the inputs.
    fn backward(&self, at: &mut Backward<'_>);

    /// Appends the portable operations that predict the output; returns the output. None where the layer has no such
    /// form, so that its network cannot be exported.
    fn portable(&self, _at: &mut At<'_>) -> Option<ValueId> {
        None
    }

    /// Says in plain sentences for learners what the layer does.
    fn words(&self, place: &Place<'_>) -> Vec<String>;

    /// The arithmetic behind the shape of the output; empty where the shape needs none.
    fn sizes(&self, _place: &Place<'_>) -> Vec<Fact> {
        Vec::new()
    }

    /// The figure that stands for it in the drawing of a network.
    fn form(&self) -> Form {
        Form::Output
    }

    /// The lines below its figure in the drawing: its window, its function.
    fn does(&self) -> Vec<String> {
        Vec::new()
    }
}
