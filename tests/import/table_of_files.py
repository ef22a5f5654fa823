import pandas as pd
from tensorflow.keras.preprocessing.image import ImageDataGenerator
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Conv2D, MaxPool2D, Flatten, Dense

traindf = pd.read_csv("./plants/train.csv", dtype=str)
traindf["label"] = traindf["label"].apply(lambda name: name + ".png")
datagen = ImageDataGenerator(rescale=1./255., validation_split=0.25)
train_generator = datagen.flow_from_dataframe(dataframe=traindf, directory="./plants/pictures/", x_col="id", y_col="label",
                                              subset="training", batch_size=32, seed=42, shuffle=True,
                                              class_mode="categorical", target_size=(32, 32))
valid_generator = datagen.flow_from_dataframe(dataframe=traindf, directory="./plants/pictures/", x_col="id", y_col="label",
                                              subset="validation", batch_size=32, seed=42, shuffle=True,
                                              class_mode="categorical", target_size=(32, 32))
model = Sequential([
    Conv2D(8, 3, activation="relu", input_shape=(32, 32, 3)),
    MaxPool2D(),
    Flatten(),
    Dense(10, activation="softmax"),
])
model.compile("rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit_generator(generator=train_generator, steps_per_epoch=train_generator.n // train_generator.batch_size,
                    validation_data=valid_generator, epochs=10)
