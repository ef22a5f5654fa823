//! The codes of data sets and of how they go with the network.

use super::code::{Code, shown, told};

pub(super) const CODES: [Code; 16] = [
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
        "the input does not have the data set's shape",
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
    shown(
        "E0508",
        "no loader of this name",
        "`fit` takes what a loader gives: a call of Keras's that reads files. Variables and functions of one's own are not there.",
        r#"train = image_dataset_from_folder("pets/train", image_size=(150, 150), label_mode="binary")
model pets {
    Input(shape=(150, 150, 3))
    GlobalAveragePooling2D()
    Dense(1, activation="sigmoid")
}
compile(loss="binary_crossentropy", metrics=["accuracy"])
fit(train)"#,
        r#"train = image_dataset_from_directory("pets/train", image_size=(150, 150), label_mode="binary")
model pets {
    Input(shape=(150, 150, 3))
    GlobalAveragePooling2D()
    Dense(1, activation="sigmoid")
}
compile(loss="binary_crossentropy", metrics=["accuracy"])
fit(train)"#,
    ),
    shown(
        "E0509",
        "what is trained on and what validates differ",
        "Pictures to validate with go through the same network as those to train on: they have the same size and the same channels, and labels if those have.",
        r#"train = image_dataset_from_directory("pets/train", image_size=(150, 150), label_mode="binary")
valid = image_dataset_from_directory("pets/valid", image_size=(160, 160), label_mode="binary")
model pets {
    Input(shape=(150, 150, 3))
    GlobalAveragePooling2D()
    Dense(1, activation="sigmoid")
}
compile(loss="binary_crossentropy", metrics=["accuracy"])
fit(train, validation_data=valid)"#,
        r#"train = image_dataset_from_directory("pets/train", image_size=(150, 150), label_mode="binary")
valid = image_dataset_from_directory("pets/valid", image_size=(150, 150), label_mode="binary")
model pets {
    Input(shape=(150, 150, 3))
    GlobalAveragePooling2D()
    Dense(1, activation="sigmoid")
}
compile(loss="binary_crossentropy", metrics=["accuracy"])
fit(train, validation_data=valid)"#,
    ),
    shown(
        "E0510",
        "fit and the loader say different things",
        "How a data set is divided, how many samples a step has and whether they are shuffled is said where it is read, as in Keras, and not said otherwise in `fit`.",
        r#"train = image_dataset_from_directory("pets/train", image_size=(150, 150), label_mode="binary")
model pets {
    Input(shape=(150, 150, 3))
    GlobalAveragePooling2D()
    Dense(1, activation="sigmoid")
}
compile(loss="binary_crossentropy", metrics=["accuracy"])
fit(train, validation_split=0.2)"#,
        r#"train = image_dataset_from_directory("pets/train", image_size=(150, 150), label_mode="binary", validation_split=0.2, subset="training", seed=1)
valid = image_dataset_from_directory("pets/train", image_size=(150, 150), label_mode="binary", validation_split=0.2, subset="validation", seed=1)
model pets {
    Input(shape=(150, 150, 3))
    GlobalAveragePooling2D()
    Dense(1, activation="sigmoid")
}
compile(loss="binary_crossentropy", metrics=["accuracy"])
fit(train, validation_data=valid)"#,
    ),
    shown(
        "E0511",
        "arguments of a loader do not go together",
        "Some arguments of a loader need another one, and some exclude one another, as in Keras: `subset` and `validation_split` go together, and without a seed two subsets of shuffled files would overlap.",
        r#"train = image_dataset_from_directory("pets/train", image_size=(150, 150), label_mode="binary", validation_split=0.2)
model pets {
    Input(shape=(150, 150, 3))
    GlobalAveragePooling2D()
    Dense(1, activation="sigmoid")
}
compile(loss="binary_crossentropy", metrics=["accuracy"])
fit(train)"#,
        r#"train = image_dataset_from_directory("pets/train", image_size=(150, 150), label_mode="binary", validation_split=0.2, subset="training", seed=1)
model pets {
    Input(shape=(150, 150, 3))
    GlobalAveragePooling2D()
    Dense(1, activation="sigmoid")
}
compile(loss="binary_crossentropy", metrics=["accuracy"])
fit(train)"#,
    ),
    told(
        "E0512",
        "a data set cannot be read",
        "The folder, the table or the masks that a loader names are not there, its folders are not the classes that the loader says, a column or a number is missing in the table, no file is left for a subset, or too many pictures cannot be read.",
        "tests/loading/described.rs: what_cannot_be_read_is_told_at_its_place",
    ),
    shown(
        "W0513",
        "a generator is read as layers",
        "Keras's ImageDataGenerator is deprecated: what it did to pictures is done by layers that act in training alone. Its `flow_from_directory` is read as a data set, its `rescale` as Rescaling and its ranges as Random layers below Input, each by itself where the generator joined them in one transformation.",
        r#"datagen = ImageDataGenerator(rescale=1. / 255, horizontal_flip=True)
train = datagen.flow_from_directory("pets/train", target_size=(150, 150), class_mode="binary", batch_size=20)
model pets {
    Input(shape=(150, 150, 3))
    GlobalAveragePooling2D()
    Dense(1, activation="sigmoid")
}
compile(loss="binary_crossentropy", metrics=["accuracy"])
fit(train)"#,
        r#"train = image_dataset_from_directory("pets/train", image_size=(150, 150), label_mode="binary", batch_size=20)
model pets {
    Input(shape=(150, 150, 3))
    RandomFlip("horizontal")
    Rescaling(1. / 255)
    GlobalAveragePooling2D()
    Dense(1, activation="sigmoid")
}
compile(loss="binary_crossentropy", metrics=["accuracy"])
fit(train)"#,
    ),
    shown(
        "E0514",
        "data that are not for several inputs or outputs",
        "Folders, loaders and the sets with names have one picture and one label for each sample. A network with several inputs or outputs takes its data from an .npz file with an array for each of them, by its name.",
        r#"model pair {
    left = Input(shape=(28, 28, 1))
    right = Input(shape=(28, 28, 1))
    Add()([left, right])
    Flatten()
    Dense(10)
}
fit(data="mnist")"#,
        r#"model pair {
    left = Input(shape=(28, 28, 1))
    right = Input(shape=(28, 28, 1))
    Add()([left, right])
    Flatten()
    Dense(10)
}
fit(data="pairs.npz")"#,
    ),
    shown(
        "E0515",
        "a layer moves a part of what the network sees",
        "Masks, and samples that outputs are compared with, are moved by Random layers as the pictures are. For that all of the network sees the pictures so: these layers stand below `Input`, before the network divides.",
        r#"train = image_dataset_from_directory("cells", image_size=(64, 64), masks="masks")
model cells {
    Input(shape=(64, 64, 3), name="pictures")
    turned = RandomFlip("horizontal")(pictures)
    both = Concatenate()([pictures, turned])
    Conv2D(1, 3, padding="same", activation="sigmoid")(both)
}
compile(loss="binary_crossentropy")
fit(train)"#,
        r#"train = image_dataset_from_directory("cells", image_size=(64, 64), masks="masks")
model cells {
    Input(shape=(64, 64, 3))
    RandomFlip("horizontal")
    Conv2D(1, 3, padding="same", activation="sigmoid")
}
compile(loss="binary_crossentropy")
fit(train)"#,
    ),
    shown(
        "E0516",
        "samples are mixed, and what they are compared with cannot be",
        "MixUp and CutMix make one sample of two, and what the output is compared with becomes shares of both: 0.7 of one class and 0.3 of another. A loss of class numbers has no place for that; CategoricalCrossentropy has, and makes shares of class numbers by itself. CutMix also needs maps to be as large as the pictures that it cuts.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    MixUp()
    Flatten()
    Dense(10, activation="softmax")
}
compile(loss="sparse_categorical_crossentropy")
fit(data="mnist")"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    MixUp()
    Flatten()
    Dense(10, activation="softmax")
}
compile(loss="categorical_crossentropy")
fit(data="mnist")"#,
    ),
];
