import os, sys
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
try:
    import numpy, keras
except ImportError as error:
    print("python has no", error.name)
    sys.exit(3)
model, samples = sys.argv[1:3]
model = keras.models.load_model(model)
held = numpy.load(samples)
of = lambda kind: [held[name] for name in held.files if name.startswith(kind)]
inputs = of("sample_inputs")
found = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
found = found if isinstance(found, (list, tuple)) else [found]
print(max(float(numpy.abs(found - expected).max()) for found, expected in zip(found, of("sample_outputs"), strict=True)))
