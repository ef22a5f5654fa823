"""What random_networks.py draws from: layers with arguments, heads with losses and metrics, optimizers with schedules."""

import math

ACTIVATIONS = (
    "linear relu sigmoid tanh softmax elu selu softplus softsign silu gelu leaky_relu relu6 hard_sigmoid exponential".split()
)
# What keeps numbers small, for layers in the middle.
TAME = "relu sigmoid tanh elu softsign silu gelu leaky_relu relu6 hard_sigmoid selu softplus".split()
REGULARIZERS = ("'l2'", "'l1'", "L1(0.002)", "L2(0.01)", "L1L2(l1=0.001, l2=0.003)")
CONSTRAINTS = ("'non_neg'", "MaxNorm(1.5)", "MaxNorm(max_value=0.8, axis=0)", "'unit_norm'", "MinMaxNorm(0.2, 1.0, rate=0.7)")
# What sums of a map's sides may not pass.
LARGEST = 18


def call(name, *values, **settings):
    """A call as the language and Python write it."""
    return f"{name}({', '.join([*map(str, values), *(f'{key}={value}' for key, value in settings.items())])})"


def sometimes(random, share, **settings):
    """The settings, each with that chance; a value may be a function that draws it."""
    return {key: value() if callable(value) else value for key, value in settings.items() if random.random() < share}


def rules(random, *names):
    """Regularizers and constraints of some variables, seldom."""
    found = {}
    for name in names:
        found |= sometimes(random, 0.06, **{f"{name}_regularizer": lambda: random.choice(REGULARIZERS)})
        found |= sometimes(random, 0.05, **{f"{name}_constraint": lambda: random.choice(CONSTRAINTS)})
    return found | sometimes(random, 0.04, activity_regularizer=lambda: random.choice(REGULARIZERS[2:]))


def slid(size, kernel, stride, dilation, padding):
    """How many windows there are along an axis."""
    if padding in ("same", "causal"):
        return math.ceil(size / stride)
    return (size - (kernel - 1) * dilation - 1) // stride + 1


