//! Elements and attributes of values.

use super::interpreter::Interpreter;
use super::plain::same;
use super::plain::{place, sizes, sliced};
use super::value::{Array, Scope, Value};
use crate::import::literal::Literal;
use ruff_python_ast::Expr;
use std::rc::Rc;

impl<'a> Interpreter<'a> {
    /// The value of `object[key]`; `None` where it is not known.
    pub fn subscript(&mut self, object: &Value<'a>, key: &'a Expr, scope: &Scope<'a>) -> Option<Value<'a>> {
        if let Value::Array(array) = object {
            return Some(self.array_element(array, key, scope));
        }
        if let Expr::Slice(slice) = key {
            let items = object.items()?;
            let mut bound = |bound: &'a Option<Box<Expr>>| match bound {
                None => Some(None),
                Some(bound) => match self.value(bound, scope) {
                    Value::None => Some(None),
                    value => value.int().map(Some),
                },
            };
            let (lower, upper, step) = (bound(&slice.lower)?, bound(&slice.upper)?, bound(&slice.step)?);
            let sliced = sliced(&items, lower, upper, step.unwrap_or(1))?;
            return Some(match object {
                Value::Tuple(_) => Value::tuple(sliced),
                Value::Str(_) => Value::str(
                    sliced
                        .iter()
                        .map(|letter| super::plain::shown(letter).unwrap_or_default())
                        .collect::<String>(),
                ),
                _ => Value::list(sliced),
            });
        }
        let key = self.value(key, scope);
        match object {
            Value::Dict(entries) => {
                let entries = entries.borrow();
                let found = entries.iter().find(|(known, _)| same(known, &key) == Some(true));
                found.map(|(_, value)| value.clone())
            }
            Value::Record(record) => record.values.borrow().get(super::plain::shown(&key)?.as_str()).cloned(),
            other => {
                let items = other.items()?;
                items.get(place(key.int()?, items.len())?).cloned()
            }
        }
    }

