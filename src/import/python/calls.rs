//! Calls of the script's functions, of Keras, and of Python's own functions.

use super::interpreter::{Flow, Interpreter};
use super::plain::Given;
use super::value::{Body, Class, Function, Object, Record, Scope, Value};
use ruff_python_ast::Parameters;
use std::cell::RefCell;
use std::rc::Rc;

impl<'a> Interpreter<'a> {
    /// The value of a call; `None` where it is not known.
    pub fn apply(&mut self, callee: &Value<'a>, arguments: Given<'a>) -> Option<Value<'a>> {
        match callee {
            Value::Function(function) => Some(self.call_function(&Rc::clone(function), arguments)),
            Value::Path(path) => {
                let value = self.call_path(path, arguments);
                if value.is_none() {
                    self.lost = true;
                }
                value
            }
            Value::Layer(layer) => self.call_layer(*layer, &arguments),
            Value::Model(model) => self.call_model(*model, &arguments),
            Value::Method(method) => {
                let (object, name) = method.as_ref();
                let value = self.call_method(object, name, arguments);
                if value.is_none() {
                    self.lost = true;
                }
                value
            }
            Value::Class(class) => self.instance(class, arguments),
            _ => {
                self.lost = true;
                None
            }
        }
    }

    /// A new object of a class of the script, whose `__init__` is called.
    pub fn instance(&mut self, class: &Rc<Class<'a>>, arguments: Given<'a>) -> Option<Value<'a>> {
        if class.is_callback {
            // What it is called says what it may be for.
            return Some(Value::Object(Rc::new(Object {
                class: class.name.clone(),
                module: "callbacks".to_owned(),
                arguments: Vec::new(),
            })));
        }
        if class.is_keras {
            // As a layer of that name, which no description has: where it gets into the network, `check` says so.
            let layer = self.new_layer(&class.name, Vec::new());
            return Some(Value::Layer(layer));
        }
        let record = Value::Record(Rc::new(Record {
            values: RefCell::default(),
            class: Some(Rc::clone(class)),
        }));
        let initialize = class.scope.names.borrow().get("__init__").cloned();
        if let Some(Value::Function(function)) = initialize {
            let mut all = vec![(None, record.clone())];
            all.extend(arguments);
            let _ = self.call_function(&function, all);
        }
        Some(record)
    }

    /// Calls a function of the script: its statements are executed with these arguments.
    pub fn call_function(&mut self, function: &Rc<Function<'a>>, arguments: Given<'a>) -> Value<'a> {
        self.called.insert(function.name.clone());
        if let Body::Statements(body) = function.body
            && super::touched::yields(body)
        {
            // A generator of Python's: it runs when it is asked.
            self.lost = true;
            return Value::unknown(format!("{}()", function.name));
        }
        let scope = function.scope.inner();
        self.bind(function, arguments, &scope);
        let lines = self.lines;
        let nothing = Value::unknown(format!("{}()", function.name));
        let value = self
            .deeper(|own| match function.body {
                Body::Expression(expression) => own.value(expression, &scope),
                Body::Statements(body) => match own.run(body, &scope) {
                    Flow::Return(value) => value,
                    Flow::Next | Flow::Break | Flow::Continue => Value::None,
                },
            })
            .unwrap_or(nothing);
        self.lines = lines;
        self.lost = false;
        value
    }

    /// Assigns arguments to parameters; those without a value are unknown.
    fn bind(&mut self, function: &Rc<Function<'a>>, arguments: Given<'a>, scope: &Scope<'a>) {
        let Some(parameters) = function.parameters else { return };
        let Parameters {
            posonlyargs,
            args,
            vararg,
            kwonlyargs,
            kwarg,
            ..
        } = parameters;
        let placed: Vec<&str> = posonlyargs
            .iter()
            .chain(args)
            .map(|parameter| parameter.parameter.name.as_str())
            .collect();
        let all = placed
            .iter()
            .copied()
            .chain(kwonlyargs.iter().map(|parameter| parameter.parameter.name.as_str()));
        for name in all.clone() {
            let value = function.defaults.get(name).cloned();
            let value = value.or_else(|| self.given.get(name).cloned());
            scope.set(name, value.unwrap_or_else(|| Value::unknown(name)));
        }
        let known: Vec<&str> = all.collect();
        let (mut more, mut named) = (Vec::new(), Vec::new());
        for (index, (name, value)) in arguments.into_iter().enumerate() {
            match name {
                None => match placed.get(index) {
                    Some(name) => scope.set(name, value),
                    None => more.push(value),
                },
                Some(name) if known.contains(&name.as_str()) => scope.set(&name, value),
                Some(name) => named.push((Value::str(name), value)),
            }
        }
        if let Some(vararg) = vararg {
            scope.set(vararg.name.as_str(), Value::tuple(more));
        }
        if let Some(kwarg) = kwarg {
            scope.set(kwarg.name.as_str(), Value::Dict(Rc::new(RefCell::new(named))));
        }
    }

    /// The value of a call of something in a module.
    fn call_path(&mut self, path: &str, arguments: Given<'a>) -> Option<Value<'a>> {
        if let Some(name) = super::paths::activation(path) {
            return match arguments.first() {
                Some((_, Value::Tensor(tensor))) => {
                    let argument =
                        crate::import::literal::Argument::placed(crate::import::literal::Literal::Str(name.to_owned()));
                    Some(self.apply_class("Activation", vec![argument], vec![Some(*tensor)]))
                }
                _ => None,
            };
        }
        if let Some((module, name)) = super::paths::module_and_name(path) {
            if (module, name) == ("datasets", "load_data") {
                return self.load_data(path.rsplit('.').nth(1)?);
            }
            return self.call_keras(path, arguments);
        }
        if let Some(name) = path.strip_prefix("builtins.") {
            return self.call_builtin(name, &arguments);
        }
        self.call_library(path, &arguments)
    }
}
