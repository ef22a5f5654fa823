#!/usr/bin/env python3
"""Runs in phases by Keras itself: `generate.py` writes FOLDER/model.cnn, data.npz, init.safetensors, trained.safetensors and
expect.json (the history of each fit) for each case below. Needs keras, tensorflow-cpu, safetensors and numpy."""
import json, os
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
from pathlib import Path
import numpy as np
import keras
from keras import layers, optimizers, losses, callbacks
from safetensors.numpy import save_file

HERE = Path(__file__).parent
# A bias before a BatchNormalization that trains has no gradient but roundings, of which Adam makes steps of its own size.
BIASES = {"fine_tuned": True, "goes_on": False}
LAYERS = """    Input(shape=(8, 8, 2))
    Conv2D(4, 3, use_bias=BIAS, name="a")
    BatchNormalization(name="bn")
    ReLU(name="relu")
    Conv2D(5, 3, activation="relu", name="b")
    Flatten(name="flat")
    Dense(4, name="d")
"""


def model(bias):
    keras.utils.set_random_seed(3)
    network = keras.Sequential([
        keras.Input(shape=(8, 8, 2)), layers.Conv2D(4, 3, use_bias=bias, name="a"), layers.BatchNormalization(name="bn"),
        layers.ReLU(name="relu"), layers.Conv2D(5, 3, activation="relu", name="b"), layers.Flatten(name="flat"),
        layers.Dense(4, name="d")])
    random = np.random.RandomState(3)
    for variable in network.weights:
        if variable.path.split("/")[-1] in ("bias", "beta", "moving_mean"):
            variable.assign(random.uniform(-.3, .3, variable.shape).astype(np.float32))
        if variable.path.split("/")[-1] in ("gamma", "moving_variance"):
            variable.assign(random.uniform(.5, 1.5, variable.shape).astype(np.float32))
    return network


def weights(network):
    return {".".join(v.path.split("/")[-2:]): np.ascontiguousarray(v.numpy()) for v in network.weights}


def loss():
    return losses.SparseCategoricalCrossentropy(from_logits=True)


def fine_tuned(network, fit):
    """The last layers first, then more of them by another optimizer, which a third fit goes on with."""
    network.get_layer("a").trainable = False
    network.get_layer("bn").trainable = False
    network.compile(optimizer=optimizers.Adam(0.01), loss=loss(), metrics=["accuracy"])
    one = fit(epochs=2, batch_size=8)
    network.get_layer("a").trainable = True
    network.compile(optimizer=optimizers.SGD(0.02, momentum=0.9), loss=loss(), metrics=["accuracy"])
    two = fit(epochs=4, initial_epoch=2, batch_size=5)
    three = fit(epochs=1, batch_size=8)
    return [one, two, three]


def goes_on(network, fit):
    """The first fit ends early and leaves another rate; the second one has it, and Adam's count of steps."""
    network.compile(optimizer=optimizers.Adam(0.02), loss=loss(), metrics=["accuracy"])
    one = fit(epochs=9, batch_size=8, callbacks=[
        callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=1),
        callbacks.EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True)])
    two = fit(epochs=3, batch_size=8)
    return [one, two]


TEXTS = {
    "fine_tuned": """freeze("a")
freeze("bn")
compile(optimizer=Adam(0.01), loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
history = fit(data="data.npz", epochs=2, batch_size=8, shuffle=False)

thaw("a")
compile(optimizer=SGD(0.02, momentum=0.9), loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="data.npz", epochs=4, initial_epoch=2, batch_size=5, shuffle=False)
fit(data="data.npz", epochs=1, batch_size=8, shuffle=False)
""",
    "goes_on": """compile(optimizer=Adam(0.02), loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="data.npz", epochs=9, batch_size=8, shuffle=False, callbacks=[
    ReduceLROnPlateau(monitor="val_loss", factor=0.5, patience=1),
    EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True)])
fit(epochs=3)
""",
}

for name, run in (("fine_tuned", fine_tuned), ("goes_on", goes_on)):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    network = model(BIASES[name])
    random = np.random.RandomState(5)
    x = random.uniform(0, 1, (52, 8, 8, 2)).astype(np.float32)
    y = random.randint(0, 4, 52).astype(np.int64)
    x += (y / 4).reshape(-1, 1, 1, 1).astype(np.float32) * .5
    np.savez(folder / "data.npz", x_train=x[:36], y_train=y[:36], x_test=x[36:], y_test=y[36:])
    (folder / "model.cnn").write_text(f"model {name} {{\n{LAYERS.replace('BIAS', str(BIASES[name]))}}}\n\n{TEXTS[name]}")
    save_file(weights(network), folder / "init.safetensors")

    def fit(**settings):
        done = network.fit(x[:36], y[:36], validation_data=(x[36:], y[36:]), shuffle=False, verbose=0, **settings)
        history = {key: [float(value) for value in values] for key, values in done.history.items()}
        return {"epoch": done.epoch, **history}

    phases = run(network, fit)
    save_file(weights(network), folder / "trained.safetensors")
    json.dump({"keras": keras.__version__, "phases": phases}, open(folder / "expect.json", "w"), indent=1)
    print(name, [(phase["epoch"], phase["loss"][-1], phase.get("learning_rate")) for phase in phases])
