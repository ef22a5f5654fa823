//! Functions of NumPy, TensorFlow and Python's library, as far as they matter for shapes and values.

use super::interpreter::Interpreter;
use super::plain::{Given, argument, named};
use super::value::{Array, Object, Record, Source, Split, Value};
use crate::import::literal::{Argument, Literal};
use std::rc::Rc;

impl<'a> Interpreter<'a> {
    /// The value of a call of something outside of Keras; `None` where it is not known.
    pub fn call_library(&mut self, path: &str, arguments: &Given<'a>) -> Option<Value<'a>> {
        let first = arguments.first().map(|(_, value)| value);
        let last = path.rsplit('.').next().unwrap_or(path);
        if path.ends_with(".to_categorical") || path == "to_categorical" {
            return self.call_keras("keras.utils.to_categorical", arguments.clone());
        }
        if let Some(("datasets", "load_data")) = super::paths::module_and_name(path) {
            return self.load_data(path.rsplit('.').nth(1)?);
        }
        if let Some(picture) = self.picture(path, arguments) {
            return Some(picture);
        }
        match path {
            "sys.exit" | "builtins.exit" => return Some(Value::None),
            "argparse.ArgumentParser" => return Some(Value::Record(Rc::new(Record::default()))),
            "tensorflow.random.set_seed" | "tensorflow.set_random_seed" | "tensorflow.random.set_random_seed" => {
                self.seed = first.and_then(Value::int);
                return Some(Value::None);
            }
            "os.path.join" => {
                return joined(arguments);
            }
            "os.path.expanduser" | "os.path.abspath" | "pathlib.Path" => return first.cloned(),
            "tensorflow_datasets.load" => return tfds(arguments),
            // A table, as far as pictures are read by one.
            "pandas.read_csv" => {
                let path = super::plain::shown(first?)?;
                return Some(Value::Object(Rc::new(Object {
                    class: super::loading::READ_CSV.to_owned(),
                    module: "pandas".to_owned(),
                    arguments: vec![Argument::placed(Literal::Str(path))],
                })));
            }
            "sklearn.model_selection.train_test_split" | "sklearn.cross_validation.train_test_split" => {
                let mut parts = Vec::new();
                for (_, value) in arguments.iter().filter(|(name, _)| name.is_none()) {
                    let Value::Array(array) = value else {
                        parts.extend([Value::unknown("samples"), Value::unknown("samples")]);
                        continue;
                    };
                    let mut part = array.as_ref().clone();
                    if let Some(first) = part.shape.as_mut().and_then(|shape| shape.first_mut()) {
                        *first = None;
                    }
                    let train = Value::array(part.clone());
                    part.split = Split::Test;
                    parts.extend([train, Value::array(part)]);
                }
                self.leave_out_because("train_test_split (validation_split or the test samples validate here)");
                return Some(Value::tuple(parts));
            }
            _ => {}
        }
        let root = path.split('.').next().unwrap_or(path);
        match (root, last) {
            ("math", "ceil") => Some(Value::Int(first?.number()?.ceil() as i64)),
            ("math", "floor") => Some(Value::Int(first?.number()?.floor() as i64)),
            ("math" | "numpy", "sqrt") => Some(Value::Float(first?.number()?.sqrt())),
            ("math" | "numpy", "log2") => Some(Value::Float(first?.number()?.log2())),
            ("numpy" | "math", "prod") => {
                let numbers: Option<Vec<i64>> = first?.items()?.iter().map(Value::int).collect();
                Some(Value::Int(
                    numbers?
                        .iter()
                        .try_fold(1_i64, |all, &number| all.checked_mul(number))?,
                ))
            }
            ("numpy" | "tensorflow", "expand_dims") => {
                let Value::Array(array) = first? else { return None };
                let mut changed = array.as_ref().clone();
                let axis = argument(arguments, 1, "axis").and_then(Value::int).unwrap_or(0);
                if let Some(shape) = &mut changed.shape {
                    let count = i64::try_from(shape.len()).ok()?;
                    let at = usize::try_from(if axis < 0 { count + 1 + axis } else { axis }).ok()?;
                    shape.insert(at.min(shape.len()), Some(1));
                }
                Some(Value::array(changed))
            }
            ("numpy" | "tensorflow", "array" | "asarray" | "float32" | "cast" | "convert_to_tensor" | "constant") => {
                match first? {
                    value @ (Value::Array(_) | Value::Tensor(_) | Value::Int(_) | Value::Float(_)) => {
                        Some(value.clone())
                    }
                    value @ Value::List(_) if value.items()?.iter().all(|item| item.number().is_some()) => {
                        Some(value.clone())
                    }
                    _ => None,
                }
            }
            ("numpy" | "tensorflow", "reshape") => match first? {
                Value::Array(array) => {
                    let sizes = argument(arguments, 1, "newshape")
                        .or_else(|| named(arguments, "shape"))?
                        .items()?;
                    Some(super::methods::reshaped(array, &sizes))
                }
                _ => None,
            },
            ("numpy", "concatenate" | "vstack") => {
                let items = first?.items()?;
                let Value::Array(array) = items.first()? else {
                    return None;
                };
                let mut changed = array.as_ref().clone();
                if let Some(first) = changed.shape.as_mut().and_then(|shape| shape.first_mut()) {
                    *first = None;
                }
                self.leave_out_because("samples put together (those of the first are taken)");
                Some(Value::array(changed))
            }
            ("numpy", "unique") => {
                let Value::Array(array) = first? else { return None };
                let classes = array.classes?;
                Some(Value::array(Array {
                    shape: Some(vec![Some(classes)]),
                    ..array.as_ref().clone()
                }))
            }
            ("numpy" | "tensorflow", "shape") => match first? {
                array @ Value::Array(_) => self.attribute(&array.clone(), "shape"),
                tensor @ Value::Tensor(_) => self.attribute(&tensor.clone(), "shape"),
                _ => None,
            },
            ("numpy", "arange") => self.call_builtin("range", arguments),
            ("tensorflow", "concat") => {
                let tensors = self.tensors_of(&first?.clone())?;
                let axis = argument(arguments, 1, "axis").map_or(Literal::Int(-1), Value::literal);
                Some(self.apply_class("Concatenate", vec![Argument::named("axis", axis)], tensors))
            }
            ("tensorflow", "add" | "multiply" | "subtract" | "maximum" | "minimum") => {
                let pair = Value::list(vec![first?.clone(), arguments.get(1)?.1.clone()]);
                let tensors = self.tensors_of(&pair)?;
                let class = super::paths::camel_case(last);
                Some(self.apply_class(&class, Vec::new(), tensors))
            }
            ("tensorflow", "from_tensor_slices") => {
                let samples = match first? {
                    Value::Array(array) => Some(array.as_ref().clone()),
                    other => match other.items()?.first()? {
                        Value::Array(array) => Some(array.as_ref().clone()),
                        _ => None,
                    },
                };
                Some(Value::Source(Rc::new(Source {
                    samples,
                    ..Source::default()
                })))
            }
            _ => None,
        }
    }
}

/// A path joined from parts. Parts that are not known are in it by their names, and then the path is unknown as well.
fn joined<'a>(arguments: &Given<'a>) -> Option<Value<'a>> {
    let mut is_known = true;
    let parts: Vec<String> = arguments
        .iter()
        .map(|(_, value)| {
            let part = super::plain::shown(value).unwrap_or_else(|| {
                is_known = false;
                match value {
                    Value::Unknown(text) => text.to_string(),
                    other => other.literal().to_string(),
                }
            });
            part.trim_end_matches('/').to_owned()
        })
        .collect();
    let path = parts.join("/");
    if path.len() > super::plain::LONGEST {
        return None;
    }
    Some(if is_known {
        Value::str(path)
    } else {
        Value::unknown(path)
    })
}

