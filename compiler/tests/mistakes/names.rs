//! Messages about names, arguments and the structure of a model.

use super::*;

#[test]
fn names_and_arguments() {
    changed("unknown_layer", "Flatten()", "Flaten()");
    changed("unknown_layer_far", "Flatten()", "Banana()");
    changed(
        "keras_layer",
        "Flatten()",
        "UnitNormalization()\n    Identity()\n    Flatten()",
    );
    changed("unknown_argument", "Dense(10)", "Dense(10, activaton=\"relu\")");
    changed("unknown_argument_far", "Flatten()", "Flatten(colour=3)");
    changed("unsupported_argument", "Dense(10)", "Dense(10, dtype=\"float16\")");
    changed(
        "constraints",
        "Dense(10)",
        "Dense(10, kernel_constraint=MaxNorm(2, axis=[0, 1, 2]), bias_constraint=\"max_nrm\")\n    Dense(10, kernel_constraint=MinMaxNorm(2, 1))",
    );
    changed(
        "axis_of_constraint",
        "Dense(10)",
        "Dense(10, kernel_constraint=constraints.max_norm(2, axis=[0, 1, 2]))",
    );
    changed(
        "augmentation_behind_weights",
        "Flatten()",
        "RandomRotation(0.1)\n    Flatten()",
    );
    changed(
        "factors",
        "Flatten()",
        "RandomZoom(-1)\n    RandomShear((0.5, 2), seed=3)\n    RandomContrast(0.2, value_range=1)\n    RandomErasing(scale=0.2)\n    Flatten()",
    );
    changed("crop_too_large", "Flatten()", "RandomCrop(20, 30)\n    Flatten()");
    changed(
        "unsupported_regularizer",
        "Dense(10)",
        "Dense(10, kernel_regularizer=\"orthogonal_regularizer\", bias_regularizer=\"l3\")",
    );
    changed(
        "regularizer_of_output",
        "Dense(10)",
        "Dense(10, activation=\"softmax\", kernel_regularizer=regularizers.l2(-1), activity_regularizer=L1(l=0.1))",
    );
    changed(
        "unsupported_group",
        "Conv2D(9, 5, ",
        "Conv2D(9, 5, groups=3, data_format=\"channels_first\", ",
    );
    changed(
        "old_input_shape",
        "Conv2D(9, 5, ",
        "Conv2D(9, 5, input_shape=(28, 28, 1), ",
    );
    changed("missing_argument", "Dense(10)", "Dense()");
    changed("missing_arguments", "Conv2D(9, 5, activation", "Conv2D(activation");
    changed(
        "repeated_argument",
        "Dense(10)",
        "Dense(10, activation=\"relu\", activation=\"tanh\")",
    );
    changed("repeated_by_place", "Dense(10)", "Dense(10, units=12)");
    changed(
        "surplus_argument",
        "Flatten()",
        "MaxPooling2D((2, 2), 2, \"valid\", None, \"pool\", 7, 8)",
    );
    changed("surplus_of_none", "Flatten()", "Add(3)");
    changed("wrong_type", "Dense(10)", "Dense(\"ten\", use_bias=1)");
    changed("float_for_integer", "Dense(10)", "Dense(10.0)");
    changed("wrong_pair", "Conv2D(9, 5,", "Conv2D(9, (5, 5, 5),");
    changed("zero_and_negative", "Conv2D(9, 5,", "Conv2D(0, (5, -5), strides=0,");
    changed("unknown_activation", "\"relu\"", "\"rleu\"");
    changed("unquoted_activation", "\"relu\"", "relu");
    changed("layer_for_activation", "\"relu\"", "LeakyReLU(0.1)");
    changed("keras_activation", "\"relu\"", "\"mish\"");
    changed("activation_prefix", "\"relu\"", "keras.activation.relu");
    changed("unknown_padding", "activation=\"relu\"", "padding=\"sme\"");
    changed(
        "unknown_initializer",
        "activation=\"relu\"",
        "kernel_initializer=\"he_norml\"",
    );
    changed(
        "initializer_call",
        "activation=\"relu\"",
        "kernel_initializer=HeNormal(seed=3), bias_initializer=Constnt(1)",
    );
    changed(
        "initializer_range",
        "activation=\"relu\"",
        "kernel_initializer=RandomUniform(minval=1, maxval=0)",
    );
    changed(
        "negative_slope",
        "Flatten()",
        "ReLU(negative_slope=-0.1)\n    Flatten()",
    );
    changed("softmax_axis", "Flatten()", "Softmax(axis=1)\n    Flatten()");
    changed("wrong_prefix", "Conv2D(9", "keras.layer.Conv2D(9");
    changed("foreign_prefix", "Conv2D(9", "torch.nn.Conv2D(9");
    changed("not_a_name", "Dense(10)", "Dense(10, name=\"the last\")");
    changed("two_names", "Dense(10)", "last = Dense(10, name=\"final\")");
}

