//! Python's built-in functions, and the methods of strings, lists and dictionaries.

use super::interpreter::Interpreter;
use super::plain::LONGEST;
use super::plain::MOST_TURNS;
use super::plain::{Given, argument, named};
use super::value::Value;
use std::rc::Rc;

impl<'a> Interpreter<'a> {
    /// The value of a call of a built-in function; `None` where it is not known.
    pub fn call_builtin(&mut self, name: &str, arguments: &Given<'a>) -> Option<Value<'a>> {
        let first = arguments.first().map(|(_, value)| value);
        let items = |value: Option<&Value<'a>>| value.and_then(Value::items);
        Some(match name {
            "range" => {
                let numbers: Option<Vec<i64>> = arguments.iter().map(|(_, value)| value.int()).collect();
                let (start, end, step) = match numbers?.as_slice() {
                    [end] => (0, *end, 1),
                    [start, end] => (*start, *end, 1),
                    [start, end, step] if *step != 0 => (*start, *end, *step),
                    _ => return None,
                };
                let count = (i128::from(end) - i128::from(start) + i128::from(step) - i128::from(step.signum()))
                    / i128::from(step);
                let count = usize::try_from(count.max(0))
                    .ok()
                    .filter(|&count| count <= MOST_TURNS)?;
                Value::list(
                    (0..count)
                        .map(|index| Value::Int(start + index as i64 * step))
                        .collect(),
                )
            }
            "len" => match first? {
                Value::Array(array) => Value::Int((*array.shape.as_ref()?.first()?)?),
                Value::Model(model) => Value::Int(i64::try_from(self.layers_of(*model)?.len()).ok()?),
                // Python has no length of a number: `--let classes=5` says how many there are.
                Value::Int(count) => Value::Int(*count),
                value => Value::Int(i64::try_from(value.items()?.len()).ok()?),
            },
            "int" => match first? {
                Value::Str(text) => Value::Int(text.trim().parse().ok()?),
                value => {
                    let number = value.number()?.trunc();
                    (number.abs() < 9e15).then_some(Value::Int(number as i64))?
                }
            },
            "float" => match first? {
                Value::Str(text) => Value::Float(text.trim().parse().ok()?),
                value => Value::Float(value.number()?),
            },
            "str" => Value::str(super::plain::shown(first?)?),
            "bool" => Value::Bool(first?.truth()?),
            "list" | "set" if arguments.is_empty() => Value::list(Vec::new()),
            "list" | "set" => Value::list(items(first)?),
            "tuple" => Value::tuple(items(first).or_else(|| arguments.is_empty().then(Vec::new))?),
            "dict" => {
                let mut entries = match arguments.first() {
                    Some((None, Value::Dict(entries))) => entries.borrow().clone(),
                    // Pairs; where they are not known, neither is what is in the dictionary.
                    Some((None, pairs)) => {
                        let pair = |pair: &Value<'a>| match pair.items()?.as_slice() {
                            [key, value] => Some((key.clone(), value.clone())),
                            _ => None,
                        };
                        pairs.items()?.iter().map(pair).collect::<Option<Vec<_>>>()?
                    }
                    Some((Some(_), _)) | None => Vec::new(),
                };
                for (name, value) in arguments {
                    if let Some(name) = name {
                        entries.push((Value::str(name), value.clone()));
                    }
                }
                Value::Dict(Rc::new(std::cell::RefCell::new(entries)))
            }
            "enumerate" => {
                let start = argument(arguments, 1, "start").and_then(Value::int).unwrap_or(0);
                let pair = |(index, item)| Value::tuple(vec![Value::Int(start + index as i64), item]);
                Value::list(items(first)?.into_iter().enumerate().map(pair).collect())
            }
            "zip" => {
                let lists: Option<Vec<Vec<Value<'a>>>> = arguments.iter().map(|(_, value)| value.items()).collect();
                let lists = lists?;
                let shortest = lists.iter().map(Vec::len).min()?;
                let row =
                    |index: usize| Value::tuple(lists.iter().filter_map(|list| list.get(index).cloned()).collect());
                Value::list((0..shortest).map(row).collect())
            }
            "min" | "max" | "sum" => {
                let values = if arguments.len() == 1 {
                    items(first)?
                } else {
                    arguments.iter().map(|(_, value)| value.clone()).collect()
                };
                let numbers: Option<Vec<f64>> = values.iter().map(Value::number).collect();
                let numbers = numbers?;
                let result = match name {
                    "min" => numbers.iter().copied().reduce(f64::min)?,
                    "max" => numbers.iter().copied().reduce(f64::max)?,
                    _ => numbers.iter().sum(),
                };
                if values.iter().all(|value| value.int().is_some()) {
                    Value::Int(result as i64)
                } else {
                    Value::Float(result)
                }
            }
            "abs" => match first? {
                Value::Int(value) => Value::Int(value.checked_abs()?),
                value => Value::Float(value.number()?.abs()),
            },
            "round" => match (first?, argument(arguments, 1, "ndigits").and_then(Value::int)) {
                (value, None) => Value::Int(value.number()?.round_ties_even() as i64),
                (value, Some(digits)) => {
                    let power = 10_f64.powi(i32::try_from(digits).ok()?);
                    Value::Float((value.number()? * power).round_ties_even() / power)
                }
            },
            "reversed" => Value::list(items(first)?.into_iter().rev().collect()),
            "sorted" if arguments.len() == 1 => {
                let mut items = items(first)?;
                if items.iter().any(|item| item.number().is_none()) {
                    return None;
                }
                items.sort_by(|left, right| {
                    left.number()
                        .partial_cmp(&right.number())
                        .unwrap_or(std::cmp::Ordering::Equal)
                });
                Value::list(items)
            }
            "any" | "all" => {
                let truths: Option<Vec<bool>> = items(first)?.iter().map(Value::truth).collect();
                let mut truths = truths?.into_iter();
                Value::Bool(if name == "any" {
                    truths.any(|truth| truth)
                } else {
                    truths.all(|truth| truth)
                })
            }
            "vars" => match first? {
                record @ Value::Record(_) => record.clone(),
                _ => return None,
            },
            "isinstance" => {
                let Some(Value::Path(path)) = arguments.get(1).map(|(_, value)| value) else {
                    return None;
                };
                match (path.as_ref(), first?) {
                    (_, Value::Unknown(_)) => return None,
                    ("builtins.int", value) => Value::Bool(matches!(value, Value::Int(_))),
                    ("builtins.float", value) => Value::Bool(matches!(value, Value::Float(_))),
                    ("builtins.str", value) => Value::Bool(matches!(value, Value::Str(_))),
                    ("builtins.list", value) => Value::Bool(matches!(value, Value::List(_))),
                    ("builtins.tuple", value) => Value::Bool(matches!(value, Value::Tuple(_))),
                    (path, Value::Layer(layer)) => {
                        let class = path.rsplit('.').next().unwrap_or(path);
                        Value::Bool(self.layers.get(*layer)?.class == class)
                    }
                    _ => return None,
                }
            }
            _ => return None,
        })
    }

