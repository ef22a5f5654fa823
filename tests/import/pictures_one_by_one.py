import os

import cv2
import numpy as np
from tensorflow.keras import layers, models

SIDE = 48
pictures = []
for name in os.listdir("leaves"):
    picture = cv2.imread("leaves/" + name)
    picture = cv2.resize(picture, (2 * SIDE, SIDE))
    pictures.append(picture)
pictures = np.array(pictures) / 255.0

model = models.Sequential([
    layers.Input(shape=picture.shape),
    layers.Conv2D(6, 5, strides=2, activation="relu", padding="same"),
    layers.MaxPooling2D(),
    layers.UpSampling2D(4),
    layers.Conv2D(3, 3, padding="same", activation="sigmoid"),
])
model.compile(optimizer="adam", loss="mse")
model.fit(pictures, pictures, epochs=5)
