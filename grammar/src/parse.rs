//! Text to tree. The only file that sees `Rule`: nothing else depends on what the grammar's rules are called.

use crate::ast::{Argument, Arithmetic, Call, Constant, File, Hole, Model, Operator, Statement, Value, ValueKind};
use crate::diagnostic::Diagnostic;
use crate::explain::{self, Failure};
use crate::literal;
use crate::mend::{self, Mended};
use crate::scan::{self, MOST_ERRORS};
use crate::source::Source;
use crate::span::{Span, Spanned};
use pest::Parser as _;
use pest::error::{Error, ErrorVariant, InputLocation};
use pest::iterators::Pair;
use std::num::IntErrorKind;

// The derive makes a public enum without documentation.
#[allow(missing_docs)]
mod generated {
    #[derive(pest_derive::Parser)]
    #[grammar = "../cnn.pest"]
    pub struct Cnn;
}
use generated::{Cnn, Rule};

/// A source called `name` of what a file holds. Fails on what cannot be a description: too large, not UTF-8, or with
/// NUL bytes in it, as a binary file has. A byte order mark is left out. Places in the error are those of
/// [`Source::lossy`].
pub fn decode(name: impl Into<String>, bytes: &[u8]) -> Result<Source, Diagnostic> {
    if bytes.len() > Source::LIMIT {
        return Err(too_large(bytes.len()));
    }
    let line = |end: usize| bytes.iter().take(end).filter(|&&byte| byte == b'\n').count() + 1;
    if let Some(at) = bytes.iter().position(|&byte| byte == 0) {
        return Err(Diagnostic::error("E0004", "the file holds a NUL byte")
            .note(format!("at byte {at}, on line {}", line(at)))
            .help("a description is plain text; is this another kind of file, or UTF-16?"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let byte = bytes.get(at).copied().unwrap_or_default();
        // Where `Source::lossy` has the first replacement character.
        let start = at - if bytes.starts_with(MARK) { MARK.len() } else { 0 };
        Diagnostic::error("E0002", "the file is not UTF-8")
            .at(
                Span::new(start, start + char::REPLACEMENT_CHARACTER.len_utf8()),
                format!("byte {byte:#04x} is not valid here"),
            )
            .note(format!("byte {byte:#04x} at byte {at}, on line {}", line(at)))
            .help("save it as UTF-8")
    })?;
    Ok(Source::new(name, text.strip_prefix('\u{FEFF}').unwrap_or(text)))
}

/// A byte order mark as UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

fn too_large(size: usize) -> Diagnostic {
    Diagnostic::error("E0003", "the file is too large for a description")
        .note(format!("{size} bytes; the most is {}", Source::LIMIT))
        .help("is this another kind of file? a description is a page of text")
}

/// What could be read of a description, and what is wrong with its text.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The tree. What could not be read is a hole in it.
    pub file: File,
    /// The errors, in the order of the text, [`MOST_ERRORS`] at most. There are holes in the tree if and only if there
    /// are errors.
    pub diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    /// Nothing could be read.
    fn lost(source: &Source, diagnostics: Vec<Diagnostic>) -> Self {
        let hole = Hole {
            span: Span::new(0, source.text.len()),
            target: None,
            callee: None,
        };
        let file = File {
            holes: vec![hole],
            ..File::default()
        };
        Self { file, diagnostics }
    }

    /// The tree of a text without errors, else the errors.
    pub fn into_result(self) -> Result<File, Vec<Diagnostic>> {
        if self.diagnostics.is_empty() {
            Ok(self.file)
        } else {
            Err(self.diagnostics)
        }
    }
}

/// The tree of a description whose text is right, or every statement that cannot be read, in order. A text without a
/// statement is an empty tree.
pub fn parse(source: &Source) -> Result<File, Vec<Diagnostic>> {
    read(source).into_result()
}

/// The tree of a description as far as it can be read, and every statement that cannot.
pub fn read(source: &Source) -> Parsed {
    if source.text.len() > Source::LIMIT {
        return Parsed::lost(source, vec![too_large(source.text.len())]);
    }
    let scanned = scan::scan(source);
    let mut mended = mend::mend(source, &scanned);
    let mut errors = scanned.errors;
    errors.append(&mut mended.errors);
    if errors.len() >= MOST_ERRORS {
        return Parsed::lost(source, first(errors));
    }
    let mut holes = std::mem::take(&mut mended.holes);
    // A statement that fails is blanked out and the rest parsed again, so that each failure is reported once and
    // every place stays where it was.
    let file = loop {
        let error = match Cnn::parse(Rule::file, &mended.text) {
            Ok(mut pairs) => {
                let mut reader = Reader {
                    mended: &mended,
                    errors: &mut errors,
                    holes: &mut holes,
                };
                break pairs.next().and_then(|pair| reader.file(pair));
            }
            Err(error) => error,
        };
        let failure = Failure::new(&mended.tokens, mended.origin(position(&error)), expected(&error));
        errors.push(explain::explain(source, &failure));
        let statement = failure.statement();
        holes.extend(mend::hole(source, &mended.tokens, statement.start, statement.end));
        let range = failure.range();
        if !mended.blank(range) || errors.len() >= MOST_ERRORS {
            break None;
        }
    };
    let mut errors = first(errors);
    let Some(mut file) = file else {
        if errors.is_empty() {
            errors.push(Diagnostic::error(
                "E0099",
                "the description cannot be read; this is a fault of the parser",
            ));
        }
        return Parsed::lost(source, errors);
    };
    holes.sort_by_key(|hole| hole.span.start);
    for hole in holes {
        let next = file.models.partition_point(|model| model.span.start <= hole.span.start);
        let before = next.checked_sub(1).and_then(|index| file.models.get_mut(index));
        match before.filter(|model| hole.span.start < model.span.end) {
            Some(model) => model.holes.push(hole),
            None => file.holes.push(hole),
        }
    }
    Parsed {
        file,
        diagnostics: errors,
    }
}

