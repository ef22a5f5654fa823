//! What every loss says of itself, whichever it is. Each implements [`Objective`] in a room of its own; the list of rooms is
//! in `training/losses/mod.rs`.
//!
//! A room speaks of one output of a network and one sample: weights of samples, of classes and of outputs multiply what it
//! comes to, whichever loss it is.

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
    /// A distribution over the outputs of each position: a class number becomes one-hot by itself.
    Shares,
    /// A value from 0 to 1 for each output: a class number of two is one for a single output.
    Binary,
    /// A value for each output.
    Values,
}

/// The end of a network: the layer whose output a loss takes.
#[derive(Debug, Clone, Copy)]
pub struct Ending<'a> {
    /// What it gives for one sample.
    pub shape: &'a Shape,
    /// Its activation, or the function that it is.
    pub activation: Option<ActivationFunction>,
    /// Where the layer is written.
    pub span: Span,
    /// Where its activation is written; the layer where it is not.
    pub activation_span: Span,
    /// Its class, if it works on the last axis alone, as `Dense` does.
    pub along_last_axis: Option<&'static str>,
    /// Whether layers take what they take by name, so that a layer more cannot just be put between two.
    pub functional: bool,
    /// Whether the data have a class for each place of a map.
    pub class_of_place: bool,
}

/// Where a loss is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The whole argument.
    pub loss: Span,
    /// `from_logits=`, if it was given.
    pub from_logits: Option<Span>,
}

/// A loss.
pub trait Objective: Sized {
    /// Name, arguments and defaults, as Keras has them.
    const SIGNATURE: &'static Signature;

    /// The name that means it with every default: `"sparse_categorical_crossentropy"`.
    const NAME: &'static str;

    /// Other names of the same.
    const ALIASES: &'static [&'static str] = &[];

    /// With every default.
    fn by_name() -> Self;

    /// The loss that a call asks for; what is wrong with its arguments is reported.
    fn read(arguments: &mut Arguments<'_>) -> Option<Self>;

    /// What it compares outputs with.
    fn targets(&self) -> Targets;

    /// Reports a network whose end does not go with it: the shape of the output, and the last activation.
    fn check(&self, ending: &Ending<'_>, place: &Place, diagnostics: &mut Vec<Diagnostic>);

    /// Whether it absorbs that activation at the end of a network, and takes what goes into it for logits. Keras's
    /// crossentropies do so with whatever keeps its logits (`_keras_logits` in keras/src/activations/activations.py).
    fn absorbs(&self, _last: ActivationFunction) -> bool {
        false
    }

    /// What it compares outputs by, of which the last activation is gone if `absorbed` and there are several places if
    /// `by_place`; nothing where it takes class numbers as they are.
    fn criterion(&self, absorbed: bool, by_place: bool) -> Option<Criterion>;

    /// What it costs that outputs and targets overlap no more, of an output of that rank; nothing where it is a loss of another
    /// kind. Then `criterion` says nothing either.
    fn overlap(&self, _rank: usize) -> Option<Overlapping> {
        None
    }

    /// As a description says it, with every default that this program has.
    fn printed(&self) -> String;

    /// What it means, in sentences for learners, for so many outputs.
    fn words(&self, outputs: usize) -> Vec<String>;

    /// What it comes to where a network of so many outputs only guesses, and why; nothing where that depends on the data.
    fn guess(&self, _outputs: usize) -> Option<(Expression, String)> {
        None
    }
}
