import tensorflow as tf

BATCH_SIZE = 32
SIZE = (96, 96)
train = tf.keras.utils.image_dataset_from_directory("flowers/train", image_size=SIZE, batch_size=BATCH_SIZE)
valid = tf.keras.utils.image_dataset_from_directory("flowers/val", image_size=SIZE, batch_size=BATCH_SIZE)
AUTOTUNE = tf.data.AUTOTUNE
train = train.cache().shuffle(1000).prefetch(buffer_size=AUTOTUNE)

augment = tf.keras.Sequential([
    tf.keras.layers.RandomFlip("horizontal"),
    tf.keras.layers.RandomRotation(0.1),
])
model = tf.keras.Sequential([
    augment,
    tf.keras.layers.Rescaling(1./255, input_shape=SIZE + (3,)),
    tf.keras.layers.Conv2D(16, 3, padding='same', activation='relu'),
    tf.keras.layers.MaxPooling2D(),
    tf.keras.layers.Conv2D(32, 3, padding='same', activation='relu'),
    tf.keras.layers.MaxPooling2D(),
    tf.keras.layers.GlobalAveragePooling2D(),
    tf.keras.layers.Dense(5),
])
model.compile(optimizer='adam', loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])
history = model.fit(train, validation_data=valid, epochs=10)
