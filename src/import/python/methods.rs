//! Methods of models, samples and what makes batches.

use super::calls::{Given, argument, named};
use super::interpreter::Interpreter;
use super::value::{Array, Source, Value};
use crate::import::literal::Literal;
use std::rc::Rc;

impl<'a> Interpreter<'a> {
    /// `object.name(arguments)`.
    pub fn call_method(&mut self, object: &Value<'a>, name: &str, arguments: Given<'a>) -> Option<Value<'a>> {
        match object {
            Value::Model(model) => self.call_model_method(*model, name, &arguments),
            Value::Array(array) => self.call_array_method(array, name, &arguments),
            Value::Source(source) => self.call_source_method(source, name, &arguments),
            Value::Tensor(_) if matches!(name, "get_shape" | "as_list") => self.attribute(object, "shape"),
            Value::Tuple(_) if name == "as_list" => Some(Value::list(object.items()?)),
            Value::Record(record) => {
                let method = record
                    .class
                    .as_ref()
                    .and_then(|class| class.scope.names.borrow().get(name).cloned());
                match method {
                    Some(Value::Function(function)) => {
                        // A static method does without the object.
                        let takes = function
                            .parameters
                            .map_or(0, |parameters| parameters.args.len() + parameters.posonlyargs.len());
                        let first = function.parameters.and_then(|parameters| parameters.args.first());
                        let is_bound = takes > 0 && first.is_some_and(|first| first.parameter.name.as_str() == "self");
                        let mut all = Vec::new();
                        if is_bound {
                            all.push((None, object.clone()));
                        }
                        all.extend(arguments);
                        Some(self.call_function(&function, all))
                    }
                    _ => self.call_value_method(object, name, &arguments),
                }
            }
            _ => self.call_value_method(object, name, &arguments),
        }
    }

    fn call_model_method(&mut self, model: usize, name: &str, arguments: &Given<'a>) -> Option<Value<'a>> {
        match name {
            "add" => {
                let item = argument(arguments, 0, "layer")?.clone();
                self.add(model, &item);
                Some(Value::None)
            }
            "pop" => {
                let found = self.models.get_mut(model)?;
                found.layers.pop();
                found.tensors.clear();
                Some(Value::None)
            }
            "compile" => {
                self.compile(model, arguments);
                Some(Value::None)
            }
            "fit" | "fit_generator" | "fit_dataset" => {
                self.fit(model, arguments);
                // History, evaluations and the like are of a run.
                Some(Value::Record(Rc::default()))
            }
            "build" => {
                let shape = argument(arguments, 0, "input_shape")?.literal();
                let sizes = shape.items()?.get(1..)?.to_vec();
                if self.input_shape_of(model).is_none()
                    && let Some(first) = self.layers_of(model)?.first().copied()
                {
                    self.layers.get_mut(first)?.input_shape = Some(Literal::Tuple(sizes));
                }
                Some(Value::None)
            }
            "get_layer" => {
                let layers = self.layers_of(model)?;
                let found = match (named(arguments, "index"), argument(arguments, 0, "name")) {
                    (Some(index), _) => *layers.get(usize::try_from(index.int()?).ok()?)?,
                    (None, Some(name)) => {
                        let name = super::expression::shown(name)?;
                        layers.into_iter().find(|layer| {
                            self.layers
                                .get(*layer)
                                .is_some_and(|layer| layer.name.as_deref() == Some(&name))
                        })?
                    }
                    (None, None) => return None,
                };
                Some(Value::Layer(found))
            }
            "summary" | "count_params" => None,
            _ => None,
        }
    }

    fn call_array_method(&mut self, array: &Rc<Array>, name: &str, arguments: &Given<'a>) -> Option<Value<'a>> {
        let first = arguments.first().map(|(_, value)| value);
        match name {
            "astype" | "copy" | "numpy" => Some(Value::Array(Rc::clone(array))),
            "reshape" => {
                let sizes: Vec<Value<'a>> = match first? {
                    value @ (Value::Tuple(_) | Value::List(_)) => value.items()?,
                    _ => arguments
                        .iter()
                        .filter(|(name, _)| name.is_none())
                        .map(|(_, value)| value.clone())
                        .collect(),
                };
                Some(reshaped(array, &sizes))
            }
            "flatten" | "ravel" | "squeeze" => {
                let mut flat = array.as_ref().clone();
                flat.shape = match (name, &array.shape) {
                    ("squeeze", Some(shape)) => Some(shape.iter().copied().filter(|size| *size != Some(1)).collect()),
                    (_, Some(shape)) if array.labels => Some(vec![shape.first().copied().flatten()]),
                    _ => None,
                };
                Some(Value::array(flat))
            }
            "max" | "mean" | "std" | "min" => None,
            _ => None,
        }
    }

    fn call_source_method(&mut self, source: &Rc<Source>, name: &str, arguments: &Given<'a>) -> Option<Value<'a>> {
        let mut changed = source.as_ref().clone();
        match name {
            "flow" => {
                let Some(Value::Array(samples)) = argument(arguments, 0, "x") else {
                    return None;
                };
                changed.samples = Some(samples.as_ref().clone());
                let size = named(arguments, "batch_size").or_else(|| {
                    arguments
                        .get(2)
                        .filter(|(name, _)| name.is_none())
                        .map(|(_, value)| value)
                });
                changed.batch_size = size.map(Value::literal);
            }
            "flow_from_directory" => {
                let Value::Source(found) = self.folder(arguments, false) else {
                    return None;
                };
                let augmentation = changed.augmentation;
                changed = found.as_ref().clone();
                changed.augmentation = augmentation;
            }
            "batch" => changed.batch_size = argument(arguments, 0, "batch_size").map(Value::literal),
            "map" => {
                self.leave_out_because("map of a data set (what it does to the samples is not followed)");
                if let Some(samples) = &mut changed.samples {
                    samples.scale = f64::NAN;
                }
            }
            "shuffle" | "prefetch" | "cache" | "repeat" | "with_options" | "unbatch" => {}
            "take" | "skip" | "filter" => self.leave_out_because("a part of the samples (all are taken)"),
            "fit" => return Some(Value::None),
            _ => return None,
        }
        Some(Value::Source(Rc::new(changed)))
    }
}

/// Samples in another shape.
pub fn reshaped<'a>(array: &Rc<Array>, sizes: &[Value<'a>]) -> Value<'a> {
    let mut changed = array.as_ref().clone();
    let mut shape: Vec<Option<i64>> = sizes.iter().map(Value::int).collect();
    if let Some(open) = shape.iter().position(|size| *size == Some(-1)) {
        let product = |shape: &[Option<i64>]| shape.iter().try_fold(1_i64, |all, size| all.checked_mul((*size)?));
        let all = array.shape.as_deref().and_then(product);
        let others: Vec<Option<i64>> = shape
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != open)
            .map(|(_, size)| *size)
            .collect();
        let rest = product(&others).filter(|&others| others > 0);
        if let Some(size) = shape.get_mut(open) {
            *size = all.zip(rest).map(|(all, rest)| all / rest);
        }
    }
    changed.shape = Some(shape);
    Value::array(changed)
}