    /// The value of a method call of a string, a list or a dictionary; `None` where it is not known.
    pub fn call_value_method(&mut self, object: &Value<'a>, name: &str, arguments: &Given<'a>) -> Option<Value<'a>> {
        let first = arguments.first().map(|(_, value)| value);
        Some(match (object, name) {
            (Value::List(items), "append") => {
                items.borrow_mut().push(first?.clone());
                Value::None
            }
            (Value::List(items), "extend") => {
                let more = first?.items()?;
                items.borrow_mut().extend(more);
                Value::None
            }
            (Value::List(items), "insert") => {
                let at = usize::try_from(first?.int()?).ok()?.min(items.borrow().len());
                items.borrow_mut().insert(at, arguments.get(1)?.1.clone());
                Value::None
            }
            (Value::List(items), "pop") if arguments.is_empty() => items.borrow_mut().pop()?,
            (Value::List(items), "reverse") => {
                items.borrow_mut().reverse();
                Value::None
            }
            (Value::List(items), "copy") => Value::list(items.borrow().clone()),
            (Value::Tuple(_) | Value::List(_), "index") => {
                let items = object.items()?;
                let at = items
                    .iter()
                    .position(|item| super::plain::same(item, first.unwrap_or(&Value::None)) == Some(true))?;
                Value::Int(i64::try_from(at).ok()?)
            }
            (Value::Dict(entries), "items") => {
                let pair = |(key, value): &(Value<'a>, Value<'a>)| Value::tuple(vec![key.clone(), value.clone()]);
                Value::list(entries.borrow().iter().map(pair).collect())
            }
            (Value::Dict(entries), "keys") => {
                Value::list(entries.borrow().iter().map(|(key, _)| key.clone()).collect())
            }
            (Value::Dict(entries), "values") => {
                Value::list(entries.borrow().iter().map(|(_, value)| value.clone()).collect())
            }
            (Value::Dict(entries), "get") => {
                let key = first?;
                let entries = entries.borrow();
                let found = entries
                    .iter()
                    .find(|(known, _)| super::plain::same(known, key) == Some(true));
                found
                    .map(|(_, value)| value.clone())
                    .or_else(|| arguments.get(1).map(|(_, value)| value.clone()))
                    .unwrap_or(Value::None)
            }
            (Value::Dict(entries), "update") => {
                let Value::Dict(more) = first? else { return None };
                for (key, value) in more.borrow().iter() {
                    super::plain::set(&Value::Dict(Rc::clone(entries)), key, value.clone());
                }
                Value::None
            }
            (Value::Str(text), "lower") => Value::str(text.to_lowercase()),
            (Value::Str(text), "upper") => Value::str(text.to_uppercase()),
            (Value::Str(text), "strip") => Value::str(text.trim()),
            (Value::Str(text), "startswith") => Value::Bool(text.starts_with(super::plain::shown(first?)?.as_str())),
            (Value::Str(text), "endswith") => Value::Bool(text.ends_with(super::plain::shown(first?)?.as_str())),
            (Value::Str(text), "split") => {
                let by = first.and_then(super::plain::shown);
                Value::list(match by {
                    Some(by) if !by.is_empty() => text.split(by.as_str()).map(Value::str).collect(),
                    _ => text.split_whitespace().map(Value::str).collect(),
                })
            }
            (Value::Str(text), "replace") => {
                let to = super::plain::shown(&arguments.get(1)?.1)?;
                if text.len().saturating_mul(to.len() + 1) > LONGEST {
                    return None;
                }
                Value::str(text.replace(super::plain::shown(first?)?.as_str(), &to))
            }
            (Value::Str(text), "join") => {
                let parts: Option<Vec<String>> = first?.items()?.iter().map(super::plain::shown).collect();
                let parts = parts?;
                if parts.iter().map(|part| part.len() + text.len()).sum::<usize>() > LONGEST {
                    return None;
                }
                Value::str(parts.join(text))
            }
            (Value::Str(text), "format") if arguments.iter().all(|(name, _)| name.is_none()) => {
                let values: Vec<Value<'a>> = arguments.iter().map(|(_, value)| value.clone()).collect();
                Value::str(super::operators::formatted(text, &values)?)
            }
            (Value::Record(record), "add_argument") => {
                add_argument(record, arguments);
                Value::None
            }
            (Value::Record(_), "parse_args") => object.clone(),
            (Value::Record(_), "parse_known_args") => Value::tuple(vec![object.clone(), Value::list(Vec::new())]),
            _ => return None,
        })
    }
}

/// Carries out `parser.add_argument("--epochs", type=int, default=12)`: without arguments, a script has the defaults.
fn add_argument<'a>(record: &super::value::Record<'a>, arguments: &Given<'a>) {
    let options = arguments
        .iter()
        .filter(|(name, _)| name.is_none())
        .filter_map(|(_, value)| super::plain::shown(value));
    let longest = options.max_by_key(String::len);
    let name = named(arguments, "dest").and_then(super::plain::shown).or(longest);
    let Some(name) = name else { return };
    let name = name.trim_start_matches('-').replace('-', "_");
    let value = match (
        named(arguments, "default"),
        named(arguments, "action").and_then(super::plain::shown).as_deref(),
    ) {
        (Some(value), _) => value.clone(),
        (None, Some("store_true")) => Value::Bool(false),
        (None, Some("store_false")) => Value::Bool(true),
        (None, _) => Value::unknown(&name),
    };
    record.values.borrow_mut().insert(name, value);
}
