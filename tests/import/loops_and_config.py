from tensorflow import keras as k

CONFIG = {
    "filters": [16, 32, 64],
    "dense": (128, 64),
    "dropout": 0.3,
    "classes": 10,
}
INPUT = (32, 32, 3)

net = k.models.Sequential()
net.add(k.layers.InputLayer(INPUT))
for i, f in enumerate(CONFIG["filters"]):
    net.add(k.layers.Conv2D(f, 3, padding="same", name=f"conv{i}_a", activation="elu"))
    net.add(k.layers.Conv2D(f, 3, padding="same", name="conv{}_b".format(i), activation="elu"))
    net.add(k.layers.BatchNormalization())
    if i < len(CONFIG["filters"]) - 1:
        net.add(k.layers.MaxPool2D())
net.add(k.layers.GlobalAvgPool2D())
[net.add(k.layers.Dense(units, activation="relu")) for units in CONFIG["dense"]]
net.add(k.layers.Dropout(rate=CONFIG["dropout"]))
net.add(k.layers.Dense(CONFIG["classes"]))

net.compile(
    optimizer=k.optimizers.SGD(learning_rate=0.1, momentum=0.9),
    loss=k.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy", k.metrics.SparseTopKCategoricalAccuracy(k=5)],
)
