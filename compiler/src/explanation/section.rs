//! The pieces that an explanation is made of.

use super::fact::Fact;
use crate::layers::definition::WeightUse;
use crate::shape::Shape;

/// A layer in plain sentences and numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerExplanation {
    /// The layer's name in the network.
    pub name: String,
    /// The name that the layer is called by.
    pub class: &'static str,
    /// The shape of one sample that goes in; None for the input layer.
    pub input: Option<Shape>,
    /// The shape of one sample that comes out.
    pub output: Shape,
    /// Its parameters, as the summary counts them.
    pub parameters: usize,
    /// Multiply-adds of one sample.
    pub macs: u64,
    /// How many times a sample uses each weight; None for layers that multiply by no weights.
    pub weight_use: Option<WeightUse>,
    /// What it does, in plain sentences.
    pub about: Vec<String>,
    /// Its numbers with the arithmetic behind them, in the order in which they are understood.
    pub facts: Vec<Fact>,
}

/// Sentences about a subject, and the numbers that belong to them.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// The heading, such as "All together".
    pub title: &'static str,
    /// Plain sentences, one or two an item.
    pub about: Vec<String>,
    /// The numbers behind the sentences, with their arithmetic.
    pub facts: Vec<Fact>,
}
