//! `Conv2DTranspose`: `keras/src/layers/convolutional/conv2d_transpose.py` and `base_conv_transpose.py`.
//!
//! The layer reverses a convolution: its output is the gradient that a convolution of the same kernel, strides and
//! padding would pass to its input, if this layer's input were the gradient of the output. So its operations are
//! those of that convolution.

use crate::activation::ActivationFunction;
use crate::call::arguments::Arguments;
use crate::call::initializer::Initializer;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::sizes;
use crate::explanation::expression::Expression;
use crate::explanation::fact::Fact;
use crate::layers::definition::{Class, Definition, Refusal, WeightUse};
use crate::layers::keywords::{DATA_FORMAT, KEYWORDS};
use crate::layers::place::Place;
use crate::layers::sliding;
use crate::layers::weighted::{self, Weights};
use crate::numbers::{count, pair};
use crate::ops::{AddBias, Convolution, ConvolutionDinput, ConvolutionDkernel, ConvolutionGeometry, Dbias, Doutput};
use crate::plan::builder::{Backward, Forward};
use crate::plan::parameter::ParameterLayout;
use crate::plan::tensor::TensorId;
use crate::portable::{At, ConvolutionTranspose, Op, ValueId};
use crate::shape::Shape;
use crate::variable::Variable;
use crate::window::{Padding, Reach, Window};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `Conv2DTranspose(filters, kernel_size, strides, padding, output_padding, ...)`: the reverse of a convolution,
/// which enlarges maps by its strides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Conv2DTranspose {
    /// The number of output channels.
    pub filters: usize,
    /// `kernel_size`, `strides`, `dilation_rate` and `padding` of the convolution that the layer reverses.
    pub window: Window,
    /// Rows and columns that are added to the smallest output; None for the size that Keras chooses by itself.
    pub output_padding: Option<(usize, usize)>,
    /// The function that follows the bias.
    pub activation: ActivationFunction,
    /// Whether there is a bias.
    pub use_bias: bool,
    /// How the kernel is initialized, `glorot_uniform` by default.
    pub kernel_initializer: Initializer,
    /// How the bias is initialized, with zeros by default.
    pub bias_initializer: Initializer,
}

impl Class for Conv2DTranspose {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Conv2DTranspose",
        aliases: &["Convolution2DTranspose"],
        doc: "A convolution's way back: each number is spread over a window; maps grow by the strides",
        parameters: &[
            Argument::required("filters", ArgumentKind::Count, "output channels"),
            Argument::required("kernel_size", ArgumentKind::Pair, "height and width of the kernel"),
            sliding::STRIDES,
            sliding::PADDING,
            Argument::optional(
                "output_padding",
                ArgumentKind::Cells,
                Literal::None,
                "rows and columns more than the least; None leaves it to padding",
            ),
            DATA_FORMAT,
            sliding::DILATION_RATE,
            weighted::ACTIVATION,
            weighted::USE_BIAS,
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
        let window = sliding::window(arguments);
        let output_padding = arguments.read("output_padding", sizes::optional_cells);
        let weights = Weights::read(arguments);
        let (window, output_padding) = (window?, output_padding?);
        let (strides, dilation) = sliding::strides_or_dilation(window.strides, window.dilation, arguments)?;
        if let Some((rows, columns)) = output_padding
            && (rows >= strides.0 || columns >= strides.1)
        {
            let (span, of_strides) = (arguments.span_of("output_padding"), arguments.span_of("strides"));
            arguments.diagnostics().push(
                Diagnostic::error("E0311", "`output_padding` must be below the strides")
                    .at(span, format!("{rows}x{columns}"))
                    .because(of_strides, format!("{}x{}", strides.0, strides.1))
                    .help("leave it out"),
            );
            return None;
        }
        Some(Self {
            filters: filters?,
            window: Window {
                strides,
                dilation,
                ..window
            },
            output_padding,
            activation: weights.activation?,
            use_bias: weights.use_bias?,
            kernel_initializer: weights.kernel_initializer?,
            bias_initializer: weights.bias_initializer?,
        })
    }
}

