//! The real binary: exit statuses, what goes to which stream, and what each command prints.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail")]

use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A snapshot without the expression that made it.
macro_rules! assert_text {
    ($name:expr, $text:expr) => {
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!($name, $text) })
    };
}

const SPECS: [&str; 6] = [
    "mnist_onelayer",
    "mnist_pyramid",
    "mnist_pyramid_average",
    "mnist_mlp",
    "lenet",
    "photos",
];

/// The binary in the repository's folder, where nothing of the caller's terminal reaches it.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cnnc"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    for variable in ["COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    command
}

struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

fn ran(output: Output) -> Ran {
    Ran {
        status: output.status.code().expect("an exit status, not a signal"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn cnnc(arguments: &[&str]) -> Ran {
    ran(command(arguments).output().unwrap())
}

/// Runs what must succeed and gives its standard output.
fn stdout(arguments: &[&str]) -> String {
    let ran = cnnc(arguments);
    assert_eq!(ran.status, 0, "{arguments:?}: {}", ran.stderr);
    ran.stdout
}

fn spec(name: &str) -> String {
    format!("specs/{name}.cnn")
}

fn write(folder: &Path, name: &str, contents: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, contents).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Both streams of a failure, for a snapshot; the folder's own name does not belong there.
fn failure(ran: &Ran, folder: &Path) -> String {
    let text = format!(
        "status {}\n---- stdout\n{}---- stderr\n{}",
        ran.status, ran.stdout, ran.stderr
    );
    text.replace(folder.to_str().unwrap(), "FOLDER")
}

const BROKEN: &str = "model deep {
    Input(shape=(28, 28, 1))
    Conv2D(8, 5, activation=\"relu\")
    MaxPooling2D(4)
    Conv2D(16, 7)
    Flatten()
    Dense(10)
}
";

#[test]
fn check_prints_the_summary_of_every_spec() {
    for name in SPECS {
        let ran = cnnc(&["check", &spec(name)]);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
        assert_text!(format!("summary_{name}"), ran.stdout);
    }
}

#[test]
fn check_prints_data_of_every_spec() {
    for name in SPECS {
        let json = stdout(&["check", &spec(name), "--format", "json"]);
        let yaml = stdout(&["check", "--format", "yaml", &spec(name)]);
        let json_value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let yaml_value: serde_json::Value = serde_yaml::from_str(&yaml).unwrap();
        assert_eq!(json_value, yaml_value);
        assert_text!(format!("json_{name}"), json);
    }
}

#[test]
fn emit_prints_ir_and_plan_of_every_spec() {
    for name in SPECS {
        assert_text!(format!("ir_{name}"), stdout(&["emit", "ir", &spec(name)]));
        assert_text!(format!("plan_{name}"), stdout(&["emit", "plan", &spec(name)]));
    }
}

#[test]
fn emit_prints_a_plan_of_every_operation() {
    let folder = tempfile::tempdir().unwrap();
    let text = "model graph {
    inputs = Input(shape=(9, 12, 2))
    stem = Conv2D(4, (3, 2), strides=(2, 1), padding='same', activation='gelu')
    right = Conv2D(4, 3, dilation_rate=2, padding='same', use_bias=False)(stem)
    sum = Add()([stem, right])
    both = Concatenate(axis=1)([sum, stem])
    MaxPooling2D(3, strides=2)
    AveragePooling2D(2)
    Dense(6, activation='relu')
    Softmax()
    GlobalMaxPooling2D()
    Dense(5, activation='softmax')
}
compile(optimizer='adam', loss='sparse_categorical_crossentropy')
";
    let path = write(folder.path(), "graph.cnn", text);
    assert_text!("plan_graph", stdout(&["emit", "plan", &path]));
    let untrained = text.split("compile").next().unwrap();
    let path = write(folder.path(), "untrained.cnn", untrained);
    let plan = stdout(&["emit", "plan", &path]);
    assert!(!plan.contains("training step") && plan.contains("prediction"), "{plan}");
}

#[test]
fn emit_prints_a_tree() {
    let folder = tempfile::tempdir().unwrap();
    // The form alone: names need not mean anything.
    let path = write(
        folder.path(),
        "form.cnn",
        "model m {\n    a = Nothing(1, x=(2, None))([b])\n}\n",
    );
    assert_text!("ast", stdout(&["emit", "ast", &path]));
}

#[test]
fn verbose_adds_what_the_network_costs() {
    let plain = stdout(&["check", "specs/lenet.cnn"]);
    let verbose = stdout(&["check", "specs/lenet.cnn", "--verbose"]);
    let costs = verbose.strip_prefix(plain.as_str()).expect("the table comes first");
    assert_text!("costs_lenet", costs);
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&["check", "-v", "specs/lenet.cnn", "--format", "json"])).unwrap();
    assert_eq!(json["costs"]["layers"][0]["macs"], 28 * 28 * 6 * 75);
    let step = &json["costs"]["steps"][0];
    assert_eq!(step["step"], "training");
    assert!(step["dispatches"].as_u64().unwrap() > 8);
}