#[test]
fn structure() {
    snapshot("empty_file", "");
    snapshot("comments_only", "# nothing here\n");
    snapshot("no_model", "fit(data=\"mnist\")\n");
    snapshot(
        "two_models",
        "model a {\n    Input(shape=(4,))\n    Dense(2)\n}\n\nmodel b {\n    Input(shape=(4,))\n    Dense(2)\n}\n",
    );
    layers("no_layers", "");
    layers("only_input", "Input(shape=(28, 28, 1))");
    changed("no_input", "    Input(shape=(28, 28, 1))\n", "");
    layers("input_not_first", "Flatten()\nInput(shape=(28, 28, 1))\nDense(10)");
    layers(
        "two_inputs",
        "Input(shape=(28, 28, 1))\nInput(shape=(28, 28, 1))\nDense(10)",
    );
    layers("input_rank", "Input(shape=(28, 28, 1, 1))\nFlatten()\nDense(10)");
    layers("input_batch", "Input(shape=(None, 28, 28))\nFlatten()\nDense(10)");
    layers("input_number", "Input(shape=784)\nDense(10)");
    layers(
        "duplicate_names",
        "Input(shape=(8, 8, 1))\nx = Conv2D(4, 3)\nx = Flatten()(x)\nx = Dense(10)(x)",
    );
    layers(
        "duplicate_automatic",
        "Input(shape=(8, 8, 1))\nflatten = Conv2D(4, 3)\nFlatten()\nDense(10)",
    );
    layers(
        "unknown_name",
        "Input(shape=(8, 8, 1))\nleft = Conv2D(4, 3)\nright = Conv2D(4, 3)(input)\nAdd()([left, rihgt])",
    );
    layers(
        "automatic_name",
        "Input(shape=(8, 8, 1))\nConv2D(4, 3)\nright = Conv2D(4, 3)(input)\nAdd()([conv2d, right])",
    );
    layers(
        "add_of_one",
        "Input(shape=(8, 8, 1))\na = Conv2D(4, 3)\nAdd()\nAdd()(a)",
    );
    layers(
        "two_for_one",
        "Input(shape=(8, 8, 1))\na = Conv2D(4, 3)\nb = Conv2D(4, 3)\nFlatten()([a, b])",
    );
    layers(
        "wiring_form",
        "Input(shape=(8, 8, 1))\na = Conv2D(4, 3)\nFlatten()(a, a)\nDense(3)(\"a\")\nDense(4)()",
    );
    layers(
        "unused_layer",
        "Input(shape=(8, 8, 1))\na = Conv2D(4, 3)\nb = Conv2D(6, 3)(input)\nFlatten()(a)\nDense(10)",
    );
    layers(
        "compile_inside",
        "Input(shape=(8, 8, 1))\nFlatten()\nDense(10)\ncompile(loss=\"mse\")",
    );
    changed("layer_outside", "fit(", "Dense(3)\n\nfit(");
    changed("summary", "fit(", "model.summary()\n\nfit(");
    changed("unknown_statement", "fit(", "fitt(");
    changed("wrong_receiver", "fit(", "modle.fit(");
    changed(
        "compile_twice",
        "fit(",
        "compile(loss=\"sparse_categorical_crossentropy\")\n\nfit(",
    );
}
