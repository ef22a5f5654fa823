"""Keras on TensorFlow: a network that cnnc exported, trained by fit(); one picture through a compiled function."""

import os
import time

import wild_common as common

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras
import tensorflow


class Clock(keras.callbacks.Callback):
    """Seconds of each epoch from its first batch to its last one, and its end once there were enough of them."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds, self.epochs, self.begin = seconds, [], None

    def on_epoch_begin(self, epoch, logs=None):
        self.start = None

    def on_train_batch_begin(self, batch, logs=None):
        if self.start is None:
            self.start = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        self.end = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(self.end - self.start)
        self.begin = self.begin or self.end
        if epoch > 0 and self.end - self.begin >= self.seconds:
            self.model.stop_training = True


options = common.arguments()
x, y = common.samples(options)
model = keras.saving.load_model(options.network)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer=keras.optimizers.Adam(), loss=loss, metrics=["accuracy"])
clock = Clock(options.seconds)
model.fit(x, y, batch_size=options.batch_size, epochs=1_000_000, callbacks=[clock], verbose=0)
one = tensorflow.constant(x[:1])
predict = tensorflow.function(lambda picture: model(picture, training=False))
common.report(
    f"Keras {keras.__version__}, TensorFlow {tensorflow.__version__}",
    parameters=model.count_params(),
    step_seconds=[seconds / options.steps for seconds in clock.epochs[1:]],
    one_seconds=common.repeated(lambda: predict(one).numpy()),
)