#[test]
fn several_files_are_several_tables_and_one_list() {
    let (one, two) = (
        stdout(&["check", "specs/lenet.cnn"]),
        stdout(&["check", "specs/mnist_mlp.cnn"]),
    );
    let both = ["check", "specs/lenet.cnn", "specs/mnist_mlp.cnn"];
    assert_eq!(stdout(&both), format!("{one}\n{two}"));
    let text = stdout(&[both[0], both[1], both[2], "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(list[0]["file"], "specs/lenet.cnn");
    assert_eq!(list[0]["total_params"], 62_006);
    assert_eq!(list[1]["model"], "mnist_mlp");
}

#[test]
fn a_wrong_description_is_shown_down_to_the_layer_that_fails() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "deep.cnn", BROKEN);
    let ran = cnnc(&["check", &path]);
    assert_eq!(ran.status, 1);
    assert_text!("broken", failure(&ran, folder.path()));

    let ran = cnnc(&["check", &path, "--format", "json"]);
    assert_eq!(ran.status, 1);
    assert_text!(
        "broken_json",
        ran.stdout.replace(folder.path().to_str().unwrap(), "FOLDER")
    );

    // One that is in order does not excuse it, and is printed all the same.
    let ran = cnnc(&["check", &path, "specs/mnist_mlp.cnn"]);
    assert_eq!(ran.status, 1);
    assert!(ran.stdout.contains("Model: \"mnist_mlp\""));
}

#[test]
fn every_command_refuses_a_wrong_description() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "deep.cnn", BROKEN);
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    for arguments in [
        ["emit", "ir", &path, "--out", out].as_slice(),
        &["emit", "plan", &path, "--out", out],
        &["emit", "wgsl", &path, "--out", out],
        &["run", &path, "--out", out],
        &["eval", &path, "--weights", "none"],
        &["predict", &path, "--weights", "none", "--input", "none.png"],
    ] {
        let ran = cnnc(arguments);
        assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "{arguments:?}");
        assert!(ran.stderr.contains("error[E0301]"), "{arguments:?}: {}", ran.stderr);
    }
    assert!(!Path::new(out).exists());
}

#[test]
fn warnings_are_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(spec("mnist_mlp"))).unwrap();
    let path = write(
        folder.path(),
        "warned.cnn",
        text.replace("Dense(10)", "Dense(10, activation='softmax')"),
    );
    let ran = cnnc(&["check", &path]);
    assert_eq!(ran.status, 0);
    assert!(ran.stderr.starts_with("warning[W"), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("Model:") && !ran.stdout.contains("warning"));
}

#[test]
fn files_that_are_no_descriptions_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("nets")).unwrap();
    write(folder.path(), "here.cnn", "");
    write(folder.path(), "latin1.cnn", b"model caf\xe9 { }\n");
    write(folder.path(), "blob.cnn", b"\x7fELF\x00\x00");
    write(folder.path(), "huge.cnn", vec![b'#'; 3 << 20]);
    let mut text = String::new();
    for name in [
        "missing.cnn",
        "specs/lenet.cnn",
        "here",
        "nets",
        "here.cnn",
        "latin1.cnn",
        "blob.cnn",
        "huge.cnn",
        "no\u{1b}[31mcolour.cnn",
    ] {
        let mut command = command(&["check", name]);
        let ran = ran(command.current_dir(folder.path()).output().unwrap());
        assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "{name}");
        assert!(!ran.stderr.contains('\u{1b}'), "{name}: {:?}", ran.stderr);
        text.extend([ran.stderr.as_str(), "\n"]);
    }
    assert_text!("unreadable", text);
}

