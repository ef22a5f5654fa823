"""Trains the three networks with cnnc and its peers, one process after another, and writes what was measured as JSON lines.

Called by run.sh, which builds and installs what is measured here.
"""

import argparse
import csv
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SPECS = os.path.join(os.path.dirname(HERE), "specs")
NETWORKS = {"onelayer": "mnist_onelayer.cnn", "pyramid": "mnist_pyramid.cnn", "lenet": "lenet.cnn"}
# How often `cnnc check` is started.
STARTS = 50


def listed(text):
    return [item for item in text.split(",") if item]


def arguments():
    parser = argparse.ArgumentParser(prog="bench/run.sh", description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--fashion", default="/usr/share/datasets/fashion-mnist", help="Fashion-MNIST's IDX folder")
    parser.add_argument("--cifar", help="the folder of CIFAR-10's binary version; without it LeNet is left out")
    parser.add_argument("--networks", type=listed, default=list(NETWORKS), help="any of " + ",".join(NETWORKS))
    parser.add_argument("--devices", type=listed, default=["cpu"], help="cnnc's: cpu,gpu; gpu adds the peers' back ends for GPUs")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--few", type=int, default=640, help="samples for what takes minutes an epoch; its rows are scaled")
    parser.add_argument("--samples", type=int, help="samples for everything: for trying the scripts, not for numbers")
    parser.add_argument("--timeout", type=float, default=600, help="seconds after which a program is given up")
    parser.add_argument("--cnnc", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--peers", type=listed, default=[], help=argparse.SUPPRESS)
    parser.add_argument("--python", help=argparse.SUPPRESS)
    parser.add_argument("--burn", help=argparse.SUPPRESS)
    options = parser.parse_args()
    for network in options.networks:
        if network not in NETWORKS:
            parser.error(f"no network {network}")
    if not options.cifar:
        options.networks = [network for network in options.networks if network != "lenet"]
    return options


class Failed(Exception):
    """A program that did not end as it should."""


class Meter:
    """Runs programs, and writes down what they said and what they took."""

    def __init__(self, options):
        self.options = options
        self.logs = os.path.join(options.folder, "logs")
        os.makedirs(self.logs, exist_ok=True)
        self.results = open(os.path.join(options.folder, "results.jsonl"), "w")
        # Shaders and choices of kernels that are kept there: every run begins without any.
        cache = os.path.join(options.folder, "cache")
        shutil.rmtree(cache, ignore_errors=True)
        self.environment = os.environ | {"XDG_CACHE_HOME": cache}

    def write(self, **record):
        self.results.write(json.dumps(record) + "\n")
        self.results.flush()

    def run(self, name, command, cpus=None):
        """Standard output, seconds from start to end, and the largest resident set in bytes, all seen from outside."""
        log = os.path.join(self.logs, name.replace(" ", "-") + ".log")
        with open(log, "wb") as errors:
            start = time.perf_counter()
            try:
                process = subprocess.Popen(
                    command,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    # Whatever a program leaves where it is started.
                    cwd=self.options.folder,
                    env=self.environment,
                    preexec_fn=cpus and (lambda: os.sched_setaffinity(0, cpus)),
                )
            except OSError as error:
                raise Failed(str(error)) from error
            timer = threading.Timer(self.options.timeout, process.kill)
            timer.start()
            output = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            timer.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            with open(log, errors="replace") as file:
                said = file.read().strip().splitlines()[-1:] or ["nothing said"]
            why = "ran too long" if seconds >= self.options.timeout else f"status {process.returncode}: {said[0]}"
            raise Failed(why)
        unit = 1 if platform.system() == "Darwin" else 1024
        return output.decode(), seconds, usage.ru_maxrss * unit

    def row(self, network, row, on, measure):
        """`measure` gives what is written of a row of the table, computed `on` cpu or gpu."""
        print(f"{network}: {row}", file=sys.stderr, flush=True)
        try:
            self.write(network=network, row=row, on=on, **measure(f"{network} {row}"))
        except Failed as failure:
            print(f"  failed: {failure}", file=sys.stderr)
            self.write(network=network, row=row, on=on, error=str(failure))


def cnnc(meter, network, data, device, cpus=None):
    """What `cnnc bench` reports, and a whole run from outside."""
    options = meter.options
    spec = os.path.join(SPECS, NETWORKS[network])

    def measure(name):
        # On a software Vulkan an epoch is long; its first step, which compiles, is not counted anyway.
        epochs = options.epochs if device == "cpu" and cpus is None else min(2, options.epochs)
        common = [spec, "--data", data, "--device", device]
        command = [options.cnnc, "bench", *common, "--batch-size", "32", "--epochs", str(epochs), "--format", "json"]
        if options.samples:
            command += ["--samples", str(options.samples)]
        output, _, _ = meter.run(name, command, cpus)
        measured = {"bench": json.loads(output)}
        # `run` takes all samples.
        if device == "cpu" and cpus is None and not options.samples:
            out = os.path.join(options.folder, "run")
            command = [options.cnnc, "run", *common, "--batch-size", "32", "--epochs", str(options.epochs)]
            _, seconds, memory = meter.run(name + " run", [*command, "--quiet", "--out", out])
            with open(os.path.join(out, "history.csv")) as file:
                *_, last = csv.DictReader(file)
            accuracy = float(last["val_accuracy"])
            measured |= {"seconds": seconds, "peak_memory_bytes": memory, "accuracy": accuracy}
        return measured

    return measure


def peer(meter, network, data, command, samples):
    def measure(name):
        few = ["--samples", str(samples)] if samples else []
        output, seconds, memory = meter.run(name, [*command, network, data, "--epochs", str(meter.options.epochs), *few])
        return {"peer": json.loads(output), "seconds": seconds, "peak_memory_bytes": memory}

    return measure


def check(meter):
    """Seconds of whole `cnnc check` processes, and of a program that does nothing, in turn."""
    spec = os.path.join(SPECS, NETWORKS["pyramid"])
    nothing = shutil.which("true")
    times = {"check": [], "nothing": []}
    for _ in range(STARTS):
        for name, command in (("check", [meter.options.cnnc, "check", spec]), ("nothing", [nothing])):
            times[name].append(meter.run(name, command)[1])
    meter.write(row="check", **{name: statistics.median(seconds) for name, seconds in times.items()})


def main():
    options = arguments()
    meter = Meter(options)
    begin = time.time()
    load = os.getloadavg()[0]
    print("cnnc check", file=sys.stderr)
    check(meter)
    script = lambda name: [options.python, os.path.join(HERE, "peers", name)]
    few = min(options.few, options.samples or options.few)
    # Name, program, where it computes, command, samples.
    peers = [
        ("keras", "keras", "cpu", script("keras_fit.py"), options.samples),
        ("torch", "torch", "cpu", script("torch_train.py"), options.samples),
        ("burn flex", "burn", "cpu", [options.burn, "--backend", "flex"], options.samples),
        ("burn wgpu", "burn", "gpu", [options.burn, "--backend", "wgpu"], few),
        ("tinygrad webgpu", "tinygrad", "gpu", [*script("tinygrad_train.py"), "--device", "WEBGPU"], few),
    ]
    if shutil.which("clang"):
        peers.append(("tinygrad cpu", "tinygrad", "cpu", [*script("tinygrad_train.py"), "--device", "CPU"], few))
    for network in options.networks:
        data = options.cifar if network == "lenet" else options.fashion
        for device in options.devices:
            meter.row(network, f"cnnc {device}", device, cnnc(meter, network, data, device))
            if device == "cpu" and hasattr(os, "sched_setaffinity"):
                one = {min(os.sched_getaffinity(0))}
                meter.row(network, "cnnc cpu, one thread", "one", cnnc(meter, network, data, "cpu", one))
        for name, program, on, command, samples in peers:
            if program in options.peers and (on == "cpu" or "gpu" in options.devices):
                meter.row(network, name, on, peer(meter, network, data, command, samples))
    minutes = (time.time() - begin) / 60
    machine = {"load": [load, os.getloadavg()[0]], "cores": os.cpu_count()}
    meter.write(row="run", date=time.strftime("%Y-%m-%d"), minutes=minutes, epochs=options.epochs, **machine)


if __name__ == "__main__":
    main()
