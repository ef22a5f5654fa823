//! The codes of names, arguments and values.

use super::code::{Code, shown};

pub(super) const CODES: [Code; 28] = [
    shown(
        "E0101",
        "unknown layer",
        "No layer has this name. Names are those of Keras, with capitals as there.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flaten()
    Dense(10)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}",
    ),
    shown(
        "E0102",
        "Keras has this layer, cnnc does not",
        "The layer exists in Keras but is not supported here. Where other layers do the same, the message names them.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Lambda(scale)
    Flatten()
    Dense(10)
}",
        "",
    ),
    shown(
        "E0103",
        "unknown argument",
        "The call has no argument of this name. The message lists those that it has, or the one that is spelled alike.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, activaton="relu")
}"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, activation="relu")
}"#,
    ),
    shown(
        "E0104",
        "an argument is missing",
        "The call cannot do without this argument: it has no default.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense()
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}",
    ),
    shown(
        "E0105",
        "the same thing is given twice",
        "An argument is given by place and by name, or twice by name, or a metric is listed twice.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, units=12)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}",
    ),
    shown(
        "E0106",
        "too many arguments",
        "The call takes fewer arguments by place. The message lists them in order.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    ReLU(6, 0, 0, "relu", "float32", 1, 2)
    Dense(10)
}"#,
        "",
    ),
    shown(
        "E0107",
        "a value is of the wrong kind",
        "The argument takes values of another kind: a number, a string in quotes, a tuple. The message says which, with an example.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense("ten")
}"#,
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}",
    ),
    shown(
        "E0108",
        "an unknown word",
        "The argument takes one of a few words, and this is none of them.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, activation="rleu")
}"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, activation="relu")
}"#,
    ),
    shown(
        "E0109",
        "a value is out of range",
        "The value is of the right kind but too small, too large, or no number that the arithmetic can hold.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Conv2D(0, 3)
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
        "E0110",
        "Keras has this argument or value, cnnc does not",
        "The argument, or what it is set to, exists in Keras but is not supported here. Left out, it has the value that the message names.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Conv2D(8, 3, data_format="channels_first")
    Flatten()
    Dense(10)
}"#,
        r"model digits {
    Input(shape=(28, 28, 1))
    Conv2D(8, 3)
    Flatten()
    Dense(10)
}",
    ),
    shown(
        "E0111",
        "an unknown prefix",
        "A name may have the module before it where Keras has it, such as `keras.layers.Dense`. This is another module. Before `compile` and `fit` stands the model's name, `model`, or nothing.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    torch.nn.Dense(10)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    keras.layers.Dense(10)
}",
    ),
    shown(
        "E0112",
        "an unknown statement",
        "Beside the model a description has `compile(...)` and `fit(...)`. What Keras programs do after that are commands of cnnc, which the message names.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
digits.evaluate()",
        "",
    ),
    shown(
        "E0113",
        "no layer has this name",
        "A layer is wired by a name that no layer above it was given. A layer that is to be wired elsewhere is named with `=`.",
        r"model digits {
    Input(shape=(28, 28, 1))
    left = Conv2D(4, 3)
    right = Conv2D(4, 3)(input)
    Add()([left, rihgt])
    Flatten()
    Dense(10)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    left = Conv2D(4, 3)
    right = Conv2D(4, 3)(input)
    Add()([left, right])
    Flatten()
    Dense(10)
}",
    ),
    shown(
        "E0114",
        "not a name",
        "The name of a layer or a metric is made of letters, digits, `_` and, for layers, `-`: it is a key in the weights file or in the log.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, name="the last")
}"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, name="the_last")
}"#,
    ),
    shown(
        "E0115",
        "a layer has two names",
        "The name before `=` and the argument `name` are two names for one thing.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    last = Dense(10, name="final")
}"#,
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    last = Dense(10)
}",
    ),
    shown(
        "E0116",
        "a sample has one to three axes",
        "`Input` takes the shape of one sample, without the batch: a picture is (height, width, channels), and a row of numbers is (size,).",
        r"model digits {
    Input(shape=(32, 28, 28, 1))
    Flatten()
    Dense(10)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}",
    ),
    shown(
        "E0117",
        "a size of the input's shape is not known",
        "A size is a number, or `None` for that of the pictures that `fit` names: a known data set, or a loader with `image_size` or `target_size`. All pictures are of one size, and the batch is not part of the shape. Weights cannot depend on a size that is open, as those of a Dense layer behind Flatten would.",
        r"model digits {
    Input(shape=(None, 28, 28))
    Flatten()
    Dense(10)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}",
    ),
    shown(
        "E0118",
        "the least value is above the largest",
        "A uniform distribution lies between `minval` and `maxval`, and here they are the wrong way round.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, kernel_initializer=RandomUniform(minval=1, maxval=0))
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10, kernel_initializer=RandomUniform(minval=0, maxval=1))
}",
    ),
    shown(
        "E0119",
        "axis 0 is the batch",
        "Axes are counted as in Keras, where 0 is the batch. Samples of a batch do not meet: -1 is the channels, and 1, 2 and 3 are height, width and channels.",
        r"model digits {
    Input(shape=(8,))
    a = Dense(3)
    b = Dense(3)(input)
    Concatenate(axis=0)([a, b])
}",
        r"model digits {
    Input(shape=(8,))
    a = Dense(3)
    b = Dense(3)(input)
    Concatenate(axis=-1)([a, b])
}",
    ),
    shown(
        "E0130",
        "no value has this name",
        "Arithmetic needs values, and a name has one only below the line that gives it: `let width = 16`.",
        r"let width = 5
model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(width)
    Dense(widht * 2)
}",
        r"let width = 5
