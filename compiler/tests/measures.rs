//! Metrics and class weights in descriptions: their names, and the errors that they get.

#![allow(clippy::unwrap_used, clippy::panic)]

use cnnc_compiler::check::check_file;
use cnnc_compiler::network::CheckedNetwork;
use cnnc_compiler::training::metrics::Metric;
use grammar::diagnostic::Diagnostic;
use grammar::source::Source;

fn checked(layers: &str, compile: &str, fit: &str) -> Result<(CheckedNetwork, Vec<Diagnostic>), Vec<Diagnostic>> {
    let text = format!("model test {{\n Input(shape=(6, 6, 1))\n {layers}\n}}\ncompile({compile})\nfit({fit})\n");
    let tree = grammar::parse(&Source::new("test.cnn", text)).unwrap();
    check_file(&tree).map_err(|failure| failure.diagnostics)
}

const ROW: &str = "Flatten()\n Dense(3, activation='softmax')";
const MAP: &str = "Conv2D(1, 1, activation='sigmoid')";

fn printed(metrics: &str) -> Vec<String> {
    let compile = format!("loss='categorical_crossentropy', metrics=[{metrics}]");
    let (network, _) = checked(ROW, &compile, "").unwrap();
    let compile = network.network().compile.as_ref().unwrap();
    compile.metrics.iter().map(Metric::printed).collect()
}

fn names(metrics: &str) -> Vec<String> {
    let compile = format!("loss='categorical_crossentropy', metrics=[{metrics}]");
    let (network, _) = checked(ROW, &compile, "").unwrap();
    let compile = network.network().compile.as_ref().unwrap();
    compile.metrics.iter().map(|metric| metric.name.clone()).collect()
}

/// Repeated metrics have the names that the histories of Keras 3.15.1 give them.
#[test]
fn names_are_numbered_as_in_keras() {
    assert_eq!(names("'Precision', 'precision'"), ["Precision", "precision"]);
    assert_eq!(names("'accuracy', 'accuracy'"), ["accuracy", "accuracy_1"]);
    assert_eq!(names("'mse', MeanSquaredError(name='mse')"), ["mse", "mse_1"]);
    assert_eq!(names("Precision(), Precision(0.4)"), ["precision", "precision_1"]);
    assert_eq!(
        names("AUC(name='auc'), AUC(curve='PR'), AUC(name='auc')"),
        ["auc", "auc_1", "auc_2"]
    );
    assert_eq!(
        names("BinaryIoU(), MeanIoU(3, sparse_y_pred=False)"),
        ["binary_io_u", "mean_io_u"]
    );
    // Keras drops one of these.
    assert_eq!(
        names("'precision', Precision(), Precision(name='precision_1')").len(),
        3
    );
}

/// Metrics of weighted samples have the names of Keras's histories as well, and so have several outputs'.
#[test]
fn weighted_metrics_are_named_as_in_keras() {
    let reported = |layers: &str, compile: &str| -> Vec<String> {
        let (network, _) = checked(layers, compile, "").unwrap();
        let reported = network.network().compile.as_ref().unwrap().reported();
        reported.into_iter().map(|(name, _)| name).collect()
    };
    let one = "loss='categorical_crossentropy', metrics=['acc', AUC()], \
               weighted_metrics=['acc', 'accuracy', AUC(), AUC(name='auc'), 'acc']";
    let expected = [
        "loss",
        "acc",
        "auc",
        "weighted_acc",
        "accuracy",
        "auc_1",
        "weighted_auc",
        "weighted_acc_1",
    ];
    assert_eq!(reported(ROW, one), expected);
    let layers = "a = Flatten()\n b = Dense(3, activation='softmax')(a)\n c = Dense(1)(a)\n outputs(b, c)";
    let two = "loss=['categorical_crossentropy', 'mse'], metrics={'c': ['mae']}, \
               weighted_metrics={'b': ['acc'], 'c': ['mae', 'mse']}";
    let expected = ["loss", "b_loss", "c_loss", "c_mae", "b_acc", "c_weighted_mae", "c_mse"];
    assert_eq!(reported(layers, two), expected);
}

