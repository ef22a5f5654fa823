import keras
from keras.layers import Conv2D, MaxPooling2D, concatenate, Input, AveragePooling2D, Flatten, Dense

def inception(x, f1, f3r, f3, f5r, f5, proj):
    tower1 = Conv2D(f1, (1, 1), padding='same', activation='relu')(x)
    tower2 = Conv2D(f3r, (1, 1), padding='same', activation='relu')(x)
    tower2 = Conv2D(f3, (3, 3), padding='same', activation='relu')(tower2)
    tower3 = Conv2D(f5r, (1, 1), padding='same', activation='relu')(x)
    tower3 = Conv2D(f5, (5, 5), padding='same', activation='relu')(tower3)
    tower4 = MaxPooling2D((3, 3), strides=(1, 1), padding='same')(x)
    tower4 = Conv2D(proj, (1, 1), padding='same', activation='relu')(tower4)
    return concatenate([tower1, tower2, tower3, tower4], axis=3)

image = Input(shape=(32, 32, 3))
y = Conv2D(16, (3, 3), padding='same', activation='relu')(image)
y = inception(y, 8, 8, 16, 4, 8, 8)
y = MaxPooling2D((3, 3), strides=(2, 2), padding='same')(y)
y = inception(y, 16, 8, 24, 4, 8, 8)
y = AveragePooling2D((4, 4))(y)
y = Flatten()(y)
y = Dense(10, activation='softmax')(y)
googlenet = keras.models.Model(inputs=[image], outputs=[y])
googlenet.compile(keras.optimizers.Adam(lr=0.0005) if keras.__version__ < '3' else keras.optimizers.Adam(0.0005),
                  loss='sparse_categorical_crossentropy', metrics=['accuracy'])
