//! `Conv2D`: `keras/src/layers/convolutional/conv2d.py` and `base_conv.py`.

use crate::activation::ActivationFunction;
use crate::call::arguments::Arguments;
use crate::call::initializer::Initializer;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::explanation::fact::Fact;
use crate::explanation::windows;
use crate::layers::definition::{Class, Definition, Refusal, WeightUse};
use crate::layers::grouping::{GROUPS, groups, groups_fit, is_one};
use crate::layers::keywords::{DATA_FORMAT, KEYWORDS};
use crate::layers::place::Place;
use crate::layers::sliding;
use crate::layers::weighted::{self, Product, Weights};
use crate::numbers::{count, pair};
use crate::ops::{ConvolutionGeometry, GroupedGeometry};
use crate::plan::builder::{Backward, Forward};
use crate::plan::parameter::ParameterLayout;
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use crate::variable::Variable;
use crate::window::Window;
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;
use serde::Serialize;

/// `Conv2D(filters, kernel_size, strides, padding, dilation_rate, activation, use_bias, ...)`: a convolution over an image
/// (cross-correlation, as everywhere in the field).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conv2D {
    /// Channels of the output, one for each filter.
    pub filters: usize,
    /// `kernel_size`, `strides`, `dilation_rate` and `padding`.
    pub window: Window,
    /// The number of groups of channels, each of which sees its own input channels only; 1 for an ordinary convolution.
    #[serde(skip_serializing_if = "is_one")]
    pub groups: usize,
    /// The function that follows the bias.
    pub activation: ActivationFunction,
    /// Whether each filter adds a number of its own.
    pub use_bias: bool,
    /// How the kernel is initialized, `glorot_uniform` by default.
    pub kernel_initializer: Initializer,
    /// How the bias is initialized, with zeros by default.
    pub bias_initializer: Initializer,
}

impl Class for Conv2D {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Conv2D",
        aliases: &["Convolution2D"],
        doc: "Convolution over height and width (a cross-correlation: the kernel is not flipped)",
        parameters: &[
            Argument::required("filters", ArgumentKind::Count, "output channels"),
            Argument::required("kernel_size", ArgumentKind::Pair, "height and width of the kernel"),
            sliding::STRIDES,
            sliding::PADDING,
            DATA_FORMAT,
            sliding::DILATION_RATE,
            GROUPS,
            weighted::ACTIVATION,
            Argument::optional(
                "use_bias",
                ArgumentKind::Bool,
                Literal::Bool(true),
                "whether each filter has a bias",
            ),
            weighted::KERNEL_INITIALIZER,
            weighted::BIAS_INITIALIZER,
            Argument::regularizer("kernel_regularizer"),
            Argument::regularizer("bias_regularizer"),
            Argument::regularizer("activity_regularizer"),
            Argument::constraint("kernel_constraint"),
            Argument::constraint("bias_constraint"),
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let filters = arguments.count("filters");
        let size = arguments.pair("kernel_size");
        let strides = arguments.pair("strides");
        let padding = arguments.read("padding", values::padding);
        let dilation = arguments.pair("dilation_rate");
        let groups = groups(arguments, filters);
        let weights = Weights::read(arguments);
        strides_by_place(arguments, size.zip(strides));
        let (strides, dilation) = sliding::strides_or_dilation(strides?, dilation?, arguments)?;
        Some(Self {
            filters: filters?,
            window: Window {
                size: size?,
                strides,
                dilation,
                padding: padding?,
            },
            groups: groups?,
            activation: weights.activation?,
            use_bias: weights.use_bias?,
            kernel_initializer: weights.kernel_initializer?,
            bias_initializer: weights.bias_initializer?,
        })
    }
}

/// Warns of `Conv2D(32, 3, 3)`, where the second 3 is likely a size of the kernel, as it was in Keras 1.
fn strides_by_place(arguments: &mut Arguments, sizes: Option<((usize, usize), (usize, usize))>) {
    let alike = sizes.filter(|((height, width), (down, across))| height == down && width == across && *height > 1);
    let of = |name: &str| arguments.written(name).filter(|argument| argument.name.is_none());
    let (Some((size, _)), Some(kernel), Some(strides)) = (alike, of("kernel_size"), of("strides")) else {
        return;
    };
    let (kernel, strides) = (kernel.value.span, strides.value.span);
    let (height, width) = size;
    arguments.diagnostics().push(
        Diagnostic::warning("W0138", "the third positional argument is the strides")
            .at(strides, format!("the kernel moves on by {height} at a time"))
            .because(kernel, format!("the kernel is {height}x{width}"))
            .help(format!(
                "in Keras 1 these were rows and columns of the kernel, which are ({height}, {width}) now; for strides write strides={height}"
            ))
            .fix(Span::new(kernel.start as usize, strides.end as usize), format!("({height}, {width})")),
    );
}

