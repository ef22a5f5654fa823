//! A layer's surroundings, for the words and numbers that explain it.

use crate::call::suggest::all_of;
use crate::shape::Shape;
use crate::training::data::DataName;
use crate::training::loading::PictureFiles;

/// What there is around a layer.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// The layers whose outputs it takes: their names and the shapes of these outputs.
    pub inputs: Vec<(&'a str, &'a Shape)>,
    /// The shape of its own output.
    pub output: &'a Shape,
    /// Whether its output is compared with the labels: it ends a network that is compiled.
    pub meets_loss: bool,
    /// What the network is to be trained on, if anything is named.
    pub data: Option<&'a DataName>,
    /// Whether whole numbers are divided by 255 on their way in.
    pub divided: bool,
    /// How its pictures are read, where a loader says so.
    pub loading: Option<&'a PictureFiles>,
}

impl Place<'_> {
    /// The shape of the first input.
    pub fn input(&self) -> Option<&Shape> {
        self.inputs.first().map(|&(_, shape)| shape)
    }

    /// The channels of the first input, 1 where there is none.
    pub fn channels(&self) -> usize {
        self.input().map_or(1, Shape::channels)
    }

    /// `entry and tail`
    pub fn input_names(&self) -> String {
        all_of(self.inputs.iter().map(|&(name, _)| name))
    }
}
