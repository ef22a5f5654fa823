//! Turns the pairs of the parser generator pest into the tree.

use super::rules::Rule;
use crate::ast::{Argument, Arithmetic, Call, Constant, File, Hole, Model, Operator, Statement, Value, ValueKind};
use crate::diagnostic::Diagnostic;
use crate::explain;
use crate::literal;
use crate::mend::Mended;
use crate::span::{Span, Spanned};
use pest::iterators::Pair;
use std::num::IntErrorKind;

fn operator(rule: Rule) -> Option<Operator> {
    Some(match rule {
        Rule::plus => Operator::Add,
        Rule::minus => Operator::Subtract,
        Rule::times => Operator::Multiply,
        Rule::divide => Operator::Divide,
        Rule::floor_divide => Operator::FloorDivide,
        Rule::modulo => Operator::Modulo,
        Rule::power => Operator::Power,
        _ => return None,
    })
}

fn chained(first: Value, rest: Vec<(Operator, Value)>) -> Value {
    let Some((_, last)) = rest.last() else { return first };
    Value {
        span: first.span.to(last.span),
        kind: ValueKind::Arithmetic(Box::new(Arithmetic::Chain { first, rest })),
    }
}

/// The first child of a rule.
fn child<'i>(pair: &Pair<'i, Rule>, rule: Rule) -> Option<Pair<'i, Rule>> {
    pair.clone().into_inner().find(|child| child.as_rule() == rule)
}

/// Reads pairs into the tree. What the grammar accepts but the language does not goes to `errors`, and its statement
/// to `holes`. The span of a rule may reach over the blanks behind it, so spans end where the last child does.
/// Readers give None where a rule lacks a part that the grammar guarantees, which does not happen.
pub struct Reader<'r> {
    pub mended: &'r Mended,
    pub errors: &'r mut Vec<Diagnostic>,
    pub holes: &'r mut Vec<Hole>,
}

