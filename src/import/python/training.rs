//! The calls of `compile` and `fit`.

use super::feed::Role;
use super::interpreter::Interpreter;
use super::loading::holds_unknown;
use super::objects::{Compiled, Feed, Samples, Trained};
use super::plain::{Given, MOST_TURNS, named};
use super::value::{Array, Record, Split, Value};
use crate::import::draft::{Call, Named};
use crate::import::literal::{Argument, Literal};
use compiler::training::limits::MOST_PHASES;
use std::rc::Rc;

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
        let lines = self.lines;
        if let Some(found) = self.models.get_mut(model) {
            found.compiled = Some(Compiled { call, lines });
        }
    }

    /// `model.fit(...)`: the next phase of its training. What it gives: a history.
    pub fn fit(&mut self, model: usize, given: &Given<'a>) -> Value<'a> {
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
        let known = self
            .models
            .get(model)
            .map(|model| model.feed.values.clone())
            .unwrap_or_default();
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
                loaded = self.loaded(source, Role::Train, &known);
                if let (Some(size), None) = (&source.batch_size, &loaded) {
                    call.set("batch_size", size.clone());
                }
            }
            Value::Tuple(_) | Value::List(_) => self.leave_out_because("several inputs (they are not known)"),
            _ => {}
        }
        match (loaded, dataset.as_ref().and_then(|array| array.dataset.clone())) {
            (Some((values, name)), _) => {
                feed.values = values;
                call.arguments.insert(0, Argument::placed(name));
            }
            (None, Some(name)) => call.arguments.insert(0, Argument::named("data", Literal::Str(name))),
            (None, None) => self.leave_out_because("the samples (they are not known: give --data)"),
        }
        let samples_are = match (call.arguments.first(), &samples) {
            (Some(first), _) if first.name.is_none() || first.is("data") => Samples::Known,
            (_, Value::Unknown(text)) => Samples::Unknown(text.to_string()),
            (_, other) => Samples::Unknown(other.literal().to_string()),
        };
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
                    let mut all = known.clone();
                    all.append(&mut feed.values);
                    let (mut all, validates) = self.validation(value, dataset.as_ref(), all);
                    feed.values = all.split_off(known.len());
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
                        None => self.leave_out_because(format!("{name} (their number is not known)")),
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
        let epochs = self.epochs(&call);
        let trained = Trained {
            compile: None,
            fit: call,
            samples: samples_are,
            frozen: self.layers.iter().map(|layer| layer.trainable.clone()).collect(),
        };
        self.phase(model, trained, feed);
        self.fitted.push((model, dataset.and_then(|array| array.shape)));
        epochs
    }

    /// What `fit` gives: its `epoch` is a list of the epochs, as long as no callback ends it.
    fn epochs(&self, fit: &Call) -> Value<'a> {
        let number = |name: &str, usual: i64| match fit.argument(name) {
            None => Some(usual),
            Some(Literal::Int(number)) => Some(*number),
            Some(_) => None,
        };
        let (first, end) = (number("initial_epoch", 0), number("epochs", 1));
        let history = Record::default();
        if let (Some(first), Some(end)) = (first, end)
            && end.saturating_sub(first) <= MOST_TURNS as i64
        {
            let epochs = Value::list((first..end).map(Value::Int).collect());
            history.values.borrow_mut().insert("epoch".to_owned(), epochs);
        }
        Value::Record(Rc::new(history))
    }

    /// Adds a phase to what a model is trained with.
    fn phase(&mut self, model: usize, mut trained: Trained, feed: Feed) {
        let Some(found) = self.models.get_mut(model) else {
            return;
        };
        let Some(first) = found.phases.first() else {
            trained.compile = found.compiled.take().map(|compiled| compiled.call);
            found.feed = feed;
            found.phases.push(trained);
            return;
        };
        let same = first.samples == trained.samples && found.feed.front == feed.front && found.feed.scale == feed.scale;
        if !same || found.phases.len() >= MOST_PHASES {
            let compiled = found.compiled.take();
            let (here, why) = (
                self.lines,
                if same {
                    "there are too many"
                } else {
                    "its samples differ: all phases of a run use the same"
                },
            );
            if let Some(compiled) = compiled {
                self.lines = compiled.lines;
                self.leave_out_because(format!("another compile ({why})"));
                self.lines = here;
            }
            self.leave_out_because(format!("another fit ({why})"));
            return;
        }
        found.feed.values.extend(feed.values);
        if found.compiled.is_none()
            && let Some(last) = found.phases.last_mut()
            && let Some(epochs) = joined(&last.fit, &trained.fit)
        {
            last.fit.set("epochs", Literal::Int(epochs));
            self.leave_out_because("another fit (its epochs are added to those of the one before, which is the same)");
            return;
        }
        trained.compile = found.compiled.take().map(|compiled| compiled.call);
        let ends = found.phases.last().is_some_and(|last| may_end_early(&last.fit));
        let counts_on = trained.fit.argument("initial_epoch").is_some();
        found.phases.push(trained);
        if ends && counts_on {
            self.leave_out_because(
                "EarlyStopping of the fit before (initial_epoch is counted as if it had not stopped that fit early)",
            );
        }
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

/// Whether a callback may end the training.
fn may_end_early(fit: &Call) -> bool {
    let callbacks = fit.argument("callbacks").and_then(Literal::items).unwrap_or_default();
    callbacks
        .iter()
        .any(|callback| matches!(callback, Literal::Call(class, _) if class == "EarlyStopping"))
}

/// The epochs of two calls that are one in two parts: nothing tells when the first one ends.
fn joined(first: &Call, second: &Call) -> Option<i64> {
    let apart = ["callbacks", "initial_epoch"];
    if apart
        .iter()
        .any(|name| first.argument(name).or_else(|| second.argument(name)).is_some())
    {
        return None;
    }
    let others = |call: &Call| -> Vec<Argument> {
        let others = call.arguments.iter().filter(|argument| !argument.is("epochs"));
        others.cloned().collect()
    };
    let epochs = |call: &Call| match call.argument("epochs") {
        None => Some(1),
        Some(Literal::Int(epochs)) if *epochs > 0 => Some(*epochs),
        Some(_) => None,
    };
    if others(first) != others(second) {
        return None;
    }
    epochs(first)?.checked_add(epochs(second)?)
}

/// Steps of an epoch, by their own number or by that of samples; nothing outside where it is not known, inside where it is `None`.
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
