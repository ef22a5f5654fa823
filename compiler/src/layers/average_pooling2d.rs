//! `AveragePooling2D`: `keras/src/layers/pooling/average_pooling2d.py`.

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
use crate::window::{Padding, Window};
use serde::Serialize;

/// `AveragePooling2D(pool_size, strides, padding)`: the mean of each window; cells of the padding do not count.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AveragePooling2D {
    /// Size, strides and padding of the window.
    pub window: Window,
}

impl Class for AveragePooling2D {
    const SIGNATURE: &'static Signature = &Signature {
        name: "AveragePooling2D",
        aliases: &["AvgPool2D"],
        doc: "Mean of each window, channel by channel; cells of the padding do not count",
        parameters: &pooling::AVERAGE_PARAMETERS,
        keywords: &UNNAMED,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        pooling::window(arguments).map(|window| Self { window })
    }
}

impl Definition for AveragePooling2D {
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
        let mut text = format!(
            "Each window of {height}x{width} becomes the mean of its numbers, channel by channel: the picture gets smaller and \
             smoother, and all that follows has less to compute."
        );
        match self.window.padding {
            Padding::Same => text.push_str(" Cells of the padding do not count in the mean."),
            Padding::Valid | Padding::Causal => {}
        }
        vec![text]
    }

    fn sizes(&self, place: &Place<'_>) -> Vec<Fact> {
        pooling::sizes(&self.window, place)
    }

    fn does(&self) -> Vec<String> {
        sliding::does(&self.window, self.window.size, "mean of ")
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let grid = sliding::grid(&at.input_shape(), &self.window)?;
        let input = at.input();
        Some(at.pooled(PoolKind::Average, input, grid))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        pooling::forward(PoolKind::Average, &self.window, at)
    }

    fn backward(&self, at: &mut Backward<'_>) {
        pooling::backward(PoolKind::Average, &self.window, at);
    }
}
