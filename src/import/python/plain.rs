//! What can be told of values by themselves: their text, their elements, whether they are equal, arguments by name.

use super::paths;
use super::value::Value;

/// The longest string or list that arithmetic may make.
pub const LONGEST: usize = 100_000;
/// The most rounds of a loop, and the most elements of a list that is evaluated.
pub const MOST_TURNS: usize = 20_000;

/// Python's built-in functions that are understood.
const FUNCTIONS: [&str; 23] = [
    "range",
    "len",
    "int",
    "float",
    "str",
    "bool",
    "list",
    "tuple",
    "dict",
    "enumerate",
    "zip",
    "min",
    "max",
    "sum",
    "abs",
    "round",
    "reversed",
    "sorted",
    "set",
    "any",
    "all",
    "isinstance",
    "vars",
];

/// Whether this is the name of a built-in function that is understood.
pub fn is_builtin(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

/// The arguments of a call, each with its name if it is passed by name.
pub type Given<'a> = Vec<(Option<String>, Value<'a>)>;

/// The string that `str(value)` gives in Python; `None` where it is not known.
pub fn shown(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Str(text) => Some(text.to_string()),
        Value::Path(path) => paths::activation(path).map(str::to_owned),
        Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) => Some(value.literal().to_string()),
        _ => None,
    }
}

/// Whether two values are equal; `None` where that is not known.
pub fn same(left: &Value<'_>, right: &Value<'_>) -> Option<bool> {
    same_within(left, right, &mut 100_000)
}

/// As `same`, with a bound on how many elements are compared: lists may contain one another many times over.
fn same_within(left: &Value<'_>, right: &Value<'_>, budget: &mut usize) -> Option<bool> {
    *budget = budget.checked_sub(1)?;
    match (left, right) {
        (Value::Str(left), Value::Str(right)) => Some(left == right),
        (Value::None, Value::None) => Some(true),
        (Value::Path(left), Value::Path(right)) => Some(left == right),
        (Value::Unknown(_) | Value::Array(_) | Value::Source(_) | Value::Path(_), _)
        | (_, Value::Unknown(_) | Value::Array(_) | Value::Source(_) | Value::Path(_)) => None,
        (Value::Layer(left), Value::Layer(right))
        | (Value::Tensor(left), Value::Tensor(right))
        | (Value::Model(left), Value::Model(right)) => Some(left == right),
        _ => match (left.number(), right.number()) {
            (Some(left), Some(right)) => Some(left == right),
            _ => match (left.items(), right.items()) {
                (Some(left), Some(right)) if left.len() == right.len() => {
                    let mut all = true;
                    for (left, right) in left.iter().zip(&right) {
                        all &= same_within(left, right, budget)?;
                    }
                    Some(all)
                }
                _ => Some(false),
            },
        },
    }
}

/// Carries out `container[key] = value`, where the container is a dictionary or a list.
pub fn set<'a>(container: &Value<'a>, key: &Value<'a>, value: Value<'a>) {
    match container {
        Value::Dict(entries) => {
            let mut entries = entries.borrow_mut();
            match entries.iter_mut().find(|(known, _)| same(known, key) == Some(true)) {
                Some(entry) => entry.1 = value,
                None => entries.push((key.clone(), value)),
            }
        }
        Value::List(items) => {
            let mut items = items.borrow_mut();
            let at = key.int().and_then(|index| place(index, items.len()));
            if let Some(item) = at.and_then(|at| items.get_mut(at)) {
                *item = value;
            }
        }
        _ => {}
    }
}

/// Sizes as a tuple; those that are not known are unknown values.
pub fn sizes<'a>(shape: &[Option<i64>]) -> Value<'a> {
    Value::tuple(
        shape
            .iter()
            .map(|size| size.map_or_else(|| Value::unknown("a_size"), Value::Int))
            .collect(),
    )
}

/// An index from the start, for one that may be negative and count from the end; it may still be out of range.
pub fn place(index: i64, count: usize) -> Option<usize> {
    let at = if index < 0 {
        index.checked_add(i64::try_from(count).ok()?)?
    } else {
        index
    };
    usize::try_from(at).ok()
}

pub fn sliced<'a>(items: &[Value<'a>], lower: Option<i64>, upper: Option<i64>, step: i64) -> Option<Vec<Value<'a>>> {
    let count = i64::try_from(items.len()).ok()?;
    let bound = |bound: i64| {
        if bound < 0 {
            (bound + count).max(0)
        } else {
            bound.min(count)
        }
    };
    if step == -1 && lower.is_none() && upper.is_none() {
        return Some(items.iter().rev().cloned().collect());
    }
    let (lower, upper) = (bound(lower.unwrap_or(0)), bound(upper.unwrap_or(count)));
    let step = usize::try_from(step).ok().filter(|&step| step > 0)?;
    let range = usize::try_from(lower).ok()?..usize::try_from(upper.max(lower)).ok()?;
    Some(items.get(range)?.iter().step_by(step).cloned().collect())
}

/// The argument with this name, or at this position.
pub fn argument<'b, 'a>(arguments: &'b Given<'a>, place: usize, name: &str) -> Option<&'b Value<'a>> {
    named(arguments, name).or_else(|| {
        arguments
            .get(place)
            .filter(|(name, _)| name.is_none())
            .map(|(_, value)| value)
    })
}

/// The argument that is passed by this name.
pub fn named<'b, 'a>(arguments: &'b Given<'a>, name: &str) -> Option<&'b Value<'a>> {
    arguments
        .iter()
        .find(|(known, _)| known.as_deref() == Some(name))
        .map(|(_, value)| value)
}
