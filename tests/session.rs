//! The library alone, as a front end uses it: nothing here runs the program or reads what it prints.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail")]

use cnnc::compiler::shape::Shape;
use cnnc::runtime::data::{Dataset, Pixels, Split, Targets};
use cnnc::runtime::run_directory::{REPORT, RunDirectory};
use cnnc::runtime::train::End;
use cnnc::session::predict::Predictor;
use cnnc::session::samples::{in_memory, load};
use cnnc::session::{
    Data, Description, Error, Interrupt, Listener, Notice, Observer, Options, Overrides, evaluate, examine_text,
    prepare,
};
use std::path::Path;
use std::sync::Mutex;

/// Images of 6 x 6 whose class says which of their corners is bright.
const CORNERS: &str = "model corners {
    Input(shape=(6, 6, 1))
    Conv2D(4, 3, activation='relu')
    Flatten()
    Dense(4)
}
compile(optimizer=Adam(0.01), loss=SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])
fit(batch_size=8, epochs=12)
";

fn corners() -> Description {
    examine_text(Path::new("corners.cnn"), CORNERS)
        .into_description()
        .unwrap()
}

/// `count` images, a little noise in each.
fn images(count: usize) -> Split {
    let mut pixels = vec![0_u8; count * 36];
    let mut labels = Vec::new();
    for (index, image) in pixels.chunks_mut(36).enumerate() {
        let class = index % 4;
        let (row, column) = (class / 2 * 3, class % 2 * 3);
        for (at, pixel) in image.iter_mut().enumerate() {
            let inside = (row..row + 3).contains(&(at / 6)) && (column..column + 3).contains(&(at % 6));
            *pixel = if inside { 200 } else { 0 } + ((at * 7 + index * 13) % 40) as u8;
        }
        labels.push(class as u32);
    }
    Split {
        shape: Shape::map(6, 6, 1),
        pixels: Pixels::Bytes(pixels),
        labels,
        targets: None,
    }
}

fn data() -> Dataset {
    in_memory("corners", images(96), Some(images(32))).unwrap()
}

fn options() -> Options {
    Options {
        data: Data::Loaded(Box::new(data())),
        device: "cpu".to_owned(),
        ..Options::default()
    }
}

/// Writes down what it hears.
#[derive(Default)]
struct Heard {
    notices: Mutex<Vec<Notice>>,
    begun: Vec<(usize, usize, usize)>,
    steps: usize,
    ended: Vec<Vec<(String, f64)>>,
    interrupt: Option<Interrupt>,
}

impl Listener for Heard {
    fn notice(&self, notice: &Notice) {
        self.notices.lock().unwrap().push(notice.clone());
    }
}

impl Observer for Heard {
    fn begin_epoch(&mut self, epoch: usize, n_epochs: usize, n_steps: usize) {
        self.begun.push((epoch, n_epochs, n_steps));
    }

    fn progress(&mut self, steps: usize, metrics: &[(String, f64)]) {
        self.steps = self.steps.max(steps);
        let names: Vec<&str> = metrics.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["accuracy", "loss"]);
    }

    fn end_epoch(&mut self, metrics: &[(String, f64)]) {
        self.ended.push(metrics.to_vec());
        if let Some(interrupt) = &self.interrupt {
            interrupt.raise();
        }
    }
}

#[test]
fn a_good_text_has_a_network_and_a_summary() {
    let examined = examine_text(Path::new("corners.cnn"), CORNERS);
    assert!(
        !examined.failed() && examined.tree.is_some(),
        "{:?}",
        examined.diagnostics
    );
    let summary = examined.summary().unwrap();
    // 3 x 3 x 1 x 4 + 4, and 4 x 4 x 4 x 4 + 4.
    assert_eq!((summary.total_params, summary.layers.len()), (40 + 260, 3));
    let description = examined.into_description().unwrap();
    assert_eq!(description.network.input_shape(), &Shape::map(6, 6, 1));
    assert!(description.warnings.is_empty());
}

#[test]
fn a_bad_text_has_diagnostics_and_what_is_sound_of_it() {
    let text = CORNERS.replace("Flatten()", "Flaten()");
    let examined = examine_text(Path::new("bad.cnn"), &text);
    assert!(examined.failed());
    assert_eq!(examined.source.text, text);
    let Err(Error::Description(rejection)) = examined.into_description() else {
        panic!("it was taken");
    };
    let first = rejection.diagnostics.first().unwrap();
    assert_eq!(first.code, "E0101");
    let span = first.labels.first().unwrap().span;
    assert_eq!(text.get(span.start as usize..span.end as usize), Some("Flaten"));
    let line = Error::Description(rejection).to_string();
    assert!(line.starts_with("bad.cnn:4:5: error[E0101]: "), "{line}");
}

