//! The calls of `compile` and `fit`.

use super::feed::Role;
use super::interpreter::Interpreter;
use super::loading::holds_unknown;
use super::plain::{Given, named};
use super::value::{Array, Split, Value};
use crate::import::draft::{Call, Named};
use crate::import::literal::{Argument, Literal};

/// The parameters of `fit`, in the order of Keras's signature.
const FIT: [&str; 8] = [
    "x",
    "y",
    "batch_size",
    "epochs",
    "verbose",
    "callbacks",
    "validation_split",
    "validation_data",
];
/// The parameters of Keras 2's `fit_generator`, in the order of its signature.
const GENERATOR: [&str; 6] = [
    "generator",
    "steps_per_epoch",
    "epochs",
    "verbose",
    "callbacks",
    "validation_data",
];

impl<'a> Interpreter<'a> {
    /// Records the call of `model.compile(...)`; a model that has been trained keeps its first one.
    pub fn compile(&mut self, model: usize, given: &Given<'a>) {
        if self.models.get(model).is_some_and(|model| model.fit.is_some()) {
            self.leave_out_because("another compile (an import keeps the first one)");
            return;
        }
        let mut call = Call {
            arguments: Vec::new(),
            place: self.source.place(self.lines),
        };
        for (place, (name, value)) in given.iter().enumerate() {
            let literal = value.literal();
            let name = match (name.as_deref(), place) {
                (Some(name), _) => name.to_owned(),
                (None, 0) => "optimizer".to_owned(),
                (None, 1) => "loss".to_owned(),
                // Keras 2 had the metrics here, Keras 3 the weights of losses.
                (None, _) => "metrics".to_owned(),
            };
            let literal = match (name.as_str(), literal) {
                ("metrics", Literal::Tuple(items)) => Literal::List(items),
                ("metrics", Literal::None) => continue,
                ("metrics", one @ (Literal::Str(_) | Literal::Call(..) | Literal::Unknown(_))) => {
                    Literal::List(vec![one])
                }
                ("optimizer", Literal::Str(text)) => Literal::Str(text.to_lowercase()),
                (_, literal) => literal,
            };
            call.set(&name, literal);
        }
        if let Some(found) = self.models.get_mut(model) {
            found.compile = Some(call);
        }
    }

