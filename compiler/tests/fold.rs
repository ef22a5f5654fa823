//! Batch normalizations in the products before them: which are taken in, and what becomes of the parameters.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail")]

use cnnc_compiler::check::check_file;
use cnnc_compiler::plan::memory::Sharing;
use cnnc_compiler::plan::{Plan, Program};
use cnnc_compiler::{plan_of, plan_to_infer};
use grammar::source::Source;

fn plans(layers: &str) -> (Plan, Plan) {
    let text = format!("model net {{\n{layers}\n}}\ncompile(loss=SparseCategoricalCrossentropy(from_logits=True))\n");
    let (network, _) = check_file(&grammar::parse(&Source::new("net.cnn", text)).unwrap()).unwrap();
    (
        plan_of(&network, Sharing::Shared),
        plan_to_infer(&network, Sharing::Shared),
    )
}

fn names(program: &Program) -> Vec<&'static str> {
    program
        .operations
        .iter()
        .map(|instruction| instruction.op.name())
        .collect()
}

fn count(plan: &Plan) -> [usize; 2] {
    [&plan.evaluation, &plan.prediction]
        .map(|program| names(program).iter().filter(|name| **name == "normalize").count())
}

#[test]
fn what_stands_alone_behind_a_product_is_taken_in() {
    let (trains, infers) = plans(
        "Input(shape=(8, 8, 2))
    Conv2D(5, 3, use_bias=False, kernel_regularizer=\"l2\")
    BatchNormalization()
    ReLU()
    Conv2D(4, 1)
    BatchNormalization(scale=False, center=False)
    Flatten()
    Dense(6)
    BatchNormalization()
    Activation(\"tanh\")
    Dense(3)",
    );
    assert_eq!(count(&trains), [3, 3]);
    assert_eq!(count(&infers), [0, 0]);
    assert_eq!(infers.folded.len(), 3);
    // The relu is on the way of the convolution then.
    assert_eq!(
        names(&infers.prediction)
            .iter()
            .filter(|name| **name == "activation")
            .count(),
        1
    );
    assert!(infers.training.operations.is_empty() && infers.optimizer.is_none());
    assert!(
        trains.folded.is_empty()
            && trains
                .parameters
                .iter()
                .any(|parameter| parameter.regularizer.is_some())
    );
    assert!(
        infers
            .parameters
            .iter()
            .all(|parameter| parameter.regularizer.is_none())
    );
    assert_eq!(trains.parameter_floats, infers.parameter_floats);
}

#[test]
fn what_others_take_too_stays() {
    let kept = |layers: &str| {
        let (_, infers) = plans(&format!("x = Input(shape=(8, 8, 2))\n{layers}\nFlatten()\nDense(3)"));
        assert_eq!(infers.folded.len(), 0, "{layers}");
        count(&infers)
    };
    // Two take what the convolution makes.
    assert_eq!(
        kept("a = Conv2D(4, 3)(x)\nb = BatchNormalization()(a)\nAdd()([a, b])"),
        [1, 1]
    );
    // A function lies between.
    assert_eq!(
        kept("Conv2D(4, 3, activation=\"relu\")(x)\nBatchNormalization()"),
        [1, 1]
    );
    assert_eq!(kept("Conv2D(4, 3)(x)\nMaxPooling2D()\nBatchNormalization()"), [1, 1]);
    // A kernel that is used twice.
    assert_eq!(
        kept(
            "c = Conv2D(4, 3, padding=\"same\")\na = c(x)\nb = BatchNormalization()(a)\nd = Conv2D(2, 1)(b)\ne = c(d)\nFlatten()(e)"
        ),
        [1, 1]
    );
    // A bias of its own.
    assert_eq!(kept("DepthwiseConv2D(3)(x)\nBatchNormalization()"), [1, 1]);
    // What the convolution makes adds to the loss: in both programs the parameters are the same.
    assert_eq!(
        kept("Conv2D(4, 3, activity_regularizer=\"l2\")(x)\nBatchNormalization()"),
        [1, 1]
    );
}

#[test]
fn the_kernel_is_multiplied_and_the_shift_lies_where_the_mean_was() {
    let (_, infers) = plans("Input(shape=(2,))\nDense(3)\nBatchNormalization(epsilon=0.25)\nDense(2)");
    let parameter = |name: &str| {
        infers
            .parameters
            .iter()
            .find(|parameter| parameter.name == name)
            .unwrap()
    };
    let mut parameters = vec![0.0; infers.parameter_floats];
    for (name, values) in [
        ("dense.kernel", vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        ("dense.bias", vec![1.0, -1.0, 0.5]),
        ("batch_normalization.gamma", vec![2.0, 1.0, -1.0]),
        ("batch_normalization.beta", vec![0.0, 10.0, 1.0]),
        ("batch_normalization.moving_mean", vec![3.0, 0.0, 0.5]),
        ("batch_normalization.moving_variance", vec![0.75, 3.75, 0.0]),
    ] {
        let parameter = parameter(name);
        let packed = parameter.pack(&values);
        parameters[parameter.range.offset..][..packed.len()].copy_from_slice(&packed);
    }
    let made = infers.entering(&parameters);
    // The factors are 2, 1/2 and -2.
    assert_eq!(
        parameter("dense.kernel").unpack(&made),
        [2.0, 1.0, -6.0, 8.0, 2.5, -12.0]
    );
    assert_eq!(
        parameter("batch_normalization.moving_mean").unpack(&made),
        [-4.0, 9.5, 1.0]
    );
    assert_eq!(parameter("dense_1.kernel").unpack(&made), [0.0; 6]);
}
