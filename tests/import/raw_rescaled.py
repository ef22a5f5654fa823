import keras
from keras import layers

(x_train, y_train), _ = keras.datasets.fashion_mnist.load_data()
inputs = keras.Input((28, 28))
x = layers.Rescaling(1.0 / 255)(inputs)
x = layers.Flatten()(x)
model = keras.Model(inputs, layers.Dense(10)(x))
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(x_train, y_train, epochs=1)
