//! What people bring along from Keras programs of other years: functions, classes of their own, layers and calls of Keras 1 and 2.

use super::{GOOD, changed, found, layers, line, mended, said, snapshot};
use grammar::diagnostic::gathered;
use grammar::source::Source;

#[test]
fn functions_that_put_layers_together() {
    layers(
        "keras_functions",
        "x = Input(shape=(8, 8, 1))\ny = Conv2D(2, 3, padding=\"same\")(x)\nz = concatenate([x, y], axis=-1)\nw = add([z, z])\nFlatten()\nDense(3)",
    );
    let text = "model net {\n    x = Input(shape=(8, 8, 1))\n    y = Conv2D(2, 3, padding=\"same\")(x)\n    concatenate([x, y], axis=3)\n    Flatten()\n    Dense(3)\n}\n";
    let mended = mended(text);
    assert!(mended.contains("Concatenate(axis=3)([x, y])"), "{mended}");
    assert_eq!(said(&mended), "");
}

#[test]
fn functions_of_python() {
    changed("lambda", "Flatten()", "Lambda(lambda v: v / 255.)\n    Flaten()");
    changed("lambda_by_name", "Flatten()", "Lambda(normalize)\n    Flatten()");
}

#[test]
fn layers_of_keras_2() {
    changed(
        "layers_of_keras_2",
        "Flatten()",
        "RandomHeight(0.2)\n    RandomWidth(0.2)\n    ThresholdedReLU()\n    Resizing(20, 20)\n    Flatten()",
    );
}

#[test]
fn calls_of_keras_1() {
    changed("strides_by_place", "Conv2D(9, 5, ", "Convolution2D(9, 5, 5, ");
    let text = GOOD.replace("Conv2D(9, 5, ", "Convolution2D(9, 5, 5, ");
    assert_eq!(
        mended(&text),
        GOOD.replace("Conv2D(9, 5, ", "Convolution2D(9, (5, 5), ")
    );
    // Who writes the name means it; other strides than the kernel's size are written so every day.
    for plain in ["Conv2D(9, 5, strides=5, ", "Conv2D(9, 5, 2, ", "Conv2D(9, 1, 1, "] {
        assert_eq!(said(&GOOD.replace("Conv2D(9, 5, ", plain)), "", "{plain}");
    }
}

#[test]
fn a_first_layer_that_says_what_a_sample_looks_like() {
    let without = |first: &str| GOOD.replace("    Input(shape=(28, 28, 1))\n    Conv2D(9, 5, ", first);
    assert_eq!(said(&without("    Conv2D(9, 5, input_shape=(28, 28, 1), ")), "");
    assert_eq!(said("model net {\n    Dense(4, input_dim=7)\n    Dense(3)\n}\n"), "");
    assert_eq!(
        said("model net {\n    Dense(4, input_shape=[7])\n    Dense(3)\n}\n"),
        ""
    );
    snapshot(
        "first_input_shape",
        &without("    Conv2D(9, 5, input_shape=(None, 28, 1), "),
    );
    snapshot(
        "late_input_shape",
        &GOOD.replace("Flatten()", "Flatten(input_shape=(24, 24, 9))"),
    );
    layers(
        "both_inputs",
        "Input(shape=(8, 8, 1))\nFlatten(input_shape=(8, 8, 1))\nDense(3)",
    );
}

#[test]
fn sizes_that_are_left_open() {
    changed("open_sizes", "(28, 28, 1)", "(None, None, 3)");
    // Sizes are the data set's, and weights cannot depend on them.
    changed("open_flatten", "(28, 28, 1)", "(None, None, 1)");
    layers(
        "open_without_data",
        "Input(shape=(None, None, 1))\nConv2D(4, 3)\nGlobalMaxPooling2D()",
    );
    changed("open_batch", "(28, 28, 1)", "(None, 28, 28, 1)");
}

#[test]
fn a_pool_without_a_size() {
    changed("average_pool", "Flatten()", "AveragePooling2D()\n    Flatten()");
}

#[test]
fn what_old_scripts_ask_of_training() {
    line(
        "old_training",
        "fit",
        "fit_generator(data=\"mnist\")\nfit(data=\"mnist\", nb_epoch=3, workers=4, steps_per_epoch=len(train), validation_steps=valid.samples)",
    );
    line(
        "old_data",
        "fit",
        "fit(train.cache().prefetch(AUTOTUNE), epochs=3)\nfit(data=\"mnist\", steps_per_epoch=train.samples // 32)",
    );
}

#[test]
fn functions_of_ones_own_for_masks() {
    line(
        "own_dice",
        "compile",
        "compile(optimizer=\"adam\", loss=dice_coef_loss, metrics=[dice_coef, my_metric])",
    );
    line("own_loss", "compile", "compile(loss=my_loss)");
}

