//! Methods of models, of samples and of what makes batches.

use super::interpreter::Interpreter;
use super::plain::{Given, argument, named};
use super::value::{Array, Id, Source, Value};
use crate::import::literal::Literal;
use std::rc::Rc;

impl<'a> Interpreter<'a> {
    /// The value of `object.name(arguments)`; `None` where it is not known.
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
                        let name = super::plain::shown(name)?;
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
                changed.samples = match argument(arguments, 0, "x") {
                    Some(Value::Array(samples)) => Some(samples.as_ref().clone()),
                    _ => None,
                };
                let size = named(arguments, "batch_size").or_else(|| {
                    arguments
                        .get(2)
                        .filter(|(name, _)| name.is_none())
                        .map(|(_, value)| value)
                });
                changed.batch_size = Some(size.map_or(Literal::Int(32), Value::literal));
            }
            "flow_from_directory" | "flow_from_dataframe" => {
                let call = if name == "flow_from_directory" {
                    "flow_from_directory"
                } else {
                    "flow_from_dataframe"
                };
                let Value::Source(found) = self.folder(arguments, call) else {
                    return None;
                };
                changed = Source {
                    augmentation: changed.augmentation,
                    preprocessing: changed.preprocessing,
                    ..found.as_ref().clone()
                };
            }
            "batch" => changed.batch_size = argument(arguments, 0, "batch_size").map(Value::literal),
            "map" => {
                if let Some(pair) = self.mapped(argument(arguments, 0, "map_func")?, source) {
                    changed.mapped.extend(pair);
                } else {
                    self.leave_out_because("map of a data set (what it does to the samples is not followed)");
                    if let Some(samples) = &mut changed.samples {
                        samples.scale = f64::NAN;
                    }
                }
            }
            "shuffle" | "prefetch" | "cache" | "repeat" | "with_options" | "unbatch" => {}
            "take" | "skip" | "filter" => self.leave_out_because("a part of the samples (all are taken)"),
            "fit" => return Some(Value::None),
            _ => return None,
        }
        Some(Value::Source(Rc::new(changed)))
    }

    /// What a function that is passed to `map` makes of a sample: a tensor for the sample, and the one that it becomes. The outer
    /// `None` means that this is not known, the inner one that the sample stays as it is.
    #[expect(clippy::option_option, reason = "not known and unchanged are two things")]
    fn mapped(&mut self, function: &Value<'a>, source: &Source) -> Option<Option<(Id, Id)>> {
        let Value::Function(function) = function else {
            return None;
        };
        let sizes = source.samples.as_ref().and_then(|samples| samples.shape.as_ref());
        let sizes = sizes.map_or_else(
            || Value::unknown("shape"),
            |sizes| super::plain::sizes(sizes.get(1..).unwrap_or(&[])),
        );
        let layer = self.new_layer("Input", vec![(Some("shape".to_owned()), sizes)]);
        let sample = self.tensor(layer, Vec::new());
        let takes = function.parameters.map_or(0, |parameters| parameters.args.len());
        let mut arguments = vec![(None, Value::Tensor(sample))];
        if takes > 1 {
            arguments.push((None, Value::unknown("label")));
        }
        let made = match self.call_function(&Rc::clone(function), arguments) {
            Value::Tuple(items) => items.first().cloned()?,
            other => other,
        };
        match made {
            Value::Tensor(same) if same == sample => Some(None),
            Value::Tensor(made) if self.reachable(&[Some(made)], &[]).contains(&sample) => Some(Some((sample, made))),
            _ => None,
        }
    }
}

/// The samples in another shape; a size of -1 follows from the others.
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
