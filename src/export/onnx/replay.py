import sys
try:
    import numpy, onnx, onnxruntime
except ImportError as error:
    print("python has no", error.name)
    sys.exit(3)
model, samples = sys.argv[1:3]
onnx.checker.check_model(onnx.load(model), full_check=True)
held = numpy.load(samples)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
found = session.run(None, {"input": held["sample_inputs"]})[0]
print(float(numpy.abs(found - held["sample_outputs"]).max()))
