//! `EfficientNetV2B0` to `EfficientNetV2B3` and `EfficientNetV2S`, `M` and `L`: `keras/src/applications/efficientnet_v2.py`.
//! They take pixels from 0 to 255 and begin with layers that rescale them, unless told otherwise.

use super::arguments::Asked;
use super::inverted::{self, KERNEL, SWISH};
use super::writer::Writer;

const NORMALIZE: &str = "BatchNormalization(momentum=0.9)";

/// A stage of blocks with kernels of 3x3: whether a convolution stands for the depthwise one, number of blocks, filters in and
/// out, factor of the channels within a block, and strides of the first block.
struct Stage(bool, usize, usize, usize, usize, usize);

const BASE: [Stage; 6] = [
    Stage(true, 1, 32, 16, 1, 1),
    Stage(true, 2, 16, 32, 4, 2),
    Stage(true, 2, 32, 48, 4, 2),
    Stage(false, 3, 48, 96, 4, 2),
    Stage(false, 5, 96, 112, 6, 1),
    Stage(false, 8, 112, 192, 6, 2),
];

const SMALL: [Stage; 6] = [
    Stage(true, 2, 24, 24, 1, 1),
    Stage(true, 4, 24, 48, 4, 2),
    Stage(true, 4, 48, 64, 4, 2),
    Stage(false, 6, 64, 128, 4, 2),
    Stage(false, 9, 128, 160, 6, 1),
    Stage(false, 15, 160, 256, 6, 2),
];

const MEDIUM: [Stage; 7] = [
    Stage(true, 3, 24, 24, 1, 1),
    Stage(true, 5, 24, 48, 4, 2),
    Stage(true, 5, 48, 80, 4, 2),
    Stage(false, 7, 80, 160, 4, 2),
    Stage(false, 14, 160, 176, 6, 1),
    Stage(false, 18, 176, 304, 6, 2),
    Stage(false, 5, 304, 512, 6, 1),
];

const LARGE: [Stage; 7] = [
    Stage(true, 4, 32, 32, 1, 1),
    Stage(true, 7, 32, 64, 4, 2),
    Stage(true, 7, 64, 96, 4, 2),
    Stage(false, 10, 96, 192, 4, 2),
    Stage(false, 19, 192, 224, 6, 1),
    Stage(false, 25, 224, 384, 6, 2),
    Stage(false, 7, 384, 640, 6, 1),
];

/// Which of the networks is meant.
pub(super) enum Size {
    /// B0 to B3: how much wider, and how much deeper, than B0.
    Base(f64, f64),
    Small,
    Medium,
    Large,
}

/// The filters made wider, a multiple of 8.
fn rounded(filters: usize, width: f64) -> usize {
    ((filters as f64 * width + 4.0) as usize / 8 * 8).max(8)
}

/// Writes the rescaling, the stem, the stages of blocks, and the top or the pooling that was asked for.
pub(super) fn write(asked: &Asked, size: &Size, to: &mut Writer) {
    let (stages, width, depth): (&[Stage], f64, f64) = match size {
        Size::Base(width, depth) => (&BASE, *width, *depth),
        Size::Small => (&SMALL, 1.0, 1.0),
        Size::Medium => (&MEDIUM, 1.0, 1.0),
        Size::Large => (&LARGE, 1.0, 1.0),
    };
    if asked.include_preprocessing {
        rescale(asked, size, to);
    }
    let stem = stages.first().map_or(32, |&Stage(_, _, first, ..)| first);
    to.layer("stem_conv", convolution(rounded(stem, width), 3, 2))
        .layer("stem_bn", NORMALIZE)
        .layer("stem_activation", SWISH);
    let blocks: usize = stages.iter().map(|stage| stage.1).sum();
    let mut number = 0_usize;
    for (place, &Stage(fused, repeats, first, filters, wider, strides)) in (1..).zip(stages) {
        let (first, filters) = (rounded(first, width), rounded(filters, width));
        let repeats = (depth * repeats as f64).ceil() as usize;
        for (repeat, letter) in ('a'..='z').take(repeats).enumerate() {
            let block = Block {
                name: format!("block{place}{letter}_"),
                fused,
                inputs: if repeat == 0 { first } else { filters },
                filters,
                wider,
                strides: if repeat == 0 { strides } else { 1 },
                dropped: inverted::dropped(number, blocks),
            };
            block.write(to);
            number += 1;
        }
    }
    to.layer("top_conv", convolution(rounded(1280, width), 1, 1))
        .layer("top_bn", NORMALIZE)
        .layer("top_activation", SWISH);
    inverted::end(asked, 0.2, to);
}

/// B0 to B3 normalize the three colours as the first `EfficientNet` did; the others take pixels to -1 to 1.
fn rescale(asked: &Asked, size: &Size, to: &mut Writer) {
    if matches!(size, Size::Base(..)) && asked.sizes.2 == 3 {
        let variance = [0.229_f64, 0.224, 0.225].map(|deviation| format!("{:?}", deviation.powi(2)));
        to.unnamed(format!("Rescaling({:?})", 1.0 / 255.0)).unnamed(format!(
            "Normalization(mean=[0.485, 0.456, 0.406], variance=[{}])",
            variance.join(", ")
        ));
    } else {
        to.unnamed("Rescaling(0.0078125, offset=-1.0)");
    }
}

fn convolution(filters: usize, kernel: usize, strides: usize) -> String {
    format!(
        "Conv2D({filters}, {kernel}, strides={strides}, padding=\"same\", use_bias=False, kernel_initializer={KERNEL})"
    )
}

/// An inverted residual block.
struct Block {
    name: String,
    fused: bool,
    inputs: usize,
    filters: usize,
    wider: usize,
    strides: usize,
    /// The share of samples whose branch is dropped in training, from 0 to 1.
    dropped: f64,
}

impl Block {
    fn write(&self, to: &mut Writer) {
        let (name, before, strides) = (&self.name, to.last(), self.strides);
        let wide = self.inputs * self.wider;
        if self.wider != 1 {
            let expand = if self.fused {
                convolution(wide, 3, strides)
            } else {
                convolution(wide, 1, 1)
            };
            to.layer(format!("{name}expand_conv"), expand)
                .layer(format!("{name}expand_bn"), NORMALIZE)
                .layer(format!("{name}expand_activation"), SWISH);
        }
        if !self.fused {
            self.depthwise(wide, to);
        }
        // A fused block that is not wider is this convolution alone.
        let alone = self.fused && self.wider == 1;
        let project = if alone {
            convolution(self.filters, 3, strides)
        } else {
            convolution(self.filters, 1, 1)
        };
        to.layer(format!("{name}project_conv"), project)
            .layer(format!("{name}project_bn"), NORMALIZE);
        if alone {
            to.layer(format!("{name}project_activation"), SWISH);
        }
        if strides == 1 && self.inputs == self.filters {
            inverted::add(name, &before, self.dropped, to);
        }
    }

    /// The depthwise convolution, with squeeze and excitation.
    fn depthwise(&self, wide: usize, to: &mut Writer) {
        let (name, strides) = (&self.name, self.strides);
        to.layer(
            format!("{name}dwconv2"),
            format!(
                "DepthwiseConv2D(3, strides={strides}, padding=\"same\", use_bias=False, \
                 depthwise_initializer={KERNEL})"
            ),
        )
        .layer(format!("{name}bn"), NORMALIZE)
        .layer(format!("{name}activation"), SWISH);
        inverted::squeeze_and_excite(name, self.inputs, wide, to);
    }
}
