"""A module that others import: nothing in it is called."""
from tensorflow.keras import Sequential, layers


def conv_block(model, filters, drop):
    model.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
    model.add(layers.MaxPooling2D())
    model.add(layers.Dropout(drop))


def build_model(input_shape=(64, 64, 3), num_classes=5, drops=(0.1, 0.2, 0.3)):
    model = Sequential([layers.Input(shape=input_shape), layers.Rescaling(1.0 / 255)])
    for filters, drop in zip([16, 32, 64], drops):
        conv_block(model, filters, drop)
    model.add(layers.Flatten())
    model.add(layers.Dense(128, activation="relu"))
    model.add(layers.Dense(num_classes, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
