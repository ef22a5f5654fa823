//! What a Python expression can be, as far as it tells of a network.

use super::super::literal::{Argument, Literal};
use ruff_python_ast::{Expr, Parameters, Stmt};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// A layer, a tensor or a model, by its place in the interpreter's lists.
pub type Id = usize;

/// A value.
#[derive(Clone)]
pub enum Value<'a> {
    /// Anything that is not followed, by its text.
    Unknown(Rc<str>),
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Rc<str>),
    Tuple(Rc<Vec<Self>>),
    List(Rc<RefCell<Vec<Self>>>),
    Dict(Rc<RefCell<Vec<(Self, Self)>>>),
    /// What an import names: `keras.layers.Conv2D`.
    Path(Rc<str>),
    Function(Rc<Function<'a>>),
    /// A class of the script.
    Class(Rc<Class<'a>>),
    /// What arguments hold: an optimizer, a loss, a callback.
    Object(Rc<Object>),
    Layer(Id),
    Tensor(Id),
    Model(Id),
    /// Samples or labels.
    Array(Rc<Array>),
    /// What makes batches of samples.
    Source(Rc<Source>),
    /// `args.epochs`: attributes with values, an object of a class of the script.
    Record(Rc<Record<'a>>),
    /// A value's method, before it is called.
    Method(Rc<(Self, String)>),
}

/// A call that makes something for an argument.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Its class.
    pub class: String,
    /// The module of Keras that it is in: `optimizers`.
    pub module: String,
    /// Its arguments.
    pub arguments: Vec<Argument>,
}

/// A function of the script.
pub struct Function<'a> {
    pub name: String,
    pub parameters: Option<&'a Parameters>,
    pub body: Body<'a>,
    pub scope: Scope<'a>,
    /// Of parameters with one, where the function was defined.
    pub defaults: HashMap<String, Value<'a>>,
}

/// A class of the script: its methods and values.
pub struct Class<'a> {
    pub name: String,
    pub scope: Scope<'a>,
    /// Whether it is a kind of Keras's model or layer, whose calls are not followed.
    pub is_keras: bool,
}

/// An object.
#[derive(Default)]
pub struct Record<'a> {
    pub values: RefCell<HashMap<String, Value<'a>>>,
    pub class: Option<Rc<Class<'a>>>,
}

/// What a function does.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    Statements(&'a [Stmt]),
    Expression(&'a Expr),
}

/// Names and what they mean, with those around them.
#[derive(Clone, Default)]
pub struct Scope<'a> {
    pub names: Rc<RefCell<HashMap<String, Value<'a>>>>,
    pub outer: Option<Rc<Self>>,
}

impl<'a> Scope<'a> {
    /// A scope in this one.
    pub fn inner(&self) -> Self {
        Self {
            names: Rc::default(),
            outer: Some(Rc::new(self.clone())),
        }
    }

    /// What a name means.
    pub fn get(&self, name: &str) -> Option<Value<'a>> {
        if let Some(value) = self.names.borrow().get(name) {
            return Some(value.clone());
        }
        self.outer.as_ref()?.get(name)
    }

    /// Gives a name its meaning.
    pub fn set(&self, name: &str, value: Value<'a>) {
        self.names.borrow_mut().insert(name.to_owned(), value);
    }
}

/// An array of samples or labels.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Array {
    /// Its sizes, as far as they are known.
    pub shape: Option<Vec<Option<i64>>>,
    /// The data set that it is from, by its name or its folder.
    pub dataset: Option<String>,
    /// Of what part of it.
    pub split: Split,
    /// Whether it holds labels.
    pub labels: bool,
    /// What its numbers were multiplied by.
    pub scale: f64,
    /// What was added to them.
    pub offset: f64,
    /// How many classes the labels tell.
    pub classes: Option<i64>,
}

/// Part of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Split {
    #[default]
    Train,
    Test,
}

/// What makes batches: a generator of pictures, a folder's pictures, a `tf.data` pipeline.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Source {
    /// The samples, where it has some.
    pub samples: Option<Array>,
    /// Samples a batch.
    pub batch_size: Option<Literal>,
    /// What `ImageDataGenerator` does to pictures.
    pub augmentation: Vec<Argument>,
    /// The module of the application whose `preprocess_input` it calls.
    pub preprocessing: Option<String>,
    /// What reads the pictures' files.
    pub loader: Option<Loader>,
    /// What `map` does: a sample, and what becomes of it.
    pub mapped: Vec<(Id, Id)>,
}

/// A call that reads the pictures in a folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Loader {
    /// `image_dataset_from_directory` or `flow_from_directory`.
    pub call: &'static str,
    /// Its arguments, the folder first.
    pub arguments: Vec<Argument>,
    /// Where it was found.
    pub lines: (usize, usize),
}

impl Source {
    /// Samples a batch, where that is known.
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
    /// What is not followed.
    pub fn unknown(text: impl AsRef<str>) -> Self {
        Self::Unknown(Rc::from(text.as_ref()))
    }

    /// A string.
    pub fn str(text: impl AsRef<str>) -> Self {
        Self::Str(Rc::from(text.as_ref()))
    }

    /// A list.
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(Rc::new(RefCell::new(items)))
    }

    /// A tuple.
    pub fn tuple(items: Vec<Self>) -> Self {
        Self::Tuple(Rc::new(items))
    }

    /// An array.
    pub fn array(array: Array) -> Self {
        Self::Array(Rc::new(array))
    }

    /// Whether it is unknown, or holds something that is.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::Tuple(items) => items.iter().any(Self::is_unknown),
            _ => false,
        }
    }

    /// The elements, where they are known.
    pub fn items(&self) -> Option<Vec<Self>> {
        match self {
            Self::Tuple(items) => Some(items.as_ref().clone()),
            Self::List(items) => Some(items.borrow().clone()),
            Self::Dict(entries) => Some(entries.borrow().iter().map(|(key, _)| key.clone()).collect()),
            Self::Str(text) => Some(text.chars().map(|letter| Self::str(letter.to_string())).collect()),
            _ => None,
        }
    }

    /// An integer, as Python takes one.
    pub fn int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Bool(value) => Some(i64::from(*value)),
            _ => None,
        }
    }

    /// A number.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(*value),
            _ => self.int().map(|value| value as f64),
        }
    }

    /// Whether Python takes it for true; nothing where that is not known.
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

    /// The value as an argument; what it cannot hold is unknown.
    pub fn literal(&self) -> Literal {
        self.literal_within(32, &mut (1 << 20))
    }

    /// No deeper than that, and no more characters and elements: lists may hold one another many times over.
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
