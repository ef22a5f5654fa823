//! `Dense`: `keras/src/layers/core/dense.py`.

use crate::activation::ActivationFunction;
use crate::call::arguments::Arguments;
use crate::call::initializer::Initializer;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::layers::definition::{Class, Definition, Refusal, WeightUse};
use crate::layers::keywords::KEYWORDS;
use crate::layers::place::Place;
use crate::layers::weighted::{self, Product, Weights};
use crate::numbers::count;
use crate::plan::builder::{Backward, Forward};
use crate::plan::parameter::ParameterLayout;
use crate::plan::tensor::TensorId;
use crate::portable::{self, At, Op, ValueId};
use crate::shape::Shape;
use crate::variable::Variable;
use serde::Serialize;

/// `Dense(units, activation, use_bias, kernel_initializer, bias_initializer)`: a matrix product over the last axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dense {
    /// Size of the output's last axis.
    pub units: usize,
    /// The function that follows the bias.
    pub activation: ActivationFunction,
    /// Whether each output adds a number of its own.
    pub use_bias: bool,
    /// How the kernel is initialized, `glorot_uniform` by default.
    pub kernel_initializer: Initializer,
    /// How the bias is initialized, with zeros by default.
    pub bias_initializer: Initializer,
}

impl Class for Dense {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Dense",
        aliases: &[],
        doc: "Every output from every input, along the last axis",
        parameters: &[
            Argument::required("units", ArgumentKind::Count, "outputs"),
            weighted::ACTIVATION,
            Argument::optional(
                "use_bias",
                ArgumentKind::Bool,
                Literal::Bool(true),
                "whether each output has a bias",
            ),
            weighted::KERNEL_INITIALIZER,
            weighted::BIAS_INITIALIZER,
            Argument::regularizer("kernel_regularizer"),
            Argument::regularizer("bias_regularizer"),
            Argument::regularizer("activity_regularizer"),
            Argument::constraint("kernel_constraint"),
            Argument::constraint("bias_constraint"),
            Argument::unsupported("lora_rank", Literal::None),
            Argument::unsupported("lora_alpha", Literal::None),
            Argument::unsupported("quantization_config", Literal::None),
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let units = arguments.count("units");
        let weights = Weights::read(arguments);
        Some(Self {
            units: units?,
            activation: weights.activation?,
            use_bias: weights.use_bias?,
            kernel_initializer: weights.kernel_initializer?,
            bias_initializer: weights.bias_initializer?,
        })
    }
}

impl Definition for Dense {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let mut sizes = inputs.first().ok_or(Refusal::NoInput)?.sizes().to_vec();
        if let Some(last) = sizes.last_mut() {
            *last = self.units;
        }
        Ok(Shape::new(sizes))
    }

    fn variables(&self, input: &Shape) -> Vec<Variable> {
        weighted::kernel_and_bias(
            vec![input.channels(), self.units],
            self.units,
            self.use_bias,
            self.kernel_initializer,
            self.bias_initializer,
        )
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![
            ("units", self.units.to_string()),
            ("activation", self.activation.to_string()),
            ("use_bias", self.use_bias.to_string()),
            ("kernel_initializer", self.kernel_initializer.to_string()),
            ("bias_initializer", self.bias_initializer.to_string()),
        ]
    }

    fn activation(&self) -> Option<ActivationFunction> {
        Some(self.activation)
    }

    fn is_along_last_axis(&self) -> bool {
        true
    }

    fn weight_use(&self) -> Option<WeightUse> {
        Some(WeightUse::Once)
    }

    fn taps(&self, input: &Shape) -> Vec<usize> {
        vec![input.channels()]
    }

    fn unit(&self) -> &'static str {
        "output"
    }

    fn words(&self, place: &Place<'_>) -> Vec<String> {
        let bias = if self.use_bias { ", plus a bias" } else { "" };
        let places = place.output.rank() > 1;
        let mut text = count(self.units, "output");
        if places {
            text.push_str(" at each place");
        }
        text.push_str(if self.units == 1 {
            ", the sum of "
        } else {
            ", each the sum of "
        });
        text.push_str(&match place.channels() {
            1 => "the one input".to_owned(),
            inputs => format!("all {}", count(inputs, "input")),
        });
        text.push_str(if places { " there" } else { "" });
        text.push_str(&format!(" times weights of its own{bias}"));
        text.push_str(if places {
            "; the weights are the same everywhere."
        } else {
            ": every output looks at everything that comes in."
        });
        if place.meets_loss {
            text.push_str(" It is the last layer: one output a class.");
        }
        std::iter::once(text).chain(weighted::then(self.activation)).collect()
    }

    fn does(&self) -> Vec<String> {
        weighted::does(self.activation).into_iter().collect()
    }

    fn takes_any_order(&self) -> bool {
        true
    }

    fn layout(&self, variable: &Variable, flattened: Option<&Shape>) -> ParameterLayout {
        match (variable.name, flattened) {
            ("kernel", Some(image)) => ParameterLayout::Dense {
                channels: image.channels(),
                positions: image.positions(),
            },
            ("kernel", None) => ParameterLayout::Dense {
                channels: variable.shape.first().copied().unwrap_or(1),
                positions: 1,
            },
            (_, _) => ParameterLayout::Vector,
        }
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let kernel = at.variable("kernel")?;
        let op = Op::Dense(portable::Dense {
            kernel,
            bias: at.variable("bias"),
        });
        let output = at.push(op, vec![at.input()], at.shape());
        Some(at.activated(self.activation, output))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        weighted::forward(Product::dense(self.units, at.input_shape()), self.activation, at)
    }

    fn backward(&self, at: &mut Backward<'_>) {
        weighted::backward(Product::dense(self.units, at.input_shape()), self.activation, at);
    }
}
