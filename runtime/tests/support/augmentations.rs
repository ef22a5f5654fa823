//! Pictures that are moved, lit, erased and disturbed at random.

use super::networks::{Case, FEW, MANY, case, head};
use super::programs::Build;
use compiler::ops::{FillMode, Mixture, Motion, Sampling};

pub fn cases() -> Vec<Case> {
    let mut cases = motions();
    for (range, contrast, batches) in [([0.4, 1.9], true, MANY), ([-0.5, 0.4], false, FEW)] {
        let mut build = first(18, 15, 2);
        let made = build.adjust(build.input(), range, contrast);
        let name = if contrast { "contrast" } else { "brightness" };
        cases.push(tied(name, build, made, batches));
    }
    for (name, fill, channels) in [
        ("erase with a value", Some([0.25; 3]), 2),
        ("erase with a colour", Some([0.25, -3.0, 0.5]), 3),
        ("erase with noise", None, 2),
    ] {
        let mut build = first(9, 7, channels);
        let made = build.erase(build.input(), (9, 7), fill);
        cases.push(tied(name, build, made, MANY));
    }
    for (name, mixture) in [
        ("mix", Mixture::MixUp { alpha: 0.4 }),
        ("mix evenly", Mixture::MixUp { alpha: 1.0 }),
        ("cut", Mixture::CutMix { factor: [0.3, 1.0] }),
        ("cut by little or all", Mixture::CutMix { factor: [0.0, 0.0] }),
    ] {
        let mut build = first(9, 7, 2);
        let made = build.mix(build.input(), (9, 7), mixture);
        cases.push(tied(name, build, made, MANY));
    }
    let mut build = Build::new(5, 4, 3);
    let hidden = build.dense(build.input(), 6, true, true, false);
    let noisy = build.noise(hidden, 0.3);
    cases.push(case("noise", head(build, noisy), MANY));
    cases
}

fn first(height: usize, width: usize, channels: usize) -> Build {
    let mut build = Build::new(height, width, channels);
    build.input_gradient = false;
    build
}

/// Cases whose inputs have no gradients are not compared with differences, as those with ties are not.
fn tied(name: impl Into<String>, build: Build, made: compiler::plan::TensorId, batches: &'static [usize]) -> Case {
    Case {
        ties: true,
        ..case(name, head(build, made), batches)
    }
}

const SAMPLINGS: [(FillMode, bool); 6] = [
    (FillMode::Reflect, true),
    (FillMode::Wrap, true),
    (FillMode::Constant, true),
    (FillMode::Nearest, true),
    (FillMode::Reflect, false),
    (FillMode::Constant, false),
];

fn motions() -> Vec<Case> {
    let motions = [
        Motion::Flip {
            horizontal: true,
            vertical: false,
        },
        Motion::Flip {
            horizontal: true,
            vertical: true,
        },
        Motion::Translate {
            height: [-0.9, 0.8],
            width: [0.1, 0.7],
        },
        Motion::Rotate { turns: [-0.4, 0.3] },
        Motion::Zoom {
            height: [0.3, 1.7],
            width: None,
        },
        Motion::Zoom {
            height: [0.6, 1.2],
            width: Some([1.1, 1.9]),
        },
        Motion::Shear {
            x: [-0.7, 0.7],
            y: [0.1, 0.5],
        },
    ];
    let mut cases = Vec::new();
    for (index, motion) in motions.into_iter().enumerate() {
        // Two of them each.
        for (fill_mode, bilinear) in SAMPLINGS.into_iter().cycle().skip(2 * index).take(2) {
            let sampling = Sampling {
                bilinear,
                fill_mode,
                fill_value: 0.75,
            };
            let size = if index == 2 { (3, 8) } else { (9, 8) };
            let mut build = first(size.0, size.1, 2);
            let made = build.moved(build.input(), (size, size), motion, sampling);
            let name = format!("{motion:?} {fill_mode:?} bilinear {bilinear}");
            cases.push(tied(name, build, made, if index % 2 == 0 { MANY } else { FEW }));
        }
    }
    for (motion, from, to) in [
        (Motion::Crop, (9, 8), (4, 5)),
        (Motion::Crop, (9, 8), (8, 7)),
        (Motion::Window { size: (9, 6) }, (9, 8), (3, 2)),
        (Motion::Window { size: (4, 8) }, (9, 8), (6, 8)),
    ] {
        let sampling = Sampling {
            bilinear: motion != Motion::Crop,
            ..Sampling::EXACT
        };
        let mut build = first(from.0, from.1, 3);
        let made = build.moved(build.input(), (from, to), motion, sampling);
        cases.push(tied(format!("{motion:?} {from:?} to {to:?}"), build, made, MANY));
    }
    cases
}