/// The first [`MOST_ERRORS`], in the order of the text.
fn first(mut errors: Vec<Diagnostic>) -> Vec<Diagnostic> {
    errors.sort_by_key(|error| error.labels.first().map(|label| label.span.start));
    errors.truncate(MOST_ERRORS);
    errors
}

fn position(error: &Error<Rule>) -> usize {
    match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    }
}

/// What could have stood where the parser failed, in words, each once.
fn expected(error: &Error<Rule>) -> Vec<&'static str> {
    let ErrorVariant::ParsingError { positives, .. } = &error.variant else {
        return Vec::new();
    };
    let mut names: Vec<&'static str> = Vec::new();
    for name in positives.iter().filter_map(|rule| human(*rule)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What people call a rule.
fn human(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::EOI => "the end of the file",
        Rule::file | Rule::item | Rule::body => "a statement",
        Rule::model | Rule::model_keyword => "`model`",
        Rule::statement => "a layer or a call",
        Rule::let_constant | Rule::let_keyword => "`let`",
        Rule::assignment => "a named value",
        // What could go on after any value is noise.
        Rule::plus | Rule::minus | Rule::power | Rule::times | Rule::floor_divide | Rule::divide | Rule::modulo => {
            return None;
        }
        Rule::dictionary => "a dictionary",
        Rule::entry => "a key",
        Rule::colon => "`:`",
        Rule::separator | Rule::newline | Rule::lines => "a new line",
        Rule::call => "a call",
        Rule::arguments | Rule::open_paren => "`(`",
        Rule::argument => "an argument",
        Rule::value | Rule::sum | Rule::product | Rule::signed | Rule::power_chain | Rule::atom => "a value",
        Rule::float | Rule::integer | Rule::digits | Rule::sign | Rule::exponent => "a number",
        Rule::string => "a string",
        Rule::boolean => "`True` or `False`",
        Rule::none => "`None`",
        Rule::group => "a tuple",
        Rule::list => "a list",
        Rule::name | Rule::path | Rule::identifier | Rule::word => "a name",
        Rule::equals => "`=`",
        Rule::comma | Rule::trailing_comma => "`,`",
        Rule::close_paren => "`)`",
        Rule::open_bracket => "`[`",
        Rule::close_bracket => "`]`",
        Rule::open_brace => "`{`",
        Rule::close_brace => "`}`",
        // A method is rare enough not to be offered after every call.
        Rule::byte_order_mark | Rule::WHITESPACE | Rule::COMMENT | Rule::method => return None,
    })
}

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

/// Reads pairs into the tree. What the grammar takes but the language does not goes to `errors`, and its statement to
/// `holes`. A rule's own span can reach over the blanks after it, so spans end where the last child does. `None` where a
/// rule lacks a part that the grammar gives it, which does not happen.
struct Reader<'r> {
    mended: &'r Mended,
    errors: &'r mut Vec<Diagnostic>,
    holes: &'r mut Vec<Hole>,
}

impl Reader<'_> {
    fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        Span::new(self.mended.origin(span.start()), self.mended.origin(span.end()))
    }

    fn identifier(&self, pair: &Pair<'_, Rule>) -> Spanned<String> {
        Spanned::new(pair.as_str().to_owned(), self.span(pair))
    }

    fn file(&mut self, file: Pair<'_, Rule>) -> Option<File> {
        let mut read = File::default();
        for pair in file.into_inner() {
            match pair.as_rule() {
                Rule::model => read.models.push(self.model(&pair)?),
                Rule::statement => self.statement(&pair, &mut read.statements)?,
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

    /// Reads a value with a name: a call is a statement, anything else a constant.
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
                call,
            });
        } else {
            read.constants.push(Constant { span, name, value });
        }
        Some(())
    }

    /// Reads a statement to the others, or to the holes where it has errors.
    fn statement(&mut self, statement: &Pair<'_, Rule>, statements: &mut Vec<Statement>) -> Option<()> {
        let errors = self.errors.len();
        let target = child(statement, Rule::identifier).map(|pair| self.identifier(&pair));
        let call = self.call(&child(statement, Rule::call)?)?;
        let span = target.as_ref().map_or(call.span, |target| target.span.to(call.span));
        self.errors.extend(explain::sequential(&call));
        if self.errors.len() == errors {
            statements.push(Statement { span, target, call });
        } else {
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
                    // Once a call will do.
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

    /// A value, whose arithmetic has the shape of the rules: sums of products of signed powers of atoms.
    fn value(&mut self, value: &Pair<'_, Rule>) -> Option<Value> {
        let sum = value.clone().into_inner().next()?;
        self.chain(&sum, &mut |reader, product| {
            reader.chain(&product, &mut |reader, signed| reader.signed(&signed))
        })
    }

    /// Operands with operators between them; a single operand is itself.
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

    /// An atom behind signs: of a number they are part.
    fn with_signs(&mut self, signs: &[Pair<'_, Rule>], atom: &Pair<'_, Rule>) -> Option<Value> {
        if let (Some((sign, outer)), Rule::integer | Rule::float) = (signs.split_last(), atom.as_rule()) {
            let value = self.atom(atom, Some(sign))?;
            return Some(self.sign(outer, value));
        }
        let value = self.atom(atom, None)?;
        Some(self.sign(signs, value))
    }

    /// A value behind signs, the innermost last. Of many signs two of a kind undo each other.
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

    /// A value without operators; a number may have a sign.
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
