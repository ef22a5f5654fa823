//! What every layer says of itself. Each class implements these two traits in a room of its own; the list of rooms is in
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

/// How many outputs a layer takes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// None: `Input` begins the network.
    None,
    /// One, as most layers do.
    One,
    /// Two or more, as what merges does.
    Many,
}

/// Why a layer does not take its inputs: facts, which `check` puts into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It needs height x width x channels.
    NotAnImage,
    /// No window fits the image.
    DoesNotFit,
    /// It has no input.
    NoInput,
    /// The input of index `other` does not go with the first one, along the axes beside `axis`.
    Differs {
        /// Its place among the inputs.
        other: usize,
        /// The axis of a concatenation, which may differ.
        axis: Option<usize>,
    },
    /// An argument does not go with the shape that comes in; the layer says itself what is wrong.
    Argument {
        /// The argument's name.
        argument: &'static str,
        /// What must hold.
        message: String,
        /// What holds instead.
        label: String,
        /// What would be right.
        help: String,
    },
    /// It takes exactly two inputs.
    NotTwo {
        /// How many it was given.
        given: usize,
    },
    /// It needs length x channels.
    NotASignal,
    /// The inputs have no such axis.
    NoAxis {
        /// As it was written.
        axis: i64,
        /// The inputs' rank.
        rank: usize,
    },
}

/// What Keras has for a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InKeras {
    /// A class of its name with its arguments.
    Itself,
    /// Another class that does the same, with its arguments as they would be written.
    Other(&'static str, Vec<(&'static str, String)>),
    /// No layer.
    Nothing,
}

/// At how many places of its input a layer uses each of its weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightUse {
    /// At one place: a dense layer.
    Once,
    /// At every place that its window comes to: a convolution.
    Everywhere,
}

/// What a class of layers has before there is a layer of it.
pub trait Class: Sized {
    /// The call that makes one.
    const SIGNATURE: &'static Signature;

    /// How many outputs one takes in.
    const ARITY: Arity = Arity::One;

    /// Keras's class, which automatic names are made from and summaries print.
    const KERAS_CLASS: &'static str = Self::SIGNATURE.name;

    /// Whether Keras has it in `keras` itself as well as in `keras.layers`.
    const IS_EXPORTED_AT_TOP: bool = false;

    /// The layer of these arguments; nothing where one of them, which has then been reported, is of no use.
    fn build(arguments: &mut Arguments) -> Option<Self>;
}

/// What a layer is and does.
pub trait Definition {
    /// The shape of one sample's output, given the inputs' shapes.
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal>;

    /// Its variables in Keras's order, given the first input's shape.
    fn variables(&self, _input: &Shape) -> Vec<Variable> {
        Vec::new()
    }

    /// Whether its variables `mean` and `variance` are those of what it takes in of the training samples, channel by channel,
    /// measured before training begins.
    fn adapts(&self) -> bool {
        false
    }

    /// Every argument as it would be written, defaults included, in Keras's order.
    fn arguments(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// What Keras has for it.
    fn in_keras(&self) -> InKeras {
        InKeras::Itself
    }

    /// Fills in what depends on the rank of the inputs, once that is known.
    fn settle(&mut self, _rank: usize) {}

    /// The shape of the samples that it takes from the data set; only what begins a network has one.
    fn sample_shape(&self) -> Option<&Shape> {
        None
    }

    /// The window that slides over the image.
    fn window(&self) -> Option<&Window> {
        None
    }

    /// Whether what it gives are values that it took, or means of them, so that probabilities stay probabilities.
    fn passes_values(&self) -> bool {
        false
    }

    /// The activation at its end.
    fn activation(&self) -> Option<ActivationFunction> {
        None
    }

    /// The argument that makes it keep height and width, where it drops them otherwise.
    fn keeps_image_with(&self) -> Option<&'static str> {
        None
    }

    /// Whether it works on the last axis alone, at every place of the others alike.
    fn is_along_last_axis(&self) -> bool {
        false
    }

    /// Whether its kernel is a set of small pictures, one for each filter and channel, that can be looked at.
    fn has_filters(&self) -> bool {
        false
    }

    /// At how many places it uses each weight, where it multiplies by weights.
    fn weight_use(&self) -> Option<WeightUse> {
        None
    }

    /// The factors of how many products with weights each number of the output sums; empty where there are none.
    fn taps(&self, _input: &Shape) -> Vec<usize> {
        Vec::new()
    }

    /// The factors of the multiply-adds of one sample, step by step, where they are not each output's taps
    /// ([`Definition::taps`]), and what is multiplied, in words.
    fn steps(&self, _input: &Shape, _output: &Shape) -> Option<(Vec<Vec<usize>>, &'static str)> {
        None
    }

    /// What one number of the output sees of the input's height and width.
    fn reach(&self, _input: &Shape) -> Reach {
        self.window().map_or(Reach::CELL, Window::reach)
    }

    /// What one weight vector and its bias belong to, in a word: a filter, an output.
    fn unit(&self) -> &'static str {
        "channel"
    }

    /// Whether it takes a flattened image in any order, since the order of its own variables can follow.
    fn takes_any_order(&self) -> bool {
        false
    }

    /// Whether its output is its input's tensor, of this shape, under another shape, so that it needs no operation.
    /// `any_order`: whether every user of the output takes it in any order.
    fn is_view(&self, _input: &Shape, _any_order: bool) -> bool {
        false
    }

    /// The order of a variable's numbers in the plan; Keras's own unless a kernel wants another one. `flattened`: the
    /// shape of the image that the layer's input is a view of.
    fn layout(&self, _variable: &Variable, _flattened: Option<&Shape>) -> ParameterLayout {
        ParameterLayout::Vector
    }

    /// Whether it brings values to another range, so that they are not to be scaled before it.
    fn scales_values(&self) -> bool {
        false
    }

    /// Whether it moves pictures, and with them what outputs are compared with place by place.
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

    /// Whether it has no gradient step: weights before it could not be trained.
    fn blocks_gradients(&self) -> bool {
        false
    }

    /// Whether training makes something else of its input than prediction does, even where its weights are kept, `frozen`: draws
    /// random numbers, or goes by the batch.
    fn differs_in_training(&self, _frozen: bool) -> bool {
        self.blocks_gradients()
    }

    /// Adds the operations that make its output, and gives the tensor of it. The mode says what the program is for.
    fn forward(&self, at: &mut Forward<'_>) -> TensorId;

    /// Adds the operations that make the gradients of its variables and of its inputs.
    fn backward(&self, at: &mut Backward<'_>);

    /// Adds the portable operations that predict its output, and gives the tensor of it. Nothing where it has no such form:
    /// then its network cannot be exported.
    fn portable(&self, _at: &mut At<'_>) -> Option<ValueId> {
        None
    }

    /// What it does, in plain sentences for learners.
    fn words(&self, place: &Place<'_>) -> Vec<String>;

    /// The arithmetic behind its output's shape, where that is not plain.
    fn sizes(&self, _place: &Place<'_>) -> Vec<Fact> {
        Vec::new()
    }

    /// What stands for it in the drawing of a network.
    fn form(&self) -> Form {
        Form::Output
    }

    /// What the drawing writes below it: its window, its function.
    fn does(&self) -> Vec<String> {
        Vec::new()
    }
}
