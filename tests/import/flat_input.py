import numpy as np
from keras import models
from keras import layers
from keras.datasets import mnist
from keras.utils import to_categorical

(train_images, train_labels), (test_images, test_labels) = mnist.load_data()
train_images = train_images.reshape((60000, 28 * 28))
train_images = train_images.astype('float32') / 255
train_labels = to_categorical(train_labels)
num_classes = train_labels.shape[1]

network = models.Sequential()
network.add(layers.Dense(512, activation='relu', input_dim=28 * 28))
network.add(layers.Dense(num_classes, activation='softmax'))
network.compile(optimizer='RMSprop', loss='categorical_crossentropy', metrics=['accuracy'])
network.fit(train_images, train_labels, epochs=5, batch_size=128)
