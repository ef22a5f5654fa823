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
of = lambda kind: [held[name] for name in held.files if name.startswith(kind)]
places = lambda details: [detail["index"] for detail in details]
taken, made = places(interpreter.get_input_details()), places(interpreter.get_output_details())
most = 0.0
inputs, outputs = of("sample_inputs"), of("sample_outputs")
assert len(inputs) == len(taken) and len(outputs) == len(made)
for sample in range(len(inputs[0])):
    for place, numbers in zip(taken, inputs):
        interpreter.set_tensor(place, numbers[sample][None])
    interpreter.invoke()
    for place, expected in zip(made, outputs):
        most = max(most, float(numpy.abs(interpreter.get_tensor(place)[0] - expected[sample]).max()))
print(most)
