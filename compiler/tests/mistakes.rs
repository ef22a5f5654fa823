//! What is said about each mistake: the source, and what a person sees.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests read files and may fail"
)]

use cnnc_compiler::check::check_file;
use grammar::diagnostic::Diagnostic;
use grammar::render;
use grammar::source::Source;

const GOOD: &str = "model digits {
    Input(shape=(28, 28, 1))
    Conv2D(9, 5, activation=\"relu\")
    Flatten()
    Dense(10)
}

compile(optimizer=\"adam\", loss=SparseCategoricalCrossentropy(from_logits=True), metrics=[\"accuracy\"])

fit(data=\"mnist\", epochs=3)
";

/// All errors and warnings of a text, of its form and of its meaning, in its order.
fn found(source: &Source) -> Vec<Diagnostic> {
    let mut parsed = grammar::read(source);
    let sound = parsed.diagnostics.is_empty();
    parsed.diagnostics.extend(match check_file(&parsed.file) {
        Ok((_, warnings)) => {
            assert!(sound, "a text with errors passes the check");
            warnings
        }
        Err(failure) => failure.diagnostics,
    });
    parsed
        .diagnostics
        .sort_by_key(|diagnostic| diagnostic.labels.first().map_or(0, |label| label.span.start));
    parsed.diagnostics
}

/// What is said about a text.
fn said(text: &str) -> String {
    let source = Source::new("net.cnn", text);
    let diagnostics = found(&source);
    for diagnostic in &diagnostics {
        assert!(!diagnostic.message.ends_with('.'), "{}", diagnostic.message);
        for label in &diagnostic.labels {
            assert!(text.get(label.span.range()).is_some(), "a label outside of the text");
        }
    }
    render::render(&source, &diagnostics, false, Some(120))
}

/// The fix, applied, mends the text.
fn mended(text: &str) -> String {
    let source = Source::new("net.cnn", text);
    let file = grammar::parse(&source).unwrap();
    let diagnostics = match check_file(&file) {
        Ok((_, warnings)) => warnings,
        Err(failure) => failure.diagnostics,
    };
    let fix = diagnostics
        .into_iter()
        .find_map(|diagnostic| diagnostic.fix)
        .expect("a fix");
    let mut mended = text.to_owned();
    mended.replace_range(fix.span.range(), &fix.replacement);
    mended
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "mistakes" }, {
        insta::assert_snapshot!(name, format!("{text}\n{}\n{}", "-".repeat(80), said(text)));
    });
}

/// One change to a good description.
fn changed(name: &str, from: &str, to: &str) {
    assert!(GOOD.contains(from), "{from}");
    snapshot(name, &GOOD.replacen(from, to, 1));
}

/// Other layers than those of the good description.
fn layers(name: &str, layers: &str) {
    let lines: Vec<String> = layers.lines().map(|line| format!("    {line}\n")).collect();
    snapshot(name, &format!("model net {{\n{}}}\n", lines.concat()));
}

/// Another `compile` or `fit` than that of the good description.
fn line(name: &str, start: &str, line: &str) {
    let lines: Vec<&str> = GOOD
        .lines()
        .map(|old| if old.starts_with(start) { line } else { old })
        .collect();
    snapshot(name, &(lines.join("\n") + "\n"));
}

#[test]
fn nothing_is_said_about_a_good_description() {
    assert_eq!(said(GOOD), "");
}

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

#[test]
fn settings() {
    line(
        "unknown_optimizer",
        "compile",
        "compile(optimizer=\"adma\", loss=SparseCategoricalCrossentropy(from_logits=True))",
    );
    line(
        "keras_optimizer",
        "compile",
        "compile(optimizer=Nadam(), loss=SparseCategoricalCrossentropy(from_logits=True))",
    );
    line(
        "optimizer_ranges",
        "compile",
        "compile(optimizer=SGD(learning_rate=0, momentum=1.5, clipnorm=1.0), loss=SparseCategoricalCrossentropy(from_logits=True))",
    );
    line(
        "schedule",
        "compile",
        "compile(optimizer=Adam(ExponentialDecay(0.1, 100, 0.9)), loss=SparseCategoricalCrossentropy(True))",
    );
    line(
        "unknown_loss",
        "compile",
        "compile(loss=\"sparse_categorical_crosentropy\")",
    );
    line(
        "keras_loss",
        "compile",
        "compile(loss=\"cosine_similarity\", metrics=[\"mae\"])",
    );
    line(
        "loss_call",
        "compile",
        "compile(loss=keras.losses.SparseCategoricalCrossEntropy(from_logit=True))",
    );
    line("no_loss", "compile", "compile(optimizer=\"adam\")");
    line(
        "unknown_metric",
        "compile",
        "compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=[\"acuracy\"])",
    );
    line(
        "bare_metric",
        "compile",
        "compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=\"accuracy\")",
    );
    line(
        "metric_twice",
        "compile",
        "compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=[\"acc\", \"acc\"])",
    );
    line(
        "logits_to_probabilities",
        "compile",
        "compile(loss=\"sparse_categorical_crossentropy\")",
    );
    changed("softmax_twice", "Dense(10)", "Dense(10, activation=\"softmax\")");
    line("unknown_data", "fit", "fit(data=\"mnst\")");
    line("data_folder", "fit", "fit(data=\"digits\")");
    line(
        "arrays",
        "fit",
        "hist = model.fit(x_train_c, y_train, validation_data=(x_test_c, y_test), epochs=3)",
    );
    line(
        "fit_ranges",
        "fit",
        "fit(data=\"mnist\", epochs=0, batch_size=-1, validation_split=1.0, verbose=2)",
    );
    line(
        "fit_no_epoch_left",
        "fit",
        "fit(data=\"mnist\", epochs=3, initial_epoch=3)",
    );
    line("epochs_float", "fit", "fit(data=\"mnist\", epochs=3.5, seed=\"one\")");
    changed("too_few_classes", "Dense(10)", "Dense(9)");
    changed("input_of_other_data", "\"mnist\"", "\"cifar10\"");
    changed("channels_first", "(28, 28, 1)", "(1, 28, 28)");
    changed("no_flatten", "    Flatten()\n", "");
    changed("image_output", "    Flatten()\n    Dense(10)\n", "");
    snapshot(
        "nothing_to_train",
        "model net {\n    Input(shape=(10,))\n    ReLU()\n}\n\ncompile(loss=SparseCategoricalCrossentropy(from_logits=True))\n",
    );
}

