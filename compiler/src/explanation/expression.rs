//! Arithmetic as data: what can be printed, and computed again.

use crate::numbers::thousands;
use std::fmt::{self, Display, Formatter};

/// An expression in numbers.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A whole number: `5,184`.
    Whole(u64),
    /// A number with decimals: `0.001`.
    Decimal(f64),
    /// `a + b + c`
    Sum(Vec<Self>),
    /// `a - b`
    Difference(Box<Self>, Box<Self>),
    /// `a * b * c`
    Product(Vec<Self>),
    /// `a / b`
    Quotient(Box<Self>, Box<Self>),
    /// `floor(a)`, `sqrt(a)`, `max(a, b)`
    Call(Function, Vec<Self>),
}

/// What an expression may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Rounded down.
    Floor,
    /// Rounded up.
    Ceil,
    /// The larger of two.
    Max,
    /// The square root.
    Sqrt,
    /// The natural logarithm.
    Ln,
}

/// An expression and what it comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Equation {
    /// The arithmetic.
    pub left: Expression,
    /// What it comes to, from where the compiler keeps it.
    pub right: Right,
}

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Right {
    /// A whole number of something: `20,736 bytes`.
    Exactly {
        /// The number.
        number: u64,
        /// Of what; may be empty.
        unit: &'static str,
    },
    /// A number that was rounded for printing: `203.45 KB`.
    About {
        /// The number before it was rounded.
        number: f64,
        /// How many decimals are printed.
        decimals: usize,
        /// Of what; may be empty.
        unit: &'static str,
    },
}

impl Function {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Ceil => "ceil",
            Self::Max => "max",
            Self::Sqrt => "sqrt",
            Self::Ln => "ln",
        }
    }
}

impl From<usize> for Expression {
    fn from(number: usize) -> Self {
        Self::Whole(number as u64)
    }
}

impl From<u64> for Expression {
    fn from(number: u64) -> Self {
        Self::Whole(number)
    }
}

impl From<f64> for Expression {
    fn from(number: f64) -> Self {
        Self::Decimal(number)
    }
}

/// `a + b`; one term stands alone.
pub(crate) fn sum<T: Into<Expression>>(terms: impl IntoIterator<Item = T>) -> Expression {
    several(terms, Expression::Sum)
}

/// `a * b`; one factor stands alone.
pub(crate) fn product<T: Into<Expression>>(factors: impl IntoIterator<Item = T>) -> Expression {
    several(factors, Expression::Product)
}

fn several<T: Into<Expression>>(
    items: impl IntoIterator<Item = T>,
    make: impl FnOnce(Vec<Expression>) -> Expression,
) -> Expression {
    let mut items: Vec<Expression> = items.into_iter().map(Into::into).collect();
    match items.pop() {
        Some(only) if items.is_empty() => only,
        Some(last) => {
            items.push(last);
            make(items)
        }
        None => Expression::Whole(0),
    }
}

impl Expression {
    /// `self + other`
    pub(crate) fn plus(self, other: impl Into<Self>) -> Self {
        Self::Sum(vec![self, other.into()])
    }

    /// `self - other`
    pub(crate) fn minus(self, other: impl Into<Self>) -> Self {
        Self::Difference(Box::new(self), Box::new(other.into()))
    }

    /// `self * other`
    pub(crate) fn times(self, other: impl Into<Self>) -> Self {
        Self::Product(vec![self, other.into()])
    }

    /// `self / other`
    pub(crate) fn over(self, other: impl Into<Self>) -> Self {
        Self::Quotient(Box::new(self), Box::new(other.into()))
    }

    /// `function(self)`
    pub(crate) fn under(self, function: Function) -> Self {
        Self::Call(function, vec![self])
    }

    /// `max(self, 0)`
    pub(crate) fn or_zero(self) -> Self {
        Self::Call(Function::Max, vec![self, Self::Whole(0)])
    }

    /// It is `number`.
    pub(crate) fn equals(self, number: u64) -> Equation {
        self.equals_of(number, "")
    }

    /// It is `number` of `unit`.
    pub(crate) fn equals_of(self, number: u64, unit: &'static str) -> Equation {
        let right = Right::Exactly { number, unit };
        Equation { left: self, right }
    }

    /// It is about what it comes to, rounded to `decimals`.
    pub(crate) fn nearly(self, decimals: usize, unit: &'static str) -> Equation {
        let number = self.value();
        let right = Right::About { number, decimals, unit };
        Equation { left: self, right }
    }

    /// What it comes to.
    pub fn value(&self) -> f64 {
        match self {
            Self::Whole(number) => *number as f64,
            Self::Decimal(number) => *number,
            Self::Sum(terms) => terms.iter().map(Self::value).sum(),
            Self::Difference(from, what) => from.value() - what.value(),
            Self::Product(factors) => factors.iter().map(Self::value).product(),
            Self::Quotient(what, by) => what.value() / by.value(),
            Self::Call(function, arguments) => {
                let mut values = arguments.iter().map(Self::value);
                let first = values.next().unwrap_or_default();
                match function {
                    Function::Floor => first.floor(),
                    Function::Ceil => first.ceil(),
                    Function::Max => values.fold(first, f64::max),
                    Function::Sqrt => first.sqrt(),
                    Function::Ln => first.ln(),
                }
            }
        }
    }

