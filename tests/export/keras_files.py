"""Loads every .keras file of a folder in Keras, compares its outputs with those of the samples beside it, loads the
.weights.h5 file beside it into the same model started anew, and trains it for a step.

    python tests/export/keras_files.py FOLDER
"""

import glob
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import keras
import numpy

failed = 0
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.keras"))):
    name = os.path.basename(path)[: -len(".keras")]
    try:
        samples = numpy.load(path[: -len(".keras")] + ".samples.npz")
        inputs, outputs = samples["sample_inputs"], samples["sample_outputs"]
        model = keras.models.load_model(path)
        difference = abs(model.predict(inputs, verbose=0) - outputs).max()
        anew = keras.models.clone_model(model)
        anew.load_weights(path[: -len(".keras")] + ".weights.h5")
        same = all((a == b).all() for a, b in zip(model.get_weights(), anew.get_weights()))
        loss = None
        if model.optimizer is not None and outputs.ndim == 2:
            before = [weights.copy() for weights in model.get_weights()]
            loss = model.fit(inputs, numpy.zeros(len(inputs), "int32"), verbose=0).history["loss"][0]
            assert any((a != b).any() for a, b in zip(before, model.get_weights())), "training moves nothing"
        good = difference <= 1e-5 * max(1, abs(outputs).max()) and same
        print(f"{name:28} {'ok' if good else 'WRONG'} difference {difference:.1e}, weights {same}, loss {loss}")
        failed += not good
    except Exception as error:
        print(f"{name:28} FAILED {type(error).__name__}: {str(error)[:300]}")
        failed += 1
sys.exit(1 if failed else 0)
