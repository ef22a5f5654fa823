//! The carried descriptions, and what is printed of networks: IR, summary as data, costs, the language reference.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests read files and may fail"
)]

use cnnc_compiler::check::check_file;
use cnnc_compiler::network::CheckedNetwork;
use cnnc_compiler::summary::{SummaryReport, table_of_part};
use cnnc_compiler::{ir, language, verbose};
use grammar::source::Source;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A snapshot without the expression that made it.
macro_rules! assert_text {
    ($name:expr, $text:expr) => {
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!($name, $text) })
    };
}

const GRAPH: &str = "model graph {
    inputs = Input(shape=(9, 12, 2))
    Conv2D(4, (3, 2), strides=(2, 1), padding='SAME', activation='leaky_relu', name='stem')
    left = ReLU(max_value=6, negative_slope=0.1)
    right = Conv2D(4, 3, dilation_rate=2, padding='same', use_bias=False, kernel_initializer=he_normal())(stem)
    sum = Add()([left, right, right])
    Concatenate(axis=1)([sum, left])
    AvgPool2D(3, strides=2)
    GlobalMaxPool2D()
    Dense(5, kernel_initializer=VarianceScaling(2.0, mode='fan_out', distribution='uniform'), bias_initializer=Constant(0.1))
    Softmax()
}
compile(optimizer=RMSprop(1e-3, centered=True), loss='sparse_categorical_crossentropy', metrics=['acc'])
fit(data='digits.npz', validation_split=0.25, seed=7)
";

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

fn network(name: &str, text: &str) -> CheckedNetwork {
    let source = Source::new(name, text);
    let file = grammar::parse(&source).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
    match check_file(&file) {
        Ok((network, warnings)) => {
            assert!(warnings.is_empty(), "{name}: {warnings:?}");
            network
        }
        Err(failure) => panic!("{name}: {:?}", failure.diagnostics),
    }
}

fn spec(name: &str) -> CheckedNetwork {
    network(
        name,
        &std::fs::read_to_string(folder("specs").join(format!("{name}.cnn"))).unwrap(),
    )
}

#[test]
fn specs_have_the_parameters_that_they_should() {
    let counts = [
        ("mnist_onelayer", 52_084),
        ("mnist_pyramid", 8_490),
        ("mnist_pyramid_average", 8_490),
        ("mnist_mlp", 79_510),
        ("lenet", 62_006),
        ("mnist_tiny", 7_714),
        ("mobilenet_fashion", 38_346),
        ("autoencoder_fashion", 4_385),
        ("cifar10_small_vgg", 552_874),
        ("resnet8_cifar10", 78_666),
        ("resnet20_cifar10", 273_658),
        ("photos", 285_922),
        ("cats_and_dogs", 1_043_905),
        ("regression_angles", 47_201),
        ("transfer_flowers", 2_264_389),
        ("unet_masks", 482_033),
        ("siamese_digits", 30_465),
    ];
    for (name, params) in counts {
        let spec = spec(name);
        assert_eq!((spec.network().name.as_str(), spec.total_params()), (name, params));
        assert!(spec.training().is_ok());
    }
    let carried = std::fs::read_dir(folder("specs"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    assert_eq!(
        carried
            .filter(|path| path.extension().is_some_and(|end| end == "cnn"))
            .count(),
        counts.len()
    );
}

#[test]
fn the_listings_of_the_unit_are_read_as_they_stand() {
    let text = "model sequential {
    keras.layers.Input(shape=(32, 32, 3)),
    keras.layers.Conv2D(filters=6, kernel_size=5, strides=1, activation='relu'),
    keras.layers.MaxPooling2D(pool_size=2, strides=2),
    keras.layers.Conv2D(filters=16, kernel_size=5, strides=1, activation='relu'),
    keras.layers.MaxPooling2D(pool_size=2, strides=2),
    keras.layers.Flatten(),
    keras.layers.Dense(120, activation='relu'),
    keras.layers.Dense(84, activation='relu'),
    keras.layers.Dense(10)
}
model.compile(optimizer='adam', loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])
hist = model.fit(data='cifar10', epochs=10)
";
    assert_eq!(network("listing", text).total_params(), 62_006);
}

#[test]
fn a_model_alone_can_be_checked_but_not_trained() {
    let network = network("alone", "model m {\n    Input(shape=(4,))\n    Dense(2)\n}\n");
    assert_eq!(network.training().unwrap_err().code, "E0410");
}

#[test]
fn a_network_that_fails_shows_its_layers_down_to_there() {
    let text = "model m {
    Input(shape=(8, 8, 1))
    Conv2D(4, 3)
    MaxPooling2D(2)
    Conv2D(4, 5)
    Flatten()
    Dense(10)
}
fit(data='nonsense', epochs='many')
";
    let file = grammar::parse(&Source::new("m", text)).unwrap();
    let failure = check_file(&file).unwrap_err();
    let codes: Vec<&str> = failure.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, ["E0301", "E0501", "E0107"]);
    assert_text!("down_to_the_failure", table_of_part(&failure.sound.unwrap(), 80));
}

#[test]
fn ir() {
    assert_text!("ir_mnist_pyramid", ir::yaml(&spec("mnist_pyramid")).unwrap());
    assert_text!("ir_graph", ir::yaml(&network("graph", GRAPH)).unwrap());
}

#[test]
fn report_and_costs() {
    let graph = network("graph", GRAPH);
    assert_text!(
        "report_graph",
        serde_yaml::to_string(&SummaryReport::new(&graph, Vec::new())).unwrap()
    );
    let rows = |network: &CheckedNetwork| {
        let costs = verbose::costs(network);
        let mut text = format!(
            "{} MACs, {} B activations, {} B parameters\n",
            costs.macs, costs.activation_bytes, costs.parameter_bytes
        );
        for layer in &costs.layers {
            let field = layer.receptive_field.map_or("-".to_owned(), |field| {
                format!("sees {:?} every {:?}", field.size, field.jump)
            });
            let _ = writeln!(
                text,
                "{} ({}): {} MACs, {} B, {field}",
                layer.name, layer.class, layer.macs, layer.activation_bytes
            );
        }
        text
    };
    assert_text!("costs", format!("{}\n{}", rows(&spec("mnist_pyramid")), rows(&graph)));
}

#[test]
fn the_language_reference_is_up_to_date() {
    const BEGIN: &str =
        "<!-- Printed from the signatures; `INSTA_UPDATE=always cargo test -p cnnc-compiler` writes it anew. -->\n";
    let path = folder("specs/LANGUAGE.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (head, tables) = text.split_once(BEGIN).expect("the line that begins the tables");
    let current = language::language_tables();
    if tables.trim() != current.trim() && std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, format!("{head}{BEGIN}\n{current}")).unwrap();
        return;
    }
    assert_eq!(tables.trim(), current.trim(), "specs/LANGUAGE.md is out of date");
}
