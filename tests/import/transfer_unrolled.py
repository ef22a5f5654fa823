from keras.applications.vgg16 import VGG16, preprocess_input
from keras.layers import Dense, Flatten, Dropout
from keras.models import Model
from keras.preprocessing.image import ImageDataGenerator

vgg = VGG16(weights="imagenet", include_top=False, input_shape=(64, 64, 3))
set_trainable = False
for layer in vgg.layers:
    if layer.name == "block5_conv1":
        set_trainable = True
    layer.trainable = set_trainable
x = Flatten()(vgg.output)
x = Dense(32, activation="relu")(x)
x = Dropout(0.5)(x)
predictions = Dense(3, activation="softmax")(x)
model = Model(inputs=vgg.input, outputs=predictions)
print(len(model.layers), len(model.trainable_weights))
model.compile(optimizer="sgd", loss="categorical_crossentropy", metrics=["accuracy"])
generator = ImageDataGenerator(preprocessing_function=preprocess_input, horizontal_flip=True)
train = generator.flow_from_directory("flowers/train", target_size=(64, 64), batch_size=8)
model.fit(train, epochs=1)
