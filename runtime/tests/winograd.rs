//! Winograd's filtering on a GPU: convolutions of drawn geometries against the float64 reference, tensor by tensor, with poison
//! behind scratch memory as behind every other buffer; the same bits twice; a training beside the CPU's; and what stays direct. Needs
//! a Vulkan, Metal or DX12 driver; a software one does.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use cnnc_runtime::executor::cpu::CpuExecutor;
use cnnc_runtime::executor::wgpu::{WgpuExecutor, adapters};
use cnnc_runtime::executor::{Executor, Flow, Set};
use cnnc_runtime::train::initial_parameters;
use compiler::launch::{DeviceClass, Dispatch, Tiling, schedule};
use compiler::ops::ConvolutionGeometry;
use compiler::plan::Plan;
use compiler::plan::memory::Sharing;
use compiler::plan::method;
use compiler::training::optimizer::Optimizer;
use compiler::training::optimizers::SGD;
use compiler::window::{Padding, Window};
use shaders::File;
use std::sync::Arc;
use support::compare::Agreement;
use support::networks::{self, Case, FEW, MANY};
use support::programs::Build;
use support::{Draw, compare};

fn tiling(class: DeviceClass) -> Tiling {
    Tiling {
        winograd: 16,
        ..Tiling::of(class)
    }
}

fn executor(plan: &Plan, batch_size: usize, tiling: Tiling) -> WgpuExecutor {
    let adapter = adapters().into_iter().next().expect("a GPU, or Mesa's software Vulkan");
    let mut gpu = adapter.open().unwrap();
    gpu.tiling = tiling;
    gpu.guarded = true;
    WgpuExecutor::new(gpu, Arc::new(plan.clone()), batch_size, batch_size).unwrap()
}

fn launches(plan: &Plan, tiling: Tiling, quads: usize) -> Vec<Dispatch> {
    schedule(plan, &plan.training, tiling, quads).dispatches
}

/// How many launches a training step has of each entry point of `winograd.wgsl`.
fn filtered(plan: &Plan, tiling: Tiling, quads: usize) -> Vec<(&'static str, usize)> {
    let mut entries = Vec::new();
    for dispatch in launches(plan, tiling, quads) {
        if dispatch.kernel.file == File::Winograd {
            match entries.iter_mut().find(|(entry, _)| *entry == dispatch.kernel.entry) {
                Some((_, count)) => *count += 1,
                None => entries.push((dispatch.kernel.entry, 1)),
            }
        }
    }
    entries.sort_unstable();
    entries
}

/// A 3x3 convolution of a drawn map; None where the plan computes one of its products directly.
fn drawn(draw: &mut Draw, index: usize) -> Option<Case> {
    let mut between = |low: u64, high: u64| (low + draw.below(high - low + 1)) as usize;
    let (height, width) = (between(3, 19), between(3, 19));
    let (channels, filters) = (between(16, 45), between(16, 45));
    let padding = [Padding::Same, Padding::Valid][between(0, 1)];
    let (bias, relu, pool) = (between(0, 2) > 0, between(0, 2) > 0, between(0, 1) > 0);
    let window = Window {
        size: (3, 3),
        strides: (1, 1),
        dilation: (1, 1),
        padding,
    };
    let geometry = ConvolutionGeometry {
        in_channels: channels,
        out_channels: filters,
        grid: window.over(height, width)?,
    };
    let methods = [
        method::forward(&geometry),
        method::dinput(&geometry),
        method::dkernel(&geometry),
    ];
    let poolable = geometry.grid.vertical.output > 1 && geometry.grid.horizontal.output > 1;
    if !methods.iter().all(|method| method.is_winograd()) || pool && !poolable {
        return None;
    }
    let mut build = Build::new(height, width, channels);
    // Where there is something in front of it, its dinput takes the step of that relu.
    let input = if index.is_multiple_of(2) {
        let one = Window { size: (1, 1), ..window };
        build.convolution(build.input(), (height, width), channels, one, true, true, false)
    } else {
        build.input()
    };
    let output = build.convolution(input, (height, width), filters, window, bias, relu, pool);
    let name = format!(
        "{height}x{width}x{channels} to {filters} {padding:?} bias {bias} relu {relu} pool {pool} masked {}",
        index.is_multiple_of(2)
    );
    let batches = if index.is_multiple_of(3) { MANY } else { FEW };
    let logits = build.dense(output, 3, true, true, false);
    // A small step: a large one takes the loss so close to zero that float32 keeps few digits of it.
    let optimizer = Optimizer::from(SGD {
        learning_rate: 1e-5.into(),
        momentum: 0.0,
        nesterov: false,
    });
    Some(networks::case(
        name,
        build.finish(logits, true, Some(optimizer)),
        batches,
    ))
}

