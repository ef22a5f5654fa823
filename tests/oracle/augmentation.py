#!/usr/bin/env python3
"""Golden augmentations: what Keras's own layers make of pictures when the random numbers are those that cnnc draws.

    augmentation.py OUT                # needs keras + tensorflow-cpu + numpy

Each layer of LAYERS is called in training, with `backend.random` replaced: number i of sample s is the upper 24 bits of word
s % 4 of the Philox4x32-10 block of counter [i, s / 4, stream] and the step's key, as `compiler/src/ops/draws.rs` says; i goes up
with each call, and every later step (matrices, folding, interpolation, clipping) is Keras's and TensorFlow's.

Of MixUp and CutMix what is drawn by other generators than `uniform` is drawn as `compiler/src/ops/mixing.rs` says; the rectangles,
the mixing of pictures and of one-hot labels are Keras's.

OUT gets pictures.npy [sample, height, width, channel], cases.json ([{"name", "layer", "key"}]) and NAME.npy for each, of those that
mix also NAME_labels.npy [sample, class], where sample i is of class i % 3.
"""
import json, os, sys
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
from pathlib import Path
import numpy as np
import keras
from keras import layers
from keras.src.backend import random as backend_random

NAME = "aug"
LAYERS = [
    "RandomFlip()", "RandomFlip('horizontal')", "RandomFlip(mode='vertical')",
    "RandomTranslation(0.3, 0.2)", "RandomTranslation((-0.9, -0.2), (0.1, 0.8), fill_mode='wrap')",
    "RandomTranslation(0.6, 0.6, fill_mode='constant', fill_value=0.5)",
    "RandomTranslation((0.5, 0.2), 0.4, fill_mode='nearest', interpolation='nearest')",
    "RandomRotation(0.2)", "RandomRotation((-0.5, 0.1), fill_mode='constant', interpolation='nearest')",
    "RandomRotation(factor=1, fill_mode='wrap')", "RandomRotation(0.4, 'nearest', 'bilinear')",
    "RandomZoom(0.5)", "RandomZoom((-0.7, -0.3), (0.1, 0.9), fill_mode='constant', fill_value=1)",
    "RandomZoom(height_factor=0.3, width_factor=0.2, fill_mode='wrap', interpolation='nearest')",
    "RandomShear(0.3, 0.4)", "RandomShear(x_factor=(0.2, 0.9), fill_mode='constant')",
    "RandomShear(y_factor=0.7, interpolation='nearest', fill_mode='nearest')",
    "RandomCrop(5, 4)", "RandomCrop(height=7, width=3)",
    "RandomContrast(0.6, value_range=(0, 1))", "RandomContrast((0.9, 0.2), value_range=[0, 1])",
    "RandomBrightness(0.4, value_range=(0, 1))", "RandomBrightness((0.1, 0.3), (0.0, 1.0))",
    "RandomErasing(value_range=(0, 1))", "RandomErasing(factor=(0.8, 1.0), scale=(0.2, 0.6), fill_value=0.25)",
    "RandomErasing((1, 1), fill_value=[0.1, 0.5, 0.9], value_range=(0, 1))",
    "GaussianNoise(0.3)",
    "MixUp()", "MixUp(alpha=1.0)", "CutMix()", "CutMix((0.3, 0.6))",
]
TO_ONE = np.float32(2.0 ** -24)


def stream(name):
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = (h ^ byte) * 0x100000001B3 % 2 ** 64
    return [h % 2 ** 32, h >> 32]


def philox(counter, key):
    a, b, c, d = counter
    k, l = key
    for _ in range(10):
        x, y = a * 0xD2511F53, c * 0xCD9E8D57
        a, b, c, d = (y >> 32) ^ b ^ k, y % 2 ** 32, (x >> 32) ^ d ^ l, x % 2 ** 32
        k, l = (k + 0x9E3779B9) % 2 ** 32, (l + 0xBB67AE85) % 2 ** 32
    return a, b, c, d


