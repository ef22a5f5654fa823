//! The arithmetic of explanations is right, and gives the numbers that the summary prints.

#![allow(clippy::match_same_arms)]
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::float_cmp,
    reason = "tests read files and may fail; whole numbers are compared as they are"
)]

use arithmetic::{Read, value};
use cnnc_compiler::activation::ActivationFunction;
use cnnc_compiler::check::check_file;
use cnnc_compiler::explanation::{Axis, Explanation, Fact, LayerExplanation, What, explain};
use cnnc_compiler::layers::CATALOGUE;
use cnnc_compiler::network::CheckedNetwork;
use cnnc_compiler::plan::memory::Sharing;
use cnnc_compiler::plan::work;
use cnnc_compiler::summary::{SummaryReport, table};
use cnnc_compiler::{plan_of, verbose};
use grammar::source::Source;
use std::path::{Path, PathBuf};

mod random;
mod words;

fn network(name: &str, text: &str) -> CheckedNetwork {
    let file = grammar::parse(&Source::new(name, text)).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
    let (network, _) = check_file(&file).unwrap_or_else(|failure| panic!("{name}: {:?}\n{text}", failure.diagnostics));
    network
}

/// The paths of all sound descriptions in the repository.
fn descriptions() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = ["specs", "compiler/tests/keras"].map(|folder| root.join(folder));
    let cases = std::fs::read_dir(root.join("tests/oracle")).unwrap();
    let cases = cases.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let paths = folders
        .into_iter()
        .chain(cases)
        .flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let paths: Vec<PathBuf> = paths.map(|entry| entry.unwrap().path()).collect();
    paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "cnn"))
        .collect()
}

fn all_facts(explanation: &Explanation) -> impl Iterator<Item = &Fact> {
    let layers = explanation.layers.iter().flat_map(|layer| &layer.facts);
    let sections = std::iter::once(&explanation.totals).chain(&explanation.training);
    layers.chain(sections.flat_map(|section| &section.facts))
}

fn fact(facts: &[Fact], what: What) -> Option<&Fact> {
    facts.iter().find(|fact| fact.what == what)
}

/// The result of the first equation as it is printed; 0 where nothing is counted.
fn first(facts: &[Fact], what: What) -> f64 {
    fact(facts, what).map_or(0.0, |fact| Read::of(&fact.equations[0].to_string()).right)
}

/// The result of the last equation before shares and larger units: bytes of memory.
fn bytes(facts: &[Fact], what: What) -> f64 {
    let fact = fact(facts, what).unwrap();
    let mut of_bytes = fact
        .equations
        .iter()
        .map(ToString::to_string)
        .filter(|text| text.ends_with(" bytes"));
    Read::of(&of_bytes.next_back().unwrap()).right
}

