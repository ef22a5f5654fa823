//! Networks that together have every layer.

/// The layers of each network, by the network's name.
pub const LAYERS: [(&str, &str); 17] = [
    (
        "convolutions",
        "inputs = Input(shape=(13, 11, 2))
    Conv2D(5, (3, 2), strides=(2, 1), padding='same', activation='gelu', name='stem')
    left = Conv2D(6, 3, dilation_rate=2, padding='same', use_bias=False)(stem)
    right = Conv2D(6, 1, activation='relu')(stem)
    sum = Add()([left, right, right])
    wide = Concatenate()([sum, left])
    tall = Concatenate(axis=1)([wide, wide])
    long = Concatenate(axis=2)([tall, tall])
    MaxPooling2D(3, strides=2, padding='same')(long)
    AveragePooling2D(3, strides=1, padding='same')
    Conv2D(8, 3, strides=(2, 1), padding='same')
    Conv2D(4, 3, activation='relu')
    MaxPooling2D()
    Dense(7, activation='relu')
    Softmax()
    map = Activation('tanh')
    most = GlobalMaxPooling2D()(map)
    mean = GlobalAveragePooling2D()(map)
    flat = Flatten()(map)
    all = Concatenate()([most, mean, flat])
    Dense(9, activation='relu')
    Dense(13)",
    ),
    (
        "batch_normalization",
        "Input(shape=(8, 8, 3))
    Conv2D(6, 3, use_bias=False)
    BatchNormalization()
    Activation('relu')
    Conv2D(5, 3)
    BatchNormalization(momentum=0.9, epsilon=0.01, trainable=False)
    ReLU()
    Flatten()
    Dense(12)
    BatchNormalization(scale=False)
    Dense(5)",
    ),
    (
        "layer_normalization",
        "Input(shape=(6, 5, 4))
    Conv2D(8, 3, use_bias=False)
    LayerNormalization()
    Activation('tanh')
    GroupNormalization(4)
    Conv2D(6, 2, use_bias=False)
    GroupNormalization(groups=-1, epsilon=0.01, scale=False)
    Flatten()
    Dense(12)
    LayerNormalization(epsilon=0.01, center=False)
    Dense(5)",
    ),
    (
        "depthwise",
        "Input(shape=(9, 8, 4))
    DepthwiseConv2D(3, padding='same', activation='relu')
    Conv2D(8, 1, activation='relu')
    ZeroPadding2D(1)
    DepthwiseConv2D(3, strides=2, depth_multiplier=2)
    Conv2D(6, 3, groups=2, activation='relu')
    Flatten()
    Dense(5)",
    ),
    (
        "separable",
        "Input(shape=(9, 8, 3))
    SeparableConv2D(6, 3, activation='relu')
    SeparableConv2D(5, (3, 2), strides=2, padding='same', depth_multiplier=2)
    Flatten()
    Dense(5)",
    ),
    (
        "transposed_convolution",
        "Input(shape=(6, 5, 3))
    Conv2DTranspose(4, 3, strides=2, padding='same', activation='relu')
    Conv2DTranspose(3, (2, 3), strides=(1, 2))
    Conv2D(4, 3, strides=2)
    GlobalAveragePooling2D()
    Dense(5)",
    ),
    (
        "dropout",
        "Input(shape=(12, 12, 2))
    Conv2D(6, 3, activation='relu')
    Dropout(0.25)
    MaxPooling2D(2)
    Flatten()
    Dense(16, activation='relu')
    Dropout(rate=0.5)
    Dense(5)",
    ),
    (
        "merging",
        "Input(shape=(6, 6, 3))
    a = Conv2D(4, 3, activation='tanh')
    b = Conv2D(4, 3, activation='tanh')(input)
    c = Multiply()([a, b])
    d = Subtract()([a, c])
    e = Average()([a, d, b])
    f = Maximum()([e, b, c])
    g = Minimum()([f, a])
    h = Add()([g, e])
    Flatten()(h)
    Dense(5)",
    ),
    (
        "rectifiers",
        "Input(shape=(6, 6, 2))
    Conv2D(4, 3)
    LeakyReLU()
    Conv2D(4, 2)
    PReLU()
    Conv2D(6, 1)
    PReLU(shared_axes=[1, 2])
    ELU(0.5)
    Flatten()
    Dense(8)
    LeakyReLU(negative_slope=0.1)
    Dense(5)",
    ),
    (
        "reshaping",
        "Input(shape=(4, 6, 3))
    Conv2D(4, 2, activation='relu')
    Permute((2, 1, 3))
    Conv2D(3, 2)
    Permute((3, 1, 2))
    Reshape((4, -1))
    Dense(6, activation='tanh')
    Reshape((2, 3, 4))
    Conv2D(8, 1)
    Flatten()
    Dense(5)",
    ),
    (
        "scaling",
        "Input(shape=(6, 5, 3))
    Rescaling(2.0, offset=-1)
    Normalization()
    Normalization(mean=[0.1, 0.2, 0.3], variance=[0.5, 1.0, 2.0])
    Conv2D(4, 3, activation='relu')
    UpSampling2D(2)
    UpSampling2D((2, 1), interpolation='bilinear')
    Rescaling(0.5)
    Flatten()
    Dense(5)",
    ),
    (
        "signals",
        "Input(shape=(30, 3))
    Conv1D(6, 5, activation='relu')
    MaxPooling1D()
    Conv1D(6, 3, padding='same', use_bias=False)
    ReLU()
    AveragePooling1D(pool_size=3, strides=2)
    Conv1D(5, 2, padding='causal', dilation_rate=2)
    GlobalAveragePooling1D()
    Dense(17)",
    ),
    (
        "softmax_output",
        "Input(shape=(9, 9, 1))
    Conv2D(4, 3, activation='relu')
    Flatten()
    Dense(5, activation='softmax')",
    ),
    (
        "augmentation",
        "Input(shape=(9, 8, 3))
    RandomFlip()
    RandomTranslation(0.2, 0.1)
    RandomRotation(0.1, fill_mode='wrap')
    RandomZoom(0.2, fill_mode='constant')
    RandomShear(0.1, 0.2)
    RandomCrop(8, 7)
    RandomContrast(0.3)
    RandomBrightness(0.2)
    RandomErasing()
    MixUp()
    CutMix()
    GaussianNoise(0.1)
    Conv2D(4, 3, activation='tanh')
    GaussianNoise(0.2)
    Flatten()
    Dense(5)",
    ),
    (
        "penalties",
        "Input(shape=(7, 6, 2))
    Conv2D(5, 3, kernel_regularizer=L1L2(0.01, 0.02), bias_regularizer='l2')
    ReLU(activity_regularizer=L2(0.01))
    SpatialDropout2D(0.2)
    Cropping2D(1)
    Flatten()
    Dense(6, activation='tanh', activity_regularizer='l1')
    Dense(5, kernel_regularizer=L1(0.01))",
    ),
    (
        "constraints",
        "Input(shape=(7, 6, 2))
    Conv2D(5, 3, kernel_constraint=MaxNorm(0.5, axis=[0, 1, 2]), bias_constraint='NonNeg', activation='tanh')
    DepthwiseConv2D(2, depthwise_constraint=UnitNorm(axis=[0, 1]))
    Flatten()
    Dense(6, kernel_constraint=MinMaxNorm(0.6, 0.8, rate=0.75))
    Dense(5)",
    ),
    // Wide enough for Winograd's filtering, with and without a pool.
    (
        "wide",
        "Input(shape=(8, 8, 3))
    Conv2D(16, 1, activation='relu')
    Conv2D(16, 3, padding='same', activation='relu')
    Conv2D(16, 3, padding='same', activation='relu')
    MaxPooling2D()
    Flatten()
    Dense(5)",
    ),
];
