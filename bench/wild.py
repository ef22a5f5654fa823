"""Trains twenty networks with cnnc and its peers, one process after another, and writes what was measured as JSON lines.

Called by wild.sh, which builds and installs what is measured here. Every peer gets the network that `cnnc export` makes of
its description in bench/networks, and made-up samples.
"""

import argparse
import json
import os
import re
import shutil
import struct
import time
import zipfile

from measure import HERE, Failed, Meter, listed

NETWORKS = os.path.join(HERE, "networks")
# A window of steps has about so many operations, and this many steps.
WINDOW_FLOP = 20e9
STEPS = (2, 32)
# In the order in which they are measured.
PROGRAMS = ("cnnc", "keras", "torch", "torch channels_last", "burn", "onnxruntime")


def described():
    return sorted(name.removesuffix(".cnn") for name in os.listdir(NETWORKS) if name.endswith(".cnn"))


def arguments():
    parser = argparse.ArgumentParser(prog="bench/wild.sh", description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--networks", type=listed, default=described(), help="any of " + ",".join(described()))
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each training is measured, about")
    parser.add_argument("--rounds", type=int, default=1, help="how often everything is measured, in turn")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--timeout", type=float, default=180, help="seconds after which a program is given up")
    parser.add_argument("--cnnc", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--peers", type=listed, default=[], help=argparse.SUPPRESS)
    parser.add_argument("--python", help=argparse.SUPPRESS)
    parser.add_argument("--burn", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if unknown := set(options.networks) - set(described()):
        parser.error(f"no network {', '.join(sorted(unknown))}")
    return options


def npy(kind, shape, values):
    """A NumPy array as a file: its head is padded to 64 bytes."""
    head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({', '.join(map(str, shape))},), }}"
    head += " " * (-(len(head) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + values


def few_samples(path, shape, classes):
    """A data set of one batch, for `cnnc run` to make weights with."""
    count = max(classes, 4)
    labels = struct.pack(f"<{count}q", *(index % classes for index in range(count)))
    values = count * shape[0] * shape[1] * shape[2]
    with zipfile.ZipFile(path, "w") as file:
        for split in ("train", "test"):
            file.writestr(f"x_{split}.npy", npy("|u1", [count, *shape], os.urandom(values)))
            file.writestr(f"y_{split}.npy", npy("<i8", [count], labels))


def prepare(meter, name, spec):
    """The files that peers read of a network, and what is known of it."""
    options = meter.options
    output, _, _ = meter.run(name + " check", [options.cnnc, "check", spec, "--format", "json"])
    checked = json.loads(output)
    classes = checked["layers"][-1]["output_shape"][-1]
    with open(spec) as file:
        shape = [int(size) for size in re.search(r"Input\(shape=\(([\d, ]+)\)\)", file.read())[1].split(",")]
    folder = os.path.join(options.folder, "networks", name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    data, out = os.path.join(folder, "few.npz"), os.path.join(folder, "run")
    few_samples(data, shape, classes)
    command = [options.cnnc, "run", spec, "--data", data, "--epochs", "1", "--device", "cpu", "--quiet", "--out", out]
    meter.run(name + " weights", command)
    files = {}
    for form in ("keras", "onnx"):
        files[form] = os.path.join(folder, f"{name}.{form}")
        weights = os.path.join(out, "weights.safetensors")
        command = [options.cnnc, "export", spec, "--weights", weights, "--to", form, "--out", files[form]]
        meter.run(f"{name} {form}", command)
    files["json"] = os.path.join(folder, name + ".json")
    with zipfile.ZipFile(files["keras"]) as whole, open(files["json"], "wb") as file:
        file.write(whole.read("config.json"))
    counts = {"parameters": checked["total_params"], "trainable": checked["trainable_params"]}
    return {"spec": spec, "shape": shape, "classes": classes, "files": files, **counts}


def cnnc(meter, network, steps):
    """What `cnnc bench` says of training and prediction."""
    options = meter.options
    batch = options.batch_size
    command = [options.cnnc, "bench", network["spec"], "--device", "cpu", "--batch-size", str(batch)]
    command += ["--samples", str(steps * batch), "--seconds", str(options.seconds), "--format", "json"]

    def measure(name):
        output, _, _ = meter.run(name, command)
        report = json.loads(output)
        training, prediction = report["devices"][0]["training"][0], report["devices"][0]["prediction"]
        epochs = training["epochs"] or [training["seconds_per_epoch"]]
        return {
            "version": f"cnnc {report['cnnc']}",
            "parameters": network["parameters"],
            "step_seconds": [seconds / steps for seconds in epochs],
            "one_seconds": prediction["one_sample_seconds"],
            "each_of_many_seconds": 1 / prediction["samples_per_second"],
            "peak_memory_bytes": training["peak_memory_bytes"],
            "machine": report["machine"],
        }

    return measure


def peer(meter, network, steps, command, form):
    options = meter.options
    shape = "x".join(map(str, network["shape"]))
    command = [*command, network["files"][form], "--shape", shape, "--classes", str(network["classes"])]
    command += ["--steps", str(steps), "--seconds", str(options.seconds), "--batch-size", str(options.batch_size)]

    def measure(name):
        output, _, _ = meter.run(name, command)
        report = json.loads(output)
        found = report.get("parameters", network["parameters"])
        # Some count the moving statistics of BatchNormalization, which are not trained.
        if found not in (network["parameters"], network["trainable"]):
            raise Failed(f"another network: {found} parameters in place of {network['parameters']}")
        return report

    return measure


def work(meter, network):
    """Operations of a sample in a training step, from a measurement that is too short to count."""
    command = [meter.options.cnnc, "bench", network["spec"], "--device", "cpu", "--samples", "1", "--batch-size", "1"]
    output, _, _ = meter.run("work", [*command, "--seconds", "0.01", "--format", "json"])
    return json.loads(output)["training_flop"]


def main():
    options = arguments()
    meter = Meter(options)
    begin, load = time.time(), os.getloadavg()[0]
    script = lambda name: [options.python, os.path.join(HERE, "peers", name)]
    # Row, program, command, what it reads.
    peers = {
        "keras": ("keras", script("wild_keras.py"), "keras"),
        "torch": ("torch", script("wild_torch.py"), "json"),
        "torch channels_last": ("torch", [*script("wild_torch.py"), "--channels-last"], "json"),
        "burn": ("burn", [options.burn], "json"),
        "onnxruntime": ("onnxruntime", script("wild_onnx.py"), "onnx"),
    }
    networks = {}
    for name in options.networks:
        network = networks[name] = prepare(meter, name, os.path.join(NETWORKS, name + ".cnn"))
        network["flop"] = work(meter, network)
        steps = WINDOW_FLOP / (network["flop"] * options.batch_size)
        network["steps"] = round(min(max(steps, STEPS[0]), STEPS[1]))
        known = {key: network[key] for key in ("shape", "classes", "parameters", "flop", "steps")}
        meter.write(row="network", network=name, **known)
    for number in range(options.rounds):
        for name, network in networks.items():
            for row in PROGRAMS:
                if row == "cnnc":
                    measure = cnnc(meter, network, network["steps"])
                else:
                    program, command, form = peers[row]
                    if program not in options.peers:
                        continue
                    measure = peer(meter, network, network["steps"], command, form)
                before = os.getloadavg()[0]
                meter.row(name, row, "cpu", lambda log: {"round": number, "load": before, **measure(log)})
    minutes = (time.time() - begin) / 60
    machine = {"load": [load, os.getloadavg()[0]], "cores": os.cpu_count()}
    settings = {"batch_size": options.batch_size, "rounds": options.rounds, "seconds": options.seconds}
    meter.write(row="run", date=time.strftime("%Y-%m-%d"), minutes=minutes, **settings, **machine)


if __name__ == "__main__":
    main()
