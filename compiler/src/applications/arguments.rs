//! Reads the arguments of applications as `obtain_input_shape` of `keras/src/applications/imagenet_utils.py` does.

use super::published::Weights;
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::shape::Shape;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;

/// An application, written out as a description for the arguments of one call.
pub(crate) struct Text {
    /// The name of the nested model: the function's in small letters, such as `vgg16`, or one with sizes, as
    /// `name_with_size` makes it.
    pub(crate) name: String,
    /// The whole text of the description, whose layers take the place of the call.
    pub(crate) source: String,
    /// The shape of one sample; None where the network takes pictures of any size.
    pub(crate) shape: Option<Shape>,
    /// The weights that it begins with; None where they are drawn at random.
    pub(crate) weights: Option<Weights>,
}

const INCLUDE_TOP: Argument = Argument::optional(
    "include_top",
    ArgumentKind::Bool,
    Literal::Bool(true),
    "whether it ends in the layers that classify",
);
const WEIGHTS: Argument = Argument::optional(
    "weights",
    ArgumentKind::Name,
    Literal::Str("imagenet"),
    "\"imagenet\" begins with the weights that Keras publishes, a path with those of a file of Keras's (.weights.h5 or .h5), None with random ones",
);
const INPUT_TENSOR: Argument = Argument::unsupported("input_tensor", Literal::None);
const INPUT_SHAPE: Argument = Argument::optional(
    "input_shape",
    ArgumentKind::Shape,
    Literal::None,
    "the shape of one sample; None takes any, or the usual one where it classifies",
);
const POOLING: Argument = Argument::optional(
    "pooling",
    ArgumentKind::Word(&["avg", "max"]),
    Literal::None,
    "\"avg\" or \"max\": a global pooling at its end where it does not classify",
);
const CLASSES: Argument = Argument::optional("classes", ArgumentKind::Count, Literal::Int(1000), "how many classes");
const CLASSIFIER_ACTIVATION: Argument = Argument::optional(
    "classifier_activation",
    ArgumentKind::Word(&["softmax", "sigmoid", "linear"]),
    Literal::Str("softmax"),
    "the activation at its end where it classifies; None is \"linear\"",
);
const ALPHA: Argument = Argument::optional("alpha", ArgumentKind::Number, Literal::Float(1.0), "scales the filters");
const NAME: Argument = Argument::optional(
    "name",
    ArgumentKind::Name,
    Literal::None,
    "its name; None means Keras's",
);
const TRAINABLE: Argument = Argument::optional(
    "trainable",
    ArgumentKind::Bool,
    Literal::Bool(true),
    "whether training moves the weights of its layers",
);

/// The arguments of those applications that have none beyond the common ones.
pub(super) static PLAIN: Signature = Signature {
    name: "application",
    aliases: &[],
    doc: "a network of Keras's applications",
    parameters: &[
        INCLUDE_TOP,
        WEIGHTS,
        INPUT_TENSOR,
        INPUT_SHAPE,
        POOLING,
        CLASSES,
        CLASSIFIER_ACTIVATION,
        NAME,
    ],
    keywords: &[TRAINABLE],
};

/// The arguments of `EfficientNetV2B0` and its like.
pub(super) static EFFICIENTNET_V2: Signature = Signature {
    parameters: &[
        INCLUDE_TOP,
        WEIGHTS,
        INPUT_TENSOR,
        INPUT_SHAPE,
        POOLING,
        CLASSES,
        CLASSIFIER_ACTIVATION,
        Argument::optional(
            "include_preprocessing",
            ArgumentKind::Bool,
            Literal::Bool(true),
            "whether it begins with layers that rescale pixels of 0 to 255",
        ),
        NAME,
    ],
    ..PLAIN
};

/// The arguments of `MobileNet`, in Keras's order, which is not that of the others.
pub(super) static MOBILENET: Signature = Signature {
    parameters: &[
        INPUT_SHAPE,
        ALPHA,
        Argument::optional(
            "depth_multiplier",
            ArgumentKind::Count,
            Literal::Int(1),
            "outputs of a depthwise convolution for each channel",
        ),
        Argument::optional(
            "dropout",
            ArgumentKind::Number,
            Literal::Float(0.001),
            "the rate before the classes",
        ),
        INCLUDE_TOP,
        WEIGHTS,
        INPUT_TENSOR,
        POOLING,
        CLASSES,
        CLASSIFIER_ACTIVATION,
        NAME,
    ],
    ..PLAIN
};

