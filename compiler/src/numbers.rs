//! Numbers as people read them.

/// `52,084`
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

/// `1 filter`, `1,000 filters`
pub fn count(number: usize, thing: &str) -> String {
    let many = if number == 1 { "" } else { "s" };
    format!("{} {thing}{many}", thousands(number))
}

/// `(5, 5)`
pub fn pair((vertical, horizontal): (usize, usize)) -> String {
    format!("({vertical}, {horizontal})")
}

/// `(28, 28, 1)`, `(784,)`
pub fn tuple(sizes: &[usize]) -> String {
    match sizes {
        [only] => format!("({only},)"),
        sizes => format!(
            "({})",
            sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        ),
    }
}
