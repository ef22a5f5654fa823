//! Reads arithmetic as people write it, and computes it: `floor((28 - 5) / 2) + 1`. For tests, which it fails where it
//! cannot read something.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

use std::iter::Peekable;
use std::str::Chars;

/// A printed equation: what its left side comes to, the number on its right, and by how much the two may differ.
pub struct Read {
    /// The left side's value.
    pub left: f64,
    /// The right side's number.
    pub right: f64,
    /// Nothing but the noise of floating point behind `=`, half of the last decimal behind `≈`.
    pub tolerance: f64,
}

impl Read {
    /// Reads `28 - 5 + 1 = 24` and `1 / 3 ≈ 0.33 of it`.
    pub fn of(equation: &str) -> Self {
        let (exact, sign) = if equation.contains(" = ") {
            (true, " = ")
        } else {
            (false, " ≈ ")
        };
        let (left, right) = equation.split_once(sign).expect("`=` or `≈`");
        let number: String = right
            .chars()
            .take_while(|letter| letter.is_ascii_digit() || ".,-".contains(*letter))
            .filter(|&letter| letter != ',')
            .collect();
        let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let right: f64 = number.parse().unwrap_or_else(|_| panic!("no number: {equation}"));
        let noise = right.abs() * 1e-12;
        Self {
            left: value(left),
            right,
            tolerance: if exact {
                noise
            } else {
                0.5 / 10f64.powf(decimals as f64) + noise
            },
        }
    }

    /// Whether the two sides agree.
    pub fn holds(&self) -> bool {
        (self.left - self.right).abs() <= self.tolerance
    }
}

/// What an expression comes to.
pub fn value(text: &str) -> f64 {
    let text = grouped(text);
    let mut rest = text.chars().peekable();
    let value = sum(&mut rest);
    blanks(&mut rest);
    assert_eq!(rest.collect::<String>(), "", "left over of {text}");
    value
}

/// The text without the commas between thousands: those with a digit before them and three behind.
fn grouped(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let separates = |at: usize| {
        letters[at] == ','
            && at > 0
            && letters[at - 1].is_ascii_digit()
            && letters
                .get(at + 1..at + 4)
                .is_some_and(|next| next.iter().all(char::is_ascii_digit))
    };
    (0..letters.len())
        .filter(|&at| !separates(at))
        .map(|at| letters[at])
        .collect()
}

fn blanks(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if_eq(&' ').is_some() {}
}

fn sum(rest: &mut Peekable<Chars<'_>>) -> f64 {
    let mut value = product(rest);
    loop {
        blanks(rest);
        if rest.next_if_eq(&'+').is_some() {
            value += product(rest);
        } else if rest.next_if_eq(&'-').is_some() {
            value -= product(rest);
        } else {
            return value;
        }
    }
}

fn product(rest: &mut Peekable<Chars<'_>>) -> f64 {
    let mut value = atom(rest);
    loop {
        blanks(rest);
        if rest.next_if_eq(&'*').is_some() {
            value *= atom(rest);
        } else if rest.next_if_eq(&'/').is_some() {
            value /= atom(rest);
        } else {
            return value;
        }
    }
}

fn atom(rest: &mut Peekable<Chars<'_>>) -> f64 {
    blanks(rest);
    let mut word = String::new();
    while let Some(letter) = rest.next_if(|letter| letter.is_ascii_alphanumeric() || *letter == '.') {
        word.push(letter);
    }
    if rest.next_if_eq(&'(').is_none() {
        return word
            .parse()
            .unwrap_or_else(|_| panic!("no number: {word:?} before {:?}", rest.collect::<String>()));
    }
    let mut arguments = vec![sum(rest)];
    while rest.next_if_eq(&',').is_some() {
        arguments.push(sum(rest));
    }
    assert_eq!(rest.next(), Some(')'));
    match (word.as_str(), arguments.as_slice()) {
        ("", [value]) => *value,
        ("floor", [value]) => value.floor(),
        ("ceil", [value]) => value.ceil(),
        ("sqrt", [value]) => value.sqrt(),
        ("ln", [value]) => value.ln(),
        ("max", [a, b]) => a.max(*b),
        _ => panic!("{word} of {} numbers", arguments.len()),
    }
}
