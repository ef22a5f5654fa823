# Outputs by the keys of a dictionary, as losses name them.
import keras
from keras import layers

inputs = keras.Input((24, 24, 3))
x = layers.Conv2D(8, 3, activation="relu")(inputs)
x = layers.GlobalAveragePooling2D()(x)
box = layers.Dense(4)(x)
label = layers.Dense(5, activation="softmax")(x)
model = keras.Model(inputs, {"box": box, "label": label})
model.compile(optimizer=keras.optimizers.Adam(2e-4), loss={"box": "mse", "label": "sparse_categorical_crossentropy"})
