#!/usr/bin/env python3
"""Writes this folder's files: a small model in a model as Keras saves it, its inputs, and what Keras makes of them; pixels as
applications take them.

    generate.py FOLDER      # needs keras, tensorflow-cpu and numpy

`base` has two branches of layers of one shape, whose order in Keras's files is not that in which they are written.
"""
import os, sys
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
from pathlib import Path
import numpy as np
import h5py, keras
from keras import layers
from keras.src.legacy.saving import legacy_h5_format

to = Path(sys.argv[1])
keras.utils.set_random_seed(1)
x = first = keras.Input((6, 6, 2))
x = a = layers.Conv2D(3, 3, name="a")(x)
p = layers.Conv2D(3, 1, name="p")(a)
q = layers.Conv2D(3, 1, name="q1")(a)
q = layers.Conv2D(3, 1, name="q2")(q)
x = layers.Add(name="sum")([p, q])
x = layers.BatchNormalization(name="bn")(x)
base = keras.Model(first, x, name="base")
x = first = keras.Input((6, 6, 2))
x = base(x)
x = layers.SeparableConv2D(2, 3, name="s")(x)
x = layers.Flatten()(x)
x = layers.Dense(3, name="d")(x)
whole = keras.Model(first, x, name="whole")
random = np.random.default_rng(1)
for w in whole.weights:
    values = random.uniform(0.5, 1.5, w.shape) if "variance" in w.path else random.normal(0, 0.5, w.shape)
    w.assign(values.astype("float32"))
inputs = random.normal(0, 1, (4, 6, 6, 2)).astype("float32")
np.save(to / "inputs.npy", inputs)
np.save(to / "outputs.npy", whole.predict(inputs, verbose=0))
base.save_weights(to / "base.weights.h5")
whole.save_weights(to / "whole.weights.h5")
whole.save(to / "whole.h5")
# Some frozen: Keras then writes them behind those that train.
base.get_layer("p").trainable = False
with h5py.File(to / "frozen.h5", "w") as f:
    legacy_h5_format.save_weights_to_hdf5_group(f, whole)

# What applications take for pixels, before a convolution of the same weights for all.
pixels = random.integers(0, 256, (2, 4, 3, 3)).astype("float32")
np.save(to / "pixels.npy", pixels)
weights = None
for name in ["vgg16", "mobilenet", "densenet"]:
    x = first = keras.Input((4, 3, 3))
    x = getattr(keras.applications, name).preprocess_input(x)
    x = layers.Conv2D(3, 1)(x)
    model = keras.Model(first, x)
    weights = weights or [random.normal(0, 0.5, w.shape).astype("float32") for w in model.weights]
    model.set_weights(weights)
    np.save(to / f"{name}.npy", model.predict(pixels, verbose=0))
model.save_weights(to / "pixels.weights.h5")
