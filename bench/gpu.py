"""Checks and measures on a machine with a GPU, within so many minutes; writes one JSON file.

Called by gpu.sh, which builds what is measured here. What has no time left, or fails, is said, and the rest goes on.
"""

import argparse
import json
import math
import os
import platform
import subprocess
import sys
import time

import oracle
from measure import HERE, SPECS, Failed, Meter, listed
from wild import NETWORKS, prepare

UNIT = {name: os.path.join(SPECS, name + ".cnn") for name in ("mnist_onelayer", "mnist_pyramid", "lenet")}
LARGER = {name: os.path.join(NETWORKS, name + ".cnn") for name in ("vgg32", "vgg16_32", "resnet20", "mobilenet96", "pets150")}
ALL = UNIT | LARGER
# Of these the tiles are swept: small, wide, deep.
SWEPT = ("mnist_pyramid", "vgg32", "resnet20")
# One number changed at a time, of those of the discrete class (compiler/src/launch/tiling.rs).
TILES = ["", *(f"workgroup={n}" for n in (32, 128, 256)), *(f"sums={n}" for n in (8, 32, 64))]
TILES += [*(f"dinput_sums={n}" for n in (4, 16, 32)), *(f"dinput_pixels={n}" for n in (4, 8))]
TILES += [*(f"dkernel_invocations={n}" for n in (2048, 32768)), *(f"split_quads={n}" for n in (4, 16, 32))]
TILES += ["dense_columns=2", "dense_columns=4", "dense_inputs=4", "dense_inputs=16", "update_vec4s=2", "update_vec4s=4"]
TILES += [f"winograd={n}" for n in (16, 32, 64, 128)]
# Samples that PyTorch is given: no more than 256 MB.
TORCH_FLOATS = 64_000_000
PARTS = ("devices", "verify", "oracle", "tests", "bench", "torch", "tiles")


