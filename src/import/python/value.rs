//! The values that Python expressions may have, as far as they matter for a network.

use super::super::literal::{Argument, Literal};
use ruff_python_ast::{Expr, Parameters, Stmt};
use ruff_text_size::Ranged;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// A layer, a tensor or a model, by its index in the interpreter's lists.
pub type Id = usize;

/// A value that an expression of the script has.
#[derive(Clone)]
pub enum Value<'a> {
    /// Anything that is not understood, by its text.
    Unknown(Rc<str>),
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Rc<str>),
    Tuple(Rc<Vec<Self>>),
    List(Rc<RefCell<Vec<Self>>>),
    Dict(Rc<RefCell<Vec<(Self, Self)>>>),
    /// What an imported name stands for, such as `keras.layers.Conv2D`.
    Path(Rc<str>),
    Function(Rc<Function<'a>>),
    /// A class that the script defines.
    Class(Rc<Class<'a>>),
    /// An object that is passed as an argument: an optimizer, a loss, a callback.
    Object(Rc<Object>),
    Layer(Id),
    Tensor(Id),
    Model(Id),
    /// An array of samples or of labels.
    Array(Rc<Array>),
    /// Something that makes batches of samples.
    Source(Rc<Source>),
    /// An object with attributes, such as `args` in `args.epochs` or one of a class of the script.
    Record(Rc<Record<'a>>),
    /// A method of a value that has not been called yet.
    Method(Rc<(Self, String)>),
}

/// An object that a call makes and that is passed as an argument.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// The name of its class.
    pub class: String,
    /// The module of Keras that the class is in, such as `optimizers`.
    pub module: String,
    /// The arguments of the call.
    pub arguments: Vec<Argument>,
}

/// A function that the script defines.
pub struct Function<'a> {
    pub name: String,
    pub parameters: Option<&'a Parameters>,
    pub body: Body<'a>,
    pub scope: Scope<'a>,
    /// The default values of parameters that have one, as they were when the function was defined.
    pub defaults: HashMap<String, Value<'a>>,
}

/// A class that the script defines: its methods and values.
pub struct Class<'a> {
    pub name: String,
    pub scope: Scope<'a>,
    /// Whether it is derived from a model or a layer of Keras, so that its calls are not understood.
    pub is_keras: bool,
    /// Whether it is derived from one of Keras's callbacks.
    pub is_callback: bool,
}

impl<'a> Class<'a> {
    /// Its methods but those of Python's own, in the order in which they are written.
    pub fn methods(&self) -> Vec<Rc<Function<'a>>> {
        let names = self.scope.names.borrow();
        let functions = names.values().filter_map(|value| match value {
            Value::Function(function) if !function.name.starts_with("__") => Some(Rc::clone(function)),
            _ => None,
        });
        let mut methods: Vec<Rc<Function<'a>>> = functions.collect();
        methods.sort_by_key(|method| method.start());
        methods
    }
}

impl Function<'_> {
    /// Where its body begins in the text.
    fn start(&self) -> usize {
        match self.body {
            Body::Statements(body) => body.first().map_or(0, |first| first.start().to_usize()),
            Body::Expression(body) => body.start().to_usize(),
        }
    }
}

/// The attributes of an object, and its class if the script defines it.
#[derive(Default)]
pub struct Record<'a> {
    pub values: RefCell<HashMap<String, Value<'a>>>,
    pub class: Option<Rc<Class<'a>>>,
}

/// The body of a function or of a lambda.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    Statements(&'a [Stmt]),
    Expression(&'a Expr),
}

/// Names and their values, with the scopes around them.
#[derive(Clone, Default)]
pub struct Scope<'a> {
    pub names: Rc<RefCell<HashMap<String, Value<'a>>>>,
    pub outer: Option<Rc<Self>>,
}

impl<'a> Scope<'a> {
    /// A new scope within this one.
    pub fn inner(&self) -> Self {
        Self {
            names: Rc::default(),
            outer: Some(Rc::new(self.clone())),
        }
    }

    /// The value of a name, here or in a scope around this one.
    pub fn get(&self, name: &str) -> Option<Value<'a>> {
        if let Some(value) = self.names.borrow().get(name) {
            return Some(value.clone());
        }
        self.outer.as_ref()?.get(name)
    }

    /// Assigns a value to a name.
    pub fn set(&self, name: &str, value: Value<'a>) {
        self.names.borrow_mut().insert(name.to_owned(), value);
    }
}

/// An array of samples or labels.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Array {
    /// The length of each axis, as far as they are known.
    pub shape: Option<Vec<Option<i64>>>,
    /// The data set that it is from, by its name or its folder; `None` where that is not known.
    pub dataset: Option<String>,
    /// Which part of the data set it is from.
    pub split: Split,
    /// Whether it holds labels rather than samples.
    pub labels: bool,
    /// The factor that its values have been multiplied by.
    pub scale: f64,
    /// The summand that has been added to its values, after the factor.
    pub offset: f64,
    /// The number of classes, where the labels are known to have it.
    pub classes: Option<i64>,
}

/// A part of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Split {
    #[default]
    Train,
    Test,
}

/// Something that makes batches: a generator of pictures, the pictures of a folder, a `tf.data` pipeline.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Source {
    /// The samples, where they are in memory.
    pub samples: Option<Array>,
    /// The number of samples of a batch, where it is given.
    pub batch_size: Option<Literal>,
    /// The arguments of `ImageDataGenerator`, which say how pictures are changed at random.
    pub augmentation: Vec<Argument>,
    /// The module of the application whose `preprocess_input` it calls, such as `vgg16`.
    pub preprocessing: Option<String>,
    /// The call that reads the pictures' files, where there is one.
    pub loader: Option<Loader>,
    /// What `map` does to samples: a tensor for the sample, and the one that it becomes.
    pub mapped: Vec<(Id, Id)>,
}

