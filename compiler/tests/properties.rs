//! Shapes against a brute-force count of windows, and no panic on any description that parses.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests read files and may fail"
)]

use cnnc_compiler::check::check_file;
use cnnc_compiler::explanation::explain;
use cnnc_compiler::summary::{SummaryReport, table};
use cnnc_compiler::window::{Padding, Sliding};
use cnnc_compiler::{ir, verbose};
use grammar::source::Source;
use proptest::prelude::*;

/// Windows counted one by one: those wholly inside for valid; for same, one at every multiple of the stride.
fn counted(input: usize, size: usize, stride: usize, dilation: usize, padding: Padding) -> usize {
    (0..input)
        .step_by(stride)
        .filter(|start| padding == Padding::Same || (0..size).all(|tap| start + tap * dilation < input))
        .count()
}

proptest! {
    #[test]
    fn windows_are_as_many_as_counted(
        input in 1_usize..40, size in 1_usize..9, stride in 1_usize..6, dilation in 1_usize..4, same in any::<bool>(),
    ) {
        let padding = if same { Padding::Same } else { Padding::Valid };
        let output = Sliding::along(input, size, stride, dilation, padding).map_or(0, |sliding| sliding.output);
        prop_assert_eq!(output, counted(input, size, stride, dilation, padding));
    }

    #[test]
    fn a_layer_has_the_shape_that_was_counted(
        height in 1_usize..30, width in 1_usize..30, size in (1_usize..7, 1_usize..7), stride in 1_usize..4, same in any::<bool>(),
    ) {
        let padding = if same { Padding::Same } else { Padding::Valid };
        let text = format!(
            "model m {{\n Input(shape=({height}, {width}, 2))\n Conv2D(3, ({}, {}), {stride}, \"{}\")\n}}\n",
            size.0, size.1, padding.name(),
        );
        let wanted = [counted(height, size.0, stride, 1, padding), counted(width, size.1, stride, 1, padding), 3];
        let file = grammar::parse(&Source::new("m", text)).unwrap();
        match check_file(&file) {
            Ok((network, _)) => {
                prop_assert_eq!(network.output_shape().sizes(), &wanted[..]);
                prop_assert_eq!(network.total_params(), size.0 * size.1 * 2 * 3 + 3);
            }
            Err(failure) => {
                prop_assert!(wanted.contains(&0), "{:?}", failure.diagnostics);
                prop_assert_eq!(failure.diagnostics[0].code, "E0301");
            }
        }
    }
}

/// A value of any kind, likely or not.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => (-3_i64..40).prop_map(|number| number.to_string()),
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(|number| format!("{number:?}")),
        4 => prop::sample::select(vec![
            "None", "True", "\"relu\"", "'softmax'", "\"same\"", "\"valid\"", "\"\"", "a", "input", "keras.activations.relu",
            "HeNormal()", "Constant(0.5)", "\"he_uniform\"", "\"mnist\"", "\"./x\"", "Adam(0.1)", "\"sgd\"", "[\"acc\"]",
            "SparseCategoricalCrossentropy(True)", "(28, 28, 1)", "VarianceScaling(0)", "2147483648",
        ]).prop_map(ToOwned::to_owned),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(", ")))
    })
}

fn call() -> impl Strategy<Value = String> {
    let names = vec![
        "Conv2D",
        "Conv2D",
        "MaxPooling2D",
        "AvgPool2D",
        "GlobalAveragePooling2D",
        "GlobalMaxPooling2D",
        "Flatten",
        "Dense",
        "Dense",
        "Activation",
        "ReLU",
        "Softmax",
        "Add",
        "Concatenate",
        "Input",
        "Banana",
        "LSTM",
        "keras.layers.Dense",
        "compile",
    ];
    let arguments = vec![
        "filters",
        "kernel_size",
        "strides",
        "padding",
        "dilation_rate",
        "activation",
        "units",
        "use_bias",
        "name",
        "axis",
        "kernel_initializer",
        "bias_initializer",
        "pool_size",
        "shape",
        "max_value",
        "keepdims",
        "groups",
        "colour",
    ];
    let argument = prop_oneof![
        3 => value(),
        2 => (prop::sample::select(arguments), value()).prop_map(|(name, value)| format!("{name}={value}")),
    ];
    (prop::sample::select(names), prop::collection::vec(argument, 0..5)).prop_map(|(name, mut arguments)| {
        // The parser refuses a positional argument after a named one.
        arguments.sort_by_key(|argument| argument.contains('=') && !argument.contains('('));
        format!("{name}({})", arguments.join(", "))
    })
}

fn statement() -> impl Strategy<Value = String> {
    let label = prop::option::of(prop::sample::select(vec!["a", "b", "c", "input", "flatten"]));
    let wiring = prop::option::weighted(
        0.3,
        prop::sample::select(vec!["a", "b", "input", "[a, b]", "[a, a]", "[input, c]", "3", ""]),
    );
    (label, call(), wiring).prop_map(|(label, call, wiring)| {
        let label = label.map_or_else(String::new, |label| format!("{label} = "));
        let wiring = wiring.map_or_else(String::new, |wiring| format!("({wiring})"));
        format!("{label}{call}{wiring}")
    })
}

fn description() -> impl Strategy<Value = String> {
    let sizes = prop_oneof![
        Just("28, 28, 1"),
        Just("7, 5"),
        Just("12,"),
        Just("3, 3, 2"),
        Just("65536, 65536, 1"),
        Just("30000, 60000, 1"),
        Just("0,")
    ];
    let settings = prop::collection::vec((prop::sample::select(vec!["compile", "fit"]), value(), value()), 0..3);
    (sizes, prop::collection::vec(statement(), 0..8), settings).prop_map(|(sizes, statements, settings)| {
        let settings: Vec<String> = settings
            .into_iter()
            .map(|(name, first, second)| match name {
                "compile" => format!("compile({first}, loss={second})"),
                _ => format!("fit(data={first}, epochs={second})"),
            })
            .collect();
        format!(
            "model m {{\n Input(shape=({sizes}))\n {}\n}}\n{}\n",
            statements.join("\n "),
            settings.join("\n")
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(text in description()) {
        let source = Source::new("m", text);
        let Ok(file) = grammar::parse(&source) else { return Ok(()) };
        let network = match check_file(&file) {
            Ok((network, warnings)) => {
                prop_assert!(warnings.iter().all(|warning| !warning.is_error()));
                let explanation = explain(&network);
                prop_assert_eq!(explanation.layers.len(), network.network().nodes.len());
                Some(network)
            }
            Err(failure) => {
                prop_assert!(failure.diagnostics.iter().any(grammar::diagnostic::Diagnostic::is_error));
                failure.sound
            }
        };
        if let Some(network) = network {
            for columns in [0, 41, 80, 200] {
                prop_assert!(table(&network, columns).ends_with(")\n"));
            }
            prop_assert!(ir::yaml(&network).is_ok());
            let costs = verbose::costs(&network);
            // A network with several inputs has rows for them in the summary.
            if network.inputs().len() == 1 {
                prop_assert_eq!(costs.layers.len(), SummaryReport::new(&network, Vec::new()).layers.len());
            }
        }
    }
}

/// Statements that parse often enough for the property above to mean something.
#[test]
fn most_descriptions_parse() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let parsed = (0..200)
        .filter(|_| {
            let text = description().new_tree(&mut runner).unwrap().current();
            grammar::parse(&Source::new("m", text)).is_ok()
        })
        .count();
    assert!(parsed > 100, "only {parsed} of 200 parse");
}
