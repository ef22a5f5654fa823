//! Models: the layers in them, their inputs and their outputs.

use super::interpreter::Interpreter;
use super::objects::{Item, ModelObject, PartOfModel};
use super::value::{Id, Value};
use crate::import::literal::{Argument, Literal};
use std::collections::BTreeSet;
use std::rc::Rc;

/// The most layers of a model: far more than a description may have.
const MOST_LAYERS: usize = 10_000;
/// How deeply models may be nested.
const DEPTH: usize = 64;

impl<'a> Interpreter<'a> {
    /// Carries out `model.add(item)`: the item is a layer, or a model.
    pub fn add(&mut self, model: Id, item: &Value<'a>) {
        let item = match item {
            Value::Layer(layer) => Item::Layer(*layer),
            Value::Model(other) if *other != model => Item::Model(*other),
            // `Sequential([Input(...), ...])`
            Value::Tensor(tensor) => match self.tensors.get(*tensor) {
                Some(tensor) if self.is_input(tensor.layer) => Item::Layer(tensor.layer),
                Some(_) | None => return self.refuse_of(Some(model), "this is not a layer"),
            },
            Value::Path(path) => {
                let class = path.rsplit('.').next().unwrap_or(path).to_owned();
                Item::Layer(self.new_layer(&class, Vec::new()))
            }
            other => {
                let text = match other {
                    Value::Unknown(text) => text.to_string(),
                    other => other.literal().to_string(),
                };
                self.refuse_of(Some(model), format!("which layer this adds is not known: {text}"));
                return;
            }
        };
        if let Some(model) = self.models.get_mut(model) {
            model.layers.push(item);
            model.tensors.clear();
        }
    }

    /// The layers of a model, including those of models in it; `None` where they are not known.
    pub fn layers_of(&mut self, model: Id) -> Option<Vec<Id>> {
        if let Some((inputs, outputs)) = self.models.get(model)?.graph.clone() {
            let mut seen = BTreeSet::new();
            let mut all = Vec::new();
            for tensor in self.reachable(&outputs, &inputs) {
                let layer = self.tensors.get(tensor)?.layer;
                // A model that is made of an application's tensors has its layers.
                let parts = self.unrolled.contains(&tensor).then(|| self.parts_of(layer)).flatten();
                match parts {
                    Some(parts) => all.extend(parts.iter().skip(1).map(|part| part.layer)),
                    None => all.push(layer),
                }
            }
            return Some(all.into_iter().filter(|layer| seen.insert(*layer)).collect());
        }
        if self.models.get(model)?.is_application
            && let [Item::Layer(layer)] = self.models.get(model)?.layers.as_slice()
        {
            let layer = *layer;
            let parts = self.parts_of(layer);
            return Some(parts.map_or_else(|| vec![layer], |parts| parts.iter().map(|part| part.layer).collect()));
        }
        let mut layers = Vec::new();
        for item in self.models.get(model)?.layers.clone() {
            match item {
                Item::Layer(layer) if self.is_input(layer) => {}
                Item::Layer(layer) => layers.push(layer),
                // As in Keras, where it is a layer that is a model.
                Item::Model(inner) if self.models.get(inner)?.is_application => {
                    if let Some(&Item::Layer(whole)) = self.models.get(inner)?.layers.first() {
                        layers.push(whole);
                    }
                }
                Item::Model(inner) => layers.extend(self.deeper(|own| own.layers_of(inner)).flatten()?),
            }
            if layers.len() > MOST_LAYERS {
                return None;
            }
        }
        Some(layers)
    }

    /// The output of a layer in a network, or of a pretrained application if it is the application's last layer.
    pub fn output_of(&mut self, layer: Id) -> Option<Id> {
        if let Some(found) = self.tensors.iter().rposition(|tensor| tensor.layer == layer) {
            return Some(found);
        }
        let is_last = |parts: &Rc<Vec<PartOfModel>>| parts.last().is_some_and(|part| part.layer == layer);
        let whole = self
            .layers
            .iter()
            .position(|object| object.parts.as_ref().is_some_and(is_last))?;
        let model = self
            .models
            .iter()
            .position(|model| model.is_application && model.layers == [Item::Layer(whole)])?;
        match self.ends_of(model, false)? {
            Value::Tensor(tensor) => Some(tensor),
            _ => None,
        }
    }

