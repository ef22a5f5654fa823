"""onnxruntime: a network that cnnc exported; one picture, and many at once."""

import os

import numpy as np
import onnxruntime
import wild_common as common

options = common.arguments()
settings = onnxruntime.SessionOptions()
# As many as the peers take.
settings.intra_op_num_threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
session = onnxruntime.InferenceSession(options.network, settings, providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
random = np.random.default_rng(0)
pictures = random.random((128, *options.shape), dtype=np.float32)
one = common.repeated(lambda: session.run(None, {name: pictures[:1]}))
# Whichever it is fastest with.
many = min(
    common.repeated(lambda: session.run(None, {name: pictures[:count]}), seconds=options.seconds / 4) / count
    for count in (16, 32, 128)
)
common.report(f"onnxruntime {onnxruntime.__version__}", one_seconds=one, each_of_many_seconds=many)