/// The value of `tfds.load("mnist", split=["train", "test"], as_supervised=True, with_info=True)`.
fn tfds<'a>(arguments: &Given<'a>) -> Option<Value<'a>> {
    let name = super::plain::shown(argument(arguments, 0, "name")?)?;
    let (known, shape, _, _) = super::paths::dataset(&name)?;
    let source = |split: Split| {
        let mut sizes: Vec<Option<i64>> = shape.iter().copied().map(Some).collect();
        if sizes.len() == 3 {
            sizes.push(Some(1));
        }
        Value::Source(Rc::new(Source {
            samples: Some(Array {
                shape: Some(sizes),
                dataset: Some(known.to_owned()),
                split,
                scale: 1.0,
                ..Array::default()
            }),
            ..Source::default()
        }))
    };
    let of = |word: &str| {
        source(if word.starts_with("test") || word.starts_with("valid") {
            Split::Test
        } else {
            Split::Train
        })
    };
    let sets = match argument(arguments, 1, "split") {
        None => Value::Dict(Rc::new(std::cell::RefCell::new(vec![
            (Value::str("train"), of("train")),
            (Value::str("test"), of("test")),
        ]))),
        Some(Value::Str(word)) => of(word),
        Some(split) => {
            let words: Option<Vec<String>> = split.items()?.iter().map(super::plain::shown).collect();
            Value::tuple(words?.iter().map(|word| of(word)).collect())
        }
    };
    if named(arguments, "with_info").and_then(Value::truth) == Some(true) {
        return Some(Value::tuple(vec![sets, Value::unknown("info")]));
    }
    Some(sets)
}