fn cases(count: usize) -> Vec<Case> {
    let mut draw = Draw::new(39);
    let mut cases = Vec::new();
    while cases.len() < count {
        cases.extend(drawn(&mut draw, cases.len()));
    }
    cases
}

fn all_agree(tiling: Tiling) {
    let mut whole = 0;
    for case in cases(12) {
        let entries = filtered(&case.plan, tiling, 1);
        let count = |entry: &str| entries.iter().find(|(name, _)| *name == entry).map_or(0, |(_, n)| *n);
        assert_eq!(
            (count("multiply"), count("correlate")),
            (2, 1),
            "{}: {entries:?}",
            case.name
        );
        let make = |plan: &Plan, batch| Box::new(executor(plan, batch, tiling)) as Box<dyn Executor>;
        match compare::compared(&case, &make) {
            Agreement::Whole(error) => {
                whole += 1;
                eprintln!("{error:10.1e} {}", case.name);
            }
            Agreement::Until(tensor) => eprintln!("     until {tensor}: {}", case.name),
        }
    }
    assert!(whole >= 9, "{whole} of 12 were compared to the end");
}

#[test]
fn drawn_geometries_agree_with_the_reference_on_software_tiles() {
    all_agree(tiling(DeviceClass::Software));
}

#[test]
fn drawn_geometries_agree_with_the_reference_on_discrete_tiles() {
    all_agree(tiling(DeviceClass::Discrete));
}

/// From buffers, as where a tensor is too large for a texture, with odd numbers of columns and channels.
#[test]
fn drawn_geometries_agree_with_the_reference_from_buffers() {
    all_agree(Tiling {
        textures: false,
        sums: 12,
        dkernel_invocations: 1,
        ..tiling(DeviceClass::Software)
    });
}

fn described(text: &str) -> Plan {
    let parsed = grammar::parse(&grammar::source::Source::new("winograd.cnn", text)).unwrap();
    let (checked, _) = compiler::check::check_file(&parsed).unwrap();
    compiler::plan_of(&checked, Sharing::Shared)
}

const DEEP: &str = "model deep {
  Input((16, 15, 3))
  Conv2D(16, 3, padding='same', activation='relu')
  Conv2D(32, 3, padding='same', activation='relu')
  MaxPooling2D()
  Conv2D(48, 3, padding='same')
  BatchNormalization()
  ReLU()
  Conv2D(24, 3, padding='same', activation='relu')
  GlobalAveragePooling2D()
  Dense(5)
}
compile(optimizer=SGD(0.05, momentum=0.9), loss=SparseCategoricalCrossentropy(from_logits=True), metrics=['acc'])
";

/// Trains two epochs of 37 samples in batches of ten; the loss of the last, what an evaluation and predictions give, and the weights.
fn trained(executor: &mut dyn Executor, plan: &Plan) -> (f64, f64, Vec<f32>, Vec<f32>) {
    let case = networks::case("deep", plan.clone(), &[10]);
    let split = Arc::new(compare::data(&case, 37, &mut Draw::new(4)));
    let order: Vec<u32> = (0..37).map(|at| at * 11 % 37).collect();
    executor.load(Set::Train, &split).unwrap();
    executor.load(Set::Test, &split).unwrap();
    executor.set_parameters(&initial_parameters(plan, 7)).unwrap();
    let mut loss = 0.0;
    for _ in 0..2 {
        let steps = compare::steps(0.05, 37, 10);
        loss = executor.train(&order, &steps, &mut |_| Flow::Continue).unwrap().loss;
    }
    let judged = executor.evaluate(Set::Test, &order, &mut |_| Flow::Continue).unwrap();
    (
        loss,
        judged.loss,
        executor.predict(&split).unwrap(),
        executor.parameters().unwrap(),
    )
}

