//! `AveragePooling1D`: `keras/src/layers/pooling/average_pooling1d.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::explanation::fact::Fact;
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::keywords::UNNAMED;
use crate::layers::place::Place;
use crate::layers::signals::{self, Window1D};
use crate::ops::PoolKind;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `AveragePooling1D(pool_size, strides, padding)`: the mean of each window of a signal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AveragePooling1D {
    /// Size, strides and padding of the window.
    pub window: Window1D,
}

impl Class for AveragePooling1D {
    const SIGNATURE: &'static Signature = &Signature {
        name: "AveragePooling1D",
        aliases: &["AvgPool1D"],
        doc: "Mean of each window of a signal, channel by channel; padding does not count",
        parameters: &signals::AVERAGE_PARAMETERS,
        keywords: &UNNAMED,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        signals::pool_window(arguments).map(|window| Self { window })
    }
}

impl Definition for AveragePooling1D {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let channels = inputs.first().map_or(1, |input| input.channels());
        signals::over(inputs, &self.window, channels, "pool_size")
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        signals::pool_arguments(&self.window)
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let grid = self.window.over(&at.input_shape())?;
        let image = signals::portable_image(at);
        let output = at.pooled(PoolKind::Average, image, grid);
        Some(at.reshaped(output, at.shape()))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        signals::pool_forward(PoolKind::Average, &self.window, at)
    }

    fn backward(&self, at: &mut Backward<'_>) {
        signals::pool_backward(PoolKind::Average, &self.window, at);
    }

    fn passes_values(&self) -> bool {
        true
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        vec![format!(
            "Of each window of {} cells the mean is kept, channel by channel.",
            self.window.size
        )]
    }

    fn sizes(&self, place: &Place<'_>) -> Vec<Fact> {
        signals::sizes(&self.window, place, "cells, which do not count")
    }

    fn does(&self) -> Vec<String> {
        signals::does(&self.window, self.window.size, "mean of ")
    }
}
