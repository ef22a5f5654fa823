//! Evaluates the expressions of a script, as far as their values follow from the script alone.

use super::interpreter::Interpreter;
use super::plain::LONGEST;
use super::plain::{same, shown};
use super::value::{Body, Scope, Value};
use ruff_python_ast::{
    BoolOp, CmpOp, Expr, ExprCall, ExprFString, FStringPart, InterpolatedStringElement, Number, UnaryOp,
};
use ruff_text_size::Ranged;
use std::rc::Rc;

impl<'a> Interpreter<'a> {
    /// The value of an expression; an unknown value where it is not known.
    pub fn value(&mut self, expression: &'a Expr, scope: &Scope<'a>) -> Value<'a> {
        let text = || Value::unknown(self.source.excerpt(expression.range()));
        let unknown = text();
        self.deeper(|own| own.known(expression, scope))
            .flatten()
            .unwrap_or(unknown)
    }

    fn known(&mut self, expression: &'a Expr, scope: &Scope<'a>) -> Option<Value<'a>> {
        Some(match expression {
            Expr::NoneLiteral(_) => Value::None,
            Expr::BooleanLiteral(literal) => Value::Bool(literal.value),
            Expr::NumberLiteral(literal) => match &literal.value {
                Number::Int(value) => Value::Int(value.as_i64()?),
                Number::Float(value) => Value::Float(*value),
                Number::Complex { .. } => return None,
            },
            Expr::StringLiteral(literal) => Value::str(literal.value.to_str()),
            Expr::FString(literal) => Value::str(self.format(literal, scope)?),
            Expr::Name(name) => self.name(name.id.as_str(), scope)?,
            Expr::Tuple(tuple) => Value::tuple(self.elements(&tuple.elts, scope)?),
            Expr::List(list) => Value::list(self.elements(&list.elts, scope)?),
            Expr::Set(set) => Value::list(self.elements(&set.elts, scope)?),
            Expr::Dict(dict) => {
                let mut entries = Vec::new();
                for item in &dict.items {
                    let value = self.value(&item.value, scope);
                    match &item.key {
                        Some(key) => entries.push((self.value(key, scope), value)),
                        None => match value {
                            Value::Dict(others) => entries.extend(others.borrow().iter().cloned()),
                            _ => return None,
                        },
                    }
                }
                Value::Dict(Rc::new(std::cell::RefCell::new(entries)))
            }
            Expr::BinOp(operation) => {
                let (left, right) = (self.value(&operation.left, scope), self.value(&operation.right, scope));
                self.binary(operation.op, left, right, operation.range())
            }
            Expr::UnaryOp(operation) => {
                let operand = self.value(&operation.operand, scope);
                match (operation.op, operand) {
                    (UnaryOp::Not, value) => Value::Bool(!value.truth()?),
                    (UnaryOp::USub, Value::Float(value)) => Value::Float(-value),
                    (UnaryOp::USub, value) => Value::Int(value.int()?.checked_neg()?),
                    (UnaryOp::UAdd, value @ (Value::Int(_) | Value::Float(_))) => value,
                    _ => return None,
                }
            }
            Expr::BoolOp(operation) => {
                let mut last = Value::None;
                for operand in &operation.values {
                    last = self.value(operand, scope);
                    let truth = last.truth()?;
                    if truth == (operation.op == BoolOp::Or) {
                        break;
                    }
                }
                last
            }
            Expr::Compare(comparison) => {
                let mut left = self.value(&comparison.left, scope);
                for (operator, right) in comparison.ops.iter().zip(&comparison.comparators) {
                    let right = self.value(right, scope);
                    if !compare(*operator, &left, &right)? {
                        return Some(Value::Bool(false));
                    }
                    left = right;
                }
                Value::Bool(true)
            }
            Expr::If(choice) => {
                let taken = if self.value(&choice.test, scope).truth()? {
                    &choice.body
                } else {
                    &choice.orelse
                };
                self.value(taken, scope)
            }
            Expr::Named(named) => {
                let value = self.value(&named.value, scope);
                self.assign(&named.target, value.clone(), scope);
                value
            }
            Expr::Lambda(lambda) => Value::Function(self.function(
                self.source.slice(lambda.range()),
                lambda.parameters.as_deref(),
                Body::Expression(&lambda.body),
                scope,
            )),
            Expr::ListComp(list) => self.collected(&list.elt, &list.generators, scope)?,
            Expr::Generator(list) => self.collected(&list.elt, &list.generators, scope)?,
            Expr::SetComp(list) => self.collected(&list.elt, &list.generators, scope)?,
            Expr::Attribute(attribute) => {
                let object = self.value(&attribute.value, scope);
                self.attribute(&object, attribute.attr.as_str())?
            }
            Expr::Subscript(subscript) => {
                let object = self.value(&subscript.value, scope);
                self.subscript(&object, &subscript.slice, scope)?
            }
            Expr::Call(call) => return self.call(call, scope),
            Expr::Starred(starred) => self.value(&starred.value, scope),
            Expr::DictComp(_)
            | Expr::Slice(_)
            | Expr::Await(_)
            | Expr::Yield(_)
            | Expr::YieldFrom(_)
            | Expr::TString(_)
            | Expr::BytesLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::IpyEscapeCommand(_) => return None,
        })
    }

    fn name(&mut self, name: &str, scope: &Scope<'a>) -> Option<Value<'a>> {
        if let Some(value) = scope.get(name) {
            return Some(value);
        }
        if let Some(value) = self.given.get(name) {
            return Some(value.clone());
        }
        if name == "__name__" {
            return Some(Value::str("__main__"));
        }
        if let Some(path) = super::imports::starred(name, scope) {
            return Some(Value::Path(Rc::from(path)));
        }
        if super::plain::is_builtin(name) {
            return Some(Value::Path(Rc::from(format!("builtins.{name}"))));
        }
        if self.undefined.len() < 1000 {
            self.undefined.insert(name.to_owned());
        }
        None
    }

    /// The elements of a tuple or a list, with those after a `*` expanded.
    fn elements(&mut self, elements: &'a [Expr], scope: &Scope<'a>) -> Option<Vec<Value<'a>>> {
        let mut values = Vec::new();
        for element in elements {
            match element {
                Expr::Starred(starred) => {
                    let value = self.value(&starred.value, scope);
                    values.extend(self.iterate(&value)?);
                }
                other => values.push(self.value(other, scope)),
            }
        }
        Some(values)
    }

    fn collected(
        &mut self,
        element: &'a Expr,
        generators: &'a [ruff_python_ast::Comprehension],
        scope: &Scope<'a>,
    ) -> Option<Value<'a>> {
        let mut values = Vec::new();
        self.comprehension(generators, scope, &mut |own, inner| {
            let value = own.value(element, inner);
            values.push(value);
            Some(())
        })?;
        Some(Value::list(values))
    }

    /// The string of `f"block_{i}"`; `None` where a part has a format of its own.
    fn format(&mut self, literal: &'a ExprFString, scope: &Scope<'a>) -> Option<String> {
        let mut text = String::new();
        for part in &literal.value {
            match part {
                FStringPart::Literal(part) => text.push_str(&part.value),
                FStringPart::FString(part) => {
                    for element in &part.elements {
                        match element {
                            InterpolatedStringElement::Literal(part) => text.push_str(&part.value),
                            InterpolatedStringElement::Interpolation(part) => {
                                if part.format_spec.is_some() {
                                    return None;
                                }
                                let value = self.value(&part.expression, scope);
                                text.push_str(&shown(&value)?);
                                if text.len() > LONGEST {
                                    return None;
                                }
                            }
                        }
                    }
                }
            }
        }
        Some(text)
    }

    fn call(&mut self, call: &'a ExprCall, scope: &Scope<'a>) -> Option<Value<'a>> {
        let callee = self.value(&call.func, scope);
        let mut arguments = Vec::new();
        for argument in &call.arguments.args {
            match argument {
                Expr::Starred(starred) => {
                    let value = self.value(&starred.value, scope);
                    let items = self.iterate(&value)?;
                    arguments.extend(items.into_iter().map(|item| (None, item)));
                }
                other => arguments.push((None, self.value(other, scope))),
            }
        }
        for keyword in &call.arguments.keywords {
            let value = self.value(&keyword.value, scope);
            match (&keyword.arg, value) {
                (Some(name), value) => arguments.push((Some(name.to_string()), value)),
                (None, Value::Dict(entries)) => {
                    for (key, value) in entries.borrow().iter() {
                        arguments.push((Some(shown(key)?), value.clone()));
                    }
                }
                (None, _) => return None,
            }
        }
        let before = self.lines;
        self.lines = self.source.lines(call.range());
        let value = self.apply(&callee, arguments);
        self.lines = before;
        value
    }
}

fn compare(operator: CmpOp, left: &Value<'_>, right: &Value<'_>) -> Option<bool> {
    let order = || match (left, right) {
        (Value::Str(left), Value::Str(right)) => Some(left.cmp(right)),
        _ => left.number()?.partial_cmp(&right.number()?),
    };
    let contained = || {
        if let (Value::Str(left), Value::Str(right)) = (left, right) {
            return Some(right.contains(left.as_ref()));
        }
        let mut found = false;
        for item in right.items()? {
            found |= same(left, &item)?;
        }
        Some(found)
    };
    match operator {
        CmpOp::Eq | CmpOp::Is => same(left, right),
        CmpOp::NotEq | CmpOp::IsNot => same(left, right).map(|same| !same),
        CmpOp::Lt => order().map(std::cmp::Ordering::is_lt),
        CmpOp::LtE => order().map(std::cmp::Ordering::is_le),
        CmpOp::Gt => order().map(std::cmp::Ordering::is_gt),
        CmpOp::GtE => order().map(std::cmp::Ordering::is_ge),
        CmpOp::In => contained(),
        CmpOp::NotIn => contained().map(|found| !found),
    }
}
