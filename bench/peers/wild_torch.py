"""PyTorch, eager: the network that Keras's configuration describes, trained by the usual loop over resident tensors."""

import json
import math

import torch
import torch.nn.functional as F
import wild_common as common
from torch import nn


def pair(value):
    return tuple(value) if isinstance(value, (list, tuple)) else (value, value)


def same(size, kernel, stride):
    """Zeros before and after, as "same" asks for along one axis."""
    needed = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
    return needed // 2, needed - needed // 2


def activation(name, max_value=None):
    """The function of that name."""
    if name != "relu" or max_value not in (None, 6):
        raise SystemExit(f"no activation {name} in this script")
    return nn.ReLU6() if max_value == 6 else nn.ReLU()


def activated(module, name):
    """A layer and the function that it ends with."""
    return module if name == "linear" else nn.Sequential(module, activation(name))


class Padded(nn.Module):
    """Zeros around, where a kernel's own padding, which is the same on both sides, does not do."""

    def __init__(self, inner, zeros):
        super().__init__()
        self.inner, self.zeros = inner, zeros

    def forward(self, x):
        return self.inner(F.pad(x, self.zeros))


class Concatenate(nn.Module):
    def forward(self, *values):
        return torch.cat(values, 1)


class Add(nn.Module):
    def forward(self, first, *others):
        for other in others:
            first = first + other
        return first


class GlobalMean(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


def convolution(config, shape, depthwise):
    channels, height, width = shape
    kernel, stride = pair(config["kernel_size"]), pair(config["strides"])
    filters = channels * config["depth_multiplier"] if depthwise else config["filters"]
    groups = channels if depthwise else config.get("groups", 1)
    padding, zeros = (0, 0), None
    if config["padding"] == "same":
        rows, columns = (same(size, k, s) for size, k, s in zip((height, width), kernel, stride))
        if rows[0] == rows[1] and columns[0] == columns[1]:
            padding = (rows[0], columns[0])
        else:
            zeros = (*columns, *rows)
    module = nn.Conv2d(
        channels, filters, kernel, stride, padding, pair(config["dilation_rate"]), groups, config["use_bias"]
    )
    module = Padded(module, zeros) if zeros else module
    return activated(module, config["activation"])


def layer(kind, config, shapes):
    """The module of a layer that takes tensors of these shapes, channels first."""
    shape = shapes[0]
    if kind in ("Conv2D", "DepthwiseConv2D"):
        return convolution(config, shape, kind == "DepthwiseConv2D")
    if kind == "Dense":
        return activated(nn.Linear(shape[-1], config["units"], config["use_bias"]), config["activation"])
    if kind == "BatchNormalization":
        make = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
        return make(shape[0], config["epsilon"], 1 - config["momentum"])
    if kind in ("MaxPooling2D", "AveragePooling2D") and config["padding"] == "valid":
        make = nn.MaxPool2d if kind == "MaxPooling2D" else nn.AvgPool2d
        return make(pair(config["pool_size"]), pair(config["strides"]))
    if kind == "ReLU" and not config["negative_slope"] and not config["threshold"]:
        return activation("relu", config["max_value"])
    if kind == "Activation":
        return activation(config["activation"])
    simple = {
        "Flatten": nn.Flatten,
        "GlobalAveragePooling2D": GlobalMean,
        "Add": Add,
        "Concatenate": Concatenate,
    }
    if kind in simple:
        return simple[kind]()
    if kind == "Dropout":
        return nn.Dropout(config["rate"])
    raise SystemExit(f"no layer {kind} in this script")


class Network(nn.Module):
    """The graph of a Keras configuration."""

    def __init__(self, layers):
        super().__init__()
        self.steps, self.parts = [], nn.ModuleList()
        probes = {}
        for described in layers:
            name, config = described["config"]["name"], described["config"]
            if described["class_name"] == "InputLayer":
                height, width, channels = config["batch_shape"][1:]
                self.input, probes[name] = name, torch.zeros(2, channels, height, width)
                continue
            inputs = [tensor["config"]["keras_history"][0] for tensor in tensors(described["inbound_nodes"])]
            shapes = [tuple(probes[source].shape[1:]) for source in inputs]
            part = layer(described["class_name"], config, shapes)
            with torch.no_grad():
                probes[name] = part(*(probes[source] for source in inputs))
            self.parts.append(part)
            # What nothing takes any more need not be kept; the script leaves that to PyTorch.
            self.steps.append((name, inputs))

    def forward(self, x):
        values = {self.input: x}
        for part, (name, inputs) in zip(self.parts, self.steps):
            x = values[name] = part(*(values[source] for source in inputs))
        return x


def tensors(nodes):
    """Every tensor that a layer's one call takes."""
    found = []

    def walk(value):
        if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
            found.append(value)
        elif isinstance(value, (list, tuple)):
            for item in value:
                walk(item)
        elif isinstance(value, dict):
            walk(list(value.values()))

    walk(nodes)
    return found


def more(parser):
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--cuda", action="store_true")


def main():
    options = common.arguments(more)
    device = "cuda" if options.cuda else "cpu"
    form = torch.channels_last if options.channels_last else torch.contiguous_format
    pictures, labels = common.samples(options)
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous(memory_format=form).to(device)
    y = torch.from_numpy(labels).to(device)
    with open(options.network) as file:
        model = Network(json.load(file)["config"]["layers"]).to(device, memory_format=form)
    optimizer = torch.optim.Adam(model.parameters(), eps=1e-7)
    loss_of = nn.CrossEntropyLoss()

    def window():
        model.train()
        right, total = torch.zeros((), device=device), torch.zeros((), device=device)
        for batch in torch.randperm(len(x), device=device).split(options.batch_size):
            outputs, expected = model(x[batch].contiguous(memory_format=form)), y[batch]
            loss = loss_of(outputs, expected)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            # What fit() reports.
            total += loss.detach() * len(batch)
            right += (outputs.detach().argmax(1) == expected).sum()
        total.item(), right.item()

    steps = common.windows(options, window)
    model.eval()
    one = x[:1].contiguous(memory_format=form)
    with torch.inference_mode():
        seconds = common.repeated(lambda: model(one).cpu().numpy())
    kept = sum(value.numel() for value in model.state_dict().values() if value.is_floating_point())
    common.report(f"PyTorch {torch.__version__}", parameters=kept, step_seconds=steps, one_seconds=seconds)


if __name__ == "__main__":
    main()