model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(width * 2)
}",
    ),
    shown(
        "E0131",
        "values that cannot be calculated with",
        "The operator takes numbers; `+` also joins two strings, two tuples or two lists. As in Python, a negative number has no power between integers.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(2 * "5")
}"#,
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(2 * 5)
}",
    ),
    shown(
        "E0132",
        "division by zero",
        "A division, a remainder or a negative power of zero has no result.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10 // 0)
}",
        "",
    ),
    shown(
        "E0133",
        "a result that is too large",
        "Integers have 64 bits here, and floats are finite.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(2 ** 10 ** 10)
}",
        "",
    ),
    shown(
        "E0134",
        "a name with two values",
        "A name has one value in the whole description, and no layer has the name of a value.",
        r"let width = 10
let width = 20
model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(width)
}",
        r"let width = 10
model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(width)
}",
    ),
    shown(
        "E0135",
        "a value that is too large",
        "What names stand for is written out wherever they are used, which is bounded, as is how deep values nest.",
        r"let a = [1, 1, 1, 1, 1, 1, 1, 1]
let b = [a, a, a, a, a, a, a, a]
let c = [b, b, b, b, b, b, b, b]
let d = [c, c, c, c, c, c, c, c]
let e = [d, d, d, d, d, d, d, d]
let f = [e, e, e, e, e, e, e, e]
let g = [f, f, f, f, f, f, f, f]
model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(g)
}",
        "",
    ),
    shown(
        "W0136",
        "a value that is not used",
        "Nothing below refers to this name, so that its value changes nothing.",
        r"let width = 16
model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}",
        r"let width = 16
model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(width)
}",
    ),
    shown(
        "W0137",
        "an input's shape behind the input",
        "`input_shape` and `input_dim` stand for an `Input` before the first layer of a model. Other layers take the shape that the layer before them gives, and Keras leaves what they say unread.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten(input_shape=(28, 28, 1))
    Dense(10)
}",
        r"model digits {
    Flatten(input_shape=(28, 28, 1))
    Dense(10)
}",
    ),
    shown(
        "W0138",
        "strides where a kernel's width may be meant",
        "By place, a convolution takes the filters, the kernel's size and the strides. In Keras 1 the second and third were rows and columns of the kernel, so that `Convolution2D(32, 3, 3)` is a 3x3 kernel in old programs and moves on by 3 pixels at a time in new ones.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Conv2D(10, 3, 3)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Conv2D(10, (3, 3))
}",
    ),
];
