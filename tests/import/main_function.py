#!/usr/bin/env python3
import sys
import numpy as np
from tensorflow import keras


def load():
    (x, y), (xt, yt) = keras.datasets.mnist.load_data()
    x = np.expand_dims(x, -1).astype(np.float32) / 255
    xt = np.expand_dims(xt, -1).astype(np.float32) / 255
    y = keras.utils.to_categorical(y)
    yt = keras.utils.to_categorical(yt)
    return (x, y), (xt, yt)


def define(input_shape, n_classes, *, width=24, hidden=(64,)):
    net = keras.models.Sequential()
    net.add(keras.layers.Conv2D(width, 5, input_shape=input_shape, kernel_initializer=keras.initializers.he_uniform()))
    net.add(keras.layers.BatchNormalization(momentum=0.9))
    net.add(keras.layers.Activation(keras.activations.relu))
    net.add(keras.layers.AveragePooling2D(2))
    net.add(keras.layers.Flatten())
    for h in hidden:
        net.add(keras.layers.Dense(h, activation="tanh"))
    net.add(keras.layers.Dense(n_classes, activation="softmax"))
    return net


def main(argv=None):
    train, test = load()
    print("training on", train[0].shape, file=sys.stderr)
    options = dict(width=12, hidden=[100, 50])
    net = define(train[0].shape[1:], train[1].shape[1], **options)
    net.compile(optimizer=keras.optimizers.RMSprop(learning_rate=2e-3), loss="categorical_crossentropy",
                metrics=["categorical_accuracy"])
    stop = keras.callbacks.EarlyStopping(patience=3)
    save = keras.callbacks.ModelCheckpoint("best.keras", save_best_only=True)
    board = keras.callbacks.TensorBoard(log_dir="logs")
    net.fit(*train, epochs=10, batch_size=256, validation_data=test, callbacks=[stop, save, board])
    return 0


if __name__ == "__main__":
    sys.exit(main())
