//! The pieces that an explanation is made of.

use super::fact::Fact;
use crate::layers::definition::WeightUse;
use crate::shape::Shape;

/// A layer explained.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerExplanation {
    /// The layer's name in the network.
    pub name: String,
    /// The name that the layer is called by.
    pub class: &'static str,
    /// The shape that goes in; none for the input.
    pub input: Option<Shape>,
    /// The shape that comes out.
    pub output: Shape,
    /// Its parameters, as the summary counts them.
    pub parameters: usize,
    /// Multiply-adds of one sample.
    pub macs: u64,
    /// At how many places it uses each weight, where it multiplies by weights.
    pub weight_use: Option<WeightUse>,
    /// What it does, in plain sentences.
    pub about: Vec<String>,
    /// Its numbers with the arithmetic behind them, in the order in which they are understood.
    pub facts: Vec<Fact>,
}

/// Some sentences and the numbers that belong to them.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// What it is about.
    pub title: &'static str,
    /// What there is to say of it, one plain sentence or two an item.
    pub about: Vec<String>,
    /// The numbers behind the sentences, with their arithmetic.
    pub facts: Vec<Fact>,
}