class Random:
    """In the place of Keras's generators."""

    def __init__(self, key, noise_from):
        self.key, self.index, self.noise_from = key, 0, noise_from

    def word(self, index, sample):
        return philox([index, sample // 4, *stream(NAME)], self.key)[sample % 4]

    def number(self, index, sample):
        return np.float32(self.word(index, sample) >> 8) * TO_ONE

    def shuffle(self, x, axis=0, seed=None):
        words = [self.word(3, s) for s in range(len(x))]
        places = np.array([sum(word < own for word in words) for own in words])
        return keras.ops.convert_to_tensor(keras.ops.convert_to_numpy(x)[places])

    def beta(self, shape, alpha, beta, dtype=None, seed=None):
        alpha, made = np.float64(alpha), []
        for s in range(shape[0]):
            for at in range(4, 4 + 64, 2):
                own, other = (np.log(np.float64(self.number(i, s)) + 0.5 * TO_ONE) / alpha for i in (at, at + 1))
                if np.exp(own) + np.exp(other) <= 1:
                    made.append(1 / (1 + np.exp(other - own)))
                    break
        return keras.ops.convert_to_tensor(np.array(made, np.float32))

    def uniform(self, shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
        shape = tuple(int(size) for size in shape)
        low, high = np.float32(minval), np.float32(maxval)
        if shape == ():
            self.index += 1
            return keras.ops.convert_to_tensor(low + (high - low) * self.number(self.index - 1, 0))
        each = int(np.prod(shape[1:]))
        made = np.array([[self.number(self.index + i, s) for i in range(each)] for s in range(shape[0])], np.float32)
        self.index += each
        return keras.ops.convert_to_tensor((low + (high - low) * made).reshape(shape))

    def normal(self, shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
        n, height, width, channels = (int(size) for size in shape)
        made = np.zeros((n, height, width, channels), np.float32)
        for s, y, x, c in np.ndindex(made.shape):
            i = self.noise_from + 2 * ((c * height + y) * width + x)
            radius = np.sqrt(-2 * np.log(np.float64(self.number(i, s)) + 0.5 * TO_ONE))
            made[s, y, x, c] = radius * np.cos(2 * np.pi * np.float64(self.number(i + 1, s)))
        return keras.ops.convert_to_tensor(np.float32(mean) + np.float32(stddev) * made)


class Backend:
    def __init__(self, backend, random):
        self.inner, self.random = backend, random

    def __getattr__(self, name):
        return getattr(self.inner, name)


def main(out):
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.RandomState(7)
    pictures = rng.uniform(0, 1, (6, 8, 7, 3)).astype(np.float32)
    np.save(out / "pictures.npy", pictures)
    labels = np.eye(3, dtype=np.float32)[np.arange(len(pictures)) % 3]
    cases = []
    for at, text in enumerate(LAYERS):
        layer = eval(text[:-1] + ("" if text.endswith("()") else ", ") + f"name='{NAME}')", vars(layers))
        key = [int(word) for word in rng.randint(0, 2 ** 32, 2, dtype=np.uint64)]
        name = f"{at:02}_{type(layer).__name__}"
        # Flips and erasing know their samples by the first numbers; noise of a layer that is nothing else begins at 0.
        random = Random(key, 0 if "Noise" in text else 8)
        normal = backend_random.normal
        if hasattr(layer, "backend"):
            layer.backend = Backend(layer.backend, random)
        backend_random.normal = random.normal
        if "Mix" in text:
            made = layer({"images": pictures, "labels": labels}, training=True)
            np.save(out / f"{name}_labels.npy", made["labels"].numpy().astype(np.float32))
            made = made["images"].numpy()
            cases.append({"name": name, "layer": text, "key": key})
            np.save(out / f"{name}.npy", made.astype(np.float32))
            print(name, made.shape, float(np.abs(made - pictures).mean()))
            continue
        made = layer(pictures, training=True).numpy()
        backend_random.normal = normal
        if "Crop" not in text:
            assert np.array_equal(layer(pictures, training=False).numpy(), pictures), text
        np.save(out / f"{name}.npy", made.astype(np.float32))
        cases.append({"name": name, "layer": text, "key": key})
        print(name, made.shape, float(np.abs(made).mean()))
    (out / "cases.json").write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
