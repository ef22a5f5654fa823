//! Small networks that together use every kernel, for a check without a description.

mod layers;

use crate::session::error::Result;
use crate::session::examine::{Description, examine_text};
use layers::LAYERS;
use std::path::Path;

/// The optimizers that the networks of layers are trained with, in turn; a small network has those that are left.
const OPTIMIZERS: [&str; 18] = [
    "SGD(0.1, momentum=0.9)",
    "Adam()",
    "SGD(0.1, momentum=0.9, nesterov=True)",
    "RMSprop()",
    "RMSprop(momentum=0.5, centered=True)",
    "Adam(amsgrad=True)",
    "AdamW()",
    "Nadam()",
    "Adagrad()",
    "Adadelta()",
    "Adamax()",
    "Lion()",
    "Ftrl()",
    "SGD(0.1)",
    "RMSprop(momentum=0.5)",
    "SGD(0.1, clipnorm=1.0)",
    "SGD(0.1, clipvalue=0.01)",
    "SGD(0.1, use_ema=True)",
];

/// The activations that no layer in the networks above has.
const ACTIVATIONS: [&str; 10] = [
    "sigmoid",
    "elu",
    "selu",
    "softplus",
    "softsign",
    "silu",
    "relu6",
    "hard_sigmoid",
    "exponential",
    "leaky_relu",
];

/// The losses that compare values, each with the activation whose output it needs.
const LOSSES: [(&str, Option<&str>); 17] = [
    ("CategoricalCrossentropy(from_logits=True)", None),
    ("CategoricalCrossentropy(label_smoothing=0.1)", Some("softmax")),
    ("CategoricalCrossentropy()", Some("softplus")),
    ("BinaryCrossentropy(from_logits=True, label_smoothing=0.2)", None),
    ("BinaryCrossentropy()", Some("hard_sigmoid")),
    ("CategoricalFocalCrossentropy(from_logits=True)", None),
    ("CategoricalFocalCrossentropy()", Some("softplus")),
    ("BinaryFocalCrossentropy(from_logits=True)", None),
    (
        "BinaryFocalCrossentropy(apply_class_balancing=True)",
        Some("hard_sigmoid"),
    ),
    ("MeanSquaredError()", None),
    ("MeanAbsoluteError()", Some("tanh")),
    ("Huber(0.4)", None),
    ("KLDivergence()", Some("softmax")),
    ("Dice(axis=-1)", Some("sigmoid")),
    ("Dice()", Some("sigmoid")),
    ("Dice(axis=0)", Some("sigmoid")),
    ("Tversky(0.3, 0.6, axis=1)", Some("sigmoid")),
];

/// Metrics, each with a loss and the last layers that it is counted with.
const METRICS: [(&str, &str, &str); 3] = [
    (
        "'accuracy', 'categorical_accuracy', Precision(), Recall(class_id=1), AUC(11), AUC(12, multi_label=True), F1Score('macro'), MeanIoU(3, sparse_y_pred=False), \
         OneHotMeanIoU(3), TopKCategoricalAccuracy(2)",
        "'categorical_crossentropy'",
        "Flatten()\n    Dense(3, activation='softmax')",
    ),
    (
        "'sparse_categorical_accuracy', SparseTopKCategoricalAccuracy(2)",
        "'sparse_categorical_crossentropy'",
        "Flatten()\n    Dense(3, activation='softmax')",
    ),
    (
        "'binary_accuracy', BinaryIoU(threshold=0.4), AUC(20, 'PR'), 'mse', MeanAbsoluteError(), RootMeanSquaredError()",
        "'binary_crossentropy'",
        "Conv2D(1, 1, activation='sigmoid')",
    ),
];

/// A network with two inputs, two outputs, and layers that are applied more than once.
const SEVERAL: &str = "left = Input(shape=(6, 5, 2))
    right = Input(shape=(6, 5, 2))
    edges = Conv2D(4, 3, activation='relu', kernel_regularizer='l2')(left)
    other = edges(right)
    a = Flatten()(edges)
    b = Flatten()(other)
    code = Dense(6, activation='tanh')(a)
    more = code(b)
    apart = Subtract()([code, more])
    both = Multiply()([edges, other])
    drawn = Conv2D(2, 2, activation='sigmoid')
    value = Dense(3, activation='softmax')(apart)
    outputs(drawn, value)";

const SPARSE: &str = "SparseCategoricalCrossentropy(from_logits=True)";

fn described(name: &str, layers: &str, optimizer: &str, loss: &str) -> Result<Description> {
    measured(name, layers, (optimizer, loss, ""))
}

fn measured(name: &str, layers: &str, (optimizer, loss, metrics): (&str, &str, &str)) -> Result<Description> {
    let compile = format!("compile(optimizer={optimizer}, loss={loss}, metrics=[{metrics}])");
    let text = format!("model {name} {{\n    {layers}\n}}\n{compile}\n");
    examine_text(Path::new(name), &text).into_description()
}

