//! What both generations of `EfficientNet` are made of: `keras/src/applications/efficientnet.py` and `efficientnet_v2.py`.

use super::arguments::Asked;
use super::writer::Writer;

/// The initializer of all convolutions' kernels.
pub(super) const KERNEL: &str = "VarianceScaling(scale=2.0, mode=\"fan_out\", distribution=\"truncated_normal\")";
/// The initializer of the kernel of the classifying layer.
const DENSE_KERNEL: &str = "VarianceScaling(scale=0.3333333333333333, mode=\"fan_out\", distribution=\"uniform\")";
pub(super) const SWISH: &str = "Activation(\"swish\")";
/// The share of samples whose branch the last block would drop in training; it grows with the number of the block,
/// from 0 at the first.
const DROPPED: f64 = 0.2;

/// What the block of a number, counted from 0, drops in training: a share of samples.
pub(super) fn dropped(number: usize, blocks: usize) -> f64 {
    DROPPED * number as f64 / blocks as f64
}

/// Scales the last layer's `channels` by what a small network makes of their means (Hu, Shen and Sun, 2018). `inputs` are the
/// channels that its block takes.
pub(super) fn squeeze_and_excite(block: &str, inputs: usize, channels: usize, to: &mut Writer) {
    let map = to.last();
    let gate = |filters: usize, activation: &str| {
        format!("Conv2D({filters}, 1, padding=\"same\", activation=\"{activation}\", kernel_initializer={KERNEL})")
    };
    to.layer(format!("{block}se_squeeze"), "GlobalAveragePooling2D()")
        .layer(format!("{block}se_reshape"), format!("Reshape((1, 1, {channels}))"))
        .layer(format!("{block}se_reduce"), gate((inputs / 4).max(1), "swish"))
        .layer(format!("{block}se_expand"), gate(channels, "sigmoid"));
    let gate = to.last();
    to.merge(Some(&format!("{block}se_excite")), "Multiply()", &map, &gate);
}

/// Adds what the block took, `before`, to the last layer, which is left out for a share of samples in training.
pub(super) fn add(block: &str, before: &str, dropped: f64, to: &mut Writer) {
    if dropped > 0.0 {
        to.layer(
            format!("{block}drop"),
            format!("Dropout({dropped:?}, noise_shape=(None, 1, 1, 1))"),
        );
    }
    let branch = to.last();
    to.merge(Some(&format!("{block}add")), "Add()", &branch, before);
}

/// Appends the top with its dropout, or the pooling that was asked for in its place.
pub(super) fn end(asked: &Asked, dropout: f64, to: &mut Writer) {
    if asked.include_top {
        to.layer("avg_pool", "GlobalAveragePooling2D()")
            .layer("top_dropout", format!("Dropout({dropout:?})"));
        let (classes, activation) = (asked.classes, asked.classifier_activation);
        to.layer(
            "predictions",
            format!("Dense({classes}, activation=\"{activation}\", kernel_initializer={DENSE_KERNEL})"),
        );
    } else {
        to.pool(asked.pooling, Some("pool"));
    }
}
