//! The state of the interpreter, and how it executes statements.

use super::objects::{LayerObject, ModelObject, Module, Refusal, TensorObject};
use super::source::Source;
use super::value::{Body, Class, Function, Id, Scope, Value};
use ruff_python_ast::{Expr, Parameters, Stmt, StmtClassDef};
use ruff_text_size::Ranged;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// How many expressions are evaluated before a script is given up: loops over constants are unrolled.
const FUEL: usize = 500_000;
/// How deeply calls and expressions may be nested.
const DEPTH: usize = 250;

/// How a statement ends: with the next one, or by leaving a loop or a function.
pub enum Flow<'a> {
    Next,
    Break,
    Continue,
    Return(Value<'a>),
}

/// What the interpreter has found in the script so far.
pub struct Interpreter<'a> {
    pub source: &'a Source,
    pub layers: Vec<LayerObject<'a>>,
    pub tensors: Vec<TensorObject>,
    pub models: Vec<ModelObject>,
    pub functions: Vec<Rc<Function<'a>>>,
    /// The classes of the script, in its order.
    pub classes: Vec<Rc<Class<'a>>>,
    pub called: BTreeSet<String>,
    /// Names that are used and never given a value.
    pub undefined: BTreeSet<String>,
    pub left_out: BTreeMap<(usize, usize), String>,
    /// What cannot be imported, but is needed for the network.
    pub errors: Vec<Refusal>,
    /// Whether the script was given up because there was too much to evaluate.
    pub exhausted: bool,
    pub seed: Option<i64>,
    pub fuel: usize,
    pub depth: usize,
    /// The values that the command line gives to names of the script.
    pub given: HashMap<String, Value<'a>>,
    /// The modules that lie beside the script, by their names, and which of them are packages.
    pub modules: HashMap<String, Module<'a>>,
    pub packages: BTreeSet<String>,
    /// The first and the last line of the current statement.
    pub lines: (usize, usize),
    /// Whether something in the current statement is not understood.
    pub lost: bool,
    /// The shapes of tensors, as `cnnc check` finds them; `None` where it finds none.
    pub shapes: HashMap<Id, Option<Vec<i64>>>,
    /// The models that are trained, each with the shape of its samples.
    pub fitted: Vec<(Id, Option<Vec<Option<i64>>>)>,
    /// What was done with functions that are never called.
    pub notes_of_functions: Vec<String>,
    /// The tensors that are another one times a factor plus a summand: the other, the factor and the summand.
    pub scalings: HashMap<Id, (Id, f64, f64)>,
    /// How often a shape has been worked out.
    pub asked: usize,
    /// Outputs of pretrained applications on their own, so that models made of them have the applications' layers.
    pub unrolled: BTreeSet<Id>,
    /// Layers that were applied with `training=False`.
    pub inference: BTreeSet<Id>,
    /// Whether the script says for all layers that channels come first.
    pub channels_first: bool,
}

impl<'a> Interpreter<'a> {
    pub fn new(source: &'a Source, given: HashMap<String, Value<'a>>) -> Self {
        Self {
            source,
            layers: Vec::new(),
            tensors: Vec::new(),
            models: Vec::new(),
            functions: Vec::new(),
            classes: Vec::new(),
            called: BTreeSet::new(),
            undefined: BTreeSet::new(),
            left_out: BTreeMap::new(),
            errors: Vec::new(),
            exhausted: false,
            seed: None,
            fuel: FUEL,
            depth: 0,
            given,
            modules: HashMap::new(),
            packages: BTreeSet::new(),
            lines: (0, 0),
            lost: false,
            shapes: HashMap::new(),
            fitted: Vec::new(),
            notes_of_functions: Vec::new(),
            scalings: HashMap::new(),
            asked: 0,
            unrolled: BTreeSet::new(),
            inference: BTreeSet::new(),
            channels_first: false,
        }
    }

