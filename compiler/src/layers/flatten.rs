//! `Flatten`: `keras/src/layers/reshaping/flatten.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::explanation::expression::product;
use crate::explanation::fact::{Fact, What};
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::keywords::{DATA_FORMAT, KEYWORDS};
use crate::layers::place::Place;
use crate::ops::Transpose;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `Flatten()`: all values in a row, height, then width, then channels.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flatten {}

impl Class for Flatten {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Flatten",
        aliases: &[],
        doc: "All values in a row: height, then width, then channels",
        parameters: &[DATA_FORMAT],
        keywords: &KEYWORDS,
    };

    fn build(_: &mut Arguments) -> Option<Self> {
        Some(Self {})
    }
}

impl Definition for Flatten {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let input = inputs.first().ok_or(Refusal::NoInput)?;
        // A shape that reaches a layer has a product that fits: `check` refuses it at its source.
        Ok(Shape::flat(input.checked_elements().unwrap_or(usize::MAX)))
    }

    fn passes_values(&self) -> bool {
        true
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        vec![
            "Puts all numbers in one row, height, then width, then channels, as a dense layer needs them. Nothing is computed."
                .to_owned(),
        ]
    }

    fn sizes(&self, place: &Place<'_>) -> Vec<Fact> {
        let sizes = place.input().map(Shape::sizes).unwrap_or_default();
        let equation = product(sizes.iter().copied()).equals(place.output.elements() as u64);
        vec![Fact::new(
            What::Size,
            vec![equation],
            "every number has its place in the row",
        )]
    }

    /// No copy is needed where the image lies in Keras's order, with one channel or one position, or where only dense
    /// layers take it, for the rows of their kernels are then kept in the image's order.
    fn is_view(&self, input: &Shape, any_order: bool) -> bool {
        input.channels() == 1 || input.positions() == 1 || any_order
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let input = at.input();
        Some(at.reshaped(input, at.shape()))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        if at.is_view() {
            return at.input();
        }
        let (input, output) = (at.input(), at.output());
        at.push(Transpose {
            rows: at.input_shape().channels(),
            columns: at.input_shape().positions(),
            input,
            output,
        });
        output
    }

    fn backward(&self, at: &mut Backward<'_>) {
        if at.is_view() {
            at.give(0, at.doutput());
        } else if let Some(output) = at.dinput(0) {
            at.push(Transpose {
                rows: at.input_shape().positions(),
                columns: at.input_shape().channels(),
                input: at.doutput(),
                output,
            });
        }
    }
}
