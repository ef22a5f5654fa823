//! `MobileNetV2`: `keras/src/applications/mobilenet_v2.py`.

use super::arguments::Asked;
use super::writer::Writer;

const NORMALIZE: &str = "BatchNormalization(epsilon=1e-3, momentum=0.999)";

/// The filters, before alpha scales them, and the strides of each block.
const BLOCKS: [(usize, usize); 17] = [
    (16, 1),
    (24, 2),
    (24, 1),
    (32, 2),
    (32, 1),
    (32, 1),
    (64, 2),
    (64, 1),
    (64, 1),
    (64, 1),
    (96, 1),
    (96, 1),
    (96, 1),
    (160, 2),
    (160, 1),
    (160, 1),
    (320, 1),
];

/// The multiple of 8 nearest to `filters`, or the next one where that would be less than nine tenths: `_make_divisible`.
fn divisible(filters: f64) -> usize {
    let rounded = ((filters + 4.0) as usize / 8 * 8).max(8);
    if (rounded as f64) < 0.9 * filters {
        rounded + 8
    } else {
        rounded
    }
}

/// Writes the stem, 17 inverted residual blocks (`BLOCKS`), and the top or the pooling that was asked for.
pub(super) fn write(asked: &Asked, to: &mut Writer) {
    let mut channels = divisible(32.0 * asked.alpha);
    to.layer(
        "Conv1",
        format!("Conv2D({channels}, 3, strides=2, padding=\"same\", use_bias=False)"),
    )
    .layer("bn_Conv1", NORMALIZE)
    .layer("Conv1_relu", "ReLU(6.0)");
    let (mut height, mut width) = (asked.sizes.0.div_ceil(2), asked.sizes.1.div_ceil(2));
    for (block, (filters, strides)) in BLOCKS.into_iter().enumerate() {
        let input = to.last();
        let prefix = if block == 0 {
            "expanded_conv".to_owned()
        } else {
            format!("block_{block}")
        };
        if block > 0 {
            to.layer(
                format!("{prefix}_expand"),
                format!("Conv2D({}, 1, padding=\"same\", use_bias=False)", 6 * channels),
            )
            .layer(format!("{prefix}_expand_BN"), NORMALIZE)
            .layer(format!("{prefix}_expand_relu"), "ReLU(6.0)");
        }
        if strides > 1 {
            // `correct_pad`: an even size gets its zeros at the end alone.
            let (top, left) = (height % 2, width % 2);
            to.layer(
                format!("{prefix}_pad"),
                format!("ZeroPadding2D((({top}, 1), ({left}, 1)))"),
            );
            (height, width) = (height.div_ceil(2), width.div_ceil(2));
        }
        let padding = if strides == 1 { "same" } else { "valid" };
        let narrow = divisible((filters as f64 * asked.alpha).trunc());
        to.layer(
            format!("{prefix}_depthwise"),
            format!("DepthwiseConv2D(3, strides={strides}, padding=\"{padding}\", use_bias=False)"),
        )
        .layer(format!("{prefix}_depthwise_BN"), NORMALIZE)
        .layer(format!("{prefix}_depthwise_relu"), "ReLU(6.0)")
        .layer(
            format!("{prefix}_project"),
            format!("Conv2D({narrow}, 1, padding=\"same\", use_bias=False)"),
        )
        .layer(format!("{prefix}_project_BN"), NORMALIZE);
        if strides == 1 && channels == narrow {
            let branch = to.last();
            to.merge(Some(&format!("{prefix}_add")), "Add()", &input, &branch);
        }
        channels = narrow;
    }
    let last = if asked.alpha > 1.0 {
        divisible(1280.0 * asked.alpha)
    } else {
        1280
    };
    to.layer("Conv_1", format!("Conv2D({last}, 1, use_bias=False)"))
        .layer("Conv_1_bn", NORMALIZE)
        .layer("out_relu", "ReLU(6.0)");
    to.end(asked, None);
}