/// Every equation holds, and every number is that of the summary.
fn check(network: &CheckedNetwork) {
    let explanation = explain(network);
    for fact in all_facts(&explanation) {
        assert!(!fact.equations.is_empty(), "{fact:?}");
        for equation in &fact.equations {
            let read = Read::of(&equation.to_string());
            assert!(read.holds(), "{equation}: {} is not {}", read.left, read.right);
            assert!(
                (equation.number() - read.right).abs() <= read.tolerance,
                "{equation}: {}",
                equation.number()
            );
        }
    }
    let report = SummaryReport::new(network, Vec::new());
    let costs = verbose::costs(network);
    // A model that is a layer has one row, and an explanation of each of its layers.
    let is_input = |name: &str| network.inputs().iter().any(|port| port.name == name);
    let own: Vec<_> = explanation
        .layers
        .iter()
        .filter(|layer| !is_input(&layer.name))
        .collect();
    let flat = network.network().groups.is_empty() && network.nodes().all(|(_, node, ..)| node.shares.is_none());
    assert!(!flat || own.len() == report.layers.len());
    let rows = own.into_iter().zip(&report.layers).zip(&costs.layers);
    for ((layer, row), cost) in rows.filter(|_| flat) {
        // Behind the batch, sizes that the description leaves open are not told.
        let told = row.output_shape.iter().skip(1).zip(layer.output.sizes());
        let told: Vec<usize> = told.map(|(told, size)| told.unwrap_or(*size)).collect();
        assert_eq!((&layer.name, layer.output.sizes()), (&row.name, told.as_slice()));
        assert_eq!(
            (layer.parameters, layer.macs),
            (row.params, cost.macs),
            "{}",
            layer.name
        );
        assert_eq!(
            first(&layer.facts, What::Parameters),
            row.params as f64,
            "{}",
            layer.name
        );
        assert_eq!(
            first(&layer.facts, What::MultiplyAdds),
            cost.macs as f64,
            "{}",
            layer.name
        );
        assert_eq!(
            bytes(&layer.facts, What::Memory),
            cost.activation_bytes as f64,
            "{}",
            layer.name
        );
        sizes(layer);
        sees(layer, cost);
    }
    let totals = &explanation.totals.facts;
    assert_eq!(first(totals, What::Parameters), report.total_params as f64);
    assert_eq!(first(totals, What::Trainable), report.non_trainable_params as f64);
    assert_eq!(first(totals, What::MultiplyAdds), costs.macs as f64);
    assert_eq!(bytes(totals, What::Memory), costs.activation_bytes as f64);
    assert_eq!(bytes(totals, What::Parameters), costs.parameter_bytes as f64);
    keras_units(network, fact(totals, What::Parameters).unwrap());
    training(network, &explanation);
}

/// Explained sizes are those of the output.
fn sizes(layer: &LayerExplanation) {
    let sizes = layer.output.sizes();
    for fact in layer.facts.iter().filter(|fact| fact.what == What::Size) {
        let size = Read::of(&fact.equations.last().unwrap().to_string()).right;
        let expected: &[usize] = match (fact.axis, layer.class) {
            (Axis::Height, _) => &sizes[..1],
            (Axis::Width, _) => &sizes[1..2],
            (
                Axis::Both,
                "Conv2D" | "MaxPooling2D" | "AveragePooling2D" | "DepthwiseConv2D" | "SeparableConv2D"
                | "Conv2DTranspose" | "UpSampling2D" | "ZeroPadding2D" | "Cropping2D",
            ) => &sizes[..2],
            (Axis::Both, "Conv1D" | "MaxPooling1D" | "AveragePooling1D") => &sizes[..1],
            (Axis::Both, "Flatten") => sizes,
            (Axis::Both, "Reshape") => {
                assert_eq!(size, layer.output.elements() as f64, "{}: {fact:?}", layer.name);
                continue;
            }
            (Axis::Both, _) => {
                assert!(
                    sizes.iter().any(|&expected| size == expected as f64),
                    "{}: {fact:?}",
                    layer.name
                );
                continue;
            }
        };
        assert!(
            expected.iter().all(|&expected| size == expected as f64),
            "{}: {fact:?}",
            layer.name
        );
    }
    let windowed = [
        "Conv2D",
        "Conv2DTranspose",
        "DepthwiseConv2D",
        "SeparableConv2D",
        "Conv1D",
        "MaxPooling2D",
        "AveragePooling2D",
        "MaxPooling1D",
        "AveragePooling1D",
        "UpSampling2D",
        "ZeroPadding2D",
        "Cropping2D",
        "Reshape",
        "Flatten",
        "Concatenate",
    ];
    assert_eq!(
        fact(&layer.facts, What::Size).is_some(),
        windowed.contains(&layer.class),
        "{}",
        layer.name
    );
}

/// An explained receptive field is that of the costs, and each layer that enlarges the field explains it.
fn sees(layer: &LayerExplanation, cost: &verbose::LayerCosts) {
    for (what, pick) in [
        (
            What::Sees,
            (|field: verbose::ReceptiveField| field.size) as fn(_) -> [u64; 2],
        ),
        (What::Step, |field: verbose::ReceptiveField| field.jump),
    ] {
        for fact in layer.facts.iter().filter(|fact| fact.what == what) {
            let found = Read::of(&fact.equations[0].to_string()).right;
            let [height, width] = pick(cost.receptive_field.unwrap()).map(|cells| cells as f64);
            match fact.axis {
                Axis::Both => assert_eq!((found, found), (height, width), "{}", layer.name),
                Axis::Height => assert_eq!(found, height, "{}", layer.name),
                Axis::Width => assert_eq!(found, width, "{}", layer.name),
            }
        }
    }
}

