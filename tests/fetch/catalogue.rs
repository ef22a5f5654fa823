//! A small catalogue of files, and mirrors of it.

use crate::server::{Answer, Server};
use compiler::training::data::{DataName, KnownData};
use runtime::data;
use runtime::data::fetch::{Form, Here, Options, Patience, Published, RemoteFile, Sum, Watch, fetch};
use runtime::error::RuntimeError;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

pub const TRAIN: u32 = 60;
pub const TEST: u32 = 10;

/// Keeps what is noted.
#[derive(Default)]
pub struct Notes(pub Mutex<Vec<String>>);

impl Watch for Notes {
    fn begin(&self, _: &str, _: u64, _: u64) {}
    fn source(&self, _: &str, _: &str) {}
    fn at(&self, _: &str, _: u64) {}
    fn end(&self, _: &str, _: bool) {}
    fn note(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
}

/// The four files of a small set, which the loader takes unpacked under any name.
pub fn contents() -> Vec<(&'static str, Vec<u8>)> {
    let images = |count: u32| {
        let pixels = (0..count * 784).map(|index| (index * 7 % 251) as u8);
        idx(0x803, &[count, 28, 28], pixels.collect())
    };
    let labels = |count: u32| idx(0x801, &[count], (0..count).map(|index| (index % 10) as u8).collect());
    vec![
        ("train-images-idx3-ubyte.gz", images(TRAIN)),
        ("train-labels-idx1-ubyte.gz", labels(TRAIN)),
        ("t10k-images-idx3-ubyte.gz", images(TEST)),
        ("t10k-labels-idx1-ubyte.gz", labels(TEST)),
    ]
}

pub fn idx(magic: u32, sizes: &[u32], elements: Vec<u8>) -> Vec<u8> {
    let words = std::iter::once(magic).chain(sizes.iter().copied());
    words.flat_map(u32::to_be_bytes).chain(elements).collect()
}

pub fn images() -> Vec<u8> {
    contents()[0].1.clone()
}

pub fn published(mirrors: &[&Server]) -> Published {
    let remote = |(name, bytes): (&str, Vec<u8>)| RemoteFile {
        name: name.to_owned(),
        bytes: bytes.len() as u64,
        sum: Sum::Sha256(
            Sha256::digest(&bytes)
                .iter()
                .fold(String::new(), |text, byte| text + &format!("{byte:02x}")),
        ),
    };
    Published {
        name: KnownData::Mnist,
        files: contents().into_iter().map(remote).collect(),
        mirrors: mirrors.iter().map(|server| server.url()).collect(),
        form: Form::Idx {
            train: TRAIN,
            test: TEST,
        },
    }
}

/// The file that a path asks for, whole.
pub fn good(path: &str) -> Answer {
    let file = contents().into_iter().find(|(name, _)| path.ends_with(name));
    file.map_or(Answer::Status("404 Not Found"), |(_, bytes)| Answer::Good(bytes))
}

/// A server that is good but for the training pictures, of which it gives `answer`.
pub fn bad(answer: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Server {
    let asked = Mutex::new(0);
    Server::new(move |path, _| {
        if !path.ends_with("train-images-idx3-ubyte.gz") {
            return good(path);
        }
        let mut asked = asked.lock().unwrap();
        *asked += 1;
        answer(*asked - 1)
    })
}

pub fn good_server() -> Server {
    Server::new(|path, _| good(path))
}

pub fn options() -> Options {
    Options {
        patience: Patience {
            connect: Duration::from_secs(2),
            stall: Duration::from_millis(300),
            window: Duration::from_millis(200),
            // Only the tests that are about speed are slow.
            slow: 0,
            floor: 0,
        },
        ..Options::default()
    }
}

pub struct Fetched {
    pub result: Result<Here, RuntimeError>,
    pub notes: Vec<String>,
    pub cache: tempfile::TempDir,
}

/// Where the part of the training pictures lies.
pub fn part(cache: &Path) -> PathBuf {
    cache.join("mnist.part/train-images-idx3-ubyte.gz.part")
}

pub fn run_in(cache: tempfile::TempDir, set: Published, options: &Options) -> Fetched {
    let notes = Notes::default();
    let result = fetch(&[set], cache.path(), options, &notes).remove(0);
    let notes = notes.0.into_inner().unwrap();
    Fetched { result, notes, cache }
}

pub fn run(mirrors: &[&Server]) -> Fetched {
    run_in(tempfile::tempdir().unwrap(), published(mirrors), &options())
}

/// With so many bytes of the training pictures left by an earlier run.
pub fn resume(mirrors: &[&Server], here: &[u8]) -> Fetched {
    let cache = tempfile::tempdir().unwrap();
    fs::create_dir(cache.path().join("mnist.part")).unwrap();
    fs::write(part(cache.path()), here).unwrap();
    run_in(cache, published(mirrors), &options())
}

impl Fetched {
    /// All files came, are right and are read; nothing else stays but the lock.
    pub fn assert_whole(&self) -> &Self {
        let here = self.result.as_ref().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(here.folder, self.cache.path().join("mnist"));
        for (name, bytes) in contents() {
            assert!(fs::read(here.folder.join(name)).unwrap() == bytes, "{name}");
        }
        let set = data::load(
            &DataName::Known(KnownData::Mnist),
            Path::new(""),
            Some(self.cache.path()),
        )
        .unwrap();
        assert_eq!((set.train.len(), set.test.unwrap().len()), (60, 10));
        let mut left: Vec<_> = fs::read_dir(self.cache.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        left.sort();
        assert_eq!(left, ["mnist", "mnist.lock"]);
        self
    }

    /// One of the notes says so.
    pub fn assert_note(&self, text: &str) -> &Self {
        assert!(
            self.notes.iter().any(|note| note.contains(text)),
            "{text}: {:?}",
            self.notes
        );
        self
    }

    /// Nothing came, nothing is read, and the message says so.
    pub fn assert_failed(&self, text: &str) -> &Self {
        let error = self.result.as_ref().unwrap_err();
        let message = error.to_string();
        assert!(message.starts_with("cannot fetch mnist: no mirror gave "), "{message}");
        assert!(message.contains(text), "{text}: {message}");
        assert!(error.help().unwrap().contains("`cnnc data import mnist PATH...`"));
        assert!(!self.cache.path().join("mnist").exists());
        self
    }
}

/// The requests for the training pictures, without their path.
pub fn ranges(server: &Server) -> Vec<String> {
    let requests = server.requests().into_iter();
    let path = "/train-images-idx3-ubyte.gz";
    requests
        .filter_map(|request| Some(request.strip_prefix(path)?.trim().to_owned()))
        .collect()
}
