//! What a run leaves behind: `weights.safetensors`, `history.csv`, `run.yaml`. Each is written beside and renamed, so
//! that a killed run leaves the last whole ones.

use crate::checkpoint::{self, NamedTensor, Tensor};
use crate::error::{Result, RuntimeError};
use crate::files;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The file of the variables.
pub const WEIGHTS: &str = "weights.safetensors";
/// The file of the optimizer's state, for `--resume`.
pub const OPTIMIZER: &str = "optimizer.safetensors";
/// The file of the metrics, a line an epoch.
pub const HISTORY: &str = "history.csv";
/// The file that says what was run, on what, with what.
pub const MANIFEST: &str = "run.yaml";

/// The file that shows all of it: one page that a browser opens.
pub const REPORT: &str = "report.html";

/// A folder that can be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDirectory {
    path: PathBuf,
}

/// Everything that it takes to run a run again, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this program.
    pub cnnc: String,
    /// The network's name.
    pub model: String,
    /// The data set's name or path.
    pub data: String,
    /// Where it lies, if it was named by a path: an absolute one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_path: Option<String>,
    /// Where its copy came from, in a line.
    pub data_origin: String,
    /// The sha256 of its shapes, pixels and labels.
    pub data_sha256: String,
    /// Where all randomness started.
    pub seed: u64,
    /// Samples a step.
    pub batch_size: usize,
    /// How many epochs `history.csv` has.
    pub epochs: usize,
    /// What it ran on.
    pub device: String,
    /// That device's driver; none for the CPU.
    pub driver: Option<String>,
    /// How long training took, in seconds, over all resumed parts.
    pub wall_seconds: f64,
    /// The sha256 of `weights.safetensors`.
    pub weights_sha256: String,
    /// The description, as it was given.
    pub description: String,
}

/// The metrics of every epoch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// In order.
    pub epochs: Vec<Epoch>,
}

/// The metrics of an epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct Epoch {
    /// Its number, from 0.
    pub epoch: usize,
    /// By name, `val_` before those of validation; an epoch without validation has none of these.
    pub metrics: BTreeMap<String, f64>,
}

impl RunDirectory {
    /// Makes the folder and those above it, where they are not there yet, and sees that files can be made in it:
    /// better now than after an hour's training.
    ///
    /// # Errors
    /// When the folder cannot be made or written to.
    pub fn create(path: &Path) -> Result<Self> {
        let refused = |cause| RuntimeError::file("create the folder", path, cause);
        if path.exists() && !path.is_dir() {
            return Err(refused(io::Error::from(io::ErrorKind::NotADirectory)));
        }
        fs::create_dir_all(path).map_err(refused)?;
        tempfile::tempfile_in(path).map_err(|cause| RuntimeError::file("write to the folder", path, cause))?;
        Ok(Self { path: path.to_owned() })
    }

    /// The folder of a run that is over; that one is there shows when its files are read.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether an earlier run is in the folder.
    pub fn has_run(&self) -> bool {
        self.path.join(MANIFEST).exists()
    }

    /// Writes the variables and returns the file's sha256 in hex.
    ///
    /// # Errors
    /// As [`checkpoint::save`].
    pub fn save_weights(&self, tensors: &[NamedTensor], metadata: &BTreeMap<String, String>) -> Result<String> {
        checkpoint::save(&self.path.join(WEIGHTS), tensors, metadata)
    }

    /// Reads the variables.
    ///
    /// # Errors
    /// As [`checkpoint::load`].
    pub fn load_weights(&self) -> Result<BTreeMap<String, Tensor>> {
        checkpoint::load(&self.path.join(WEIGHTS))
    }

    /// Writes the optimizer's state and returns the file's sha256 in hex.
    ///
    /// # Errors
    /// As [`checkpoint::save`].
    pub fn save_optimizer(&self, tensors: &[NamedTensor], metadata: &BTreeMap<String, String>) -> Result<String> {
        checkpoint::save(&self.path.join(OPTIMIZER), tensors, metadata)
    }

