//! `PReLU`: `keras/src/layers/activations/prelu.py`.

use crate::call::arguments::Arguments;
use crate::call::initializer::Initializer;
use crate::call::initializers;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::sizes;
use crate::layers::activations;
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::place::Place;
use crate::numbers::count;
use crate::ops::{Dalpha, Prelu, PreluBackward, PreluGeometry};
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, Op, ValueId};
use crate::shape::Shape;
use crate::variable::Variable;
use serde::Serialize;

/// `PReLU(alpha_initializer, shared_axes)`: `x` where positive, else `alpha x` with a slope that is learnt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PReLU {
    /// How the slopes are initialized, with zeros by default.
    pub alpha_initializer: Initializer,
    /// The axes of a sample along which slopes are shared, counted from 1.
    pub shared_axes: Vec<usize>,
}

impl Class for PReLU {
    const SIGNATURE: &'static Signature = &Signature {
        name: "PReLU",
        aliases: &[],
        doc: "x where positive, else x times a slope that is learnt",
        parameters: &[
            Argument::optional(
                "alpha_initializer",
                ArgumentKind::Initializer,
                Literal::Str("zeros"),
                "how the slopes start",
            ),
            Argument::regularizer("alpha_regularizer"),
            Argument::constraint("alpha_constraint"),
            Argument::optional(
                "shared_axes",
                ArgumentKind::Axes,
                Literal::None,
                "along which axes a slope is shared: [1, 2] for one a channel; None for one of each number",
            ),
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let alpha_initializer = arguments.read("alpha_initializer", initializers::read);
        let shared_axes = arguments.read("shared_axes", sizes::axes);
        Some(Self {
            alpha_initializer: alpha_initializer?,
            shared_axes: shared_axes?,
        })
    }
}

impl PReLU {
    /// The shape of the slopes, with size 1 along shared axes.
    fn alphas(&self, input: &Shape) -> Vec<usize> {
        let sizes = input.sizes().iter().enumerate();
        let shared = |axis: usize| self.shared_axes.contains(&(axis + 1));
        sizes.map(|(axis, &size)| if shared(axis) { 1 } else { size }).collect()
    }

    fn geometry(&self, input: &Shape) -> PreluGeometry {
        // Channels, rows and columns; missing axes have size 1.
        let image = |sizes: &[usize]| match *sizes {
            [height, width, channels] => [channels, height, width],
            [length, channels] => [channels, 1, length],
            [channels] => [channels, 1, 1],
            _ => [1, 1, 1],
        };
        PreluGeometry {
            sizes: image(input.sizes()),
            alpha: image(&self.alphas(input)),
        }
    }
}

impl Definition for PReLU {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let input = *inputs.first().ok_or(Refusal::NoInput)?;
        if let Some(axis) = self.shared_axes.iter().find(|&&axis| axis > input.rank()) {
            return Err(Refusal::Argument {
                argument: "shared_axes",
                message: format!("the input has no axis {axis}"),
                label: format!("{input} has {}", count(input.rank(), "axis").replace("axiss", "axes")),
                help: "[1, 2] shares a slope over height and width".to_owned(),
            });
        }
        activations::output(inputs)
    }

    fn variables(&self, input: &Shape) -> Vec<Variable> {
        vec![Variable::new("alpha", self.alphas(input), self.alpha_initializer)]
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let axes = match self.shared_axes.as_slice() {
            [] => "None".to_owned(),
            axes => format!("{axes:?}"),
        };
        vec![
            ("alpha_initializer", self.alpha_initializer.to_string()),
            ("shared_axes", axes),
        ]
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let alpha = at.variable("alpha")?;
        Some(at.push(Op::Prelu { alpha }, vec![at.input()], at.shape()))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        let input = at.input();
        let Some(alpha) = at.variable("alpha") else {
            return input;
        };
        let output = at.output();
        at.push(Prelu {
            geometry: self.geometry(at.input_shape()),
            input,
            alpha,
            output,
        });
        output
    }

    fn backward(&self, at: &mut Backward<'_>) {
        let (geometry, input, doutput) = (self.geometry(at.input_shape()), at.input(), at.doutput());
        let Some(alpha) = at.variable("alpha") else { return };
        if at.trains("alpha") {
            at.push(Dalpha {
                geometry,
                input,
                doutput,
                alpha,
            });
        }
        if let Some(dinput) = at.dinput(0) {
            at.push(PreluBackward {
                geometry,
                input,
                alpha,
                doutput,
                dinput,
            });
        }
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        vec!["Positive numbers stay; negative ones are multiplied by a slope, which is learnt.".to_owned()]
    }

    fn form(&self) -> Form {
        Form::Chip("relu")
    }
}
