//! Messages about shapes that do not go together.

use super::*;

#[test]
fn shapes() {
    snapshot(
        "kernel_too_large",
        "model too_deep {
    Input(shape=(28, 28, 1))
    Conv2D(filters=10, kernel_size=(5, 5), activation=\"relu\")
    MaxPooling2D()
    Conv2D(filters=20, kernel_size=(5, 5), activation=\"relu\")
    MaxPooling2D()
    # one too many
    Conv2D(filters=40, kernel_size=(5, 5), activation=\"relu\")
    Flatten()
    Dense(10)
}
",
    );
    layers(
        "pool_too_large",
        "Input(shape=(28, 2, 1))\nMaxPooling2D((2, 3))\nFlatten()\nDense(10)",
    );
    layers(
        "dilated_kernel",
        "Input(shape=(6, 6, 1))\nConv2D(3, 3, dilation_rate=3)\nFlatten()\nDense(10)",
    );
    layers(
        "default_pool",
        "Input(shape=(1, 6, 1))\nMaxPooling2D()\nFlatten()\nDense(10)",
    );
    layers(
        "strides_with_dilation",
        "Input(shape=(9, 9, 1))\nConv2D(3, 3, strides=2, dilation_rate=2)\nFlatten()",
    );
    layers(
        "after_flatten",
        "Input(shape=(28, 28, 1))\nFlatten()\nDense(20)\nConv2D(3, 3)\nDense(10)",
    );
    layers(
        "after_global_pooling",
        "Input(shape=(28, 28, 1))\nGlobalAveragePooling2D()\nMaxPooling2D()",
    );
    layers("no_channels", "Input(shape=(28, 28))\nConv2D(3, 3)\nFlatten()");
    layers("flat_input", "Input(shape=(784,))\nConv2D(3, 3)\nFlatten()");
    layers(
        "add_of_filters",
        "Input(shape=(8, 8, 3))\na = Conv2D(4, 3)\nb = Conv2D(6, 3)(input)\nAdd()([a, b])\nFlatten()",
    );
    layers(
        "add_of_sizes",
        "Input(shape=(8, 8, 3))\na = Conv2D(4, 3)\nb = Conv2D(4, 3)(a)\nAdd()([a, b])\nFlatten()",
    );
    layers(
        "add_of_ranks",
        "Input(shape=(8, 8, 3))\na = Conv2D(4, 3)\nb = Flatten()\nAdd()([a, b])",
    );
    layers(
        "concatenate",
        "Input(shape=(8, 8, 3))\na = Conv2D(4, 3)\nb = Conv2D(4, 5)(input)\nConcatenate()([a, b])\nFlatten()",
    );
    layers(
        "concatenate_axis",
        "Input(shape=(8, 8, 3))\na = Flatten()\nb = Flatten()(input)\nConcatenate(axis=3)([a, b])",
    );
    layers(
        "concatenate_batch",
        "Input(shape=(8,))\na = Dense(3)\nb = Dense(3)(input)\nConcatenate(axis=0)([a, b])",
    );
    layers(
        "input_overflow",
        "Input(shape=(2147483648, 2147483648, 2147483648))\nFlatten()\nDense(10)",
    );
    layers(
        "kernel_overflow",
        "Input(shape=(100, 100, 100))\nFlatten()\nDense(units=1000000)",
    );
    layers("output_overflow", "Input(shape=(1000, 1000, 1))\nConv2D(1000000, 1)");
    layers(
        "sum_overflow",
        "Input(shape=(1000, 1000, 3))\nConv2D(800, 1)\nConv2D(800, 1)\nConv2D(800, 1)\nGlobalMaxPooling2D()",
    );
    layers(
        "size_overflow",
        "Input(shape=(9, 9, 1))\nConv2D(3, 9223372036854775807, dilation_rate=3, padding=\"same\")",
    );
    layers(
        "window_overflow",
        "Input(shape=(9, 9, 1))\nConv2D(3, 2147483648, dilation_rate=2147483648, padding=\"same\")",
    );
    layers(
        "several_at_once",
        "Input(shape=(8, 8, 3))\nConv2D(4, 9)\nDens(3)\na = Conv2D(4, 30)(input)\nFlatten(axis=3)",
    );
}
