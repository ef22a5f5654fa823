"""The files beside this one: `python files.py`, with Keras 3 and TensorFlow. One network a name, in Keras's three formats."""
import pathlib

import keras
import numpy as np
from keras import layers

folder = pathlib.Path(__file__).parent
keras.utils.set_random_seed(3)


def chain():
    model = keras.Sequential(name="chain")
    model.add(keras.Input((12, 10, 2)))
    model.add(layers.Conv2D(4, 3, activation="relu", kernel_initializer="he_normal", kernel_regularizer=keras.regularizers.L2(1e-3)))
    model.add(layers.BatchNormalization(momentum=0.9))
    model.add(layers.SeparableConv2D(5, (3, 2), padding="same", strides=(2, 2), use_bias=False, name="apart"))
    model.add(layers.ZeroPadding2D(((1, 0), (0, 2))))
    model.add(layers.DepthwiseConv2D(3, depth_multiplier=2))
    model.add(layers.LeakyReLU(negative_slope=0.1))
    model.add(layers.MaxPooling2D(2, padding="same"))
    model.add(layers.Flatten())
    model.add(layers.Dropout(0.25))
    model.add(layers.Dense(3, activation="softmax", trainable=False))
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def branches():
    image = keras.Input((8, 8, 3), name="image")
    left = layers.Conv2D(6, 3, padding="same", name="left")(image)
    right = layers.Conv2D(6, 1, name="right")(image)
    right = layers.PReLU(shared_axes=[1, 2])(right)
    both = layers.Add()([left, right])
    gate = layers.GlobalAveragePooling2D(keepdims=True)(both)
    gate = layers.Conv2D(6, 1, activation="sigmoid", name="gate")(gate)
    both = layers.Multiply()([both, gate])
    joined = layers.Concatenate()([both, image])
    joined = layers.LayerNormalization(name="even")(joined)
    joined = layers.Flatten()(joined)
    classes = layers.Dense(4)(joined)
    model = keras.Model(image, classes, name="branches")
    model.compile(
        keras.optimizers.Adam(2e-3, beta_1=0.8),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model


def pile():
    stem = keras.Sequential(name="stem")
    stem.add(keras.Input((12, 12, 3)))
    stem.add(layers.Conv2D(4, 3, padding="same", use_bias=False, name="first"))
    stem.add(layers.BatchNormalization())
    stem.add(layers.ReLU())
    image = keras.Input((12, 12, 3))
    body = layers.MaxPooling2D()(stem(image))
    base = keras.Model(image, layers.Conv2D(5, 3, activation="relu")(body), name="Base-0.5")
    base.trainable = False
    return keras.Sequential([keras.Input((12, 12, 3)), base, layers.Flatten(), layers.Dense(3)], name="pile")


def siamese():
    tower = keras.Sequential([keras.Input((6,)), layers.Dense(5, activation="tanh")], name="tower")
    code = keras.Input((5,))
    wide = layers.Dense(5, activation="relu", name="wide")(code)
    block = keras.Model(code, layers.Add()([wide, code]), name="block")
    left, right = keras.Input((6,), name="left"), keras.Input((6,), name="right")
    apart = layers.Subtract()([tower(left), block(tower(right))])
    model = keras.Model([left, right], layers.Dense(1, name="same")(block(apart)), name="siamese")
    model.compile("sgd", keras.losses.BinaryCrossentropy(from_logits=True))
    return model


def samples(model):
    """Inputs and outputs, so that what was imported can be asked for the same."""
    inputs = {tensor.name: np.random.default_rng(5).uniform(0, 1, (4, *tensor.shape[1:])).astype("float32") for tensor in model.inputs}
    outputs = model.predict(list(inputs.values()), verbose=0)
    np.savez(folder / f"{model.name}.npz", outputs=outputs, **(inputs if len(inputs) > 1 else {"input": list(inputs.values())[0]}))


for make in (chain, branches, pile, siamese):
    keras.backend.clear_session()
    model = make()
    if (folder / f"{make.__name__}.keras").exists():
        continue
    for weight in model.weights:
        weight.assign(keras.random.uniform(weight.shape, 0.1, 1.0, seed=len(weight.path)))
    for ending in ("keras", "h5", "weights.h5"):
        path = folder / f"{make.__name__}.{ending}"
        if ending == "weights.h5":
            model.save_weights(path)
        else:
            model.save(path)
    if make in (pile, siamese):
        samples(model)