/// An error of form hides no error of meaning, and is the cause of none.
#[test]
fn form_and_meaning() {
    layers(
        "syntax_and_names",
        "Input(shape=(28, 28, 1))\nConv2D(9 5)\nFlaten()\nDense(10, activaton=\"relu\")",
    );
    changed("syntax_and_data", "Dense(10)\n}", "Dense(10\n}\n\nmodle.summary()");
    changed("syntax_of_compile", "compile(optimizer=", "compile(optimizer: ");
    for text in [
        // The first layer, the last, one that gives the shape, all of them.
        GOOD.replace("Input(shape=(28, 28, 1))", "Input(shape=(28 28, 1))"),
        GOOD.replace("Input(shape=(28, 28, 1))", "Input shape=(28, 28, 1)"),
        GOOD.replace("Dense(10)", "Dense(2*)"),
        GOOD.replace("Flatten()", "Flatten"),
        GOOD.replace("Conv2D(9, 5, ", "Conv2D(9, 50 "),
        GOOD.replace(
            "    Conv2D(9, 5, activation=\"relu\")\n    Flatten()\n    Dense(10)\n",
            "    & x\n",
        ),
        // A name that is wired later, told or not.
        GOOD.replace("Flatten()", "x = Flatten(1 2)\n    Dropout = Dense(3)(x)"),
        GOOD.replace("Flatten()", "x Flatten()\n    Dense(3)(x)"),
        // The model's head and its ends.
        GOOD.replace("model digits", "model"),
        GOOD.replace("model digits {", "model digits:"),
        GOOD.replace("model digits {", "model digits"),
        GOOD.replace("model digits", "model \"digits\""),
        GOOD.replace("model digits", "model 3d"),
        GOOD.replace("model digits {", "model = keras.Sequential(["),
        GOOD.replace("}\n", ""),
        GOOD.replace("    Flatten()\n", "}\n    Flatten()\n"),
        GOOD.replace("Dense(10)\n", "Dense(10\n"),
        GOOD.replace("Dense(10)\n", "Dense(10))\n"),
        GOOD.replace("\"relu\")", "\"relu)"),
        // What trains it.
        GOOD.replace("\"adam\", ", "\"adam\" "),
        GOOD.replace("\"accuracy\"]", "\"accuracy]"),
        GOOD.replace("\"mnist\"", "\"mnist"),
        GOOD.replace("epochs=3)", "epochs=3"),
        GOOD.replace("epochs=3", "epochs=3.5.1"),
        format!("import keras\n{GOOD}"),
    ] {
        let found = found(&Source::new("net.cnn", text.as_str()));
        let codes: Vec<&str> = found.iter().map(|diagnostic| diagnostic.code).collect();
        assert!(
            !codes.is_empty() && codes.iter().all(|code| code.starts_with("E00")),
            "{codes:?}\n{text}"
        );
    }
}

#[test]
fn fixes_mend() {
    for text in [
        GOOD.replace("\"relu\"", "\"rleu\""),
        GOOD.replace("\"relu\"", "relu"),
        GOOD.replace("Flatten()", "Flaten()"),
        GOOD.replace("    Input(shape=(28, 28, 1))\n", ""),
        GOOD.replace("Dense(10)", "Dense(10.0)"),
        GOOD.replace("Dense(10)", "Dense(10, activaton=\"relu\")"),
        GOOD.replace("Conv2D(9, 5, ", "Conv2D(9, 50, "),
        GOOD.replace("Conv2D(9, 5, ", "Conv2D(9, 50, padding=\"valid\", "),
        GOOD.replace("(28, 28, 1)", "(28, 28)"),
        GOOD.replace("(28, 28, 1)", "(1, 28, 28)"),
        GOOD.replace("\"adam\"", "\"adma\""),
        GOOD.replace("\"adam\"", "Adma()"),
        GOOD.replace("\"mnist\"", "\"mnst\""),
        GOOD.replace("[\"accuracy\"]", "\"accuracy\""),
        GOOD.replace("[\"accuracy\"]", "[\"acuracy\"]"),
        GOOD.replace("fit(", "modle.fit("),
        GOOD.replace("fit(", "fitt("),
        GOOD.replace("from_logits=True", "from_logits=False"),
        GOOD.replace("from_logits=True", ""),
        GOOD.replace("Dense(10)", "Dense(9)"),
        GOOD.replace("Dense(10)", "Dense(units=9)"),
        GOOD.replace("    Flatten()\n", ""),
        GOOD.replace("Conv2D(9", "keras.layer.Conv2D(9"),
        GOOD.replace("Dense(10)", "Dense(10, activation=\"softmax\")"),
    ] {
        assert_ne!(said(&text), "", "{text}");
        let better = mended(&text);
        assert_eq!(said(&better), "", "{text}\nbecame\n{better}");
    }
}