impl Conv2D {
    /// The operation for an input of that shape; None where the kernel does not fit, which a checked network
    /// excludes. A 1x1 convolution of stride 1 is a dense layer at every pixel.
    fn product(&self, input: &Shape) -> Option<Product> {
        if self.groups > 1 {
            return Some(Product::Grouped(GroupedGeometry {
                groups: self.groups,
                in_channels: input.channels(),
                out_channels: self.filters,
                grid: sliding::grid(input, &self.window)?,
            }));
        }
        if self.window.size == (1, 1) && self.window.strides == (1, 1) {
            return Some(Product::dense(self.filters, input));
        }
        Some(Product::Convolution(ConvolutionGeometry {
            in_channels: input.channels(),
            out_channels: self.filters,
            grid: sliding::grid(input, &self.window)?,
        }))
    }
}

impl Definition for Conv2D {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let input = *inputs.first().ok_or(Refusal::NoInput)?;
        let output = sliding::over(input, &self.window, self.filters)?;
        groups_fit(self.groups, input.channels()).map(|()| output)
    }

    fn variables(&self, input: &Shape) -> Vec<Variable> {
        let (height, width) = self.window.size;
        weighted::kernel_and_bias(
            vec![height, width, input.channels() / self.groups, self.filters],
            self.filters,
            self.use_bias,
            self.kernel_initializer,
            self.bias_initializer,
        )
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let Window {
            size,
            strides,
            dilation,
            padding,
        } = self.window;
        vec![
            ("filters", self.filters.to_string()),
            ("kernel_size", pair(size)),
            ("strides", pair(strides)),
            ("padding", padding.name().to_owned()),
            ("dilation_rate", pair(dilation)),
            ("groups", self.groups.to_string()),
            ("activation", self.activation.to_string()),
            ("use_bias", self.use_bias.to_string()),
            ("kernel_initializer", self.kernel_initializer.to_string()),
            ("bias_initializer", self.bias_initializer.to_string()),
        ]
    }

    fn window(&self) -> Option<&Window> {
        Some(&self.window)
    }

    fn activation(&self) -> Option<ActivationFunction> {
        Some(self.activation)
    }

    fn has_filters(&self) -> bool {
        true
    }

    fn weight_use(&self) -> Option<WeightUse> {
        Some(WeightUse::Everywhere)
    }

    fn taps(&self, input: &Shape) -> Vec<usize> {
        vec![self.window.size.0, self.window.size.1, input.channels() / self.groups]
    }

    fn unit(&self) -> &'static str {
        "filter"
    }

    fn words(&self, place: &Place<'_>) -> Vec<String> {
        let channels = place.channels() / self.groups;
        let deep = if channels == 1 {
            String::new()
        } else {
            format!(", with weights for each of the {channels} channels,")
        };
        let verb = if self.filters == 1 { "slides" } else { "slide" };
        let (height, width) = self.window.size;
        let groups = if self.groups == 1 {
            String::new()
        } else {
            format!("In {} groups of channels that do not see each other: ", self.groups)
        };
        let slides = format!(
            "{groups}{} of {height}x{width}{deep} {verb} over the picture",
            count(self.filters, "filter")
        );
        let does = if (height, width) == (1, 1) {
            let bias = if self.use_bias { ", and adds its bias" } else { "" };
            format!("{slides}. At each place a filter mixes the channels: it adds them up, each times a weight{bias}.")
        } else {
            let bias = if self.use_bias { " and its bias" } else { "" };
            format!(
                "{slides}. At each place a filter multiplies the numbers below it by its weights and adds up the products{bias}: \
                 a large result says that its pattern is there. Each filter's results are one channel of what comes out."
            )
        };
        std::iter::once(does).chain(weighted::then(self.activation)).collect()
    }

    fn sizes(&self, place: &Place<'_>) -> Vec<Fact> {
        windows::sizes(place.input().and_then(Shape::as_map), &self.window, "zeros")
    }

    fn does(&self) -> Vec<String> {
        let mut does = sliding::does(&self.window, (1, 1), "");
        does.extend(weighted::does(self.activation));
        does
    }

    fn layout(&self, variable: &Variable, _: Option<&Shape>) -> ParameterLayout {
        match variable.name {
            "kernel" => ParameterLayout::Convolution,
            _ => ParameterLayout::Vector,
        }
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let grid = sliding::grid(&at.input_shape(), &self.window)?;
        let (kernel, bias) = (at.variable("kernel")?, at.variable("bias"));
        let output = at.convolved(at.input(), kernel, bias, grid, self.groups);
        Some(at.activated(self.activation, output))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        match self.product(at.input_shape()) {
            Some(product) => weighted::forward(product, self.activation, at),
            None => at.input(),
        }
    }

    fn backward(&self, at: &mut Backward<'_>) {
        if let Some(product) = self.product(at.input_shape()) {
            weighted::backward(product, self.activation, at);
        }
    }
}