#[test]
fn what_cannot_be_weighted_or_told_apart_is_refused() {
    let of = |metrics: &str, fit: &str| codes(ROW, &format!("loss='categorical_crossentropy', {metrics}"), fit);
    assert!(
        of(
            "metrics=[AUC(multi_label=True, num_labels=3, label_weights=[1, 0.5, 0])]",
            ""
        )
        .is_empty()
    );
    assert_eq!(of("metrics=[AUC(num_labels=3)]", ""), ["E0107"]);
    assert_eq!(
        of(
            "metrics=[AUC(multi_label=True, num_labels=3, label_weights=[1, 2])]",
            ""
        ),
        ["E0109"]
    );
    assert_eq!(of("metrics=[AUC(label_weights=[1, -2, 3])]", ""), ["E0109"]);
    assert_eq!(of("metrics=[AUC(label_weights=[])]", ""), ["E0107"]);
    assert_eq!(of("metrics=[AUC(label_weights=[1, 2])]", ""), ["E0441"]);
    assert_eq!(of("metrics=[AUC(multi_label=True, num_labels=4)]", ""), ["E0441"]);
    let map = |metrics: &str| codes(MAP, &format!("loss='binary_crossentropy', {metrics}"), "");
    assert_eq!(map("metrics=[AUC(multi_label=True)]"), ["E0441"]);
    assert!(of("weighted_metrics=[BinaryIoU()]", "").is_empty());
    assert_eq!(of("weighted_metrics=[BinaryIoU()]", "class_weight={1: 2.0}"), ["E0441"]);
    assert!(of("weighted_metrics=[OneHotMeanIoU(3)]", "class_weight={1: 2.0}").is_empty());
}

#[test]
fn metrics_are_printed_with_every_argument() {
    assert_eq!(
        printed("'acc', 'acc', 'auc', Recall(class_id=1), F1Score('macro')"),
        [
            "acc",
            "accuracy",
            "AUC(num_thresholds=200, curve=\"ROC\", summation_method=\"interpolation\", multi_label=False, num_labels=None, label_weights=None, name=\"auc\")",
            "Recall(thresholds=0.5, class_id=1, name=\"recall\")",
            "F1Score(average=\"macro\", threshold=None, name=\"f1_score\")",
        ]
    );
}

fn codes(layers: &str, compile: &str, fit: &str) -> Vec<String> {
    let diagnostics = match checked(layers, compile, fit) {
        Ok((_, warnings)) => warnings,
        Err(diagnostics) => diagnostics,
    };
    diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code.to_string())
        .collect()
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let of = |loss: &str, metrics: &str| codes(ROW, &format!("loss='{loss}', metrics=[{metrics}]"), "");
    let (numbers, targets) = ("sparse_categorical_crossentropy", "categorical_crossentropy");
    for metric in [
        "Precision()",
        "'mse'",
        "AUC()",
        "TopKCategoricalAccuracy()",
        "F1Score('micro')",
    ] {
        assert_eq!(of(numbers, metric), ["E0441"], "{metric}");
        assert!(of(targets, metric).is_empty(), "{metric}");
    }
    assert_eq!(of(targets, "SparseTopKCategoricalAccuracy()"), ["E0441"]);
    assert_eq!(of(targets, "OneHotMeanIoU(4)"), ["E0441"]);
    assert_eq!(of(targets, "Recall(class_id=3)"), ["E0441"]);
    assert_eq!(of(numbers, "'binary_accuracy'"), ["E0431"]);
    assert_eq!(of(targets, "'accuracy', 'binary_accuracy'"), ["E0431"]);
    assert_eq!(of(targets, "MeanIoU(3)"), ["E0109"]);
    assert_eq!(
        codes(MAP, "loss='binary_crossentropy', metrics=[F1Score('macro', 0.5)]", ""),
        ["E0441"]
    );
    let logits = "Flatten()\n Dense(3)";
    let loss = "loss=CategoricalCrossentropy(from_logits=True), metrics=[AUC()]";
    assert_eq!(codes(logits, loss, ""), ["W0442"]);
}

