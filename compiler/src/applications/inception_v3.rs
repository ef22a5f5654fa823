//! `InceptionV3`: `keras/src/applications/inception_v3.py`.

use super::arguments::Asked;
use super::writer::Writer;

/// A convolution of a branch: filters, rows and columns of the kernel.
type Step = (usize, usize, usize);

/// Writes the stem, the eleven blocks of branches, and the top or pooling that was asked for. Layers are written in the order in
/// which Keras makes them, which numbers their automatic names.
pub(super) fn write(asked: &Asked, to: &mut Writer) {
    convolution((32, 3, 3), 2, "valid", to);
    convolution((32, 3, 3), 1, "valid", to);
    convolution((64, 3, 3), 1, "same", to);
    to.unnamed("MaxPooling2D(3, strides=2)");
    convolution((80, 1, 1), 1, "valid", to);
    convolution((192, 3, 3), 1, "valid", to);
    to.unnamed("MaxPooling2D(3, strides=2)");
    for (block, pooled) in [(0, 32), (1, 64), (2, 64)] {
        let branches: [&[Step]; 3] = [
            &[(64, 1, 1)],
            &[(48, 1, 1), (64, 5, 5)],
            &[(64, 1, 1), (96, 3, 3), (96, 3, 3)],
        ];
        even(block, &branches, pooled, to);
    }
    narrowing(3, &[&[(384, 3, 3)], &[(64, 1, 1), (96, 3, 3), (96, 3, 3)]], to);
    for (block, narrow) in [(4, 128), (5, 160), (6, 160), (7, 192)] {
        let branches: [&[Step]; 3] = [
            &[(192, 1, 1)],
            &[(narrow, 1, 1), (narrow, 1, 7), (192, 7, 1)],
            &[
                (narrow, 1, 1),
                (narrow, 7, 1),
                (narrow, 1, 7),
                (narrow, 7, 1),
                (192, 1, 7),
            ],
        ];
        even(block, &branches, 192, to);
    }
    let branches: [&[Step]; 2] = [
        &[(192, 1, 1), (320, 3, 3)],
        &[(192, 1, 1), (192, 1, 7), (192, 7, 1), (192, 3, 3)],
    ];
    narrowing(8, &branches, to);
    for block in 9..11 {
        forked(block, to);
    }
    if asked.include_top {
        to.pool(Some("avg"), Some("pool"));
        to.classify(asked);
    } else {
        to.pool(asked.pooling, None);
    }
}

/// A convolution, its normalization without a scale, and a relu.
fn convolution((filters, rows, columns): Step, strides: usize, padding: &str, to: &mut Writer) {
    to.unnamed(format!(
        "Conv2D({filters}, ({rows}, {columns}), strides={strides}, padding=\"{padding}\", use_bias=False)"
    ))
    .unnamed("BatchNormalization(scale=False)")
    .unnamed("Activation(\"relu\")");
}

/// Convolutions one after another, from `input`; gives the last one's name.
fn branch(input: &str, steps: &[Step], to: &mut Writer) -> String {
    to.from(input);
    for &step in steps {
        convolution(step, 1, "same", to);
    }
    to.last()
}

/// A mean over 3x3 cells and a convolution of 1x1 with `filters` filters, from `input`; gives the last layer's name.
fn pooled(input: &str, filters: usize, to: &mut Writer) -> String {
    to.from(input)
        .unnamed("AveragePooling2D(3, strides=1, padding=\"same\")");
    convolution((filters, 1, 1), 1, "same", to);
    to.last()
}

/// Branches that keep the size of the maps, and a pooled one, side by side.
fn even(block: usize, branches: &[&[Step]], filters: usize, to: &mut Writer) {
    let input = to.last();
    let mut ends: Vec<String> = branches.iter().map(|steps| branch(&input, steps, to)).collect();
    ends.push(pooled(&input, filters, to));
    to.join(format!("mixed{block}"), &ends);
}

/// Branches whose last convolution halves the maps, and a maximum pool that does, side by side.
fn narrowing(block: usize, branches: &[&[Step]], to: &mut Writer) {
    let input = to.last();
    let mut ends = Vec::new();
    for steps in branches {
        let Some((&last, before)) = steps.split_last() else {
            continue;
        };
        branch(&input, before, to);
        convolution(last, 2, "valid", to);
        ends.push(to.last());
    }
    to.from(&input).unnamed("MaxPooling2D(3, strides=2)");
    ends.push(to.last());
    to.join(format!("mixed{block}"), &ends);
}

/// The last blocks: two of their branches end in a fork of 1x3 and 3x1.
fn forked(block: usize, to: &mut Writer) {
    let input = to.last();
    let first = branch(&input, &[(320, 1, 1)], to);
    let short = branch(&input, &[(384, 1, 1)], to);
    let short = fork(Some(&format!("mixed9_{}", block - 9)), &short, to);
    let long = branch(&input, &[(448, 1, 1), (384, 3, 3)], to);
    let long = fork(None, &long, to);
    let pooled = pooled(&input, 192, to);
    to.join(format!("mixed{block}"), &[first, short, long, pooled]);
}

/// Two convolutions of `input` side by side, named or with an automatic name; gives the name.
fn fork(name: Option<&str>, input: &str, to: &mut Writer) -> String {
    let row = branch(input, &[(384, 1, 3)], to);
    let column = branch(input, &[(384, 3, 1)], to);
    to.merge(name, "Concatenate()", &row, &column);
    to.last()
}
