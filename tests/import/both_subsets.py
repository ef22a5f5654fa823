import tensorflow as tf
from tensorflow.keras.applications import EfficientNetV2B0
from tensorflow.keras.applications.efficientnet_v2 import preprocess_input

train, valid = tf.keras.utils.image_dataset_from_directory("birds", validation_split=0.25, subset="both", seed=5, image_size=(64, 64))

inputs = tf.keras.Input((64, 64, 3))
x = preprocess_input(inputs)
base = EfficientNetV2B0(include_top=False, weights=None, input_shape=(64, 64, 3), pooling="avg")
base.trainable = False
x = base(x, training=False)
outputs = tf.keras.layers.Dense(6, activation="softmax")(x)
model = tf.keras.Model(inputs, outputs)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train, validation_data=valid, epochs=3)
