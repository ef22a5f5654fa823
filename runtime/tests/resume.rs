//! Runs that are stopped after any step, written, read by a new executor and gone on with: every bit is that of a run that
//! was never stopped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::float_cmp)]

mod support;

use cnnc_runtime::callbacks::{Before, Board};
use cnnc_runtime::data::Split;
use cnnc_runtime::error::Result;
use cnnc_runtime::executor::cpu::CpuExecutor;
use cnnc_runtime::executor::wgpu::{WgpuExecutor, adapters};
use cnnc_runtime::executor::{Executor, Flow, Set, Sums, Tally};
use cnnc_runtime::run_directory::{History, Identity, Manifest, OpenRun, Standing, State};
use cnnc_runtime::train::{End, Job, Observer, fit, initial_parameters, steps};
use compiler::network::CheckedNetwork;
use compiler::plan::Plan;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use support::networks::Case;
use support::{Draw, compare};

const TEXT: &str = r#"
model small {
    Input(shape=(6, 6, 1))
    RandomRotation(0.1)
    RandomErasing(value_range=(0, 1))
    Conv2D(4, 3, activation="relu", kernel_regularizer="l2")
    GaussianNoise(0.1)
    Dropout(0.25)
    Flatten()
    Dense(4)
}
compile(optimizer="adam", loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(epochs=3, batch_size=10, seed=5, validation_freq=2)
"#;

/// Seven steps an epoch, the last of four samples.
const SAMPLES: usize = 64;

struct Subject {
    network: CheckedNetwork,
    plan: Arc<Plan>,
    train: Arc<Split>,
    test: Arc<Split>,
}

fn subject() -> Subject {
    subject_of(TEXT)
}

fn subject_of(text: &str) -> Subject {
    let source = grammar::decode("test.cnn", text.as_bytes()).unwrap();
    let (network, _) = compiler::check::check_file(&grammar::parse(&source).unwrap()).unwrap();
    let plan = compiler::plan_of(&network, compiler::plan::memory::Sharing::Shared);
    let case = Case {
        name: "small".to_owned(),
        plan: plan.clone(),
        batches: &[],
        ties: false,
    };
    let mut draw = Draw::new(3);
    Subject {
        network,
        train: Arc::new(compare::data(&case, SAMPLES, &mut draw)),
        test: Arc::new(compare::data(&case, 30, &mut draw)),
        plan: Arc::new(plan),
    }
}

fn cpu(plan: &Arc<Plan>) -> Box<dyn Executor> {
    Box::new(CpuExecutor::new(Arc::clone(plan), 10, 10, Some(2)).unwrap())
}

fn gpu(plan: &Arc<Plan>) -> Box<dyn Executor> {
    let adapter = adapters().into_iter().next().expect("a GPU, or Mesa's software Vulkan");
    Box::new(WgpuExecutor::new(adapter.open().unwrap(), Arc::clone(plan), 10, 10).unwrap())
}

/// Is interrupted after so many questions, keeps after every `every` of them, and remembers what it kept.
struct Watcher<'a> {
    subject: &'a Subject,
    questions: usize,
    patience: usize,
    every: usize,
    run: &'a mut OpenRun,
    manifest: &'a mut Manifest,
    kept: Option<State<'static>>,
}

impl Observer for Watcher<'_> {
    fn begin_epoch(&mut self, _: usize, _: usize, n_steps: usize) {
        let most = self.subject.network.network().fit.steps_per_epoch.unwrap_or(usize::MAX);
        assert!(n_steps == SAMPLES.div_ceil(10).min(most) || n_steps == SAMPLES.div_ceil(10) % most);
    }

    fn progress(&mut self, _: &Sums) {}

    fn is_interrupted(&mut self) -> bool {
        self.questions += 1;
        self.questions > self.patience
    }

    fn is_due(&mut self) -> bool {
        self.questions.is_multiple_of(self.every)
    }

    fn end_epoch(&mut self, history: &History, _: Duration) {
        assert!(!history.epochs.is_empty());
    }

    fn checkpoint(&mut self, _: &mut dyn Executor, _: &str) -> Result<()> {
        Ok(())
    }

    fn table(&mut self, _: &History, _: &str, _: char) -> Result<()> {
        Ok(())
    }

    fn board(&mut self, _: &History, _: &Board) -> Result<()> {
        Ok(())
    }

    fn keep(&mut self, executor: &mut dyn Executor, standing: &Standing, last: bool) -> Result<()> {
        let state = State::of(executor, standing, 0.0)?;
        self.run.commit(&self.subject.plan, &state, self.manifest, last)?;
        self.kept = Some(state.into_owned());
        Ok(())
    }
}

fn manifest(subject: &Subject) -> Manifest {
    let yaml = "cnnc: 0.1.0\nmodel: small\ndata: drawn\ndata_origin: drawn\ndata_sha256: ab\nseed: 5\nbatch_size: 10\nepochs: 0\n\
                device: any\ndriver: null\nwall_seconds: 0.0\nweights_sha256: ''\ndescription: small\n";
    let mut manifest = Manifest::read("run.yaml", yaml).unwrap();
    let identity = Identity::of(&subject.network, &[subject.network.network().fit.clone()]).unwrap();
    manifest.description_sha256 = Some(identity.sha256());
    manifest
}

