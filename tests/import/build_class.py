# A network as a class with a static method, and a script with arguments.
import argparse
from tensorflow.keras import backend as K
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Conv2D, MaxPooling2D, Activation, Flatten, Dense
from tensorflow.keras.datasets import fashion_mnist
from tensorflow.keras.optimizers import Adam


class LeNet:
    @staticmethod
    def build(width, height, depth, classes):
        model = Sequential(name="lenet")
        input_shape = (height, width, depth)
        if K.image_data_format() == "channels_first":
            input_shape = (depth, height, width)
        model.add(Conv2D(20, (5, 5), padding="same", input_shape=input_shape))
        model.add(Activation("relu"))
        model.add(MaxPooling2D(pool_size=(2, 2), strides=(2, 2)))
        model.add(Conv2D(50, (5, 5), padding="same"))
        model.add(Activation("relu"))
        model.add(MaxPooling2D(pool_size=(2, 2), strides=(2, 2)))
        model.add(Flatten())
        model.add(Dense(500))
        model.add(Activation("relu"))
        model.add(Dense(classes))
        model.add(Activation("softmax"))
        return model


ap = argparse.ArgumentParser()
ap.add_argument("-e", "--epochs", type=int, default=20, help="passes")
ap.add_argument("-b", "--batch-size", type=int, default=64)
args = vars(ap.parse_args([]))

((trainX, trainY), (testX, testY)) = fashion_mnist.load_data()
trainX = trainX.reshape((trainX.shape[0], 28, 28, 1)) / 255.0

model = LeNet.build(width=28, height=28, depth=1, classes=10)
model.compile(loss="sparse_categorical_crossentropy", optimizer=Adam(learning_rate=1e-3), metrics=["accuracy"])
H = model.fit(trainX, trainY, batch_size=args["batch_size"], epochs=args["epochs"])
