//! What each target does with an input. Where there are several readers, the first byte says which; files lie in a folder
//! of the process's own, in memory where the system has a place for that.

mod limit;

use cnnc::import::Options;
use cnnc::session::{Description, examine_text};
use cnnc_compiler::check::check_file;
use cnnc_compiler::plan::memory::Sharing;
use cnnc_compiler::plan_of;
use cnnc_compiler::shape::Shape;
use cnnc_compiler::training::data::KnownData;
use cnnc_runtime::checkpoint;
use cnnc_runtime::data::fetch::{self, Form};
use cnnc_runtime::data::{self, Pixels, Reading, Split};
use cnnc_runtime::run_directory::RunDirectory;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tempfile::TempDir;

/// A description, down to its plan. What can be parsed is printed, and means the same when it is read again.
pub fn text(bytes: &[u8]) {
    limit::start();
    let Ok(source) = cnnc_grammar::decode("fuzz.cnn", bytes) else {
        return;
    };
    let Ok(tree) = cnnc_grammar::parse(&source) else {
        return;
    };
    let printed = cnnc_grammar::print(&tree);
    let again = cnnc_grammar::decode("fuzz.cnn", printed.as_bytes()).expect("what is printed is text");
    let again = cnnc_grammar::parse(&again).expect("what is printed can be parsed");
    assert_eq!(cnnc_grammar::print(&again), printed, "printing is stable");
    if let Ok((network, _)) = check_file(&tree) {
        let plan = plan_of(&network, Sharing::Shared);
        assert!(
            !plan.prediction.operations.is_empty(),
            "a checked network does something"
        );
    }
}

/// Arrays: `.npy`, `.npz`, IDX, CIFAR-10, tables of pixels; as data to train with and as inputs to predict from.
pub fn arrays(bytes: &[u8]) {
    limit::start();
    let Some((&which, bytes)) = bytes.split_first() else {
        return;
    };
    let folder = folder();
    match which % 5 {
        0 => {
            for shape in [Shape::flat(3), Shape::map(2, 3, 1)] {
                if let Ok(inputs) = data::load_inputs(&written(folder, "a.npy", bytes), &shape) {
                    assert_eq!(inputs.pixels.len(), inputs.count * shape.elements());
                }
            }
        }
        1 => whole(&written(folder, "a.npz", bytes)),
        2 => {
            // The two files in one: the first two bytes are the length of the pictures'.
            let Some((length, bytes)) = bytes.split_first_chunk::<2>() else {
                return;
            };
            let length = usize::from(u16::from_le_bytes(*length)).min(bytes.len());
            let (images, labels) = bytes.split_at(length);
            let folder = folder.join("idx");
            written(&folder, "train-images-idx3-ubyte", images);
            written(&folder, "train-labels-idx1-ubyte", labels);
            whole(&folder);
        }
        3 => {
            let folder = folder.join("cifar");
            for batch in 1..=5 {
                written(&folder, &format!("data_batch_{batch}.bin"), bytes);
            }
            whole(&folder);
        }
        _ => whole(&written(folder, "a.csv", bytes)),
    }
}

/// Pictures, read in both ways.
pub fn pictures(bytes: &[u8]) {
    limit::start();
    let path = written(folder(), "picture", bytes);
    for (shape, reading) in [
        (Shape::map(5, 4, 3), Reading::Keras),
        (Shape::map(4, 5, 1), Reading::Paper),
    ] {
        if let Ok(inputs) = data::load_inputs_as(&path, &shape, reading) {
            assert_eq!(inputs.pixels.len(), shape.elements());
        }
    }
}

/// Archives: a gzip file where an array is wanted, and CIFAR-10's archive.
pub fn archives(bytes: &[u8]) {
    limit::start();
    let Some((&which, bytes)) = bytes.split_first() else {
        return;
    };
    if which % 2 == 0 {
        if let Ok(inputs) = data::load_inputs(&written(folder(), "a.npy", bytes), &Shape::flat(3)) {
            assert_eq!(inputs.pixels.len(), inputs.count * 3);
        }
        return;
    }
    let mut set = fetch::published(KnownData::Cifar10);
    // Batches of one record each.
    set.form = Form::CifarArchive { batch_bytes: 3073 };
    let cache = folder().join("cache");
    let path = written(folder(), "cifar-10-binary.tar.gz", bytes);
    let _ = fetch::import(&set, &[path], &cache, &Quiet);
    let _ = fs::remove_dir_all(cache);
}

