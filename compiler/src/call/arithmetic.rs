//! Arithmetic on values, with Python's rules: `/` gives floats, `//` rounds down, `%` has the sign of the divisor,
//! integers and floats mix. Results that do not fit 64 bits or that are not finite are errors.

use crate::call::values::describe;
use grammar::ast::{Operator, Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// Why an operation has no result.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// The operator does not go with these types, which the text says.
    Types(String),
    /// Division by zero, or zero to a negative power.
    Zero,
    /// The result does not fit a 64-bit integer, or is not finite as a float.
    TooLarge,
    /// A negative number to a power that is not whole, which Python makes a complex number.
    Complex,
}

impl Fault {
    /// The error message (E0131 to E0133) for an operation that stands at `span`.
    pub fn diagnostic(self, span: Span) -> Diagnostic {
        match self {
            Self::Types(what) => Diagnostic::error("E0131", "these values cannot be used in arithmetic").at(span, what),
            Self::Zero => Diagnostic::error("E0132", "division by zero").at(span, "this divides by 0"),
            Self::TooLarge => Diagnostic::error("E0133", "the result is too large").at(span, "does not fit 64 bits"),
            Self::Complex => Diagnostic::error("E0131", "these values cannot be used in arithmetic")
                .at(span, "a negative number has no power between integers"),
        }
    }
}

#[derive(Clone, Copy)]
enum Number {
    Integer(i64),
    Float(f64),
}

impl Number {
    fn of(value: &Value) -> Option<Self> {
        if let ValueKind::Integer(number) = value.kind {
            Some(Self::Integer(number))
        } else if let ValueKind::Float(number) = value.kind {
            Some(Self::Float(number))
        } else {
            None
        }
    }

    fn float(self) -> f64 {
        match self {
            Self::Integer(number) => number as f64,
            Self::Float(number) => number,
        }
    }
}

/// `-value` or `+value`. Errs for values that are not numbers, and for the negative of the least integer.
pub fn signed(negative: bool, value: &Value) -> Result<ValueKind, Fault> {
    match Number::of(value) {
        Some(Number::Integer(number)) if negative => {
            number.checked_neg().map(ValueKind::Integer).ok_or(Fault::TooLarge)
        }
        Some(Number::Integer(number)) => Ok(ValueKind::Integer(number)),
        Some(Number::Float(number)) => Ok(ValueKind::Float(if negative { -number } else { number })),
        None => Err(Fault::Types(format!(
            "`{}` does not go with {}",
            if negative { "-" } else { "+" },
            describe(value)
        ))),
    }
}

/// `left operator right`; `+` also joins two strings, two tuples or two lists. Errs as [`Fault`] says.
pub fn binary(left: &Value, operator: Operator, right: &Value) -> Result<ValueKind, Fault> {
    if operator == Operator::Add {
        let joined = |a: &[Value], b: &[Value]| [a, b].concat();
        match (&left.kind, &right.kind) {
            (ValueKind::String(a), ValueKind::String(b)) => return Ok(ValueKind::String(format!("{a}{b}"))),
            (ValueKind::Tuple(a), ValueKind::Tuple(b)) => return Ok(ValueKind::Tuple(joined(a, b))),
            (ValueKind::List(a), ValueKind::List(b)) => return Ok(ValueKind::List(joined(a, b))),
            _ => {}
        }
    }
    let (Some(a), Some(b)) = (Number::of(left), Number::of(right)) else {
        return Err(Fault::Types(format!(
            "`{}` does not go with {} and {}",
            operator.symbol(),
            describe(left),
            describe(right)
        )));
    };
    match (a, b) {
        (Number::Integer(a), Number::Integer(b)) => integers(a, operator, b),
        (_, _) => floats(a.float(), operator, b.float()).map(ValueKind::Float),
    }
}

fn integers(a: i64, operator: Operator, b: i64) -> Result<ValueKind, Fault> {
    let result = match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide => return floats(a as f64, operator, b as f64).map(ValueKind::Float),
        Operator::FloorDivide | Operator::Modulo if b == 0 => return Err(Fault::Zero),
        Operator::FloorDivide => a.checked_div(b).map(|quotient| {
            let rounded_up = a.wrapping_rem(b) != 0 && (a < 0) != (b < 0);
            quotient - i64::from(rounded_up)
        }),
        Operator::Modulo => {
            let rest = a.wrapping_rem(b);
            Some(if rest != 0 && (rest < 0) != (b < 0) {
                rest + b
            } else {
                rest
            })
        }
        Operator::Power if b < 0 => return floats(a as f64, operator, b as f64).map(ValueKind::Float),
        Operator::Power => match (a, u32::try_from(b)) {
            (0 | 1, _) => Some(if b == 0 { 1 } else { a }),
            (-1, _) => Some(if b % 2 == 0 { 1 } else { -1 }),
            (_, Ok(exponent)) => a.checked_pow(exponent),
            (_, Err(_)) => None,
        },
    };
    result.map(ValueKind::Integer).ok_or(Fault::TooLarge)
}