class Chain:
    """A network that grows layer by layer, with the shape that comes out so far."""

    def __init__(self, random, shape):
        self.random, self.shape, self.layers, self.names = random, shape, [], 0

    def add(self, text, shape):
        if all(size >= 1 for size in shape) and math.prod(shape) <= 2500:
            self.layers.append(text)
            self.shape = tuple(shape)

    def named(self):
        """The last layer gets a name, so that others can take its output."""
        self.names += 1
        name = f"at{self.names}"
        if " = " in self.layers[-1].split("(")[0]:
            return self.layers[-1].split(" = ")[0]
        self.layers[-1] = f"{name} = {self.layers[-1]}"
        return name

    def window(self):
        """Kernel, strides, padding and dilation of a layer on maps."""
        random = self.random
        kernel = [random.choice((1, 2, 3, 3, 3, 4)) for _ in self.shape[:-1]]
        kernel = [min(k, size) for k, size in zip(kernel, self.shape)]
        strides = [1 if random.random() < 0.7 else random.choice((2, 3)) for _ in kernel]
        padding = random.choice(("valid", "same"))
        return kernel, strides, padding

    def convolution(self):
        random = self.random
        kernel, strides, padding = self.window()
        dilation = [1, 1]
        if max(strides) == 1 and random.random() < 0.15:
            dilation = [random.choice((1, 2)) for _ in kernel]
        groups = random.choice([g for g in (1, 1, 1, 2, 3) if self.shape[-1] % g == 0])
        filters = groups * random.randint(1, 5)
        settings = {"padding": f"'{padding}'"} if padding == "same" else {}
        settings |= {"strides": tuple(strides)} if strides != [1, 1] else {}
        settings |= {"dilation_rate": tuple(dilation)} if dilation != [1, 1] else {}
        settings |= {"groups": groups} if groups > 1 else {}
        settings |= self.common() | rules(random, "kernel", "bias")
        if settings.get("use_bias") is False:
            settings = {key: value for key, value in settings.items() if not key.startswith("bias")}
        sizes = [slid(*each, padding) for each in zip(self.shape, kernel, strides, dilation)]
        self.add(call("Conv2D", filters, tuple(kernel), **settings), (*sizes, filters))

    def common(self):
        random = self.random
        settings = sometimes(random, 0.6, activation=lambda: f"'{random.choice(TAME)}'")
        settings |= sometimes(random, 0.2, use_bias=False)
        return settings | sometimes(random, 0.05, trainable=False)

    def transposed(self):
        random = self.random
        kernel = [random.randint(1, 4) for _ in range(2)]
        strides = [random.choice((1, 2, 2, 3)) for _ in range(2)]
        padding, filters = random.choice(("valid", "same")), random.randint(1, 5)
        sizes = [s * t if padding == "same" else s * t + max(k - t, 0) for s, k, t in zip(self.shape, kernel, strides)]
        if max(sizes) <= LARGEST:
            settings = {"strides": tuple(strides), "padding": f"'{padding}'"} | self.common()
            self.add(call("Conv2DTranspose", filters, tuple(kernel), **settings), (*sizes, filters))

    def depthwise(self):
        random = self.random
        kernel, strides, padding = self.window()
        # TensorFlow's depthwise convolution has one stride for both axes.
        strides = [strides[0]] * 2
        times = random.choice((1, 1, 2))
        settings = {"strides": strides[0], "padding": f"'{padding}'", "depth_multiplier": times} | self.common()
        sizes = [slid(*each, 1, padding) for each in zip(self.shape, kernel, strides)]
        if random.random() < 0.5:
            settings |= rules(random, "depthwise")
            self.add(call("DepthwiseConv2D", tuple(kernel), **settings), (*sizes, self.shape[-1] * times))
        else:
            settings |= rules(random, "depthwise", "pointwise")
            filters = random.randint(1, 6)
            self.add(call("SeparableConv2D", filters, tuple(kernel), **settings), (*sizes, filters))

    def pool(self):
        random = self.random
        kernel, strides, padding = self.window()
        name = random.choice(("MaxPooling2D", "AveragePooling2D"))
        plain = random.random() < 0.4 and min(self.shape[:2]) >= 2
        if plain:
            kernel, strides, padding = [2, 2], [2, 2], "valid"
            return self.add(call(name, 2), (*(size // 2 for size in self.shape[:2]), self.shape[-1]))
        sizes = [slid(*each, 1, padding) for each in zip(self.shape, kernel, strides)]
        settings = {"strides": tuple(strides), "padding": f"'{padding}'"}
        return self.add(call(name, tuple(kernel), **settings), (*sizes, self.shape[-1]))

    def resize(self):
        random = self.random
        height, width, channels = self.shape
        kind = random.choice(("UpSampling2D", "ZeroPadding2D", "Cropping2D"))
        if kind == "UpSampling2D":
            size = (random.randint(1, 3), random.randint(1, 3))
            if max(height * size[0], width * size[1]) <= LARGEST:
                settings = sometimes(random, 0.5, interpolation="'bilinear'")
                self.add(call(kind, size, **settings), (height * size[0], width * size[1], channels))
            return
        sides = [[random.randint(0, 2) for _ in range(2)] for _ in range(2)]
        sign = 1 if kind == "ZeroPadding2D" else -1
        shape = (height + sign * sum(sides[0]), width + sign * sum(sides[1]), channels)
        if max(shape[:2]) <= LARGEST:
            self.add(call(kind, f"(({sides[0][0]}, {sides[0][1]}), ({sides[1][0]}, {sides[1][1]}))"), shape)

    def rearrange(self):
        random, shape = self.random, self.shape
        if random.random() < 0.5:
            order = random.sample(range(1, len(shape) + 1), len(shape))
            return self.add(call("Permute", f"({', '.join(map(str, order))},)"), [shape[axis - 1] for axis in order])
        height, width, channels = shape
        choices = [(width, height, channels), (height * width, 1, channels), (height, channels, width)]
        new = random.choice(choices)
        return self.add(call("Reshape", f"({new[0]}, {new[1]}, -1)"), new)

    def pointwise(self):
        """A layer that keeps the shape."""
        random, channels = self.random, self.shape[-1]
        groups = [g for g in (1, 2, 3, channels) if channels % g == 0]
        axes = sometimes(random, 0.5, shared_axes=str(list(range(1, len(self.shape))))) if len(self.shape) > 1 else {}
        scaled = sometimes(random, 0.2, scale=False) or sometimes(random, 0.2, center=False)
        norm = scaled | sometimes(random, 0.3, epsilon=lambda: random.choice((1e-2, 1e-4)))
        means = [round(random.uniform(-0.3, 0.3), 2) for _ in range(channels)]
        variances = [round(random.uniform(0.5, 2), 2) for _ in range(channels)]
        choices = [
            lambda: call("Activation", f"'{random.choice(TAME)}'"),
            lambda: call("ReLU", **sometimes(random, 0.3, max_value=1.5, negative_slope=0.2, threshold=0.1)),
            lambda: call("LeakyReLU", **sometimes(random, 0.5, negative_slope=0.1)),
            lambda: call("PReLU", **(axes | rules(random, "alpha"))),
            lambda: call("ELU", **sometimes(random, 0.5, alpha=0.5)),
            lambda: call("Softmax"),
            lambda: call("BatchNormalization", **(norm | sometimes(random, 0.4, momentum=0.9) | rules(random, "gamma", "beta"))),
            lambda: call("BatchNormalization", **(norm | sometimes(random, 0.1, trainable=False))),
            lambda: call("LayerNormalization", **norm),
            lambda: call("GroupNormalization", random.choice(groups), **norm),
            lambda: call("Rescaling", random.choice((0.5, 2.0)), **sometimes(random, 0.5, offset=-0.25)),
            lambda: call("Normalization", mean=means, variance=variances),
        ]
        self.add(random.choice(choices)(), self.shape)

    def dense(self, units=None):
        settings = self.common() | rules(self.random, "kernel")
        units = units or self.random.randint(2, 9)
        self.add(call("Dense", units, **settings), (*self.shape[:-1], units))

    def branch(self):
        """Two ways side by side, and what joins them."""
        random = self.random
        if not self.layers:
            return self.convolution()
        start, shape = self.named(), self.shape
        kind = random.choice(("Add", "Multiply", "Subtract", "Average", "Maximum", "Minimum", "Concatenate"))
        filters = random.randint(1, 5) if kind == "Concatenate" else shape[-1]
        settings = {"padding": "'same'", "activation": f"'{random.choice(TAME)}'"}
        self.layers.append(call("Conv2D", filters, random.choice((1, 2, 3)), **settings))
        middle = self.named()
        if kind == "Concatenate":
            self.layers.append(f"Concatenate()([{start}, {middle}])")
            self.shape = (*shape[:-1], shape[-1] + filters)
        elif random.random() < 0.3 and kind != "Subtract":
            self.layers.append(call("Conv2D", filters, 1) + f"({start})")
            self.layers.append(f"{kind}()([{start}, {middle}, {self.named()}])")
        else:
            self.layers.append(f"{kind}()([{middle}, {start}])")
        return None

    def signal(self):
        """A layer along signals."""
        random, (length, channels) = self.random, self.shape
        kernel = min(random.randint(1, 5), length)
        stride = random.choice((1, 1, 1, 2, 3))
        if random.random() < 0.35:
            name, padding = random.choice(("MaxPooling1D", "AveragePooling1D")), random.choice(("valid", "same"))
            text = call(name, kernel, strides=stride, padding=f"'{padding}'")
            return self.add(text, (slid(length, kernel, stride, 1, padding), channels))
        padding = random.choice(("valid", "same", "causal"))
        dilation = random.choice((1, 2)) if stride == 1 else 1
        filters = random.randint(1, 7)
        settings = {"strides": stride, "padding": f"'{padding}'", "dilation_rate": dilation}
        text = call("Conv1D", filters, kernel, **settings, **self.common(), **rules(random, "kernel", "bias"))
        return self.add(text, (slid(length, kernel, stride, dilation, padding), filters))


def schedule(random, rate):
    """A learning rate, as often as not one that changes."""
    choices = [
        call("ExponentialDecay", rate, random.randint(1, 6), 0.8, **sometimes(random, 0.5, staircase=True)),
        call("PiecewiseConstantDecay", [2, 5], [rate, rate / 2, rate / 4]),
        call("PolynomialDecay", rate, random.randint(2, 8), rate / 10, power=2.0, **sometimes(random, 0.5, cycle=True)),
        call("InverseTimeDecay", rate, random.randint(1, 5), 0.5, **sometimes(random, 0.5, staircase=True)),
        call("CosineDecay", rate, random.randint(3, 9), **sometimes(random, 0.5, alpha=0.1)),
        call("CosineDecay", rate / 10, random.randint(3, 6), warmup_target=rate, warmup_steps=2),
        call("CosineDecayRestarts", rate, random.randint(2, 4), **sometimes(random, 0.5, t_mul=1.5, m_mul=0.8)),
    ]
    return random.choice(choices) if random.random() < 0.5 else rate


def optimizer(random):
    """An optimizer with settings."""
    slow = random.choice((0.001, 0.002))
    choices = [
        ("SGD", 0.03, sometimes(random, 0.6, momentum=0.9) | sometimes(random, 0.3, nesterov=True)),
        ("SGD", 0.03, {}),
        ("RMSprop", slow, sometimes(random, 0.3, momentum=0.5, centered=True, rho=0.8)),
        ("Adam", slow, sometimes(random, 0.3, amsgrad=True, beta_1=0.8)),
        ("AdamW", slow, {}),
        ("Nadam", slow, {}),
        ("Adagrad", 0.01, {}),
        ("Adadelta", 0.5, {}),
        ("Adamax", slow, {}),
        ("Lion", 0.0005, {}),
        ("Ftrl", 0.02, sometimes(random, 0.4, l1_regularization_strength=0.001, l2_regularization_strength=0.01, beta=0.1)),
    ]
    name, rate, settings = random.choice(choices)
    settings |= sometimes(random, 0.15, weight_decay=0.01)
    clip = random.choice(("clipnorm", "clipvalue", "global_clipnorm"))
    settings |= sometimes(random, 0.2, **{clip: random.choice((0.05, 0.5))})
    if random.random() < 0.15:
        settings |= {"use_ema": True, "ema_momentum": 0.8} | sometimes(random, 0.5, ema_overwrite_frequency=2)
    return call(name, schedule(random, rate), **settings)


def measures(targets, activation):
    """Metrics besides the accuracy."""
    if targets == "values":
        return ["mse", "mae", "RootMeanSquaredError()"]
    if targets == "classes":
        return ["SparseTopKCategoricalAccuracy(k=2)", "sparse_categorical_accuracy"]
    # Of probabilities alone.
    sure = ["AUC()", "AUC(curve='PR', num_thresholds=50)", "Precision()", "Recall(thresholds=0.3)"]
    if targets == "labels":
        return sure if activation == "sigmoid" else ["mse"]
    ranked = ["categorical_accuracy", "TopKCategoricalAccuracy(k=2)"]
    if targets == "shares":
        return ["mae", "MeanSquaredError()"]
    return ranked + ["F1Score(average='macro')", *sure] if activation == "softmax" else ranked


def head(random, chain):
    """The last layer, the loss, the targets and the metrics; on maps, or on rows."""
    classes = random.randint(2, 6)
    smooth = sometimes(random, 0.4, label_smoothing=0.1)
    sure = sometimes(random, 0.5, gamma=1.5)
    one_hot = random.choice(("one_hot", "shares"))
    rows = [
        (classes, None, "SparseCategoricalCrossentropy(from_logits=True)", "classes", ["accuracy"]),
        (classes, "softmax", "'sparse_categorical_crossentropy'", "classes", ["accuracy"]),
        (classes, "softmax", call("CategoricalCrossentropy", **smooth), one_hot, ["accuracy"]),
        (classes, None, call("CategoricalCrossentropy", from_logits=True, **smooth), one_hot, ["accuracy"]),
        (classes, "softmax", call("CategoricalFocalCrossentropy", **sure), "one_hot", ["accuracy"]),
        (classes, "softmax", "'kl_divergence'", "shares", ["accuracy"]),
        (1, "sigmoid", "'binary_crossentropy'", "labels", ["accuracy"]),
        (classes, "sigmoid", call("BinaryCrossentropy", **smooth), "labels", ["accuracy"]),
        (classes, None, call("BinaryCrossentropy", from_logits=True, **smooth), "labels", ["accuracy"]),
        (classes, "sigmoid", call("BinaryFocalCrossentropy", **sure), "labels", ["accuracy"]),
        (classes, None, "'mse'", "values", ["accuracy"]),
        (classes, "tanh", "'mae'", "values", ["accuracy"]),
        (classes, None, call("Huber", **sometimes(random, 0.5, delta=0.3)), "values", ["accuracy"]),
    ]
    maps = [row for row in rows if row[3] in ("labels", "values") or row[3] == "shares"]
    units, activation, loss, targets, metrics = random.choice(rows if len(chain.shape) == 1 else maps)
    metrics = metrics + ([random.choice(measures(targets, activation))] if random.random() < 0.5 else [])
    settings = {"activation": f"'{activation}'"} if activation else {}
    if len(chain.shape) == 3 and random.random() < 0.7:
        chain.layers.append(call("Conv2D", units, 1, **settings))
    else:
        found = rules(random, "kernel")
        found.pop("activity_regularizer", None)
        chain.layers.append(call("Dense", units, **settings, **found))
    return {"loss": loss, "targets": targets, "metrics": metrics, "classes": classes}


def draw(random):
    """A case as tests/oracle/generate.py takes it."""
    if random.random() < 0.15:
        shape = (random.randint(8, 20), random.randint(1, 4))
    else:
        shape = (random.randint(4, 11), random.randint(4, 11), random.choice((1, 2, 3, 4, 6)))
    chain = Chain(random, shape)
    on_maps = [Chain.convolution] * 5 + [Chain.pool] * 2 + [Chain.depthwise, Chain.transposed, Chain.resize, Chain.branch]
    on_maps += [Chain.pointwise] * 3 + [Chain.rearrange, Chain.dense]
    for _ in range(random.randint(2, 7)):
        random.choice(on_maps if len(chain.shape) == 3 else [Chain.signal, Chain.signal, Chain.pointwise])(chain)
    axes = len(chain.shape) - 1
    if axes == 1 or random.random() < 0.85:
        ends = ["Flatten()", f"GlobalAveragePooling{axes}D()", f"GlobalMaxPooling{axes}D()"]
        end = random.choice(ends)
        chain.add(end, (math.prod(chain.shape),) if end == "Flatten()" else (chain.shape[-1],))
        for _ in range(random.choice((0, 0, 1, 2))):
            random.choice((Chain.dense, Chain.dense, Chain.pointwise))(chain)
    batch, count = random.choice((4, 5, 8)), random.randint(17, 27)
    fit = sometimes(random, 0.1, steps_per_epoch=2) | sometimes(random, 0.1, validation_freq=2)
    return {
        "input": list(shape),
        "layers": chain.layers,
        "optimizer": optimizer(random),
        **head(random, chain),
        "batch": batch,
        "epochs": 2 if fit else random.choice((1, 2)),
        "n": count,
        "test": random.randint(5, 9),
        "fit": fit,
    }
