#!/usr/bin/env python3
"""Summaries of networks whose Input leaves sizes open, as Keras prints them: `open/NAME.cnn` and `open/NAME.txt`.

    open.py OUT        # such as tests/oracle/open; needs what generate.py needs
"""
import sys
from pathlib import Path

from generate import build, summary

CASES = [
    ("chain", [None, None, 3], "loss=SparseCategoricalCrossentropy(from_logits=True)", "", [
        "Rescaling(1. / 255)", "Conv2D(8, 3, activation='relu')", "MaxPooling2D(padding='same')",
        "SeparableConv2D(6, 3, padding='same')", "Conv2DTranspose(4, 3, strides=2)",
        "UpSampling2D(3, interpolation='bilinear')", "ZeroPadding2D(1)", "Cropping2D(((1, 0), (0, 1)))",
        "BatchNormalization()", "DepthwiseConv2D(3, strides=2)", "AveragePooling2D(2, strides=3)", "Permute((2, 1, 3))",
        "PReLU(shared_axes=[1, 2])", "Dense(7)", "GlobalMaxPooling2D(keepdims=True)", "Flatten()", "Dense(10)"]),
    ("unet", [None, None, 3], "loss='mse'", ", targets=\"input\"", [
        "a = Conv2D(8, 3, padding='same', activation='relu')", "MaxPooling2D()", "b = Conv2D(16, 3, padding='same')",
        "c = MaxPooling2D()", "e = UpSampling2D()(c)", "Concatenate()([b, e])",
        "Conv2DTranspose(8, 2, strides=2, padding='same')", "Conv2D(3, 1, activation='sigmoid')"]),
    ("height", [None, 32, 3], "loss=SparseCategoricalCrossentropy(from_logits=True)", "", [
        "Conv2D(8, 3)", "MaxPooling2D()", "Dropout(0.1)", "GlobalAveragePooling2D()", "Dense(10)"]),
]

out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
for name, shape, loss, more, layers in CASES:
    case = {"name": name, "input": shape, "layers": layers}
    (out / f"{name}.txt").write_text(summary(case, build(case)))
    lines = [f"model {name} {{", f"    Input(shape={tuple(shape)})", *(f"    {layer}" for layer in layers), "}", ""]
    lines += [f"compile({loss})", "", f"fit(data=\"cifar10\"{more})", ""]
    (out / f"{name}.cnn").write_text("\n".join(lines))