    /// Reads the optimizer's state.
    ///
    /// # Errors
    /// As [`checkpoint::load`].
    pub fn load_optimizer(&self) -> Result<BTreeMap<String, Tensor>> {
        checkpoint::load(&self.path.join(OPTIMIZER))
    }

    /// Writes `history.csv`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save_history(&self, history: &History) -> Result<()> {
        files::write_atomically(&self.path.join(HISTORY), |out| history.write(out))
    }

    /// Reads `history.csv`.
    ///
    /// # Errors
    /// When it cannot be read or is not as this program and Keras write it.
    pub fn load_history(&self) -> Result<History> {
        let path = self.path.join(HISTORY);
        let bytes = fs::read(&path).map_err(|cause| RuntimeError::file("read", &path, cause))?;
        History::read(&path.display().to_string(), &bytes)
    }

    /// Writes `run.yaml`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save_manifest(&self, manifest: &Manifest) -> Result<()> {
        files::write_atomically(&self.path.join(MANIFEST), |out| {
            let text = serde_yaml::to_string(manifest).map_err(io::Error::other)?;
            out.write_all(text.as_bytes())
        })
    }

    /// Reads `run.yaml`.
    ///
    /// # Errors
    /// When it cannot be read or lacks a key.
    pub fn load_manifest(&self) -> Result<Manifest> {
        let path = self.path.join(MANIFEST);
        let text = fs::read_to_string(&path).map_err(|cause| RuntimeError::file("read", &path, cause))?;
        serde_yaml::from_str(&text).map_err(|error| {
            RuntimeError::mismatch(
                path.display().to_string(),
                "the manifest of a run",
                format!("\"{error}\""),
            )
        })
    }
}

impl History {
    /// Writes what Keras's `CSVLogger` writes (`keras/src/callbacks/csv_logger.py`): a column for each metric of the
    /// first epoch, sorted; where that one has no validation, `val_` columns after them; `NA` for what an epoch
    /// lacks; Python's shortest digits; lines that end in CR LF. Metrics that the first epoch lacks have a column
    /// after those, where Keras raises an error.
    pub(crate) fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let mut columns: Vec<String> = self
            .epochs
            .first()
            .into_iter()
            .flat_map(|row| row.metrics.keys().cloned())
            .collect();
        if !columns.iter().any(|column| column.starts_with("val_")) {
            let validation: Vec<String> = columns.iter().map(|column| format!("val_{column}")).collect();
            columns.extend(validation);
        }
        for name in self.epochs.iter().flat_map(|row| row.metrics.keys()) {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        csv.write_record(std::iter::once("epoch").chain(columns.iter().map(String::as_str)))?;
        for row in &self.epochs {
            let values = columns.iter().map(|name| {
                row.metrics
                    .get(name)
                    .map_or_else(|| "NA".to_owned(), |&value| python(value))
            });
            csv.write_record(std::iter::once(row.epoch.to_string()).chain(values))?;
        }
        csv.flush()
    }

    /// Reads what `write` wrote; messages call it `file`.
    pub(crate) fn read(file: &str, bytes: &[u8]) -> Result<Self> {
        let broken = |error: csv::Error| {
            let offset = error.position().map_or(0, csv::Position::byte);
            RuntimeError::malformed(file, offset, "comma-separated values", format!("\"{error}\""))
        };
        let mut csv = csv::Reader::from_reader(bytes);
        let columns = csv.headers().map_err(broken)?.clone();
        if columns.get(0) != Some("epoch") {
            let found = format!("\"{}\"", columns.get(0).unwrap_or_default());
            return Err(RuntimeError::malformed(file, 0, "the column \"epoch\"", found));
        }
        let mut history = Self::default();
        for record in csv.records() {
            let record = record.map_err(broken)?;
            let offset = record.position().map_or(0, csv::Position::byte);
            let wrong =
                |expected: &str, found: &str| RuntimeError::malformed(file, offset, expected, format!("\"{found}\""));
            let mut fields = record.iter();
            let epoch = fields.next().unwrap_or_default();
            let epoch = epoch.parse().map_err(|_| wrong("an epoch's number", epoch))?;
            let mut metrics = BTreeMap::new();
            for (name, field) in columns.iter().skip(1).zip(fields).filter(|(_, field)| *field != "NA") {
                metrics.insert(
                    name.to_owned(),
                    field
                        .parse()
                        .map_err(|_| wrong(&format!("a number or NA for {name}"), field))?,
                );
            }
            history.epochs.push(Epoch { epoch, metrics });
        }
        Ok(history)
    }
}