/// The size in brackets behind the summary's total.
fn keras_units(network: &CheckedNetwork, parameters: &Fact) {
    // Keras counts the samples that it adapted to in integers of eight bytes.
    let table = table(network, 200);
    let total = table.lines().find(|line| line.starts_with(" Total params:")).unwrap();
    let (_, size) = total.split_once('(').unwrap();
    let last = parameters.equations.last().unwrap().to_string();
    let printed = size.trim_end_matches(')');
    match printed.strip_suffix(".00 B") {
        Some(bytes) => assert!(
            last.replace(',', "").ends_with(&format!("= {bytes} bytes")),
            "{last}: {total}"
        ),
        None => assert!(last.ends_with(printed), "{last}: {total}"),
    }
}

fn training(network: &CheckedNetwork, explanation: &Explanation) {
    let Some(compile) = &network.network().compile else {
        assert!(explanation.training.is_empty());
        return;
    };
    let facts: Vec<Fact> = explanation
        .training
        .iter()
        .flat_map(|section| section.facts.clone())
        .collect();
    let slots = compile.optimizer.slots().len() * network.trainable_params();
    assert_eq!(first(&facts, What::State), slots as f64);
    let plan = plan_of(network, Sharing::Shared);
    assert_eq!(2.0 * first(&facts, What::Work), work::flops(&plan.training) as f64);
}

#[test]
fn every_description_of_the_repository() {
    let paths = descriptions();
    assert!(paths.len() > 30, "only {} descriptions found", paths.len());
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        check(&network(path.to_str().unwrap(), &text));
    }
}

#[test]
fn expressions_are_read_as_they_should_be() {
    for (text, expected) in [
        ("1,024 * (2 + 3) - 4 / 8", 5119.5),
        ("floor((28 - 5) / 2) + 1", 12.0),
        ("max(3 - 5, 0)", 0.0),
        ("max(5, 1,000)", 1000.0),
        ("ceil(7 / 2) - 1 - 1", 2.0),
        ("sqrt(0.25) / 2 / 2", 0.125),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
    assert!(Read::of("1 / 3 ≈ 0.33 of it").holds() && !Read::of("1 / 3 ≈ 0.34").holds());
    assert!(Read::of("2 * 3 = 6").holds() && !Read::of("2 * 3 = 6.1").holds());
}

fn explained(text: &str) -> Explanation {
    let network = network("test", text);
    check(&network);
    explain(&network)
}

fn printed(explanation: &Explanation, layer: &str, what: What) -> Vec<String> {
    let layer = explanation.layers.iter().find(|known| known.name == layer).unwrap();
    let facts = layer.facts.iter().filter(|fact| fact.what == what);
    facts
        .flat_map(|fact| fact.equations.iter().map(ToString::to_string))
        .collect()
}

#[test]
fn the_arithmetic_of_the_unit() {
    let one = explained(include_str!("../../../specs/mnist_onelayer.cnn"));
    assert_eq!(printed(&one, "conv2d", What::Size), ["28 - 5 + 1 = 24"]);
    assert_eq!(
        printed(&one, "conv2d", What::Parameters)[0],
        "(5 * 5 * 1 + 1) * 9 = 234"
    );
    assert_eq!(printed(&one, "flatten", What::Size), ["24 * 24 * 9 = 5,184"]);
    assert_eq!(printed(&one, "dense", What::Parameters)[0], "(5,184 + 1) * 10 = 51,850");
    let total: Vec<String> = one.totals.facts[0].equations.iter().map(ToString::to_string).collect();
    assert_eq!(
        total,
        [
            "234 + 51,850 = 52,084",
            "52,084 * 4 = 208,336 bytes",
            "208,336 / 1,024 ≈ 203.45 KB"
        ]
    );
    let lenet = explained(include_str!("../../../specs/lenet.cnn"));
    assert_eq!(printed(&lenet, "max_pooling2d", What::Size), ["28 / 2 = 14"]);
    assert_eq!(
        printed(&lenet, "conv2d_1", What::Sees),
        ["6 + (5 - 1) * 2 = 14 pixels of the picture"]
    );
}

#[test]
fn windows_of_every_kind() {
    let text = "model m {
    Input(shape=(21, 14, 2))
    a = Conv2D(3, (4, 2), strides=(3, 2), use_bias=False)
    b = Conv2D(3, 3, padding='same')
    c = Conv2D(3, 2, dilation_rate=2, padding='same')
    d = Conv2D(3, 3, strides=2, padding='same')
    e = MaxPooling2D((2, 1), strides=(4, 3), padding='same')
}
";
    let explanation = explained(text);
    assert_eq!(
        printed(&explanation, "a", What::Size),
        ["floor((21 - 4) / 3) + 1 = 6", "14 / 2 = 7"]
    );
    assert_eq!(printed(&explanation, "a", What::Parameters)[0], "4 * 2 * 2 * 3 = 48");
    assert_eq!(
        printed(&explanation, "b", What::Size),
        ["6 + 2 - 3 + 1 = 6", "7 + 2 - 3 + 1 = 7"]
    );
    assert_eq!(printed(&explanation, "b", What::Padding), ["3 - 1 = 2", "3 - 1 = 2"]);
    assert_eq!(
        printed(&explanation, "c", What::Sees)[0],
        "10 + (2 - 1) * 2 * 3 = 16 pixels of the picture"
    );
    assert_eq!(printed(&explanation, "d", What::Size), ["6 / 2 = 3", "ceil(7 / 2) = 4"]);
    assert_eq!(
        printed(&explanation, "e", What::Size),
        ["ceil(3 / 4) = 1", "ceil(4 / 3) = 2"]
    );
    assert_eq!(
        printed(&explanation, "e", What::Padding)[0],
        "max((1 - 1) * 4 + 2 - 3, 0) = 0"
    );
}

