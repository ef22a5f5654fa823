//! The library: a small catalogue, and mirrors of every kind of badness.

use crate::server::{Answer, Server};
use compiler::training::data::{DataName, KnownData};
use runtime::data;
use runtime::data::fetch::{Form, Here, Options, Patience, Published, RemoteFile, Sum, Watch, fetch};
use runtime::error::RuntimeError;
use sha2::{Digest, Sha256};
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

const TRAIN: u32 = 60;
const TEST: u32 = 10;

/// Keeps what is noted.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

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
fn contents() -> Vec<(&'static str, Vec<u8>)> {
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

fn idx(magic: u32, sizes: &[u32], elements: Vec<u8>) -> Vec<u8> {
    let words = std::iter::once(magic).chain(sizes.iter().copied());
    words.flat_map(u32::to_be_bytes).chain(elements).collect()
}

fn images() -> Vec<u8> {
    contents()[0].1.clone()
}

fn published(mirrors: &[&Server]) -> Published {
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
fn good(path: &str) -> Answer {
    let file = contents().into_iter().find(|(name, _)| path.ends_with(name));
    file.map_or(Answer::Status("404 Not Found"), |(_, bytes)| Answer::Good(bytes))
}

/// A server that is good but for the training pictures, of which it gives `answer`.
fn bad(answer: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Server {
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

fn good_server() -> Server {
    Server::new(|path, _| good(path))
}

fn options() -> Options {
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

struct Fetched {
    result: Result<Here, RuntimeError>,
    notes: Vec<String>,
    cache: tempfile::TempDir,
}

/// Where the part of the training pictures lies.
fn part(cache: &Path) -> PathBuf {
    cache.join("mnist.part/train-images-idx3-ubyte.gz.part")
}

fn run_in(cache: tempfile::TempDir, set: Published, options: &Options) -> Fetched {
    let notes = Notes::default();
    let result = fetch(&[set], cache.path(), options, &notes).remove(0);
    let notes = notes.0.into_inner().unwrap();
    Fetched { result, notes, cache }
}

fn run(mirrors: &[&Server]) -> Fetched {
    run_in(tempfile::tempdir().unwrap(), published(mirrors), &options())
}

/// With so many bytes of the training pictures left by an earlier run.
fn resume(mirrors: &[&Server], here: &[u8]) -> Fetched {
    let cache = tempfile::tempdir().unwrap();
    fs::create_dir(cache.path().join("mnist.part")).unwrap();
    fs::write(part(cache.path()), here).unwrap();
    run_in(cache, published(mirrors), &options())
}

impl Fetched {
    /// All files came, are right and are read; nothing else stays but the lock.
    fn assert_whole(&self) -> &Self {
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
    fn assert_note(&self, text: &str) -> &Self {
        assert!(
            self.notes.iter().any(|note| note.contains(text)),
            "{text}: {:?}",
            self.notes
        );
        self
    }

    /// Nothing came, nothing is read, and the message says so.
    fn assert_failed(&self, text: &str) -> &Self {
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
fn ranges(server: &Server) -> Vec<String> {
    let requests = server.requests().into_iter();
    let path = "/train-images-idx3-ubyte.gz";
    requests
        .filter_map(|request| Some(request.strip_prefix(path)?.trim().to_owned()))
        .collect()
}

#[test]
fn a_good_mirror_gives_all_and_is_asked_once() {
    let server = good_server();
    let fetched = run(&[&server]);
    fetched.assert_whole();
    assert_eq!((fetched.result.as_ref().unwrap().files, fetched.notes.len()), (4, 0));
    assert_eq!(server.requests().len(), 4);
    // Again: all is here.
    let again = run_in(fetched.cache, published(&[&server]), &options());
    again.assert_whole();
    assert_eq!((again.result.as_ref().unwrap().files, server.requests().len()), (0, 4));
    // Unless it is forced.
    let force = Options {
        force: true,
        ..options()
    };
    let forced = run_in(again.cache, published(&[&server]), &force);
    forced.assert_whole();
    assert_eq!((forced.result.unwrap().files, server.requests().len()), (4, 8));
}

#[test]
fn bad_answers_fall_to_the_next_mirror_which_says_why() {
    let other = |mut bytes: Vec<u8>| {
        bytes[20] ^= 1;
        bytes
    };
    let cases: [(Answer, &str); 9] = [
        (Answer::Good(other(images())), "sha256 is "),
        (
            Answer::Declares(47_057, images()),
            "has another file: 47,057 bytes instead of 47,056; trying 127.0.0.1:",
        ),
        (
            Answer::Declares(12, vec![0; 12]),
            "has another file: 12 bytes instead of 47,056; trying",
        ),
        (Answer::Status("404 Not Found"), "answers 404 Not Found; trying"),
        (
            Answer::Status("500 Internal Server Error"),
            "answers 500 Internal Server Error; trying",
        ),
        (Answer::Status("204 No Content"), "answers 204 No Content; trying"),
        (Answer::Silent, "no answer within 0.3 s; trying"),
        (Answer::Closes, "peer disconnected; trying"),
        (Answer::Endless(vec![7; 1000]), ": not the published file; trying"),
    ];
    for (answer, note) in cases {
        let (first, second) = (bad(move |_| answer.clone()), good_server());
        run(&[&first, &second]).assert_whole().assert_note(note);
        assert_eq!(ranges(&second), [""]);
    }
}

#[test]
fn redirects_are_followed_with_their_range_but_not_for_ever() {
    let target = good_server();
    let to = format!("{}train-images-idx3-ubyte.gz", target.url());
    let redirects = bad(move |_| Answer::Redirect(to.clone()));
    resume(&[&redirects], &images()[..1000]).assert_whole();
    assert_eq!(ranges(&target), ["bytes=1000-"]);
    let circle = Server::new(|path, _| Answer::Redirect(path.to_owned()));
    run(&[&circle]).assert_failed("more than 5 redirects");
    assert_eq!(ranges(&circle).len(), 6);
}

#[test]
fn a_mirror_that_nobody_runs_is_refused() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut set = published(&[&good_server()]);
    set.mirrors.insert(0, format!("http://{closed}/"));
    let fetched = run_in(tempfile::tempdir().unwrap(), set, &options());
    fetched.assert_whole().assert_note("connection refused; trying");
}

#[test]
fn a_stall_goes_on_at_the_next_mirror() {
    let (first, second) = (bad(|_| Answer::StallsAfter(images(), 5000)), good_server());
    let began = Instant::now();
    run(&[&first, &second])
        .assert_whole()
        .assert_note("stalled: nothing came for 0.3 s after 5,000 of 47,056 bytes; trying");
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(ranges(&second), ["bytes=5000-"]);
}

#[test]
fn a_broken_connection_goes_on_at_the_same_mirror() {
    let server = bad(|asked| match asked {
        0 => Answer::DropsAfter(images(), 10_000),
        1 => Answer::DropsAfter(images(), 20_000),
        _ => Answer::Good(images()),
    });
    run(&[&server])
        .assert_whole()
        .assert_note("broke off after 10,000 of 47,056 bytes; going on");
    assert_eq!(ranges(&server), ["", "bytes=10000-", "bytes=30000-"]);
    // One that breaks off without end is left after a while, and what came is kept.
    let server = bad(|_| Answer::DropsAfter(images(), 100));
    let fetched = run(&[&server]);
    fetched
        .assert_failed("train-images")
        .assert_failed("broke off after 400 of 47,056 bytes");
    assert!(
        fetched
            .result
            .as_ref()
            .unwrap_err()
            .help()
            .unwrap()
            .starts_with("400 bytes are kept")
    );
    assert!(fs::read(part(fetched.cache.path())).unwrap() == images()[..400]);
    // The next run goes on, and asks for nothing else that came.
    let server = good_server();
    run_in(fetched.cache, published(&[&server]), &options()).assert_whole();
    assert_eq!(server.requests(), ["/train-images-idx3-ubyte.gz bytes=400-"]);
}

#[test]
fn a_server_without_ranges_gives_the_whole_file() {
    for (answer, expected) in [
        (Answer::IgnoresRange(images()), vec!["bytes=1000-"]),
        (Answer::NoRange(images()), vec!["bytes=1000-", ""]),
        (
            Answer::WrongRange("bytes 999-47055/47056", images()),
            vec!["bytes=1000-", ""],
        ),
        (
            Answer::WrongRange("bytes 1000-47055/47057", images()),
            vec!["bytes=1000-", ""],
        ),
        (
            Answer::WrongRange("bytes 1000-47054/47055", images()),
            vec!["bytes=1000-", ""],
        ),
        (Answer::WrongRange("nonsense", images()), vec!["bytes=1000-", ""]),
    ] {
        let server = bad(move |_| answer.clone());
        resume(&[&server], &images()[..1000]).assert_whole();
        assert_eq!(ranges(&server), expected);
    }
}

#[test]
fn a_part_of_something_else_is_found_out_by_the_sum() {
    let server = good_server();
    resume(&[&server], &[1; 1000])
        .assert_whole()
        .assert_note("thrown away; once more from the start at");
    assert_eq!(ranges(&server), ["bytes=1000-", ""]);
    // Longer than the file, or as long and wrong: nothing can be added to it.
    for length in [47_056, 50_000] {
        let server = good_server();
        resume(&[&server], &vec![1; length]).assert_whole();
        assert_eq!(ranges(&server), [""]);
    }
    // Whole and right: nothing is asked for.
    let server = good_server();
    resume(&[&server], &images()).assert_whole();
    assert!(ranges(&server).is_empty());
}

#[test]
fn wrong_bytes_stay_nowhere() {
    let mut other = images();
    other[47_000] ^= 1;
    let server = bad(move |_| Answer::Good(other.clone()));
    let fetched = run(&[&server]);
    fetched
        .assert_failed(": not the published file")
        .assert_failed("1 of its 4 files");
    assert!(!part(fetched.cache.path()).exists());
    assert!(!fetched.result.unwrap_err().help().unwrap().contains("are kept"));
}

#[test]
fn a_slow_mirror_is_left_for_another_and_taken_where_there_is_no_faster() {
    let slow = |pause| bad(move |_| Answer::Slow(images(), 1000, Duration::from_millis(pause)));
    let mut options = options();
    // The other files' bytes would count as well.
    options.at_once = 1;
    options.patience.slow = 200_000;
    options.patience.window = Duration::from_millis(100);
    // 50 kB/s, then as fast as it comes.
    let (first, second) = (slow(20), good_server());
    run_in(tempfile::tempdir().unwrap(), published(&[&first, &second]), &options)
        .assert_whole()
        .assert_note(" kB/s; going on at 127.0.0.1:");
    assert!(ranges(&second)[0].starts_with("bytes="), "{:?}", ranges(&second));
    // 10 kB/s and 100 kB/s: the faster gives the rest.
    let (first, second) = (slow(100), slow(10));
    run_in(tempfile::tempdir().unwrap(), published(&[&first, &second]), &options)
        .assert_whole()
        .assert_note("no mirror is faster: going on at 127.0.0.1:");
    assert_eq!((ranges(&first).len(), ranges(&second).len()), (1, 2));
    // Below the floor it is given up, with what came.
    options.patience.floor = 50_000;
    let first = slow(50);
    run_in(tempfile::tempdir().unwrap(), published(&[&first]), &options).assert_failed("gave no more than ");
}

#[test]
fn what_is_damaged_is_fetched_anew_and_what_is_right_is_not() {
    let cache = tempfile::tempdir().unwrap();
    let folder = cache.path().join("mnist");
    fs::create_dir(&folder).unwrap();
    for (name, bytes) in contents() {
        fs::write(folder.join(name), bytes).unwrap();
    }
    // An unpacked file is read before a packed one, and this one is cut.
    fs::write(folder.join("train-images-idx3-ubyte"), &images()[..100]).unwrap();
    fs::write(folder.join("t10k-labels-idx1-ubyte.gz"), b"no labels").unwrap();
    let server = good_server();
    let fetched = run_in(cache, published(&[&server]), &options());
    fetched
        .assert_whole()
        .assert_note("mnist: fetching anew what is damaged: ");
    let mut requests = server.requests();
    requests.sort();
    assert_eq!(requests, ["/t10k-labels-idx1-ubyte.gz", "/train-images-idx3-ubyte.gz"]);
    assert!(!folder.join("train-images-idx3-ubyte").exists());
}

#[test]
fn two_at_once_take_turns() {
    let cache = tempfile::tempdir().unwrap();
    let server = Server::new(|path, _| match good(path) {
        Answer::Good(file) => Answer::Slow(file, 10_000, Duration::from_millis(30)),
        other => other,
    });
    let set = published(&[&server]);
    let both: Vec<Here> = std::thread::scope(|scope| {
        let one = || fetch(std::slice::from_ref(&set), cache.path(), &options(), &Notes::default()).remove(0);
        let threads = [scope.spawn(one), scope.spawn(one)];
        threads.map(|thread| thread.join().unwrap().unwrap()).into()
    });
    let mut files: Vec<usize> = both.iter().map(|here| here.files).collect();
    files.sort_unstable();
    assert_eq!((files, server.requests().len()), (vec![0, 4], 4));
}

#[test]
fn one_set_that_cannot_be_had_does_not_keep_the_others() {
    let (server, nothing) = (good_server(), Server::always(Answer::Status("404 Not Found")));
    let cache = tempfile::tempdir().unwrap();
    let mut other = published(&[&nothing]);
    other.name = KnownData::Cifar10;
    other.form = Form::CifarArchive { batch_bytes: 3073 };
    let results = fetch(
        &[other, published(&[&server])],
        cache.path(),
        &options(),
        &Notes::default(),
    );
    assert!(matches!(&results[0], Err(RuntimeError::Fetch { name: "cifar10", .. })));
    assert_eq!(results[1].as_ref().unwrap().files, 4);
}

#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, b"").unwrap();
    let set = published(&[&good_server()]);
    let error = fetch(&[set], &file.join("cnnc"), &options(), &Notes::default())
        .remove(0)
        .unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with(&format!("cannot create {}", file.display())),
        "{message}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_it_and_is_named() {
    let cache = tempfile::tempdir().unwrap();
    fs::create_dir(cache.path().join("mnist.part")).unwrap();
    std::os::unix::fs::symlink("/dev/full", part(cache.path())).unwrap();
    let (server, second) = (bad(|_| Answer::Good(images())), good_server());
    let fetched = run_in(cache, published(&[&server, &second]), &options());
    let message = fetched.result.unwrap_err().to_string();
    assert!(
        message.contains("train-images-idx3-ubyte.gz.part: No space left on device"),
        "{message}"
    );
    // Another mirror has no more space.
    assert!(ranges(&second).is_empty());
}
