#!/usr/bin/env python3
"""Golden cases of networks with several inputs or outputs, and with layers that are applied more than once, computed by Keras.

    generate.py OUT [NAME...]      # needs keras + tensorflow-cpu + safetensors + numpy

Each case becomes OUT/NAME/: model.cnn, data.npz (an array for each input and output), inputs.npz (the test samples),
init.safetensors and trained.safetensors (LAYER.VARIABLE, Keras's layouts), outputs.npz (what the initial weights make of
inputs.npz), expect.json (rows of the summary, totals, history) and summary.txt (Keras's table, 80 columns).
"""
import json, os, sys
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
from pathlib import Path
import numpy as np
import keras
from keras import layers as L
from safetensors.numpy import save_file

N, TEST = 28, 12
rng = np.random.RandomState(7)


def uniform(*shape):
    return rng.uniform(0, 1, (N + TEST, *shape)).astype(np.float32)


def classes(count):
    return rng.randint(0, count, N + TEST).astype(np.int64)


def two_inputs():
    """A picture and a row of numbers."""
    picture = keras.Input((7, 6, 2), name="picture")
    facts = keras.Input((5,), name="facts")
    x = L.Conv2D(4, 3, activation="relu", name="seen")(picture)
    x = L.Flatten(name="row")(x)
    y = L.Dense(6, activation="tanh", name="known")(facts)
    z = L.Concatenate(name="both")([x, y])
    z = L.Dense(4, name="answer")(z)
    model = keras.Model([picture, facts], z, name="two_inputs")
    model.compile(optimizer=keras.optimizers.SGD(0.05, momentum=0.9),
                  loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    text = """model two_inputs {
    picture = Input(shape=(7, 6, 2))
    facts = Input(shape=(5,))
    seen = Conv2D(4, 3, activation="relu")(picture)
    row = Flatten()
    known = Dense(6, activation="tanh")(facts)
    both = Concatenate()([row, known])
    answer = Dense(4)
}

compile(optimizer=SGD(0.05, momentum=0.9), loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])

fit(data="data.npz", epochs=3, batch_size=8, shuffle=False)
"""
    return model, text, {"picture": uniform(7, 6, 2), "facts": uniform(5)}, {"y": classes(4)}


def two_outputs():
    """Three heads on one body, of which one gives a map; losses with weights, metrics by name."""
    x = first = keras.Input((8, 8, 1), name="picture")
    x = L.Conv2D(5, 3, padding="same", activation="relu", name="body")(x)
    drawn = L.Conv2D(2, 3, padding="same", activation="sigmoid", name="drawn")(x)
    x = L.GlobalAveragePooling2D(name="mean")(x)
    kind = L.Dense(3, activation="softmax", name="kind")(x)
    size = L.Dense(1, name="size")(x)
    model = keras.Model(first, [kind, size, drawn], name="two_outputs")
    model.compile(optimizer="adam", loss={"kind": "sparse_categorical_crossentropy", "size": "mse", "drawn": "binary_crossentropy"},
                  loss_weights={"kind": 0.5, "size": 2.0, "drawn": 1.5}, metrics={"kind": ["accuracy"], "drawn": "binary_accuracy"})
    text = """model two_outputs {
    picture = Input(shape=(8, 8, 1))
    body = Conv2D(5, 3, padding="same", activation="relu")
    drawn = Conv2D(2, 3, padding="same", activation="sigmoid")
    mean = GlobalAveragePooling2D()(body)
    kind = Dense(3, activation="softmax")
    size = Dense(1)(mean)
    outputs(kind, size, drawn)
}

compile(
    optimizer="adam",
    loss={"kind": "sparse_categorical_crossentropy", "size": "mse", "drawn": "binary_crossentropy"},
    loss_weights={"kind": 0.5, "size": 2.0, "drawn": 1.5},
    metrics={"kind": ["accuracy"], "drawn": "binary_accuracy"},
)

fit(data="data.npz", epochs=3, batch_size=8, shuffle=False)
"""
    drawn = rng.randint(0, 2, (N + TEST, 8, 8, 2)).astype(np.float32)
    return model, text, {"x": uniform(8, 8, 1)}, {"kind": classes(3), "size": uniform(1), "drawn": drawn}


def siamese():
    """One tower for two pictures, a model; a dense layer that is applied to both of its outputs."""
    inner = keras.Input((8, 8, 1), name="seen")
    x = L.Conv2D(4, 3, activation="relu", kernel_regularizer=keras.regularizers.L2(0.01), name="edges")(inner)
    x = L.MaxPooling2D(name="pool")(x)
    x = L.Flatten(name="row")(x)
    x = L.Dense(6, activation="tanh", name="code")(x)
    tower = keras.Model(inner, x, name="tower")
    left = keras.Input((8, 8, 1), name="left")
    right = keras.Input((8, 8, 1), name="right")
    a, b = tower(left), tower(right)
    short = L.Dense(3, name="short")
    c, d = short(a), short(b)
    z = L.Subtract(name="apart")([c, d])
    z = L.Multiply(name="square")([z, z])
    same = L.Dense(1, activation="sigmoid", name="same")(z)
    model = keras.Model([left, right], [same, L.Dense(2, name="place")(c)], name="siamese")
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss=["binary_crossentropy", "mae"], loss_weights=[1.0, 0.25],
                  metrics=[["accuracy"], None])
    text = """model tower {
    seen = Input(shape=(8, 8, 1))
    edges = Conv2D(4, 3, activation="relu", kernel_regularizer=L2(0.01))
    pool = MaxPooling2D()
    row = Flatten()
    code = Dense(6, activation="tanh")
}

model siamese {
    left = Input(shape=(8, 8, 1))
    right = Input(shape=(8, 8, 1))
    a = tower(left)
    b = tower(right)
    short = Dense(3)(a)
    d = short(b)
    apart = Subtract()([short, d])
    square = Multiply()([apart, apart])
    same = Dense(1, activation="sigmoid")
    place = Dense(2)(short)
    Model(inputs=[left, right], outputs=[same, place])
}

compile(optimizer=SGD(0.1), loss=["binary_crossentropy", "mae"], loss_weights=[1.0, 0.25], metrics=[["accuracy"], None])

fit(data="data.npz", epochs=3, batch_size=8, shuffle=False)
"""
    return model, text, {"left": uniform(8, 8, 1), "right": uniform(8, 8, 1)}, {"same": classes(2), "place": uniform(2)}


