//! Every layer and every function has words for learners.

use super::*;

#[test]
fn every_layer_and_every_function_has_its_words() {
    let text = "model graph {
    inputs = Input(shape=(9, 12, 2))
    stem = Conv2D(4, 3, padding='same', activation='leaky_relu')
    left = ReLU(max_value=6, negative_slope=0.1)
    right = Conv2D(4, 1, use_bias=False, kernel_initializer=HeNormal())(stem)
    Add()([left, right, right])
    Concatenate(axis=1)
    AvgPool2D(3, strides=2, padding='same')
    MaxPooling2D()
    GlobalMaxPool2D(keepdims=True)
    GlobalAveragePooling2D()
    Activation('tanh')
    Dropout(0.5)
    Dense(5, bias_initializer=Constant(0.1))
    Softmax()
}
"
    .replace("Concatenate(axis=1)\n", "Concatenate(axis=1)([left, right])\n");
    let more = "model more {
    inputs = Input(shape=(12, 12, 4))
    RandomFlip()
    RandomTranslation(0.1, (0, 0.2))
    RandomRotation(0.1)
    RandomZoom(0.1, 0.2)
    RandomShear(0.1)
    RandomContrast(0.5)
    RandomBrightness(0.1)
    RandomErasing()
    MixUp()
    CutMix((0.2, 0.8))
    RandomCrop(11, 12)
    DepthwiseConv2D(3, padding='same', depth_multiplier=2, depthwise_regularizer='l2', activity_regularizer='l1', bias_constraint='non_neg')
    GaussianNoise(0.1)
    SeparableConv2D(6, 3, strides=2, padding='same')
    BatchNormalization()
    Conv2DTranspose(8, 3, strides=2, padding='same')
    LayerNormalization()
    GroupNormalization(4)
    LeakyReLU()
    a = PReLU(shared_axes=[1, 2])
    b = ELU()
    c = SpatialDropout2D(0.25)
    d = Multiply()([a, b])
    e = Subtract()([d, c])
    f = Average()([e, a])
    g = Maximum()([f, b])
    Minimum()([g, c])
    UpSampling2D((2, 1), interpolation='bilinear')
    ZeroPadding2D(((1, 0), (2, 3)))
    Cropping2D(1)
    Rescaling(0.5, offset=1)
    Normalization(mean=0.5, variance=0.25)
    mobilenet.preprocess_input()
    Permute((2, 1, 3))
    Reshape((-1, 8))
    Conv1D(6, 3, padding='causal', dilation_rate=2)
    MaxPooling1D()
    AveragePooling1D(2)
    GlobalAveragePooling1D(keepdims=True)
    GlobalMaxPooling1D()
    Dense(3)
}
";
    let (explanation, more) = (explained(&text), explained(more));
    let mut seen: Vec<&str> = explanation.layers.iter().map(|layer| layer.class).collect();
    seen.extend(more.layers.iter().map(|layer| layer.class));
    for layer in &more.layers {
        assert!(
            layer.about[0].len() > 20 && layer.about[0].ends_with('.'),
            "{:?}",
            layer.about
        );
    }
    // Flatten cannot stand in one network with the others without hiding them.
    seen.push("Flatten");
    for entry in &CATALOGUE {
        let missing = !seen.contains(&entry.signature.name) && entry.signature.name != "Add";
        assert!(!missing, "{} is not explained here", entry.signature.name);
    }
    for (name, function) in ActivationFunction::NAMES {
        let text =
            format!("model m {{\n Input(shape=(4,))\n Dense(3, activation='{name}')\n Activation('{name}')\n}}\n");
        let explanation = explained(&text);
        let [_, dense, alone] = explanation.layers.as_slice() else {
            panic!("{name}")
        };
        let says = dense.about.iter().any(|sentence| sentence.starts_with("Then "));
        assert_eq!(
            says,
            function != ActivationFunction::Linear,
            "{name}: {:?}",
            dense.about
        );
        assert!(
            alone.about[0].len() > 20 && alone.about[0].ends_with('.'),
            "{name}: {:?}",
            alone.about
        );
    }
}