/// Goes on with the run in the folder, or begins it; says how it ended and what was kept last.
fn part(
    subject: &Subject,
    make: fn(&Arc<Plan>) -> Box<dyn Executor>,
    folder: &Path,
    patience: usize,
    every: usize,
) -> (End, State<'static>) {
    let mut run = OpenRun::create(folder).unwrap();
    let mut executor = make(&subject.plan);
    executor.load(Set::Train, &subject.train).unwrap();
    executor.load(Set::Test, &subject.test).unwrap();
    let settings = &subject.network.network().fit;
    let (mut manifest, resumed) = if run.directory().has_run() {
        let manifest = run.directory().load_manifest().unwrap();
        let state = run.resume(&subject.plan, &manifest).unwrap();
        state.give_to(executor.as_mut()).unwrap();
        (manifest, Some(state))
    } else {
        executor
            .set_parameters(&initial_parameters(&subject.plan, settings.seed))
            .unwrap();
        (manifest(subject), None)
    };
    let mut watcher = Watcher {
        subject,
        questions: 0,
        patience,
        every,
        run: &mut run,
        manifest: &mut manifest,
        kept: resumed.clone(),
    };
    let job = Job {
        plan: &subject.plan,
        compile: subject.network.network().compile.as_ref().unwrap(),
        fit: settings,
        train_samples: SAMPLES,
        validation_samples: Some(30),
        before: Before::default(),
        resumed: resumed.map(|state| state.standing.into_owned()),
    };
    let (standing, end) = fit(executor.as_mut(), job, &mut watcher).unwrap();
    let kept = watcher.kept.unwrap();
    assert_eq!(*kept.standing, standing);
    (end, kept)
}

fn any_stop_is_gone_on_from(make: fn(&Arc<Plan>) -> Box<dyn Executor>, patiences: &[usize]) {
    any_stop_of_it_is_gone_on_from(&subject(), make, patiences);
}

fn any_stop_of_it_is_gone_on_from(subject: &Subject, make: fn(&Arc<Plan>) -> Box<dyn Executor>, patiences: &[usize]) {
    let folder = tempfile::tempdir().unwrap();
    let (end, whole) = part(subject, make, &folder.path().join("whole"), usize::MAX, usize::MAX);
    assert_eq!(end, End::Done);
    assert_eq!(whole.standing.history.epochs.len(), 3);
    assert!(whole.standing.history.epochs[1].metrics.contains_key("val_loss"));
    for &patience in patiences {
        for every in [usize::MAX, 3] {
            let path = folder.path().join(format!("{patience}-{every}"));
            let (mut parts, mut end) = (0, End::Stopped);
            let mut last = None;
            while end == End::Stopped {
                let (ended, state) = part(subject, make, &path, patience, every);
                (end, last) = (ended, Some(state));
                parts += 1;
                assert!(parts < 200, "nothing is done any more");
            }
            assert!(parts > 1, "{patience}");
            assert!(
                last.as_ref() == Some(&whole),
                "{patience} questions a part, kept after {every}"
            );
            // One more part does nothing more.
            assert_eq!(
                part(subject, make, &path, usize::MAX, every),
                (End::Done, whole.clone())
            );
        }
    }
}

#[test]
fn any_stop_is_gone_on_from_on_the_cpu() {
    // Validation is not cut: a part must have questions enough for all of it.
    any_stop_is_gone_on_from(cpu, &[7, 8, 9, 10, 11, 16, 23]);
}

/// Epochs that go on where the last one ended: of the seven steps of a pass three, three and one.
#[test]
fn any_stop_within_a_pass_is_gone_on_from() {
    let text = TEXT.replace(
        "validation_freq=2",
        "validation_freq=2, steps_per_epoch=3, validation_steps=2",
    );
    let subject = subject_of(&text);
    any_stop_of_it_is_gone_on_from(&subject, cpu, &[5, 6, 7, 9]);
}

#[test]
fn any_stop_is_gone_on_from_on_a_gpu() {
    any_stop_is_gone_on_from(gpu, &[3, 5, 8]);
}

/// Sums of an epoch in two parts, and what watchers hear of the second.
#[test]
fn an_epoch_in_two_parts_adds_up_to_the_same_bits() {
    let subject = subject();
    let optimizer = subject.plan.optimizer.clone().unwrap();
    let settings = &subject.network.network().fit;
    let order: Vec<u32> = (0..SAMPLES as u32).rev().collect();
    let records = steps(&optimizer, settings, 0, 0, SAMPLES);
    let mut ends = Vec::new();
    for make in [cpu as fn(&Arc<Plan>) -> Box<dyn Executor>, gpu] {
        let new = || {
            let mut executor = make(&subject.plan);
            executor.load(Set::Train, &subject.train).unwrap();
            executor.set_parameters(&initial_parameters(&subject.plan, 5)).unwrap();
            executor
        };
        let go_on = &mut |_: &Sums| Flow::Continue;
        let whole = new().train_from(&Tally::default(), &order, &records, go_on).unwrap();
        assert_eq!((whole.steps, whole.samples), (7, SAMPLES));
        for cut in 1..7 {
            let mut executor = new();
            let before = executor
                .train_from(&Tally::default(), &order[..cut * 10], &records[..cut], go_on)
                .unwrap();
            let mut heard = Sums::default();
            let after = executor
                .train_from(&before, &order[cut * 10..], &records[cut..], &mut |sums| {
                    assert!(sums.steps > cut);
                    heard = sums.clone();
                    Flow::Continue
                })
                .unwrap();
            assert_eq!(after, whole);
            assert_eq!(heard, whole.sums());
        }
        ends.push(whole);
    }
}