/// A call that reads the pictures in a folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Loader {
    /// The name of the function: `image_dataset_from_directory`, `flow_from_directory` or `flow_from_dataframe`.
    pub call: &'static str,
    /// The arguments of the call, the folder first.
    pub arguments: Vec<Argument>,
    /// The first and the last line of the call.
    pub lines: (usize, usize),
}

impl Source {
    /// The number of samples of a batch; `None` where it is not known.
    pub fn batch(&self) -> Option<i64> {
        let own = self.loader.as_ref().map(|loader| &loader.arguments);
        let named = own.and_then(|arguments| arguments.iter().find(|argument| argument.is("batch_size")));
        match self
            .batch_size
            .as_ref()
            .or_else(|| named.map(|argument| &argument.value))
        {
            Some(Literal::Int(size)) if *size > 0 => Some(*size),
            Some(_) => None,
            // What loaders take by themselves.
            None => self.loader.is_some().then_some(32),
        }
    }
}

impl Value<'_> {
    /// A value that is not understood, by its text.
    pub fn unknown(text: impl AsRef<str>) -> Self {
        Self::Unknown(Rc::from(text.as_ref()))
    }

    /// A string with this text.
    pub fn str(text: impl AsRef<str>) -> Self {
        Self::Str(Rc::from(text.as_ref()))
    }

    /// A list with these elements.
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(Rc::new(RefCell::new(items)))
    }

    /// A tuple with these elements.
    pub fn tuple(items: Vec<Self>) -> Self {
        Self::Tuple(Rc::new(items))
    }

    /// An array of samples or labels.
    pub fn array(array: Array) -> Self {
        Self::Array(Rc::new(array))
    }

    /// Whether it is unknown, or a tuple that holds an unknown value.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Tuple(items) => items.iter().any(Self::is_unknown),
            _ => false,
        }
    }

    /// The elements; `None` where they are not known.
    pub fn items(&self) -> Option<Vec<Self>> {
        match self {
            Self::Tuple(items) => Some(items.as_ref().clone()),
            Self::List(items) => Some(items.borrow().clone()),
            Self::Dict(entries) => Some(entries.borrow().iter().map(|(key, _)| key.clone()).collect()),
            Self::Str(text) => Some(text.chars().map(|letter| Self::str(letter.to_string())).collect()),
            _ => None,
        }
    }

    /// The value as an integer, as Python converts it where it needs one; `None` for anything else.
    pub fn int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Bool(value) => Some(i64::from(*value)),
            _ => None,
        }
    }

    /// The value as a float, whether it is a float or an integer; `None` for anything else.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(*value),
            _ => self.int().map(|value| value as f64),
        }
    }

    /// Whether Python takes the value for true; `None` where that is not known.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::None => Some(false),
            Self::Bool(value) => Some(*value),
            Self::Int(value) => Some(*value != 0),
            Self::Float(value) => Some(*value != 0.0),
            Self::Str(text) => Some(!text.is_empty()),
            Self::Tuple(items) => Some(!items.is_empty()),
            Self::List(items) => Some(!items.borrow().is_empty()),
            Self::Dict(entries) => Some(!entries.borrow().is_empty()),
            Self::Layer(_) | Self::Model(_) | Self::Object(_) | Self::Function(_) => Some(true),
            _ => None,
        }
    }

    /// The value as an argument of a description; what a description cannot hold becomes an unknown name.
    pub fn literal(&self) -> Literal {
        self.literal_within(32, &mut (1 << 20))
    }

    /// As `literal`, with bounds on its depth, characters and elements: lists may contain one another many times over.
    fn literal_within(&self, depth: usize, budget: &mut usize) -> Literal {
        let size = match self {
            Self::Str(text) | Self::Unknown(text) => text.len() + 1,
            _ => 1,
        };
        let (Some(depth), Some(rest)) = (depth.checked_sub(1), budget.checked_sub(size)) else {
            return Literal::Unknown("too_much".to_owned());
        };
        *budget = rest;

        match self {
            Self::None => Literal::None,
            Self::Bool(value) => Literal::Bool(*value),
            Self::Int(value) => Literal::Int(*value),
            Self::Float(value) => Literal::Float(*value),
            Self::Str(text) => Literal::Str(text.to_string()),
            Self::Tuple(items) => Literal::Tuple(items.iter().map(|item| item.literal_within(depth, budget)).collect()),
            Self::List(items) => Literal::List(
                items
                    .borrow()
                    .iter()
                    .map(|item| item.literal_within(depth, budget))
                    .collect(),
            ),
            Self::Dict(entries) => Literal::Dictionary(
                entries
                    .borrow()
                    .iter()
                    .map(|(key, value)| (key.literal_within(depth, budget), value.literal_within(depth, budget)))
                    .collect(),
            ),
            Self::Object(object) => Literal::Call(object.class.clone(), object.arguments.clone()),
            Self::Path(path) => super::paths::literal(path),
            Self::Unknown(text) => Literal::Unknown(text.to_string()),
            Self::Function(function) => Literal::Unknown(function.name.clone()),
            Self::Class(class) => Literal::Unknown(class.name.clone()),
            Self::Layer(_) => Literal::Unknown("a_layer".to_owned()),
            Self::Tensor(_) => Literal::Unknown("a_tensor".to_owned()),
            Self::Model(_) => Literal::Unknown("a_model".to_owned()),
            Self::Array(_) | Self::Source(_) => Literal::Unknown("an_array".to_owned()),
            Self::Record(_) | Self::Method(_) => Literal::Unknown("an_object".to_owned()),
        }
    }
}
