import sys
try:
    import numpy
    from ai_edge_litert.interpreter import Interpreter
except ImportError as error:
    print("python has no", error.name)
    sys.exit(3)
model, samples = sys.argv[1:3]
held = numpy.load(samples)
interpreter = Interpreter(model_path=model, num_threads=1)
interpreter.allocate_tensors()
taken, made = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
most = 0.0
for sample, expected in zip(held["sample_inputs"], held["sample_outputs"]):
    interpreter.set_tensor(taken, sample[None])
    interpreter.invoke()
    most = max(most, float(numpy.abs(interpreter.get_tensor(made)[0] - expected).max()))
print(most)
