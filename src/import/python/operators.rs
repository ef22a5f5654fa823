//! Arithmetic: on numbers as in Python, on tensors as layers, on samples as a factor and a summand of their values.

use super::interpreter::Interpreter;
use super::plain::LONGEST;
use super::value::{Array, Value};
use crate::import::literal::{Argument, Literal};
use ruff_python_ast::Operator;
use ruff_text_size::TextRange;
use std::rc::Rc;

impl<'a> Interpreter<'a> {
    /// The value of `left OP right`.
    pub fn binary(&mut self, operator: Operator, left: Value<'a>, right: Value<'a>, range: TextRange) -> Value<'a> {
        let unknown = || Value::unknown(self.source.excerpt(range));
        let nothing = unknown();
        match (&left, &right) {
            (Value::Tensor(_), _) | (_, Value::Tensor(_)) => {
                self.of_tensors(operator, &left, &right).unwrap_or(nothing)
            }
            (Value::Array(array), other) if other.number().is_some() => {
                let number = other.number().unwrap_or(1.0);
                scaled(operator, array, number).unwrap_or(nothing)
            }
            (Value::Array(array), _) => {
                // Means and deviations of the samples: other numbers, of the same shape.
                let mut changed = array.as_ref().clone();
                changed.scale = f64::NAN;
                Value::array(changed)
            }
            (Value::Str(pattern), _) if operator == Operator::Mod => {
                percent(pattern, &right).map_or(nothing, Value::str)
            }
            _ => numbers(operator, &left, &right).unwrap_or(nothing),
        }
    }

    fn of_tensors(&mut self, operator: Operator, left: &Value<'a>, right: &Value<'a>) -> Option<Value<'a>> {
        if let (Value::Tensor(left), Value::Tensor(right)) = (left, right) {
            let class = match operator {
                Operator::Add => "Add",
                Operator::Sub => "Subtract",
                Operator::Mult => "Multiply",
                _ => return None,
            };
            return Some(self.apply_class(class, Vec::new(), vec![Some(*left), Some(*right)]));
        }
        let (tensor, number, tensor_first) = match (left, right) {
            (Value::Tensor(tensor), other) => (*tensor, other.number()?, true),
            (other, Value::Tensor(tensor)) => (*tensor, other.number()?, false),
            _ => return None,
        };
        let (scale, offset) = match (operator, tensor_first) {
            (Operator::Mult, _) => (number, 0.0),
            (Operator::Div, true) => (1.0 / number, 0.0),
            (Operator::Add, _) => (1.0, number),
            (Operator::Sub, true) => (1.0, -number),
            (Operator::Sub, false) => (-1.0, number),
            _ => return None,
        };
        // `x / 127.5 - 1` is one layer, not two.
        let (tensor, scale, offset) = self.rescaled(tensor, scale, offset);
        let mut arguments = vec![Argument::placed(Literal::Float(scale))];
        if offset != 0.0 {
            arguments.push(Argument::named("offset", Literal::Float(offset)));
        }
        let value = self.apply_class("Rescaling", arguments, vec![Some(tensor)]);
        if let Value::Tensor(made) = value {
            self.scalings.insert(made, (tensor, scale, offset));
        }
        Some(value)
    }

    /// A tensor times `scale` plus `offset`. Where the tensor itself is another one scaled, both steps are combined: the other
    /// tensor, the factor and the summand.
    fn rescaled(&self, tensor: usize, scale: f64, offset: f64) -> (usize, f64, f64) {
        match self.scalings.get(&tensor) {
            Some(&(behind, inner, added)) => (behind, inner * scale, added * scale + offset),
            None => (tensor, scale, offset),
        }
    }
}

/// Samples after arithmetic with a number; `None` where that is not a factor or a summand.
fn scaled<'a>(operator: Operator, array: &Rc<Array>, number: f64) -> Option<Value<'a>> {
    let mut array = array.as_ref().clone();
    match operator {
        Operator::Mult => {
            array.scale *= number;
            array.offset *= number;
        }
        Operator::Div if number != 0.0 => {
            array.scale /= number;
            array.offset /= number;
        }
        Operator::Add => array.offset += number,
        Operator::Sub => array.offset -= number,
        _ => return None,
    }
    Some(Value::array(array))
}

