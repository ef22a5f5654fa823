"""Features first, then the base with them: what moves is said layer by layer, statistics stay."""
import tensorflow as tf
from tensorflow.keras import layers
from tensorflow.keras.applications import VGG16
from tensorflow.keras.callbacks import EarlyStopping
from tensorflow.keras.layers import BatchNormalization

train = tf.keras.utils.image_dataset_from_directory("pets/train", image_size=(64, 64), label_mode="binary")
valid = tf.keras.utils.image_dataset_from_directory("pets/valid", image_size=(64, 64), label_mode="binary")


def build(base):
    base.trainable = False
    inputs = tf.keras.Input((64, 64, 3))
    x = layers.Rescaling(1. / 255)(inputs)
    x = base(x, training=False)
    x = layers.GlobalAveragePooling2D()(x)
    outputs = layers.Dense(1, activation="sigmoid")(x)
    return tf.keras.Model(inputs, outputs)


base = VGG16(include_top=False, weights="imagenet", input_shape=(64, 64, 3))
model = build(base)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(train, validation_data=valid, epochs=5, callbacks=[EarlyStopping(patience=2)])

base.trainable = True
fine_tune_at = "block4_conv1"
trains = False
for layer in base.layers:
    if layer.name == fine_tune_at:
        trains = True
    if isinstance(layer, BatchNormalization) or not trains:
        layer.trainable = False
model.compile(optimizer=tf.keras.optimizers.Adam(1e-5), loss="binary_crossentropy", metrics=["accuracy"])
history_fine = model.fit(train, validation_data=valid, epochs=history.epoch[-1] + 1 + 5, initial_epoch=len(history.epoch))

# What is said of single layers counts, whatever was said of the whole before.
base.trainable = False
for layer in base.layers[-4:]:
    layer.trainable = True
model.compile(optimizer="sgd", loss="binary_crossentropy")
model.fit(train, epochs=1)
