//! Codes of what is measured beside the loss.

use super::code::{Code, shown};

pub(super) const CODES: [Code; 2] = [
    shown(
        "E0441",
        "a metric that has nothing to measure here",
        "Precision, recall, errors and the like compare each output with a target of its own. A loss of class numbers has none: `categorical_crossentropy` makes one-hot targets of the same data. A metric that is told how many classes there are, or which one counts, must be told so of this network's outputs.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, activation="softmax")
}
compile(loss="sparse_categorical_crossentropy", metrics=["accuracy", Precision()])
fit(data="mnist", epochs=3)"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, activation="softmax")
}
compile(loss="categorical_crossentropy", metrics=["accuracy", Precision()])
fit(data="mnist", epochs=3)"#,
    ),
    shown(
        "W0442",
        "a metric of probabilities gets logits",
        "With `from_logits=True` the loss makes probabilities of the network's outputs for itself alone. Metrics see the outputs as they are, and compare them with thresholds between 0 and 1, as in Keras.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=CategoricalCrossentropy(from_logits=True), metrics=["accuracy", AUC()])
fit(data="mnist", epochs=3)"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, activation="softmax")
}
compile(loss="categorical_crossentropy", metrics=["accuracy", AUC()])
fit(data="mnist", epochs=3)"#,
    ),
];
