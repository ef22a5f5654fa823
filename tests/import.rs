//! Scripts and notebooks in the styles that people write them in, each with the description that it becomes, and Keras's own counts
//! for it (`tests/import/counts.py` prints them).

#![cfg(feature = "import")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

use cnnc::import::{Imported, Options, import};
use compiler::variable::Variable;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn scripts() -> Vec<PathBuf> {
    let mut scripts: Vec<PathBuf> = std::fs::read_dir("tests/import")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    scripts.retain(|path| {
        let ending = path.extension().unwrap_or_default();
        (ending == "py" || ending == "ipynb") && path.file_name().unwrap() != "counts.py"
    });
    scripts.sort();
    assert!(scripts.len() >= 28, "{scripts:?}");
    scripts
}

fn imported(script: &Path) -> Imported {
    import(script, None, &Options::default()).unwrap_or_else(|error| panic!("{}: {error}", script.display()))
}

/// All that is said of a script.
fn said(imported: &Imported) -> String {
    let mut text = imported.examined.source.text.clone();
    for note in &imported.notes {
        writeln!(text, "\nnote: {note}").unwrap();
    }
    for error in &imported.errors {
        writeln!(text, "\nerror: {error}").unwrap();
    }
    for diagnostic in &imported.examined.diagnostics {
        let notes = diagnostic.notes.join("; ");
        writeln!(text, "\n{}: {} ({notes})", diagnostic.code, diagnostic.message).unwrap();
    }
    text
}

fn accepted(imported: &Imported) -> bool {
    imported.errors.is_empty() && !imported.examined.failed()
}

#[test]
fn scripts_become_the_descriptions_that_they_should() {
    for script in scripts() {
        let name = script.file_stem().unwrap().to_string_lossy().into_owned();
        insta::with_settings!({ snapshot_path => "import", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, said(&imported(&script)));
        });
    }
}

/// What no description can say, or the script does not say itself.
const REFUSED: [&str; 3] = ["branches_unknown.py", "transfer_unsupported.py", "unknown_classes.py"];

#[test]
fn counts_are_keras_s() {
    let counts = std::fs::read_to_string("tests/import/counts.json").unwrap();
    let mut counts: BTreeMap<String, [usize; 3]> = serde_json::from_str(&counts).unwrap();
    for script in scripts() {
        let name = script.file_name().unwrap().to_string_lossy().into_owned();
        let imported = imported(&script);
        if REFUSED.contains(&name.as_str()) {
            assert!(!accepted(&imported), "{name}");
            continue;
        }
        assert!(accepted(&imported), "{name}: {}", said(&imported));
        let report = imported.examined.summary().unwrap();
        let own = [
            report.total_params,
            report.trainable_params,
            report.non_trainable_params,
        ];
        assert_eq!(counts.remove(&name), Some(own), "{name}");
    }
    assert!(counts.is_empty(), "no script has these counts: {counts:?}");
}

#[test]
fn what_trains_in_each_phase_is_keras_s() {
    let phases = std::fs::read_to_string("tests/import/phases.json").unwrap();
    let phases: BTreeMap<String, Vec<usize>> = serde_json::from_str(&phases).unwrap();
    assert!(phases.len() >= 3, "{phases:?}");
    for (name, expected) in phases {
        let imported = imported(&Path::new("tests/import").join(&name));
        let network = imported.examined.network.as_ref().unwrap();
        let own: Vec<usize> = (0..network.phase_count())
            .map(|phase| network.phase(phase).trainable_params())
            .collect();
        // What is applied as in prediction is frozen, where Keras moves what its statistics are multiplied by and what is added.
        let kept = |phase: usize| -> usize {
            let network = network.phase(phase);
            let trains = |variables: &[Variable]| variables.iter().any(|variable| variable.trainable);
            let behind = network.nodes().skip_while(|(.., variables)| !trains(variables));
            let kept = behind.filter(|(_, node, _, variables)| {
                node.layer.class() == "BatchNormalization" && !trains(variables) && name == "transfer_phases.py"
            });
            kept.map(|(.., variables)| variables.iter().take(2).map(Variable::count).sum::<usize>())
                .sum()
        };
        let own: Vec<usize> = own.iter().enumerate().map(|(phase, own)| own + kept(phase)).collect();
        assert_eq!(own, expected, "{name}: {}", said(&imported));
    }
}