impl Reader<'_> {
    fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        Span::new(self.mended.origin(span.start()), self.mended.origin(span.end()))
    }

    fn identifier(&self, pair: &Pair<'_, Rule>) -> Spanned<String> {
        Spanned::new(pair.as_str().to_owned(), self.span(pair))
    }

    /// Reads models, constants and statements, each list in the order of the text.
    pub fn file(&mut self, file: Pair<'_, Rule>) -> Option<File> {
        let mut read = File::default();
        for pair in file.into_inner() {
            match pair.as_rule() {
                Rule::model => read.models.push(self.model(&pair)?),
                Rule::statement | Rule::two => self.statement(&pair, &mut read.statements)?,
                Rule::let_constant | Rule::assignment => self.assignment(&pair, &mut read)?,
                _ => {}
            }
        }
        Some(read)
    }

    fn model(&mut self, model: &Pair<'_, Rule>) -> Option<Model> {
        let name = self.identifier(&child(model, Rule::identifier)?);
        let open = self.span(&child(model, Rule::open_brace)?);
        let mut statements = Vec::new();
        for pair in model.clone().into_inner() {
            if pair.as_rule() == Rule::statement {
                self.statement(&pair, &mut statements)?;
            }
        }
        Some(Model {
            span: self.span(model).to(self.span(&child(model, Rule::close_brace)?)),
            name,
            statements,
            holes: Vec::new(),
            closed: !self.mended.unsure.contains(&open.start),
        })
    }

    /// Reads a value with a name: a call is a statement, all else is a constant.
    fn assignment(&mut self, assignment: &Pair<'_, Rule>, read: &mut File) -> Option<()> {
        let errors = self.errors.len();
        let keyword = child(assignment, Rule::let_keyword).map(|pair| self.span(&pair));
        let name = self.identifier(&child(assignment, Rule::identifier)?);
        let value = self.value(&child(assignment, Rule::value)?)?;
        let span = keyword.unwrap_or(name.span).to(value.span);
        let callee = match &value.kind {
            ValueKind::Call(call) => {
                self.errors.extend(explain::sequential(call));
                Some(call.name.clone())
            }
            _ => None,
        };
        if self.errors.len() != errors {
            self.holes.push(Hole {
                span,
                target: Some(name),
                callee,
            });
        } else if let ValueKind::Call(call) = value.kind {
            read.statements.push(Statement {
                span,
                target: Some(name),
                second: None,
                call,
            });
        } else {
            read.constants.push(Constant { span, name, value });
        }
        Some(())
    }

    /// Adds a statement to the others, or to the holes where it has errors.
    fn statement(&mut self, statement: &Pair<'_, Rule>, statements: &mut Vec<Statement>) -> Option<()> {
        let errors = self.errors.len();
        let names = statement.clone().into_inner();
        let mut names = names.filter(|pair| pair.as_rule() == Rule::identifier);
        let target = names.next().map(|pair| self.identifier(&pair));
        let second = names.next().map(|pair| self.identifier(&pair));
        let call = self.call(&child(statement, Rule::call)?)?;
        let span = target.as_ref().map_or(call.span, |target| target.span.to(call.span));
        self.errors.extend(explain::sequential(&call));
        if self.errors.len() == errors {
            statements.push(Statement {
                span,
                target,
                second,
                call,
            });
        } else {
            // Either name has a value that is not known.
            self.holes.extend(second.map(|second| Hole {
                span,
                target: Some(second),
                callee: Some(call.name.clone()),
            }));
            self.holes.push(Hole {
                span,
                target,
                callee: Some(call.name),
            });
        }
        Some(())
    }

    fn call(&mut self, call: &Pair<'_, Rule>) -> Option<Call> {
        let mut prefix: Vec<_> = child(call, Rule::path)?
            .into_inner()
            .map(|pair| self.identifier(&pair))
            .collect();
        let name = prefix.pop()?;
        let mut lists = call
            .clone()
            .into_inner()
            .filter(|pair| pair.as_rule() == Rule::arguments);
        let arguments = self.arguments(&lists.next()?)?;
        let wiring = match lists.next() {
            Some(pair) => Some(self.arguments(&pair)?),
            None => None,
        };
        let end = wiring.as_ref().map_or(arguments.span, |wiring| wiring.span);
        let start = prefix.first().map_or(name.span, |first| first.span);
        let mut result = Call {
            span: start.to(end),
            name,
            prefix,
            receiver: None,
            arguments: arguments.node,
            wiring,
        };
        for method in call.clone().into_inner().filter(|pair| pair.as_rule() == Rule::method) {
            let name = self.identifier(&child(&method, Rule::identifier)?);
            let arguments = self.arguments(&child(&method, Rule::arguments)?)?;
            result = Call {
                span: result.span.to(arguments.span),
                name,
                prefix: Vec::new(),
                receiver: Some(Box::new(result)),
                arguments: arguments.node,
                wiring: None,
            };
        }
        Some(result)
    }

    fn arguments(&mut self, list: &Pair<'_, Rule>) -> Option<Spanned<Vec<Argument>>> {
        let mut arguments: Vec<Argument> = Vec::new();
        let mut named = None;
        let mut misplaced = None;
        for pair in list
            .clone()
            .into_inner()
            .filter(|pair| pair.as_rule() == Rule::argument)
        {
            let name = child(&pair, Rule::identifier).map(|pair| self.identifier(&pair));
            let value = self.value(&child(&pair, Rule::value)?)?;
            let span = name.as_ref().map_or(value.span, |name| name.span.to(value.span));
            let argument = Argument { span, name, value };
            match (&argument.name, named) {
                (Some(_), _) => named = Some(argument.span),
                (None, Some(before)) => {
                    // A call with positional arguments behind named ones is reported once.
                    if misplaced.replace(argument.span).is_none() {
                        self.errors.push(explain::positional_after_named(argument.span, before));
                    }
                }
                (None, None) => {}
            }
            arguments.push(argument);
        }
        Some(Spanned::new(arguments, self.span(list)))
    }

    /// Reads a value, whose arithmetic follows the rules: sums of products of signed powers of atoms.
    fn value(&mut self, value: &Pair<'_, Rule>) -> Option<Value> {
        let sum = value.clone().into_inner().next()?;
        self.chain(&sum, &mut |reader, product| {
            reader.chain(&product, &mut |reader, signed| reader.signed(&signed))
        })
    }

    /// Reads operands with operators between them; a single operand stands for itself.
    fn chain<'p>(
        &mut self,
        chain: &Pair<'p, Rule>,
        operand: &mut dyn FnMut(&mut Self, Pair<'p, Rule>) -> Option<Value>,
    ) -> Option<Value> {
        let mut pairs = chain.clone().into_inner();
        let first = operand(self, pairs.next()?)?;
        let mut rest = Vec::new();
        while let Some(pair) = pairs.next() {
            rest.push((operator(pair.as_rule())?, operand(self, pairs.next()?)?));
        }
        Some(chained(first, rest))
    }

    fn signed(&mut self, signed: &Pair<'_, Rule>) -> Option<Value> {
        let mut pairs: Vec<_> = signed.clone().into_inner().collect();
        let power = pairs.pop()?;
        let mut parts = power.into_inner();
        let base = parts.next()?;
        let rest: Vec<_> = parts.collect();
        if rest.is_empty() {
            return self.with_signs(&pairs, &base);
        }
        let first = self.atom(&base, None)?;
        let (mut powers, mut signs) = (Vec::new(), Vec::new());
        for pair in rest {
            match pair.as_rule() {
                Rule::power => {}
                Rule::plus | Rule::minus => signs.push(pair),
                _ => powers.push((Operator::Power, self.with_signs(&std::mem::take(&mut signs), &pair)?)),
            }
        }
        let chain = chained(first, powers);
        Some(self.sign(&pairs, chain))
    }

    /// Reads an atom behind signs, which become part of a number.
    fn with_signs(&mut self, signs: &[Pair<'_, Rule>], atom: &Pair<'_, Rule>) -> Option<Value> {
        if let (Some((sign, outer)), Rule::integer | Rule::float) = (signs.split_last(), atom.as_rule()) {
            let value = self.atom(atom, Some(sign))?;
            return Some(self.sign(outer, value));
        }
        let value = self.atom(atom, None)?;
        Some(self.sign(signs, value))
    }

    /// A value behind signs, the innermost last. Of many signs, two equal ones cancel each other.
    fn sign(&mut self, signs: &[Pair<'_, Rule>], of: Value) -> Value {
        let Some(outermost) = signs.first() else { return of };
        let span = self.span(outermost).to(of.span);
        let negative = signs.iter().filter(|sign| sign.as_rule() == Rule::minus).count() % 2 == 1;
        let kind = match of.kind {
            ValueKind::Integer(number) if !negative => ValueKind::Integer(number),
            ValueKind::Integer(number) if number != i64::MIN => ValueKind::Integer(-number),
            ValueKind::Float(number) => ValueKind::Float(if negative { -number } else { number }),
            kind => {
                let of = Value { span: of.span, kind };
                ValueKind::Arithmetic(Box::new(Arithmetic::Signed { negative, of }))
            }
        };
        Value { span, kind }
    }

    /// Reads a value without operators; a number may have a sign.
    fn atom(&mut self, pair: &Pair<'_, Rule>, sign: Option<&Pair<'_, Rule>>) -> Option<Value> {
        let place = sign.map_or(self.span(pair), |sign| self.span(sign).to(self.span(pair)));
        let signed = sign.map(|sign| format!("{}{}", sign.as_str(), pair.as_str()));
        let text = signed.as_deref().unwrap_or(pair.as_str());
        let kind = match pair.as_rule() {
            Rule::integer => ValueKind::Integer(literal::integer(text).unwrap_or_else(|error| {
                self.errors
                    .push(explain::large_integer(place, error == IntErrorKind::NegOverflow));
                0
            })),
            Rule::float => ValueKind::Float(literal::float(text).unwrap_or_else(|| {
                self.errors.push(explain::large_float(place));
                0.0
            })),
            Rule::string => ValueKind::String(literal::unquote(text).unwrap_or_else(|error| {
                self.errors.push(explain::bad_escape(place, &error));
                String::new()
            })),
            Rule::boolean => ValueKind::Bool(text.eq_ignore_ascii_case("true")),
            Rule::none => ValueKind::None,
            Rule::group => {
                let mut elements = self.values(pair)?;
                let parenthesised = elements.len() == 1 && child(pair, Rule::trailing_comma).is_none();
                match elements.pop() {
                    Some(only) if parenthesised => only.kind,
                    last => {
                        elements.extend(last);
                        ValueKind::Tuple(elements)
                    }
                }
            }
            Rule::list => ValueKind::List(self.values(pair)?),
            Rule::dictionary => {
                let entries = pair.clone().into_inner().filter(|pair| pair.as_rule() == Rule::entry);
                let entries = entries.map(|entry| {
                    let mut parts = entry.into_inner().filter(|pair| pair.as_rule() == Rule::value);
                    Some((self.value(&parts.next()?)?, self.value(&parts.next()?)?))
                });
                ValueKind::Dictionary(entries.collect::<Option<_>>()?)
            }
            Rule::call => {
                let call = self.call(pair)?;
                return Some(Value {
                    span: call.span,
                    kind: ValueKind::Call(call),
                });
            }
            Rule::name => {
                let parts: Vec<_> = child(pair, Rule::path)?
                    .into_inner()
                    .map(|pair| self.identifier(&pair))
                    .collect();
                let span = parts.first()?.span.to(parts.last()?.span);
                let name = parts.into_iter().map(|part| part.node).collect::<Vec<_>>().join(".");
                return Some(Value {
                    span,
                    kind: ValueKind::Name(name),
                });
            }
            _ => return None,
        };
        Some(Value { span: place, kind })
    }

    fn values(&mut self, list: &Pair<'_, Rule>) -> Option<Vec<Value>> {
        let values = list.clone().into_inner().filter(|pair| pair.as_rule() == Rule::value);
        values.map(|pair| self.value(&pair)).collect()
    }
}