    /// Records the call of `model.fit(...)`, only the first of several: what is frozen between them is not followed.
    pub fn fit(&mut self, model: usize, given: &Given<'a>) {
        let is_generator = named(given, "generator").is_some() || named(given, "samples_per_epoch").is_some();
        let names: &[&str] = match given.first() {
            Some((None, Value::Source(_)))
                if given.len() > 1 && given.get(1).is_some_and(|(name, _)| name.is_none()) =>
            {
                &GENERATOR
            }
            _ if is_generator => &GENERATOR,
            _ => &FIT,
        };
        if self.models.get(model).is_some_and(|model| model.fit.is_some()) {
            self.leave_out_because("another fit (an import keeps the first one)");
            return;
        }
        let mut call = Call {
            arguments: Vec::new(),
            place: self.source.place(self.lines),
        };
        let mut later = Vec::new();
        let find = |wanted: &str| {
            let at = names.iter().position(|name| *name == wanted);
            named(given, wanted).or_else(|| {
                given
                    .get(at?)
                    .filter(|(name, _)| name.is_none())
                    .map(|(_, value)| value)
            })
        };
        let samples = find("x").or_else(|| find("generator")).cloned().unwrap_or(Value::None);
        let labels = find("y").cloned().unwrap_or(Value::None);
        let mut feed = self.feed(&samples);
        let mut dataset = None;
        let mut loaded = None;
        match &samples {
            Value::Array(array) => {
                dataset = Some(array.as_ref().clone());
                if let Value::Array(other) = &labels
                    && !other.labels
                    && other.dataset == array.dataset
                {
                    later.push(Argument::named("targets", Literal::Str("input".to_owned())));
                }
            }
            Value::Source(source) => {
                dataset.clone_from(&source.samples);
                loaded = self.loaded(source, Role::Train, &[]);
                if let (Some(size), None) = (&source.batch_size, &loaded) {
                    call.set("batch_size", size.clone());
                }
            }
            Value::Tuple(_) | Value::List(_) => self.leave_out_because("several inputs (what they are is not known)"),
            _ => {}
        }
        match (loaded, dataset.as_ref().and_then(|array| array.dataset.clone())) {
            (Some((values, name)), _) => {
                feed.values = values;
                call.arguments.insert(0, Argument::placed(name));
            }
            (None, Some(name)) => call.arguments.insert(0, Argument::named("data", Literal::Str(name))),
            (None, None) => self.leave_out_because("the samples (what they are is not known: give --data)"),
        }
        for (place, (name, value)) in given.iter().enumerate() {
            let name = name
                .as_deref()
                .or_else(|| names.get(place).copied())
                .unwrap_or_default();
            let literal = value.literal();
            match name {
                "x" | "y" | "generator" => {}
                "nb_epoch" | "epochs" => call.set("epochs", literal),
                "batch_size" if literal == Literal::None => {}
                "batch_size"
                | "validation_split"
                | "shuffle"
                | "initial_epoch"
                | "validation_batch_size"
                | "validation_freq" => {
                    call.set(name, literal);
                }
                "callbacks" => match literal {
                    Literal::Tuple(items) | Literal::List(items) => {
                        later.push(Argument::named("callbacks", Literal::List(items)));
                    }
                    Literal::None => {}
                    one => later.push(Argument::named("callbacks", Literal::List(vec![one]))),
                },
                "validation_data" => {
                    let values = std::mem::take(&mut feed.values);
                    let (values, validates) = self.validation(value, dataset.as_ref(), values);
                    feed.values = values;
                    later.extend(validates.map(|name| Argument::named("validation_data", name)));
                }
                "steps_per_epoch" | "validation_steps" | "samples_per_epoch" => {
                    let batch = match &samples {
                        Value::Source(source) => source.batch(),
                        _ => None,
                    };
                    match steps(name, &literal, batch) {
                        Some(Some(steps)) if name == "validation_steps" => {
                            later.push(Argument::named(name, Literal::Int(steps)));
                        }
                        Some(Some(steps)) => call.set("steps_per_epoch", Literal::Int(steps)),
                        Some(None) => {}
                        None => self.leave_out_because(format!("{name} (how many is not known)")),
                    }
                }
                "verbose" => later.push(Argument::named(name, literal)),
                "workers" | "use_multiprocessing" | "max_queue_size" | "max_q_size" | "show_accuracy" => {
                    self.leave_out_because(format!("{name}={literal}"));
                }
                other if holds_unknown(&literal) => self.leave_out_because(other.to_owned()),
                other => later.push(Argument::named(other, literal)),
            }
        }
        call.arguments.extend(later);
        let frozen = self.layers.iter().map(|layer| layer.trainable.clone()).collect();
        if let Some(found) = self.models.get_mut(model) {
            found.fit = Some(call);
            found.feed = feed;
            found.frozen = Some(frozen);
        }
        self.fitted.push((model, dataset.and_then(|array| array.shape)));
    }

    /// What `validation_data` means: the named data sets with those that it adds, and the value of the argument.
    fn validation(
        &mut self,
        value: &Value<'a>,
        dataset: Option<&Array>,
        mut values: Vec<Named>,
    ) -> (Vec<Named>, Option<Literal>) {
        let validates = match value {
            Value::Array(array) => Some(array.as_ref().clone()),
            Value::Source(source) => {
                if !values.is_empty()
                    && let Some((more, name)) = self.loaded(source, Role::Valid, &values)
                {
                    values.extend(more);
                    return (values, Some(name));
                }
                source.samples.clone()
            }
            Value::None => return (values, None),
            other => match other.items().unwrap_or_default().first() {
                Some(Value::Array(array)) => Some(array.as_ref().clone()),
                _ => None,
            },
        };
        let same = match (&validates, dataset) {
            (Some(validates), Some(dataset)) => validates.split == Split::Test && validates.dataset == dataset.dataset,
            _ => false,
        };
        if !same {
            self.leave_out_because("validation_data (the data set's own test samples validate)");
        }
        (values, None)
    }
}

/// The number of steps of an epoch, given as such or as a number of samples. The outer `None` means that it is not known, the
/// inner one that it is left to Keras.
#[expect(clippy::option_option, reason = "not known and left open are two things")]
fn steps(name: &str, given: &Literal, batch: Option<i64>) -> Option<Option<i64>> {
    let number = match given {
        Literal::None => return Some(None),
        Literal::Int(count) => *count as f64,
        Literal::Float(count) => *count,
        _ => return None,
    };
    let number = if name == "samples_per_epoch" {
        number / batch? as f64
    } else {
        number
    };
    let steps = number.ceil();
    (1.0..1e15).contains(&steps).then_some(Some(steps as i64))
}