#[test]
fn a_network_is_trained_in_memory_and_judged() {
    let description = corners();
    let mut heard = Heard::default();
    let prepared = prepare(&description, options(), &heard).unwrap();
    let notices = std::mem::take(&mut *heard.notices.lock().unwrap());
    assert!(
        matches!(notices.as_slice(), [Notice::Device(device), Notice::Data(data)]
            if device.starts_with("device: ") && data == "data: corners, 96 + 32 samples in memory"),
        "{notices:?}"
    );
    let mut trained = prepared.train(&mut heard, &Interrupt::new()).unwrap();
    assert_eq!(trained.end, End::Done);
    assert_eq!(heard.begun.len(), 12);
    assert_eq!(heard.begun.first(), Some(&(0, 12, 12)));
    let names: Vec<&str> = heard
        .ended
        .last()
        .unwrap()
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["accuracy", "loss", "val_accuracy", "val_loss"]);
    let judged = trained.judge().unwrap();
    assert_eq!((judged.which, judged.answers.len()), ("test", 32));
    assert_eq!(judged.wrong(), 0, "{:?}", trained.history);
    let confusion = judged.confusion().unwrap();
    assert_eq!((confusion.classes(), confusion.right()), (4, 32));
    let weights = trained.weights().unwrap();
    let names: Vec<&str> = weights.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["conv2d.kernel", "conv2d.bias", "dense.kernel", "dense.bias"]);
}

#[test]
fn the_interrupt_ends_a_run_that_can_be_resumed_and_judged() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let description = corners();
    let options = || Options {
        directory: Some(run.clone()),
        ..options()
    };
    let interrupt = Interrupt::new();
    let mut heard = Heard {
        interrupt: Some(interrupt.clone()),
        ..Heard::default()
    };
    let trained = prepare(&description, options(), &())
        .unwrap()
        .train(&mut heard, &interrupt)
        .unwrap();
    assert_eq!(trained.end, End::Stopped);
    // Raised at the end of the first epoch, it is heard within the second.
    assert!((1..=2).contains(&trained.history.epochs.len()), "{:?}", trained.history);
    assert!(!run.join(REPORT).exists(), "a report is the front end's to ask for");
    let whole = trained.history.epochs.len();
    // It holds the directory's lock.
    drop(trained);

    let resumed = Options {
        resume: true,
        overrides: Overrides {
            epochs: Some(whole + 2),
            ..Overrides::default()
        },
        ..options()
    };
    let trained = prepare(&description, resumed, &())
        .unwrap()
        .train(&mut (), &Interrupt::new())
        .unwrap();
    assert_eq!((trained.end, trained.history.epochs.len()), (End::Done, whole + 2));
    let manifest = RunDirectory::at(&run).load_manifest().unwrap();
    assert_eq!((manifest.epochs, manifest.data.as_str()), (whole + 2, "corners"));

    let weights = run.join("weights.safetensors");
    let loaded = Data::Loaded(Box::new(data()));
    let evaluation = evaluate(&description, &weights, loaded, "cpu", None, &()).unwrap();
    assert_eq!((evaluation.which, evaluation.samples), ("test", 32));
    let last = trained.history.epochs.last().unwrap();
    let loss = |metrics: &std::collections::BTreeMap<String, f64>, name: &str| metrics.get(name).copied().unwrap();
    let (found, then) = (loss(&evaluation.metrics, "loss"), loss(&last.metrics, "val_loss"));
    assert!((found - then).abs() < 1e-9, "{found} {then}");

    let mut predictor = Predictor::open(&description, &weights, "cpu", &()).unwrap();
    let outputs = predictor.outputs(images(4).pixels, 4).unwrap();
    assert_eq!(outputs.len(), 16);
    let row = outputs.get(..4).unwrap();
    assert!((predictor.probabilities(row).iter().sum::<f32>() - 1.0).abs() < 1e-5);
}

/// An interrupt ends its own run alone, and a run gives the same bits beside another.
#[test]
fn two_runs_beside_each_other_do_not_meet() {
    let description = corners();
    let train = |seed: u64, interrupt: Interrupt| {
        let options = Options {
            overrides: Overrides {
                seed: Some(seed),
                epochs: Some(2),
                ..Overrides::default()
            },
            ..options()
        };
        let mut trained = prepare(&description, options, &())
            .unwrap()
            .train(&mut (), &interrupt)
            .unwrap();
        (trained.end, trained.weights().unwrap())
    };
    let stopped = Interrupt::new();
    assert!(!stopped.raise() && stopped.raise());
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(|| train(1, Interrupt::new()));
        let other = scope.spawn(|| train(2, stopped));
        (one.join().unwrap(), other.join().unwrap())
    });
    assert_eq!((one.0, other.0), (End::Done, End::Stopped));
    assert_eq!(one.1, train(1, Interrupt::new()).1);
}

