//! The surroundings of a layer, for the words and numbers that explain it.

use crate::call::suggest::all_of;
use crate::shape::Shape;
use crate::training::data::DataName;
use crate::training::loading::PictureFiles;

/// What surrounds a layer in the network.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// The names of the layers whose outputs it takes, with the shapes of these outputs.
    pub inputs: Vec<(&'a str, &'a Shape)>,
    /// The shape of the layer's output.
    pub output: &'a Shape,
    /// Whether the loss compares its output with labels: it is an output of a network that is compiled.
    pub meets_loss: bool,
    /// The data set that the description trains on; None where it names none.
    pub data: Option<&'a DataName>,
    /// Whether bytes are divided by 255 before they enter the network.
    pub divided: bool,
    /// How the loader reads pictures; None where the data set has no loader.
    pub loading: Option<&'a PictureFiles>,
}

impl Place<'_> {
    /// The shape of the first input; None for the input layer.
    pub fn input(&self) -> Option<&Shape> {
        self.inputs.first().map(|&(_, shape)| shape)
    }

    /// The channels of the first input; 1 for the input layer.
    pub fn channels(&self) -> usize {
        self.input().map_or(1, Shape::channels)
    }

    /// The names of the inputs as a phrase: `entry and tail`.
    pub fn input_names(&self) -> String {
        all_of(self.inputs.iter().map(|&(name, _)| name))
    }
}
