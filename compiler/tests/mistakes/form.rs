//! Errors of form together with errors of meaning, and fixes.

use super::*;

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
        // The first layer, the last, one that gives the shape, and all of them.
        GOOD.replace("Input(shape=(28, 28, 1))", "Input(shape=(28 28, 1))"),
        GOOD.replace("Input(shape=(28, 28, 1))", "Input shape=(28, 28, 1)"),
        GOOD.replace("Dense(10)", "Dense(2*)"),
        GOOD.replace("Flatten()", "Flatten"),
        GOOD.replace("Conv2D(9, 5, ", "Conv2D(9, 50 "),
        GOOD.replace(
            "    Conv2D(9, 5, activation=\"relu\")\n    Flatten()\n    Dense(10)\n",
            "    & x\n",
        ),
        // A name that is wired later, whether it can be told or not.
        GOOD.replace("Flatten()", "x = Flatten(1 2)\n    Dropout = Dense(3)(x)"),
        GOOD.replace("Flatten()", "x Flatten()\n    Dense(3)(x)"),
        // The head of the model, and where it ends.
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
        // The lines that train it.
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
