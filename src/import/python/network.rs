//! What layers give, and the models made of them.

use super::interpreter::{Interpreter, Item, ModelObject, TensorObject};
use super::layers::layer_name;
use super::plain::{Given, argument};
use super::value::{Id, Value};
use crate::import::draft::{Draft, Layer};
use crate::import::literal::{Argument, Literal};
use crate::import::write;
use crate::session::examine_text;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

/// The most layers of a model: far more than a description may have.
const MOST_LAYERS: usize = 10_000;
/// Models within one another.
const DEPTH: usize = 64;
/// How often shapes are worked out, each time from the network's beginning.
const MOST_SHAPES: usize = 1000;

impl<'a> Interpreter<'a> {
    /// What a layer makes of its inputs.
    pub fn tensor(&mut self, layer: Id, inputs: Vec<Option<Id>>) -> Id {
        // Models applied to models may grow without end.
        self.fuel = self.fuel.saturating_sub(10);
        self.tensors.push(TensorObject { layer, inputs });
        self.tensors.len() - 1
    }

    /// A new layer of a class, and what it makes of its inputs.
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

    /// The tensors that a value holds; none where it holds something else.
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

    /// `layer(x)`.
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

    /// What a layer makes of tensors, a `Lambda` followed.
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

    /// `model(x)`: its layers, once more, behind `x`.
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

    fn apply_item(&mut self, item: Item, input: Id) -> Option<Id> {
        match item {
            Item::Layer(layer) if self.is_input(layer) => Some(input),
            Item::Layer(layer) => Some(self.apply_layer(layer, vec![Some(input)])),
            Item::Model(model) => self.apply_model(model, &[Some(input)]),
        }
    }

    /// Whether a layer begins a network.
    pub fn is_input(&self, layer: Id) -> bool {
        self.layers.get(layer).is_some_and(|layer| layer.class == "Input")
    }

    /// `model.add(item)`.
    pub fn add(&mut self, model: Id, item: &Value<'a>) {
        let item = match item {
            Value::Layer(layer) => Item::Layer(*layer),
            Value::Model(other) if *other != model => Item::Model(*other),
            // `Sequential([Input(...), ...])`
            Value::Tensor(tensor) => match self.tensors.get(*tensor) {
                Some(tensor) if self.is_input(tensor.layer) => Item::Layer(tensor.layer),
                Some(_) | None => return self.refuse_of(Some(model), "this is no layer"),
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

    /// The layers of a model, those of models in it among them.
    pub fn layers_of(&mut self, model: Id) -> Option<Vec<Id>> {
        if let Some((inputs, outputs)) = self.models.get(model)?.graph.clone() {
            let mut seen = BTreeSet::new();
            let all = self.reachable(&outputs, &inputs);
            let all = all
                .into_iter()
                .filter_map(|tensor| self.tensors.get(tensor))
                .map(|tensor| tensor.layer);
            return Some(all.filter(|layer| seen.insert(*layer)).collect());
        }
        let mut layers = Vec::new();
        for item in self.models.get(model)?.layers.clone() {
            match item {
                Item::Layer(layer) if self.is_input(layer) => {}
                Item::Layer(layer) => layers.push(layer),
                Item::Model(inner) => layers.extend(self.deeper(|own| own.layers_of(inner)).flatten()?),
            }
            if layers.len() > MOST_LAYERS {
                return None;
            }
        }
        Some(layers)
    }

    /// What a model takes, or gives.
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
            self.models.get_mut(model)?.tensors = vec![first, last];
        }
        let found = self.models.get(model)?;
        let end = match &found.graph {
            Some((own, outputs)) => (*if inputs { own.first()? } else { outputs.first()? })?,
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

    /// The shape that a `Sequential` says it takes.
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

    /// The shape that the first layer to say one takes, where those before it keep shapes as they are.
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

    /// The tensors that others depend on, each after those it takes, none before `from`.
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

    /// The layers that tensors depend on, as a draft has them.
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
            let Some(object) = self.layers.get(layer) else { continue };
            let made = Layer {
                class: object.class.clone(),
                arguments: object.arguments.clone(),
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

    /// The shape of a sample of a tensor, as `cnnc check` finds it.
    pub fn shape_of(&mut self, tensor: Id) -> Option<Vec<i64>> {
        if let Some(known) = self.shapes.get(&tensor) {
            return known.clone();
        }
        self.asked += 1;
        if self.asked > MOST_SHAPES {
            return None;
        }
        let errors = self.errors.len();
        let layers = self.layers_behind(&[Some(tensor)]);
        let sound = self.errors.len() == errors;
        let mut draft = Draft {
            name: "part".to_owned(),
            layers,
            ..Draft::default()
        };
        let shape = if let [input] = draft.layers.as_slice() {
            input
                .arguments
                .first()
                .and_then(|argument| argument.value.items())
                .and_then(|items| {
                    items
                        .iter()
                        .map(|item| match item {
                            Literal::Int(size) => Some(*size),
                            _ => None,
                        })
                        .collect()
                })
        } else {
            draft.compile = None;
            let examined = examine_text(Path::new("part.cnn"), &write::text(&draft).text);
            let network = examined.network.as_ref().filter(|_| sound && !examined.failed());
            network.and_then(|network| {
                network
                    .nodes()
                    .last()
                    .map(|(_, _, shape, _)| shape.sizes().iter().map(|&size| size as i64).collect())
            })
        };
        self.shapes.insert(tensor, shape.clone());
        shape
    }
}
