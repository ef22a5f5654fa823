"""Random networks over the whole vocabulary, trained by Keras and by cnnc from the same weights on the same data, and compared.

    python3 bench/random_networks.py FOLDER --cnnc CNNC [--seed N] [--count N] [--only INDEX] [--device LIST] [--shrink]

The Python that runs it has Keras (bench/requirements/keras.txt) and safetensors. Each network is a case of tests/oracle: summary, outputs of the
first weights, history and trained weights are compared within the oracle's tolerances. One that disagrees is trained by Keras
again from weights that differ in their last bits; where Keras then disagrees with itself as much, it is called ill-conditioned.
What disagrees stays in FOLDER/NAME with its description; --seed and --only make the same network again, --shrink leaves out
what the disagreement does not need. The exit status is 1 where anything disagrees.
"""

import argparse
import contextlib
import csv
import io
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "oracle"))
# TensorFlow 2.21 with oneDNN gets some convolutions of unequal strides wrong: 4x4 pixels, a 3x4 kernel, strides of (1, 3).
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
import generate
import numpy as np
from random_vocabulary import draw
from safetensors.numpy import load_file

# Of outputs (of the largest), of the history (of 1 or the value), of a variable (of its norm).
OUTPUTS, HISTORY, WEIGHTS = 1e-5, 2e-4, 1e-4
# Keras is shaken by so much of each initial weight; moved by more than this share of a difference, it explains it.
SHAKEN, EXPLAINS, TRIALS = 1e-7, 0.05, 4


class Refused(Exception):
    """What one of the two does not take."""