def weights(model):
    """Of models that are layers with their name before, as `tower/edges.kernel`."""
    def of(layer, prefix):
        if isinstance(layer, keras.Model):
            return {k: v for inner in layer.layers for k, v in of(inner, prefix + layer.name + "/").items()}
        return {f"{prefix}{layer.name}.{v.path.split('/')[-1]}": np.ascontiguousarray(v.numpy()) for v in layer.weights}
    return {k: v for layer in model.layers for k, v in of(layer, "").items()}


def make(name, out):
    global rng
    rng = np.random.RandomState(7)
    keras.backend.clear_session()
    keras.utils.set_random_seed(3)
    model, text, inputs, targets = {"two_inputs": two_inputs, "two_outputs": two_outputs, "siamese": siamese}[name]()
    for v in model.weights:
        if v.path.split("/")[-1] == "bias":
            v.assign(rng.uniform(-.3, .3, v.shape).astype(np.float32))
    d = out / name
    d.mkdir(parents=True, exist_ok=True)
    arrays = {**inputs, **targets}
    np.savez(d / "data.npz", **{f"{k}_train": v[:N] for k, v in arrays.items()}, **{f"{k}_test": v[N:] for k, v in arrays.items()})
    np.savez(d / "inputs.npz", **{k: v[N:] for k, v in inputs.items()})
    (d / "model.cnn").write_text(text)
    save_file(weights(model), d / "init.safetensors")
    part = lambda arrays, of: [v[of] for v in arrays.values()] if len(arrays) > 1 else next(iter(arrays.values()))[of]
    train, test = slice(0, N), slice(N, None)
    made = model.predict(part(inputs, test), verbose=0, batch_size=TEST)
    made = made if isinstance(made, list) else [made]
    np.savez(d / "outputs.npz", **dict(zip(model.output_names, made)))
    lines = []
    model.summary(print_fn=lambda text, line_break=False: lines.append(text))
    (d / "summary.txt").write_text("\n".join(lines).rstrip() + "\n")
    rows = [{"name": l.name, "type": type(l).__name__, "output_shape": list(l.get_output_at(0).shape) if hasattr(l, "get_output_at")
             else list((l._inbound_nodes[0].outputs[0]).shape), "params": l.count_params()}
            for l in model.layers if type(l).__name__ != "InputLayer"]
    h = model.fit(part(inputs, train), part(targets, train), validation_data=(part(inputs, test), part(targets, test)), epochs=3,
                  batch_size=8, shuffle=False, verbose=0).history
    save_file(weights(model), d / "trained.safetensors")
    total = int(sum(np.prod(v.shape) for v in model.weights))
    json.dump({"rows": rows, "total": total, "keras": keras.__version__, "history": h}, open(d / "expect.json", "w"), indent=1)
    print(name, total, {k: round(v[-1], 4) for k, v in h.items()}, flush=True)


if __name__ == "__main__":
    for name in sys.argv[2:] or ["two_inputs", "two_outputs", "siamese"]:
        make(name, Path(sys.argv[1]))
