//! The codes of the structure of a description.

use super::code::{Code, shown, told};

pub(super) const CODES: [Code; 25] = [
    shown(
        "E0201",
        "there is no model",
        "A description holds a model, and what trains it beside that.",
        r#"fit(data="mnist")"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
fit(data="mnist", epochs=3)"#,
    ),
    shown(
        "E0202",
        "there are two models",
        "A file describes one network: its last model, and those that it uses as layers. Use the other as a layer, or put it into a file of its own.",
        r"model a {
    Input(shape=(4,))
    Dense(2)
}

model b {
    Input(shape=(4,))
    Dense(2)
}",
        "",
    ),
    shown(
        "E0203",
        "a model without layers",
        "Nothing stands between the model's braces, or nothing but its input.",
        r"model digits {
    Input(shape=(28, 28, 1))
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}",
    ),
    shown(
        "E0204",
        "the first layer is not Input",
        "A model starts with `Input`, which gives the shape of one sample: every other shape follows from it.",
        r"model digits {
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
        "E0205",
        "several inputs, one without a name",
        "The arrays of a data set are found by the names of the inputs, so that each of several has one.",
        r"model digits {
    Input(shape=(28, 28, 1))
    a = Flatten()
    Input(shape=(4,))
    b = Dense(10)
    Concatenate()([a, b])
}",
        r"model digits {
    left = Input(shape=(28, 28, 1))
    a = Flatten()
    right = Input(shape=(4,))
    b = Dense(10)
    Concatenate()([a, b])
}",
    ),
    shown(
        "E0206",
        "two layers have the same name",
        "Names are the keys of the weights file, so each is used once. In a chain, layers need no names at all.",
        r"model digits {
    Input(shape=(28, 28, 1))
    x = Flatten()
    x = Dense(10)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}",
    ),
    shown(
        "E0207",
        "a layer is wired to the wrong number of layers",
        "`Add` and its kin join two or more layers, which are wired as a list: `Add()([a, b])`. Other layers take one.",
        r"model digits {
    Input(shape=(28, 28, 1))
    a = Conv2D(4, 3)
    Add()
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
        "E0208",
        "what takes no input is wired",
        "Only layers are wired with a second pair of parentheses, and `Input` is not, as it has nothing before it.",
        r"model digits {
    Input(shape=(4,))(x)
    Dense(2)
}",
        r"model digits {
    Input(shape=(4,))
    Dense(2)
}",
    ),
    shown(
        "W0209",
        "the output of a layer is not used",
        "No later layer takes what this one gives, and it is not the last. It is left out of the network, as Keras does.",
        r"model digits {
    Input(shape=(28, 28, 1))
    a = Conv2D(4, 3)
    b = Conv2D(6, 3)(input)
    Flatten()(a)
    Dense(10)
}",
        "",
    ),
    shown(
        "E0210",
        "a statement between the layers",
        "`compile(...)` and `fit(...)` stand after the model's closing brace.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
    fit(data="mnist")
}"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
fit(data="mnist")"#,
    ),
    shown(
        "E0211",
        "a statement is given twice",
        "Of two `compile(...)` without a `fit(...)` between them the first does nothing.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss="mse")
compile(loss=SparseCategoricalCrossentropy(from_logits=True))
fit(data="mnist")"#,
        "",
    ),
    told(
        "E0212",
        "a model has too many layers",
        "A model has at most 4,096 layers. A larger file was given by mistake.",
        "tests/codes.rs: what_no_example_shows",
    ),
    shown(
        "E0213",
        "a layer outside of the model",
        "Layers stand between the model's braces.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
Dense(3)",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
    Dense(3)
}",
    ),
    shown(
        "E0214",
        "a name for what gives nothing",
        "`compile(...)` gives nothing that could be named.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
x = compile(loss=SparseCategoricalCrossentropy(from_logits=True))
fit(data="mnist", epochs=3)"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True))
fit(data="mnist", epochs=3)"#,
    ),
    shown(
        "E0230",
        "a model that does not stand above",
        "A model can be a layer of those further down in the file, not of itself or of those before it.",
        r"model a {
    Input(shape=(4,))
    Dense(2)
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
    shown(
        "E0231",
        "an application that cannot be made so",
        "What an application of Keras is asked for does not go together: pictures may be too small for it, and the weights that Keras publishes are for three channels and, with the top, for 1000 classes and pictures of one size.",
        r"model photos {
    Input(shape=(96, 96, 1))
    VGG16(include_top=False, input_shape=(96, 96, 1))
}",
        r"model photos {
    Input(shape=(96, 96, 1))
    VGG16(include_top=False, input_shape=(96, 96, 1), weights=None)
}",
    ),
    shown(
        "E0232",
        "freezing layers that are not there",
        "freeze(...) and thaw(...) name layers by their names or by patterns; one that matches nothing is a mistake. The layers of a model that is a layer are called MODEL/LAYER; the part behind the / is enough.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    stem = Conv2D(9, 5)(input)
    Flatten()
    Dense(10)
}
freeze("steam")"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    stem = Conv2D(9, 5)(input)
    Flatten()
    Dense(10)
}
freeze("stem")"#,
    ),
    shown(
        "E0233",
        "freezing layers behind compile",
        "compile(...) settles what trains, as in Keras: freeze(...) and thaw(...) stand above it.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    stem = Conv2D(9, 5)(input)
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True))
freeze("stem")"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    stem = Conv2D(9, 5)(input)
    Flatten()
    Dense(10)
}
freeze("stem")
compile(loss=SparseCategoricalCrossentropy(from_logits=True))"#,
    ),
    shown(
        "E0234",
        "a wrong line of outputs",
        "What a model of several outputs gives stands in its last line, outputs(a, b), or as Keras has it, Model(inputs=[...], outputs=[a, b]): layers by their names, each once, and no inputs.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    digit = Dense(10)
    outputs(digit, digit)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    digit = Dense(10)
    outputs(digit)
}",
    ),
    shown(
        "E0235",
        "a layer that cannot be applied again",
        "A layer applied to something else, tower(right), has the weights that it has: they must fit what it is given.",
        r"model pair {
    left = Input(shape=(4,))
    right = Input(shape=(5,))
    a = Dense(3)(left)
    b = a(right)
    Add()([a, b])
}",
        r"model pair {
    left = Input(shape=(4,))
    right = Input(shape=(4,))
    a = Dense(3)(left)
    b = a(right)
    Add()([a, b])
}",
    ),
    shown(
        "E0236",
        "a layer with several inputs or outputs",
        "The last model of a file may have several inputs and outputs; a model that is a layer of another has one of each.",
        r"model sum {
    left = Input(shape=(4,))
    right = Input(shape=(4,))
    Add()([left, right])
}

