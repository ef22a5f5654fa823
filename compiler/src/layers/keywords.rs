//! What Keras's base class of all layers takes by name, beside a layer's own arguments.

use crate::call::signature::{Kind, Literal, Parameter};

/// The argument `name`, which some layers take by place as well.
pub(super) const NAME: Parameter = Parameter::optional(
    "name",
    Kind::Name,
    Literal::None,
    "the layer's name; None means an automatic one",
);

/// What every layer takes by name, in the order of the language reference.
pub(super) const KEYWORDS: [Parameter; 8] = [
    NAME, UNNAMED[0], UNNAMED[1], UNNAMED[2], UNNAMED[3], UNNAMED[4], UNNAMED[5], UNNAMED[6],
];

/// The same without `name`, for layers that take it by place.
pub(super) const UNNAMED: [Parameter; 7] = [
    DTYPE,
    Parameter::optional(
        "trainable",
        Kind::Bool,
        Literal::Bool(true),
        "whether training moves its weights",
    ),
    Parameter::unsupported("autocast", Literal::Bool(true)),
    Parameter::regularizer("activity_regularizer"),
    Parameter::unsupported("input_shape", Literal::None),
    Parameter::unsupported("input_dim", Literal::None),
    Parameter::unsupported("batch_size", Literal::None),
];

/// `dtype`: everything is float32.
pub(super) const DTYPE: Parameter = Parameter {
    kind: Kind::Unsupported(&[Literal::Str("float32")]),
    ..Parameter::unsupported("dtype", Literal::None)
};

/// `data_format`: channels come last.
pub(super) const DATA_FORMAT: Parameter = Parameter {
    kind: Kind::Unsupported(&[Literal::Str("channels_last")]),
    ..Parameter::unsupported("data_format", Literal::None)
};