#[cfg(target_os = "linux")]
#[test]
fn endless_files_are_refused_at_once() {
    let ran = cnnc(&["check", "/dev/zero"]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.stderr.contains("it is a device, not a regular file"),
        "{}",
        ran.stderr
    );
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let ran = ran(command(&["check", "specs/lenet.cnn"]).stdout(full).output().unwrap());
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("cannot write to standard output"), "{}", ran.stderr);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let mut command = command(&["emit", "wgsl", "specs/lenet.cnn"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 16];
    let mut pipe = child.stdout.take().unwrap();
    pipe.read_exact(&mut first).unwrap();
    drop(pipe);
    let ran = ran(child.wait_with_output().unwrap());
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
}

#[test]
fn the_table_follows_the_columns_it_is_given() {
    let narrow = ran(command(&["check", "specs/lenet.cnn"])
        .env("COLUMNS", "60")
        .output()
        .unwrap());
    let widest = |text: &str| text.lines().map(|line| line.chars().count()).max();
    assert!(widest(&narrow.stdout) <= Some(60), "{}", narrow.stdout);
    for columns in ["80", "0", "-3", "wide", "99999999999999999999999"] {
        let given = ran(command(&["check", "specs/lenet.cnn"])
            .env("COLUMNS", columns)
            .output()
            .unwrap());
        assert_eq!(given.stdout, stdout(&["check", "specs/lenet.cnn"]), "{columns}");
    }
}

#[test]
fn colours_are_for_terminals() {
    let folder = tempfile::tempdir().unwrap();
    let path = write(folder.path(), "deep.cnn", BROKEN);
    assert!(!cnnc(&["check", &path]).stderr.contains('\u{1b}'));
    let forced = |name: &str| {
        ran(command(&["check", &path])
            .env("CLICOLOR_FORCE", "1")
            .env(name, "1")
            .output()
            .unwrap())
    };
    assert!(forced("CNNC_NOTHING").stderr.contains('\u{1b}'));
    assert!(!forced("CNNC_NOTHING").stdout.contains('\u{1b}'));
    assert!(!forced("NO_COLOR").stderr.contains('\u{1b}'));
}

#[test]
fn emit_writes_kernels_that_are_valid_and_say_what_they_are() {
    for name in SPECS {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("deeper/wgsl");
        let ran = cnnc(&["emit", "wgsl", &spec(name), "--out", out.to_str().unwrap()]);
        assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
        let mut files: Vec<_> = std::fs::read_dir(&out)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        assert!(
            ran.stderr.starts_with(&format!("wrote {} files into", files.len())),
            "{}",
            ran.stderr
        );
        let mut texts = Vec::new();
        for file in &files {
            let text = std::fs::read_to_string(file).unwrap();
            let module =
                naga::front::wgsl::parse_str(&text).unwrap_or_else(|error| panic!("{}", error.emit_to_string(&text)));
            let stem = file.file_stem().unwrap().to_str().unwrap();
            let entry = stem.rsplit('.').next().unwrap();
            assert!(module.entry_points.iter().any(|point| point.name == entry), "{stem}");
            assert!(text.starts_with(&format!("// `{entry}` of ")), "{stem}: {text}");
            let header: Vec<&str> = text.lines().take_while(|line| line.starts_with("//")).collect();
            assert!(
                header[1].contains(", operation ") && header[1].contains(" workgroup"),
                "{stem}"
            );
            assert!(header[2].contains(" = "), "{stem}");
            let code: String = text.lines().filter(|line| !line.starts_with("//")).collect();
            texts.push((entry.to_owned(), code));
        }
        let count = texts.len();
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), count, "{name}: two files hold one kernel");
        // What is printed is what is written.
        let printed = stdout(&["emit", "wgsl", &spec(name)]);
        for file in &files {
            assert!(
                printed.contains(&std::fs::read_to_string(file).unwrap()),
                "{}",
                file.display()
            );
        }
        if name == "mnist_pyramid" {
            let list: Vec<_> = files
                .iter()
                .map(|file| file.file_name().unwrap().to_str().unwrap())
                .collect();
            assert_text!("wgsl_files", list.join("\n"));
            let headers = printed.lines().filter(|line| {
                line.starts_with("//   ")
                    && (line.contains(", operation ") || line.starts_with("//     ") && line.contains(" = "))
            });
            assert_text!("wgsl_headers", headers.collect::<Vec<_>>().join("\n"));
        }
    }
}