/// The size of the output along an axis (`_get_output_shape_given_tf_padding` in
/// `keras/src/backend/common/backend_utils.py`); None where no cell would be left, or where the size overflows.
fn along(
    input: usize,
    size: usize,
    stride: usize,
    dilation: usize,
    padding: Padding,
    more: Option<usize>,
) -> Option<usize> {
    let extent = dilation.checked_mul(size.checked_sub(1)?)?.checked_add(1)?;
    let starts = input.checked_sub(1)?.checked_mul(stride)?;
    let output = match (padding, more) {
        (Padding::Valid, None) => input.checked_mul(stride)?.checked_add(extent.saturating_sub(stride)),
        (Padding::Valid, Some(more)) => starts.checked_add(extent)?.checked_add(more),
        (Padding::Same | Padding::Causal, None) => input.checked_mul(stride),
        (Padding::Same | Padding::Causal, Some(more)) => starts
            .checked_add(extent)?
            .checked_add(more)?
            .checked_sub(extent / 2 * 2),
    };
    output.filter(|&output| output > 0)
}

impl Conv2DTranspose {
    /// The convolution that the layer reverses, from the layer's output to its input.
    fn geometry(&self, input: &Shape, output: &Shape) -> Option<ConvolutionGeometry> {
        Some(ConvolutionGeometry {
            in_channels: self.filters,
            out_channels: input.channels(),
            grid: sliding::grid(output, &self.window)?,
        })
    }
}