fn floats(a: f64, operator: Operator, b: f64) -> Result<f64, Fault> {
    let zero = match operator {
        Operator::Divide | Operator::FloorDivide | Operator::Modulo => b == 0.0,
        Operator::Power => a == 0.0 && b < 0.0,
        Operator::Add | Operator::Subtract | Operator::Multiply => false,
    };
    if zero {
        return Err(Fault::Zero);
    }
    // `float_divmod` of CPython's Objects/floatobject.c.
    let modulo = || {
        let rest = a % b;
        if rest != 0.0 && (rest < 0.0) != (b < 0.0) {
            rest + b
        } else {
            rest.abs().copysign(if rest == 0.0 { b } else { rest })
        }
    };
    let result = match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        Operator::Modulo => modulo(),
        Operator::FloorDivide => {
            let quotient = (a - modulo()) / b;
            let floor = quotient.floor();
            if quotient - floor > 0.5 { floor + 1.0 } else { floor }
        }
        Operator::Power if a < 0.0 && b.fract() != 0.0 => return Err(Fault::Complex),
        // The same bits on every platform.
        Operator::Power => libm::pow(a, b),
    };
    if result.is_finite() {
        Ok(result)
    } else {
        Err(Fault::TooLarge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: ValueKind) -> Value {
        Value {
            span: Span::default(),
            kind,
        }
    }

    fn whole(a: i64, operator: Operator, b: i64) -> Result<ValueKind, Fault> {
        binary(&of(ValueKind::Integer(a)), operator, &of(ValueKind::Integer(b)))
    }

    fn real(a: f64, operator: Operator, b: f64) -> Result<ValueKind, Fault> {
        binary(&of(ValueKind::Float(a)), operator, &of(ValueKind::Float(b)))
    }

    /// What `CPython` 3.12 gives.
    #[test]
    fn rules_are_pythons() {
        use Operator::{Divide, FloorDivide, Modulo, Power};
        assert_eq!(whole(-7, FloorDivide, 2), Ok(ValueKind::Integer(-4)));
        assert_eq!(whole(7, FloorDivide, -2), Ok(ValueKind::Integer(-4)));
        assert_eq!(whole(-7, Modulo, 3), Ok(ValueKind::Integer(2)));
        assert_eq!(whole(7, Modulo, -3), Ok(ValueKind::Integer(-2)));
        assert_eq!(whole(4, Divide, 2), Ok(ValueKind::Float(2.0)));
        assert_eq!(whole(2, Power, -1), Ok(ValueKind::Float(0.5)));
        assert_eq!(whole(0, Power, 0), Ok(ValueKind::Integer(1)));
        assert_eq!(whole(-1, Power, i64::MAX), Ok(ValueKind::Integer(-1)));
        assert_eq!(real(-7.5, Modulo, 2.0), Ok(ValueKind::Float(0.5)));
        assert_eq!(real(-7.5, FloorDivide, 2.0), Ok(ValueKind::Float(-4.0)));
        assert_eq!(real(1.0, FloorDivide, 0.1), Ok(ValueKind::Float(9.0)));
    }

    #[test]
    fn what_has_no_result_is_a_fault() {
        use Operator::{Add, Divide, FloorDivide, Modulo, Multiply, Power};
        assert_eq!(whole(2, Power, i64::MAX), Err(Fault::TooLarge));
        assert_eq!(whole(10, Power, 19), Err(Fault::TooLarge));
        assert_eq!(whole(i64::MIN, FloorDivide, -1), Err(Fault::TooLarge));
        assert_eq!(whole(i64::MIN, Modulo, -1), Ok(ValueKind::Integer(0)));
        assert_eq!(whole(i64::MAX, Add, 1), Err(Fault::TooLarge));
        assert_eq!(real(1e300, Multiply, 1e300), Err(Fault::TooLarge));
        assert_eq!(real(-8.0, Power, 0.5), Err(Fault::Complex));
        for operator in [Divide, FloorDivide, Modulo] {
            assert_eq!(whole(1, operator, 0), Err(Fault::Zero));
            assert_eq!(real(1.0, operator, 0.0), Err(Fault::Zero));
        }
        assert_eq!(whole(0, Power, -1), Err(Fault::Zero));
    }
}
