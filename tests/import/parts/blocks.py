"""Blocks that several scripts build their networks of."""
from tensorflow.keras import layers

from . import sizes


def twice(x, filters):
    for _ in range(sizes.PER_BLOCK):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    return x


def residual(x, filters):
    shortcut = layers.Conv2D(filters, 1)(x)
    return layers.Add()([twice(x, filters), shortcut])


if __name__ == "__main__":
    raise SystemExit("this is no script")
