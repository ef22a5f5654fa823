//! `Xception`: `keras/src/applications/xception.py`.

use super::arguments::Asked;
use super::writer::Writer;

const NORMALIZE: &str = "BatchNormalization()";
const RELU: &str = "Activation(\"relu\")";

/// Writes the entry flow, the eight residual blocks of the middle flow, the exit flow, and the top or pooling that was asked for.
pub(super) fn write(asked: &Asked, to: &mut Writer) {
    to.layer("block1_conv1", "Conv2D(32, 3, strides=2, use_bias=False)")
        .layer("block1_conv1_bn", NORMALIZE)
        .layer("block1_conv1_act", RELU)
        .layer("block1_conv2", "Conv2D(64, 3, use_bias=False)")
        .layer("block1_conv2_bn", NORMALIZE)
        .layer("block1_conv2_act", RELU);
    for (block, filters) in [(2, 128), (3, 256), (4, 728)] {
        narrowing(block, [filters, filters], to);
    }
    for block in 5..13 {
        let residual = to.last();
        for index in 1..=3 {
            to.layer(format!("block{block}_sepconv{index}_act"), RELU);
            separable(block, index, 728, to);
        }
        let branch = to.last();
        to.merge(None, "Add()", &branch, &residual);
    }
    narrowing(13, [728, 1024], to);
    for (index, filters) in [(1, 1536), (2, 2048)] {
        separable(14, index, filters, to);
        to.layer(format!("block14_sepconv{index}_act"), RELU);
    }
    to.end(asked, asked.include_top.then_some("pool"));
}

fn separable(block: usize, index: usize, filters: usize, to: &mut Writer) {
    to.layer(
        format!("block{block}_sepconv{index}"),
        format!("SeparableConv2D({filters}, 3, padding=\"same\", use_bias=False)"),
    )
    .layer(format!("block{block}_sepconv{index}_bn"), NORMALIZE);
}

/// Two separable convolutions and a max pooling of strides 2, added to a convolution of strides 2 of their input.
fn narrowing(block: usize, [first, second]: [usize; 2], to: &mut Writer) {
    let input = to.last();
    to.unnamed(format!(
        "Conv2D({second}, 1, strides=2, padding=\"same\", use_bias=False)"
    ))
    .unnamed(NORMALIZE);
    let residual = to.last();
    to.from(&input);
    // The first of these blocks follows an activation already.
    if block > 2 {
        to.layer(format!("block{block}_sepconv1_act"), RELU);
    }
    separable(block, 1, first, to);
    to.layer(format!("block{block}_sepconv2_act"), RELU);
    separable(block, 2, second, to);
    to.layer(
        format!("block{block}_pool"),
        "MaxPooling2D(3, strides=2, padding=\"same\")",
    );
    let branch = to.last();
    to.merge(None, "Add()", &branch, &residual);
}