/// The arguments of `MobileNetV2`, in Keras's order.
pub(super) static MOBILENET_V2: Signature = Signature {
    parameters: &[
        INPUT_SHAPE,
        ALPHA,
        INCLUDE_TOP,
        WEIGHTS,
        INPUT_TENSOR,
        POOLING,
        CLASSES,
        CLASSIFIER_ACTIVATION,
        NAME,
    ],
    ..PLAIN
};

/// The arguments of a call, after they were found to go together.
pub(super) struct Asked {
    pub(super) include_top: bool,
    /// The shape of one sample; None where the network takes pictures of any size.
    pub(super) shape: Option<Shape>,
    /// Height, width and channels of the input that the description declares; the usual size where `shape` is None.
    pub(super) sizes: (usize, usize, usize),
    /// The height of pictures that appears in the name, as 224 does in `mobilenet_1.00_224`.
    pub(super) rows: usize,
    /// The global pooling in place of the top, `avg` or `max`; None where the network ends in a map.
    pub(super) pooling: Option<&'static str>,
    pub(super) classes: usize,
    pub(super) classifier_activation: &'static str,
    pub(super) alpha: f64,
    pub(super) depth_multiplier: usize,
    pub(super) dropout: f64,
    /// Whether the network begins with layers that rescale pixels of 0 to 255.
    pub(super) include_preprocessing: bool,
    /// Whether the network begins with the weights that Keras publishes for `ImageNet`.
    pub(super) imagenet: bool,
}

impl Asked {
    /// Reads all arguments but `weights`. `size` is the usual height and width, `least` the smallest ones that Keras
    /// takes. Reports E0231 for smaller pictures; None after any report.
    pub(super) fn read(arguments: &mut Arguments, size: usize, least: usize) -> Option<Self> {
        let include_top = arguments.bool("include_top");
        let shape = arguments.read("input_shape", shape);
        let pooling = arguments.read("pooling", word);
        let classes = arguments.count("classes");
        let activation = arguments.read("classifier_activation", word);
        let positive = |arguments: &mut Arguments, name: &str, default: f64| match arguments.written(name) {
            Some(_) => arguments.read(name, |parameter, value, diagnostics| {
                values::ranged(parameter, value, diagnostics, "above 0, at most 10", |number| {
                    number > 0.0 && number <= 10.0
                })
            }),
            None => Some(default),
        };
        let alpha = positive(arguments, "alpha", 1.0);
        let dropout = match arguments.written("dropout") {
            Some(_) => arguments.read("dropout", |parameter, value, diagnostics| {
                values::ranged(parameter, value, diagnostics, "at least 0 and below 1", |rate| {
                    (0.0..1.0).contains(&rate)
                })
            }),
            None => Some(0.001),
        };
        let depth_multiplier = match arguments.written("depth_multiplier") {
            Some(_) => arguments.count("depth_multiplier"),
            None => Some(1),
        };
        let include_preprocessing = match arguments.written("include_preprocessing") {
            Some(_) => arguments.bool("include_preprocessing"),
            None => Some(true),
        };
        let include_top = include_top?;
        let shape = shape?.or_else(|| include_top.then(|| Shape::map(size, size, 3)));
        let sizes = match &shape {
            None => (size, size, 3),
            Some(shape) => match shape.as_map() {
                Some((height, width, channels)) if height >= least && width >= least => (height, width, channels),
                Some(_) | None => {
                    let span = arguments.span_of("input_shape");
                    let name = arguments.callee().node.clone();
                    arguments.diagnostics().push(
                        Diagnostic::error("E0231", format!("{name} takes pictures of at least {least}x{least}"))
                            .at(span, format!("this is {}", crate::numbers::tuple(shape.sizes()))),
                    );
                    return None;
                }
            },
        };
        Some(Self {
            include_top,
            shape,
            rows: sizes.0,
            sizes,
            pooling: pooling?,
            classes: classes?,
            classifier_activation: activation?.unwrap_or("linear"),
            alpha: alpha?,
            depth_multiplier: depth_multiplier?,
            dropout: dropout?,
            include_preprocessing: include_preprocessing?,
            imagenet: false,
        })
    }

    /// Joins stem, alpha and height, as in `mobilenet_1.00_224`.
    pub(super) fn name_with_size(&self, stem: &str) -> String {
        format!("{stem}_{:.2}_{}", self.alpha, self.rows)
    }
}

#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
fn shape(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<Shape>> {
    if value.kind == ValueKind::None {
        return Some(None);
    }
    values::shape(parameter, value, diagnostics).map(Some)
}

#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
fn word(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<&'static str>> {
    if value.kind == ValueKind::None {
        return Some(None);
    }
    values::word(parameter, value, diagnostics).map(Some)
}
