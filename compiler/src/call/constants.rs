//! Replaces named values and arithmetic before anything else reads the tree: names by their values, and operators by
//! their results, as in Python. What has no result is reported, and its statement becomes a hole, so that nothing
//! else is reported about it.

use crate::call::arithmetic::{self, Fault};
use crate::call::suggest::nearest;
use grammar::ast::{Argument, Arithmetic, Call, File, Hole, Statement, Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::{Span, Spanned};
use std::collections::HashMap;

/// The largest number of values that the names of a description may come to, counting each use: a few lines could
/// otherwise stand for more than memory holds.
const MOST_VALUES: usize = 1 << 20;
/// The depth to which a named value may nest.
const DEEPEST: usize = 48;

/// What stands before the name of a call: the names of a path, or another call.
type CalledOf = (Vec<Spanned<String>>, Option<Box<Call>>);

/// A name and its value.
struct Named {
    /// The value; None where it is unknown, which has been reported.
    kind: Option<ValueKind>,
    name: Span,
    /// The offset in the text from which the name is known.
    from: u32,
    used: bool,
    /// The number of values that the value consists of.
    size: usize,
}

/// Whether a call at the top level gives a value to its name; others are statements, or mistakes that `resolve` reports.
pub(crate) fn is_value(statement: &Statement, is_statement: impl Fn(&str) -> bool) -> bool {
    let plain = statement.call.wiring.is_none() && !is_statement(&statement.call.name.node);
    statement.second.is_some() || (statement.target.is_some() && plain)
}

/// Divides a call that gives two values into a call for each; errs where it does not give two.
pub(crate) type Halves = fn(&Call) -> Result<[Call; 2], Box<Diagnostic>>;

/// The file with names and operators replaced. `is_statement` tells which calls are never values, such as `fit` and layers,
/// `halves` what the two names of `train, valid = load(...)` stand for.
pub(crate) fn evaluated(
    file: &File,
    is_statement: impl Fn(&str) -> bool,
    halves: Halves,
    diagnostics: &mut Vec<Diagnostic>,
) -> File {
    let mut evaluator = Evaluator {
        halves,
        named: HashMap::new(),
        defining: u32::MAX,
        spent: 0,
        diagnostics,
    };
    evaluator.define(file, &is_statement);
    let mut result = File {
        holes: file.holes.clone(),
        ..File::default()
    };
    for model in &file.models {
        let mut evaluated = grammar::ast::Model {
            statements: Vec::new(),
            ..model.clone()
        };
        for statement in &model.statements {
            evaluator.clash(statement);
            evaluator.statement(statement, &mut evaluated.statements, &mut evaluated.holes);
        }
        evaluated.holes.sort_by_key(|hole| hole.span.start);
        result.models.push(evaluated);
    }
    let (values, statements): (Vec<_>, Vec<_>) = file
        .statements
        .iter()
        .partition(|statement| is_value(statement, &is_statement));
    for statement in statements {
        evaluator.statement(statement, &mut result.statements, &mut result.holes);
    }
    // A call that nothing uses is a mistake that only the reader of its values could report.
    for statement in values {
        let named = |name: &Spanned<String>| evaluator.named.get(name.node.as_str());
        let used = |name: &&Spanned<String>| named(name).is_some_and(|named| named.used);
        let names = || statement.target.iter().chain(&statement.second);
        if !names().any(|name| used(&name)) {
            // Two names of what gives no two values have been reported.
            if statement.second.is_none() || names().all(|name| named(name).is_some_and(|named| named.kind.is_some())) {
                result.statements.push(statement.clone());
            }
        } else if let Some(name) = names().find(|name| !used(name)) {
            evaluator.diagnostics.push(
                Diagnostic::warning("W0136", format!("`{}` is not used", name.node))
                    .at(name.span, "this changes nothing")
                    .help(format!(
                        "fit(..., validation_data={}), or subset=\"training\" and one name",
                        name.node
                    )),
            );
        }
    }
    evaluator.unused(file);
    result.holes.sort_by_key(|hole| hole.span.start);
    result
}

struct Evaluator<'a> {
    halves: Halves,
    named: HashMap<String, Named>,
    /// The offset of the definition that is being read; beyond the text once all are read.
    defining: u32,
    spent: usize,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Evaluator<'_> {
    /// Reads all definitions, from top to bottom.
    fn define(&mut self, file: &File, is_statement: &dyn Fn(&str) -> bool) {
        enum Definition<'f> {
            Value(&'f Value),
            Call(&'f Call),
            Two(&'f Spanned<String>, &'f Call),
            Hole,
        }
        let constants = file
            .constants
            .iter()
            .map(|constant| (&constant.name, constant.span, Definition::Value(&constant.value)));
        let calls = file
            .statements
            .iter()
            .filter(|statement| is_value(statement, is_statement))
            .filter_map(|statement| {
                let definition = match &statement.second {
                    Some(second) => Definition::Two(second, &statement.call),
                    None => Definition::Call(&statement.call),
                };
                Some((statement.target.as_ref()?, statement.span, definition))
            });
        let holes = file
            .holes
            .iter()
            .filter_map(|hole| Some((hole.target.as_ref()?, hole.span, Definition::Hole)));
        let mut definitions: Vec<(&Spanned<String>, Span, Definition)> = constants.chain(calls).chain(holes).collect();
        definitions.sort_by_key(|(_, span, _)| span.start);
        // Names are known before their values are, so that a use above the definition can be told from a use of nothing.
        for (name, span, definition) in &definitions {
            let second = match definition {
                Definition::Two(second, _) => Some(second),
                Definition::Value(_) | Definition::Call(_) | Definition::Hole => None,
            };
            for name in std::iter::once(name).chain(second) {
                self.named.entry(name.node.clone()).or_insert(Named {
                    kind: None,
                    name: name.span,
                    from: span.end,
                    used: false,
                    size: 0,
                });
            }
        }
        for (name, span, definition) in definitions {
            self.defining = span.start;
            let kind = match definition {
                Definition::Value(value) => self.value(value).map(|value| value.kind),
                Definition::Call(call) => self.call(call).map(ValueKind::Call),
                Definition::Two(second, call) => {
                    let halves = self.call(call).and_then(|call| {
                        let halves = (self.halves)(&call);
                        halves.map_err(|diagnostic| self.diagnostics.push(*diagnostic)).ok()
                    });
                    let (one, other) = halves.map_or((None, None), |[one, other]| (Some(one), Some(other)));
                    self.give(second, other.map(ValueKind::Call), span);
                    one.map(ValueKind::Call)
                }
                Definition::Hole => None,
            };
            self.give(name, kind, span);
        }
        self.defining = u32::MAX;
    }

    /// Gives a name its value, unless it has one.
    fn give(&mut self, name: &Spanned<String>, kind: Option<ValueKind>, span: Span) {
        let first = self.named.get(&name.node).map_or(name.span, |named| named.name);
        if first != name.span {
            self.diagnostics.push(
                Diagnostic::error("E0134", format!("`{}` is given two values", name.node))
                    .at(name.span, "again here")
                    .because(first, "first here")
                    .help("a name has one value: give the second another name"),
            );
            return;
        }
        let kind = kind.filter(|kind| self.fits(kind, span));
        if let Some(named) = self.named.get_mut(&name.node) {
            named.size = kind.as_ref().map_or(0, size);
            named.kind = kind;
        }
    }

    fn fits(&mut self, kind: &ValueKind, span: Span) -> bool {
        let fits = depth(kind) <= DEEPEST;
        if !fits {
            self.diagnostics.push(
                Diagnostic::error("E0135", "the value is too large")
                    .at(span, format!("it is nested more than {DEEPEST} deep")),
            );
        }
        fits
    }

    /// Reports a layer that has the name of a value, so that uses of the name could mean either.
    fn clash(&mut self, statement: &Statement) {
        let Some(target) = &statement.target else { return };
        let Some(named) = self.named.get_mut(&target.node) else {
            return;
        };
        named.used = true;
        let diagnostic = Diagnostic::error("E0134", format!("`{}` is given two values", target.node))
            .at(target.span, "a layer")
            .because(named.name, "a value")
            .help("give one of them another name");
        self.diagnostics.push(diagnostic);
    }

    fn statement(&mut self, statement: &Statement, statements: &mut Vec<Statement>, holes: &mut Vec<Hole>) {
        match self.call(&statement.call) {
            Some(call) => statements.push(Statement {
                call,
                ..statement.clone()
            }),
            None => holes.push(Hole {
                span: statement.span,
                target: statement.target.clone(),
                callee: Some(statement.call.name.clone()),
            }),
        }
    }

    /// The call with its arguments evaluated; its wiring names layers, which are not values.
    fn call(&mut self, call: &Call) -> Option<Call> {
        let arguments: Vec<Option<Argument>> = call
            .arguments
            .iter()
            .map(|argument| {
                let value = self.value(&argument.value)?;
                Some(Argument {
                    span: argument.span,
                    name: argument.name.clone(),
                    value,
                })
            })
            .collect();
        let (prefix, receiver) = self.receiver(call)?;
        Some(Call {
            prefix,
            receiver,
            arguments: arguments.into_iter().collect::<Option<_>>()?,
            ..call.clone()
        })
    }

    /// The receiver of a call: another call, written before it or under a name, as in `datagen.flow_from_directory("train")`.
    fn receiver(&mut self, call: &Call) -> Option<CalledOf> {
        if let Some(receiver) = &call.receiver {
            return Some((Vec::new(), Some(Box::new(self.call(receiver)?))));
        }
        if let [only] = call.prefix.as_slice()
            && let Some(Named {
                kind: Some(ValueKind::Call(_)),
                ..
            }) = self.named.get(&only.node)
        {
            let value = Value {
                span: only.span,
                kind: ValueKind::Name(only.node.clone()),
            };
            if let ValueKind::Call(named) = self.name(&only.node, &value)? {
                return Some((Vec::new(), Some(Box::new(named))));
            }
        }
        Some((call.prefix.clone(), None))
    }

    fn value(&mut self, value: &Value) -> Option<Value> {
        self.spend(1, value.span)?;
        let kind = match &value.kind {
            ValueKind::Integer(_)
            | ValueKind::Float(_)
            | ValueKind::String(_)
            | ValueKind::Bool(_)
            | ValueKind::None => value.kind.clone(),
            ValueKind::Name(name) => self.name(name, value)?,
            ValueKind::Tuple(items) => ValueKind::Tuple(self.values(items)?),
            ValueKind::List(items) => ValueKind::List(self.values(items)?),
            ValueKind::Call(call) => ValueKind::Call(self.call(call)?),
            ValueKind::Dictionary(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(key, value)| self.value(key).zip(self.value(value)))
                    .collect();
                ValueKind::Dictionary(entries.into_iter().collect::<Option<_>>()?)
            }
            ValueKind::Arithmetic(arithmetic) => self.arithmetic(arithmetic, value.span)?,
        };
        Some(Value { span: value.span, kind })
    }

    fn values(&mut self, items: &[Value]) -> Option<Vec<Value>> {
        let items: Vec<_> = items.iter().map(|item| self.value(item)).collect();
        items.into_iter().collect()
    }

    /// The value of a name; the name itself where it has none, since layers and functions have names too.
    fn name(&mut self, name: &str, value: &Value) -> Option<ValueKind> {
        let Some(named) = self.named.get_mut(name) else {
            return Some(ValueKind::Name(name.to_owned()));
        };
        named.used = true;
        let (from, at, size) = (named.from, named.name, named.size);
        if value.span.start < from || self.defining < from && self.defining <= at.start {
            self.diagnostics.push(
                Diagnostic::error("E0130", format!("`{name}` has no value yet"))
                    .at(value.span, "used here")
                    .because(at, "its value comes later")
                    .help("move its line up: names are known below their lines"),
            );
            return None;
        }
        let kind = named.kind.clone()?;
        self.spend(size, value.span)?;
        Some(kind)
    }

    fn arithmetic(&mut self, arithmetic: &Arithmetic, span: Span) -> Option<ValueKind> {
        match arithmetic {
            Arithmetic::Signed { negative, of } => {
                let of = self.value(of)?;
                self.operand(&of)?;
                let result = arithmetic::signed(*negative, &of);
                self.done(result, span)
            }
            Arithmetic::Chain { first, rest } => {
                let first = self.value(first);
                let rest: Vec<_> = rest
                    .iter()
                    .map(|(operator, value)| Some((*operator, self.value(value)?)))
                    .collect();
                let (mut left, rest) = (first?, rest.into_iter().collect::<Option<Vec<_>>>()?);
                for value in std::iter::once(&left).chain(rest.iter().map(|(_, value)| value)) {
                    self.operand(value)?;
                }
                if rest
                    .first()
                    .is_some_and(|(operator, _)| *operator == grammar::ast::Operator::Power)
                {
                    return self.powers(left, rest);
                }
                for (operator, right) in rest {
                    let span = left.span.to(right.span);
                    self.spend(size(&left.kind), span)?;
                    let result = arithmetic::binary(&left, operator, &right);
                    let kind = self.done(result, span)?;
                    left = Value { span, kind };
                }
                Some(left.kind)
            }
        }
    }

    /// `a ** b ** c`, computed from the right.
    fn powers(&mut self, first: Value, mut rest: Vec<(grammar::ast::Operator, Value)>) -> Option<ValueKind> {
        let (operator, mut right) = rest.pop()?;
        let lefts = std::iter::once(first).chain(rest.into_iter().map(|(_, value)| value));
        for left in lefts.collect::<Vec<_>>().into_iter().rev() {
            let span = left.span.to(right.span);
            let result = arithmetic::binary(&left, operator, &right);
            let kind = self.done(result, span)?;
            right = Value { span, kind };
        }
        Some(right.kind)
    }

    /// Reports a name that is left between operators, which stands for nothing.
    fn operand(&mut self, value: &Value) -> Option<()> {
        let ValueKind::Name(name) = &value.kind else {
            return Some(());
        };
        let diagnostic = Diagnostic::error("E0130", format!("no value is called `{name}`"));
        let known = self.named.keys().map(String::as_str);
        self.diagnostics.push(match nearest(name, known) {
            Some(meant) => diagnostic
                .at(value.span, "nothing above has this name")
                .help(format!("did you mean `{meant}`?"))
                .fix(value.span, meant),
            None if name.contains('.') => diagnostic
                .at(value.span, "there are no objects here")
                .help("write the number itself; without steps_per_epoch and validation_steps all samples are taken"),
            None => diagnostic
                .at(value.span, "nothing above has this name")
                .help(format!("give it a value above the model: let {name} = 16")),
        });
        None
    }

    fn done(&mut self, result: Result<ValueKind, Fault>, span: Span) -> Option<ValueKind> {
        result
            .map_err(|fault| self.diagnostics.push(fault.diagnostic(span)))
            .ok()
    }

    /// Counts values towards [`MOST_VALUES`], and reports once that there are too many.
    fn spend(&mut self, values: usize, span: Span) -> Option<()> {
        let before = self.spent;
        self.spent = before.saturating_add(values);
        if self.spent <= MOST_VALUES {
            return Some(());
        }
        if before <= MOST_VALUES {
            self.diagnostics
                .push(Diagnostic::error("E0135", "the value is too large").at(
                    span,
                    format!(
                        "with this, names and values come to more than {}",
                        crate::numbers::thousands(MOST_VALUES)
                    ),
                ));
        }
        None
    }

    fn unused(&mut self, file: &File) {
        for constant in &file.constants {
            let name = &constant.name;
            let unused = |named: &Named| !named.used && named.name == name.span && named.kind.is_some();
            if self.named.get(&name.node).is_some_and(unused) {
                self.diagnostics.push(
                    Diagnostic::warning("W0136", format!("`{}` is not used", name.node))
                        .at(constant.span, "this changes nothing")
                        .help("remove it, or use it"),
                );
            }
        }
    }
}

fn parts(kind: &ValueKind) -> Vec<&Value> {
    match kind {
        ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::String(_)
        | ValueKind::Bool(_)
        | ValueKind::None
        | ValueKind::Name(_)
        | ValueKind::Arithmetic(_) => Vec::new(),
        ValueKind::Tuple(items) | ValueKind::List(items) => items.iter().collect(),
        ValueKind::Call(call) => {
            let calls = std::iter::successors(Some(call), |call| call.receiver.as_deref());
            calls
                .flat_map(|call| &call.arguments)
                .map(|argument| &argument.value)
                .collect()
        }
        ValueKind::Dictionary(entries) => entries.iter().flat_map(|(key, value)| [key, value]).collect(),
    }
}

/// The number of values that a value consists of, itself included.
fn size(kind: &ValueKind) -> usize {
    1 + parts(kind).into_iter().map(|part| size(&part.kind)).sum::<usize>()
}

fn depth(kind: &ValueKind) -> usize {
    1 + parts(kind).into_iter().map(|part| depth(&part.kind)).max().unwrap_or(0)
}
