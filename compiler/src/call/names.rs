//! Names of Keras's: the modules that may stand before a name, and what exists there but not here.

use crate::call::suggest::nearest;
use grammar::ast::Call;
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// The paths that may stand before a name of this module. TensorFlow has some of Keras's modules itself, as `tf.optimizers`.
fn paths(module: &str) -> Vec<String> {
    let own = matches!(module, "optimizers" | "losses" | "metrics" | "initializers");
    let of_tensorflow = own.then(|| format!("tf.{module}"));
    let of_keras = [
        module.to_owned(),
        format!("keras.{module}"),
        format!("tf.keras.{module}"),
        format!("tensorflow.keras.{module}"),
    ];
    of_keras.into_iter().chain(of_tensorflow).collect()
}

/// Whether `path` leads to this module of Keras's, as `layers`, `keras.layers` and `tf.keras.layers` do.
pub fn is_module(path: &str, module: &str) -> bool {
    paths(module).iter().any(|known| known == path)
}

/// The error for a `path` that does not lead to this module.
pub fn unknown_prefix(path: &str, span: Span, module: &str) -> Diagnostic {
    let known = paths(module);
    let diagnostic = Diagnostic::error("E0111", format!("unknown prefix `{path}`"));
    let diagnostic = diagnostic.at(span, format!("not where {module} are"));
    match nearest(path, known.iter().map(String::as_str)) {
        Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
        None => diagnostic.help(format!("leave it out, or write `keras.{module}`")),
    }
}

/// The dotted path before a call's name, and its place; None where there is none.
pub fn prefix(call: &Call) -> Option<(String, Span)> {
    let first = call.prefix.first()?;
    let span = call.prefix.iter().fold(first.span, |span, part| span.to(part.span));
    let parts: Vec<&str> = call.prefix.iter().map(|part| part.node.as_str()).collect();
    Some((parts.join("."), span))
}

/// Reports a path before a call's name that does not lead to this module or to one of `also`.
pub fn check_prefix(call: &Call, module: &str, also: &[&str], diagnostics: &mut Vec<Diagnostic>) {
    if let Some((path, span)) = prefix(call)
        && !is_module(&path, module)
        && !also.contains(&path.as_str())
    {
        let diagnostic = unknown_prefix(&path, span, module);
        let known = paths(module);
        diagnostics.push(match nearest(&path, known.iter().map(String::as_str)) {
            Some(meant) => diagnostic.fix(span, meant),
            None => diagnostic,
        });
    }
}

/// Layers of Keras 3.15 that this compiler does not support.
#[rustfmt::skip]
pub const KERAS_LAYERS: [&str; 96] = [
    "ActivityRegularization", "AdaptiveAveragePooling1D", "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D", "AdaptiveMaxPooling2D", "AdaptiveMaxPooling3D", "AdditiveAttention", "AlphaDropout",
    "Attention", "AugMix", "AutoContrast", "AveragePooling3D", "AvgPool3D", "Bidirectional", "CategoryEncoding",
    "CenterCrop", "ContrastLimitedAdaptiveHistogramEqualization", "Conv1DTranspose", "Conv3D", "Conv3DTranspose",
    "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "Convolution1DTranspose", "Convolution3D", "Convolution3DTranspose",
    "Cropping1D", "Cropping3D", "DepthwiseConv1D", "Discretization", "Dot", "EinsumDense", "Embedding",
    "Equalization", "FlaxLayer", "GRU", "GRUCell", "GaussianDropout", "GlobalAveragePooling3D",
    "GlobalAvgPool3D", "GlobalMaxPool3D", "GlobalMaxPooling3D", "GroupQueryAttention", "HashedCrossing", "Hashing",
    "Identity", "IntegerLookup", "JaxLayer", "LSTM", "LSTMCell", "Lambda", "Masking", "MaxNumBoundingBoxes",
    "MaxPool3D", "MaxPooling3D", "MelSpectrogram", "MultiHeadAttention", "Pipeline", "RMSNormalization",
    "RNN", "RandAugment", "RandomColorDegeneration", "RandomColorJitter",
    "RandomElasticTransform", "RandomGaussianBlur", "RandomGrayscale",
    "RandomHue", "RandomInvert", "RandomPerspective", "RandomPosterization", "RandomSaturation",
    "RandomSharpness", "RepeatVector", "Resizing",
    "ReversibleEmbedding", "STFTSpectrogram", "SeparableConv1D", "SeparableConvolution1D", "SimpleRNN",
    "SimpleRNNCell", "Solarization", "SpatialDropout1D", "SpatialDropout3D", "SpectralNormalization",
    "StackedRNNCells", "StringLookup", "TFSMLayer", "TextVectorization", "TimeDistributed", "TorchModuleWrapper",
    "UnitNormalization", "UpSampling1D", "UpSampling3D", "ZeroPadding1D", "ZeroPadding3D",
];

/// Activations of Keras 3.15 that this compiler does not support.
#[rustfmt::skip]
pub const KERAS_ACTIVATIONS: [&str; 16] = [
    "celu", "glu", "hard_shrink", "hard_silu", "hard_swish", "hard_tanh", "log_sigmoid", "log_softmax", "mish",
    "soft_shrink", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "tanh_shrink", "threshold",
];

/// Optimizers of Keras 3.15 that this compiler does not support.
#[rustfmt::skip]
pub const KERAS_OPTIMIZERS: [&str; 6] = [
    "Adafactor", "Lamb", "LossScaleOptimizer", "MultiOptimizer", "Muon", "ScheduleFreeAdamW",
];

/// Losses of Keras 3.15 that this compiler does not support, as classes and as functions.
#[rustfmt::skip]
pub const KERAS_LOSSES: [&str; 24] = [
    "CTC", "CategoricalGeneralizedCrossEntropy", "CategoricalHinge", "Circle", "CosineSimilarity", "Hinge",
    "LogCosh", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "Poisson", "SquaredHinge",
    "categorical_generalized_cross_entropy", "categorical_hinge", "circle", "cosine_similarity", "ctc", "hinge",
    "log_cosh", "mean_absolute_percentage_error", "mean_squared_logarithmic_error", "poisson", "squared_hinge",
    "mape", "msle",
];

/// Metrics of Keras 3.15 that this compiler does not support, as classes and as functions.
#[rustfmt::skip]
pub const KERAS_METRICS: [&str; 41] = [
    "BinaryCrossentropy", "CategoricalCrossentropy", "CategoricalHinge", "ConcordanceCorrelation", "CosineSimilarity",
    "FBetaScore", "FalseNegatives", "FalsePositives", "Hinge", "IoU", "KLDivergence", "LogCoshError",
    "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "OneHotIoU", "PearsonCorrelation", "Poisson",
    "PrecisionAtRecall", "R2Score", "RecallAtPrecision", "SensitivityAtSpecificity", "SpecificityAtSensitivity",
    "SquaredHinge", "TrueNegatives", "TruePositives", "binary_crossentropy", "binary_focal_crossentropy",
    "categorical_crossentropy", "categorical_focal_crossentropy", "categorical_hinge", "concordance_correlation",
    "hinge", "huber", "kl_divergence", "log_cosh", "mean_absolute_percentage_error", "mean_squared_logarithmic_error",
    "pearson_correlation", "poisson", "squared_hinge", "Accuracy",
];
