//! What the forms are made of: samples, arrays, and a run with what it says of its data.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::process::Command;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Samples of a data set, of which there are as many of each of two classes.
pub const SAMPLES: usize = 24;

/// A pixel of a sample of 4x4: the upper half of one class is bright, the lower half of the other.
pub fn level(sample: usize, at: usize) -> u8 {
    let bright = (at < 8) == (sample.is_multiple_of(2));
    let noise = (sample * 31 + at * 17) % 60;
    (noise + if bright { 190 } else { 0 }) as u8
}

/// All pixels of the first `count` samples.
pub fn levels(count: usize) -> Vec<u8> {
    (0..count)
        .flat_map(|sample| (0..16).map(move |at| level(sample, at)))
        .collect()
}

/// An array as NumPy writes it.
pub fn npy(kind: &str, shape: &str, elements: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({shape}), }}\n");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00".as_slice(), &length, header.as_bytes(), elements].concat()
}

pub fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        archive
            .start_file(format!("{name}.npy"), SimpleFileOptions::default())
            .unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The class of each sample, as 64-bit integers.
pub fn classes(count: usize) -> Vec<u8> {
    let labels = npy("<i8", &format!("{count},"), &[]);
    let elements = (0..count).flat_map(|sample| (sample as i64 % 2).to_le_bytes());
    labels.into_iter().chain(elements).collect()
}

pub fn put(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

pub fn cnnc(home: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .env("XDG_CACHE_HOME", home)
        .env("HOME", home)
        .current_dir(home)
        .args(arguments)
        .output()
        .unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// What a run says of its data, and the columns and rows of its history.
pub struct Run {
    pub facts: serde_json::Value,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<f64>>,
}

impl Run {
    pub fn of(home: &Path, text: &str) -> Self {
        put(&home.join("net.cnn"), text);
        let (status, stderr) = cnnc(home, &["run", "net.cnn", "--device", "cpu", "--out", "run", "--quiet"]);
        assert_eq!(status, 0, "{text}\n{stderr}");
        let facts = serde_yaml::from_str(&fs::read_to_string(home.join("run/run.yaml")).unwrap()).unwrap();
        let history = fs::read_to_string(home.join("run/history.csv")).unwrap();
        let mut lines = history.lines().map(|line| line.split(','));
        let columns = lines.next().unwrap().map(str::to_owned).collect();
        let number = |text: &str| (text != "NA").then(|| text.parse().unwrap());
        let rows = lines.map(|line| line.map(|value| number(value).unwrap_or(f64::NAN)).collect());
        Self {
            facts,
            columns,
            rows: rows.collect(),
        }
    }

    /// The last value of a column; `None` where the history has no such column.
    pub fn last(&self, column: &str) -> Option<f64> {
        let at = self.columns.iter().position(|name| name == column)?;
        Some(self.rows.last().unwrap()[at])
    }

    pub fn fact(&self, name: &str) -> &str {
        self.facts[name].as_str().unwrap_or_default()
    }
}

/// A network that tells two classes apart, and how it is trained.
pub fn classifier(input: &str, front: &str, fit: &str) -> String {
    format!(
        "model net {{\n    Input(shape={input})\n{front}    Flatten()\n    Dense(2, activation=\"softmax\")\n}}\n\
         compile(optimizer=Adam(0.05), loss=\"sparse_categorical_crossentropy\", metrics=[\"accuracy\"])\n\
         fit({fit}, epochs=20, batch_size=8)\n"
    )
}
