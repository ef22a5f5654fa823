//! Calls of what Keras offers: layers, models, optimizers, data sets.

use super::interpreter::Interpreter;
use super::objects::ModelObject;
use super::paths;
use super::plain::{Given, argument, named};
use super::value::{Array, Object, Split, Value};
use crate::import::literal::{Argument, Literal};
use std::rc::Rc;

impl<'a> Interpreter<'a> {
    /// The value of a call of `keras.MODULE.NAME`; `None` where it is not known.
    pub fn call_keras(&mut self, path: &str, arguments: Given<'a>) -> Option<Value<'a>> {
        let (module, name) = paths::module_and_name(path)?;
        match (module, name) {
            (_, "Sequential") => return self.sequential(&arguments),
            ("" | "models" | "engine" | "training" | "topology", "Model" | "Functional") => {
                return self.functional(&arguments);
            }
            ("utils" | _, "to_categorical") => return to_categorical(&arguments),
            ("backend" | "config", "image_data_format" | "image_dim_ordering") => {
                return Some(Value::str(match (name, self.channels_first) {
                    ("image_data_format", false) => "channels_last",
                    ("image_data_format", true) => "channels_first",
                    (_, false) => "tf",
                    (_, true) => "th",
                }));
            }
            ("backend", "int_shape") => {
                let tensor = arguments.first()?.1.clone();
                return self.attribute(&tensor, "shape");
            }
            ("backend" | "ops", "concatenate") => return self.merge("Concatenate", &arguments),
            ("backend" | "config", "set_image_data_format" | "set_image_dim_ordering") => {
                let order = arguments.first().and_then(|(_, value)| super::plain::shown(value));
                self.channels_first = matches!(order.as_deref(), Some("channels_first" | "th"));
                return Some(Value::None);
            }
            ("backend" | "utils", "clear_session") => return Some(Value::None),
            ("utils", "set_random_seed") => {
                self.seed = argument(&arguments, 0, "seed").and_then(Value::int);
                return Some(Value::None);
            }
            ("datasets", "load_data") => return None,
            (_, "ImageDataGenerator") => return Some(self.generator(&arguments)),
            (_, "image_dataset_from_directory") => return Some(self.loader(&arguments)),
            ("applications", "preprocess_input") => return Some(self.preprocess(path, &arguments)),
            _ => {}
        }
        if name == "Input" {
            return Some(Value::Tensor(self.input(&arguments)));
        }
        match module {
            // `keras.datasets.mnist.load_data()`: the path's middle names the set.
            "datasets" => None,
            "applications" if name.starts_with(|first: char| first.is_ascii_uppercase()) => {
                Some(self.application(name, &arguments))
            }
            "layers" | "" if name.starts_with(|first: char| first.is_ascii_uppercase()) => {
                // A module that no Keras has today: there the old form of the call is meant.
                let is_old = name == "Conv2D" && path.contains("layers.convolutional.");
                let class = if is_old { "Convolution2D" } else { name };
                Some(Value::Layer(self.new_layer(class, arguments)))
            }
            "layers" => {
                let class = match name {
                    "concatenate" => "Concatenate",
                    "add" => "Add",
                    "multiply" => "Multiply",
                    "subtract" => "Subtract",
                    "average" => "Average",
                    "maximum" => "Maximum",
                    "minimum" => "Minimum",
                    "merge" => match named(&arguments, "mode").and_then(super::plain::shown).as_deref() {
                        Some("concat") => "Concatenate",
                        Some("sum") => "Add",
                        Some("mul") => "Multiply",
                        Some("ave") => "Average",
                        _ => return None,
                    },
                    _ => return None,
                };
                self.merge(class, &arguments)
            }
            "preprocessing" | "utils" => self.picture(path, &arguments),
            "optimizers" | "losses" | "metrics" | "initializers" | "regularizers" | "constraints" | "callbacks" => {
                Some(Value::Object(Rc::new(object(module, name, &arguments))))
            }
            _ => None,
        }
    }

    /// The value of `concatenate([a, b], axis=-1)`, and of the other functions that merge tensors by a layer.
    fn merge(&mut self, class: &str, arguments: &Given<'a>) -> Option<Value<'a>> {
        let tensors = self.tensors_of(&argument(arguments, 0, "inputs")?.clone())?;
        let kept: Vec<Argument> = arguments
            .iter()
            .filter_map(|(name, value)| match name.as_deref() {
                Some("axis" | "concat_axis") => Some(Argument::named("axis", value.literal())),
                Some("name") => Some(Argument::named("name", value.literal())),
                _ => None,
            })
            .collect();
        Some(self.apply_class(class, kept, tensors))
    }

    /// The model that `Sequential([...])` makes.
    fn sequential(&mut self, arguments: &Given<'a>) -> Option<Value<'a>> {
        self.models.push(ModelObject {
            name: named(arguments, "name").and_then(super::plain::shown),
            lines: self.lines,
            ..ModelObject::default()
        });
        let model = self.models.len() - 1;
        if let Some(layers) = argument(arguments, 0, "layers").filter(|layers| !matches!(layers, Value::None)) {
            match layers.items() {
                Some(items) => items.iter().for_each(|item| self.add(model, item)),
                None => self.refuse_of(Some(model), "the layers of this model are not known"),
            }
        }
        Some(Value::Model(model))
    }

    /// The model that `Model(inputs=a, outputs=b)` makes.
    fn functional(&mut self, arguments: &Given<'a>) -> Option<Value<'a>> {
        let find = |place: usize, names: [&str; 2]| {
            names
                .iter()
                .find_map(|name| named(arguments, name))
                .or_else(|| argument(arguments, place, names[0]))
        };
        let inputs = find(0, ["inputs", "input"])?.clone();
        let outputs = find(1, ["outputs", "output"])?.clone();
        self.name_ends(&inputs);
        self.name_ends(&outputs);
        let (Some(inputs), Some(outputs)) = (self.tensors_of(&inputs), self.tensors_of(&outputs)) else {
            // Of a model that is not made, and so never taken.
            self.refuse_of(Some(usize::MAX), "the inputs or outputs of this model are not known");
            return None;
        };
        self.models.push(ModelObject {
            name: named(arguments, "name").and_then(super::plain::shown),
            graph: Some((inputs, outputs)),
            lines: self.lines,
            ..ModelObject::default()
        });
        Some(Value::Model(self.models.len() - 1))
    }

    /// The tensor that `Input(shape=(28, 28, 1))` makes.
    fn input(&mut self, arguments: &Given<'a>) -> usize {
        let layer = self.new_layer("Input", arguments.clone());
        self.tensor(layer, Vec::new())
    }

    /// The arrays that `keras.datasets.NAME.load_data()` gives; `None` for a data set that is not known here.
    pub fn load_data(&mut self, name: &str) -> Option<Value<'a>> {
        let (known, shape, tests, classes) = paths::dataset(name)?;
        let part = |split: Split, labels: bool| {
            let mut sizes: Vec<Option<i64>> = shape.iter().copied().map(Some).collect();
            if split == Split::Test
                && let Some(first) = sizes.first_mut()
            {
                *first = Some(tests);
            }
            if labels {
                sizes.truncate(1);
                if known.starts_with("cifar") {
                    sizes.push(Some(1));
                }
            }
            Value::array(Array {
                shape: Some(sizes),
                dataset: Some(known.to_owned()),
                split,
                labels,
                scale: 1.0,
                offset: 0.0,
                classes: labels.then_some(classes),
            })
        };
        let pair = |split| Value::tuple(vec![part(split, false), part(split, true)]);
        Some(Value::tuple(vec![pair(Split::Train), pair(Split::Test)]))
    }
}

/// The object that a call in an argument makes, such as an optimizer.
fn object(module: &str, name: &str, arguments: &Given<'_>) -> Object {
    let class = paths::class(module, name);
    let arguments = arguments.iter().map(|(name, value)| {
        let name = name.as_deref().map(|name| match (module, name) {
            ("optimizers", "lr") => "learning_rate".to_owned(),
            ("callbacks", "epsilon") => "min_delta".to_owned(),
            _ => name.to_owned(),
        });
        Argument {
            name,
            value: value.literal(),
        }
    });
    Object {
        arguments: arguments.collect(),
        module: module.to_owned(),
        class,
    }
}

/// One-hot labels: the description takes class numbers as they are, so that only the shape changes.
fn to_categorical<'a>(arguments: &Given<'a>) -> Option<Value<'a>> {
    let Value::Array(array) = argument(arguments, 0, "x").or_else(|| named(arguments, "y"))? else {
        return None;
    };
    let given = argument(arguments, 1, "num_classes")
        .or_else(|| named(arguments, "nb_classes"))
        .and_then(Value::int);
    let classes = given.or(array.classes);
    let count = array.shape.as_ref().and_then(|shape| shape.first().copied()).flatten();
    let mut hot = array.as_ref().clone();
    hot.shape = Some(vec![count, classes]);
    hot.classes = classes;
    Some(Value::array(hot))
}

/// Whether an argument of every layer has the value that it has by default.
pub fn is_usual(name: &str, value: &Literal) -> bool {
    match name {
        "dtype" => matches!(value, Literal::Str(text) if text == "float32") || *value == Literal::None,
        "data_format" => matches!(value, Literal::Str(text) if text == "channels_last") || *value == Literal::None,
        "trainable" => *value == Literal::Bool(true),
        "dynamic" => *value == Literal::Bool(false),
        _ => false,
    }
}
