//! `MobileNet`: `keras/src/applications/mobilenet.py`.

use super::arguments::Asked;
use super::writer::Writer;

const BLOCKS: [(usize, usize); 13] = [
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (512, 1),
    (1024, 2),
    (1024, 1),
];

/// Writes the stem, 13 depthwise separable blocks (`BLOCKS`), and the top or the pooling that was asked for.
pub(super) fn write(asked: &Asked, to: &mut Writer) {
    // Keras would fail later where a small alpha leaves no filter at all: at least one remains here.
    let scaled = |filters: usize| ((filters as f64 * asked.alpha) as usize).max(1);
    let depth = asked.depth_multiplier;
    to.layer(
        "conv1",
        format!("Conv2D({}, 3, strides=2, padding=\"same\", use_bias=False)", scaled(32)),
    )
    .layer("conv1_bn", "BatchNormalization()")
    .layer("conv1_relu", "ReLU(6.0)");
    for (block, (filters, strides)) in (1..).zip(BLOCKS) {
        let padding = if strides == 1 { "same" } else { "valid" };
        if strides > 1 {
            to.layer(format!("conv_pad_{block}"), "ZeroPadding2D(((0, 1), (0, 1)))");
        }
        to.layer(
            format!("conv_dw_{block}"),
            format!(
                "DepthwiseConv2D(3, padding=\"{padding}\", depth_multiplier={depth}, strides={strides}, use_bias=False)"
            ),
        )
        .layer(format!("conv_dw_{block}_bn"), "BatchNormalization()")
        .layer(format!("conv_dw_{block}_relu"), "ReLU(6.0)")
        .layer(
            format!("conv_pw_{block}"),
            format!("Conv2D({}, 1, padding=\"same\", use_bias=False)", scaled(filters)),
        )
        .layer(format!("conv_pw_{block}_bn"), "BatchNormalization()")
        .layer(format!("conv_pw_{block}_relu"), "ReLU(6.0)");
    }
    if asked.include_top {
        let classes = asked.classes;
        to.unnamed("GlobalAveragePooling2D(keepdims=True)")
            .layer("dropout", format!("Dropout({:?})", asked.dropout))
            .layer("conv_preds", format!("Conv2D({classes}, 1, padding=\"same\")"))
            .layer("reshape_2", format!("Reshape(({classes},))"))
            .layer(
                "predictions",
                format!("Activation(\"{}\")", asked.classifier_activation),
            );
    } else {
        to.pool(asked.pooling, None);
    }
}
