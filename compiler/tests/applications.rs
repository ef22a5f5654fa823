//! Applications as layers: the names, classes, shapes and parameters of all layers, and the totals, are those of
//! Keras 3.15.1 (`applications/`, a file each, whose first line has the model's name, the size of its pictures, and
//! the totals of all and of trainable parameters).

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a failed test is what a panic is for"
)]

use cnnc_compiler::check::check_file;
use cnnc_compiler::network::CheckedNetwork;
use cnnc_compiler::numbers::tuple;
use cnnc_compiler::summary;
use cnnc_compiler::variable::Variable;
use grammar::source::Source;
use std::path::Path;

fn checked(text: &str) -> CheckedNetwork {
    let file = grammar::parse(&Source::new("net.cnn", text)).unwrap();
    let (network, diagnostics) = check_file(&file).unwrap();
    assert_eq!(diagnostics, []);
    network
}

fn golden(name: &str, which: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/applications");
    let text = std::fs::read_to_string(folder.join(format!("{name}.{which}.txt"))).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// The lines of a golden file, from the compiled application.
fn lines(name: &str, size: usize, include_top: &str) -> Vec<String> {
    let network = checked(&format!(
        "model outer {{\n    Input(shape=({size}, {size}, 3))\n    {name}(include_top={include_top}, weights=None, input_shape=({size}, {size}, 3))(input)\n}}"
    ));
    let group = network.network().groups.first().unwrap();
    let prefix = format!("{}/", group.name);
    let nodes: Vec<_> = network.nodes().collect();
    let head = format!(
        "{} {size} {} {}",
        group.name,
        network.total_params(),
        network.trainable_params()
    );
    let rows = summary::order(&network).into_iter().skip(1).map(|id| {
        let (_, node, shape, variables) = nodes[id.0];
        let params: usize = variables.iter().map(Variable::count).sum();
        let own = node.name.strip_prefix(&prefix).unwrap();
        let shape = tuple(shape.sizes()).replace(", ", ",");
        format!("{own} {} {shape} {params}", node.layer.keras_class())
    });
    std::iter::once(head).chain(rows).collect()
}

#[test]
fn every_layer_is_that_of_keras() {
    for application in &cnnc_compiler::applications::CATALOGUE {
        let wanted = golden(application.name, "top");
        let size: usize = wanted[0].split(' ').nth(1).unwrap().parse().unwrap();
        let given = lines(application.name, size, "True");
        for (given, wanted) in given.iter().zip(&wanted) {
            assert_eq!(given, wanted, "{}", application.name);
        }
        assert_eq!(given.len(), wanted.len(), "{}", application.name);
    }
}

#[test]
fn without_their_top_they_have_the_totals_of_keras() {
    for application in &cnnc_compiler::applications::CATALOGUE {
        let wanted = golden(application.name, "base");
        let size: usize = wanted[0].split(' ').nth(1).unwrap().parse().unwrap();
        let given = lines(application.name, size, "False");
        assert_eq!(given[0], wanted[0], "{}", application.name);
    }
}

#[test]
fn a_frozen_application_is_one_row_and_trains_nothing() {
    let network = checked(
        "model pets {
    Input(shape=(96, 96, 3))
    MobileNetV2(include_top=False, input_shape=(96, 96, 3), pooling=\"avg\", weights=None, trainable=False)
    Dense(2)
}",
    );
    let report = summary::SummaryReport::new(&network, Vec::new());
    let rows: Vec<_> = report
        .layers
        .iter()
        .map(|row| {
            (
                row.name.as_str(),
                row.class,
                row.output_shape.iter().flatten().copied().collect::<Vec<usize>>(),
                row.params,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("mobilenetv2_1.00_96", "Functional", vec![1280], 2_257_984),
            ("dense", "Dense", vec![2], 2562),
        ]
    );
    assert_eq!((report.total_params, report.trainable_params), (2_260_546, 2562));
}

#[test]
fn models_in_models_are_rows_and_their_layers_have_paths() {
    let network = checked(
        "model encoder {
    Input(shape=(8, 8, 1))
    Conv2D(4, 3, activation=\"relu\")
    Flatten()
}

model pair {
    Input(shape=(8, 8, 1))
    left = encoder()(input)
    right = encoder(trainable=False)(input)
    both = Add()([left, right])
    Dense(3)
}",
    );
    let names: Vec<&str> = network.nodes().map(|(_, node, ..)| node.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "input_layer_1",
            "left/conv2d",
            "left/flatten",
            "right/conv2d",
            "right/flatten",
            "both",
            "dense"
        ]
    );
    assert_eq!(
        (network.total_params(), network.trainable_params()),
        (80 + 435, 40 + 435)
    );
    insta::assert_snapshot!(summary::table(&network, 112));
}

#[test]
fn models_that_grow_without_end_are_refused() {
    let mut text = "model m0 {\n    Input(shape=(4,))\n    Dense(4)\n    Dense(4)\n}\n".to_owned();
    for level in 1..40 {
        let before = level - 1;
        text.push_str(&format!(
            "model m{level} {{\n    Input(shape=(4,))\n    m{before}(name=\"a\")\n    m{before}(name=\"b\")\n}}\n"
        ));
    }
    let file = grammar::parse(&Source::new("net.cnn", text.as_str())).unwrap();
    let failure = check_file(&file).unwrap_err();
    let codes: Vec<_> = failure.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, ["E0212"]);
}
