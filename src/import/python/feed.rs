//! How samples get from a data set into the network: data sets with names of their own, and layers that do what the script does
//! to samples before training.

use super::interpreter::Interpreter;
use super::loading::holds_unknown;
use super::objects::Feed;
use super::value::{Array, Id, Source, Value};
use crate::import::draft::{Draft, Layer, Named};
use crate::import::literal::{Argument, Literal};

/// Which of the two data sets of `fit` is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Train,
    Valid,
}

impl<'a> Interpreter<'a> {
    /// How the samples of `fit` get into the network.
    pub fn feed(&mut self, samples: &Value<'a>) -> Feed {
        let mut feed = Feed::default();
        let (array, source) = match samples {
            Value::Array(array) => (Some(array.as_ref()), None),
            Value::Source(source) => (source.samples.as_ref(), Some(source.as_ref())),
            _ => (None, None),
        };
        let is_loaded = source.is_some_and(|source| source.loader.is_some());
        if let Some(array) = array.filter(|array| !is_loaded && array.dataset.is_some()) {
            feed.scale = self.scale(array, source);
        }
        if let Some(source) = source {
            if !is_loaded && !source.augmentation.is_empty() {
                let size = array.and_then(|array| match array.shape.as_deref()? {
                    [_, Some(height), Some(width), ..] => Some((*height, *width)),
                    _ => None,
                });
                feed.front = self.augmenting(&source.augmentation, size.unwrap_or((32, 32)));
            }
            if let Some(module) = &source.preprocessing {
                feed.front
                    .push(self.plain_layer(&format!("{module}.preprocess_input"), Vec::new()));
            }
            for &(from, to) in &source.mapped {
                match self.chain(from, to) {
                    Some(layers) => feed.front.extend(layers),
                    None => {
                        self.leave_out_because("map of a data set (what it does to the samples is no chain of layers)");
                    }
                }
            }
        }
        feed
    }

    /// The factor and the summand that turn values from 0 to 255 into the script's.
    fn scale(&mut self, array: &Array, source: Option<&Source>) -> Option<(f64, f64)> {
        let rescale = source.and_then(|source| source.augmentation.iter().find(|argument| argument.is("rescale")));
        let factor = match rescale.map(|argument| &argument.value) {
            Some(Literal::Float(factor)) => *factor,
            Some(Literal::Int(factor)) => *factor as f64,
            Some(Literal::None) | None => 1.0,
            Some(_) => f64::NAN,
        };
        let (scale, offset) = (array.scale * factor, array.offset * factor);
        if !scale.is_finite() || !offset.is_finite() {
            self.leave_out_because("how the samples are scaled (cnnc divides pixels by 255)");
            return None;
        }
        Some((scale, offset))
    }

    /// A layer that corresponds to no layer of the script.
    fn plain_layer(&self, class: &str, arguments: Vec<Argument>) -> Layer {
        Layer {
            place: self.source.place(self.lines),
            ..Layer::new(class, arguments)
        }
    }

    /// The layers between two tensors; `None` unless each takes only the one before it.
    fn chain(&self, from: Id, to: Id) -> Option<Vec<Layer>> {
        let mut tensors = self.reachable(&[Some(to)], &[Some(from)]);
        if tensors.first() != Some(&from) {
            return None;
        }
        tensors.remove(0);
        let mut before = from;
        for &tensor in &tensors {
            if self.tensors.get(tensor)?.inputs != [Some(before)] {
                return None;
            }
            before = tensor;
        }
        let layers = tensors.iter().map(|&tensor| {
            let object = self.layers.get(self.tensors.get(tensor)?.layer)?;
            Some(Layer {
                place: self.source.place(object.lines),
                ..Layer::new(&object.class, object.arguments.clone())
            })
        });
        layers.collect()
    }

    /// A data set with a name, `train` or `valid`, and the generator that it may need. `None` where no loader reads it.
    pub fn loaded(&mut self, source: &Source, role: Role, before: &[Named]) -> Option<(Vec<Named>, Literal)> {
        let loader = source.loader.as_ref()?;
        let (name, generator) = match role {
            Role::Train => ("train", "train_datagen"),
            Role::Valid => ("valid", "valid_datagen"),
        };
        let place = self.source.place(loader.lines);
        let mut arguments = loader.arguments.clone();
        if let Some(size) = source.batch_size.as_ref().filter(|size| !holds_unknown(size)) {
            match arguments.iter_mut().find(|argument| argument.is("batch_size")) {
                Some(argument) => argument.value = size.clone(),
                None => arguments.push(Argument::named("batch_size", size.clone())),
            }
        }
        let mut all = before.to_vec();
        let call = if loader.call.starts_with("flow_from") {
            let mut own: Vec<Argument> = Vec::new();
            for argument in &source.augmentation {
                if holds_unknown(&argument.value) {
                    self.leave_out_because(format!("{argument} of ImageDataGenerator (its value is not known)"));
                } else {
                    own.push(argument.clone());
                }
            }
            let made = Literal::Call("ImageDataGenerator".to_owned(), own);
            let generator = named_as(&mut all, generator, made, &place);
            format!("{generator}.{}", loader.call)
        } else {
            loader.call.to_owned()
        };
        let name = named_as(&mut all, name, Literal::Call(call, arguments), &place);
        Some((all.split_off(before.len()), Literal::Name(name)))
    }
}

