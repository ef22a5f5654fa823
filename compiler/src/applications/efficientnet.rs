//! `EfficientNetB0` to `EfficientNetB7`: `keras/src/applications/efficientnet.py`. They take pixels from 0 to 255 and
//! begin with layers that rescale and normalize them.

use super::arguments::Asked;
use super::inverted::{self, KERNEL, SWISH};
use super::writer::Writer;

/// The standard deviations of red, green and blue over `ImageNet`, of pixels from 0 to 1.
const DEVIATIONS: [f64; 3] = [0.229, 0.224, 0.225];

/// A stage: size of the kernel, number of blocks, filters in and out, factor of the channels within a block, and
/// strides of the first block.
struct Stage(usize, usize, usize, usize, usize, usize);

const STAGES: [Stage; 7] = [
    Stage(3, 1, 32, 16, 1, 1),
    Stage(3, 2, 16, 24, 6, 2),
    Stage(5, 2, 24, 40, 6, 2),
    Stage(3, 3, 40, 80, 6, 2),
    Stage(5, 3, 80, 112, 6, 1),
    Stage(5, 4, 112, 192, 6, 2),
    Stage(3, 1, 192, 320, 6, 1),
];

/// How much wider and deeper a network is than B0, and what it drops.
pub(super) struct Scale {
    width: f64,
    depth: f64,
    /// The rate before the classes.
    dropout: f64,
}

impl Scale {
    pub(super) const fn new(width: f64, depth: f64, dropout: f64) -> Self {
        Self { width, depth, dropout }
    }

    /// B0's filters made wider, a multiple of 8 that is at most a tenth below what the width says.
    fn filters(&self, filters: usize) -> usize {
        let wanted = filters as f64 * self.width;
        let rounded = ((wanted + 4.0) as usize / 8 * 8).max(8);
        if (rounded as f64) < 0.9 * wanted {
            rounded + 8
        } else {
            rounded
        }
    }

    /// B0's blocks of a stage, and more for a deeper network.
    fn repeats(&self, repeats: usize) -> usize {
        (self.depth * repeats as f64).ceil() as usize
    }
}

/// Writes the stem, the seven stages of blocks, and the top or the pooling that was asked for.
pub(super) fn write(asked: &Asked, scale: &Scale, to: &mut Writer) {
    to.unnamed(format!("Rescaling({:?})", 1.0 / 255.0))
        .unnamed("Normalization(mean=None, variance=None)");
    if asked.imagenet {
        // The published weights belong to a network that divides by the variance, not by its root.
        let factors = DEVIATIONS.map(|deviation| format!("{:?}", 1.0 / deviation.sqrt()));
        to.unnamed(format!("Rescaling([{}])", factors.join(", ")));
    }
    let mut size = (asked.sizes.0, asked.sizes.1);
    pad(to, "stem_conv_pad", &mut size, 3);
    to.layer(
        "stem_conv",
        format!(
            "Conv2D({}, 3, strides=2, use_bias=False, kernel_initializer={KERNEL})",
            scale.filters(32)
        ),
    )
    .layer("stem_bn", "BatchNormalization()")
    .layer("stem_activation", SWISH);
    let blocks: usize = STAGES.iter().map(|stage| scale.repeats(stage.1)).sum();
    let mut number = 0_usize;
    for (stage, &Stage(kernel, repeats, first, filters, wider, strides)) in STAGES.iter().enumerate() {
        let (first, filters) = (scale.filters(first), scale.filters(filters));
        for (repeat, letter) in ('a'..='z').take(scale.repeats(repeats)).enumerate() {
            let block = Block {
                name: format!("block{}{letter}_", stage + 1),
                kernel,
                inputs: if repeat == 0 { first } else { filters },
                filters,
                wider,
                strides: if repeat == 0 { strides } else { 1 },
                dropped: inverted::dropped(number, blocks),
            };
            block.write(to, &mut size);
            number += 1;
        }
    }
    to.layer(
        "top_conv",
        format!(
            "Conv2D({}, 1, padding=\"same\", use_bias=False, kernel_initializer={KERNEL})",
            scale.filters(1280)
        ),
    )
    .layer("top_bn", "BatchNormalization()")
    .layer("top_activation", SWISH);
    inverted::end(asked, scale.dropout, to);
}

/// Pads for a window with strides 2 as `correct_pad` does (`keras/src/applications/imagenet_utils.py`): where a size
/// is even, its beginning gets one row less. Halves the size, rounded up.
fn pad(to: &mut Writer, name: &str, (height, width): &mut (usize, usize), kernel: usize) {
    let half = kernel / 2;
    let (top, left) = (half + *height % 2 - 1, half + *width % 2 - 1);
    to.layer(name, format!("ZeroPadding2D((({top}, {half}), ({left}, {half})))"));
    (*height, *width) = (height.div_ceil(2), width.div_ceil(2));
}

/// An inverted residual block with squeeze and excitation.
struct Block {
    name: String,
    kernel: usize,
    inputs: usize,
    filters: usize,
    wider: usize,
    strides: usize,
    /// The share of samples whose branch is dropped in training, from 0 to 1.
    dropped: f64,
}

impl Block {
    fn write(&self, to: &mut Writer, size: &mut (usize, usize)) {
        let (name, before) = (&self.name, to.last());
        let wide = self.inputs * self.wider;
        if self.wider != 1 {
            to.layer(
                format!("{name}expand_conv"),
                format!("Conv2D({wide}, 1, padding=\"same\", use_bias=False, kernel_initializer={KERNEL})"),
            )
            .layer(format!("{name}expand_bn"), "BatchNormalization()")
            .layer(format!("{name}expand_activation"), SWISH);
        }
        let (kernel, strides) = (self.kernel, self.strides);
        let padding = if strides == 2 {
            pad(to, &format!("{name}dwconv_pad"), size, kernel);
            "valid"
        } else {
            "same"
        };
        to.layer(
            format!("{name}dwconv"),
            format!(
                "DepthwiseConv2D({kernel}, strides={strides}, padding=\"{padding}\", use_bias=False, \
                 depthwise_initializer={KERNEL})"
            ),
        )
        .layer(format!("{name}bn"), "BatchNormalization()")
        .layer(format!("{name}activation"), SWISH);
        inverted::squeeze_and_excite(name, self.inputs, wide, to);
        to.layer(
            format!("{name}project_conv"),
            format!(
                "Conv2D({}, 1, padding=\"same\", use_bias=False, kernel_initializer={KERNEL})",
                self.filters
            ),
        )
        .layer(format!("{name}project_bn"), "BatchNormalization()");
        if strides == 1 && self.inputs == self.filters {
            inverted::add(name, &before, self.dropped, to);
        }
    }
}