#[test]
fn emit_tiles_kernels_for_a_class_of_device() {
    let texts = ["discrete", "integrated", "software"]
        .map(|class| stdout(&["emit", "wgsl", "specs/lenet.cnn", "--class", class]));
    assert_ne!(texts[0], texts[2]);
    assert_eq!(texts[0], stdout(&["emit", "wgsl", "specs/lenet.cnn"]));
    let ran = cnnc(&["emit", "plan", "specs/lenet.cnn", "--class", "software"]);
    assert_eq!(ran.status, 2);
}

#[test]
fn emit_writes_one_file_for_a_text() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    for (stage, file) in [
        ("ast", "lenet.ast.yaml"),
        ("ir", "lenet.ir.yaml"),
        ("plan", "lenet.plan.txt"),
    ] {
        assert_eq!(stdout(&["emit", stage, "specs/lenet.cnn", "--out", out]), "");
        let written = std::fs::read_to_string(folder.path().join(file)).unwrap();
        assert_eq!(written, stdout(&["emit", stage, "specs/lenet.cnn"]));
    }
    let ran = cnnc(&["emit", "ir", "specs/lenet.cnn", "--out", "Cargo.toml"]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.stderr.contains("cannot create the folder Cargo.toml"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_layer_may_be_called_anything() {
    let folder = tempfile::tempdir().unwrap();
    let text = "model odd {\n    Input(shape=(4, 4, 1))\n    Flatten()\n    Dense(3, name='a b\\n}; fn \u{e9}')\n}\n";
    let path = write(folder.path(), "odd.cnn", text);
    let out = folder.path().join("out");
    let ran = cnnc(&["emit", "wgsl", &path, "--out", out.to_str().unwrap()]);
    if ran.status == 0 {
        for entry in std::fs::read_dir(&out).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            naga::front::wgsl::parse_str(&text).unwrap_or_else(|error| panic!("{}", error.emit_to_string(&text)));
        }
    } else {
        assert_eq!(ran.status, 1);
        assert!(ran.stderr.starts_with("error[E"), "{}", ran.stderr);
    }
}

#[test]
fn new_writes_what_the_repository_carries_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for name in SPECS {
        let path = folder.path().join("nets").join(name);
        let arguments = ["new", path.to_str().unwrap(), "--from", name];
        let first = cnnc(&arguments);
        assert_eq!((first.status, first.stdout.as_str()), (0, ""), "{}", first.stderr);
        let carried = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(spec(name))).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), carried);
        std::fs::write(&path, "mine").unwrap();
        let second = cnnc(&arguments);
        assert_eq!(second.status, 1);
        assert!(second.stderr.contains("is there already"), "{}", second.stderr);
        assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    }
    let path = folder.path().join("x.cnn");
    let ran = cnnc(&["new", path.to_str().unwrap(), "--from", "mnist_piramid"]);
    assert_text!("new_unknown", failure(&ran, folder.path()));
    assert!(!path.exists());
    assert_text!("new_list", stdout(&["new", "--list"]));
}

#[test]
fn every_spec_in_the_repository_can_be_started_from() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("specs");
    let list = stdout(&["new", "--list"]);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "cnn") {
            let stem = path.file_stem().unwrap().to_str().unwrap();
            assert!(
                list.lines().any(|line| line.split_whitespace().next() == Some(stem)),
                "{stem}"
            );
        }
    }
}