#[test]
fn what_does_not_fit_is_refused_before_training() {
    let description = corners();
    let refused = |options: Options| {
        let error = prepare(&description, options, &()).err().expect("it was taken");
        (error.to_string(), error.help())
    };
    let with = |data: Data| Options { data, ..options() };
    let (message, help) = refused(with(Data::Described));
    assert!(message.starts_with("corners.cnn:1:7: error[E0506]: "), "{message}");
    assert_eq!(help, None);
    let mut wide = data();
    wide.train.shape = Shape::map(6, 6, 2);
    let (message, _) = refused(with(Data::Loaded(Box::new(wide))));
    assert!(
        message.contains("96 labels and 3456 values, which are not 96 samples of 6x6x2"),
        "{message}"
    );
    let mut tall = data();
    tall.test.as_mut().unwrap().shape = Shape::map(12, 3, 1);
    let (message, _) = refused(with(Data::Loaded(Box::new(tall))));
    assert!(
        message.contains("the test samples are 12x3x1, those to train on are 6x6x1"),
        "{message}"
    );
    let mut many = images(8);
    many.labels = vec![7; 8];
    let many = in_memory("many", many, None).unwrap();
    let (message, _) = refused(with(Data::Loaded(Box::new(many.clone()))));
    assert!(message.contains("error[E0504]"), "{message}");
    // Neither do they fit where there is no loss that compares them.
    let bare: String = CORNERS.lines().take(6).map(|line| format!("{line}\n")).collect();
    let bare = examine_text(Path::new("bare.cnn"), &bare).into_description().unwrap();
    let refused_bare = load(&bare, Data::Loaded(Box::new(many)), 0, &()).unwrap_err();
    assert!(refused_bare.to_string().contains("error[E0504]"), "{refused_bare}");
    let (message, help) = refused(Options {
        directory: Some("no/such/run".into()),
        resume: true,
        ..options()
    });
    assert_eq!(message, "there is no run to resume in no/such/run");
    assert_eq!(help.as_deref(), Some("start it without --resume"));
    let (message, _) = refused(Options {
        overrides: Overrides {
            batch_size: Some(0),
            ..Overrides::default()
        },
        ..options()
    });
    assert!(message.starts_with("batch_size=0 is not from 1 to "), "{message}");
    let (message, help) = refused(Options {
        device: "no such device".to_owned(),
        ..options()
    });
    assert!(message.contains("no such device") && help.is_some(), "{message}");
    let mut short = images(4);
    short.labels.pop();
    let error = in_memory("short", short, None).unwrap_err().to_string();
    assert!(error.contains("3 labels and 144 values"), "{error}");
    let mut short = images(4);
    let shape = Shape::flat(2);
    short.targets = Some(Targets {
        shape: shape.clone(),
        values: vec![0.5; 7],
    });
    let error = in_memory("short", short.clone(), None).unwrap_err().to_string();
    assert!(
        error.contains("4 samples and 7 target values, which are not 4 targets of 2"),
        "{error}"
    );
    short.targets = Some(Targets {
        shape,
        values: vec![0.5; 8],
    });
    let error = in_memory("mixed", short, Some(images(4))).unwrap_err().to_string();
    assert!(
        error.contains("the test samples have classes, those to train on have targets of 2"),
        "{error}"
    );
}

/// Weights that stay are judged and asked with normalizations folded into what is before them: the same but for roundings, what
/// weights add to the loss included.
#[test]
fn folded_normalizations_change_no_answer() {
    let text = CORNERS
        .replace(
            "Conv2D(4, 3, activation='relu')",
            "Conv2D(4, 3, kernel_regularizer='l2')\n    BatchNormalization(momentum=0.8)\n    ReLU()",
        )
        .replace(
            "Dense(4)",
            "Dense(6, use_bias=False)\n    BatchNormalization(momentum=0.8)\n    Dense(4)",
        );
    let description = examine_text(Path::new("corners.cnn"), &text)
        .into_description()
        .unwrap();
    assert_eq!(description.plan_to_infer().folded.len(), 2);
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let options = Options {
        directory: Some(run.clone()),
        ..options()
    };
    let trained = prepare(&description, options, &())
        .unwrap()
        .train(&mut (), &Interrupt::new())
        .unwrap();
    let last = trained.history.epochs.last().unwrap().metrics.clone();
    drop(trained);
    let weights = run.join("weights.safetensors");
    let found = evaluate(&description, &weights, Data::Loaded(Box::new(data())), "cpu", None, &()).unwrap();
    for (judged, then) in [("loss", "val_loss"), ("accuracy", "val_accuracy")] {
        let (judged, then) = (found.metrics.get(judged).unwrap(), last.get(then).unwrap());
        assert!((judged - then).abs() < 1e-5, "{judged} {then}");
    }
}
