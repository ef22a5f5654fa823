import numpy as np
from tensorflow.keras.layers import (Input, Conv2D, BatchNormalization, Activation, Add,
                                     GlobalAveragePooling2D, Dense)
from tensorflow.keras.models import Model
from tensorflow.keras.datasets import cifar10
from tensorflow.keras.regularizers import l2
from tensorflow.keras.callbacks import ReduceLROnPlateau, EarlyStopping


def resnet_layer(inputs, filters=16, kernel_size=3, strides=1, activation='relu', batch_normalization=True):
    x = Conv2D(filters, kernel_size=kernel_size, strides=strides, padding='same',
               kernel_initializer='he_normal', kernel_regularizer=l2(1e-4))(inputs)
    if batch_normalization:
        x = BatchNormalization()(x)
    if activation is not None:
        x = Activation(activation)(x)
    return x


def resnet(input_shape, depth, num_classes=10):
    if (depth - 2) % 6 != 0:
        raise ValueError('depth should be 6n + 2')
    num_filters = 16
    blocks = int((depth - 2) / 6)
    inputs = Input(shape=input_shape)
    x = resnet_layer(inputs=inputs)
    for stack in range(3):
        for block in range(blocks):
            strides = 1
            if stack > 0 and block == 0:
                strides = 2
            y = resnet_layer(inputs=x, filters=num_filters, strides=strides)
            y = resnet_layer(inputs=y, filters=num_filters, activation=None)
            if stack > 0 and block == 0:
                x = resnet_layer(inputs=x, filters=num_filters, kernel_size=1, strides=strides,
                                 activation=None, batch_normalization=False)
            x = Add()([x, y])
            x = Activation('relu')(x)
        num_filters *= 2
    x = GlobalAveragePooling2D()(x)
    outputs = Dense(num_classes, activation='softmax', kernel_initializer='he_normal')(x)
    return Model(inputs=inputs, outputs=outputs)


(x_train, y_train), (x_test, y_test) = cifar10.load_data()
x_train = x_train.astype('float32') / 255
x_test = x_test.astype('float32') / 255
input_shape = x_train.shape[1:]

model = resnet(input_shape=input_shape, depth=20)
model.compile(loss='sparse_categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
callbacks = [EarlyStopping(monitor='val_loss', patience=10, restore_best_weights=True),
             ReduceLROnPlateau(factor=np.sqrt(0.1), cooldown=0, patience=5, min_lr=0.5e-6)]
model.fit(x_train, y_train, batch_size=32, epochs=200, validation_data=(x_test, y_test), callbacks=callbacks)
