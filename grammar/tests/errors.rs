//! Messages about texts that do not parse. Each snapshot holds the text and all its errors, drawn as on the command line.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

extern crate cnnc_grammar as grammar;

use grammar::diagnostic::Diagnostic;
use grammar::render;
use grammar::source::Source;
use std::fmt::Write as _;

fn report(text: &str) -> String {
    let source = Source::new("net.cnn", text);
    let errors = grammar::parse(&source).expect_err("the text parses");
    shown(&source, &errors)
}

fn shown(source: &Source, errors: &[Diagnostic]) -> String {
    format!(
        "----- SOURCE\n{}\n----- ERROR\n{}",
        source.text,
        render::render(source, errors, false, Some(100))
    )
}

/// Makes tests with a snapshot each, named after the test: all texts of the list, one after the other.
macro_rules! errors {
    ($($name:ident: [$($text:expr),* $(,)?])*) => {
        $(#[test]
        fn $name() {
            let mut all = String::new();
            for text in [$($text),*] {
                writeln!(all, "{}", report(text)).unwrap();
            }
            insta::assert_snapshot!(stringify!($name), all);
        })*
    };
}

errors! {
    unclosed_parenthesis: [
        "model x {\n    Conv2D(10, (5, 5)\n    MaxPooling2D()\n}\n",
        "model x {\n    Conv2D(10, (5, 5),\n    MaxPooling2D(),\n}\n",
        "model x {\n    Conv2D(filters=10, kernel_size=(5, 5, activation=\"relu\")\n}\n",
        "fit(data=\"mnist\", epochs=3",
        "compile(\n    optimizer=\"adam\",\n    loss=L(from_logits=True)\n\nfit(epochs=3)\n",
    ]
    unclosed_bracket: [
        "compile(metrics=[\"accuracy\")\n",
        "compile(metrics=[\"accuracy\"\nfit()\n",
    ]
    unclosed_brace: [
        "model x {\n    Flatten()\n    Dense(10)\n",
        "model x {\n    Flatten()\n    Dense(10)\n\ncompile()\nfit()\n",
        "model x {\nFlatten()\nmodel y {\nFlatten()\n}\n",
    ]
    stray_brackets: [
        "model x {\n    Dense(10))\n}\n",
        "model x {\n    Dense(10)\n}\n}\n",
        "fit(epochs=3]\n",
    ]
    unterminated_string: [
        "compile(loss=\"mse)\nfit(data='mnist, epochs=3)\n",
        "fit(data=\"it\\\")\n",
        "fit(data=\"\"\"mnist\n\"\"\")\n",
        "fit(data=\"",
    ]
    deep_nesting: [
        "f((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1",
    ]
    two_statements_on_one_line: [
        "model x {\n    Flatten() Dense(10)\n}\n",
        "model x { Flatten() } compile()\n",
    ]
    missing_comma: [
        "model x {\n    Conv2D(filters=10 kernel_size=5)\n}\n",
        "model x {\n    Conv2D(10, (5 5))\n}\n",
        "model x {\n    Conv2D(\n        filters=10,\n        kernel_size=(5, 5)\n        activation=\"relu\",\n    )\n}\n",
        "compile(metrics=[\"accuracy\" \"mse\"])\n",
    ]
    surplus_comma: [
        "model x {\n    Dense(10,, 5)\n    Dense(, 5)\n    Dense(,)\n}\n",
        "model x {\n    Flatten(),, Dense(10)\n}\n",
    ]
    missing_equals: ["model x {\n    Dense(units 10)\n}\n"]
    colon_for_equals: [
        "model x {\n    Dense(units: 10)\n    head: Dense(10)\n    Dense(units == 10)\n}\n",
    ]
    misplaced_equals: [
        "f(\"units\"=10)\n",
        "f((a=1))\n",
        "f(5=1)\n",
        "f(a.b=1)\n",
        "f(None=1)\n",
        "f(a=)\n",
    ]
    no_parentheses: [
        "model x {\n    Flatten\n    Dense(10)\n}\n",
        "model x { Flatten }\n",
        "model x {\n    Conv2D 10, 3\n    Dense units=10\n}\n",
        "model x {\n    Flatten Dense(10)\n}\n",
    ]
    value_as_statement: [
        "model x {\n    units = 10\n}\n",
        "model x {\n    shape = (28, 28, 1)\n}\n",
        "x = \n",
        "10\n",
        "\"relu\"\n",
        "model x {\n    a = b\n}\n",
    ]
    positional_after_named: ["model x {\n    Conv2D(filters=10, (5, 5), 3)\n}\n"]
    sequential: [
        "import keras\n\nmodel = keras.Sequential([\n    keras.layers.Flatten(),\n    keras.layers.Dense(10),\n])\nmodel.compile()\n",
        "model x {\n    Sequential([Flatten()])\n}\n",
    ]
    python: [
        "import keras\nfrom keras import layers\n\ndef f(x):\n    return x\n\nfor i in range(3):\n    fit()\n",
        "(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()\n",
        "x = layers.Flatten()(x)\nplt.plot(hist.history['loss'])\n",
    ]
    comments: [
        "// a network\nmodel x { // don't\n    Flatten() /* all\n    of it */\n    Dense(10) // ten\n}\n",
    ]
    curly_quotes: [
        "model x {\n    Dense(10, activation=\u{201C}relu\u{201D})\n    Dense(10, activation=\u{2018}relu\u{2019})\n    Dense(10, activation=\u{201C}relu)\n}\n",
    ]
    operators: [
        "model x {\n    A() & B()\n    A(a & b)\n    A(a | b)\n    A() -> B()\n    A(a @ b)\n    A();\n    A(); B()\n    A(1; 2)\n    A() | B()\n    A(a < b)\n    A(*a)\n}\n",
    ]
    arithmetic: [
        "model x {\n    a = Flatten() + Dense(10)\n    b = Dense(2 *)\n}\n",
    ]
    foreign_characters: [
        "model größe {\n    Flatten()\n}\n",
        "model x {\n    Dense(10,\u{A0}5)\n    Dense(10\u{200B})\n    Dense(\u{2212}1)\n    Dense(5\u{D7}5)\n    Dense(\u{1F600})\n    Dense\u{FF08}10\u{FF09}\n}\n",
        "fit()\u{7}\n",
    ]
    malformed_numbers: [
        "f(1__0, 28x28, 0xFF, 1.2.3, 1e, 5_, 0b101, 3px)\n",
    ]
    large_numbers: [
        "f(9223372036854775808, -9223372036854775809, 1e999, -1e999)\n",
    ]
    escapes: ["fit(data=\"C:\\Users\\x\", x='\\x4', y='\\777', z='\\ud800')\n"]
    string_prefix: ["f(f\"a\", r'b')\n"]
    model_heads: [
        "model {\n    Flatten()\n}\n",
        "model\n",
        "model \"my net\" {\n    Flatten()\n}\n",
        "model x\n    Flatten()\n",
        "model x:\n    Flatten()\n",
        "model x y {\n}\n",
        "model x (\n    Flatten()\n)\n",
        "model 3d {\n}\n",
        "model 3 {\n}\n",
        "network x {\n    Flatten()\n}\n",
        "x {\n    Flatten()\n}\n",
        "{\n    Flatten()\n}\n",
        "model x = {\n    Flatten()\n}\n",
        "model x {\n    model y {\n    }\n}\n",
        "f(a={b})\n",
    ]
    dots: ["keras..Dense()\n", "keras.\n", ".Dense()\n", "f(keras.)\n", "Dense().\n"]
    dictionary: ["f({\"a\" 1})\n"]
    python_index: ["f(a[0])\nx[0] = f()\n"]
    several_errors: [
        "model x {\n    Conv2D(10 3)\n    Flatten\n    Dense(2*5)\n    Dense(n=1, 2)\n}\n\ncompile(loss: \"mse\")\n",
    ]
}

#[test]
fn at_most_sixteen_errors() {
    let errors = |text: String| grammar::parse(&Source::new("a", text)).unwrap_err().len();
    assert_eq!(errors("f(1 2)\n".repeat(100)), 16);
    assert_eq!(errors("f(a=1, 2)\n".repeat(100)), 16);
    assert_eq!(errors("f(\"a)\n".repeat(100)), 16);
    assert_eq!(errors("f(1__2)\n".repeat(100)), 16);
}

#[test]
fn what_is_no_text() {
    let mut all = String::new();
    let huge = vec![b'('; (1 << 20) + 1];
    for bytes in [&b"model x {\n  caf\xE9()\n}"[..], b"PK\x03\x04\n\0\0", &huge] {
        let error = grammar::decode("net.cnn", bytes).unwrap_err();
        writeln!(
            all,
            "{}",
            render::render(&Source::lossy("net.cnn", bytes), &[error], false, Some(100))
        )
        .unwrap();
    }
    insta::assert_snapshot!(all);
    let unchecked = grammar::parse(&Source::new("net.cnn", "(".repeat((1 << 20) + 1))).unwrap_err();
    assert_eq!(unchecked[0].code, "E0003");
}
