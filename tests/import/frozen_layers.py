from keras.models import Sequential
from keras.layers import Conv2D, Flatten, Dense, BatchNormalization
model = Sequential([
    Conv2D(8, 3, activation="relu", input_shape=(16, 16, 3), name="first"),
    BatchNormalization(),
    Conv2D(8, 3, activation="relu", name="block/second"),
    Flatten(),
    Dense(3, activation="softmax"),
])
for layer in model.layers[:2]:
    layer.trainable = False
print([l.name for l in model.layers])
assert len(model.layers) == 5
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
