//! Texts that parse, and their trees, which are shown as canonical text; `properties.rs` shows that to be faithful.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

use cnnc_grammar::ast::ValueKind;
use cnnc_grammar::source::Source;
use cnnc_grammar::{ast, decode, parse, print};

fn tree(text: &str) -> ast::File {
    parse(&Source::new("test.cnn", text)).unwrap_or_else(|errors| panic!("{text:?}: {errors:#?}"))
}

/// The values of the arguments of the only statement.
fn values(text: &str) -> Vec<ValueKind> {
    tree(text).statements[0]
        .call
        .arguments
        .iter()
        .map(|argument| argument.value.kind.clone())
        .collect()
}

const EXAMPLE: &str = r#"# The pyramid network: at every step fewer pixels, more filters.
model mnist_pyramid {
    Input(shape=(28, 28, 1))
    Conv2D(filters=10, kernel_size=(5, 5), activation="relu")
    MaxPooling2D()
    Flatten()
    Dense(10)
}

compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])

fit(data="mnist", epochs=3)
"#;

#[test]
fn the_example_is_its_own_canonical_text() {
    let without_comment = EXAMPLE.split_once('\n').unwrap().1.replace(")\n\nfit", ")\nfit");
    assert_eq!(print(&tree(EXAMPLE)), without_comment);
}

#[test]
fn listings_of_keras_parse_unchanged() {
    insta::glob!("listings/*.py", |path| {
        let listing = std::fs::read_to_string(path).unwrap();
        let (_, rest) = listing.split_once("keras.Sequential([").unwrap();
        let (layers, rest) = rest.split_once("])").unwrap();
        insta::assert_snapshot!(print(&tree(&format!("model x {{{layers}}}{rest}"))));
    });
}

#[test]
fn line_ends_tabs_marks_and_comments_do_not_matter() {
    let expected = print(&tree(EXAMPLE));
    for variant in [
        EXAMPLE.replace('\n', "\r\n"),
        EXAMPLE.replace("    ", "\t"),
        EXAMPLE.replace(")\n", ") # é, ( and \"\n"),
        EXAMPLE.replace(")\n", "),\n"),
        EXAMPLE.replace(")\n", ")\n\n \n"),
        EXAMPLE.replace(")\n    ", ")\n    , "),
        EXAMPLE.replace(", ", "\n,\n").replace("\n,\nmore", " and more"),
        EXAMPLE.replace('=', "\n=\n # why\n"),
        EXAMPLE.replace("mnist_pyramid {", "mnist_pyramid\n\n{"),
        format!("\u{FEFF}{EXAMPLE}"),
        EXAMPLE.trim_end().to_owned(),
    ] {
        assert_eq!(print(&tree(&variant)), expected, "{variant}");
    }
}

#[test]
fn one_line_holds_statements_that_commas_separate() {
    let file = tree("model a { Input(shape=(4, 4, 1)), Flatten(), Dense(2), }");
    assert_eq!(file.models[0].statements.len(), 3);
}

#[test]
fn values_are_what_python_makes_of_them() {
    use ValueKind::{Bool, Float, Integer, List, None, String, Tuple};
    let numbers = values("f(5, -1, +3, 60_000, .5, 5., 1e-3, -2.5E+2, 1_0.0_1, 007, -9223372036854775808)");
    assert_eq!(
        numbers,
        [
            Integer(5),
            Integer(-1),
            Integer(3),
            Integer(60_000),
            Float(0.5),
            Float(5.0),
            Float(1e-3),
            Float(-250.0),
            Float(10.01),
            Integer(7),
            Integer(i64::MIN)
        ]
    );
    assert_eq!(
        values("f(True, true, False, false, None)"),
        [Bool(true), Bool(true), Bool(false), Bool(false), None]
    );
    let lengths: Vec<_> = values("f((), (5,), (5, 5), (5, 5,), [], [5], [5,])")
        .into_iter()
        .map(|value| match value {
            Tuple(elements) => ("tuple", elements.len()),
            List(elements) => ("list", elements.len()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        lengths,
        [
            ("tuple", 0),
            ("tuple", 1),
            ("tuple", 2),
            ("tuple", 2),
            ("list", 0),
            ("list", 1),
            ("list", 1)
        ]
    );
    assert_eq!(values("f((5), ((5)))"), [Integer(5), Integer(5)]);
    let strings = values(r##"f("a", 'a', "it's", '"', "\n\t\\\'\"", "\q\x41\u00e9\101\0", "# no comment")"##);
    let expected = ["a", "a", "it's", "\"", "\n\t\\'\"", "\\qA\u{e9}A\0", "# no comment"];
    assert_eq!(strings, expected.map(|text| String(text.to_owned())));
}

#[test]
fn names_calls_and_wiring() {
    let file = tree("a = keras . layers.Conv2D(3, x=b.c, y=R(1)(q)) ([a, b]) # end\nmodel.compile()\nmodel = F(model)");
    let call = &file.statements[0].call;
    assert_eq!(
        call.prefix.iter().map(|name| name.node.as_str()).collect::<Vec<_>>(),
        ["keras", "layers"]
    );
    assert_eq!(call.name.node, "Conv2D");
    assert!(matches!(
        call.wiring.as_ref().unwrap().node[0].value.kind,
        ValueKind::List(_)
    ));
    assert_eq!(
        print(&file),
        "a = keras.layers.Conv2D(3, x=b.c, y=R(1)(q))([a, b])\nmodel.compile()\nmodel = F(model)\n"
    );
}

#[test]
fn spans_hold_their_text_and_no_blanks() {
    let source = Source::new(
        "s",
        "model m { a = k.Dense ( 10 , name = x.y ) ( b ) # end\n }  # end\n fit( )  ",
    );
    let file = parse(&source).unwrap();
    let model = &file.models[0];
    assert_eq!(
        source.slice(model.span),
        "model m { a = k.Dense ( 10 , name = x.y ) ( b ) # end\n }"
    );
    let statement = &model.statements[0];
    assert_eq!(source.slice(statement.span), "a = k.Dense ( 10 , name = x.y ) ( b )");
    assert_eq!(source.slice(statement.target.as_ref().unwrap().span), "a");
    assert_eq!(source.slice(statement.call.span), "k.Dense ( 10 , name = x.y ) ( b )");
    assert_eq!(source.slice(statement.call.name.span), "Dense");
    assert_eq!(source.slice(statement.call.wiring.as_ref().unwrap().span), "( b )");
    let argument = &statement.call.arguments[1];
    assert_eq!(source.slice(argument.span), "name = x.y");
    assert_eq!(source.slice(argument.value.span), "x.y");
    assert_eq!(source.slice(file.statements[0].span), "fit( )");
}

#[test]
fn nothing_but_comments_is_an_empty_file() {
    for text in ["", " ", "\n\n", "# a", "# a\n\t# b\r\n", "\u{FEFF}"] {
        assert_eq!(tree(text), ast::File::default());
    }
}

#[test]
fn decode_drops_the_byte_order_mark() {
    assert_eq!(decode("a", b"\xEF\xBB\xBFfit()").unwrap().text, "fit()");
}
