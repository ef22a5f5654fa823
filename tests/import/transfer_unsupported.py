from tensorflow.keras.layers import LSTM, Dense, Input, Embedding
from tensorflow.keras.models import Model

words = Input(shape=(100,))
x = Embedding(20000, 128)(words)
x = LSTM(64)(x)
out = Dense(1, activation="sigmoid")(x)
model = Model(words, out)
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
