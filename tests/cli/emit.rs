//! `cnnc emit`: trees, plans and kernels.

use super::{SHORT, cnnc, spec, stdout, write};

#[test]
fn emit_prints_ir_and_plan_of_every_spec() {
    for name in SHORT {
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
fn emit_writes_kernels_that_are_valid_and_say_what_they_are() {
    for name in SHORT {
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
