"""What the peers share: the three networks' names and data, and how a result is printed."""

import argparse
import gzip
import json
import os
import resource

import numpy as np


def arguments(more=lambda parser: None):
    """The command line's; `more` adds a peer's own to the parser."""
    parser = argparse.ArgumentParser()
    parser.add_argument("network", choices=["onelayer", "pyramid", "lenet"])
    parser.add_argument("data", help="an IDX folder (MNIST, Fashion-MNIST), or for lenet a CIFAR-10 binary folder")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--samples", type=int, help="only the first so many")
    more(parser)
    return parser.parse_args()


def idx(folder, name, head):
    path = os.path.join(folder, name)
    with (gzip.open(path + ".gz") if os.path.exists(path + ".gz") else open(path, "rb")) as file:
        return np.frombuffer(file.read(), np.uint8)[head:]


def load(options):
    """Training and test pictures as float32 (samples, height, width, channels) from 0 to 1, and their labels."""
    sets = []
    for train in (True, False):
        if options.network == "lenet":
            names = [f"data_batch_{i}.bin" for i in range(1, 6)] if train else ["test_batch.bin"]
            rows = [np.fromfile(os.path.join(options.data, name), np.uint8).reshape(-1, 3073) for name in names]
            rows = np.concatenate(rows)
            labels = rows[:, 0]
            pictures = rows[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        else:
            name = "train" if train else "t10k"
            pictures = idx(options.data, f"{name}-images-idx3-ubyte", 16).reshape(-1, 28, 28, 1)
            labels = idx(options.data, f"{name}-labels-idx1-ubyte", 8)
        if train:
            options.whole = len(labels)
        n = options.samples
        sets += [np.ascontiguousarray(pictures[:n], np.float32) / 255, labels[:n].astype(np.int64)]
    return sets


def report(version, options, epochs, accuracy):
    """One line of JSON. `epochs`: seconds of each epoch's training, without validation."""
    print(
        json.dumps(
            {
                "version": version,
                "batch_size": options.batch_size,
                # Of an epoch, and how many the whole training set has.
                "samples": min(options.samples or options.whole, options.whole),
                "whole": options.whole,
                "epochs": epochs,
                "accuracy": accuracy,
                "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            }
        )
    )
