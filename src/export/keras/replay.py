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
found = model.predict(held["sample_inputs"], verbose=0)
print(float(numpy.abs(found - held["sample_outputs"]).max()))
