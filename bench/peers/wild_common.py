"""What the peers of wild.py share: the command line, made-up samples, clocks, and how a result is printed."""

import argparse
import json
import resource
import statistics
import time

import numpy as np


def arguments(more=lambda parser: None):
    """The command line's; `more` adds a peer's own to the parser."""
    parser = argparse.ArgumentParser()
    parser.add_argument("network", help="NAME.keras, NAME.json or NAME.onnx, which cnnc exported")
    parser.add_argument("--shape", type=lambda text: [int(size) for size in text.split("x")], required=True)
    parser.add_argument("--classes", type=int, required=True)
    parser.add_argument("--steps", type=int, required=True, help="training steps of a window")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long training is measured, about")
    parser.add_argument("--batch-size", type=int, default=32)
    more(parser)
    return parser.parse_args()


def samples(options):
    """Noise from 0 to 1, (samples, height, width, channels), and class numbers: as many as a window takes."""
    random = np.random.default_rng(0)
    count = options.steps * options.batch_size
    pictures = random.random((count, *options.shape), dtype=np.float32)
    return pictures, random.integers(0, options.classes, count)


def windows(options, window):
    """Seconds of a step, for each window of steps after the first, which compiles and warms up."""
    window()
    found, begin = [], time.perf_counter()
    while not found or time.perf_counter() - begin < options.seconds:
        start = time.perf_counter()
        window()
        found.append((time.perf_counter() - start) / options.steps)
    return found


def repeated(call, seconds=0.5, most=1000):
    """The median of a call's seconds."""
    for _ in range(3):
        call()
    times, begin = [], time.perf_counter()
    while len(times) < 3 or (time.perf_counter() - begin < seconds and len(times) < most):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def report(version, **numbers):
    """One line of JSON."""
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"version": version, "peak_memory_bytes": memory, **numbers}))
