"""Keras on TensorFlow: the network of a description, trained by fit()."""

import os
import time

import common

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras
import tensorflow
from keras.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D

NETWORKS = {
    "onelayer": lambda: [Input((28, 28, 1)), Conv2D(9, 5, activation="relu"), Flatten(), Dense(10)],
    "pyramid": lambda: [
        Input((28, 28, 1)),
        Conv2D(10, 5, activation="relu"),
        MaxPooling2D(),
        Conv2D(20, 5, activation="relu"),
        MaxPooling2D(),
        Flatten(),
        Dense(10),
    ],
    "lenet": lambda: [
        Input((32, 32, 3)),
        Conv2D(6, 5, activation="relu"),
        MaxPooling2D(),
        Conv2D(16, 5, activation="relu"),
        MaxPooling2D(),
        Flatten(),
        Dense(120, activation="relu"),
        Dense(84, activation="relu"),
        Dense(10),
    ],
}


class Clock(keras.callbacks.Callback):
    """Seconds of each epoch's training; validation begins inside an epoch, so it ends the clock."""

    def __init__(self):
        super().__init__()
        self.epochs = []

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()
        self.running = True

    def stop(self):
        if self.running:
            self.epochs.append(time.perf_counter() - self.start)
            self.running = False

    def on_test_begin(self, logs=None):
        self.stop()

    def on_epoch_end(self, epoch, logs=None):
        self.stop()


options = common.arguments()
x, y, test_x, test_y = common.load(options)
model = keras.Sequential(NETWORKS[options.network]())
optimizer = "adam" if options.network == "lenet" else "rmsprop"
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])
clock = Clock()
history = model.fit(
    x,
    y,
    batch_size=options.batch_size,
    epochs=options.epochs,
    validation_data=(test_x, test_y),
    callbacks=[clock],
    verbose=0,
)
version = f"Keras {keras.__version__}, TensorFlow {tensorflow.__version__}"
common.report(version, options, clock.epochs, history.history["val_accuracy"][-1])
