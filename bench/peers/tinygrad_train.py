"""tinygrad: the network of a description, trained by a step under TinyJit as its own examples do, without beam search."""

import importlib.metadata
import importlib.util
import os
import platform
import time

import common
import numpy as np


def prepare(device):
    """What tinygrad reads from the environment when it is imported."""
    os.environ["DEV"] = device
    if not device.startswith("WEBGPU") or "WEBGPU_PATH" in os.environ:
        return
    # Dawn, as the package dawn-python brings it.
    package = importlib.util.find_spec("pydawn")
    if package is None:
        raise SystemExit("tinygrad's WEBGPU needs Dawn: install dawn-python, or set WEBGPU_PATH to its library")
    folder = os.path.join(os.path.dirname(package.origin), "lib")
    ending = {"Linux": "so", "Darwin": "dylib", "Windows": "dll"}[platform.system()]
    names = [f"libwebgpu_dawn_{platform.machine()}.{ending}", f"libwebgpu_dawn.{ending}"]
    paths = [path for path in (os.path.join(folder, name) for name in names) if os.path.exists(path)]
    if not paths:
        raise SystemExit(f"dawn-python has no library for this machine in {folder}")
    os.environ["WEBGPU_PATH"] = paths[0]


options = common.arguments(lambda parser: parser.add_argument("--device", default="WEBGPU", help="tinygrad's DEV"))
prepare(options.device)
from tinygrad import Context, Tensor, TinyJit, nn
from tinygrad.nn.optim import Adam, Optimizer

NETWORKS = {
    "onelayer": lambda: [nn.Conv2d(1, 9, 5), Tensor.relu, flatten, nn.Linear(9 * 24 * 24, 10)],
    "pyramid": lambda: [
        nn.Conv2d(1, 10, 5),
        Tensor.relu,
        Tensor.max_pool2d,
        nn.Conv2d(10, 20, 5),
        Tensor.relu,
        Tensor.max_pool2d,
        flatten,
        nn.Linear(320, 10),
    ],
    "lenet": lambda: [
        nn.Conv2d(3, 6, 5),
        Tensor.relu,
        Tensor.max_pool2d,
        nn.Conv2d(6, 16, 5),
        Tensor.relu,
        Tensor.max_pool2d,
        flatten,
        nn.Linear(400, 120),
        Tensor.relu,
        nn.Linear(120, 84),
        Tensor.relu,
        nn.Linear(84, 10),
    ],
}


def flatten(x):
    return x.flatten(1)


class RMSprop(Optimizer):
    """Keras's: rho 0.9, epsilon 1e-7, no momentum. tinygrad has none of its own."""

    def __init__(self, params, lr=0.001, rho=0.9, epsilon=1e-7):
        super().__init__(params, lr)
        self.rho, self.epsilon = rho, epsilon
        self.velocity = self._new_optim_param()

    def _step(self, params, grads):
        updates = []
        for velocity, gradient in zip(self.velocity, grads):
            velocity.assign(self.rho * velocity + (1 - self.rho) * gradient.square())
            updates.append(self.lr * gradient / (velocity.sqrt() + self.epsilon))
        return updates, self.velocity


class Trainer:
    def __init__(self, name):
        self.layers = NETWORKS[name]()
        parameters = nn.state.get_parameters(self.layers)
        self.optimizer = Adam(parameters, lr=0.001, eps=1e-7) if name == "lenet" else RMSprop(parameters)
        # Loss and right answers of the epoch, as fit() reports them; read once, at its end.
        self.sums = Tensor.zeros(2).contiguous().realize()

    def step(self, pictures, labels):
        outputs = pictures.sequential(self.layers)
        loss = outputs.sparse_categorical_crossentropy(labels)
        self.optimizer.zero_grad()
        loss.backward()
        hits = (outputs.argmax(1) == labels).sum().float()
        self.sums.assign(self.sums + Tensor.stack(loss.detach() * pictures.shape[0], hits))
        Tensor.realize(self.sums, *self.optimizer.schedule_step())

    def hits(self, pictures, labels):
        return (pictures.sequential(self.layers).argmax(1) == labels).sum().realize()


class Jitted:
    """A captured step has fixed shapes, so the last, smaller batch has one of its own."""

    def __init__(self, function):
        self.function, self.captured = function, {}

    def __call__(self, pictures, labels):
        size = len(labels)
        if size not in self.captured:
            self.captured[size] = TinyJit(self.function)
        return self.captured[size](Tensor(pictures).realize(), Tensor(labels.astype(np.int32)).realize())


x, y, test_x, test_y = common.load(options)
# tinygrad's order: channels before pixels.
x, test_x = [np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)) for pictures in (x, test_x)]
trainer = Trainer(options.network)
step, hits = Jitted(trainer.step), Jitted(trainer.hits)
epochs = []
for _ in range(options.epochs):
    start = time.perf_counter()
    trainer.sums.assign(Tensor.zeros(2)).realize()
    order = np.random.permutation(len(x))
    with Context(TRAINING=1):
        for first in range(0, len(x), options.batch_size):
            batch = order[first : first + options.batch_size]
            step(x[batch], y[batch])
    trainer.sums.tolist()
    epochs.append(time.perf_counter() - start)
    right = 0
    for first in range(0, len(test_x), options.batch_size):
        batch = slice(first, first + options.batch_size)
        right += hits(test_x[batch], test_y[batch]).item()
version = importlib.metadata.version("tinygrad")
common.report(f"tinygrad {version}, {options.device}", options, epochs, right / len(test_y))
