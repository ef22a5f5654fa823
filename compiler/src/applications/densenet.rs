//! `DenseNet121`, `DenseNet169` and `DenseNet201`: `keras/src/applications/densenet.py`.

use super::arguments::Asked;
use super::writer::Writer;

const NORMALIZE: &str = "BatchNormalization(epsilon=1.001e-5)";
const RELU: &str = "Activation(\"relu\")";
/// The number of channels that each dense block adds.
const GROWTH: usize = 32;

/// Writes the stem, four dense stacks with `blocks` blocks each, and the top or pooling that was asked for.
pub(super) fn write(asked: &Asked, blocks: [usize; 4], to: &mut Writer) {
    let mut channels = 64;
    to.unnamed("ZeroPadding2D(3)")
        .layer(
            "conv1_conv",
            format!("Conv2D({channels}, 7, strides=2, use_bias=False)"),
        )
        .layer("conv1_bn", NORMALIZE)
        .layer("conv1_relu", RELU)
        .unnamed("ZeroPadding2D(1)")
        .layer("pool1", "MaxPooling2D(3, strides=2)");
    for (stack, count) in (2..).zip(blocks) {
        for index in 1..=count {
            let name = format!("conv{stack}_block{index}");
            let input = to.last();
            to.layer(format!("{name}_0_bn"), NORMALIZE)
                .layer(format!("{name}_0_relu"), RELU)
                .layer(
                    format!("{name}_1_conv"),
                    format!("Conv2D({}, 1, use_bias=False)", 4 * GROWTH),
                )
                .layer(format!("{name}_1_bn"), NORMALIZE)
                .layer(format!("{name}_1_relu"), RELU)
                .layer(
                    format!("{name}_2_conv"),
                    format!("Conv2D({GROWTH}, 3, padding=\"same\", use_bias=False)"),
                );
            let branch = to.last();
            to.merge(Some(&format!("{name}_concat")), "Concatenate()", &input, &branch);
            channels += GROWTH;
        }
        if stack < 5 {
            channels /= 2;
            to.layer(format!("pool{stack}_bn"), NORMALIZE)
                .layer(format!("pool{stack}_relu"), RELU)
                .layer(
                    format!("pool{stack}_conv"),
                    format!("Conv2D({channels}, 1, use_bias=False)"),
                )
                .layer(format!("pool{stack}_pool"), "AveragePooling2D(2, strides=2)");
        }
    }
    to.layer("bn", NORMALIZE).layer("relu", RELU);
    to.end(asked, Some("pool"));
}
