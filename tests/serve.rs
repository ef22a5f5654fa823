//! `cnnc serve`, over loopback alone.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A server, ended with the test.
struct Served {
    process: Child,
    address: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Served {
    fn start() -> Self {
        Self::of(&case(), "trained")
    }

    fn of(case: &Path, weights: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_cnnc"))
            .args(["serve", "--address", "127.0.0.1:0", "--device", "cpu", "--weights"])
            .arg(case.join(format!("{weights}.safetensors")))
            .arg(case.join("model.cnn"))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let address = lines.find_map(|line| {
            let line = line.unwrap();
            Some(line.split_once("http://")?.1.trim_end_matches('/').to_owned())
        });
        Self {
            process,
            address: address.unwrap(),
        }
    }

    /// The answer's status and all of it.
    fn ask(&self, request: &[u8]) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.write_all(request).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        (answer[9..12].parse().unwrap(), answer)
    }

    fn post(&self, body: &[u8]) -> (u16, String) {
        let head = format!(
            "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        self.ask(&[head.as_bytes(), body].concat())
    }
}

fn case() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/lenet")
}

fn picture() -> Vec<u8> {
    let pixels = image::GrayImage::from_fn(28, 28, |x, y| image::Luma([((x * 9 + y * 5) % 256) as u8]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn a_picture_has_the_classes_that_predict_gives() {
    let served = Served::start();
    let (status, answer) = served.post(&picture());
    assert_eq!(status, 200, "{answer}");
    let answer: serde_json::Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.png");
    std::fs::write(&file, picture()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_cnnc"))
        .args(["predict", "--device", "cpu", "--input"])
        .arg(&file)
        .arg("--weights")
        .arg(case().join("trained.safetensors"))
        .arg(case().join("model.cnn"))
        .output()
        .unwrap();
    let said = format!(
        "0: class {}, probability {:.4}\n",
        answer["class"],
        answer["probability"].as_f64().unwrap()
    );
    assert_eq!(String::from_utf8(output.stdout).unwrap(), said);
    assert_eq!(answer["probabilities"].as_array().unwrap().len(), 10);
}

#[test]
fn the_page_is_there_and_other_requests_are_refused() {
    let served = Served::start();
    let (status, page) = served.ask(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(status == 200 && page.contains("<!doctype html>"));
    for (request, expected) in [
        ("GET /other HTTP/1.1\r\n\r\n", 404),
        ("GET /predict HTTP/1.1\r\n\r\n", 405),
        ("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", 403),
        ("POST /predict HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n", 413),
        ("POST /predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        ("nonsense\r\n\r\n", 400),
    ] {
        let (status, answer) = served.ask(request.as_bytes());
        assert_eq!(status, expected, "{request}: {answer}");
    }
    let (status, answer) = served.post(b"no picture at all");
    assert!(status == 400 && answer.contains("\"error\""), "{answer}");
    assert_eq!(
        served
            .ask(format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(20_000)).as_bytes())
            .0,
        431
    );
}

#[test]
fn a_connection_that_says_nothing_keeps_nobody_waiting_and_ctrl_c_ends_it() {
    let mut served = Served::start();
    let silent = TcpStream::connect(&served.address).unwrap();
    assert_eq!(served.post(&picture()).0, 200);
    drop(silent);
    let id = served.process.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    assert_eq!(served.process.wait().unwrap().code(), Some(0));
}

/// The arrays of an `.npz` of floats.
fn npz(path: &Path) -> BTreeMap<String, Vec<f32>> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let array = |name: &String| {
        let mut bytes = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        let values = npyz::NpyFile::new(bytes.as_slice()).unwrap().into_vec::<f32>().unwrap();
        (name.trim_end_matches(".npy").to_owned(), values)
    };
    names.iter().map(array).collect()
}

fn several(case: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/several").join(case)
}

fn json(answer: &str) -> serde_json::Value {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// An archive and numbers as JSON have the answers of Keras, sample by sample.
#[test]
fn several_inputs_are_taken_by_their_names() {
    let at = several("two_inputs");
    let served = Served::of(&at, "init");
    let (inputs, outputs) = (npz(&at.join("inputs.npz")), npz(&at.join("outputs.npz")));
    let logits = outputs.values().next().unwrap();
    let shares = |row: &[f32]| -> Vec<f64> {
        let powers: Vec<f64> = row.iter().map(|own| f64::from(*own).exp()).collect();
        powers.iter().map(|own| own / powers.iter().sum::<f64>()).collect()
    };
    let agrees = |answer: &serde_json::Value, row: &[f32]| {
        let found = answer["probabilities"].as_array().unwrap();
        assert_eq!(found.len(), row.len());
        for (found, expected) in found.iter().zip(shares(row)) {
            assert!((found.as_f64().unwrap() - expected).abs() < 1e-5, "{answer}");
        }
    };

    let (status, answer) = served.post(&std::fs::read(at.join("inputs.npz")).unwrap());
    assert_eq!(status, 200, "{answer}");
    let answer = json(&answer);
    let samples = answer["samples"].as_array().unwrap();
    assert!(samples.len() > 1 && samples.len() * 4 == logits.len());
    for (sample, row) in samples.iter().zip(logits.chunks(4)) {
        agrees(sample, row);
    }

    let first = |name: &str, count: usize| inputs[name][..count].to_vec();
    let picture: Vec<Vec<Vec<f32>>> = first("picture", 84)
        .chunks(12)
        .map(|row| row.chunks(2).map(<[f32]>::to_vec).collect())
        .collect();
    let body = serde_json::json!({"picture": picture, "facts": first("facts", 5)});
    let (status, answer) = served.post(body.to_string().as_bytes());
    assert_eq!(status, 200, "{answer}");
    agrees(&json(&answer), &logits[..4]);

    for (body, said) in [
        (
            serde_json::json!({"facts": first("facts", 5)}).to_string(),
            "picture, facts",
        ),
        (
            serde_json::json!({"picture": picture, "facts": first("facts", 4)}).to_string(),
            "facts",
        ),
        (
            serde_json::json!({"picture": picture, "facts": "none"}).to_string(),
            "facts is no array",
        ),
        (
            serde_json::json!({"picture": [[1], [2, 3]], "facts": [1]}).to_string(),
            "picture is no array",
        ),
        ("{\"picture\": [[".to_owned(), "no JSON"),
        ("PK no archive".to_owned(), "the body"),
        ("something else".to_owned(), "picture, facts"),
    ] {
        let (status, answer) = served.post(body.as_bytes());
        assert!(status == 400 && answer.contains(said), "{body}: {answer}");
    }
    let (status, page) = served.ask(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(
        status == 200 && page.contains("<canvas") && page.contains("\"facts\""),
        "{page}"
    );
}

#[test]
fn several_outputs_come_by_their_names() {
    let at = several("two_outputs");
    let served = Served::of(&at, "init");
    let inputs = npz(&at.join("inputs.npz"));
    let outputs = npz(&at.join("outputs.npz"));
    let x = &inputs.values().next().unwrap()[..64];
    let rows: Vec<&[f32]> = x.chunks(4).collect();
    let (status, answer) = served.post(serde_json::json!({"input": rows}).to_string().as_bytes());
    assert!(status == 400 && answer.contains("input"), "{answer}");
    let rows: Vec<Vec<[f32; 1]>> = x.chunks(8).map(|row| row.iter().map(|own| [*own]).collect()).collect();
    let (status, answer) = served.post(serde_json::json!({"input": rows}).to_string().as_bytes());
    assert_eq!(status, 200, "{answer}");
    let answer = json(&answer);
    let close = |found: &serde_json::Value, expected: f32| (found.as_f64().unwrap() - f64::from(expected)).abs() < 1e-5;
    let kind = answer["outputs"]["kind"]["probabilities"].as_array().unwrap();
    assert!(
        kind.iter()
            .zip(&outputs["kind"])
            .all(|(found, expected)| close(found, *expected))
    );
    assert!(
        close(&answer["outputs"]["size"]["output"][0], outputs["size"][0]),
        "{answer}"
    );
    assert_eq!(answer["outputs"]["drawn"]["shape"], serde_json::json!([8, 8, 2]));
    let (status, page) = served.ask(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(status == 200 && page.contains("<canvas"), "{page}");
}
