# A network of the script's own in three phases: layers are kept by their places, then by the beginnings of their names.
from keras import Sequential, layers
from keras.datasets import mnist
from keras.optimizers import Adam, SGD

(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train = x_train.reshape(-1, 28, 28, 1).astype("float32") / 255
x_test = x_test.reshape(-1, 28, 28, 1).astype("float32") / 255

model = Sequential([
    layers.Input((28, 28, 1)),
    layers.Conv2D(8, 3, activation="relu", name="block1_conv"),
    layers.BatchNormalization(name="block1_bn"),
    layers.MaxPooling2D(),
    layers.Conv2D(16, 3, activation="relu"),
    layers.MaxPooling2D(),
    layers.Flatten(),
    layers.Dense(10, activation="softmax"),
])
for layer in model.layers[:-1]:
    layer.trainable = False
model.compile(Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=64, epochs=2, validation_data=(x_test, y_test))

for layer in model.layers:
    layer.trainable = not layer.name.startswith("block1_")
model.compile(Adam(1e-4), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=64, epochs=2, validation_data=(x_test, y_test))

model.trainable = True  # it is, so that nothing changes
model.layers[0].trainable = True
model.layers[1].trainable = True
model.compile(SGD(1e-4), "sparse_categorical_crossentropy", metrics=["accuracy"])
for epoch in range(3):
    model.fit(x_train, y_train, batch_size=64, validation_data=(x_test, y_test))
model.compile("adam", "sparse_categorical_crossentropy")