    /// Runs `inner` one level deeper; `None` where the script is nested too deeply or goes on too long.
    pub fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= DEPTH || self.fuel == 0 {
            self.lost = true;
            self.exhausted |= self.fuel == 0;
            return None;
        }
        self.fuel -= 1;
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        Some(result)
    }

    /// Executes statements until one leaves a loop or a function.
    pub fn run(&mut self, body: &'a [Stmt], scope: &Scope<'a>) -> Flow<'a> {
        for statement in body {
            let flow = self.deeper(|own| own.statement(statement, scope)).unwrap_or(Flow::Next);
            if !matches!(flow, Flow::Next) {
                return flow;
            }
        }
        Flow::Next
    }

    fn statement(&mut self, statement: &'a Stmt, scope: &Scope<'a>) -> Flow<'a> {
        let range = statement.range();
        self.lines = self.source.lines(range);
        match statement {
            Stmt::Expr(expression) => {
                self.lost = false;
                let value = self.value(&expression.value, scope);
                self.lines = self.source.lines(range);
                if (self.lost || value.is_unknown()) && !self.left_out.contains_key(&self.lines) {
                    self.leave_out(range);
                }
            }
            Stmt::Assign(assign) => {
                self.lost = false;
                let value = self.value(&assign.value, scope);
                self.lines = self.source.lines(range);
                let whole = matches!(*assign.value, Expr::Tuple(_));
                if matches!(value, Value::Unknown(_)) || (whole && value.is_unknown()) {
                    self.leave_out(range);
                }
                for target in &assign.targets {
                    self.assign(target, value.clone(), scope);
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    let value = self.value(value, scope);
                    self.assign(&assign.target, value, scope);
                }
            }
            Stmt::AugAssign(assign) => {
                let (left, right) = (self.value(&assign.target, scope), self.value(&assign.value, scope));
                let value = self.binary(assign.op, left, right, range);
                self.assign(&assign.target, value, scope);
            }
            Stmt::FunctionDef(function) => {
                let made = self.function(
                    function.name.as_str(),
                    Some(&function.parameters),
                    Body::Statements(&function.body),
                    scope,
                );
                self.functions.push(Rc::clone(&made));
                scope.set(function.name.as_str(), Value::Function(made));
            }
            Stmt::ClassDef(class) => self.class(class, scope),
            Stmt::Return(result) => {
                let value = result
                    .value
                    .as_ref()
                    .map_or(Value::None, |value| self.value(value, scope));
                return Flow::Return(value);
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    if !self.import_beside(alias, scope) {
                        super::imports::import(alias, scope);
                    }
                }
            }
            Stmt::ImportFrom(import) => {
                if !self.import_from_beside(import, scope) {
                    super::imports::from(import, scope);
                }
            }
            Stmt::If(branch) => return self.branch(branch, scope),
            Stmt::For(looped) => return self.repeat(looped, scope),
            Stmt::While(looped) => return self.repeat_while(looped, scope),
            Stmt::With(with) => {
                for item in &with.items {
                    let value = self.value(&item.context_expr, scope);
                    if let Some(target) = &item.optional_vars {
                        self.assign(target, value, scope);
                    }
                }
                return self.run(&with.body, scope);
            }
            Stmt::Try(attempt) => {
                // As if nothing failed.
                let flow = self.run(&attempt.body, scope);
                if !matches!(flow, Flow::Next) {
                    return flow;
                }
                let flow = self.run(&attempt.orelse, scope);
                if !matches!(flow, Flow::Next) {
                    return flow;
                }
                return self.run(&attempt.finalbody, scope);
            }
            Stmt::Break(_) => return Flow::Break,
            Stmt::Continue(_) => return Flow::Continue,
            Stmt::Raise(_) => {
                self.leave_out(range);
                return Flow::Return(Value::unknown("raise"));
            }
            Stmt::Delete(_) | Stmt::Pass(_) | Stmt::Global(_) | Stmt::Nonlocal(_) | Stmt::TypeAlias(_) => {}
            Stmt::Match(_) => self.skip(statement, scope),
            Stmt::Assert(_) | Stmt::IpyEscapeCommand(_) => self.leave_out(range),
        }
        Flow::Next
    }

    /// Leaves out a statement whose effect is not known; the names that it assigns are unknown from here on.
    pub fn skip(&mut self, statement: &'a Stmt, scope: &Scope<'a>) {
        let range = statement.range();
        self.lines = self.source.lines(range);
        self.leave_out(range);
        let mut found = super::touched::Touched::default();
        found.statement(statement);
        for name in found.assigned {
            scope.set(&name, Value::unknown(&name));
        }
        self.uncertain(found.built, scope);
    }

    /// Defines a class: its body is executed once, so that its methods are functions.
    fn class(&mut self, class: &'a StmtClassDef, scope: &Scope<'a>) {
        let bases = class.arguments.iter().flat_map(|arguments| &arguments.args);
        let (mut is_keras, mut is_callback) = (false, false);
        for base in bases {
            match self.value(base, scope) {
                Value::Path(path) => {
                    is_keras |= super::paths::in_keras(&path).is_some() || path.starts_with("torch");
                    is_callback |= path.contains("callbacks.");
                }
                Value::Class(base) => {
                    is_keras |= base.is_keras;
                    is_callback |= base.is_callback;
                }
                _ => {}
            }
        }
        let inner = scope.inner();
        if is_keras {
            self.leave_out(class.range());
        } else {
            let _ = self.run(&class.body, &inner);
        }
        let made = Rc::new(Class {
            name: class.name.to_string(),
            scope: inner,
            is_keras,
            is_callback,
        });
        if !is_keras {
            self.classes.push(Rc::clone(&made));
        }
        scope.set(class.name.as_str(), Value::Class(made));
    }

    /// Defines a function; the defaults of its parameters are evaluated now, as in Python.
    pub fn function(
        &mut self,
        name: &str,
        parameters: Option<&'a Parameters>,
        body: Body<'a>,
        scope: &Scope<'a>,
    ) -> Rc<Function<'a>> {
        let mut defaults = HashMap::new();
        if let Some(parameters) = parameters {
            let all = parameters
                .posonlyargs
                .iter()
                .chain(&parameters.args)
                .chain(&parameters.kwonlyargs);
            for parameter in all {
                if let Some(default) = &parameter.default {
                    let value = self.value(default, scope);
                    defaults.insert(parameter.parameter.name.to_string(), value);
                }
            }
        }
        Rc::new(Function {
            name: name.to_owned(),
            parameters,
            body,
            scope: scope.clone(),
            defaults,
        })
    }

    /// Assigns a value to a target: a name, a tuple of targets, an element or an attribute.
    pub fn assign(&mut self, target: &'a Expr, value: Value<'a>, scope: &Scope<'a>) {
        match target {
            Expr::Name(name) => {
                let value = self.given.get(name.id.as_str()).cloned().unwrap_or(value);
                scope.set(name.id.as_str(), value);
            }
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, &value, scope),
            Expr::List(list) => self.unpack(&list.elts, &value, scope),
            Expr::Starred(starred) => self.assign(&starred.value, value, scope),
            Expr::Subscript(subscript) => {
                let (container, key) = (self.value(&subscript.value, scope), self.value(&subscript.slice, scope));
                super::plain::set(&container, &key, value);
            }
            Expr::Attribute(attribute) => {
                let object = self.value(&attribute.value, scope);
                self.set_attribute(&object, attribute.attr.as_str(), value);
            }
            _ => {}
        }
    }

    fn unpack(&mut self, targets: &'a [Expr], value: &Value<'a>, scope: &Scope<'a>) {
        let items = self.iterate(value);
        let starred = targets.iter().position(|target| matches!(target, Expr::Starred(_)));
        for (index, target) in targets.iter().enumerate() {
            let item = match (&items, starred) {
                (Some(items), None) => items.get(index).cloned(),
                (Some(items), Some(star)) if index < star => items.get(index).cloned(),
                (Some(items), Some(star)) if index == star => {
                    let end = (items.len() + star + 1).saturating_sub(targets.len());
                    items.get(star..end).map(|items| Value::list(items.to_vec()))
                }
                (Some(items), Some(_)) => (items.len() + index)
                    .checked_sub(targets.len())
                    .and_then(|at| items.get(at).cloned()),
                (None, _) => None,
            };
            let item = item.unwrap_or_else(|| Value::unknown(self.source.slice(target.range())));
            self.assign(target, item, scope);
        }
    }
}