model whole {
    Input(shape=(4,))
    sum()
}",
        r"model whole {
    left = Input(shape=(4,))
    right = Input(shape=(4,))
    Add()([left, right])
    Dense(2)
}",
    ),
    shown(
        "E0240",
        "fit before compile",
        "What trains needs a loss and an optimizer: `compile(...)` stands above the first `fit(...)`.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
fit(data="mnist")
compile(loss=SparseCategoricalCrossentropy(from_logits=True))"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True))
fit(data="mnist")"#,
    ),
    shown(
        "W0241",
        "nothing is trained with a compile",
        "A `compile(...)` behind the last `fit(...)` is left out: a run ends with its last phase.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True))
fit(data="mnist")
compile(optimizer="sgd", loss=SparseCategoricalCrossentropy(from_logits=True))"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True))
fit(data="mnist")
compile(optimizer="sgd", loss=SparseCategoricalCrossentropy(from_logits=True))
fit(data="mnist")"#,
    ),
    shown(
        "E0242",
        "the phases of a run have different data",
        "All phases of a run train on one data set, divided in one way, with one kind of targets. A `fit(...)` without data goes on with those of the one before. For other data there is another description: `cnnc run FILE --weights W` begins with the weights of this one.",
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True))
fit(data="mnist")
fit(data="fashion-mnist")"#,
        r#"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True))
fit(data="mnist")
fit(data="mnist")"#,
    ),
    told(
        "E0243",
        "a run has too many phases",
        "A description has at most 100 `fit(...)`. More epochs make a longer phase.",
        "tests/codes.rs: what_no_example_shows",
    ),
];
