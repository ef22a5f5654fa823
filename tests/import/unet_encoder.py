from keras.layers import Input, Conv2D, Conv2DTranspose, MaxPooling2D, Dropout, Concatenate
from keras.models import Model
from keras.initializers import HeNormal


def double(x, n):
    for _ in range(2):
        x = Conv2D(n, 3, padding='same', activation='relu', kernel_initializer=HeNormal())(x)
    return x


inputs = Input((64, 64, 1), name="image")
skips = []
x = inputs
for n in (8, 16, 32):
    x = double(x, n)
    skips.append(x)
    x = MaxPooling2D(2)(x)
x = double(x, 64)
x = Dropout(0.5)(x)
for n, skip in zip([32, 16, 8], reversed(skips)):
    x = Conv2DTranspose(n, 2, strides=2, padding='same')(x)
    x = Concatenate()([x, skip])
    x = double(x, n)
outputs = Conv2D(1, 1, activation='sigmoid', name="mask")(x)
unet = Model(inputs, outputs, name='unet')
unet.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])
