//! `compile` and `fit`.

use super::interpreter::Interpreter;
use super::plain::{Given, named};
use super::value::{Array, Split, Value};
use crate::import::draft::Call;
use crate::import::literal::{Argument, Literal};

/// `fit` by place.
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
/// `fit_generator` by place.
const GENERATOR: [&str; 6] = [
    "generator",
    "steps_per_epoch",
    "epochs",
    "verbose",
    "callbacks",
    "validation_data",
];

impl<'a> Interpreter<'a> {
    /// `model.compile(...)`.
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
        if let Some(found) = self.models.get_mut(model) {
            found.compile = Some(call);
        }
    }

    /// `model.fit(...)`; of several the first one counts: what is frozen between them is not followed.
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
        let mut dataset = None;
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
                if let Some(size) = &source.batch_size {
                    call.set("batch_size", size.clone());
                }
                for argument in &source.augmentation {
                    if argument.is("rescale") || argument.is("validation_split") {
                        continue;
                    }
                    let hint = augmentation(argument);
                    self.leave_out_because(format!("{argument} of ImageDataGenerator{hint}"));
                }
            }
            Value::Tuple(_) | Value::List(_) => self.leave_out_because("several inputs (what they are is not known)"),
            _ => {}
        }
        match dataset.as_ref().and_then(|array| array.dataset.clone()) {
            Some(name) => call.arguments.insert(0, Argument::named("data", Literal::Str(name))),
            None => self.leave_out_because("the samples (what they are is not known: give --data)"),
        }
        if let Some(array) = &dataset {
            self.scaling(array, &samples);
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
                "validation_data" => self.validation(value, dataset.as_ref()),
                "verbose" => self.leave_out_because(format!("verbose={literal} (cnnc run --quiet says less)")),
                "workers" | "use_multiprocessing" | "max_queue_size" | "max_q_size" | "show_accuracy" => {
                    self.leave_out_because(format!("{name}={literal}"));
                }
                "steps_per_epoch" | "validation_steps" | "samples_per_epoch" | "nb_val_samples" | "class_weight"
                | "sample_weight" => {
                    let known = !matches!(literal, Literal::Unknown(_));
                    self.leave_out_because(if known {
                        format!("{name}={literal}")
                    } else {
                        name.to_owned()
                    });
                }
                other => later.push(Argument::named(other, literal)),
            }
        }
        call.arguments.extend(later);
        if let Some(found) = self.models.get_mut(model) {
            found.fit = Some(call);
        }
        self.fitted.push((model, dataset.and_then(|array| array.shape)));
    }

    /// What the script makes of pixels, where it is not what a data set's short name does.
    fn scaling(&mut self, array: &Array, samples: &Value<'a>) {
        let rescale = match samples {
            Value::Source(source) => source
                .augmentation
                .iter()
                .find(|argument| argument.is("rescale"))
                .map(|argument| argument.value.clone()),
            _ => None,
        };
        let factor = match rescale {
            Some(Literal::Float(factor)) => factor,
            Some(Literal::Int(factor)) => factor as f64,
            Some(_) => f64::NAN,
            None => 1.0,
        };
        let scale = array.scale * factor;
        let near = |value: f64, wanted: f64| (value - wanted).abs() <= 1e-6 * wanted.abs().max(1e-6);
        if near(scale * 255.0, 1.0) && array.offset.abs() < 1e-9 {
            return;
        }
        if near(scale, 1.0) && array.offset.abs() < 1e-9 {
            self.leave_out_because("pixels from 0 to 255 (cnnc divides those of fit(data=...) by 255: with a Rescaling(1/255) of its own the network is to have none)");
        } else {
            self.leave_out_because("how the samples are scaled (cnnc divides pixels by 255)");
        }
    }

    fn validation(&mut self, value: &Value<'a>, dataset: Option<&Array>) {
        let validates = match value {
            Value::Array(array) => Some(array.as_ref().clone()),
            Value::Source(source) => source.samples.clone(),
            Value::None => return,
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
    }
}

/// The layer that does what an argument of `ImageDataGenerator` does.
fn augmentation(argument: &Argument) -> &'static str {
    let is_off = matches!(argument.value, Literal::Bool(false) | Literal::None | Literal::Int(0))
        || argument.value == Literal::Float(0.0);
    match argument.name.as_deref() {
        _ if is_off => " (which is nothing)",
        Some("rotation_range") => " (RandomRotation does the like)",
        Some("width_shift_range" | "height_shift_range") => " (RandomTranslation does the like)",
        Some("horizontal_flip" | "vertical_flip") => " (RandomFlip does the same)",
        Some("zoom_range") => " (RandomZoom does the like)",
        Some("shear_range") => " (RandomShear does the like)",
        Some("brightness_range") => " (RandomBrightness does the like)",
        _ => "",
    }
}