    /// How strongly it holds together: a sum 0, a product 1, what needs no brackets 2.
    fn strength(&self) -> u8 {
        match self {
            Self::Sum(_) | Self::Difference(..) => 0,
            Self::Product(_) | Self::Quotient(..) => 1,
            Self::Whole(_) | Self::Decimal(_) | Self::Call(..) => 2,
        }
    }

    /// Itself, in brackets where it is weaker than its place needs.
    fn within(&self, strength: u8, f: &mut Formatter<'_>) -> fmt::Result {
        if self.strength() < strength {
            write!(f, "({self})")
        } else {
            write!(f, "{self}")
        }
    }
}

/// As learners write it: `(5 * 5 * 1 + 1) * 9`.
impl Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let join = |items: &[Self], sign: &str, strength: u8, f: &mut Formatter<'_>| {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    f.write_str(sign)?;
                }
                // What divides must not swallow the factors behind it.
                let strength = strength + u8::from(index > 0 && strength > 0);
                item.within(strength, f)?;
            }
            Ok(())
        };
        match self {
            Self::Whole(number) => f.write_str(&grouped(*number)),
            Self::Decimal(number) => write!(f, "{number}"),
            Self::Sum(terms) => join(terms, " + ", 0, f),
            Self::Product(factors) => join(factors, " * ", 1, f),
            Self::Difference(from, what) => {
                from.within(0, f)?;
                f.write_str(" - ")?;
                what.within(1, f)
            }
            Self::Quotient(what, by) => {
                what.within(1, f)?;
                f.write_str(" / ")?;
                by.within(2, f)
            }
            Self::Call(function, arguments) => {
                write!(f, "{}(", function.name())?;
                join(arguments, ", ", 0, f)?;
                f.write_str(")")
            }
        }
    }
}

impl Equation {
    /// What it comes to as it is printed, to go on with.
    pub(crate) fn rounded(&self) -> Expression {
        match self.right {
            Right::Exactly { number, .. } => Expression::Whole(number),
            Right::About { number, decimals, .. } => {
                let printed = format!("{number:.decimals$}");
                Expression::Decimal(printed.parse().unwrap_or(number))
            }
        }
    }

    /// What it comes to as the compiler has it, not rounded.
    pub fn number(&self) -> f64 {
        match self.right {
            Right::Exactly { number, .. } => number as f64,
            Right::About { number, .. } => number,
        }
    }
}

/// `28 - 5 + 1 = 24`
impl Display for Equation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.left, self.right)
    }
}

/// `= 20,736 bytes`, `≈ 203.45 KB`; what the rounding leaves as it is, is said to be equal.
impl Display for Right {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let unit = match self {
            Self::Exactly { number, unit } => {
                write!(f, "= {}", grouped(*number))?;
                unit
            }
            Self::About { number, decimals, unit } => {
                let text = format!("{number:.decimals$}");
                let exact = text
                    .parse()
                    .is_ok_and(|printed: f64| (printed - number).abs() <= number.abs() * 1e-12);
                match (exact, decimals) {
                    (false, _) => write!(f, "≈ {text}")?,
                    (true, 0..=2) => write!(f, "= {text}")?,
                    (true, _) => write!(f, "= {}", text.trim_end_matches('0').trim_end_matches('.'))?,
                }
                unit
            }
        };
        if unit.is_empty() { Ok(()) } else { write!(f, " {unit}") }
    }
}

fn grouped(number: u64) -> String {
    usize::try_from(number).map_or_else(|_| number.to_string(), thousands)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_stand_where_they_must() {
        let five = || Expression::from(5_usize);
        assert_eq!(
            product([5_usize, 5, 1])
                .plus(1_usize)
                .times(9_usize)
                .equals(234)
                .to_string(),
            "(5 * 5 * 1 + 1) * 9 = 234"
        );
        assert_eq!(five().minus(five().minus(3_usize)).to_string(), "5 - (5 - 3)");
        assert_eq!(five().minus(3_usize).plus(1_usize).to_string(), "5 - 3 + 1");
        assert_eq!(five().over(five().times(3_usize)).to_string(), "5 / (5 * 3)");
        assert_eq!(five().times(five().over(3_usize)).to_string(), "5 * (5 / 3)");
        assert_eq!(five().over(3_usize).times(five()).to_string(), "5 / 3 * 5");
        assert_eq!(
            five().minus(1_usize).over(2_usize).under(Function::Floor).to_string(),
            "floor((5 - 1) / 2)"
        );
        assert_eq!(five().minus(9_usize).or_zero().to_string(), "max(5 - 9, 0)");
        assert_eq!(Expression::from(1e-7).to_string(), "0.0000001");
        assert_eq!(
            sum([1_000_usize]).over(3_usize).nearly(2, "KB").to_string(),
            "1,000 / 3 ≈ 333.33 KB"
        );
    }

    #[test]
    #[allow(clippy::float_cmp, reason = "numbers that float holds exactly")]
    fn an_expression_comes_to_its_value() {
        let seven = || Expression::from(7_usize);
        assert_eq!(seven().over(2_usize).under(Function::Floor).value(), 3.0);
        assert_eq!(seven().over(2_usize).under(Function::Ceil).value(), 4.0);
        assert_eq!(seven().minus(9_usize).or_zero().value(), 0.0);
        assert_eq!(seven().times(7_usize).under(Function::Sqrt).value(), 7.0);
        assert_eq!(Expression::from(1.0).under(Function::Ln).value(), 0.0);
    }
}