/// The first steps of Keras's optimizers, from a weight of 1 with a gradient of 0.5.
#[test]
fn steps_by_hand_are_those_of_keras() {
    for (optimizer, expected) in [
        ("'sgd'", 0.995),
        ("SGD(0.01, momentum=0.9, nesterov=True)", 0.9905),
        ("'rmsprop'", 0.996_837_74),
        ("RMSprop(centered=True)", 0.996_666_7),
        ("'adam'", 0.999_000_01),
        ("'adamw'", 0.998_996_02),
    ] {
        let text = format!(
            "model m {{\n Input(shape=(4,))\n Dense(2)\n}}\ncompile({optimizer}, SparseCategoricalCrossentropy(True))\n"
        );
        let explanation = explained(&text);
        let facts: Vec<Fact> = explanation
            .training
            .iter()
            .flat_map(|section| section.facts.clone())
            .collect();
        let last = fact(&facts, What::Update).unwrap().equations.last().unwrap().number();
        assert!((last - expected).abs() < 1e-5, "{optimizer}: {last}");
    }
}

#[test]
fn steps_of_an_epoch() {
    let text = "model m {\n Input(shape=(28, 28))\n Flatten()\n Dense(10)\n}
compile('sgd', SparseCategoricalCrossentropy(True))
fit(data='mnist', epochs=5, initial_epoch=2, batch_size=100, validation_split=0.15)
";
    let explanation = explained(text);
    let facts: Vec<Fact> = explanation
        .training
        .iter()
        .flat_map(|section| section.facts.clone())
        .collect();
    let printed = |what: What| -> Vec<String> {
        let facts = facts.iter().filter(|fact| fact.what == what);
        facts
            .flat_map(|fact| fact.equations.iter().map(ToString::to_string))
            .collect()
    };
    assert_eq!(printed(What::Samples), ["floor(60,000 * (1 - 0.15)) = 51,000"]);
    assert_eq!(
        printed(What::Steps),
        ["51,000 / 100 = 510 steps", "6,800 / 100 = 68 steps"]
    );
    assert_eq!(printed(What::Updates), ["510 * 3 = 1,530"]);
}