#[test]
fn class_weights_are_of_classes() {
    let of = |loss: &str, fit: &str| codes(ROW, &format!("loss='{loss}'"), &format!("class_weight={fit}"));
    let numbers = "sparse_categorical_crossentropy";
    assert!(of(numbers, "{0: 1.0, 2: 0}").is_empty());
    assert!(of(numbers, "None").is_empty());
    assert_eq!(of(numbers, "{3: 1.0}"), ["E0444"]);
    assert_eq!(of(numbers, "{-1: 1.0}"), ["E0109"]);
    assert_eq!(of(numbers, "{0: -1.0}"), ["E0109"]);
    assert_eq!(of(numbers, "{0: 1, 0: 2}"), ["E0105"]);
    assert_eq!(of(numbers, "{'cat': 1}"), ["E0107"]);
    assert_eq!(of(numbers, "[1, 2, 3]"), ["E0107"]);
    let one = "Flatten()\n Dense(1, activation='sigmoid')";
    assert!(codes(one, "loss='binary_crossentropy'", "class_weight={0: 1, 1: 4}").is_empty());
    assert_eq!(
        codes(one, "loss='binary_crossentropy'", "class_weight={2: 4}"),
        ["E0444"]
    );
    assert_eq!(
        codes(MAP, "loss='binary_crossentropy'", "class_weight={1: 4}"),
        ["E0443"]
    );
}

#[test]
fn losses_of_overlaps_sum_over_some_axes() {
    let of = |axes: &str| codes(MAP, &format!("loss=Dice({axes})"), "");
    for axes in [
        "",
        "axis=None",
        "axis=(0, 1, 2, 3)",
        "axis=(0, 1, 2)",
        "axis=(1, 2, 3)",
        "axis=[-1, -2, -3]",
        "axis=(1, 2)",
        "axis=(3, -3, 2)",
    ] {
        assert!(of(axes).is_empty(), "{axes}: {:?}", of(axes));
    }
    for axes in ["axis=0", "axis=3", "axis=(1, 3)", "axis=(1, 2, 3, 4)"] {
        assert_eq!(of(axes), ["E0446"], "{axes}");
    }
    assert_eq!(of("axis=('x',)"), ["E0107"]);
    assert_eq!(of("axis=17"), ["E0109"]);
    assert!(codes(MAP, "loss='dice'", "").is_empty());
    assert_eq!(codes(ROW, "loss='dice'", "class_weight={1: 2.0}"), ["E0447"]);
    assert!(codes(ROW, "loss=Tversky(0.3, 0.7, axis=-1)", "").is_empty());
}

#[test]
fn what_is_adapted_stands_before_weights() {
    let of = |layers: &str| codes(layers, "loss='mse'", "");
    assert!(of("Rescaling(2.0)\n Normalization()\n Conv2D(1, 3)").is_empty());
    assert!(of("Normalization()\n Normalization(axis=3)\n Conv2D(1, 3)").is_empty());
    assert_eq!(of("Conv2D(1, 3)\n Normalization()"), ["E0445"]);
    assert!(of("Conv2D(1, 3)\n Normalization(mean=0.1, variance=2.0)").is_empty());
    assert_eq!(of("Normalization(mean=0.1)\n Conv2D(1, 3)"), ["E0104"]);
    assert_eq!(of("Normalization(variance=[0.1, 2.0])\n Conv2D(1, 3)"), ["E0104"]);
    assert_eq!(of("Normalization(invert=True)\n Conv2D(1, 3)"), ["E0110"]);
}
