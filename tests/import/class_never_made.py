from keras import layers, models, optimizers


class LeafNet:
    """A network for pictures of leaves; whoever imports this module makes it."""

    def __init__(self, size=(48, 48, 3), species=7, rate=0.25):
        self.size = size
        self.species = species
        self.rate = rate

    def describe(self):
        return "leaves of %d species" % self.species

    def build(self):
        net = models.Sequential(name="leaves")
        net.add(layers.Input(self.size))
        for filters in (12, 24):
            net.add(layers.Conv2D(filters, 3, activation="relu"))
            net.add(layers.MaxPooling2D())
        net.add(layers.Flatten())
        net.add(layers.Dropout(self.rate))
        net.add(layers.Dense(self.species, activation="softmax"))
        net.compile(optimizer=optimizers.Adam(2e-3), loss="categorical_crossentropy", metrics=["accuracy"])
        self.net = net
        return net

    def train(self, samples, labels):
        self.net.fit(samples, labels, epochs=6, batch_size=16)
