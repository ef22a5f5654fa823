//! Pictures that are kept in a file give the bits of those in memory, on either device, in parts of any size.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

use cnnc::session;
use compiler::plan::Plan;
use image::{Rgb, RgbImage};
use runtime::data::{Keeping, Pixels, Split};
use runtime::executor::cpu::CpuExecutor;
use runtime::executor::streaming::Streaming;
use runtime::executor::wgpu::{WgpuExecutor, adapters};
use runtime::executor::{Executor, Flow, Set, Sums, Tally};
use runtime::loading::{self, Places};
use runtime::train;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

const SAMPLES: u32 = 45;
const BATCH: usize = 8;

const NET: &str = "train = image_dataset_from_directory(\"cells\", image_size=(9, 8), masks=\"masks\")
model cells {
    Input(shape=(9, 8, 3))
    RandomFlip()
    Rescaling(1. / 255)
    Conv2D(4, 3, padding=\"same\", activation=\"relu\", kernel_regularizer=L2(0.01))
    Dropout(0.2)
    Conv2D(1, 1, activation=\"sigmoid\")
}
compile(optimizer=Adam(0.01), loss=\"binary_crossentropy\", metrics=[\"accuracy\"])
fit(train, batch_size=8)
";

fn pictures(home: &Path) {
    for folder in ["cells", "masks"] {
        std::fs::create_dir_all(home.join(folder)).unwrap();
    }
    for number in 0..SAMPLES {
        let light = |x: u32, y: u32| ((x * 31 + y * 17 + number * 5) % 256) as u8;
        let picture = RgbImage::from_fn(11, 7, |x, y| Rgb([light(x, y), light(y, x), 9]));
        picture.save(home.join(format!("cells/{number}.png"))).unwrap();
        let mask = RgbImage::from_fn(11, 7, |x, y| Rgb([if light(x, y) > 127 { 255 } else { 0 }; 3]));
        mask.save(home.join(format!("masks/{number}.png"))).unwrap();
    }
}

/// What comes of two epochs, the second in two parts, of an evaluation and of predictions.
fn trained(mut executor: Box<dyn Executor>, plan: &Plan, split: &Arc<Split>) -> (Vec<f32>, Vec<Sums>, Vec<f32>) {
    let description = session::examine_text(Path::new("m.cnn"), NET)
        .into_description()
        .unwrap();
    let network = description.network.network();
    let compile = network.compile.as_ref().unwrap();
    executor.load(Set::Train, split).unwrap();
    executor.load(Set::Test, split).unwrap();
    executor.set_parameters(&train::initial_parameters(plan, 3)).unwrap();
    let order: Vec<u32> = (0..SAMPLES).map(|at| at * 7 % SAMPLES).collect();
    let mut sums = Vec::new();
    for epoch in 0..2 {
        let records = train::steps(&compile.optimizer, &network.fit, epoch, 6 * epoch, order.len());
        let mut steps = 0;
        let tally = executor
            .train_from(&Tally::default(), &order, &records, &mut |_| {
                steps += 1;
                if epoch == 1 && steps == 2 {
                    Flow::Stop
                } else {
                    Flow::Continue
                }
            })
            .unwrap();
        let tally = if tally.steps < records.len() {
            assert_eq!(epoch, 1);
            executor
                .train_from(&tally, &order[tally.samples..], &records[tally.steps..], &mut |_| {
                    Flow::Continue
                })
                .unwrap()
        } else {
            tally
        };
        assert_eq!((tally.steps, tally.samples), (6, SAMPLES as usize));
        sums.push(tally.sums());
    }
    sums.push(
        executor
            .evaluate(Set::Test, &order[3..], &mut |_| Flow::Continue)
            .unwrap(),
    );
    let outputs = executor.predict(split).unwrap();
    (executor.parameters().unwrap(), sums, outputs)
}

/// A new executor.
type Make<'a> = &'a dyn Fn() -> Box<dyn Executor>;

#[test]
fn what_lies_in_a_file_trains_as_what_is_in_memory() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    pictures(home);
    let description = session::examine_text(&home.join("m.cnn"), NET)
        .into_description()
        .unwrap();
    let loading = description.network.network().fit.loading.clone().unwrap();
    let read = |above: u64| {
        let keeping = Keeping {
            folder: Some(home.join("cache")),
            above,
            most: 1 << 30,
        };
        let places = Places {
            folder: home.join("cells"),
            base: home.to_owned(),
            keeping,
        };
        Arc::new(loading::read(&loading.train, &places, 0, &|_| {}).unwrap().split)
    };
    let (memory, file) = (read(u64::MAX), read(0));
    assert!(matches!(memory.pixels, Pixels::Floats(_)) && matches!(file.pixels, Pixels::Stored(_)));
    assert_eq!(memory.targets, file.targets);
    let plan = description.plan();
    let cpu = || -> Box<dyn Executor> { Box::new(CpuExecutor::new(Arc::clone(&plan), BATCH, BATCH, Some(2)).unwrap()) };
    let gpu = || -> Box<dyn Executor> {
        let adapter = adapters().into_iter().next().expect("a GPU, or Mesa's software Vulkan");
        Box::new(WgpuExecutor::new(adapter.open().unwrap(), Arc::clone(&plan), BATCH, BATCH).unwrap())
    };
    let devices: [(&str, Make<'_>); 2] = [("cpu", &cpu), ("gpu", &gpu)];
    for (device, make) in devices {
        let (weights, sums, outputs) = trained(make(), &plan, &memory);
        for window in [1, 2 * BATCH * 9 * 8 * 3 * 4, 1 << 20] {
            let streaming = Streaming::new(make(), BATCH, BATCH).with_windows_of(window);
            let (again, found, predicted) = trained(Box::new(streaming), &plan, &file);
            assert!(weights == again, "{device}, {window}: other weights");
            assert!(outputs == predicted, "{device}, {window}: other outputs");
            for (one, other) in sums.iter().zip(&found) {
                assert_eq!((one.steps, one.samples), (other.steps, other.samples));
                assert!(
                    (one.correct - other.correct).abs() < 1e-4,
                    "{device}: {one:?} {other:?}"
                );
                assert!(
                    (one.loss - other.loss).abs() <= 1e-6 * one.loss,
                    "{device}: {one:?} {other:?}"
                );
            }
        }
    }
    // An executor by itself refuses what it would have to read.
    let error = cpu().load(Set::Train, &file).unwrap_err().to_string();
    assert!(error.contains("samples in a file"), "{error}");
}