/// Nobody is told how an import goes.
struct Quiet;

impl fetch::Watch for Quiet {
    fn begin(&self, _: &str, _: u64, _: u64) {}
    fn source(&self, _: &str, _: &str) {}
    fn at(&self, _: &str, _: u64) {}
    fn end(&self, _: &str, _: bool) {}
    fn note(&self, _: &str) {}
}

/// What a run leaves and is resumed from: `run.yaml`, `history.csv`, weights.
pub fn records(bytes: &[u8]) {
    limit::start();
    let Some((&which, bytes)) = bytes.split_first() else {
        return;
    };
    let folder = folder();
    let run = RunDirectory::at(folder);
    match which % 3 {
        0 => {
            written(folder, "run.yaml", bytes);
            let _ = run.load_manifest();
        }
        1 => {
            written(folder, "history.csv", bytes);
            let _ = run.load_history();
        }
        _ => {
            let path = written(folder, "w.safetensors", bytes);
            for tensor in checkpoint::load(&path).into_iter().flatten().map(|(_, tensor)| tensor) {
                assert_eq!(tensor.values.len(), tensor.shape.iter().product::<usize>());
            }
        }
    }
}

/// What others made and `cnnc import` reads: scripts, notebooks, Keras's files, ONNX; and weights for a description.
pub fn imports(bytes: &[u8]) {
    limit::start();
    let Some((&which, bytes)) = bytes.split_first() else {
        return;
    };
    let folder = folder();
    let endings = ["py", "ipynb", "keras", "h5", "onnx", "weights.h5", "safetensors"];
    let ending = endings[usize::from(which) % endings.len()];
    let path = written(folder, &format!("m.{ending}"), bytes);
    if matches!(ending, "weights.h5" | "safetensors") {
        static DESCRIPTION: OnceLock<Description> = OnceLock::new();
        let description = DESCRIPTION.get_or_init(|| {
            let text =
                "model m {\n Input(shape=(6, 6, 1))\n Conv2D(2, 3)\n BatchNormalization()\n Flatten()\n Dense(3)\n}\n";
            examine_text(Path::new("m.cnn"), text)
                .into_description()
                .expect("a description")
        });
        let _ = cnnc::import::weights(&path, description);
        return;
    }
    let Ok(imported) = cnnc::import::import(&path, None, &Options::default()) else {
        return;
    };
    if let (true, Some(weights)) = (imported.is_accepted(), imported.weights) {
        for (_, shape, values) in weights {
            assert_eq!(values.len(), shape.iter().product::<usize>());
        }
    }
}

/// Reads a data set and looks at all of it.
fn whole(path: &Path) {
    let name = data::named(path.to_str().expect("a plain path"));
    let Ok(set) = data::load(&name, Path::new(""), None) else {
        return;
    };
    for split in [Some(&set.train), set.validation.as_ref(), set.test.as_ref()]
        .into_iter()
        .flatten()
    {
        let Split {
            shape,
            pixels,
            labels,
            targets,
        } = split;
        assert_eq!(pixels.len(), labels.len() * shape.elements());
        match targets {
            Some(targets) => assert_eq!(targets.values.len(), labels.len() * targets.shape.elements()),
            None => assert!(labels.iter().all(|&label| (label as usize) < set.classes)),
        }
        if let Pixels::Floats(floats) = pixels {
            assert!(floats.iter().all(|value| value.is_finite()));
        }
    }
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    if fs::write(&path, bytes).is_err() {
        fs::create_dir_all(folder).expect("a folder");
        fs::write(&path, bytes).expect("a file");
    }
    path
}

/// A folder of this process's own. libFuzzer ends the process without unwinding: run.sh removes it.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let made = FOLDER.get_or_init(|| {
        let memory = Path::new("/dev/shm");
        let mut builder = tempfile::Builder::new();
        builder.prefix("cnnc-fuzz.");
        if memory.is_dir() {
            builder.tempdir_in(memory)
        } else {
            builder.tempdir()
        }
        .expect("a temporary folder")
    });
    made.path()
}
