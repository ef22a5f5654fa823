//! `VGG16` and `VGG19`: `keras/src/applications/vgg16.py`, `vgg19.py`.

use super::arguments::Asked;
use super::writer::Writer;

/// Writes five blocks with `convolutions` convolutions each, and the top or pooling that was asked for.
pub(super) fn write(asked: &Asked, convolutions: [usize; 5], to: &mut Writer) {
    for ((block, count), filters) in (1..).zip(convolutions).zip([64, 128, 256, 512, 512]) {
        for index in 1..=count {
            let call = format!("Conv2D({filters}, 3, activation=\"relu\", padding=\"same\")");
            to.layer(format!("block{block}_conv{index}"), call);
        }
        to.layer(format!("block{block}_pool"), "MaxPooling2D(2, strides=2)");
    }
    if asked.include_top {
        to.layer("flatten", "Flatten()");
        for name in ["fc1", "fc2"] {
            to.layer(name, "Dense(4096, activation=\"relu\")");
        }
        to.classify(asked);
    } else {
        to.pool(asked.pooling, None);
    }
}
