//! The codes of metrics, which are measured beside the loss.

use super::code::{Code, shown};

pub(super) const CODES: [Code; 8] = [
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
    shown(
        "E0443",
        "class weights without classes",
        "`class_weight` multiplies the loss of a sample by the weight of its class. Where outputs are compared with pictures, or with the samples themselves, a sample has no one class.",
        r#"model edges {
    Input(shape=(28, 28, 1))
    Conv2D(1, 3, padding="same")
}
compile(loss="mse")
fit(data="mnist", targets="input", class_weight={0: 1.0, 1: 5.0})"#,
        r#"model edges {
    Input(shape=(28, 28, 1))
    Conv2D(1, 3, padding="same")
}
compile(loss="mse")
fit(data="mnist", targets="input")"#,
    ),
    shown(
        "E0444",
        "a weight for a class that there is not",
        "Keys of `class_weight` are the numbers of classes, counted from 0: as many as the network has outputs, or two where it has one. Classes without a key weigh 1.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3, class_weight={10: 2.0})"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3, class_weight={9: 2.0})"#,
    ),
    shown(
        "E0445",
        "a layer that is adapted to the training samples behind weights",
        "Without `mean` and `variance` a Normalization has those of what it takes in of the training samples. They are measured once, before training begins; what comes out of layers with weights changes with every step. BatchNormalization is made for that.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
    Normalization()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Normalization()
    Flatten()
    Dense(10)
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])"#,
    ),
    shown(
        "E0446",
        "axes of Dice or Tversky that are not supported",
        "These losses sum over the whole batch (`axis=None`, Keras's default), over each sample, or over each channel of a map, in each sample or in the whole batch.",
        r#"model edges {
    Input(shape=(28, 28, 1))
    Conv2D(1, 3, padding="same", activation="sigmoid")
}
compile(loss=Dice(axis=2))
fit(data="mnist", targets="input")"#,
        r#"model edges {
    Input(shape=(28, 28, 1))
    Conv2D(1, 3, padding="same", activation="sigmoid")
}
compile(loss=Dice(axis=(1, 2, 3)))
fit(data="mnist", targets="input")"#,
    ),
    shown(
        "E0447",
        "class weights and a loss of the whole batch",
        "`class_weight` multiplies the loss of each sample. Dice and Tversky with `axis=None` sum over all samples of a batch before they divide, so that there is one loss alone.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, activation="softmax")
}
compile(loss=Dice())
fit(data="mnist", class_weight={3: 2.0})"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, activation="softmax")
}
compile(loss=Dice(axis=-1))
fit(data="mnist", class_weight={3: 2.0})"#,
    ),
    shown(
        "E0448",
        "Dice or Tversky beside other losses",
        "These losses sum over samples before they divide. They are supported for networks of one output, without `loss_weights`.",
        r#"model edges {
    Input(shape=(28, 28, 1))
    Conv2D(1, 3, padding="same", activation="sigmoid")
}
compile(loss=Dice(), loss_weights=0.5)
fit(data="mnist", targets="input")"#,
        r#"model edges {
    Input(shape=(28, 28, 1))
    Conv2D(1, 3, padding="same", activation="sigmoid")
}
compile(loss=Dice())
fit(data="mnist", targets="input")"#,
    ),
];
