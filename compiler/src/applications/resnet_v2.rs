//! `ResNet50V2`, `ResNet101V2` and `ResNet152V2`: `keras/src/applications/resnet_v2.py`.

use super::arguments::Asked;
use super::writer::Writer;

const NORMALIZE: &str = "BatchNormalization(epsilon=1.001e-5)";
const RELU: &str = "Activation(\"relu\")";

/// Writes the stem, four stacks of `blocks` residual blocks each, and the top or pooling that was asked for.
pub(super) fn write(asked: &Asked, blocks: [usize; 4], to: &mut Writer) {
    to.layer("conv1_pad", "ZeroPadding2D(3)")
        .layer("conv1_conv", "Conv2D(64, 7, strides=2)")
        .layer("pool1_pad", "ZeroPadding2D(1)")
        .layer("pool1_pool", "MaxPooling2D(3, strides=2)");
    for ((stack, count), filters) in (2..).zip(blocks).zip([64, 128, 256, 512]) {
        for index in 1..=count {
            // The last block of each stack has strides 2, except in the last stack.
            let strides = if index == count && stack < 5 { 2 } else { 1 };
            block(&format!("conv{stack}_block{index}"), filters, strides, index == 1, to);
        }
    }
    to.layer("post_bn", NORMALIZE).layer("post_relu", RELU);
    to.end(asked, Some("pool"));
}

/// A normalization and three convolutions, added to a shortcut.
fn block(name: &str, filters: usize, strides: usize, projects: bool, to: &mut Writer) {
    let input = to.last();
    let wide = 4 * filters;
    to.layer(format!("{name}_preact_bn"), NORMALIZE)
        .layer(format!("{name}_preact_relu"), RELU);
    let before = to.last();
    if projects {
        to.layer(
            format!("{name}_0_conv"),
            format!("Conv2D({wide}, 1, strides={strides})"),
        );
    } else if strides > 1 {
        to.from(&input).unnamed(format!("MaxPooling2D(1, strides={strides})"));
    } else {
        to.from(&input);
    }
    let shortcut = to.last();
    to.from(&before)
        .layer(
            format!("{name}_1_conv"),
            format!("Conv2D({filters}, 1, use_bias=False)"),
        )
        .layer(format!("{name}_1_bn"), NORMALIZE)
        .layer(format!("{name}_1_relu"), RELU)
        .layer(format!("{name}_2_pad"), "ZeroPadding2D(1)")
        .layer(
            format!("{name}_2_conv"),
            format!("Conv2D({filters}, 3, strides={strides}, use_bias=False)"),
        )
        .layer(format!("{name}_2_bn"), NORMALIZE)
        .layer(format!("{name}_2_relu"), RELU)
        .layer(format!("{name}_3_conv"), format!("Conv2D({wide}, 1)"));
    let branch = to.last();
    to.merge(Some(&format!("{name}_out")), "Add()", &shortcut, &branch);
}
