"""Keras's own counts of the scripts beside this file: `python counts.py > counts.json`, with Keras 3 and TensorFlow.

Each script is run with data sets of zeros, and without training; the model that it fits, or else compiles, or else made last
is counted, as `cnnc import` chooses it. `phases.json` gets what trains in each phase of those that have several.
"""
import contextlib
import io
import json
import pathlib
import sys
import types

import keras
import numpy as np
import tensorflow as tf

sys.modules["keras"] = keras
events = []


def zeros(shape, tests):
    def load_data(*args, **kwargs):
        labels = np.arange(shape[0]) % 10
        part = lambda n: (np.zeros((n, *shape[1:]), "uint8"), (np.arange(n) % 10).reshape((n, 1) if len(shape) == 4 else (n,)))
        return part(shape[0]), part(tests)
    return load_data


for name, shape, tests in [("mnist", (60000, 28, 28), 10000), ("fashion_mnist", (60000, 28, 28), 10000), ("cifar10", (50000, 32, 32, 3), 10000)]:
    getattr(keras.datasets, name).load_data = zeros(shape, tests)


def counted(model):
    count = lambda weights: int(sum(np.prod(weight.shape) for weight in weights))
    return [model.count_params(), count(model.trainable_weights), count(model.non_trainable_weights)]


def stop(kind, weight):
    def method(self, *args, **kwargs):
        events.append((weight, self, args, counted(self) if self.built else None))
        epochs = list(range(kwargs.get("initial_epoch", 0), kwargs.get("epochs", 1)))
        return types.SimpleNamespace(history={"accuracy": [0.0]}, epoch=epochs)
    return method


keras.Model.fit = stop("fit", 2)
keras.Model.evaluate = lambda self, *args, **kwargs: [0.0, 0.0]
keras.Model.predict = lambda self, *args, **kwargs: None
compiled = keras.Model.compile


def compile(self, *args, **kwargs):
    events.append((1, self, (), None))


keras.Model.compile = compile
for cls in (keras.Sequential, keras.Model):
    cls.compile = compile
    cls.fit = keras.Model.fit
built = keras.Sequential.__init__


def init(self, *args, **kwargs):
    events.append((0, self, (), None))
    built(self, *args, **kwargs)


keras.Sequential.__init__ = init


def pictures(*args, **kwargs):
    data = tf.data.Dataset.from_tensors((np.zeros((1,) + tuple(kwargs["image_size"]) + (3,), "float32"), np.zeros(1)))
    data.class_names = ["a", "b", "c", "d"]
    return (data, data) if kwargs.get("subset") == "both" else data


def code(path):
    if path.suffix == ".py":
        return path.read_text()
    cells = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    lines = []
    for cell in cells:
        text = "".join(cell["source"])
        try:
            compile_(text)
        except SyntaxError:
            continue
        lines.append(text)
    return "\n".join(lines)


def compile_(text):
    import builtins
    return builtins.compile("\n".join(line for line in text.split("\n") if not line.startswith(("%", "!"))), "cell", "exec")


