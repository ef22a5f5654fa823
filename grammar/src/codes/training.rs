//! The codes of `compile` and `fit`.

use super::code::{Code, shown, told};

pub(super) const CODES: [Code; 25] = [
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
        "one output cannot choose among classes",
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
    shown(
        "E0425",
        "not a name of a file in the run directory",
        "Callbacks write into the run directory. A name does not lead out of it, and its fields are those of Python's format strings: `{epoch:02d}`, `{val_loss:.2f}`.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3, callbacks=[CSVLogger("../log.csv")])"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3, callbacks=[CSVLogger("log.csv")])"#,
    ),
    shown(
        "W0426",
        "weights are written in another format",
        "Weights of an epoch are written as safetensors. `cnnc export` makes files of Keras's formats of them.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3, callbacks=[ModelCheckpoint("best.keras")])"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3, callbacks=[ModelCheckpoint("best.safetensors")])"#,
    ),
    shown(
        "E0427",
        "no such callback",
        "No callback has this name here. The message says whether Keras has it, and what to use for the same purpose. A description runs no code of your own: a class of yours is not a callback here.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3, callbacks=[EarlyStoping()])"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3, callbacks=[EarlyStopping()])"#,
    ),
    shown(
        "E0428",
        "a callback watches what is not reported",
        "Callbacks watch the loss or a metric of `compile`, of the training samples or, with `val_` before it, of those that validate.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3, callbacks=[EarlyStopping(monitor="val_f1")])"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3, callbacks=[EarlyStopping(monitor="val_accuracy")])"#,
    ),
    shown(
        "E0429",
        "two things set the learning rate",
        "A schedule says what the learning rate of each step is, and a callback would set it too. One of the two can go.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(optimizer=SGD(ExponentialDecay(0.1, 100, 0.9)), loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3, callbacks=[ReduceLROnPlateau()])"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3, callbacks=[ReduceLROnPlateau()])"#,
    ),
    shown(
        "E0430",
        "two callbacks restore the best weights",
        "The weights at the end can be those of one epoch alone.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3, callbacks=[EarlyStopping(restore_best_weights=True), EarlyStopping(monitor="accuracy", restore_best_weights=True)])"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3, callbacks=[EarlyStopping(restore_best_weights=True), EarlyStopping(monitor="accuracy")])"#,
    ),
    shown(
        "E0431",
        "an accuracy that cannot be counted here",
        "Of each sample one thing is counted: which output is the largest, or on which side of a half outputs are. The metric asks for the other one than the loss of class numbers, or than the metric before it.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["binary_accuracy"])"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])"#,
    ),
    shown(
        "W0432",
        "weights are not written for TensorBoard",
        "`TensorBoard` writes the loss and the metrics of each epoch, and its learning rate; no histograms and no pictures of weights. `cnnc show` draws these.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3, callbacks=[TensorBoard(histogram_freq=1)])"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3, callbacks=[TensorBoard()])"#,
    ),
    shown(
        "W0433",
        "a callback only shows what a run shows by itself",
        "Curves, progress bars and records of other packages have no effect here: the progress is shown, and the metrics of every epoch are in `history.csv` and, as curves, in `report.html` in the run directory. Keras's `History`, `ProgbarLogger` and `BackupAndRestore` are left out in the same way.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3, callbacks=[PlotLossesKeras()])"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3)"#,
    ),
    shown(
        "E0440",
        "what is given for outputs does not go with them",
        "Losses, their weights and metrics are given for the outputs by name or in their order: every output has one loss, and nothing is given for an output that is not there.",
        r#"model pair {
    Input(shape=(28, 28, 1))
    body = Flatten()
    kind = Dense(10)
    size = Dense(1)(body)
    outputs(kind, size)
}
compile(loss={"kind": "mse"})"#,
        r#"model pair {
    Input(shape=(28, 28, 1))
    body = Flatten()
    kind = Dense(10)
    size = Dense(1)(body)
    outputs(kind, size)
}
compile(loss={"kind": "mse", "size": "mse"})"#,
    ),
];
