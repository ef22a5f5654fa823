//! The layers: one room each, or one for what a family shares. A room holds everything about its layer: the call,
//! the output's shape, the variables, what it costs, how it is explained and drawn, and its operations.
//!
//! A new layer is a new file, its `mod` and its line in the list here.

pub mod activation;
mod activations;
pub mod add;
mod augmenting;
pub mod average;
pub mod average_pooling1d;
pub mod average_pooling2d;
pub mod batch_normalization;
mod bordering;
pub mod concatenate;
pub mod conv1d;
pub mod conv2d;
pub mod conv2d_transpose;
pub mod cropping2d;
pub mod cut_mix;
pub mod definition;
pub mod dense;
pub mod depthwise_conv2d;
pub mod dropout;
pub mod elu;
pub mod flatten;
pub mod gaussian_noise;
pub mod global_average_pooling1d;
pub mod global_average_pooling2d;
pub mod global_max_pooling1d;
pub mod global_max_pooling2d;
mod global_pooling;
pub mod glyph;
pub mod group_normalization;
mod grouping;
pub mod input;
mod keywords;
pub mod layer_normalization;
pub mod leaky_relu;
pub mod max_pooling1d;
pub mod max_pooling2d;
pub mod maximum;
mod merging;
pub mod minimum;
pub mod mix_up;
mod mixing;
pub mod multiply;
pub mod normalization;
mod normalizing;
pub mod p_re_lu;
pub mod permute;
pub mod place;
mod pooling;
pub mod preprocess_input;
pub mod random_brightness;
pub mod random_contrast;
pub mod random_crop;
pub mod random_erasing;
pub mod random_flip;
pub mod random_rotation;
pub mod random_shear;
pub mod random_translation;
pub mod random_zoom;
pub mod relu;
pub mod rescaling;
pub mod reshape;
pub mod separable_conv2d;
pub mod signals;
mod sliding;
pub mod softmax;
pub mod spatial_dropout2d;
pub mod subtract;
pub mod up_sampling2d;
mod weighted;
pub mod zero_padding2d;

use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use definition::{Arity, Class, Definition};
use serde::Serialize;
use std::ops::{Deref, DerefMut};

/// A class of layers that a description can call.
#[derive(Debug)]
pub struct Entry {
    /// The name and the arguments of the call.
    pub signature: &'static Signature,
    /// The number of inputs that a layer of this class takes.
    pub arity: Arity,
    /// Keras's name of the class, which automatic names derive from.
    pub keras_class: &'static str,
    /// Whether Keras offers it in `keras` itself as well as in `keras.layers`.
    pub is_exported_at_top: bool,
    /// Makes a layer from the arguments of a call; None where one of them could not be used, which has been reported.
    pub(crate) build: fn(&mut Arguments) -> Option<Layer>,
}

impl Entry {
    /// Whether the class is `Input`, which begins a network.
    pub fn is_input(&self) -> bool {
        self.arity == Arity::None
    }
}

/// The class that a call names; None where there is no such layer.
pub fn entry(name: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.signature.is_called(name))
}

/// One line for each class: its name in Keras and its module, in the order of the language reference.
macro_rules! layers {
    ($($class:ident in $room:ident),+ $(,)?) => {
        $(pub use $room::$class;)+

        /// A layer with every argument resolved. What all of them have it has as well, through [`Definition`].
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(tag = "type")]
        #[allow(missing_docs)]
        pub enum Layer {
            $($class($class),)+
        }

        /// Every class that a description can call, `Input` first.
        pub static CATALOGUE: [Entry; [$(stringify!($class)),+].len()] = [$(Entry {
            signature: $class::SIGNATURE,
            arity: $class::ARITY,
            keras_class: $class::KERAS_CLASS,
            is_exported_at_top: $class::IS_EXPORTED_AT_TOP,
            build: |arguments| $class::build(arguments).map(Layer::$class),
        }),+];

        impl Layer {
            /// The name and the arguments of the call that makes a layer of this class.
            pub fn signature(&self) -> &'static Signature {
                match self {
                    $(Self::$class(_) => $class::SIGNATURE,)+
                }
            }

            /// The name that a description calls it by.
            pub fn class(&self) -> &'static str {
                self.signature().name
            }

            /// Keras's name of the class, as in summaries: what `Input` makes is an `InputLayer`.
            pub fn keras_class(&self) -> &'static str {
                match self {
                    $(Self::$class(_) => $class::KERAS_CLASS,)+
                }
            }

            /// Whether it is an input, with which networks begin.
            pub fn is_input(&self) -> bool {
                let arity = match self {
                    $(Self::$class(_) => $class::ARITY,)+
                };
                arity == Arity::None
            }
        }

        impl Deref for Layer {
            type Target = dyn Definition;

            fn deref(&self) -> &Self::Target {
                match self {
                    $(Self::$class(layer) => layer,)+
                }
            }
        }

        impl DerefMut for Layer {
            fn deref_mut(&mut self) -> &mut Self::Target {
                match self {
                    $(Self::$class(layer) => layer,)+
                }
            }
        }
    };
}

layers! {
    Input in input,
    Conv2D in conv2d,
    Conv2DTranspose in conv2d_transpose,
    DepthwiseConv2D in depthwise_conv2d,
    SeparableConv2D in separable_conv2d,
    Conv1D in conv1d,
    MaxPooling2D in max_pooling2d,
    AveragePooling2D in average_pooling2d,
    GlobalAveragePooling2D in global_average_pooling2d,
    GlobalMaxPooling2D in global_max_pooling2d,
    MaxPooling1D in max_pooling1d,
    AveragePooling1D in average_pooling1d,
    GlobalAveragePooling1D in global_average_pooling1d,
    GlobalMaxPooling1D in global_max_pooling1d,
    UpSampling2D in up_sampling2d,
    ZeroPadding2D in zero_padding2d,
    Cropping2D in cropping2d,
    Flatten in flatten,
    Reshape in reshape,
    Permute in permute,
    Dense in dense,
    Activation in activation,
    ReLU in relu,
    LeakyReLU in leaky_relu,
    PReLU in p_re_lu,
    ELU in elu,
    Softmax in softmax,
    Dropout in dropout,
    SpatialDropout2D in spatial_dropout2d,
    GaussianNoise in gaussian_noise,
    BatchNormalization in batch_normalization,
    LayerNormalization in layer_normalization,
    GroupNormalization in group_normalization,
    Rescaling in rescaling,
    Normalization in normalization,
    PreprocessInput in preprocess_input,
    RandomFlip in random_flip,
    RandomTranslation in random_translation,
    RandomRotation in random_rotation,
    RandomZoom in random_zoom,
    RandomShear in random_shear,
    RandomCrop in random_crop,
    RandomContrast in random_contrast,
    RandomBrightness in random_brightness,
    RandomErasing in random_erasing,
    MixUp in mix_up,
    CutMix in cut_mix,
    Add in add,
    Multiply in multiply,
    Subtract in subtract,
    Average in average,
    Maximum in maximum,
    Minimum in minimum,
    Concatenate in concatenate,
}