#[test]
fn a_training_agrees_with_the_cpu_and_has_the_same_bits_twice() {
    let plan = described(DEEP);
    let tiling = tiling(DeviceClass::Software);
    let entries = filtered(&plan, tiling, 3);
    assert!(
        entries.contains(&("multiply", 6)) && entries.contains(&("correlate", 3)),
        "{entries:?}"
    );
    let mut gpu = [(), ()].map(|()| {
        let mut gpu = adapters()
            .into_iter()
            .next()
            .expect("a GPU, or Mesa's software Vulkan")
            .open()
            .unwrap();
        gpu.tiling = tiling;
        WgpuExecutor::new(gpu, Arc::new(plan.clone()), 10, 10).unwrap()
    });
    let [first, second] = gpu.each_mut().map(|executor| trained(executor, &plan));
    assert!(first == second, "the same bits twice");
    let mut cpu = CpuExecutor::new(Arc::new(plan.clone()), 10, 10, None).unwrap();
    let (loss, judged, predicted, parameters) = trained(&mut cpu, &plan);
    for (what, ours, theirs) in [("trained", first.0, loss), ("judged", first.1, judged)] {
        assert!((ours - theirs).abs() < 1e-3 * theirs, "{what}: {ours} {theirs}");
    }
    for (what, ours, theirs) in [
        ("predictions", &first.2, &predicted),
        ("weights", &first.3, &parameters),
    ] {
        let error = compare::error(&compare::widen(ours), &compare::widen(theirs));
        assert!(error < 2e-3, "{what}: {error:.1e}");
    }
}

/// Without the flag, no launch and no scratch memory is other than before.
#[test]
fn without_the_flag_all_is_direct() {
    for text in [DEEP.to_owned(), DEEP.replace("Conv2D(48, 3", "Conv2D(48, 5")] {
        let plan = described(&text);
        for class in [DeviceClass::Software, DeviceClass::Integrated, DeviceClass::Discrete] {
            let off = Tiling {
                winograd: 0,
                ..tiling(class)
            };
            let direct = schedule(&plan, &plan.training, off, 8);
            assert!(direct.scratch.is_empty() && filtered(&plan, off, 8).is_empty());
            let on = schedule(&plan, &plan.training, tiling(class), 8);
            assert_eq!(on.scratch.len(), 3);
            // Only 3x3 convolutions of 16 channels and more are other.
            let others = |dispatches: &[Dispatch]| {
                let other = |dispatch: &&Dispatch| !dispatch.layer.starts_with("conv2d");
                let kernels = dispatches.iter().filter(other).map(|dispatch| dispatch.kernel.entry);
                kernels.collect::<Vec<_>>()
            };
            assert_eq!(others(&direct.dispatches), others(&on.dispatches));
        }
        let fives = text.matches(", 5,").count();
        let entries = filtered(&plan, tiling(DeviceClass::Discrete), 8);
        assert!(entries.contains(&("correlate", 3 - fives)), "{entries:?}");
    }
}

/// Batches so large that points would not fit what every device binds are computed directly; loops are never longer than allowed.
#[test]
fn what_does_not_fit_stays_direct() {
    let plan = described(DEEP);
    let software = tiling(DeviceClass::Software);
    let mut seen = (false, false);
    for quads in [1, 8, 60, 600, 6_000, 60_000] {
        let schedule = schedule(&plan, &plan.training, software, quads);
        assert!(schedule.scratch.iter().all(|vec4s| vec4s * 16 <= 128 << 20), "{quads}");
        let longest = |entry: &str| {
            let of = schedule
                .dispatches
                .iter()
                .filter(|dispatch| dispatch.kernel.entry == entry);
            of.map(|dispatch| dispatch.turns).max()
        };
        assert!(
            schedule
                .dispatches
                .iter()
                .all(|dispatch| dispatch.turns <= software.most_turns)
        );
        match longest("correlate") {
            Some(turns) => {
                seen.0 = true;
                assert!(turns >= 4, "{quads}: {turns}");
            }
            None => seen.1 = true,
        }
    }
    assert_eq!(seen, (true, true), "some filtered, some direct");
    // Short loops are had by more parts.
    let short = Tiling {
        most_turns: 100,
        ..software
    };
    let entries = filtered(&plan, short, 60);
    assert!(entries.contains(&("correlate", 3)), "{entries:?}");
    let correlations = launches(&plan, short, 60);
    let correlations = correlations
        .iter()
        .filter(|dispatch| dispatch.kernel.entry == "correlate");
    assert!(correlations.into_iter().all(|dispatch| dispatch.turns <= 100));
}
