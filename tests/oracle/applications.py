#!/usr/bin/env python3
"""Applications beside Keras's own: for each, random weights that Keras saves, in both layouts, and the outputs of both.

    applications.py CNNC [NAME...]      # needs keras, tensorflow-cpu and numpy; exits 1 where outputs differ

Files go to a folder of their own, which is removed.
"""
import os, subprocess, sys, tempfile
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
from pathlib import Path
import numpy as np
import h5py, keras
from keras.src.legacy.saving import legacy_h5_format

SIZES = {"Xception": 71, "MobileNetV2": 33, "InceptionV3": 75}
NAMES = ["VGG16", "VGG19", "ResNet50", "ResNet101", "ResNet50V2", "MobileNet", "MobileNetV2", "Xception", "DenseNet121", "EfficientNetB0",
         "InceptionV3", "ResNet152V2", "DenseNet169", "EfficientNetB1", "EfficientNetV2B0", "EfficientNetV2S"]
random = np.random.default_rng(1)
failed = False
for name in sys.argv[2:] or NAMES:
    size = SIZES.get(name, 32)
    keras.backend.clear_session()
    base = getattr(keras.applications, name)(include_top=False, weights=None, input_shape=(size, size, 3), pooling="avg")
    for w in base.weights:
        # Statistics that are not 0 and 1, so that they matter.
        if "moving_variance" in w.path or "gamma" in w.path:
            w.assign(random.uniform(0.7, 1.3, w.shape).astype("float32"))
        elif w.path.endswith("normalization/variance"):
            w.assign(random.uniform(0.01, 0.3, w.shape).astype("float32"))
        elif w.path.endswith("normalization/mean"):
            w.assign(random.uniform(0.3, 0.6, w.shape).astype("float32"))
        elif w.path.endswith("normalization/count"):
            w.assign(12345)
        elif "moving_mean" in w.path or "beta" in w.path or "bias" in w.path:
            w.assign(random.normal(0, 0.1, w.shape).astype("float32"))
    x = first = keras.Input((size, size, 3))
    model = keras.Model(first, keras.layers.Dense(5)(base(x)))
    inputs = random.normal(0, 1, (3, size, size, 3)).astype("float32")
    if name.startswith("EfficientNet"):
        inputs = random.uniform(0, 255, inputs.shape).astype("float32")
    expected = model.predict(inputs, verbose=0)
    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder)
        np.save(to / "x.npy", inputs)
        model.save_weights(to / "current.weights.h5")
        with h5py.File(to / "legacy.h5", "w") as f:
            legacy_h5_format.save_weights_to_hdf5_group(f, model)
        (to / "net.cnn").write_text(
            f"model net {{\n    Input(shape=({size}, {size}, 3))\n"
            f"    {name}(include_top=False, weights=None, input_shape=({size}, {size}, 3), pooling=\"avg\")\n    Dense(5)\n}}\n"
        )
        for weights in ["current.weights.h5", "legacy.h5"]:
            r = subprocess.run(
                [sys.argv[1], "predict", to / "net.cnn", "--weights", to / weights, "--input", to / "x.npy", "--output", to / "y.npy", "--device", "cpu"],
                capture_output=True, text=True)
            if r.returncode:
                print(f"{name} {weights}: {r.stderr.strip()}")
                failed = True
                continue
            found = np.load(to / "y.npy").reshape(expected.shape)
            scale = max(1.0, np.abs(expected).max())
            worst = np.abs(found - expected).max() / scale
            failed |= not worst <= 1e-5
            print(f"{name} {weights}: outputs up to {np.abs(expected).max():.3g} differ by {worst:.1e} of them")
sys.exit(failed)