def keras(case, folder):
    """Keras's side of a case, as the oracle's generator writes it."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            generate.make(case, folder)
    except Exception as error:
        raise Refused(f"{type(error).__name__}: {str(error).splitlines()[0][:150]}") from error


def cnnc(options, *arguments):
    command = [options.cnnc, *map(str, arguments)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired as error:
        raise Refused(f"cnnc {arguments[0]}: not done after 300 s") from error
    if done.returncode != 0:
        raise Refused(f"cnnc {arguments[0]}: {' '.join(done.stderr.split())[:400]}")
    return done.stdout


def outputs(options, case, folder, device):
    with np.load(folder / "data.npz") as data:
        np.save(folder / "x.npy", data["x_test"])
    paths = ["--weights", folder / "init.safetensors", "--input", folder / "x.npy", "--output", folder / "y.npy"]
    cnnc(options, "predict", folder / "model.cnn", *paths, "--device", device)
    found, expected = np.load(folder / "y.npy"), np.load(folder / "logits.npy")
    scale = max(1.0, float(np.abs(np.nan_to_num(expected)).max()))
    worst = float(apart(expected, found.reshape(expected.shape), scale).max())
    if worst > OUTPUTS:
        yield f"outputs differ by {worst:.1e}", worst, ("outputs", None)


def apart(values, found, scale):
    """How far two arrays are apart: what has no number in both is the same, what has none in one is infinitely far."""
    same = (np.isnan(values) & np.isnan(found)) | (values == found)
    with np.errstate(invalid="ignore"):
        difference = np.where(same, 0.0, np.abs(found - values)) / scale
    return np.where(np.isnan(difference), np.inf, difference)


def far(values, found):
    """The same of whole variables, by their norms."""
    size = max(float(np.linalg.norm(np.nan_to_num(values))), 1e-6)
    return float(np.linalg.norm(apart(values, found, 1.0))) / size


def told(values, found):
    """The same of numbers that are told, of which large ones are compared by their ratio."""
    return float(apart(values, found, np.maximum(1, np.abs(np.nan_to_num(values)))).max())


def history(expected, rows):
    if list(rows[0])[1:] != sorted(expected):
        yield f"the history has {list(rows[0])[1:]} in place of {sorted(expected)}", np.inf, ("keys", None)
        return
    for name, values in expected.items():
        # Where an epoch was not validated there is no number.
        numbers = [float(row[name]) for row in rows if row[name] not in ("", "NA")]
        values, found = np.array(values), np.array(numbers)
        if values.shape != found.shape:
            yield f"{name} has {len(found)} epochs in place of {len(values)}", np.inf, ("keys", None)
            continue
        worst = told(values, found)
        if worst > HISTORY:
            yield f"{name} differs by {worst:.1e}", worst, ("history", name)


def variables(expected, found):
    if sorted(expected) != sorted(found):
        yield f"the variables {sorted(set(expected) ^ set(found))} are in one alone", np.inf, ("keys", None)
        return
    for name, values in expected.items():
        worst = far(values, found[name])
        if worst > WEIGHTS:
            yield f"{name} differs by {worst:.1e} after training", worst, ("weights", name)


def compare(options, case, folder, device):
    """What differs: text, by how much, and what it is of."""
    table = cnnc(options, "check", folder / "model.cnn")
    if table != (folder / "summary.txt").read_text():
        yield "the summary is not Keras's", np.inf, ("summary", None)
    yield from outputs(options, case, folder, device)
    out = folder / "run"
    shutil.rmtree(out, ignore_errors=True)
    weights = ["--weights", folder / "init.safetensors"]
    cnnc(options, "run", folder / "model.cnn", *weights, "--device", device, "--out", out, "--quiet")
    expected = json.loads((folder / "expect.json").read_text())["history"]
    with open(out / "history.csv") as file:
        yield from history(expected, list(csv.DictReader(file)))
    yield from variables(load_file(folder / "trained.safetensors"), load_file(out / "weights.safetensors"))


def again(case, folder, seed):
    """History and weights of Keras from initial weights that differ in their last bits."""
    model = generate.build(case)
    random_numbers = np.random.RandomState(seed)
    first = load_file(folder / "init.safetensors")
    for variable in model.weights:
        name = variable.path.replace("/", ".")
        if name in first:
            value = first[name]
            variable.assign(value * (1 + random_numbers.uniform(-SHAKEN, SHAKEN, value.shape)).astype(np.float32))
    with np.load(folder / "data.npz") as file:
        data = dict(file)
    fitted = generate.fit(case, model, *(data[key] for key in ("x_train", "y_train", "x_test", "y_test")))
    return fitted.history, generate.weights(model)


def explained(case, folder, found):
    """Those differences that Keras does not have with itself, in a few trials: one may miss the side of a kink."""
    expected = json.loads((folder / "expect.json").read_text())["history"]
    before = load_file(folder / "trained.safetensors")
    for seed in range(TRIALS):
        if not any(kind in ("history", "weights") for _, _, (kind, _) in found):
            break
        other, trained = again(case, folder, seed)
        left = []
        for text, worst, (kind, name) in found:
            own = 0.0  # Of a summary, of outputs.
            if kind == "history":
                own = told(np.array(expected[name]), np.array(other[name]))
            elif kind == "weights":
                own = far(before[name], trained[name])
            if own < EXPLAINS * worst:
                left.append((text, worst, (kind, name)))
        found = left
    return found


def examine(options, case, folder):
    """`agrees`, `ill-conditioned`, or what is wrong, for each device."""
    keras(case, folder)
    verdicts = []
    for device in options.device.split(","):
        try:
            found = list(compare(options, case, folder / case["name"], device))
        except Refused as refused:
            verdicts.append(str(refused))
            continue
        left = explained(case, folder / case["name"], found) if found else []
        words = "; ".join(text for text, _, _ in left)
        verdicts.append(f"{device}: {words}" if left else "ill-conditioned" if found else "agrees")
    wrong = [verdict for verdict in verdicts if verdict not in ("agrees", "ill-conditioned")]
    return (wrong or [max(verdicts)])[0]


def kind_of(verdict):
    """That a smaller network is wrong in the same way."""
    return verdict.split(" ")[0:2] if verdict.startswith("cnnc") else "differs"


def shrink(options, case, verdict, folder):
    """The case without the layers, and with the plain settings, that the disagreement does not need."""

    def still(smaller):
        try:
            found = examine(options, {**smaller, "name": case["name"] + "_small"}, folder)
        except Refused:
            return False
        return found not in ("agrees", "ill-conditioned") and kind_of(found) == kind_of(verdict)

    for key, plain in (("fit", {}), ("optimizer", "SGD(learning_rate=0.01)")):
        if case.get(key) != plain and still({**case, key: plain}):
            case = {**case, key: plain}
    index = len(case["layers"]) - 2
    while index >= 0:
        smaller = {**case, "layers": case["layers"][:index] + case["layers"][index + 1 :]}
        if still(smaller):
            case = smaller
        index -= 1
    return case


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--cnnc", required=True, help="the program")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="the index to begin at")
    parser.add_argument("--only", type=int, help="this one alone")
    parser.add_argument("--device", default="cpu", help="cpu, gpu or both, with a comma between")
    parser.add_argument("--shrink", action="store_true", help="leave out of what disagrees whatever that does not need")
    options = parser.parse_args()
    options.cnnc = os.path.abspath(options.cnnc)
    options.folder.mkdir(parents=True, exist_ok=True)
    indices = [options.only] if options.only is not None else range(options.first, options.first + options.count)
    counts, wrong = {"agrees": 0, "ill-conditioned": 0, "refused by Keras": 0, "not supported": 0}, []
    for index in indices:
        case = draw(random.Random(f"{options.seed}/{index}"))
        case |= {"name": f"random_{options.seed}_{index}", "seed": index + 1}
        path = options.folder / case["name"]
        try:
            verdict = examine(options, case, options.folder)
        except Refused as refused:
            counts["refused by Keras"] += 1
            print(f"{index}: refused by Keras: {refused}", flush=True)
            shutil.rmtree(path, ignore_errors=True)
            continue
        print(f"{index}: {verdict}", flush=True)
        if verdict.startswith("cnnc check") and "not supported" in verdict:
            counts["not supported"] += 1
            continue
        if verdict in counts:
            counts[verdict] += 1
            if options.only is None:
                shutil.rmtree(path)
            continue
        if options.shrink:
            small = shrink(options, case, verdict, options.folder)
            case = {**small, "name": case["name"] + "_small"}
            verdict = examine(options, case, options.folder)
            print(f"  smaller: {verdict}", flush=True)
        print("".join(f"  {line}\n" for line in generate.spec(case).splitlines()), flush=True)
        wrong.append(index)
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    which = f": {', '.join(map(str, wrong))}" if wrong else ""
    print(f"seed {options.seed}: {said or 'none'}; {len(wrong)} disagree{which}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