/// The name of a value: what it is called already, or a new name.
fn named_as(all: &mut Vec<Named>, name: &str, value: Literal, place: &str) -> String {
    if let Some(same) = all.iter().find(|named| named.value == value) {
        return same.name.clone();
    }
    let numbered = |number: usize| match number {
        1 => name.to_owned(),
        number => format!("{name}_{number}"),
    };
    let free = |name: &String| all.iter().all(|named| named.name != *name);
    let name = (1..=all.len() + 1).map(numbered).find(free).unwrap_or_default();
    all.push(Named {
        name: name.clone(),
        value,
        place: place.to_owned(),
    });
    name
}

/// Puts what is done to samples in front of the network's first layer. `fit(data=...)` divides by 255, unless the network begins
/// with a layer that scales; wherever there is one, all of the scaling is written down.
pub fn lead_in(draft: &mut Draft, feed: &Feed) {
    draft.values.clone_from(&feed.values);
    if draft.inputs() > 1 {
        return;
    }
    let mut front = feed.front.clone();
    let mut scale = feed.scale;
    // Layers that scale one after another are one.
    while let (Some(first), Some(second)) = (scale, front.first().and_then(scaling)) {
        scale = Some(joined(first, second));
        front.remove(0);
    }
    let Some(first) = scale else {
        return draft.put_in_front(front);
    };
    let divides = is_near(first.0 * 255.0, 1.0) && is_near(first.1, 0.0);
    if divides && !front.iter().chain(&draft.layers).any(scales) {
        return draft.put_in_front(front);
    }
    let users = draft.layers.iter().filter(|layer| layer.inputs.contains(&0)).count();
    let own = draft.layers.get(1).and_then(scaling);
    if let Some(second) = own.filter(|_| users == 1 && front.is_empty()) {
        let (scale, offset) = joined(first, second);
        let as_it_is = is_near(first.0, 1.0) && is_near(first.1, 0.0);
        if let Some(layer) = draft.layers.get_mut(1).filter(|_| !as_it_is) {
            layer.arguments = rescaling(scale, offset);
        }
        return;
    }
    let fit = draft.phases.first().and_then(|phase| phase.fit.as_ref());
    let place = fit.map_or_else(String::new, |fit| fit.place.clone());
    let layer = Layer {
        place,
        ..Layer::new("Rescaling", rescaling(first.0, first.1))
    };
    front.insert(0, layer);
    draft.put_in_front(front);
}

/// Whether a layer scales values, or may be a model that begins with a layer which does.
fn scales(layer: &Layer) -> bool {
    matches!(layer.class.as_str(), "Rescaling" | "Normalization")
        || layer.class.ends_with("preprocess_input")
        || layer.class.starts_with("EfficientNet")
}

/// The factor and the summand of two scalings, one after another.
fn joined(first: (f64, f64), second: (f64, f64)) -> (f64, f64) {
    (first.0 * second.0, first.1 * second.0 + second.1)
}

/// The factor and the summand of a `Rescaling`; `None` for another layer.
fn scaling(layer: &Layer) -> Option<(f64, f64)> {
    if layer.class != "Rescaling" {
        return None;
    }
    let number = |place: usize, name: &str| {
        let named = layer.arguments.iter().find(|argument| argument.is(name));
        let argument = named.or_else(|| layer.arguments.get(place).filter(|argument| argument.name.is_none()));
        match &argument?.value {
            Literal::Int(value) => Some(*value as f64),
            Literal::Float(value) => Some(*value),
            _ => Some(f64::NAN),
        }
    };
    let (scale, offset) = (number(0, "scale")?, number(1, "offset").unwrap_or(0.0));
    (scale.is_finite() && offset.is_finite()).then_some((scale, offset))
}

fn rescaling(scale: f64, offset: f64) -> Vec<Argument> {
    let mut arguments = vec![Argument::placed(Literal::Float(scale))];
    if offset != 0.0 {
        arguments.push(Argument::named("offset", Literal::Float(offset)));
    }
    arguments
}

fn is_near(value: f64, wanted: f64) -> bool {
    (value - wanted).abs() <= 1e-6
}
