from tensorflow.keras import Model, layers
import tensorflow as tf


def residual(x, filters, downsample=False):
    shortcut = x
    stride = 2 if downsample else 1
    x = layers.Conv2D(filters, 3, stride, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = tf.nn.relu(x)
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    if shortcut.shape[-1] != filters or stride != 1:
        shortcut = layers.Conv2D(filters, 1, stride, use_bias=False)(shortcut)
        shortcut = layers.BatchNormalization()(shortcut)
    return tf.nn.relu(x + shortcut)


def make(shape, classes, widths):
    inputs = tf.keras.Input(shape)
    h = inputs / 255.0
    for i, width in enumerate(widths):
        h = residual(h, width, downsample=i > 0)
        h = residual(h, width)
    h = layers.GlobalAveragePooling2D()(h)
    return Model(inputs, layers.Dense(classes)(h))


if __name__ == "__main__":
    tf.random.set_seed(7)
    (x, y), _ = tf.keras.datasets.cifar10.load_data()
    model = make(x.shape[1:], 10, [16, 32, 64])
    model.compile("sgd", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), ["accuracy"])
    model.fit(x, y, 64, 5, validation_split=0.2)