#[test]
fn devices_says_which_one_auto_takes() {
    let text = stdout(&["devices"]);
    let auto = text.lines().find_map(|line| line.strip_prefix("--device auto takes "));
    let auto = auto.unwrap_or_else(|| panic!("{text}"));
    let named = text.lines().skip(1).find(|line| line.ends_with("  auto")).unwrap();
    let name = named.split("  ").next().unwrap();
    assert!(auto.starts_with(name), "{text}");
}

#[test]
fn a_device_that_is_not_here_is_an_error_that_lists_what_is() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let ran = cnnc(&[
        "run",
        "specs/mnist_mlp.cnn",
        "--device",
        "no such thing",
        "--out",
        out.to_str().unwrap(),
    ]);
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""));
    assert!(
        ran.stderr
            .contains("error: no device with `no such thing` in its name\n"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("\nhelp: there is: "), "{}", ran.stderr);
}

#[test]
fn data_list_shows_where_each_set_would_come_from() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let mut command = command(&["data", "list"]);
    command.env("XDG_CACHE_HOME", &cache).env("HOME", folder.path());
    let listed = ran(command.output().unwrap());
    assert_eq!(listed.status, 0, "{}", listed.stderr);
    let line = |name: &str| {
        listed
            .stdout
            .lines()
            .find(|line| line.starts_with(name))
            .map(str::to_owned)
    };
    let mnist = line("mnist ").unwrap();
    assert!(mnist.contains("28x28x1") && mnist.contains("8,000 + 2,000"), "{mnist}");
    let cifar = line("cifar10 ").unwrap();
    assert!(cifar.contains("32x32x3") && cifar.contains("not here"), "{cifar}");
    assert!(line("fashion-mnist ").is_some(), "{}", listed.stdout);
}

#[test]
fn every_command_has_help() {
    let help = stdout(&["--help"]);
    assert_text!("help", help);
    for command in [
        "check", "run", "eval", "predict", "bench", "emit", "new", "devices", "data", "show",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{command}: {help}");
        let long = cnnc(&[command, "--help"]);
        assert_eq!((long.status, long.stderr.as_str()), (0, ""), "{command}");
        assert!(long.stdout.contains("Usage: cnnc "), "{command}: {}", long.stdout);
        if !["data", "show"].contains(&command) {
            assert!(long.stdout.contains("Examples:\n  cnnc "), "{command}: {}", long.stdout);
        }
    }
    for what in [
        "data",
        "filters",
        "activations",
        "convolve",
        "curves",
        "confusion",
        "mistakes",
        "network",
    ] {
        let help = stdout(&["show", what, "--help"]);
        assert!(help.contains(&format!("Examples:\n  cnnc show {what} ")), "{help}");
    }
    for command in ["list", "fetch", "import"] {
        let long = stdout(&["data", command, "--help"]);
        assert!(long.contains(&format!("Usage: cnnc data {command}")), "{long}");
        assert!(long.contains("Examples:\n  cnnc data "), "{long}");
    }
    assert!(stdout(&["--version"]).starts_with("cnnc "));
}

#[test]
fn a_wrong_command_line_is_status_2() {
    for arguments in [
        [].as_slice(),
        &["train"],
        &["check"],
        &["check", "a.cnn", "--format", "xml"],
        &["run"],
        &["run", "a.cnn", "--epochs", "0"],
        &["run", "a.cnn", "--epochs", "-1"],
        &["run", "a.cnn", "--batch-size", "many"],
        &["run", "a.cnn", "--batch-size", "9999999999"],
        &["run", "a.cnn", "--seed", "1.5"],
        &["run", "a.cnn", "--weights", "w", "--resume"],
        &["eval", "a.cnn"],
        &["predict", "a.cnn", "--weights", "w"],
        &["emit", "assembly", "a.cnn"],
        &["new", "a.cnn"],
        &["new", "--from", "lenet"],
        &["data"],
        &["data", "show"],
    ] {
        let ran = cnnc(arguments);
        assert_eq!(
            (ran.status, ran.stdout.as_str()),
            (2, ""),
            "{arguments:?}: {}",
            ran.stderr
        );
        assert!(!ran.stderr.is_empty());
    }
}