#[test]
fn what_a_script_leaves_open_can_be_given() {
    let script = Path::new("tests/import/unknown_classes.py");
    assert_eq!(imported(script).open, ["classes"]);
    let given = vec![("classes".to_owned(), "['a', 'b', 'c']".to_owned())];
    let options = Options {
        given,
        ..Options::default()
    };
    let imported = import(script, None, &options).unwrap();
    assert!(accepted(&imported), "{}", said(&imported));
    assert!(
        imported
            .examined
            .source
            .text
            .contains("Dense(3, activation=\"softmax\")")
    );

    let wrong = Options {
        given: vec![("classes".to_owned(), "[1,".to_owned())],
        ..Options::default()
    };
    assert!(
        import(script, None, &wrong)
            .unwrap_err()
            .to_string()
            .contains("--let classes")
    );

    let script = Path::new("tests/import/nested_models.py");
    let stem = Options {
        model: Some("stem".to_owned()),
        input: Some(vec![8, 8, 3]),
        ..Options::default()
    };
    let imported = import(script, None, &stem).unwrap();
    assert!(accepted(&imported), "{}", said(&imported));
    assert_eq!(imported.examined.summary().unwrap().layers.len(), 2);
    let nobody = Options {
        model: Some("nobody".to_owned()),
        ..Options::default()
    };
    assert!(
        import(script, None, &nobody)
            .unwrap_err()
            .to_string()
            .contains("no model `nobody`")
    );
}

/// The outcome of a text, as a script.
fn of(text: &str) -> Result<Imported, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hostile.py");
    std::fs::write(&path, text).unwrap();
    import(&path, None, &Options::default()).map_err(|error| error.to_string())
}

#[test]
fn hostile_scripts_end_soon_with_an_error() {
    const HEAD: &str = "from keras import Sequential, Input, Model, layers\n";
    const TAIL: &str = "\nm = Sequential([Input((4,)), layers.Dense(x)])\n";
    let doubling = "x = 'a'\nfor i in range(64):\n    x = x + x\n".to_owned();
    let lists = "x = []\nfor i in range(500):\n    x = [x, x]\n".to_owned();
    let itself = "x = []\nx.append(x)\n".to_owned();
    let powers = "x = 9 ** 9 ** 9 ** 9\n".to_owned();
    let product = "x = [0] * 10 ** 12\n".to_owned();
    let replaced = "x = ('a' * 9).replace('a', 'b' * 9)\nfor i in range(30):\n    x = x.replace('b', x)\n".to_owned();
    let endless = "x = 1\nwhile True:\n    x = 2\n".to_owned();
    let loops = "x = 1\nfor a in range(9999):\n    for b in range(9999):\n        x = a\n".to_owned();
    let recursion = "def f(n):\n    return f(n + 1)\nx = f(0)\n".to_owned();
    let cyclic = "a = Sequential()\nb = Sequential([a])\na.add(b)\nx = a.input_shape\n".to_owned();
    let grown =
        "s = Sequential([layers.Dense(2)])\nfor i in range(60):\n    s = Sequential([s, s])\nx = len(s.layers)\n"
            .to_owned();
    let applied =
        "i = Input((4,))\nm = Model(i, layers.Dense(4)(i))\nfor k in range(60):\n    m = Model(i, m(m(i)))\nx = 1\n"
            .to_owned();
    for body in [
        doubling, lists, itself, powers, product, replaced, endless, loops, recursion, cyclic, grown, applied,
    ] {
        match of(&format!("{HEAD}{body}{TAIL}")) {
            Ok(imported) => assert!(!accepted(&imported) || imported.left_out > 0, "{}", said(&imported)),
            Err(error) => assert!(!error.is_empty()),
        }
    }
    // Deep forms are read and left out, or refused; none ends the program.
    for (open, middle, close) in [
        ("(", "1", ")"),
        ("[", "", "]"),
        ("-", "1", ""),
        ("not ", "1", ""),
        ("lambda: ", "1", ""),
        ("1+", "1", ""),
        ("f(", "", ")"),
    ] {
        let deep = format!("x = {}{middle}{}", open.repeat(30_000), close.repeat(30_000));
        match of(&format!("{HEAD}{deep}{TAIL}")) {
            // Brackets alone change nothing.
            Ok(imported) => assert_eq!(accepted(&imported), open == "("),
            Err(error) => assert!(!error.is_empty()),
        }
    }
    for text in [
        "",
        "import torch\n",
        "print 'Python 2'\n",
        "\0\0\0",
        "x = (",
        "class M(keras.Model):\n    pass\n",
    ] {
        of(text).unwrap_err();
    }
    assert!(
        of(&"# a comment\n".repeat(100_000))
            .unwrap_err()
            .contains("bytes of Python")
    );
}

