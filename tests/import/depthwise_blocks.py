from tensorflow.keras import layers, models, optimizers


def depthwise(x, filters, stride, alpha=1.0, name="b"):
    channels = int(filters * alpha)
    x = layers.DepthwiseConv2D((3, 3), strides=(stride, stride), padding="same", use_bias=False, name=name + "_dw")(x)
    x = layers.BatchNormalization(name=name + "_bn1")(x)
    x = layers.ReLU(6.0, name=name + "_relu1")(x)
    x = layers.Conv2D(channels, 1, use_bias=False, name=name + "_pw")(x)
    x = layers.BatchNormalization(name=name + "_bn2")(x)
    return layers.ReLU(6.0, name=name + "_relu2")(x)


inp = layers.Input((96, 96, 3))
x = layers.ZeroPadding2D(((0, 1), (0, 1)))(inp)
x = layers.Conv2D(8, 3, strides=2, use_bias=False)(x)
x = layers.BatchNormalization()(x)
x = layers.ReLU(6.)(x)
specs = [(16, 1), (32, 2), (32, 1), (64, 2)]
for n, (filters, stride) in enumerate(specs, start=1):
    x = depthwise(x, filters, stride, alpha=0.5, name="block%d" % n)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(1e-3)(x)
out = layers.Dense(2, activation="softmax")(x)
mobilenet = models.Model(inp, out, name="tiny_mobilenet")
schedule = optimizers.schedules.ExponentialDecay(1e-3, decay_steps=1000, decay_rate=0.96)
mobilenet.compile(optimizers.Adam(schedule), loss="categorical_crossentropy", metrics=["accuracy"])
