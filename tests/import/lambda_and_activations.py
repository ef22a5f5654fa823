from keras.models import Sequential
from keras.layers import Lambda, Conv2D, MaxPooling2D, Dropout, Dense, Flatten, LeakyReLU, PReLU, Activation
from keras.optimizers import Adam

# The driving network: pixels to -1..1, five convolutions, three dense layers.
model = Sequential()
model.add(Lambda(lambda x: x / 127.5 - 1.0, input_shape=(66, 200, 3)))
for filters, kernel, stride in [(24, 5, 2), (36, 5, 2), (48, 5, 2), (64, 3, 1), (64, 3, 1)]:
    model.add(Conv2D(filters, (kernel, kernel), strides=(stride, stride), activation='elu'))
model.add(Dropout(0.5))
model.add(Flatten())
model.add(Dense(100, activation=LeakyReLU(alpha=0.1)))
model.add(Dense(50))
model.add(PReLU())
model.add(Dense(10, activation='elu'))
model.add(Dense(1))
model.compile(loss='mean_squared_error', optimizer=Adam(lr=1.0e-4))
