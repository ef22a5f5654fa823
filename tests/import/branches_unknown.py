import os
from keras import Sequential
from keras.layers import Conv2D, Flatten, Dense, Dropout

DEBUG = os.environ.get("DEBUG")
USE_DROPOUT = True
act = "relu" if not USE_DROPOUT else "selu"
model = Sequential()
model.add(Conv2D(4, 3, activation=act, input_shape=(16, 16, 1)))
model.add(Flatten())
if USE_DROPOUT:
    model.add(Dropout(0.5))
if DEBUG:
    model.add(Dense(3))
while len(model.layers) < 5:
    model.add(Dense(8))
model.add(Dense(2))
