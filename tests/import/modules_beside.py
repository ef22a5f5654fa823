import tensorflow as tf
from tensorflow import keras

import parts.sizes as sizes
from parts import residual

(x_train, y_train), (x_test, y_test) = keras.datasets.cifar10.load_data()
x_train, x_test = x_train / 255.0, x_test / 255.0

image = keras.Input(shape=x_train.shape[1:])
x = image
for width in sizes.WIDTHS:
    x = residual(x, width)
    x = keras.layers.MaxPooling2D()(x)
x = keras.layers.GlobalAveragePooling2D()(x)
classes = keras.layers.Dense(10, activation="softmax")(x)
model = keras.Model(image, classes)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=3, validation_data=(x_test, y_test))