# Names that Keras 3 has no longer, and modules that are not installed, which scripts name in passing.
OLD = [
    ("from keras.layers.core import", "from keras.layers import"),
    ("from keras.layers.convolutional import Convolution2D, MaxPooling2D", "from keras.layers import Conv2D, MaxPooling2D"),
    ("Convolution2D(32, 3, 3, border_mode=", "Conv2D(32, (3, 3), padding="),
    ("Convolution2D(32, 3, 3)", "Conv2D(32, (3, 3))"),
    ("from keras.utils import np_utils", "from keras import utils as np_utils"),
    ("init='he_normal'", "kernel_initializer='he_normal'"), ("p=0.5", "0.5"), ("output_dim=", "units="),
    ("lr=0.01, decay=1e-6", "learning_rate=0.01"), ("lr=1.0e-4", "learning_rate=1e-4"), ("LeakyReLU(alpha=0.1)", "LeakyReLU(negative_slope=0.1)"),
    ("/second", "_second"), ("optimizer='RMSprop'", "optimizer='rmsprop'"),
    ("tf.nn.relu(x + shortcut)", "layers.ReLU()(layers.Add()([x, shortcut]))"), ("x = tf.nn.relu(x)", "x = layers.ReLU()(x)"),
    ("import matplotlib.pyplot as plt", "from unittest import mock; plt = mock.MagicMock(); plt.subplots = lambda *a: (0, mock.MagicMock())"),
    ("import tensorflow_datasets as tfds", "from unittest import mock; tfds = mock.MagicMock(); tfds.load = lambda *a, **k: ((mock.MagicMock(), mock.MagicMock()), mock.MagicMock())"),
    ("train_datagen.flow_from_directory", "(lambda *args, **kwargs: None)"), ("test_datagen.flow_from_directory", "(lambda *args, **kwargs: None)"),
    ("generator.flow_from_directory", "(lambda *args, **kwargs: None)"), ("datagen.flow(", "(lambda *args, **kwargs: None)("),
    ("model.fit_generator(generator=", "model.fit("), ("model.fit_generator", "model.fit"), ("import pandas as pd", "from unittest import mock; pd = mock.MagicMock()"),
    ("datagen.flow_from_dataframe", "(lambda *args, **kwargs: mock.MagicMock())"), ("steps_per_epoch=train_generator.n // train_generator.batch_size", "steps_per_epoch=1"), ("datagen.fit(x_train)", ""), ('os.environ["DATA"]', '"data"'), ('weights="imagenet"', "weights=None"),
    ("from keras.preprocessing.image", "from tensorflow.keras.preprocessing.image"), ('model.save_weights("first_try.h5")', ""),
    ("import cv2", "import types; cv2 = types.SimpleNamespace(imread=lambda path: np.zeros((9, 9, 3)), resize=lambda x, size: np.zeros((*size[::-1], 3)))"),
    ('os.listdir("leaves")', "['a']"), ("import os\n\nimport types", "import os\nimport numpy as np\nimport types"),
    ("model.layers[0].weights[0]", "np.zeros((5, 5, 1, 9))"),
]
# What `cnnc import` refuses.
REFUSED = ["branches_unknown.py", "transfer_unsupported.py", "unknown_classes.py"]

counts, phases = {}, {}
folder = pathlib.Path(__file__).parent
sys.path.insert(0, str(folder.resolve()))
for path in sorted(folder.glob("*.py")) + sorted(folder.glob("*.ipynb")):
    if path.name in ["counts.py", *REFUSED]:
        continue
    text = code(path)
    for old, new in OLD:
        text = text.replace(old, new)
    lines = [line for line in text.split("\n") if not line.startswith(("%", "!"))]
    events.clear()
    scope = {"__name__": "__main__"}
    # Keras has this under several addresses, some of which are made as scripts ask for them.
    import tensorflow.keras.utils
    for module in list(sys.modules.values()):
        if "image_dataset_from_directory" in getattr(module, "__dict__", {}):
            module.image_dataset_from_directory = pictures
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            exec("\n".join(lines), scope)
            if not events and "build_model" in scope:
                scope["build_model"]()
            if not events and "LeafNet" in scope:
                scope["LeafNet"]().build()
    except SystemExit:
        pass
    except Exception as error:
        print(path.name, type(error).__name__, str(error)[:200], file=sys.stderr)
        continue
    best = max(weight for weight, *_ in events) if events else None
    if best is None:
        print(path.name, "no model", file=sys.stderr)
        continue
    weight, model, args, _ = [event for event in events if event[0] == best][-1]
    # What was frozen when it was first trained.
    _, _, args, numbers = [event for event in events if event[0] == best and event[1] is model][0]
    if not model.built:
        shape = args[0].shape[1:] if args and hasattr(args[0], "shape") else (96, 96, 3)
        model.build((None, *shape))
    counts[path.name] = numbers or counted(model)
    # What trains in each phase: from each compile that something is trained with.
    own, compiled = [], True
    for weight, other, _, numbers in events:
        if other is model and weight == 1:
            compiled = True
        if other is model and weight == 2 and compiled and numbers:
            own.append(numbers[1])
            compiled = False
    if len(own) > 1:
        phases[path.name] = own
(folder / "phases.json").write_text(json.dumps(phases) + "\n")
print(json.dumps(counts, indent=1))
