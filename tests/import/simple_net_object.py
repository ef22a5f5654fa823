from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Dense, Conv2D, Flatten, SeparableConv2D, SpatialDropout2D


class Classifier:
    def __init__(self, shape, classes=4):
        self.shape = shape
        self.classes = classes
        self.model = self._make()

    def _make(self):
        model = Sequential()
        model.add(SeparableConv2D(12, 3, input_shape=self.shape, padding="SAME", activation="relu"))
        model.add(SpatialDropout2D(0.1))
        model.add(Conv2D(filters=6, kernel_size=(3, 3), strides=[2, 2]))
        model.add(Flatten())
        model.add(Dense(units=self.classes, activation="softmax", use_bias=False))
        model.compile(optimizer="nadam", loss="sparse_categorical_crossentropy", metrics=["acc"])
        return model

    def train(self, x, y):
        return self.model.fit(x, y, epochs=3)


c = Classifier((20, 20, 3))
c.model.summary()
