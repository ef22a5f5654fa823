//! Several inputs and outputs, and layers that are applied again: which are accepted, and which errors others get.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use cnnc_compiler::check::check_file;
use cnnc_compiler::network::CheckedNetwork;
use cnnc_compiler::plan::memory::Sharing;
use grammar::source::Source;

fn checked(text: &str) -> CheckedNetwork {
    let tree = grammar::parse(&Source::new("test.cnn", text)).unwrap();
    match check_file(&tree) {
        Ok((network, _)) => network,
        Err(failure) => panic!("{:?}", failure.diagnostics),
    }
}

/// The codes of the errors of a text, in order.
fn errors(text: &str) -> Vec<&'static str> {
    let tree = grammar::parse(&Source::new("test.cnn", text)).unwrap();
    let failure = check_file(&tree).unwrap_err();
    let errors = failure.diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
    errors.map(|diagnostic| diagnostic.code).collect()
}

const TWO: &str = "model two {
    left = Input(shape=(4, 3, 2))
    right = Input(shape=(5,))
    a = Flatten()(left)
    b = Concatenate()([a, right])
    x = Dense(3)
    y = Dense(2)(b)
    outputs(x, y)
}
";

#[test]
fn ports_lie_one_after_another() {
    let network = checked(TWO);
    let ports = |ports: &[cnnc_compiler::network::Port]| -> Vec<(String, usize)> {
        ports.iter().map(|port| (port.name.clone(), port.offset)).collect()
    };
    assert_eq!(
        ports(network.inputs()),
        [("left".to_owned(), 0), ("right".to_owned(), 24)]
    );
    assert_eq!(ports(network.outputs()), [("x".to_owned(), 0), ("y".to_owned(), 3)]);
    assert_eq!(
        (network.input_shape().elements(), network.output_shape().elements()),
        (29, 5)
    );
    let plan = cnnc_compiler::plan_of(&network, Sharing::Shared);
    let output = plan.prediction.output.unwrap();
    assert_eq!(plan.prediction.tensors[output.0].elements(), 5);
}

#[test]
fn keras_s_form_orders_the_inputs() {
    let text = TWO.replace("outputs(x, y)", "Model(inputs=[right, left], outputs=[y, x])");
    let network = checked(&text);
    let names: Vec<&str> = network
        .inputs()
        .iter()
        .chain(network.outputs())
        .map(|port| port.name.as_str())
        .collect();
    assert_eq!(names, ["right", "left", "y", "x"]);
}

#[test]
fn what_is_applied_again_has_no_weights_of_its_own() {
    let network = checked(
        "model tower {
    Input(shape=(6, 6, 1))
    Conv2D(2, 3)
    Flatten()
    Dense(3)
}
model siamese {
    left = Input(shape=(6, 6, 1))
    right = Input(shape=(6, 6, 1))
    a = tower(left)
    b = tower(right)
    code = Dense(4)(a)
    again = code(b)
    Add()([code, again])
}
compile(loss=\"mse\")
",
    );
    assert_eq!(network.total_params(), (9 * 2 + 2) + (32 * 3 + 3) + (3 * 4 + 4));
    let plan = cnnc_compiler::plan_of(&network, Sharing::Shared);
    let names: Vec<&str> = plan
        .parameters
        .iter()
        .map(|parameter| parameter.name.as_str())
        .collect();
    let expected = [
        "tower/conv2d.kernel",
        "tower/conv2d.bias",
        "tower/dense.kernel",
        "tower/dense.bias",
    ];
    assert_eq!(names[..4], expected);
    assert_eq!(names[4..], ["code.kernel", "code.bias"]);
    // Each application makes a gradient of the same variables.
    for parameter in &plan.parameters {
        let operations = plan.training.operations.iter();
        let writers = operations.filter(|instruction| instruction.op.gradients().contains(&parameter.range));
        assert_eq!(writers.count(), 2, "{}", parameter.name);
    }
}

