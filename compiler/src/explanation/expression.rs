//! Arithmetic as data: it can be printed for learners and computed again by tests.

use crate::numbers::thousands;
use std::fmt::{self, Display, Formatter};

/// An expression in numbers, without variables.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A whole number: `5,184`.
    Whole(u64),
    /// A number with decimals: `0.001`.
    Decimal(f64),
    /// The sum of two or more terms: `a + b + c`.
    Sum(Vec<Self>),
    /// The second subtracted from the first: `a - b`.
    Difference(Box<Self>, Box<Self>),
    /// The product of two or more factors: `a * b * c`.
    Product(Vec<Self>),
    /// The first divided by the second, with decimals: `a / b`.
    Quotient(Box<Self>, Box<Self>),
    /// A function of one or two numbers: `floor(a)`, `sqrt(a)`, `max(a, b)`.
    Call(Function, Vec<Self>),
}

/// The functions that an expression may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// The largest whole number that is not above the argument.
    Floor,
    /// The smallest whole number that is not below the argument.
    Ceil,
    /// The larger of two arguments.
    Max,
    /// The square root of a number of at least 0.
    Sqrt,
    /// The natural logarithm of a number above 0.
    Ln,
}

/// An expression and its result.
#[derive(Debug, Clone, PartialEq)]
pub struct Equation {
    /// The arithmetic, without the sign of equality.
    pub left: Expression,
    /// The result, taken from where the compiler keeps it rather than computed from `left`.
    pub right: Right,
}

/// The result of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Right {
    /// A whole number of something: `20,736 bytes`.
    Exactly {
        /// The count, grouped by thousands in print.
        number: u64,
        /// What is counted, such as `bytes`; may be empty.
        unit: &'static str,
    },
    /// A number that was rounded for printing: `203.45 KB`.
    About {
        /// The number before it is rounded.
        number: f64,
        /// How many decimals are printed.
        decimals: usize,
        /// The unit behind the number, such as `KB`; may be empty.
        unit: &'static str,
    },
}

impl Function {
    /// The name as expressions print it.
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

    /// The equation that says this comes to `number`.
    pub(crate) fn equals(self, number: u64) -> Equation {
        self.equals_of(number, "")
    }

    /// The equation that says this comes to `number` of `unit`.
    pub(crate) fn equals_of(self, number: u64, unit: &'static str) -> Equation {
        let right = Right::Exactly { number, unit };
        Equation { left: self, right }
    }

    /// The equation whose right side is the value of this expression, rounded to `decimals` decimals.
    pub(crate) fn nearly(self, decimals: usize, unit: &'static str) -> Equation {
        let number = self.value();
        let right = Right::About { number, decimals, unit };
        Equation { left: self, right }
    }

    /// Computes the expression; the result is infinite or not a number where the arithmetic has no other.
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

    /// How tightly its parts are bound: 0 for a sum, 1 for a product, 2 for what never needs brackets.
    fn strength(&self) -> u8 {
        match self {
            Self::Sum(_) | Self::Difference(..) => 0,
            Self::Product(_) | Self::Quotient(..) => 1,
            Self::Whole(_) | Self::Decimal(_) | Self::Call(..) => 2,
        }
    }

    /// Prints the expression, in brackets where it binds less tightly than `strength`.
    fn within(&self, strength: u8, f: &mut Formatter<'_>) -> fmt::Result {
        if self.strength() < strength {
            write!(f, "({self})")
        } else {
            write!(f, "{self}")
        }
    }
}

/// The way learners write it: `(5 * 5 * 1 + 1) * 9`.
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
    /// The result as it is printed, for the next expression to go on with.
    pub(crate) fn rounded(&self) -> Expression {
        match self.right {
            Right::Exactly { number, .. } => Expression::Whole(number),
            Right::About { number, decimals, .. } => {
                let printed = format!("{number:.decimals$}");
                Expression::Decimal(printed.parse().unwrap_or(number))
            }
        }
    }

    /// The result as the compiler has it, not rounded.
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

/// `= 20,736 bytes`, or `≈ 203.45 KB` where rounding changed the number.
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
