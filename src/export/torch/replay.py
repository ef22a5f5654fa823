import os, runpy, sys
try:
    import numpy, torch, safetensors
except ImportError as error:
    print("python has no", error.name)
    sys.exit(3)
module, _, samples = sys.argv[1:4]
torch.set_num_threads(1)
model = runpy.run_path(module)["load"](os.path.dirname(os.path.abspath(module)))
held = numpy.load(samples)
with torch.no_grad():
    found = model(torch.from_numpy(held["sample_inputs"])).numpy()
print(float(numpy.abs(found - held["sample_outputs"]).max()))