    /// A part of an array of samples: its first axis may get shorter, other axes may be added or removed.
    fn array_element(&mut self, array: &Rc<Array>, key: &'a Expr, scope: &Scope<'a>) -> Value<'a> {
        let mut part = array.as_ref().clone();
        let keys: Vec<&'a Expr> = match key {
            Expr::Tuple(tuple) => tuple.elts.iter().collect(),
            one => vec![one],
        };
        let Some(shape) = &array.shape else {
            return Value::array(part);
        };
        let mut sizes = Vec::new();
        let mut rest = shape.iter().copied();
        let wholes = keys.iter().filter(|key| !matches!(key, Expr::NoneLiteral(_))).count();
        for (index, key) in keys.iter().enumerate() {
            match key {
                Expr::Slice(slice) => {
                    let size = rest.next().flatten();
                    let all = slice.lower.is_none() && slice.upper.is_none() && slice.step.is_none();
                    sizes.push(if all { size } else { None });
                    if index == 0 && !all && !array.labels {
                        self.leave_out_because("a part of the samples (all are taken)");
                    }
                }
                Expr::EllipsisLiteral(_) => {
                    let keep = shape.len().saturating_sub(wholes - 1);
                    sizes.extend(rest.by_ref().take(keep));
                }
                other => {
                    let value = self.value(other, scope);
                    let is_new = matches!(value, Value::None)
                        || matches!(&value, Value::Path(path) if path.ends_with(".newaxis"));
                    if is_new {
                        sizes.push(Some(1));
                    } else {
                        let _ = rest.next();
                        if value.int().is_none() {
                            // A mask or a list of places.
                            sizes.push(None);
                        }
                    }
                }
            }
        }
        sizes.extend(rest);
        part.shape = Some(sizes);
        Value::array(part)
    }

    /// The value of `object.name`; `None` where it is not known.
    pub fn attribute(&mut self, object: &Value<'a>, name: &str) -> Option<Value<'a>> {
        let method = || Value::Method(Rc::new((object.clone(), name.to_owned())));
        Some(match (object, name) {
            // Branches on versions go Keras 3's way.
            (Value::Path(path), "__version__") if path.as_ref() == "keras" || path.ends_with(".keras") => {
                Value::str("3.15.1")
            }
            (Value::Path(path), "__version__") if path.as_ref() == "tensorflow" => Value::str("2.21.0"),
            (Value::Path(path), _) => Value::Path(Rc::from(format!("{path}.{name}"))),
            (Value::Record(record), _) => match record.values.borrow().get(name) {
                Some(value) => value.clone(),
                None => match record
                    .class
                    .as_ref()
                    .and_then(|class| class.scope.names.borrow().get(name).cloned())
                {
                    Some(Value::Function(_)) | None => method(),
                    Some(value) => value,
                },
            },
            (Value::Class(class), _) => return class.scope.names.borrow().get(name).cloned(),
            (Value::Array(array), "shape") => sizes(array.shape.as_deref()?),
            (Value::Array(array), "ndim") => Value::Int(i64::try_from(array.shape.as_ref()?.len()).ok()?),
            (Value::Array(array), "T" | "dtype" | "size") => Value::unknown(format!("{name} of {:?}", array.dataset)),
            (Value::Tensor(tensor), "shape" | "_keras_shape") => {
                let shape = self.shape_of(*tensor)?;
                Value::tuple(
                    std::iter::once(Value::None)
                        .chain(shape.into_iter().map(Value::Int))
                        .collect(),
                )
            }
            (Value::Model(model), "layers") => {
                Value::list(self.layers_of(*model)?.into_iter().map(Value::Layer).collect())
            }
            (Value::Model(model), "output" | "outputs") => self.ends_of(*model, false)?,
            (Value::Model(model), "input" | "inputs") => self.ends_of(*model, true)?,
            (Value::Model(model), "input_shape" | "output_shape") => {
                let end = self.ends_of(*model, name == "input_shape")?;
                return self.attribute(&end, "shape");
            }
            (Value::Layer(layer), "output") => Value::Tensor(self.output_of(*layer)?),
            (Value::Layer(layer), "layers") => {
                let parts = self.parts_of(*layer)?;
                Value::list(parts.iter().map(|part| Value::Layer(part.layer)).collect())
            }
            (Value::Layer(layer), "trainable") => {
                Value::Bool(self.layers.get(*layer)?.trainable != Some(Literal::Bool(false)))
            }
            (Value::Layer(layer), "name") => Value::str(self.layers.get(*layer)?.name.clone()?),
            (Value::Object(object), _) => {
                let found = object.arguments.iter().find(|argument| argument.is(name))?;
                match &found.value {
                    Literal::Int(value) => Value::Int(*value),
                    Literal::Float(value) => Value::Float(*value),
                    Literal::Str(text) => Value::str(text),
                    _ => return None,
                }
            }
            (Value::Unknown(_) | Value::None | Value::Bool(_), _) => return None,
            _ => method(),
        })
    }

    /// Carries out `object.name = value`.
    pub fn set_attribute(&mut self, object: &Value<'a>, name: &str, value: Value<'a>) {
        match (object, name) {
            (Value::Record(record), _) => {
                record.values.borrow_mut().insert(name.to_owned(), value);
            }
            (Value::Layer(layer), "trainable") => self.set_trainable(*layer, &value),
            (Value::Model(model), "trainable") => {
                for layer in self.layers_of(*model).unwrap_or_default() {
                    self.set_trainable(layer, &value);
                }
            }
            // A name is a matter of taste; only wiring goes by it.
            (Value::Model(model), "_name" | "name") => {
                if let Some(model) = self.models.get_mut(*model) {
                    model.name = super::plain::shown(&value);
                }
            }
            _ => self.lost = true,
        }
    }

    fn set_trainable(&mut self, layer: usize, value: &Value<'a>) {
        let Some(object) = self.layers.get_mut(layer) else {
            return;
        };
        object.trainable = match value.truth() {
            Some(true) => None,
            Some(false) => Some(Literal::Bool(false)),
            None => Some(value.literal()),
        };
        // A model hands it on to its layers.
        for part in object.parts.clone().iter().flat_map(|parts| parts.iter()) {
            self.set_trainable(part.layer, value);
        }
    }
}
