"""Two pictures through one tower, a row of numbers beside them, and two answers."""
import keras
from keras import layers, Model

WIDTH = 16


def build_tower(shape):
    inputs = keras.Input(shape)
    x = layers.Conv2D(8, 3, activation="relu")(inputs)
    x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    return Model(inputs, layers.Dense(WIDTH)(x))


tower = build_tower((20, 20, 1))
before = keras.Input((20, 20, 1), name="before")
after = keras.Input((20, 20, 1), name="after")
facts = keras.Input((4,), name="facts")
scale = layers.Dense(WIDTH, activation="tanh", name="scale")
moved = layers.Subtract()([scale(tower(after)), scale(tower(before))])
joined = layers.Concatenate()([moved, facts])
joined = layers.Dropout(0.2)(joined)
kind = layers.Dense(3, activation="softmax", name="kind")(joined)
size = layers.Dense(1, name="size")(joined)
model = Model(inputs=[before, after, facts], outputs=[kind, size])
model.compile(
    optimizer="adam",
    loss={"kind": "sparse_categorical_crossentropy", "size": "mse"},
    loss_weights={"kind": 1.0, "size": 0.5},
    metrics={"kind": ["accuracy"]},
)
model.summary()
