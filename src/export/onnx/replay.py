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
of = lambda kind: [held[name] for name in held.files if name.startswith(kind)]
inputs = {taken.name: numbers for taken, numbers in zip(session.get_inputs(), of("sample_inputs"), strict=True)}
found = session.run(None, inputs)
print(max(float(numpy.abs(found - expected).max()) for found, expected in zip(found, of("sample_outputs"), strict=True)))
