//! What every loss says of itself. Each implements [`Objective`] in a file of its own; the list of these files is in
//! `training/losses/mod.rs`.
//!
//! An objective is about one output of a network and one sample. The weights of samples, classes and outputs multiply
//! its value, whichever loss it is.

use crate::activation::ActivationFunction;
use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::explanation::expression::Expression;
use crate::ops::{Criterion, Overlapping};
use crate::shape::Shape;
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// What a loss compares the outputs of a sample with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Targets {
    /// The number of the right class, below the number of outputs; one for each position of a map.
    ClassNumber,
    /// A distribution over the outputs of each position; class numbers become one-hot rows.
    Shares,
    /// A value from 0 to 1 for each output; with a single output, the number of one of two classes.
    Binary,
    /// A value for each output.
    Values,
}

/// The end of a network: the layer whose output a loss takes.
#[derive(Debug, Clone, Copy)]
pub struct Ending<'a> {
    /// The shape of the layer's output for one sample.
    pub shape: &'a Shape,
    /// The layer's activation, or the function that the layer consists of.
    pub activation: Option<ActivationFunction>,
    /// The place of the layer in the description.
    pub span: Span,
    /// The place of its activation, or of the layer where the activation is left out.
    pub activation_span: Span,
    /// The layer's class, where it works along the last axis only, as `Dense` does.
    pub along_last_axis: Option<&'static str>,
    /// Whether layers name their inputs, so that another layer cannot be inserted by adding a line.
    pub functional: bool,
    /// Whether the data have a class for each place of a map.
    pub class_of_place: bool,
}

/// The place of a loss in the description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The place of the whole argument `loss`.
    pub loss: Span,
    /// The place of the argument `from_logits`; None where it is left out.
    pub from_logits: Option<Span>,
}

/// A class of losses, with the arguments of one of them.
pub trait Objective: Sized {
    /// Name, arguments and defaults, as Keras has them.
    const SIGNATURE: &'static Signature;

    /// The name that stands for the loss with all defaults: `"sparse_categorical_crossentropy"`.
    const NAME: &'static str;

    /// Other names that stand for the same.
    const ALIASES: &'static [&'static str] = &[];

    /// The loss with all defaults, which its name in quotes stands for.
    fn by_name() -> Self;

    /// Reads the loss that a call asks for; None after its arguments were reported.
    fn read(arguments: &mut Arguments<'_>) -> Option<Self>;

    /// What outputs are compared with.
    fn targets(&self) -> Targets;

    /// Reports a network whose end does not go with the loss: the shape of its output, or its last activation.
    fn check(&self, ending: &Ending<'_>, place: &Place, diagnostics: &mut Vec<Diagnostic>);

    /// Whether the loss takes over this activation at the end of a network, and takes the activation's input as
    /// logits. Keras's crossentropies do so with every activation that keeps its logits (`_keras_logits` in
    /// `keras/src/activations/activations.py`).
    fn absorbs(&self, _last: ActivationFunction) -> bool {
        false
    }

    /// The function that compares outputs with targets. `absorbed` says that the last activation is left out,
    /// `by_place` that there are several places. None where the loss takes class numbers as they are, and for losses
    /// of overlaps.
    fn criterion(&self, absorbed: bool, by_place: bool) -> Option<Criterion>;

    /// The sums that a loss of overlaps compares, for an output of that rank; None for losses of other kinds.
    fn overlap(&self, _rank: usize) -> Option<Overlapping> {
        None
    }

    /// The call that makes the loss, with the defaults of this program.
    fn printed(&self) -> String;

    /// Sentences for learners about the loss of so many outputs.
    fn words(&self, outputs: usize) -> Vec<String>;

    /// The loss where a network with so many outputs only guesses, and why; None where that depends on the data.
    fn guess(&self, _outputs: usize) -> Option<(Expression, String)> {
        None
    }
}
