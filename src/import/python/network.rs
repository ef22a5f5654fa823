//! The outputs of layers, and the network that a tensor depends on.

use super::interpreter::Interpreter;
use super::layers::layer_name;
use super::objects::{Item, TensorObject};
use super::plain::{Given, argument};
use super::value::{Id, Value};
use crate::import::draft::Layer;
use crate::import::literal::{Argument, Literal};
use std::collections::{BTreeSet, HashMap};

impl<'a> Interpreter<'a> {
    /// The output of a layer for these inputs.
    pub fn tensor(&mut self, layer: Id, inputs: Vec<Option<Id>>) -> Id {
        // Models applied to models may grow without end.
        self.fuel = self.fuel.saturating_sub(10);
        self.tensors.push(TensorObject { layer, inputs });
        self.tensors.len() - 1
    }

    /// The output of a new layer of a class for these inputs.
    pub fn apply_class(&mut self, class: &str, mut arguments: Vec<Argument>, inputs: Vec<Option<Id>>) -> Value<'a> {
        let name = arguments
            .iter()
            .position(|argument| argument.is("name"))
            .map(|at| arguments.remove(at));
        let layer = self.new_layer(class, Vec::new());
        if let Some(object) = self.layers.get_mut(layer) {
            object.arguments = arguments;
            object.name = match name.map(|name| name.value) {
                Some(Literal::Str(name)) => Some(layer_name(&name)),
                _ => None,
            };
        }
        Value::Tensor(self.tensor(layer, inputs))
    }

    /// The tensors that a value is or holds; `None` where it holds anything else.
    pub fn tensors_of(&mut self, value: &Value<'a>) -> Option<Vec<Option<Id>>> {
        match value {
            Value::Tensor(tensor) => Some(vec![Some(*tensor)]),
            Value::Unknown(_) => None,
            other => {
                let items = match other {
                    Value::Dict(entries) => entries.borrow().iter().map(|(_, value)| value.clone()).collect(),
                    other => other.items()?,
                };
                items
                    .iter()
                    .map(|item| match item {
                        Value::Tensor(tensor) => Some(Some(*tensor)),
                        _ => None,
                    })
                    .collect()
            }
        }
    }

    /// The value of `layer(x)`; `None` where it is not known.
    pub fn call_layer(&mut self, layer: Id, arguments: &Given<'a>) -> Option<Value<'a>> {
        let given = argument(arguments, 0, "inputs").cloned().unwrap_or(Value::None);
        let inputs = self.tensors_of(&given);
        if inputs.is_none()
            && let Value::Array(_) | Value::Source(_) = given
        {
            return None;
        }
        if arguments
            .iter()
            .any(|(name, value)| name.as_deref() == Some("training") && value.truth() == Some(true))
        {
            self.leave_out_because("training=True (the layer acts in training alone)");
        }
        if is_inference(arguments) {
            self.inference.insert(layer);
        }
        Some(Value::Tensor(
            self.apply_layer(layer, inputs.unwrap_or_else(|| vec![None])),
        ))
    }

    /// The output of a layer for these tensors; the function of a `Lambda` is followed.
    fn apply_layer(&mut self, layer: Id, inputs: Vec<Option<Id>>) -> Id {
        let object = self.layers.get(layer);
        // Keras 3 does not have them: its pictures keep their size in training.
        if let (Some(object), [Some(input)]) = (object, inputs.as_slice())
            && matches!(object.class.as_str(), "RandomHeight" | "RandomWidth")
        {
            let (what, input) = (format!("{} (a layer of Keras 2 alone)", object.class), *input);
            let here = std::mem::replace(&mut self.lines, object.lines);
            self.leave_out_because(what);
            self.lines = here;
            return input;
        }
        let (function, then) = object.map_or((None, None), |object| (object.function.clone(), object.then));
        if let (Some(function), [Some(input)]) = (&function, inputs.as_slice())
            && let Value::Tensor(result) = self.call_function(function, vec![(None, Value::Tensor(*input))])
        {
            return result;
        }
        let tensor = self.tensor(layer, inputs);
        match then {
            Some(then) => self.apply_layer(then, vec![Some(tensor)]),
            None => tensor,
        }
    }

    /// The value of `model(x)`: the layers of the model once more, applied to `x`.
    pub fn call_model(&mut self, model: Id, arguments: &Given<'a>) -> Option<Value<'a>> {
        let given = argument(arguments, 0, "inputs")?.clone();
        let inputs = self.tensors_of(&given)?;
        if is_inference(arguments) {
            let whole = self.models.get(model)?.layers.iter().filter_map(|item| match item {
                Item::Layer(layer) => Some(*layer),
                Item::Model(_) => None,
            });
            let mut layers: Vec<Id> = whole.collect();
            layers.extend(self.layers_of(model).unwrap_or_default());
            self.inference.extend(layers);
        }
        let made = self.apply_model(model, &inputs)?;
        Some(match made.as_slice() {
            [one] => Value::Tensor(*one),
            several => Value::list(several.iter().map(|tensor| Value::Tensor(*tensor)).collect()),
        })
    }

    fn apply_model(&mut self, model: Id, inputs: &[Option<Id>]) -> Option<Vec<Id>> {
        self.deeper(|own| own.apply_model_here(model, inputs)).flatten()
    }

    fn apply_model_here(&mut self, model: Id, inputs: &[Option<Id>]) -> Option<Vec<Id>> {
        if let Some((own, outputs)) = self.models.get(model)?.graph.clone() {
            let mut known: HashMap<Id, Id> = HashMap::new();
            for (own, given) in own.iter().zip(inputs) {
                known.insert((*own)?, (*given)?);
            }
            for old in self.reachable(&outputs, &own) {
                if known.contains_key(&old) {
                    continue;
                }
                if self.fuel == 0 {
                    return None;
                }
                let tensor = self.tensors.get(old)?;
                let (layer, taken) = (tensor.layer, tensor.inputs.clone());
                let taken = taken
                    .into_iter()
                    .map(|input| input.and_then(|input| known.get(&input).copied()))
                    .collect();
                let new = self.tensor(layer, taken);
                known.insert(old, new);
            }
            return outputs.iter().map(|output| known.get(&(*output)?).copied()).collect();
        }
        let mut last = (*inputs.first()?)?;
        for item in self.models.get(model)?.layers.clone() {
            if self.fuel == 0 {
                return None;
            }
            last = self.apply_item(item, last)?;
        }
        Some(vec![last])
    }

    pub fn apply_item(&mut self, item: Item, input: Id) -> Option<Id> {
        match item {
            Item::Layer(layer) if self.is_input(layer) => Some(input),
            Item::Layer(layer) => Some(self.apply_layer(layer, vec![Some(input)])),
            Item::Model(model) => self.apply_model(model, &[Some(input)])?.first().copied(),
        }
    }

    /// Whether a layer is an input of a network.
    pub fn is_input(&self, layer: Id) -> bool {
        self.layers.get(layer).is_some_and(|layer| layer.class == "Input")
    }

    /// All tensors that `to` depends on, each after its own inputs, without going back beyond `from`.
    pub fn reachable(&self, to: &[Option<Id>], from: &[Option<Id>]) -> Vec<Id> {
        let mut found = BTreeSet::new();
        let mut open: Vec<Id> = to.iter().copied().flatten().collect();
        while let Some(tensor) = open.pop() {
            if found.insert(tensor) && !from.contains(&Some(tensor)) {
                open.extend(
                    self.tensors
                        .get(tensor)
                        .into_iter()
                        .flat_map(|tensor| tensor.inputs.iter().copied().flatten()),
                );
            }
        }
        // A tensor is made after those it takes.
        found.into_iter().collect()
    }

    /// The tensors that others depend on, the network's inputs first and in their order, each after those it takes.
    pub fn ordered(&self, to: &[Option<Id>], inputs: &[Option<Id>]) -> Vec<Id> {
        let mut tensors = self.reachable(to, &[]);
        let begins = |tensor: Id| {
            self.tensors
                .get(tensor)
                .is_some_and(|tensor| self.is_input(tensor.layer))
        };
        let place = |tensor: Id| {
            inputs
                .iter()
                .position(|input| *input == Some(tensor))
                .unwrap_or(inputs.len())
        };
        // The order is kept where this says nothing.
        tensors.sort_by_key(|&tensor| {
            if begins(tensor) {
                (false, place(tensor))
            } else {
                (true, 0)
            }
        });
        tensors
    }

    /// The layers that tensors depend on, as a draft has them, and the places of those that make the tensors.
    pub fn layers_behind(&mut self, to: &[Option<Id>], inputs: &[Option<Id>]) -> (Vec<Layer>, Vec<usize>) {
        let tensors = self.ordered(to, inputs);
        let places: HashMap<Id, usize> = tensors
            .iter()
            .enumerate()
            .map(|(place, &tensor)| (tensor, place))
            .collect();
        let mut layers = Vec::new();
        let mut first: HashMap<Id, usize> = HashMap::new();
        for (place, tensor) in tensors.into_iter().enumerate() {
            let Some(TensorObject { layer, inputs }) = self.tensors.get(tensor) else {
                continue;
            };
            let (layer, inputs) = (*layer, inputs.clone());
            let Some(object) = self.layers.get(layer) else { continue };
            let again = first.get(&layer).copied();
            let made = Layer {
                name: object.name.clone().filter(|_| again.is_none()),
                inputs: inputs
                    .iter()
                    .filter_map(|input| places.get(&(*input)?).copied())
                    .collect(),
                again,
                place: self.source.place(object.lines),
                ..Layer::new(&object.class, object.arguments.clone())
            };
            first.entry(layer).or_insert(place);
            let lines = object.lines;
            if inputs.iter().any(Option::is_none) {
                self.lines = lines;
                self.refuse(format!("the input of this {} is not known", made.class));
            }
            if again.is_some() && made.class == "Input" {
                self.lines = lines;
                self.refuse("this Input is used twice");
            }
            layers.push(made);
        }
        let ends = to.iter().filter_map(|end| places.get(&(*end)?).copied()).collect();
        (layers, ends)
    }
}

/// Whether a layer is called with `training=False`.
fn is_inference(arguments: &Given<'_>) -> bool {
    let training = arguments.iter().find(|(name, _)| name.as_deref() == Some("training"));
    training.is_some_and(|(_, value)| value.truth() == Some(false))
}
