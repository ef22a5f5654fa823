from tensorflow.keras.datasets import cifar10
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from tensorflow.keras.utils import to_categorical
from tensorflow.keras import models, layers

(x_train, y_train), (x_test, y_test) = cifar10.load_data()
x_train = x_train.astype("float32") / 127.5 - 1
x_test = x_test.astype("float32") / 127.5 - 1
y_train, y_test = to_categorical(y_train, 10), to_categorical(y_test, 10)

datagen = ImageDataGenerator(rotation_range=15, width_shift_range=0.1, height_shift_range=0.1, horizontal_flip=True,
                             samplewise_center=True)
datagen.fit(x_train)
model = models.Sequential([
    layers.Conv2D(8, (3, 3), padding="same", activation="relu", input_shape=x_train.shape[1:]),
    layers.MaxPooling2D((2, 2)),
    layers.Flatten(),
    layers.Dense(10, activation="softmax"),
])
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(datagen.flow(x_train, y_train, batch_size=64), steps_per_epoch=len(x_train) / 64, epochs=2,
          validation_data=(x_test, y_test), verbose=2)