#[test]
fn with_parentheses_of_its_own_a_model_is_made_anew() {
    let network = checked(
        "model tower {
    Input(shape=(5,))
    Dense(3)
}
model both {
    left = Input(shape=(5,))
    right = Input(shape=(5,))
    a = tower()(left)
    b = tower()(right)
    Add()([a, b])
}
",
    );
    assert_eq!(network.total_params(), 2 * 18);
}

#[test]
fn losses_go_by_the_outputs_names() {
    let with = |compile: &str| format!("{TWO}{compile}\n");
    let network = checked(&with(
        "compile(loss={\"y\": \"mse\", \"x\": \"mae\"}, loss_weights={\"x\": 2, \"y\": 0.5}, metrics=[None, [\"accuracy\"]])",
    ));
    let compile = network.training().unwrap();
    let judged: Vec<(String, f64)> = compile
        .judgements()
        .map(|judgement| (judgement.loss.printed(), judgement.loss_weight))
        .collect();
    assert!(judged[0].0.starts_with("MeanAbsoluteError") && judged[1].0.starts_with("MeanSquaredError"));
    assert_eq!((judged[0].1, judged[1].1), (2.0, 0.5));
    let names: Vec<String> = compile.reported().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["loss", "x_loss", "y_loss", "y_accuracy"]);
    for wrong in [
        "compile(loss={\"x\": \"mse\"})",
        "compile(loss={\"x\": \"mse\", \"z\": \"mse\"})",
        "compile(loss=[\"mse\"])",
        "compile(loss=\"mse\", metrics=[\"accuracy\"])",
        "compile(loss=\"mse\", metrics={\"z\": [\"accuracy\"]})",
        "compile(loss=\"mse\", loss_weights=[1])",
        "compile(loss=\"mse\", loss_weights=2)",
        "compile(loss=\"mse\", loss_weights={\"x\": 1})",
    ] {
        assert!(
            errors(&with(wrong)).contains(&"E0440"),
            "{wrong}: {:?}",
            errors(&with(wrong))
        );
    }
    assert_eq!(errors(&with("compile(loss=\"mse\")\nfit(data=\"mnist\")")), ["E0514"]);
    assert_eq!(
        errors(&with("compile(loss=\"mse\")\nfit(data=\"a.npz\", targets=\"input\")")),
        ["E0514"]
    );
}

#[test]
fn one_output_may_be_named_too() {
    let network = checked(
        "model one {
    Input(shape=(4,))
    answer = Dense(2)
}
compile(loss={\"answer\": \"mse\"}, loss_weights=0.5)
",
    );
    let compile = network.training().unwrap();
    assert!(compile.others.is_empty() && compile.is_weighed());
}

#[test]
fn wrong_ends_are_told() {
    let model =
        |lines: &str| format!("model m {{\n    left = Input(shape=(4,))\n    right = Input(shape=(4,))\n{lines}\n}}\n");
    for (lines, code) in [
        ("a = Add()([left, right])\noutputs(a, a)", "E0234"),
        ("a = Add()([left, right])\noutputs(a, left)", "E0234"),
        ("a = Add()([left, right])\noutputs()", "E0234"),
        ("a = Add()([left, right])\noutputs(a)\nDense(2)", "E0234"),
        ("a = Add()([left, right])\noutputs(b)", "E0113"),
        ("a = Add()([left, right])\nModel(inputs=[a], outputs=a)", "E0234"),
        ("a = Dense(2)(left)\nb = a(right)\noutputs(a, b)", "E0234"),
        ("a = Dense(2)(left)\nb = a(2)\nAdd()([a, b])", "E0235"),
        ("a = left(right)", "E0235"),
        (
            "a = Dense(2)(left)\nb = Dense(3)(right)\nc = a(b)\nAdd()([a, c])",
            "E0235",
        ),
    ] {
        let found = errors(&model(lines));
        assert!(found.contains(&code), "{lines}: {found:?}");
    }
}
