//! Geometries of the operations behind the wider vocabulary of layers.

use super::networks::{Case, FEW, MANY, case, head, window};
use super::programs::Build;
use compiler::ops::{Interpolation, Merging, PreluGeometry, Sets, ShiftGeometry, UpSamplingGeometry};
use compiler::window::{Padding, Window};

pub fn cases() -> Vec<Case> {
    let mut cases = shifts();
    cases.extend(upsamplings());
    cases.extend(grouped());
    cases.extend(elementwise());
    cases.extend(normalizations());
    cases.extend(batch_normalizations());
    cases
}

fn shifts() -> Vec<Case> {
    let mut cases = Vec::new();
    for (from, to, before) in [
        ((4, 5), (4, 5), (0, 0)),
        ((4, 5), (7, 9), (1, 3)),
        ((6, 7), (4, 3), (-1, -2)),
        ((5, 4), (7, 2), (2, -1)),
        ((1, 1), (3, 3), (1, 1)),
    ] {
        let mut build = Build::new(from.0, from.1, 3);
        let geometry = ShiftGeometry {
            channels: 3,
            from,
            to,
            before,
        };
        let moved = build.shift(build.input(), geometry);
        cases.push(case(
            format!("shift {from:?} to {to:?} by {before:?}"),
            head(build, moved),
            MANY,
        ));
    }
    cases
}

fn upsamplings() -> Vec<Case> {
    let mut cases = Vec::new();
    for interpolation in [Interpolation::Nearest, Interpolation::Bilinear] {
        for (size, factors) in [
            ((3, 4), (2, 2)),
            ((4, 2), (1, 3)),
            ((1, 5), (4, 1)),
            ((2, 3), (5, 4)),
            ((1, 1), (3, 2)),
        ] {
            let mut build = Build::new(size.0, size.1, 3);
            let geometry = UpSamplingGeometry {
                channels: 3,
                size,
                factors,
                interpolation,
            };
            let larger = build.upsample(build.input(), geometry);
            let name = format!("upsampling {interpolation:?} {size:?} by {factors:?}");
            cases.push(case(name, head(build, larger), MANY));
        }
    }
    cases
}

fn grouped() -> Vec<Case> {
    use Padding::{Same, Valid};
    let mut cases = Vec::new();
    let rows = [
        ([6, 5, 4], (4, 4), (3, 3), (1, 1), (1, 1), Same, true),
        ([6, 7, 3], (3, 6), (3, 3), (2, 2), (1, 1), Same, true),
        ([8, 7, 5], (5, 5), (2, 3), (2, 1), (1, 1), Valid, false),
        ([7, 7, 2], (2, 6), (3, 3), (1, 1), (2, 2), Valid, true),
        ([5, 6, 4], (2, 6), (3, 3), (1, 1), (1, 1), Same, true),
        ([7, 6, 6], (3, 9), (2, 2), (2, 2), (1, 1), Valid, false),
        ([9, 9, 6], (2, 10), (5, 5), (1, 1), (1, 1), Same, true),
        ([4, 4, 1], (1, 5), (3, 3), (1, 1), (1, 1), Valid, true),
        ([1, 12, 4], (4, 8), (1, 3), (1, 1), (1, 2), Same, true),
        // Each channel by itself: several columns abreast, at every edge, and kernels too large for that.
        ([9, 11, 5], (5, 5), (3, 3), (1, 1), (1, 1), Same, true),
        ([5, 27, 3], (3, 3), (3, 3), (1, 1), (1, 1), Valid, false),
        ([10, 21, 4], (4, 4), (3, 3), (2, 2), (1, 1), Same, true),
        ([11, 12, 3], (3, 3), (5, 5), (1, 1), (1, 1), Same, false),
        ([9, 13, 2], (2, 2), (7, 7), (1, 1), (1, 1), Same, true),
        ([9, 14, 3], (3, 3), (3, 3), (1, 1), (2, 2), Same, true),
        ([10, 9, 3], (3, 3), (2, 4), (3, 1), (1, 1), Valid, true),
        ([13, 12, 3], (3, 3), (3, 3), (3, 3), (1, 1), Same, true),
        ([3, 3, 6], (6, 6), (3, 3), (1, 1), (1, 1), Same, false),
        ([2, 2, 4], (4, 4), (5, 5), (1, 1), (1, 1), Same, true),
        ([1, 1, 4], (4, 4), (3, 3), (2, 2), (1, 1), Same, true),
        ([11, 10, 2], (2, 2), (9, 9), (1, 1), (1, 1), Same, true),
    ];
    for (index, (input, groups, size, strides, dilation, padding, bias)) in rows.into_iter().enumerate() {
        let mut build = Build::new(input[0], input[1], input[2]);
        let window = Window {
            size,
            strides,
            dilation,
            padding,
        };
        let made = build.grouped(build.input(), (input[0], input[1]), groups, window, bias);
        let name = format!(
            "grouped convolution {input:?} groups and filters {groups:?} kernel {size:?} strides {strides:?} dilation {dilation:?} {padding:?}"
        );
        cases.push(case(name, head(build, made), if index % 2 == 0 { FEW } else { MANY }));
    }
    cases
}

