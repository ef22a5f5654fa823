//! What several formats write in the same way.

use compiler::shape::Shape;

/// A name that is valid in C, Python and JavaScript: letters, digits and `_`, not beginning with a digit.
pub fn c_identifier(name: &str) -> String {
    let safe = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' });
    let safe: String = safe.collect();
    match safe.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => safe,
        Some(_) | None => format!("net_{safe}"),
    }
}

/// A float as a constant in C.
pub fn c_float(value: f32) -> String {
    format!("{value:?}f")
}

/// Height, width and channels of a shape; axes that it lacks count as 1.
pub fn sizes3(shape: &Shape) -> [usize; 3] {
    match *shape.sizes() {
        [height, width, channels] => [height, width, channels],
        [length, channels] => [1, length, channels],
        [channels] => [1, 1, channels],
        _ => [1, 1, shape.elements()],
    }
}

/// Shape and values with the axes in another order; `order` gives the old axis of each new one.
pub fn transposed(shape: &[usize], values: &[f32], order: &[usize]) -> (Vec<usize>, Vec<f32>) {
    let size = |axis: usize| shape.get(axis).copied().unwrap_or(1);
    let stride = |axis: usize| shape.iter().skip(axis + 1).product::<usize>();
    let sizes: Vec<usize> = order.iter().map(|&axis| size(axis)).collect();
    let strides: Vec<usize> = order.iter().map(|&axis| stride(axis)).collect();
    let at = |mut index: usize| {
        let mut place = 0;
        for (&size, &stride) in sizes.iter().zip(&strides).rev() {
            place += index % size.max(1) * stride;
            index /= size.max(1);
        }
        values.get(place).copied().unwrap_or(0.0)
    };
    let moved = (0..values.len()).map(at).collect();
    (sizes, moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_change_places() {
        let values: Vec<f32> = (0..6).map(|value| value as f32).collect();
        let (shape, moved) = transposed(&[2, 3], &values, &[1, 0]);
        assert_eq!(shape, [3, 2]);
        assert_eq!(moved, [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
        assert_eq!(transposed(&shape, &moved, &[1, 0]).1, values);
    }

    #[test]
    fn names_are_identifiers() {
        assert_eq!(c_identifier("my-net"), "my_net");
        assert_eq!(c_identifier("3d"), "net_3d");
        assert_eq!(c_identifier(""), "net_");
    }
}