def arguments():
    parser = argparse.ArgumentParser(prog="bench/gpu.sh", description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--minutes", type=float, default=9.0, help="for everything")
    parser.add_argument("--device", default="gpu", help="as cnnc's --device takes it")
    parser.add_argument("--networks", type=listed, default=list(ALL), help="any of " + ",".join(ALL))
    parser.add_argument("--batch-sizes", type=listed, default=["32", "128"])
    parser.add_argument("--seconds", type=float, default=1.5, help="how long each training is measured, about")
    parser.add_argument("--steps", type=int, default=64, help="steps of an epoch")
    parser.add_argument("--tiles", type=lambda text: text.split(";"), default=TILES, help="what is swept, with ; between")
    parser.add_argument("--cases", type=int, help="only so many of the oracle's cases")
    parser.add_argument("--skip", type=listed, default=[], help="any of " + ",".join(PARTS))
    parser.add_argument("--cnnc", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--tests", type=listed, default=[], help=argparse.SUPPRESS)
    parser.add_argument("--python", default="python3", help=argparse.SUPPRESS)
    options = parser.parse_args()
    for what, names, known in (("network", options.networks, ALL), ("part", options.skip, PARTS)):
        if unknown := set(names) - set(known):
            parser.error(f"no {what} {', '.join(sorted(unknown))}")
    options.timeout, options.begin = 0.0, time.monotonic()
    return options


class Run:
    """The parts, and how long there is still time for them."""

    def __init__(self, options):
        self.options, self.meter = options, Meter(options)
        self.found = {"date": time.strftime("%Y-%m-%d %H:%M"), "system": platform.platform(), "cores": os.cpu_count()}

    def left(self):
        return self.options.minutes * 60 - (time.monotonic() - self.options.begin)

    def command(self, name, command, most, environment=None):
        """Standard output, with what there is of the time left and no more than `most` seconds."""
        limit = min(most, self.left())
        if limit < 2:
            raise Failed("no time was left")
        self.options.timeout, before = limit, self.meter.environment
        if environment is None:
            return self.meter.run(name, command)[0]
        self.meter.environment = before | environment
        try:
            return self.meter.run(name, command)[0]
        finally:
            self.meter.environment = before

    def cnnc(self, name, most, *arguments, environment=None):
        return self.command(name, [self.options.cnnc, *arguments], most, environment)

    def part(self, name, measure):
        """One part: what it gives, how long it took, or why there is nothing."""
        if name in self.options.skip:
            return
        print(f"{name} ({self.left():.0f} s left)", file=sys.stderr, flush=True)
        start = time.monotonic()
        try:
            found = {"found": measure()}
        except Failed as failure:
            print(f"  failed: {failure}", file=sys.stderr)
            found = {"error": str(failure)}
        self.found[name] = found | {"seconds": round(time.monotonic() - start, 1)}
        self.write()

    def write(self):
        path = os.path.join(self.options.folder, "gpu.json")
        with open(path + ".new", "w") as file:
            json.dump(self.found, file, indent=1)
        os.replace(path + ".new", path)

    # The parts.

    def devices(self):
        try:
            done = subprocess.run(["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"], capture_output=True, text=True)
            self.found["nvidia"] = done.stdout.strip()
        except OSError:
            pass
        return self.cnnc("devices", 60, "devices")

    def verify(self):
        """What is wrong is in the report; then its status is 1."""
        command = [self.options.cnnc, "verify", "--device", self.options.device, "--format", "json"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=max(2.0, min(150.0, self.left())))
            return {"status": done.returncode, "report": json.loads(done.stdout)}
        except subprocess.TimeoutExpired as error:
            raise Failed("ran too long") from error
        except json.JSONDecodeError as error:
            raise Failed(f"status {done.returncode}: {done.stderr.strip()[:300]}") from error

    def oracle(self):
        return oracle.compare(self, self.options.cases)

    def tests(self):
        """The kernels' own tests. Each names what fails."""
        found = {}
        for program in self.options.tests:
            name = os.path.basename(program)
            try:
                self.command(name, [program], 150)
                found[name] = "passed"
            except Failed as failure:
                found[name] = str(failure)
        if not found:
            raise Failed("no tests were built: TESTS=... takes them")
        return found

    def training(self, network, batches, seconds, environment=None):
        """Milliseconds of a step, by batch size."""
        spec = ALL[network]
        samples = max(map(int, batches)) * self.options.steps
        command = ["bench", spec, "--device", self.options.device, "--batch-size", ",".join(batches), "--format", "json"]
        command += ["--seconds", str(seconds), "--samples", str(samples)]
        report = json.loads(self.cnnc(f"bench {network}", 90, *command, environment=environment))
        device = report["devices"][0]
        rows = {}
        for training in device["training"]:
            steps = -(-samples // training["batch_size"])
            epoch = min(training["epochs"] or [training["seconds_per_epoch"]])
            rows[training["batch_size"]] = {
                "step_ms": epoch / steps * 1e3,
                "gflops": report["training_flop"] * samples / epoch / 1e9,
                "first_step_seconds": training["first_step_seconds"],
                "operations": training["operations"],
            }
        prediction = device["prediction"]
        keys = ("one_sample_seconds", "samples_per_second")
        return {"device": device["device"], "training": rows, **{key: prediction[key] for key in keys}}

    def each(self, names, measure):
        """What each gives; a failure of one is its own."""
        found = {}
        for name in names:
            try:
                found[name] = measure(name)
            except Failed as failure:
                found[name] = {"error": str(failure)}
        return found

    def bench(self):
        return self.each(self.options.networks, lambda name: self.training(name, self.options.batch_sizes, self.options.seconds))

    def torch(self):
        """The same networks with PyTorch on CUDA, eager."""
        probe = "import torch; print(torch.cuda.is_available() and torch.cuda.get_device_name())"
        try:
            device = self.command("torch", [self.options.python, "-c", probe], 60).strip()
        except Failed as failure:
            if "No module named" not in str(failure):
                raise
            return {"missing": "no PyTorch here"}
        if device == "False":
            return {"missing": "PyTorch sees no CUDA here"}

        def measure(name):
            self.options.timeout = max(2.0, min(60.0, self.left()))
            network = prepare(self.meter, name, ALL[name])
            floats = math.prod(network["shape"])
            rows = {}
            # The largest batch with channels last, which suits it; the others as PyTorch has them by itself.
            for batch in self.options.batch_sizes:
                last = batch == self.options.batch_sizes[-1]
                steps = max(2, min(self.options.steps, TORCH_FLOATS // (floats * int(batch))))
                command = [self.options.python, os.path.join(HERE, "peers", "wild_torch.py"), network["files"]["json"]]
                command += ["--shape", "x".join(map(str, network["shape"])), "--classes", str(network["classes"])]
                command += ["--steps", str(steps), "--batch-size", batch, "--seconds", str(self.options.seconds)]
                command += ["--cuda", *(["--channels-last"] if last else [])]
                report = json.loads(self.command(f"torch {name}", command, 60))
                rows[batch] = {"step_ms": min(report["step_seconds"]) * 1e3, "one_sample_seconds": report["one_seconds"]}
            return rows

        return {"device": device, "networks": self.each(self.options.networks, measure)}

    def tiles(self):
        """Milliseconds of a step of the largest batch, for each change of the discrete class's tiles, in turn."""
        swept = [name for name in SWEPT if name in self.options.networks] or self.options.networks[:1]
        batch = self.options.batch_sizes[-1:]
        found = {}
        for change in self.options.tiles:
            if self.left() < 5:
                break
            environment = {"CNNC_TILES": ",".join(["class=discrete", *([change] if change else [])])}
            steps = lambda name: self.training(name, batch, self.options.seconds / 3, environment)["training"][int(batch[0])]["step_ms"]
            found[change or "discrete"] = self.each(swept, steps)
        return found


def main():
    options = arguments()
    run = Run(options)
    for name in PARTS:
        run.part(name, getattr(run, name))
    run.found["minutes"] = (time.monotonic() - options.begin) / 60
    run.write()


if __name__ == "__main__":
    main()
