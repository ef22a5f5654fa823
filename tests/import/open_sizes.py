import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

train, valid = keras.utils.image_dataset_from_directory(
    "leaves", validation_split=0.2, subset="both", seed=11, image_size=(72, 96), label_mode="categorical", class_names=["ash", "elm", "oak", "yew"]
)

inputs = keras.Input(shape=(None, None, 3))
x = layers.Rescaling(1.0 / 255)(inputs)
x = layers.Conv2D(12, 5, activation="relu")(x)
x = layers.MaxPooling2D()(x)
y = layers.Conv2D(20, 3, padding="same")(x)
x = layers.Concatenate()([x, y])
x = layers.GlobalAveragePooling2D()(x)
outputs = layers.Dense(4, activation="softmax")(x)
model = keras.Model(inputs, outputs)

model.compile(
    optimizer="adam",
    loss="categorical_crossentropy",
    metrics=["accuracy", keras.metrics.AUC(multi_label=True, num_labels=4)],
    weighted_metrics=["accuracy", keras.metrics.Precision()],
)
model.fit(train, validation_data=valid, epochs=6, class_weight={0: 1.0, 3: 4.0})