#[test]
fn what_another_class_calls_otherwise() {
    line(
        "momentum_of_adam",
        "compile",
        "compile(optimizer=Adam(momentum=0.9, rho=0.99), loss=SparseCategoricalCrossentropy(from_logits=True))",
    );
}

#[test]
fn callbacks_of_ones_own() {
    line(
        "own_callbacks",
        "fit",
        "fit(data=\"mnist\", callbacks=[MyCallback(), LambdaCallback(on_epoch_end=f), History(), EarlyStoping()])",
    );
    changed(
        "display_callbacks",
        "epochs=3",
        "epochs=3, callbacks=[PlotLossesKeras(), TqdmCallback(verbose=0), wandb.keras.WandbCallback(), EarlyStopping()]",
    );
}

#[test]
fn what_cannot_be_mixed() {
    changed("mixed_numbers", "Conv2D(9", "MixUp()\n    Conv2D(9");
    let network =
        |layers: &str, rest: &str| format!("model net {{\n    Input(shape=(8, 8, 1))\n{layers}\n}}\n{rest}\n");
    let flat = "Flatten()\n    Dense(4, activation=\"softmax\")";
    let compile = "compile(loss=\"categorical_crossentropy\", metrics=[\"accuracy\"])";
    for mixing in [
        "MixUp()",
        "MixUp(1)",
        "CutMix()",
        "CutMix((0.2, 0.8))",
        "MixUp()\n    CutMix(0.5)",
    ] {
        assert_eq!(
            said(&network(&format!("    {mixing}\n    {flat}"), compile)),
            "",
            "{mixing}"
        );
    }
    // What is not compiled is compared with nothing.
    assert_eq!(said(&network(&format!("    MixUp()\n    {flat}"), "")), "");
    for (layers, rest, code) in [
        (format!("    MixUp(0)\n    {flat}"), compile.to_owned(), "E0109"),
        (format!("    MixUp(1.5)\n    {flat}"), compile.to_owned(), "E0109"),
        (format!("    CutMix((0.5, 2))\n    {flat}"), compile.to_owned(), "E0109"),
        (
            format!("    MixUp()\n    {flat}"),
            format!("{compile}\nfit(data=\"a.npz\", class_weight={{0: 2.0}})"),
            "E0443",
        ),
        (
            "    Conv2D(2, 1)\n    MixUp()\n    Flatten()\n    Dense(4, activation=\"softmax\")".to_owned(),
            compile.to_owned(),
            "E0110",
        ),
        // A map of half the size cannot be cut where the picture is.
        (
            "    CutMix()\n    MaxPooling2D()\n    Conv2D(1, 1, activation=\"sigmoid\")".to_owned(),
            "compile(loss=\"binary_crossentropy\")".to_owned(),
            "E0516",
        ),
    ] {
        let text = network(&layers, &rest);
        let codes: Vec<&str> = found(&Source::new("net.cnn", text.as_str()))
            .iter()
            .map(|diagnostic| diagnostic.code)
            .collect();
        assert_eq!(codes, [code], "{text}");
    }
    let divided = "model net {\n    x = Input(shape=(8, 8, 1))\n    y = MixUp()(x)\n    z = Add()([x, y])\n    Flatten()\n    Dense(4, activation=\"softmax\")\n}\ncompile(loss=\"categorical_crossentropy\")\n";
    assert!(said(divided).contains("E0515"), "{}", said(divided));
}

#[test]
fn a_mistake_in_twenty_lines_is_one_with_its_places() {
    let many = "    Dense(8, activaton=\"relu\")\n".repeat(20);
    let text = format!("model net {{\n    Input(shape=(8,))\n{many}    Dense(3, unit=4)\n    Dense(2, unit=4)\n}}\n");
    let source = Source::new("net.cnn", text.as_str());
    let diagnostics = gathered(found(&source));
    assert_eq!(diagnostics.len(), 2);
    assert_eq!(diagnostics[0].labels.len(), 20);
    let drawn = grammar::render::render(&source, &diagnostics, false, Some(100));
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "." }, {
        insta::assert_snapshot!("many_places", drawn);
    });
}

#[test]
fn an_error_of_form_hides_none_that_come_after_it() {
    snapshot(
        "form_and_meaning",
        "model net {\n    Input(shape=(28, 28, 1))\n    Conv2D(8 3)\n    Flaten(\n    Dense(10, activaton=\"softmax\")\n}\ncompile(optimizer=\"adm\", loss=keras.losses.categorical_crossentropy)\nfit(data=\"mnist\", epochs=-1)\n",
    );
}
