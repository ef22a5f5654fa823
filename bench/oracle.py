"""The cases of tests/oracle on a device, with nothing but Python: for machines without cargo.

What tests/oracle.rs compares, within the same tolerances: outputs of the first weights, history, trained weights.
"""

import array
import csv
import json
import math
import os
import struct
import zipfile
from concurrent.futures import ThreadPoolExecutor

from measure import HERE, Failed

CASES = os.path.join(os.path.dirname(HERE), "tests", "oracle")
# Of outputs (of the largest, at least 1), of the history, of a variable (of its norm).
OUTPUTS, HISTORY, WEIGHTS = 1e-5, 2e-4, 1e-4


def floats(data):
    values = array.array("f")
    values.frombytes(data)
    return values


def npy(data):
    """The values of a `.npy` of float32."""
    (length,) = struct.unpack("<H", data[8:10])
    head = data[10 : 10 + length].decode()
    if "'<f4'" not in head:
        raise Failed(f"not float32: {head}")
    return floats(data[10 + length :])


def safetensors(path):
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    head = json.loads(data[8 : 8 + length])
    head.pop("__metadata__", None)
    cut = lambda at: data[8 + length + at[0] : 8 + length + at[1]]
    return {name: floats(cut(about["data_offsets"])) for name, about in head.items()}


def norm(values):
    return math.sqrt(math.fsum(value * value for value in values))


def outputs(run, case, folder):
    test, found = os.path.join(folder, "x.npy"), os.path.join(folder, "y.npy")
    with zipfile.ZipFile(os.path.join(case, "data.npz")) as data, open(test, "wb") as file:
        file.write(data.read("x_test.npy"))
    paths = [os.path.join(case, "model.cnn"), "--weights", os.path.join(case, "init.safetensors")]
    run.cnnc("predict " + os.path.basename(case), 60, "predict", *paths, "--input", test, "--output", found, "--device", run.options.device)
    with open(found, "rb") as ours, open(os.path.join(case, "logits.npy"), "rb") as theirs:
        found, expected = npy(ours.read()), npy(theirs.read())
    scale = max(1.0, *map(abs, expected))
    return max(abs(a - b) for a, b in zip(found, expected, strict=True)) / scale


def training(run, case, folder):
    """The worst of the history, and of the variables."""
    out = os.path.join(folder, "run")
    paths = [os.path.join(case, "model.cnn"), "--weights", os.path.join(case, "init.safetensors"), "--out", out]
    run.cnnc("run " + os.path.basename(case), 60, "run", *paths, "--device", run.options.device, "--quiet")
    with open(os.path.join(case, "expect.json")) as file:
        expected = json.load(file)["history"]
    with open(os.path.join(out, "history.csv")) as file:
        rows = list(csv.DictReader(file))
    told = max(abs(float(row[name]) - value) for name, values in expected.items() for row, value in zip(rows, values, strict=True))
    found, expected = safetensors(os.path.join(out, "weights.safetensors")), safetensors(os.path.join(case, "trained.safetensors"))
    if found.keys() != expected.keys():
        raise Failed(f"other variables: {sorted(found.keys() ^ expected.keys())}")
    off = lambda name: norm(a - b for a, b in zip(found[name], expected[name], strict=True)) / max(norm(expected[name]), 1e-12)
    return told, max(map(off, expected))


def judge(run, name):
    """The worst of each kind of a case, or why there is nothing; nothing where there is no time left."""
    if run.left() < 10:
        return None
    case, folder = os.path.join(CASES, name), os.path.join(run.options.folder, "oracle", name)
    os.makedirs(folder, exist_ok=True)
    try:
        worst = {"outputs": outputs(run, case, folder)}
        # What draws random numbers has no history of Keras's.
        if not os.path.exists(os.path.join(case, "statistics.json")):
            worst["history"], worst["weights"] = training(run, case, folder)
    except (Failed, ValueError) as failure:
        return {"error": str(failure)}
    return worst


def compare(run, most):
    """For each case the worst of each kind, and which are wrong. Some run side by side: most of the time goes into opening the device."""
    limits = {"outputs": OUTPUTS, "history": HISTORY, "weights": WEIGHTS}
    names = sorted(name for name in os.listdir(CASES) if os.path.isfile(os.path.join(CASES, name, "model.cnn")))[:most]
    with ThreadPoolExecutor(max(1, min(4, (os.cpu_count() or 1) // 2))) as pool:
        judged = dict(zip(names, pool.map(lambda name: judge(run, name), names)))
    found = {name: worst for name, worst in judged.items() if worst is not None}
    off = lambda worst: "error" in worst or any(not value <= limits[kind] for kind, value in worst.items())
    wrong = [name for name, worst in found.items() if off(worst)]
    return {"cases": found, "wrong": wrong, "without time": len(judged) - len(found)}
