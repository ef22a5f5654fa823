import keras
from keras.datasets import cifar10
from keras.layers import BatchNormalization, Concatenate, Conv2D, Dense, Flatten, Input, MaxPooling2D
from keras.models import Model
from keras.utils import to_categorical

(x_train, y_train), (x_test, y_test) = cifar10.load_data()
x_train = x_train.transpose(0, 3, 1, 2) / 255.0
y_train = to_categorical(y_train, 10)

inputs = Input(shape=(3, 32, 32))
wide = Conv2D(16, (5, 5), padding='same', activation='relu', data_format='channels_first')(inputs)
narrow = Conv2D(8, (1, 1), activation='relu', data_format='channels_first')(inputs)
x = Concatenate(axis=1)([wide, narrow])
x = BatchNormalization(axis=1)(x)
x = MaxPooling2D((2, 2), data_format='channels_first')(x)
x = Conv2D(32, (3, 3), activation='relu', data_format='channels_first')(x)
x = Flatten()(x)
outputs = Dense(10, activation='softmax')(x)
model = Model(inputs, outputs)
model.compile(optimizer='adam', loss='categorical_crossentropy', metrics=['accuracy'])
model.fit(x_train, y_train, batch_size=64, epochs=4)
