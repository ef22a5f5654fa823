//! `ResNet50`, `ResNet101` and `ResNet152`: `keras/src/applications/resnet.py`.

use super::arguments::Asked;
use super::writer::Writer;

const NORMALIZE: &str = "BatchNormalization(epsilon=1.001e-5)";
const RELU: &str = "Activation(\"relu\")";

/// Writes the stem, four stacks of `blocks` residual blocks each, and the top or pooling that was asked for.
pub(super) fn write(asked: &Asked, blocks: [usize; 4], to: &mut Writer) {
    to.layer("conv1_pad", "ZeroPadding2D(3)")
        .layer("conv1_conv", "Conv2D(64, 7, strides=2)")
        .layer("conv1_bn", NORMALIZE)
        .layer("conv1_relu", RELU)
        .layer("pool1_pad", "ZeroPadding2D(1)")
        .layer("pool1_pool", "MaxPooling2D(3, strides=2)");
    for ((stack, count), filters) in (2..).zip(blocks).zip([64, 128, 256, 512]) {
        for index in 1..=count {
            let strides = if index == 1 && stack > 2 { 2 } else { 1 };
            block(&format!("conv{stack}_block{index}"), filters, strides, index == 1, to);
        }
    }
    to.end(asked, Some("pool"));
}

/// Three convolutions, added to a shortcut that `projects` says is a convolution itself.
fn block(name: &str, filters: usize, strides: usize, projects: bool, to: &mut Writer) {
    let input = to.last();
    let wide = 4 * filters;
    if projects {
        to.layer(
            format!("{name}_0_conv"),
            format!("Conv2D({wide}, 1, strides={strides})"),
        )
        .layer(format!("{name}_0_bn"), NORMALIZE);
    }
    let shortcut = to.last();
    to.from(&input)
        .layer(
            format!("{name}_1_conv"),
            format!("Conv2D({filters}, 1, strides={strides})"),
        )
        .layer(format!("{name}_1_bn"), NORMALIZE)
        .layer(format!("{name}_1_relu"), RELU)
        .layer(
            format!("{name}_2_conv"),
            format!("Conv2D({filters}, 3, padding=\"same\")"),
        )
        .layer(format!("{name}_2_bn"), NORMALIZE)
        .layer(format!("{name}_2_relu"), RELU)
        .layer(format!("{name}_3_conv"), format!("Conv2D({wide}, 1)"))
        .layer(format!("{name}_3_bn"), NORMALIZE);
    let branch = to.last();
    to.merge(Some(&format!("{name}_add")), "Add()", &shortcut, &branch)
        .layer(format!("{name}_out"), RELU);
}
