import os
from keras.preprocessing.image import ImageDataGenerator
from keras.models import Sequential
from keras.layers import Conv2D, MaxPooling2D, Activation, Dropout, Flatten, Dense

base_dir = os.environ["DATA"]
train_dir = os.path.join(base_dir, "train")
img_width, img_height = 150, 150
batch_size = 16
nb_train_samples, nb_validation_samples = 2000, 800

model = Sequential()
model.add(Conv2D(32, (3, 3), input_shape=(img_width, img_height, 3)))
model.add(Activation("relu"))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Flatten())
model.add(Dense(64, activation="relu"))
model.add(Dropout(0.5))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="rmsprop", metrics=["accuracy"])

train_datagen = ImageDataGenerator(rescale=1. / 255, shear_range=0.2, zoom_range=0.2, horizontal_flip=True)
test_datagen = ImageDataGenerator(rescale=1. / 255)
train_generator = train_datagen.flow_from_directory(train_dir, target_size=(img_width, img_height), batch_size=batch_size, class_mode="binary")
validation_generator = test_datagen.flow_from_directory("data\\validation", (img_width, img_height), batch_size=batch_size, class_mode="binary", follow_links=True)
model.fit_generator(train_generator, steps_per_epoch=nb_train_samples // batch_size, epochs=5,
                    validation_data=validation_generator, validation_steps=nb_validation_samples / batch_size)
model.save_weights("first_try.h5")
