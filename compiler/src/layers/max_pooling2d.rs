//! `MaxPooling2D`: `keras/src/layers/pooling/max_pooling2d.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::explanation::fact::Fact;
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::keywords::UNNAMED;
use crate::layers::place::Place;
use crate::layers::{pooling, sliding};
use crate::ops::PoolKind;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use crate::window::Window;
use serde::Serialize;

/// `MaxPooling2D(pool_size, strides, padding)`: the largest value of each window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MaxPooling2D {
    /// Size, strides and padding of the window.
    pub window: Window,
}

impl Class for MaxPooling2D {
    const SIGNATURE: &'static Signature = &Signature {
        name: "MaxPooling2D",
        aliases: &["MaxPool2D"],
        doc: "Largest value of each window, channel by channel",
        parameters: &pooling::MAX_PARAMETERS,
        keywords: &UNNAMED,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        pooling::window(arguments).map(|window| Self { window })
    }
}

impl Definition for MaxPooling2D {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        pooling::output(&self.window, inputs)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        pooling::arguments(&self.window)
    }

    fn window(&self) -> Option<&Window> {
        Some(&self.window)
    }

    fn passes_values(&self) -> bool {
        true
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        let (height, width) = self.window.size;
        vec![format!(
            "Of each window of {height}x{width} only the largest number is kept, channel by channel. That a pattern was found \
             matters more than at which pixel, and all that follows has less to compute."
        )]
    }

    fn sizes(&self, place: &Place<'_>) -> Vec<Fact> {
        pooling::sizes(&self.window, place)
    }

    fn does(&self) -> Vec<String> {
        sliding::does(&self.window, self.window.size, "maximum of ")
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let grid = sliding::grid(&at.input_shape(), &self.window)?;
        let input = at.input();
        Some(at.pooled(PoolKind::Max, input, grid))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        pooling::forward(PoolKind::Max, &self.window, at)
    }

    fn backward(&self, at: &mut Backward<'_>) {
        pooling::backward(PoolKind::Max, &self.window, at);
    }
}
