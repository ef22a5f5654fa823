//! Codes of compile and fit.

use super::{Code, shown, told};

pub(super) const CODES: [Code; 15] = [
    shown(
        "E0401",
        "no such optimizer",
        "No optimizer has this name here. The message says whether Keras has it, and lists those that there are.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(optimizer="adma", loss=SparseCategoricalCrossentropy(from_logits=True))
fit(data="mnist", epochs=3)"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(optimizer="adam", loss=SparseCategoricalCrossentropy(from_logits=True))
fit(data="mnist", epochs=3)"#,
    ),
    shown(
        "E0402",
        "no such loss",
        "No loss has this name here. The message says whether Keras has it, and what to use for the same purpose.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss="sparse_categorical_crosentropy")
fit(data="mnist", epochs=3)"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3)"#,
    ),
    shown(
        "E0403",
        "no such metric",
        "No metric has this name here.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["acuracy"])
fit(data="mnist", epochs=3)"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3)"#,
    ),
    shown(
        "E0404",
        "the output is not what the loss compares",
        "The loss compares one row of values with one label for each sample, and the network ends in a picture or a row of rows. Flatten it, or pool it to one value a channel.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3)"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3)"#,
    ),
    shown(
        "W0406",
        "softmax is applied twice",
        "The network ends with a softmax, and the loss is told that it gets logits, to which it applies a softmax of its own. Training works badly then.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, activation="softmax")
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3)"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, activation="softmax")
}
compile(loss=SparseCategoricalCrossentropy(), metrics=["accuracy"])
fit(data="mnist", epochs=3)"#,
    ),
    shown(
        "W0407",
        "the loss expects probabilities and gets logits",
        "The loss is told that it gets probabilities, which is its default, and the network does not end with a softmax.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(), metrics=["accuracy"])
fit(data="mnist", epochs=3)"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3)"#,
    ),
    shown(
        "W0408",
        "there is nothing to train",
        "No layer of the model has parameters, so that training changes nothing.",
        r"model digits {
    Input(shape=(10,))
    ReLU()
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True))",
        "",
    ),
    shown(
        "E0409",
        "training needs a loss",
        "In Keras, `loss=None` is for models that compute their loss themselves, which no model here does.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=None)
fit(data="mnist", epochs=3)"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3)"#,
    ),
    told(
        "E0410",
        "there is no compile(...)",
        "What trains or evaluates a network needs a loss, which `compile(...)` names. `cnnc check` and `cnnc show` do without.",
        "compiler/tests/specs.rs: a_model_alone_can_be_checked_but_not_trained",
    ),
    shown(
        "E0411",
        "no epoch is left to train",
        "`epochs` is the number of the last epoch, not how many there are to come: with `initial_epoch` as large as that, nothing is trained.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3, initial_epoch=3)"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=6, initial_epoch=3)"#,
    ),
    shown(
        "E0420",
        "fit takes no arrays",
        "A description has no variables that could hold arrays. `data` names a data set or a path to one.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(x_train, y_train, epochs=3)"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3)"#,
    ),
    shown(
        "W0421",
        "an argument has an older name or form",
        "Keras has renamed the argument, or takes a list where it took one word. The older form is understood as what it meant; the message says the one of today.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics="accuracy")"#,
        "",
    ),
    shown(
        "E0422",
        "one output is no choice among classes",
        "The loss compares the values of several classes with one another, and the network ends in one value. Two classes are told apart by one value with a sigmoid and the binary crossentropy, or by two values with a softmax.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(1, activation="softmax")
}
compile(loss="categorical_crossentropy", metrics=["accuracy"])"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(1, activation="sigmoid")
}
compile(loss="binary_crossentropy", metrics=["accuracy"])"#,
    ),
    shown(
        "W0423",
        "a sigmoid before a loss that compares classes",
        "The loss looks for the one class that is right, and the network ends with a sigmoid, which makes each output a probability of its own. As in Keras on TensorFlow, the loss takes a softmax of what goes into the sigmoid.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, activation="sigmoid")
}
compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, activation="softmax")
}
compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])"#,
    ),
    shown(
        "E0424",
        "a binary metric after a softmax",
        "The metric asks of each output on which side of a threshold it is, and the loss takes what goes into the softmax, where that cannot be told.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, activation="softmax")
}
compile(loss="binary_crossentropy", metrics=["binary_accuracy"])"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, activation="sigmoid")
}
compile(loss="binary_crossentropy", metrics=["binary_accuracy"])"#,
    ),
];
