//! The library: mirrors of every kind of badness.

use crate::catalogue::{
    Notes, bad, contents, good, good_server, images, options, part, published, ranges, resume, run, run_in,
};
use crate::server::{Answer, Server};
use compiler::training::data::KnownData;
use runtime::data::fetch::{Form, Here, Options, fetch};
use runtime::error::RuntimeError;
use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

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
        .assert_note("mnist: fetching it again, as it is damaged: ");
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
