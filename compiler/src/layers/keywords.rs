//! What Keras's base class of all layers takes by name, beside a layer's own arguments.

use crate::call::signature::{Argument, ArgumentKind, Literal};

/// The argument `name`, which some layers take by place as well.
pub(super) const NAME: Argument = Argument::optional(
    "name",
    ArgumentKind::Name,
    Literal::None,
    "the layer's name; None means an automatic one",
);

/// The arguments that every layer takes by name, in the order of the language reference.
pub(super) const KEYWORDS: [Argument; 8] = [
    NAME, UNNAMED[0], UNNAMED[1], UNNAMED[2], UNNAMED[3], UNNAMED[4], UNNAMED[5], UNNAMED[6],
];

/// The same arguments without `name`, for layers that take it by place.
pub(super) const UNNAMED: [Argument; 7] = [
    DTYPE,
    Argument::optional(
        "trainable",
        ArgumentKind::Bool,
        Literal::Bool(true),
        "whether training moves its weights",
    ),
    Argument::unsupported("autocast", Literal::Bool(true)),
    Argument::regularizer("activity_regularizer"),
    Argument::optional(
        "input_shape",
        ArgumentKind::Shape,
        Literal::None,
        "of a first layer without an Input before it: the shape of one sample",
    ),
    Argument::optional(
        "input_dim",
        ArgumentKind::Count,
        Literal::None,
        "the same of samples that are rows of numbers: how many there are",
    ),
    Argument::unsupported("batch_size", Literal::None),
];

/// The argument `dtype`, which accepts float32 only.
pub(super) const DTYPE: Argument = Argument {
    kind: ArgumentKind::Unsupported(&[Literal::Str("float32")]),
    ..Argument::unsupported("dtype", Literal::None)
};

/// The argument `data_format`, which accepts channels that come last only.
pub(super) const DATA_FORMAT: Argument = Argument {
    kind: ArgumentKind::Unsupported(&[Literal::Str("channels_last")]),
    ..Argument::unsupported("data_format", Literal::None)
};
