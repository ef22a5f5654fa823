//! Numbers as people read and write them.

/// Groups digits by three: `52,084`.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number and its unit, in the plural unless it is one: `1 filter`, `1,000 filters`.
pub fn count(number: usize, thing: &str) -> String {
    let many = if number == 1 { "" } else { "s" };
    format!("{} {thing}{many}", thousands(number))
}

/// A pair as Python writes it: `(5, 5)`.
pub fn pair((vertical, horizontal): (usize, usize)) -> String {
    format!("({vertical}, {horizontal})")
}

/// A tuple as Python writes it, with a comma behind a single item: `(28, 28, 1)`, `(784,)`.
pub fn tuple(sizes: &[usize]) -> String {
    match sizes {
        [only] => format!("({only},)"),
        sizes => format!(
            "({})",
            sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        ),
    }
}
