//! The codes of the text itself, which the scanner and the parser report.

use super::code::{Code, shown, told};

pub(super) const CODES: [Code; 29] = [
    shown(
        "E0001",
        "something else was expected here",
        "The text does not go on as a description does. The message says what would have fitted at this place and what was found instead.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Dense(10,, 5)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Dense(10)
}",
    ),
    told(
        "E0002",
        "the file is not UTF-8",
        "A description is text in UTF-8. The message names the first byte that is not, and shows its line with a replacement character in that place. Most editors can save a file as UTF-8.",
        "grammar/tests/errors.rs: what_is_no_text",
    ),
    told(
        "E0003",
        "the file is too large for a description",
        "A description is written by hand and is a page of text; a file of more than 1 MiB was given by mistake, and is not read.",
        "grammar/tests/errors.rs: what_is_no_text",
    ),
    told(
        "E0004",
        "the file holds a NUL byte",
        "Text has no NUL bytes. The file is of another kind, such as an archive or weights, or it is text in UTF-16.",
        "grammar/tests/errors.rs: what_is_no_text",
    ),
    shown(
        "E0005",
        "a bracket is never closed",
        "A bracket is opened, and its line or the whole file ends without the one that closes it. The message shows where it was most likely forgotten. Inside brackets a call may go on over several lines.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Conv2D(10, (5, 5)
    Flatten()
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Conv2D(10, (5, 5))
    Flatten()
}",
    ),
    shown(
        "E0006",
        "a closing bracket has nothing to close",
        "A bracket closes nothing, or it is of another kind than the one that is open.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Dense(10))
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Dense(10)
}",
    ),
    shown(
        "E0007",
        "a string does not end on its line",
        "A string starts and ends with the same quote, on one line. A backslash before the last quote makes it part of the string.",
        r#"fit(data="mnist)"#,
        r#"fit(data="mnist")"#,
    ),
    shown(
        "E0008",
        "brackets nest too deep",
        "Brackets may nest 64 deep; a network needs five or six. Values are written flat: `(5, 5)`.",
        "f(((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1)))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))",
        "",
    ),
    shown(
        "E0009",
        "a character means nothing in a description",
        "Some characters mean something in Python, in other languages or in a word processor, but nothing here: operators, semicolons, curly quotes, letters outside ASCII in a name. All of them may stand in strings and comments.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten();
    Dense(10)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}",
    ),
    shown(
        "E0010",
        "a number is malformed",
        "Numbers are decimal: `10`, `60_000`, `0.5`, `1e-3`. A size of two numbers is a tuple.",
        r"model digits {
    Input(shape=28x28)
    Dense(10)
}",
        r"model digits {
    Input(shape=(28, 28))
    Dense(10)
}",
    ),
    shown(
        "E0011",
        "a number is too large",
        "Integers have 64 bits, and other numbers are 64-bit floats.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Dense(9223372036854775808)
}",
        "",
    ),
    shown(
        "E0012",
        "a comment of another language",
        "Comments start with `#` and end with the line.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()  // one row
    Dense(10)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()  # one row
    Dense(10)
}",
    ),
    shown(
        "E0013",
        "a comma is missing",
        "Two arguments, or two elements of a tuple or a list, stand side by side with nothing between them.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Conv2D(10 5)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Conv2D(10, 5)
}",
    ),
    shown(
        "E0014",
        "an argument by place follows a named one",
        "As in Python, arguments by place come first and named ones after them.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Conv2D(filters=10, 5)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Conv2D(filters=10, kernel_size=5)
}",
    ),
    shown(
        "E0015",
        "a line of Python",
        "A description looks like Keras but is not a program: it has no imports, functions, loops or conditions. Layers, losses and optimizers are known by name.",
        "import keras",
        "",
    ),
    shown(
        "E0016",
        "`Sequential` is not a layer",
        "A model is written in braces, not as a list that is given to `keras.Sequential`.",
        r"model digits {
    Sequential([Flatten(), Dense(10)])
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}",
    ),
    shown(
        "E0018",
        "two statements on one line",
        "Each statement stands on a line of its own, or is separated from the next by a comma.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten() Dense(10)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}",
    ),
    shown(
        "E0019",
        "`=` is missing or misplaced",
        "A named argument is written `name=value`, directly between the parentheses of a call: the name is bare, and `:` and `==` do not do.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Dense(units: 10)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Dense(units=10)
}",
    ),
    shown(
        "E0020",
        "a model is not written as `model NAME { ... }`",
        "A model starts with the word `model`, a bare name and an opening brace; its layers stand between the braces. Nothing else has braces.",
        r"model {
    Input(shape=(4,))
    Dense(2)
}",
        r"model iris {
    Input(shape=(4,))
    Dense(2)
}",
    ),
    shown(
        "E0021",
        "arguments without parentheses",
        "A layer is a call: its arguments stand in parentheses after its name.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Dense units=10
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Dense(units=10)
}",
    ),
    shown(
        "E0022",
        "a name without parentheses",
        "A layer is a call even where it has no arguments.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten
    Dense(10)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    Flatten()
    Dense(10)
}",
    ),
    shown(
        "E0023",
        "an escape in a string is malformed",
        r"`\x`, `\u` and `\U` in a string are followed by 2, 4 and 8 hexadecimal digits. A backslash itself is written `\\`; paths may use `/` on every system.",
        r#"fit(data="C:\Users\me\digits.npz")"#,
        r#"fit(data="C:/Users/me/digits.npz")"#,
    ),
    told(
        "E0024",
        "the description cannot be read",
        "The system refuses to read the file: it does not exist, is a folder, or may not be read. The message says why.",
        "tests/cli/streams.rs: files_that_are_no_descriptions_are_refused",
    ),
    shown(
        "E0025",
        "a string has a prefix",
        r#"Python's `f"..."`, `r"..."` and `b"..."` are not known: strings are plain."#,
        r#"fit(data=r"mnist")"#,
        r#"fit(data="mnist")"#,
    ),
    shown(
        "E0026",
        "there is no indexing in a description",
        "A bracket stands right after a name or a value, as an index does in Python. There are no variables to index.",
        r"model digits {
    Input(shape=(28, 28, 1))
    Dense(units[0])
}",
        "",
    ),
    shown(
        "E0027",
        "a model inside a model",
        "A model starts before the one around it ends: most likely a closing brace is missing. Models do not nest.",
        r"model outer {
    model inner {
    }
}",
        "",
    ),
    shown(
        "E0028",
        "braces in an argument",
        "Braces follow `model NAME`, or hold a dictionary, `{0: 1.0}`, where a value may stand. A list is written `[...]`, and a named argument `name=value`.",
        r#"fit(data {"train"})"#,
        r#"fit(data="mnist")"#,
    ),
    shown(
        "E0029",
        "layers cannot be used in arithmetic",
        "An operator stands behind a statement. Values can be calculated with, layers cannot: they are joined by layers such as \
        Add and Multiply.",
        r"model digits {
    Input(shape=(28, 28, 1))
    a = Flatten()
    b = Dense(10)(a) + Dense(10)(a)
}",
        r"model digits {
    Input(shape=(28, 28, 1))
    a = Flatten()
    b = Dense(10)(a)
    c = Dense(10)(a)
    Add()([b, c])
}",
    ),
    told(
        "E0099",
        "the parser fails without a reason",
        "The text cannot be read, and the parser cannot say why. That is a fault of cnnc: please report it with the description.",
        "grammar/tests/properties.rs: any_text_survives",
    ),
];
