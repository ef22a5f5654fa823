//! The arguments of `ImageDataGenerator(...)`.

use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};

/// The name and the arguments of the call.
pub(crate) static SIGNATURE: Signature = Signature {
    name: "ImageDataGenerator",
    aliases: &[],
    doc: "Rescaling and Random layers at the front of the network, which act on what its flow_from_directory reads",
    parameters: &[
        Argument::optional(
            "featurewise_center",
            ArgumentKind::Bool,
            Literal::Bool(false),
            "Normalization(variance=1.0), whose mean is that of the training samples",
        ),
        Argument::optional(
            "samplewise_center",
            ArgumentKind::Bool,
            Literal::Bool(false),
            "with samplewise_std_normalization alone, which comes with it",
        ),
        Argument::optional(
            "featurewise_std_normalization",
            ArgumentKind::Bool,
            Literal::Bool(false),
            "Normalization, adapted to the training samples: the mean as well, as in Keras",
        ),
        Argument::optional(
            "samplewise_std_normalization",
            ArgumentKind::Bool,
            Literal::Bool(false),
            "GroupNormalization(groups=1): each sample with mean 0 and deviation 1, as in Keras",
        ),
        Argument::unsupported("zca_whitening", Literal::Bool(false)),
        Argument::unsupported("zca_epsilon", Literal::Float(1e-6)),
        Argument::optional(
            "rotation_range",
            ArgumentKind::Number,
            Literal::Int(0),
            "degrees either way: RandomRotation",
        ),
        Argument::optional(
            "width_shift_range",
            ArgumentKind::Number,
            Literal::Float(0.0),
            "a share of the width, or pixels: RandomTranslation",
        ),
        Argument::optional(
            "height_shift_range",
            ArgumentKind::Number,
            Literal::Float(0.0),
            "a share of the height, or pixels: RandomTranslation",
        ),
        Argument::optional(
            "brightness_range",
            ArgumentKind::Bounds,
            Literal::None,
            "factors: RandomBrightness, which adds that much where the generator multiplied",
        ),
        Argument::optional(
            "shear_range",
            ArgumentKind::Number,
            Literal::Float(0.0),
            "degrees either way: RandomShear",
        ),
        Argument::optional(
            "zoom_range",
            ArgumentKind::Range,
            Literal::Float(0.0),
            "a range of factors, or how far from 1 either way: RandomZoom",
        ),
        Argument::optional(
            "channel_shift_range",
            ArgumentKind::Number,
            Literal::Float(0.0),
            "levels of 255 either way, the same for all channels: RandomBrightness",
        ),
        Argument::optional(
            "fill_mode",
            ArgumentKind::Word(&["nearest", "constant", "reflect", "wrap"]),
            Literal::Str("nearest"),
            "what lies beyond the edges",
        ),
        Argument::optional(
            "cval",
            ArgumentKind::Number,
            Literal::Float(0.0),
            "the value beyond the edges with fill_mode=\"constant\"",
        ),
        Argument::optional(
            "horizontal_flip",
            ArgumentKind::Bool,
            Literal::Bool(false),
            "whether half of the pictures are mirrored: RandomFlip",
        ),
        Argument::optional(
            "vertical_flip",
            ArgumentKind::Bool,
            Literal::Bool(false),
            "whether half of the pictures are upside down: RandomFlip",
        ),
        Argument::optional(
            "rescale",
            ArgumentKind::Number,
            Literal::None,
            "what values are multiplied by: Rescaling",
        ),
        Argument::optional(
            "preprocessing_function",
            ArgumentKind::Preprocessing,
            Literal::None,
            "an application's own scaling: vgg16.preprocess_input is a layer of that name; preprocess_input alone is that of the \
             application in the description",
        ),
        Argument {
            kind: ArgumentKind::Unsupported(&[Literal::Str("channels_last")]),
            ..Argument::unsupported("data_format", Literal::None)
        },
        Argument::optional(
            "validation_split",
            ArgumentKind::Number,
            Literal::Float(0.0),
            "the share of each class that subset=\"validation\" takes",
        ),
        Argument::unsupported("interpolation_order", Literal::Int(1)),
        Argument {
            kind: ArgumentKind::Unsupported(&[Literal::Str("float32")]),
            ..Argument::unsupported("dtype", Literal::None)
        },
    ],
    keywords: &[],
};