/// A number as Python's `repr` writes it: the fewest digits that give it back, an exponent below 1e-4 and from 1e16 on.
pub fn python(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-inf" } else { "inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..16).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        // Rust's own plain form has the same digits, and `.0` with `:?` below 1e16.
        Ok(_) | Err(_) if value.fract() == 0.0 => format!("{value:.1}"),
        Ok(_) | Err(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn epoch(epoch: usize, metrics: &[(&str, f64)]) -> Epoch {
        Epoch {
            epoch,
            metrics: metrics.iter().map(|&(name, value)| (name.to_owned(), value)).collect(),
        }
    }

    fn text(history: &History) -> String {
        let mut bytes = Vec::new();
        history.write(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// The expected text is what Keras 3.15's `CSVLogger` wrote for these two epochs.
    #[test]
    fn history_is_keras_own_file() {
        let history = History {
            epochs: vec![
                epoch(0, &[("loss", 0.9375), ("accuracy", 1e-5)]),
                epoch(
                    1,
                    &[
                        ("loss", f64::NAN),
                        ("accuracy", 1.0),
                        ("val_loss", 2e16),
                        ("val_accuracy", 0.1),
                    ],
                ),
            ],
        };
        let expected = "epoch,accuracy,loss,val_accuracy,val_loss\r\n0,1e-05,0.9375,NA,NA\r\n1,1.0,nan,0.1,2e+16\r\n";
        assert_eq!(text(&history), expected);
        let read = History::read("h.csv", expected.as_bytes()).unwrap();
        assert_eq!(text(&read), expected);
        assert_eq!(read.epochs[0], history.epochs[0]);
    }

    #[test]
    fn a_run_that_validates_has_its_columns_sorted() {
        let metrics = [("val_loss", 0.25), ("loss", 0.5), ("acc", 0.75), ("val_acc", 1.0)];
        let history = History {
            epochs: vec![epoch(3, &metrics)],
        };
        assert_eq!(
            text(&history),
            "epoch,acc,loss,val_acc,val_loss\r\n3,0.75,0.5,1.0,0.25\r\n"
        );
        assert_eq!(text(&History::default()), "epoch\r\n");
        let late = History {
            epochs: vec![epoch(0, &[("loss", 1.0)]), epoch(1, &[("loss", 2.0), ("new", 3.0)])],
        };
        assert_eq!(
            text(&late),
            "epoch,loss,val_loss,new\r\n0,1.0,NA,NA\r\n1,2.0,NA,3.0\r\n"
        );
    }

    #[test]
    fn numbers_are_pythons() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (0.000_099, "9.9e-05"),
            (1.5e-10, "1.5e-10"),
            (-2.5e-300, "-2.5e-300"),
            (123_456.789, "123456.789"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (1.25e100, "1.25e+100"),
            (f64::from(0.1_f32), "0.10000000149011612"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ];
        for (value, expected) in cases {
            assert_eq!(python(value), expected);
        }
    }

    #[test]
    fn a_broken_history_names_its_byte() {
        let read = |text: &str| History::read("h.csv", text.as_bytes()).unwrap_err().to_string();
        assert_eq!(
            read("time,loss\n"),
            "h.csv: byte 0: expected the column \"epoch\", found \"time\""
        );
        assert_eq!(
            read("epoch,loss\n0,x\n"),
            "h.csv: byte 11: expected a number or NA for loss, found \"x\""
        );
        assert_eq!(
            read("epoch,loss\n-1,0\n"),
            "h.csv: byte 11: expected an epoch's number, found \"-1\""
        );
        assert!(read("epoch,loss\n0\n").starts_with("h.csv: byte 11: expected comma-separated values, found "));
    }

    fn manifest() -> Manifest {
        Manifest {
            cnnc: "0.1.0".to_owned(),
            model: "pyramid".to_owned(),
            data: "mnist".to_owned(),
            data_path: None,
            data_origin: "8,000 + 2,000: carried".to_owned(),
            data_sha256: "00ff".to_owned(),
            seed: u64::MAX,
            batch_size: 32,
            epochs: 3,
            device: "cpu".to_owned(),
            driver: None,
            wall_seconds: 1.5,
            weights_sha256: "0123".to_owned(),
            description: "# a: comment\nmodel m {\n    Dense(10)\n}\n".to_owned(),
        }
    }

    #[test]
    fn a_run_comes_back_whole() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDirectory::create(&folder.path().join("runs/pyramid")).unwrap();
        assert!(!run.has_run());
        let sum = run
            .save_weights(&[("a.b".to_owned(), vec![1], vec![2.0])], &BTreeMap::new())
            .unwrap();
        assert_eq!(sum.len(), 64);
        run.save_optimizer(&[("m.a.b".to_owned(), vec![1], vec![3.0])], &BTreeMap::new())
            .unwrap();
        let history = History {
            epochs: vec![epoch(0, &[("loss", 0.1)])],
        };
        run.save_history(&history).unwrap();
        run.save_manifest(&manifest()).unwrap();
        assert!(run.has_run());
        assert_eq!(run.load_weights().unwrap()["a.b"].values, [2.0]);
        assert_eq!(run.load_optimizer().unwrap()["m.a.b"].values, [3.0]);
        assert_eq!(run.load_history().unwrap(), history);
        assert_eq!(run.load_manifest().unwrap(), manifest());
        let mut files: Vec<_> = fs::read_dir(run.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        files.sort();
        assert_eq!(files, [HISTORY, OPTIMIZER, MANIFEST, WEIGHTS]);
        // The description is text as a person wrote it, not one escaped line.
        let yaml = fs::read_to_string(run.path().join(MANIFEST)).unwrap();
        assert!(yaml.contains("\n  model m {\n"), "{yaml}");
    }

    #[test]
    fn a_folder_that_cannot_be_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, b"").unwrap();
        for path in [file.clone(), file.join("below")] {
            let error = RunDirectory::create(&path).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("cannot create the folder {}: ", path.display())),
                "{error}"
            );
        }
        let run = RunDirectory::create(&folder.path().join("run")).unwrap();
        let error = run.load_manifest().unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("cannot read {}", run.path().join(MANIFEST).display())),
            "{error}"
        );
        fs::write(run.path().join(MANIFEST), "cnnc: 1\n").unwrap();
        let error = run.load_manifest().unwrap_err().to_string();
        assert!(error.contains("expected the manifest of a run, found "), "{error}");
        fs::remove_dir_all(run.path()).unwrap();
        let error = run.save_history(&History::default()).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("cannot write {}: ", run.path().join(HISTORY).display())),
            "{error}"
        );
    }

    /// Whoever runs this may write anywhere, so that permissions would not do; the kernel's own folders refuse all.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_takes_no_files_is_named() {
        let error = RunDirectory::create(Path::new("/proc/self")).unwrap_err().to_string();
        assert!(error.starts_with("cannot write to the folder /proc/self: "), "{error}");
    }

    proptest! {
        #[test]
        fn numbers_come_back(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            let read: f64 = python(value).parse().unwrap();
            prop_assert!(read.to_bits() == bits || value.is_nan() && read.is_nan());
        }

        #[test]
        fn no_bytes_make_the_history_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), rows in "[0-9,.e\n\"NA-]{0,40}") {
            let _ = History::read("h", &bytes);
            let _ = History::read("h", format!("epoch,loss\n{rows}").as_bytes());
        }
    }
}
