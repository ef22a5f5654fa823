//! The real binary: streams, exit statuses and messages. Its own mirrors are out of reach, behind a proxy that nobody
//! runs; only what `--mirror` names answers.

use crate::server::{Answer, Server};
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

/// `cnnc data ...` with a cache of its own.
fn data(cache: &Path, arguments: &[&str]) -> Command {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
    command.arg("data").args(arguments);
    for variable in [
        "ALL_PROXY",
        "all_proxy",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
        "no_proxy",
    ] {
        command.env_remove(variable);
    }
    command
        .env("HTTPS_PROXY", format!("http://{closed}"))
        .env("NO_PROXY", "127.0.0.1")
        .env("XDG_CACHE_HOME", cache)
        .env("HOME", cache);
    command
}

fn texts(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (
        output.status.code().expect("an exit status, not a signal"),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn what_no_mirror_gives_is_said_with_what_each_did() {
    let cache = tempfile::tempdir().unwrap();
    let bad = Server::always(Answer::Declares(4542, vec![0; 4542]));
    let url = bad.url();
    let (status, stdout, stderr) = texts(
        &data(cache.path(), &["fetch", "mnist", "--mirror", &url])
            .output()
            .unwrap(),
    );
    assert_eq!((status, stdout.as_str()), (1, ""), "{stderr}");
    for expected in [
        // In a pipe: lines, and no bars.
        "mnist/train-images-idx3-ubyte.gz: 9.9 MB, from 127.0.0.1:",
        "has another file: 4,542 bytes instead of 9,912,422; trying storage.googleapis.com\n",
        "not the published file; trying storage.googleapis.com\n",
        "error: cannot fetch mnist: no mirror gave it\n",
        "https://ossci-datasets.s3.amazonaws.com/mnist/: connection refused\n",
        "help: Another mirror can be named with --mirror URL; ",
        "`cnnc data import mnist PATH...`",
    ] {
        assert!(stderr.contains(expected), "{expected}: {stderr}");
    }
    assert!(!stderr.contains('\r') && !stderr.contains('\x1b'), "{stderr}");
    // Training on what the binary carries goes on as before.
    let (status, stdout, _) = texts(&data(cache.path(), &["list"]).output().unwrap());
    assert!(
        status == 0 && stdout.contains("8,000 + 2,000 of MNIST's digits"),
        "{stdout}"
    );

    let quiet = texts(
        &data(cache.path(), &["fetch", "mnist", "--quiet", "--mirror", &url])
            .output()
            .unwrap(),
    );
    assert!(quiet.2.starts_with("error: cannot fetch mnist: "), "{}", quiet.2);
}

#[test]
fn a_mirror_of_several_sets_has_a_folder_for_each() {
    let cache = tempfile::tempdir().unwrap();
    let server = Server::always(Answer::Status("404 Not Found"));
    let url = server.url();
    let arguments = [
        "fetch",
        "all",
        "cifar10",
        "--force",
        "--quiet",
        "--mirror",
        url.as_str(),
    ];
    let (status, _, stderr) = texts(&data(cache.path(), &arguments).output().unwrap());
    assert_eq!(status, 1);
    let mut requests = server.requests();
    requests.sort();
    let expected = [("cifar10", 1), ("cifar100", 1), ("fashion-mnist", 4), ("mnist", 4)];
    for (name, count) in expected {
        let under = |request: &&String| request.starts_with(&format!("/{name}/"));
        assert_eq!(requests.iter().filter(under).count(), count, "{requests:?}");
        assert!(
            stderr.contains(&format!("error: cannot fetch {name}: no mirror gave it")),
            "{stderr}"
        );
    }
    assert_eq!(requests.len(), 10);
}

#[test]
fn a_proxy_is_asked_for_what_is_not_excepted() {
    let cache = tempfile::tempdir().unwrap();
    let proxy = Server::always(Answer::Status("403 Forbidden"));
    let mut command = data(cache.path(), &["fetch", "cifar10", "--quiet"]);
    let (status, _, stderr) = texts(&command.env("HTTPS_PROXY", proxy.url()).output().unwrap());
    assert_eq!(status, 1);
    assert_eq!(proxy.requests()[0], "www.cs.toronto.edu:443");
    assert!(stderr.contains("roxy"), "{stderr}");
}

#[test]
fn what_cannot_be_taken_in_is_named_with_what_was_expected() {
    let cache = tempfile::tempdir().unwrap();
    let file = cache.path().join("notes.txt");
    fs::write(&file, "not digits").unwrap();
    let path = file.to_str().unwrap();
    let (status, stdout, stderr) = texts(&data(cache.path(), &["import", "mnist", path]).output().unwrap());
    assert_eq!((status, stdout.as_str()), (1, ""));
    assert!(
        stderr.starts_with(&format!(
            "error: {path}: byte 0: expected the magic number 0x00000803 or 0x00000801 of IDX pictures or labels"
        )),
        "{stderr}"
    );
    assert!(!cache.path().join("cnnc/mnist").exists());
    let (status, _, stderr) = texts(&data(cache.path(), &["import", "cifar10", path]).output().unwrap());
    assert_eq!(status, 1);
    assert!(stderr.contains("expected CIFAR-10's binary version"), "{stderr}");
}

#[test]
fn a_cache_that_cannot_be_made_says_where_another_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let (status, _, stderr) = texts(&data(&file, &["fetch", "mnist"]).output().unwrap());
    assert_eq!(status, 1);
    assert!(stderr.starts_with("error: cannot create "), "{stderr}");
    assert!(stderr.contains("XDG_CACHE_HOME"), "{stderr}");
}

#[test]
fn wrong_command_lines_are_status_2() {
    let cache = tempfile::tempdir().unwrap();
    for arguments in [
        ["fetch"].as_slice(),
        &["fetch", "imagenet"],
        &["fetch", "mnist", "--mirror", "ftp://127.0.0.1/"],
        &["fetch", "mnist", "--mirror", "/srv/mnist"],
        &["import"],
        &["import", "mnist"],
        &["import", "all", "."],
    ] {
        let (status, stdout, stderr) = texts(&data(cache.path(), arguments).output().unwrap());
        assert_eq!((status, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
    }
}

#[test]
fn weights_are_believed_for_the_sum_that_keras_publishes() {
    let cache = tempfile::tempdir().unwrap();
    // As long as the published files, and otherwise not them.
    let server = Server::new(|path, _| {
        Answer::Good(vec![
            0;
            if path.contains("densenet") {
                29_084_464
            } else {
                9_406_464
            }
        ])
    });
    let url = server.url();
    let fetch = |name: &str| texts(&data(cache.path(), &["fetch", name, "--mirror", &url]).output().unwrap());
    let (status, stdout, stderr) = fetch("densenet121");
    assert_eq!((status, stdout.as_str()), (1, ""), "{stderr}");
    for expected in [
        "not 30ee3e1110167f948a6b9946edeeb738: not the published file",
        "error: cannot fetch densenet121: no mirror gave it",
        "weights=\"PATH\" reads a file from elsewhere",
    ] {
        assert!(stderr.contains(expected), "{expected}: {stderr}");
    }
    // Of MobileNetV2's Keras publishes none, which is said.
    let file = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_96_no_top.h5";
    let (status, stdout, stderr) = fetch("mobilenet_v2-96");
    assert_eq!(status, 0, "{stderr}");
    assert!(stderr.contains("Keras publishes no sum of this file"), "{stderr}");
    assert!(
        stdout.starts_with("mobilenet_v2-96: ") && stdout.ends_with(&format!("{file}\n")),
        "{stdout}"
    );
    let path = cache.path().join("cnnc/weights").join(file);
    assert_eq!(fs::metadata(path).unwrap().len(), 9_406_464);
    let asked = server.requests().len();
    let (status, stdout, _) = fetch("mobilenet_v2-96");
    assert!(status == 0 && stdout.ends_with(&format!("{file}\n")));
    assert_eq!(server.requests().len(), asked);
}
