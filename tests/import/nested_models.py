import keras
from keras import layers

stem = keras.Sequential(name="stem")
stem.add(layers.Conv2D(16, 3, strides=2, padding="same", activation="swish"))
stem.add(layers.Conv2D(32, 3, padding="same", activation="swish"))

squeeze_in = keras.Input(shape=(16, 16, 32))
s = layers.GlobalAveragePooling2D()(squeeze_in)
s = layers.Dense(8, activation="relu")(s)
s = layers.Dense(32, activation="sigmoid")(s)
s = layers.Reshape((1, 1, 32))(s)
squeeze = keras.Model(squeeze_in, layers.Multiply()([squeeze_in, s]))

image = keras.Input(shape=(32, 32, 3))
x = stem(image)
x = squeeze(x)
x = layers.Flatten()(x)
scores = layers.Dense(10)(x)
classifier = keras.Model(image, scores)
classifier.compile(
    optimizer=keras.optimizers.AdamW(learning_rate=1e-3, weight_decay=1e-4),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