/// All networks: they have every layer, optimizer, activation, loss and metric.
pub fn all() -> impl Iterator<Item = Result<Description>> {
    let layers = LAYERS.into_iter().zip(OPTIMIZERS).map(|((name, layers), optimizer)| {
        let of_probabilities = layers.ends_with("'softmax')");
        let loss = if of_probabilities {
            "'sparse_categorical_crossentropy'"
        } else if layers.contains("MixUp") {
            // What is mixed has shares of classes.
            "CategoricalCrossentropy(from_logits=True)"
        } else {
            SPARSE
        };
        described(name, layers, optimizer, loss)
    });
    let rest = OPTIMIZERS.into_iter().skip(LAYERS.len()).zip(1..);
    let optimizers = rest.map(|(optimizer, number)| {
        let layers = "Input(shape=(4, 4, 1))\n    Conv2D(3, 2)\n    Flatten()\n    Dense(3)";
        described(&format!("optimizer_{number}"), layers, optimizer, SPARSE)
    });
    let activations = ACTIVATIONS.into_iter().map(|function| {
        let layers =
            format!("Input(shape=(5, 5, 1))\n    Conv2D(3, 2, activation='{function}')\n    Flatten()\n    Dense(3)");
        described(function, &layers, "SGD(0.1)", SPARSE)
    });
    let losses = LOSSES.into_iter().zip(1..).map(|((loss, activation), number)| {
        let last = activation.map_or_else(String::new, |function| format!(", activation='{function}'"));
        let layers =
            format!("Input(shape=(5, 4, 2))\n    Conv2D(4, 3, activation='tanh')\n    Flatten()\n    Dense(3{last})");
        described(&format!("loss_{number}"), &layers, "SGD(0.1)", loss)
    });
    let metrics = METRICS.into_iter().zip(1..).map(|((metrics, loss, last), number)| {
        let layers = format!("Input(shape=(5, 4, 2))\n    Conv2D(4, 3, activation='tanh')\n    {last}");
        measured(&format!("metrics_{number}"), &layers, ("SGD(0.1)", loss, metrics))
    });
    let losses_of_several = "['binary_crossentropy', 'categorical_crossentropy'], loss_weights=[0.5, 2.0]";
    let several = measured(
        "several",
        SEVERAL,
        (
            "SGD(0.1, momentum=0.9)",
            losses_of_several,
            "'mae', ['accuracy', 'mse']",
        ),
    );
    let weighted = [
        (
            "weighted_classes",
            SPARSE,
            "Dense(3)",
            "'accuracy', SparseTopKCategoricalAccuracy(k=2)",
        ),
        (
            "weighted_labels",
            "'binary_crossentropy'",
            "Dense(3, activation='sigmoid')",
            "'accuracy', Precision(0.4), Recall(class_id=1), AUC(11), AUC(7, multi_label=True), F1Score('macro', 0.5), 'mse', 'mae', \
             OneHotMeanIoU(3)",
        ),
    ];
    let weighted = weighted.into_iter().map(|(name, loss, last, metrics)| {
        let text = format!(
            "model {name} {{\n    Input(shape=(5, 4, 2))\n    Flatten()\n    {last}\n}}\ncompile(loss={loss}, weighted_metrics=[{metrics}])\n\
             fit(class_weight={{0: 0.5, 2: 3}})\n"
        );
        examine_text(Path::new(name), &text).into_description()
    });
    layers
        .chain(optimizers)
        .chain(activations)
        .chain(losses)
        .chain(metrics)
        .chain(weighted)
        .chain(std::iter::once(several))
}

/// A network that checks in seconds what nearly every network uses: convolutions with relu and pool, dense layers, a loss and an
/// optimizer.
pub fn short() -> Result<Description> {
    let layers = "Input(shape=(9, 8, 2))
    Conv2D(6, 3, activation='relu')
    MaxPooling2D()
    Conv2D(5, 2, activation='relu')
    Flatten()
    Dense(8, activation='relu')
    Dense(5)";
    described("short", layers, "Adam()", SPARSE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use compiler::call::signature::Signature;
    use compiler::plan::memory::Sharing;
    use compiler::training::losses::Loss;
    use compiler::training::metrics::MetricKind;
    use compiler::training::optimizers::Rule;
    use std::collections::BTreeSet;

    /// A new operation, optimizer or loss needs a network here.
    #[test]
    fn the_networks_have_every_operation_between_them() {
        let mut met = BTreeSet::new();
        for description in all() {
            let description = description
                .map_err(|error| format!("{error:?}"))
                .unwrap_or_else(|error| panic!("{error}"));
            let plan = compiler::plan_of(&description.network, Sharing::Separate);
            for program in [&plan.training, &plan.evaluation, &plan.prediction] {
                met.extend(
                    program
                        .operations
                        .iter()
                        .map(|instruction| runtime::reference::name(&instruction.op)),
                );
            }
        }
        let all: BTreeSet<&str> = runtime::reference::NAMES.iter().copied().collect();
        assert_eq!(met, all);
    }

    fn called(calls: &[&'static str]) -> BTreeSet<&'static str> {
        calls.iter().filter_map(|call| call.split('(').next()).collect()
    }

    #[test]
    fn they_have_every_optimizer_loss_and_metric() {
        let names =
            |signatures: &[&'static Signature]| signatures.iter().map(|known| known.name).collect::<BTreeSet<&str>>();
        assert_eq!(called(&OPTIMIZERS), names(Rule::SIGNATURES));
        let mut losses: Vec<&str> = LOSSES.iter().map(|(loss, _)| *loss).collect();
        losses.push(SPARSE);
        assert_eq!(called(&losses), names(Loss::SIGNATURES));
        let asked: BTreeSet<String> = all()
            .filter_map(|description| description.ok()?.network.network().compile.clone())
            .flat_map(|compile| compile.metrics)
            .map(|metric| metric.kind.called().to_owned())
            .collect();
        let every: BTreeSet<String> = MetricKind::SIGNATURES
            .iter()
            .map(|known| known.name.to_owned())
            .collect();
        assert_eq!(asked, every);
    }
}