fn numbers<'a>(operator: Operator, left: &Value<'a>, right: &Value<'a>) -> Option<Value<'a>> {
    if let (Some(left), Some(right)) = (left.int(), right.int()) {
        return integers(operator, left, right);
    }
    if let (Some(left), Some(right)) = (left.number(), right.number()) {
        let value = match operator {
            Operator::Add => left + right,
            Operator::Sub => left - right,
            Operator::Mult => left * right,
            Operator::Div if right != 0.0 => left / right,
            Operator::FloorDiv if right != 0.0 => (left / right).floor(),
            Operator::Mod if right != 0.0 => left - right * (left / right).floor(),
            Operator::Pow => left.powf(right),
            _ => return None,
        };
        return value.is_finite().then_some(Value::Float(value));
    }
    match (operator, left, right) {
        (Operator::Add, Value::Str(left), Value::Str(right)) if left.len() + right.len() <= LONGEST => {
            Some(Value::str(format!("{left}{right}")))
        }
        (Operator::Add, Value::Tuple(left), Value::Tuple(right)) if left.len() + right.len() <= LONGEST => {
            Some(Value::tuple(left.iter().chain(right.iter()).cloned().collect()))
        }
        (Operator::Add, Value::List(left), Value::List(right)) => {
            let items: Vec<Value<'a>> = left.borrow().iter().chain(right.borrow().iter()).cloned().collect();
            (items.len() <= LONGEST).then(|| Value::list(items))
        }
        (Operator::Mult, sequence @ (Value::Tuple(_) | Value::List(_)), count)
        | (Operator::Mult, count, sequence @ (Value::Tuple(_) | Value::List(_))) => {
            let (items, count) = (sequence.items()?, usize::try_from(count.int()?.max(0)).ok()?);
            if items.len().checked_mul(count)? > LONGEST {
                return None;
            }
            let items = items.iter().cycle().take(items.len() * count).cloned().collect();
            Some(match sequence {
                Value::Tuple(_) => Value::tuple(items),
                _ => Value::list(items),
            })
        }
        _ => None,
    }
}

fn integers<'a>(operator: Operator, left: i64, right: i64) -> Option<Value<'a>> {
    Some(Value::Int(match operator {
        Operator::Add => left.checked_add(right)?,
        Operator::Sub => left.checked_sub(right)?,
        Operator::Mult => left.checked_mul(right)?,
        Operator::Div => {
            return (right != 0).then(|| Value::Float(left as f64 / right as f64));
        }
        Operator::FloorDiv => {
            let quotient = left.checked_div(right)?;
            let rest = left.checked_rem(right)?;
            if rest != 0 && (rest < 0) != (right < 0) {
                quotient - 1
            } else {
                quotient
            }
        }
        Operator::Mod => {
            let rest = left.checked_rem(right)?;
            if rest != 0 && (rest < 0) != (right < 0) {
                rest + right
            } else {
                rest
            }
        }
        Operator::Pow if right < 0 => return Some(Value::Float((left as f64).powi(i32::try_from(right).ok()?))),
        Operator::Pow => left.checked_pow(u32::try_from(right).ok()?)?,
        Operator::LShift => left.checked_mul(2_i64.checked_pow(u32::try_from(right).ok()?)?)?,
        Operator::RShift => left.checked_shr(u32::try_from(right).ok()?)?,
        Operator::BitOr => left | right,
        Operator::BitAnd => left & right,
        Operator::BitXor => left ^ right,
        Operator::MatMult => return None,
    }))
}

/// The string of `"block%d" % 3`; only `%d`, `%i` and `%s` are understood.
fn percent(pattern: &str, values: &Value<'_>) -> Option<String> {
    let values = match values {
        Value::Tuple(values) => values.as_ref().clone(),
        other => vec![other.clone()],
    };
    fill(pattern, &["%d", "%s", "%i"], &values)
}

/// The string of `"block{}".format(3)`; only `{}`, `{:d}` and `{0}`, `{1}`... are understood.
pub fn formatted(pattern: &str, values: &[Value<'_>]) -> Option<String> {
    if pattern.contains("{0}") {
        let mut text = pattern.to_owned();
        for (index, value) in values.iter().enumerate().take(100) {
            if text.len() > LONGEST {
                return None;
            }
            text = text.replace(&format!("{{{index}}}"), &super::plain::shown(value)?);
        }
        return (!text.contains('{')).then_some(text);
    }
    fill(pattern, &["{}", "{:d}"], values)
}

fn fill(pattern: &str, marks: &[&str], values: &[Value<'_>]) -> Option<String> {
    let (mut text, mut rest) = (String::new(), pattern);
    for value in values {
        let (at, mark) = marks
            .iter()
            .filter_map(|mark| rest.find(mark).map(|at| (at, *mark)))
            .min()?;
        text.push_str(rest.get(..at)?);
        text.push_str(&super::plain::shown(value)?);
        if text.len() > LONGEST {
            return None;
        }
        rest = rest.get(at + mark.len()..)?;
    }
    let done = !rest.contains('{') && !rest.contains('%');
    text.push_str(rest);
    done.then_some(text)
}
