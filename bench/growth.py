"""How cnnc's time grows with the samples of an epoch, the batch and the width of the network, as Markdown.

    python3 bench/growth.py CNNC [--device LIST] [--seconds S]

The pyramid on made-up pictures, for how long a step takes does not depend on what it sees. A width of w has w times the
filters in each convolution, and so up to w * w times the arithmetic.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile

PYRAMID = """model pyramid {{
    Input(shape=(28, 28, 1))
    Conv2D({first}, 5, activation="relu")
    MaxPooling2D()
    Conv2D({second}, 5, activation="relu")
    MaxPooling2D()
    Flatten()
    Dense(10)
}}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
"""
# Of each device: samples of an epoch, batches, widths (with fewer samples, as 16 times as wide is some 200 times as much).
SIZES = {
    "cpu": ([1_875, 3_750, 7_500, 15_000, 30_000, 60_000], [2**n for n in range(11)], [1, 2, 4, 8, 16]),
    "gpu": ([512, 1_024, 2_048, 4_096], [1, 8, 32, 128, 1_024], [1, 2, 4, 8]),
}
WIDE_SAMPLES = {"cpu": 1_024, "gpu": 512}
BATCH_SAMPLES = {"cpu": 8_192, "gpu": 2_048}


class Bench:
    def __init__(self, options, device, folder):
        self.options, self.device, self.folder = options, device, folder

    def __call__(self, width=1, samples=1_024, batches=(32,)):
        """What `cnnc bench` reports: operations of a sample, and one measurement for each batch."""
        spec = os.path.join(self.folder, f"pyramid{width}.cnn")
        with open(spec, "w") as file:
            file.write(PYRAMID.format(first=10 * width, second=20 * width))
        command = [self.options.cnnc, "bench", spec, "--device", self.device, "--samples", str(samples), "--format", "json"]
        command += ["--batch-size", ",".join(map(str, batches)), "--seconds", str(self.options.seconds)]
        print(f"{self.device}: width {width}, {samples} samples, batch {batches}", file=sys.stderr, flush=True)
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"growth: {' '.join(command)}\n{done.stderr.strip()}")
        report = json.loads(done.stdout)
        return report["training_flop"], report["devices"][0]["training"]


def epoch(training):
    """The fastest whole epoch, or a part of one scaled up where there was no time for one."""
    return min(training["epochs"] or [training["seconds_per_epoch"]])


def exponent(work, seconds):
    """The slope of the line through the logarithms: 1 is linear."""
    x, y = [math.log(value) for value in work], [math.log(value) for value in seconds]
    x_mean, y_mean = sum(x) / len(x), sum(y) / len(y)
    return sum((a - x_mean) * (b - y_mean) for a, b in zip(x, y)) / sum((a - x_mean) ** 2 for a in x)


def number(value):
    """Three digits, and no exponent."""
    return f"{float(f'{value:.3g}'):,.15g}"


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|---:" * len(head) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def over_samples(bench, counts):
    seconds = []
    for count in counts:
        flop, (training,) = bench(samples=count)
        seconds.append(epoch(training))
    base = seconds[0] / counts[0]
    rows = [
        (f"{n:,}", number(s), number(s / n * 1e6), number(flop * n / s / 1e9), f"{s / n / base:.2f}")
        for n, s in zip(counts, seconds)
    ]
    table(["samples", "s/epoch", "us/sample", "GFLOP/s", "time a sample, of the first row's"], rows)
    print(f"Time grows with samples to the power of {exponent(counts, seconds):.2f}.\n")


def over_batches(bench, batches, samples):
    flop, trainings = bench(samples=samples, batches=batches)
    each = {t["batch_size"]: epoch(t) / samples for t in trainings}
    rows = [
        (f"{b:,}", number(b * s * 1e6), number(s * 1e6), number(flop / s / 1e9), f"{s / each[32]:.2f}")
        for b, s in each.items()
    ]
    table(["batch", "us/step", "us/sample", "GFLOP/s", "time a sample, of batch 32's"], rows)
    large = {b: s for b, s in each.items() if b >= 32}
    power = exponent(list(large), [b * s for b, s in large.items()])
    print(f"From batch 32 on, a step's time grows with its samples to the power of {power:.2f}.\n")


def over_widths(bench, widths, samples):
    work, seconds, rows = [], [], []
    for width in widths:
        flop, (training,) = bench(width=width, samples=samples)
        work.append(flop)
        seconds.append(epoch(training) / samples)
        against = seconds[-1] / flop / (seconds[0] / work[0])
        cells = (f"{width}x", number(flop / 1e6), number(seconds[-1] * 1e6), number(flop / seconds[-1] / 1e9))
        rows.append((*cells, f"{against:.2f}"))
    table(["width", "MFLOP/sample", "us/sample", "GFLOP/s", "time an operation, of 1x's"], rows)
    print(f"Time grows with the network's operations to the power of {exponent(work, seconds):.2f}.\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cnnc", help="the program")
    parser.add_argument("--device", default="cpu,gpu", help="cpu, gpu or both, with a comma between")
    parser.add_argument("--seconds", type=float, default=1.0, help="how long each measurement trains, about")
    options = parser.parse_args()
    devices = options.device.split(",")
    if unknown := set(devices) - set(SIZES):
        parser.error(f"no sizes for {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as folder:
        for device in devices:
            counts, batches, widths = SIZES[device]
            bench = Bench(options, device, folder)
            print(f"### Growth, --device {device}\n")
            over_samples(bench, counts)
            over_batches(bench, batches, BATCH_SAMPLES[device])
            over_widths(bench, widths, WIDE_SAMPLES[device])


if __name__ == "__main__":
    main()
