//! The kernels that have names, and how others are written.

use crate::pictures::convolve::Matrix;
use compiler::call::suggest;

/// A kernel and its name.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedKernel {
    /// Its name, as a title has it.
    pub name: String,
    /// The numbers of the kernel.
    pub matrix: Matrix,
}

/// The most rows and columns that a kernel may have.
const MOST: usize = 31;

/// A kernel's name, its title, and three rows of three numbers.
type Known = (&'static str, &'static str, [[f32; 3]; 3]);

const T: f32 = 1.0 / 9.0;

/// The known kernels. The two edge filters and their signs are those of the tutorials that draw digits with them.
const KNOWN: [Known; 9] = [
    (
        "vertical-edge",
        "Vertical edge",
        [[-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]],
    ),
    (
        "horizontal-edge",
        "Horizontal edge",
        [[-1.0, -1.0, -1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]],
    ),
    (
        "sobel",
        "Sobel (across)",
        [[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]],
    ),
    (
        "sobel-down",
        "Sobel (down)",
        [[-1.0, -2.0, -1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 1.0]],
    ),
    (
        "laplacian",
        "Laplacian",
        [[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]],
    ),
    (
        "sharpen",
        "Sharpening",
        [[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]],
    ),
    ("blur", "Blurring", [[T, T, T], [T, T, T], [T, T, T]]),
    (
        "gaussian",
        "Gaussian",
        [[0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625]],
    ),
    (
        "emboss",
        "Embossing",
        [[-2.0, -1.0, 0.0], [-1.0, 1.0, 1.0], [0.0, 1.0, 2.0]],
    ),
];

/// The kernel of a name, or of rows of numbers as Python writes them: `[[-1., 0, 1], [-2, 0, 2.5]]`.
///
/// # Errors
/// What is wrong with the text, as a message for the command line.
pub fn parse(text: &str) -> Result<NamedKernel, String> {
    let text = text.trim();
    if text.starts_with('[') {
        let matrix = matrix(text)?;
        let name = format!("{}\u{d7}{}", matrix.height, matrix.width);
        return Ok(NamedKernel { name, matrix });
    }
    let known = KNOWN.iter().find(|(name, ..)| *name == text);
    let Some((_, title, rows)) = known else {
        let names = || KNOWN.iter().map(|&(name, ..)| name);
        let near = suggest::nearest(text, names()).map_or(String::new(), |near| format!("did you mean {near}? "));
        let all = suggest::any_of(names());
        return Err(format!(
            "{near}{all}, or rows of numbers as in [[-1, 0, 1], [-1, 0, 1]] are needed"
        ));
    };
    Ok(NamedKernel {
        name: (*title).to_owned(),
        matrix: Matrix {
            height: 3,
            width: 3,
            values: rows.concat(),
        },
    })
}

fn matrix(text: &str) -> Result<Matrix, String> {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let mut rest = inner.ok_or("a `]` is missing at the end")?.trim();
    let mut rows: Vec<Vec<f32>> = Vec::new();
    while !rest.is_empty() {
        let number = rows.len() + 1;
        let row = rest.strip_prefix('[').and_then(|row| row.split_once(']'));
        let (row, after) = row.ok_or_else(|| format!("row {number} must stand between [ and ]"))?;
        rows.push(numbers(row, number)?);
        rest = match after.trim_start().strip_prefix(',') {
            Some(after) => after.trim(),
            None if after.trim().is_empty() => "",
            None => return Err(format!("a comma is needed after row {number}")),
        };
    }
    let width = rows.first().map_or(0, Vec::len);
    if width == 0 {
        return Err("the kernel has no numbers".to_owned());
    }
    if let Some((index, row)) = rows.iter().enumerate().find(|(_, row)| row.len() != width) {
        return Err(format!(
            "row {} has {} numbers, and row 1 has {width}",
            index + 1,
            row.len()
        ));
    }
    if width.max(rows.len()) > MOST {
        return Err(format!("a kernel has at most {MOST} rows and columns"));
    }
    Ok(Matrix {
        height: rows.len(),
        width,
        values: rows.concat(),
    })
}

/// The numbers of a row; a comma may follow the last one.
fn numbers(text: &str, row: usize) -> Result<Vec<f32>, String> {
    let text = text.trim().strip_suffix(',').unwrap_or(text.trim());
    let number = |word: &str| match word.trim().parse::<f32>() {
        Ok(number) if number.abs() <= 1e6 => Ok(number),
        _ => Err(format!(
            "row {row}: `{}` is not a number from -1000000 to 1000000",
            word.trim()
        )),
    };
    if text.is_empty() {
        return Ok(Vec::new());
    }
    text.split(',').map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_python_writes_them() {
        let kernel = parse(" [[-1., 0., 1.], [ .5,2e1 , -0 ],] ").unwrap();
        assert_eq!(kernel.name, "2\u{d7}3");
        assert_eq!(kernel.matrix.values, [-1.0, 0.0, 1.0, 0.5, 20.0, -0.0]);
        assert_eq!((kernel.matrix.height, kernel.matrix.width), (2, 3));
    }

    #[test]
    fn mistakes_are_named() {
        let cases = [
            ("[[1, 2], [3]]", "row 2 has 1 numbers, and row 1 has 2"),
            ("[[1, x]]", "row 1: `x` is not a number from -1000000 to 1000000"),
            ("[[nan]]", "row 1: `nan` is not a number from -1000000 to 1000000"),
            ("[[1][2]]", "a comma is needed after row 1"),
            ("[1, 2]", "row 1 must stand between [ and ]"),
            ("[[1]", "row 1 must stand between [ and ]"),
            ("[]", "the kernel has no numbers"),
            ("[[]]", "the kernel has no numbers"),
            ("[[1, 2]", "row 1 must stand between [ and ]"),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text).unwrap_err(), expected, "{text}");
        }
        assert!(parse("sobell").unwrap_err().starts_with("did you mean sobel? "));
        assert!(
            parse(&format!("[[{}]]", ["1"; 32].join(",")))
                .unwrap_err()
                .contains("at most 31")
        );
    }
}