    /// The input or the output of a model; one that has not been called yet is applied to an input of its own.
    pub fn ends_of(&mut self, model: Id, inputs: bool) -> Option<Value<'a>> {
        if self.models.get(model)?.graph.is_none() && self.models.get(model)?.tensors.is_empty() {
            let shape = self.input_shape_of(model);
            let given = vec![(Some("shape".to_owned()), Value::unknown("shape"))];
            let layer = self.new_layer("Input", given);
            if let (Some(shape), Some(object)) = (shape, self.layers.get_mut(layer)) {
                object.arguments = vec![Argument::named("shape", shape)];
            }
            let first = self.tensor(layer, Vec::new());
            let mut last = first;
            for item in self.models.get(model)?.layers.clone() {
                last = self.apply_item(item, last)?;
            }
            if self.models.get(model)?.is_application {
                self.unrolled.insert(last);
            }
            self.models.get_mut(model)?.tensors = vec![first, last];
        }
        let found = self.models.get(model)?;
        let end = match &found.graph {
            Some((own, outputs)) => {
                let ends = if inputs { own } else { outputs };
                if let [_, _, ..] = ends.as_slice() {
                    let tensors: Option<Vec<Value<'a>>> = ends.iter().map(|end| end.map(Value::Tensor)).collect();
                    return tensors.map(Value::list);
                }
                (*ends.first()?)?
            }
            None => {
                *if inputs {
                    found.tensors.first()?
                } else {
                    found.tensors.last()?
                }
            }
        };
        Some(Value::Tensor(end))
    }

    /// The input shape that a `Sequential` declares, itself or in a layer or model at its beginning.
    pub fn input_shape_of(&self, model: Id) -> Option<Literal> {
        let (mut inner, mut depth) = (model, 0);
        loop {
            let found: &ModelObject = self.models.get(inner)?;
            if let Some((inputs, _)) = &found.graph {
                let input = self.tensors.get((*inputs.first()?)?)?;
                return self
                    .layers
                    .get(input.layer)?
                    .arguments
                    .first()
                    .map(|argument| argument.value.clone());
            }
            match found.layers.first()? {
                Item::Layer(layer) if self.is_input(*layer) => {
                    return self
                        .layers
                        .get(*layer)?
                        .arguments
                        .first()
                        .map(|argument| argument.value.clone());
                }
                Item::Layer(layer) => {
                    let own = self.layers.get(*layer)?.input_shape.clone();
                    // The layers behind may say it where the first, as one that augments, does not.
                    return own.or_else(|| self.shape_behind(model));
                }
                Item::Model(first) => inner = *first,
            }
            depth += 1;
            if depth > DEPTH {
                return None;
            }
        }
    }

    /// The input shape that the first layer to declare one has, as long as the layers before it keep shapes as they are.
    fn shape_behind(&self, model: Id) -> Option<Literal> {
        let mut layers = Vec::new();
        for item in &self.models.get(model)?.layers {
            match item {
                Item::Layer(layer) => layers.push(*layer),
                Item::Model(inner) => {
                    layers.extend(self.models.get(*inner)?.layers.iter().filter_map(|item| match item {
                        Item::Layer(layer) => Some(*layer),
                        Item::Model(_) => None,
                    }));
                }
            }
        }
        for layer in layers {
            let layer = self.layers.get(layer)?;
            if let Some(shape) = &layer.input_shape {
                return Some(shape.clone());
            }
            let keeps = (layer.class.starts_with("Random") && layer.class != "RandomCrop")
                || matches!(
                    layer.class.as_str(),
                    "Rescaling" | "Dropout" | "GaussianNoise" | "BatchNormalization" | "Activation"
                );
            if !keeps {
                return None;
            }
        }
        None
    }
}
