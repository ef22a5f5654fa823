//! Codes of data sets and how they go with the network.

use super::{Code, shown, told};

pub(super) const CODES: [Code; 7] = [
    shown(
        "E0501",
        "no such data set",
        r#"No data set has this name. A path to one is told by a slash or a dot in it: `"./digits"`, `"digits.npz"`."#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnst")"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist")"#,
    ),
    shown(
        "E0502",
        "the input is not of the data set's shape",
        "`Input` gives another shape than the samples of the data set have.",
        r#"model digits {
    Input(shape=(32, 32, 3))
    Flatten()
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
        "E0503",
        "the output is not as wide as the data set has classes",
        "A network that tells classes apart gives one value for each.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(9)
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
    told(
        "E0504",
        "the output has fewer values than the data set has classes",
        "The classes of a data set that is given as a path are counted as it is read. There are more of them than the network has outputs, so that some labels would have no place.",
        "tests/folders.rs: folders_that_are_no_data_set_are_refused",
    ),
    told(
        "E0505",
        "the input is not a picture's shape",
        "A folder of pictures is read as height x width x 1 (grey) or 3 (colours) channels, and `Input` gives a shape that is neither.",
        "tests/folders.rs: folders_that_are_no_data_set_are_refused",
    ),
    told(
        "E0506",
        "no data set is named",
        "Neither `fit(data=...)` nor `--data` on the command line names a data set.",
        "tests/codes.rs: what_no_example_shows",
    ),
    told(
        "E0507",
        "outputs and targets do not go together",
        "What a data set says of its samples (classes, numbers, several labels, pictures) is not what the loss compares outputs with, or is of another shape than they are. An autoencoder compares them with the samples themselves: `fit(..., targets=\"input\")`.",
        "tests/targets.rs: what_does_not_go_together_is_refused",
    ),
];
