//! The codes of shapes that do not go together.

use super::code::{Code, shown, told};

pub(super) const CODES: [Code; 13] = [
    told(
        "E0300",
        "a layer refuses its inputs without a reason",
        "The layer does not take these shapes, and nothing more can be said about it. Every layer has its own message, so that this is a fault of cnnc: please report it with the description.",
        "compiler/tests/properties.rs: nothing_panics",
    ),
    shown(
        "E0301",
        "a window does not fit its input",
        "A kernel or a pool is larger than the height or the width that it slides over. The note shows how that size came about, layer by layer.",
        r"model digits {
    Input(shape=(4, 4, 1))
    Conv2D(8, 5)
    Flatten()
    Dense(10)
}",
        r#"model digits {
    Input(shape=(4, 4, 1))
    Conv2D(8, 5, padding="same")
    Flatten()
    Dense(10)
}"#,
    ),
    shown(
        "E0302",
        "a layer needs height x width x channels",
        "Convolutions and pools work on pictures. The message shows the layer that made a row of the picture, or the input that has no channels.",
        r"model digits {
    Input(shape=(28, 28))
    Conv2D(8, 3)
    Flatten()
    Dense(10)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Conv2D(8, 3)
    Flatten()
    Dense(10)
}",
    ),
    shown(
        "E0303",
        "inputs are not of one shape",
        "The layer works on its inputs element by element, so their shapes must be the same.",
        r"model digits {
    Input(shape=(28, 28, 1))
    a = Conv2D(4, 3)
    b = Conv2D(6, 3)(input)
    Add()([a, b])
    Flatten()
    Dense(10)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    a = Conv2D(4, 3)
    b = Conv2D(4, 3)(input)
    Add()([a, b])
    Flatten()
    Dense(10)
}",
    ),
    shown(
        "E0304",
        "inputs differ along another axis than the one they are joined along",
        "Tensors that are joined may differ in size along the axis of joining alone; all other sizes must be the same.",
        r"model digits {
    Input(shape=(28, 28, 1))
    a = Conv2D(4, 3)
    b = Conv2D(4, 5)(input)
    Concatenate()([a, b])
    Flatten()
    Dense(10)
}",
        r#"model digits {
    Input(shape=(28, 28, 1))
    a = Conv2D(4, 3, padding="same")
    b = Conv2D(4, 5, padding="same")(input)
    Concatenate()([a, b])
    Flatten()
    Dense(10)
}"#,
    ),
    shown(
        "E0305",
        "a tensor is too large",
        "One tensor, all activations of a sample together, or all parameters together have more than 2^31 numbers, which is what the kernels can count.",
        r"model digits {
    Input(shape=(1000, 1000, 1))
    Flatten()
    Dense(10000)
}",
        "",
    ),
    shown(
        "E0306",
        "there is no such axis",
        "The inputs have fewer axes than the one that they are to be joined along.",
        r"model digits {
    Input(shape=(8,))
    a = Dense(3)
    b = Dense(3)(input)
    Concatenate(axis=3)([a, b])
}",
        r"model digits {
    Input(shape=(8,))
    a = Dense(3)
    b = Dense(3)(input)
    Concatenate(axis=1)([a, b])
}",
    ),
    shown(
        "E0307",
        "strides and a dilation at once",
        "A convolution has strides above 1 or a dilation rate above 1, but not both, as in Keras.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Conv2D(8, 3, strides=2, dilation_rate=2)
    Flatten()
    Dense(10)
}",
        "",
    ),
    shown(
        "E0308",
        "an argument does not go with the shape that comes in",
        "What the argument says can be done to some shapes, but not to this one.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Reshape((30, 30))
    Flatten()
    Dense(10)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Reshape((28, 28))
    Flatten()
    Dense(10)
}",
    ),
    shown(
        "E0309",
        "not two inputs",
        "The layer takes exactly two inputs, since their order matters.",
        r"model digits {
    Input(shape=(8,))
    a = Dense(3)
    b = Dense(3)(input)
    Subtract()([a, b, a])
}",
        r"model digits {
    Input(shape=(8,))
    a = Dense(3)
    b = Dense(3)(input)
    Subtract()([a, b])
}",
    ),
    shown(
        "E0310",
        "not a signal",
        "The layer works along one axis, and takes length x channels. A picture has one axis more, a row of numbers one less.",
        r"model waves {
    Input(shape=(128,))
    Conv1D(8, 5)
    GlobalAveragePooling1D()
    Dense(3)
}",
        r"model waves {
    Input(shape=(128, 1))
    Conv1D(8, 5)
    GlobalAveragePooling1D()
    Dense(3)
}",
    ),
    shown(
        "E0311",
        "two arguments do not go together",
        "Each value is in range, but the layer cannot have both.",
        r"model digits {
    Input(shape=(28, 28, 3))
    Conv2D(8, 3, groups=3)
    Flatten()
    Dense(10)
}",
        r"model digits {
    Input(shape=(28, 28, 3))
    Conv2D(9, 3, groups=3)
    Flatten()
    Dense(10)
}",
    ),
    shown(
        "E0330",
        "a model is given another shape than its Input says",
        "A model that is a layer takes samples of the shape that its own `Input` gives.",
        r"model a {
    Input(shape=(4,))
    Dense(2)
}

model b {
    Input(shape=(5,))
    a()
}",
        r"model a {
    Input(shape=(4,))
    Dense(2)
}

model b {
    Input(shape=(4,))
    a()
}",
    ),
];