#[test]
fn what_is_no_notebook_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("empty.ipynb", ""),
        ("list.ipynb", "[]"),
        ("deep.ipynb", &"[".repeat(100_000)),
        ("none.ipynb", "{\"cells\": []}"),
        (
            "words.ipynb",
            "{\"cells\": [{\"cell_type\": \"markdown\", \"source\": [\"a\"]}]}",
        ),
        (
            "number.ipynb",
            "{\"cells\": [{\"cell_type\": \"code\", \"source\": 3}]}",
        ),
        ("other.txt", "model = Sequential()"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        import(&path, None, &Options::default()).unwrap_err();
    }
    import(&folder.path().join("missing.py"), None, &Options::default()).unwrap_err();
}

#[test]
fn layers_of_keras_2_alone_are_left_out_and_listed() {
    let text = "from tensorflow import keras\nfrom tensorflow.keras import layers\n\
        turn = keras.Sequential([layers.RandomFlip('horizontal'), layers.RandomHeight(0.2), layers.RandomWidth(0.2)])\n\
        model = keras.Sequential([layers.Input((8, 8, 3)), turn, layers.Flatten(), layers.Dense(2)])\n";
    let imported = of(text).unwrap();
    assert!(accepted(&imported), "{}", said(&imported));
    let written = &imported.examined.source.text;
    let (network, left_out) = written.split_once("# Left out").unwrap();
    assert!(
        network.contains("RandomFlip(\"horizontal\")") && !network.contains("RandomHeight"),
        "{written}"
    );
    for class in ["RandomHeight", "RandomWidth"] {
        assert!(
            left_out.contains(&format!("{class} (a layer of Keras 2 alone)")),
            "{written}"
        );
    }
}

/// `--let classes=4` gives a list's length where only that is needed.
#[test]
fn a_number_stands_for_so_many() {
    let options = Options {
        given: vec![("classes".to_owned(), "4".to_owned())],
        ..Options::default()
    };
    let imported = import(Path::new("tests/import/unknown_classes.py"), None, &options).unwrap();
    assert!(accepted(&imported), "{}", said(&imported));
    assert!(
        imported
            .examined
            .source
            .text
            .contains("Dense(4, activation=\"softmax\")")
    );
}

/// A notebook that has seen sets of different numbers of classes says nothing about its network.
#[test]
fn different_numbers_of_classes_in_a_notebook_are_none() {
    let text = std::fs::read_to_string("tests/import/counted_classes.ipynb").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("counted.ipynb");
    std::fs::write(&path, text.replacen("belonging to 4", "belonging to 3", 1)).unwrap();
    let imported = import(&path, None, &Options::default()).unwrap();
    assert!(!accepted(&imported), "{}", said(&imported));
}

/// Weights of classes that are not known are left out and listed, and not taken for none.
#[test]
fn unknown_weights_of_classes_are_listed() {
    let text = "import numpy as np\nfrom keras import Sequential, layers\n\
        from sklearn.utils.class_weight import compute_class_weight\n\
        y = np.load('y.npy')\n\
        weights = dict(enumerate(compute_class_weight('balanced', classes=np.unique(y), y=y)))\n\
        model = Sequential([layers.Input((8, 8, 3)), layers.Flatten(), layers.Dense(2, activation='softmax')])\n\
        model.compile('adam', 'sparse_categorical_crossentropy')\n\
        model.fit(np.load('x.npy'), y, epochs=2, class_weight=weights)\n";
    let imported = of(text).unwrap();
    let written = &imported.examined.source.text;
    let (description, left_out) = written.split_once("# Left out").unwrap();
    assert!(!description.contains("class_weight"), "{written}");
    assert!(left_out.contains("class_weight"), "{written}");
    // Those that are known stay.
    let known = text.replace(
        "compute_class_weight('balanced', classes=np.unique(y), y=y)",
        "[0.5, 2.0]",
    );
    let written = of(&known).unwrap().examined.source.text.clone();
    assert!(written.contains("class_weight={0: 0.5, 1: 2.0}"), "{written}");
}
