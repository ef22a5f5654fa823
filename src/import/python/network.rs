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
                let items = other.items()?;
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
        Some(Value::Tensor(
            self.apply_layer(layer, inputs.unwrap_or_else(|| vec![None])),
        ))
    }

    /// The output of a layer for these tensors; the function of a `Lambda` is followed.
    fn apply_layer(&mut self, layer: Id, inputs: Vec<Option<Id>>) -> Id {
        let object = self.layers.get(layer);
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
        self.apply_model(model, &inputs).map(Value::Tensor)
    }

    fn apply_model(&mut self, model: Id, inputs: &[Option<Id>]) -> Option<Id> {
        self.deeper(|own| own.apply_model_here(model, inputs)).flatten()
    }

    fn apply_model_here(&mut self, model: Id, inputs: &[Option<Id>]) -> Option<Id> {
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
            return known.get(&(*outputs.first()?)?).copied();
        }
        let mut last = (*inputs.first()?)?;
        for item in self.models.get(model)?.layers.clone() {
            if self.fuel == 0 {
                return None;
            }
            last = self.apply_item(item, last)?;
        }
        Some(last)
    }

    pub fn apply_item(&mut self, item: Item, input: Id) -> Option<Id> {
        match item {
            Item::Layer(layer) if self.is_input(layer) => Some(input),
            Item::Layer(layer) => Some(self.apply_layer(layer, vec![Some(input)])),
            Item::Model(model) => self.apply_model(model, &[Some(input)]),
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

    /// The layers that these tensors depend on, as a draft holds them.
    pub fn layers_behind(&mut self, to: &[Option<Id>]) -> Vec<Layer> {
        let tensors = self.reachable(to, &[]);
        let places: HashMap<Id, usize> = tensors
            .iter()
            .enumerate()
            .map(|(place, &tensor)| (tensor, place))
            .collect();
        let mut layers = Vec::new();
        let mut used = BTreeSet::new();
        for tensor in tensors {
            let Some(TensorObject { layer, inputs }) = self.tensors.get(tensor) else {
                continue;
            };
            let (layer, inputs) = (*layer, inputs.clone());
            let trainable = self.trainable_of(layer);
            let Some(object) = self.layers.get(layer) else { continue };
            let mut arguments = object.arguments.clone();
            arguments.extend(trainable.map(|value| Argument::named("trainable", value)));
            let made = Layer {
                class: object.class.clone(),
                arguments,
                name: object.name.clone(),
                inputs: inputs
                    .iter()
                    .filter_map(|input| places.get(&(*input)?).copied())
                    .collect(),
                place: self.source.place(object.lines),
            };
            let lines = object.lines;
            if inputs.iter().any(Option::is_none) {
                self.lines = lines;
                self.refuse(format!("what this {} takes is not known", made.class));
            }
            if !used.insert(layer) {
                self.lines = lines;
                self.refuse(format!(
                    "this {} is used twice: a layer that is applied again is not imported",
                    made.class
                ));
            }
            layers.push(made);
        }
        layers
    }
}
