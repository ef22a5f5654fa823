import tensorflow.keras as keras
L = keras.layers
net = keras.Sequential([L.Input(shape=(128, 9))])
for f in 2 ** 4, 2 ** 5:
    net.add(L.Conv1D(f, 5, activation="relu", padding="same"))
    net.add(L.MaxPooling1D(2))
net.add(L.GlobalAveragePooling1D())
net.add(L.Dense(6, activation="softmax", kernel_constraint=keras.constraints.max_norm(3.0)))
net.compile("adam", keras.losses.SparseCategoricalCrossentropy(), metrics="accuracy")