impl Definition for Conv2DTranspose {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        let input = *inputs.first().ok_or(Refusal::NoInput)?;
        let (height, width, _) = input.as_map().ok_or(Refusal::NotAnImage)?;
        let Window {
            size,
            strides,
            dilation,
            padding,
        } = self.window;
        let more = |which: fn((usize, usize)) -> usize| self.output_padding.map(which);
        let rows = along(height, size.0, strides.0, dilation.0, padding, more(|pair| pair.0));
        let columns = along(width, size.1, strides.1, dilation.1, padding, more(|pair| pair.1));
        let output = rows
            .zip(columns)
            .map(|(rows, columns)| Shape::map(rows, columns, self.filters));
        // The convolution must lead back to the input.
        let leads_back = |output: &Shape| {
            sliding::grid(output, &self.window)
                .is_some_and(|grid| (grid.vertical.output, grid.horizontal.output) == (height, width))
        };
        output.filter(leads_back).ok_or_else(|| Refusal::Argument {
            argument: "output_padding",
            message: "no convolution of this size leads back to the input".to_owned(),
            label: format!("of {input} with strides {}x{}", strides.0, strides.1),
            help: "leave output_padding out".to_owned(),
        })
    }

    fn variables(&self, input: &Shape) -> Vec<Variable> {
        let (height, width) = self.window.size;
        weighted::kernel_and_bias(
            vec![height, width, self.filters, input.channels()],
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
            (
                "output_padding",
                self.output_padding.map_or_else(|| "None".to_owned(), pair),
            ),
            ("dilation_rate", pair(dilation)),
            ("activation", self.activation.to_string()),
            ("use_bias", self.use_bias.to_string()),
            ("kernel_initializer", self.kernel_initializer.to_string()),
            ("bias_initializer", self.bias_initializer.to_string()),
        ]
    }

    fn activation(&self) -> Option<ActivationFunction> {
        Some(self.activation)
    }

    fn weight_use(&self) -> Option<WeightUse> {
        Some(WeightUse::Everywhere)
    }

    fn steps(&self, input: &Shape, _: &Shape) -> Option<(Vec<Vec<usize>>, &'static str)> {
        let (height, width) = self.window.size;
        let step = vec![input.elements(), height, width, self.filters];
        Some((
            vec![step],
            "each number that comes in is spread by a window of each filter",
        ))
    }

    /// A number of the output is the sum of the few windows that cover it.
    fn reach(&self, _: &Shape) -> Reach {
        let Window { size, strides, .. } = self.window;
        Reach {
            size: (size.0.div_ceil(strides.0), size.1.div_ceil(strides.1)),
            ..Reach::CELL
        }
    }

    fn unit(&self) -> &'static str {
        "filter"
    }

    fn layout(&self, variable: &Variable, _: Option<&Shape>) -> ParameterLayout {
        match variable.name {
            "kernel" => ParameterLayout::Convolution,
            _ => ParameterLayout::Vector,
        }
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let grid = sliding::grid(&at.shape(), &self.window)?;
        let op = Op::ConvolutionTranspose(ConvolutionTranspose {
            kernel: at.variable("kernel")?,
            bias: at.variable("bias"),
            strides: self.window.strides,
            dilation: self.window.dilation,
            before: (grid.vertical.pad_before, grid.horizontal.pad_before),
        });
        let output = at.push(op, vec![at.input()], at.shape());
        Some(at.activated(self.activation, output))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        let input = at.input();
        let geometry = self.geometry(at.input_shape(), at.shape());
        let Some((geometry, kernel)) = geometry.zip(at.variable("kernel")) else {
            return input;
        };
        let bias = at.variable("bias");
        weighted::activated(self.activation, at, |at, output| {
            let spread = match bias {
                Some(_) => at.tensor("spread", at.shape()),
                None => output,
            };
            at.push(ConvolutionDinput {
                geometry,
                doutput: Doutput {
                    tensor: input,
                    codes: None,
                },
                kernel,
                mask: None,
                dinput: spread,
            });
            if let Some(bias) = bias {
                at.push(AddBias {
                    input: spread,
                    bias,
                    output,
                });
            }
        })
    }

    fn backward(&self, at: &mut Backward<'_>) {
        let doutput = weighted::before_activation(self.activation, at);
        let geometry = self.geometry(at.input_shape(), at.shape());
        let Some((geometry, kernel)) = geometry.zip(at.variable("kernel")) else {
            return;
        };
        if at.trains("kernel") {
            at.push(ConvolutionDkernel {
                geometry,
                input: doutput,
                doutput: Doutput {
                    tensor: at.input(),
                    codes: None,
                },
                kernel,
                bias: None,
            });
            if let Some(bias) = at.variable("bias") {
                at.push(Dbias {
                    positions: at.shape().positions(),
                    doutput,
                    bias,
                });
            }
        }
        if let Some(dinput) = at.dinput(0) {
            at.push(Convolution {
                geometry,
                input: doutput,
                kernel,
                bias: None,
                relu: false,
                pool: false,
                codes: None,
                output: dinput,
            });
        }
    }

    fn words(&self, place: &Place<'_>) -> Vec<String> {
        let (height, width) = self.window.size;
        let bias = if self.use_bias {
            ", and each filter adds its bias"
        } else {
            ""
        };
        let does = format!(
            "A convolution the other way round: each place of the {} spreads its numbers over a window of {height}x{width} of \
             {}, each times a weight; what falls on the same place is added up{bias}.",
            count(place.channels(), "channel"),
            count(self.filters, "filter"),
        );
        std::iter::once(does).chain(weighted::then(self.activation)).collect()
    }

    fn sizes(&self, place: &Place<'_>) -> Vec<Fact> {
        let Window {
            size,
            strides,
            dilation,
            padding,
        } = self.window;
        let axes = [
            (size.0, strides.0, dilation.0, self.output_padding.map(|pair| pair.0)),
            (size.1, strides.1, dilation.1, self.output_padding.map(|pair| pair.1)),
        ];
        sliding::both_axes(place, |axis, input, output| {
            let (size, stride, dilation, more) = axes.get(axis).copied().unwrap_or((1, 1, 1, None));
            let extent = dilation * size.saturating_sub(1) + 1;
            let starts = Expression::from(input).minus(1_usize).times(stride);
            let (size, because) = match (padding, more) {
                (Padding::Same | Padding::Causal, None) => {
                    (Expression::from(input).times(stride), format!("{stride} for each"))
                }
                (Padding::Same | Padding::Causal, Some(more)) => (
                    starts.plus(extent).plus(more).minus(extent / 2 * 2),
                    format!("one window every {stride} cells, less half a window on each side, {more} more"),
                ),
                (Padding::Valid, None) if extent < stride => (
                    Expression::from(input).times(stride),
                    format!("one window of {extent} every {stride} cells"),
                ),
                (Padding::Valid, more) => {
                    let size = starts.plus(extent);
                    match more {
                        Some(more) if more > 0 => (
                            size.plus(more),
                            format!("one window of {extent} every {stride} cells, and {more} more"),
                        ),
                        Some(_) | None => (size, format!("one window of {extent} every {stride} cells")),
                    }
                }
            };
            (size.equals(output as u64), because)
        })
    }

    fn does(&self) -> Vec<String> {
        let mut does = sliding::does(&self.window, (1, 1), "spread ");
        does.extend(weighted::does(self.activation));
        does
    }
}