fn elementwise() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut build = Build::new(3, 4, 5);
    let dropped = build.spatial_dropout(build.input(), 0.4);
    cases.push(case("dropout of channels", head(build, dropped), MANY));

    let mut build = Build::new(3, 4, 5);
    let biased = build.add_bias(build.input());
    cases.push(case("bias", head(build, biased), MANY));

    for factors in [vec![(0.5, -0.25)], vec![(2.0, 0.0), (0.25, 1.0), (-1.0, 0.5)]] {
        let mut build = Build::new(3, 4, 3);
        let name = format!("rescale by {factors:?}");
        let rescaled = build.rescale(build.input(), factors);
        cases.push(case(name, head(build, rescaled), MANY));
    }
    let three = window((3, 3), (1, 1), Padding::Same);
    for function in [Merging::Multiply, Merging::Subtract, Merging::Maximum, Merging::Minimum] {
        let mut build = Build::new(4, 3, 2);
        let [left, right] = [(); 2].map(|()| build.convolution(build.input(), (4, 3), 3, three, true, false, false));
        let merged = build.merge(function, left, right);
        let again = build.merge(function, merged, left);
        cases.push(case(format!("{function:?}"), head(build, again), MANY));
    }
    for order in [[0, 2, 1], [1, 0, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
        let mut build = Build::new(4, 5, 3);
        let permuted = build.permute(build.input(), [3, 4, 5], order);
        cases.push(case(format!("permute {order:?}"), head(build, permuted), MANY));
    }
    for alpha in [[3, 4, 5], [3, 1, 1], [1, 4, 5], [3, 1, 5], [1, 1, 1], [3, 4, 1]] {
        let mut build = Build::new(4, 5, 3);
        let geometry = PreluGeometry {
            sizes: [3, 4, 5],
            alpha,
        };
        let rectified = build.prelu(build.input(), geometry);
        cases.push(case(
            format!("prelu with alphas {alpha:?}"),
            head(build, rectified),
            MANY,
        ));
    }
    cases
}

fn normalizations() -> Vec<Case> {
    let mut cases = Vec::new();
    for (height, width, channels, groups) in [
        (3, 4, 6, Some(2)),
        (3, 4, 6, Some(6)),
        (2, 5, 5, Some(1)),
        (1, 1, 7, Some(1)),
        (3, 3, 6, None),
        (1, 1, 9, Some(3)),
        // More than one chunk a set.
        (18, 17, 2, Some(2)),
        (17, 16, 4, Some(1)),
    ] {
        for affine in [(true, true), (false, false)] {
            let mut build = Build::new(height, width, channels);
            let sets = Sets {
                channels,
                positions: height * width,
                groups,
            };
            let normalized = build.normalize(build.input(), sets, affine, false);
            let name = format!("normalization {height}x{width}x{channels} groups {groups:?} affine {affine:?}");
            cases.push(case(name, head(build, normalized), FEW));
        }
    }
    let mut build = Build::new(3, 4, 5);
    let normalized = build.normalize_moving(build.input(), (true, true));
    cases.push(case(
        "normalization by moving statistics",
        head(build, normalized),
        MANY,
    ));
    let mut build = Build::new(3, 4, 5);
    let normalized = build.normalize_moving(build.input(), (false, false));
    cases.push(case(
        "bare normalization by moving statistics",
        head(build, normalized),
        MANY,
    ));
    cases
}

fn batch_normalizations() -> Vec<Case> {
    let mut cases = Vec::new();
    for (height, width, channels, affine, batches) in [
        (3, 4, 5, (true, true), MANY),
        (1, 1, 6, (true, false), FEW),
        (2, 3, 1, (false, true), FEW),
        (4, 3, 9, (false, false), MANY),
        // More than one chunk a channel.
        (18, 17, 2, (true, true), FEW),
    ] {
        let mut build = Build::new(height, width, channels);
        let sets = Sets {
            channels,
            positions: height * width,
            groups: Some(channels),
        };
        let normalized = build.normalize(build.input(), sets, affine, true);
        let name = format!("batch normalization {height}x{width}x{channels} affine {affine:?}");
        cases.push(case(name, head(build, normalized), batches));
    }
    // Behind one another, with convolutions between them, which have no bias: its gradient would be nothing but rounding.
    let three = window((3, 3), (1, 1), Padding::Same);
    let mut build = Build::new(5, 4, 2);
    let mut map = build.input();
    for channels in [4, 6] {
        map = build.convolution(map, (5, 4), channels, three, false, false, false);
        let sets = Sets {
            channels,
            positions: 20,
            groups: Some(channels),
        };
        map = build.normalize(map, sets, (true, true), true);
    }
    cases.push(case("batch normalizations behind convolutions", head(build, map), MANY));
    cases
}
