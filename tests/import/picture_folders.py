import matplotlib.pyplot as plt
import tensorflow as tf
from tensorflow.keras import layers

img_height, img_width = 96, 96
train_ds = tf.keras.utils.image_dataset_from_directory(
    "fruits", validation_split=0.2, subset="training", seed=123,
    image_size=(img_height, img_width), batch_size=16)
val_ds = tf.keras.utils.image_dataset_from_directory(
    "fruits", validation_split=0.2, subset="validation", seed=123,
    image_size=(img_height, img_width), batch_size=16)
normalization_layer = layers.Rescaling(1./255)
train_ds = train_ds.map(lambda x, y: (normalization_layer(x), y))
val_ds = val_ds.map(lambda x, y: (normalization_layer(x), y))
train_ds = train_ds.prefetch(tf.data.AUTOTUNE)

model = tf.keras.Sequential([
    layers.Conv2D(16, 3, activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(32, 3, activation="relu"),
    layers.MaxPooling2D(),
    layers.Flatten(),
    layers.Dense(4),
])
model.compile(optimizer="adam", loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
history = model.fit(train_ds, validation_data=val_ds, epochs=3)
plt.plot(history.history["accuracy"])
