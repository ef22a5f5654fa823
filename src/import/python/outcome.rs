//! Makes a draft from what the interpreter has found: which model is meant, and what it is trained on.

use super::interpreter::Interpreter;
use super::objects::Item;
use super::value::{Id, Scope, Value};
use crate::import::draft::{Draft, Layer, model_name};
use crate::import::literal::{Argument, Literal};
use std::rc::Rc;

impl<'a> Interpreter<'a> {
    /// The models that may be meant, the likeliest first: those that the script trains, else those that it compiles, else those
    /// that it makes; of each, the last one comes first.
    pub fn candidates(&self, wanted: Option<&str>, scope: &Scope<'a>) -> Vec<Id> {
        if let Some(wanted) = wanted {
            if let Some(Value::Model(model)) = scope.get(wanted) {
                return vec![model];
            }
            let named = self
                .models
                .iter()
                .rposition(|model| model.name.as_deref() == Some(wanted));
            return named.into_iter().collect();
        }
        let mut all: Vec<Id> = (0..self.models.len()).rev().collect();
        all.sort_by_key(|&model| self.rank(model));
        all
    }

    /// 0 for a model that the script trains, 1 for one that it compiles, 2 for others.
    pub fn rank(&self, model: Id) -> u8 {
        match self.models.get(model) {
            Some(model) if !model.phases.is_empty() => 0,
            Some(model) if model.compiled.is_some() => 1,
            Some(_) | None => 2,
        }
    }

    /// Makes objects of classes of the script that it makes none of, until one of them makes a model, by itself or in a method.
    pub fn try_classes(&mut self) {
        for class in self.classes.clone() {
            if self.exhausted {
                return;
            }
            let errors = self.errors.len();
            let (left_out, called) = (self.left_out.clone(), self.called.clone());
            let object = self.instance(&class, Vec::new());
            let methods = class.methods();
            let mut methods = methods.into_iter();
            while self.models.is_empty()
                && let (Some(method), Some(object)) = (methods.next(), &object)
            {
                self.call_function(&method, vec![(None, object.clone())]);
            }
            if !self.models.is_empty() {
                let name = &class.name;
                self.notes_of_functions.push(format!(
                    "{name}() is never made; it is followed with its default arguments"
                ));
                return;
            }
            self.called = called;
            self.errors.truncate(errors);
            self.left_out = left_out;
        }
    }

    /// Calls functions of the script that are never called, until one of them makes a model.
    pub fn try_functions(&mut self) {
        for function in self.functions.clone() {
            if !self.models.is_empty() {
                return;
            }
            if self.called.contains(&function.name) {
                continue;
            }
            let name = function.name.clone();
            let errors = self.errors.len();
            let left_out = self.left_out.clone();
            let value = self.call_function(&Rc::clone(&function), Vec::new());
            let made = match value {
                Value::Model(_) => true,
                _ => !self.models.is_empty(),
            };
            if made {
                self.notes_of_functions.push(format!(
                    "{name}() is never called; it is followed with its default arguments"
                ));
            } else {
                self.called.remove(&name);
                self.errors.truncate(errors);
                self.left_out = left_out;
            }
        }
    }

    /// The draft of a model.
    pub fn draft(&mut self, model: Id, input: Option<&[usize]>) -> Draft {
        let lines = self.models.get(model).map_or((0, 0), |model| model.lines);
        let given = input.map(|sizes| Literal::Tuple(sizes.iter().map(|&size| Literal::Int(size as i64)).collect()));
        self.lines = lines;
        let outputs = if let Some((_, outputs)) = self.models.get(model).and_then(|model| model.graph.clone()) {
            outputs
        } else {
            if self.input_shape_of(model).is_none() {
                let shape = given.clone().or_else(|| self.shape_of_samples(model));
                if let Some(found) = self.models.get_mut(model) {
                    found.tensors.clear();
                }
                match (shape, self.first_layer(model)) {
                    (Some(shape), Some(first)) => {
                        if let Some(layer) = self.layers.get_mut(first) {
                            layer.input_shape = Some(shape);
                        }
                    }
                    _ => self.refuse(
                        "the script does not say what shape its samples have: give --input, as in --input 28,28,1",
                    ),
                }
            }
            if let Some(Value::Tensor(output)) = self.ends_of(model, false) {
                vec![Some(output)]
            } else {
                self.refuse("the layers of this model cannot be followed");
                Vec::new()
            }
        };
        self.lines = lines;
        if outputs.iter().any(Option::is_none) {
            self.refuse("the output of this model is not known");
        }
        let inputs = self
            .models
            .get(model)
            .and_then(|model| model.graph.clone())
            .map(|(inputs, _)| inputs);
        let inputs = inputs.unwrap_or_default();
        let (mut layers, mut ends) = self.layers_behind(&outputs, &inputs);
        let open = layers
            .first()
            .is_some_and(|first| first.class == "Input" && !is_whole(first));
        let given = given.or_else(|| open.then(|| self.shape_of_samples(model)).flatten());
        if let (Some(shape), Some(first)) = (given, layers.first_mut())
            && first.class == "Input"
        {
            first.arguments = vec![Argument::named("shape", shape)];
        }
        if layers.first().is_some_and(|layer| layer.class != "Input") {
            layers.insert(0, missing_input());
            for layer in layers.iter_mut().skip(1) {
                layer.inputs.iter_mut().for_each(|input| *input += 1);
                layer.again.iter_mut().for_each(|place| *place += 1);
            }
            ends.iter_mut().for_each(|end| *end += 1);
        }
        if let [end] = ends.as_slice()
            && let Some(classes) = self.source.classes
            && let Some(last) = layers.get_mut(*end)
        {
            self.count_classes(last, classes);
        }
        let mut phases = self.phases(model, (&outputs, &inputs), &mut layers);
        if let (Some(seed), Some(fit)) = (self.seed, phases.first_mut().and_then(|phase| phase.fit.as_mut())) {
            fit.set("seed", Literal::Int(seed));
        }
        let named = self.models.get(model).and_then(|model| model.name.as_deref());
        let mut draft = Draft {
            name: named.map(model_name).unwrap_or_default(),
            layers,
            outputs: if ends.len() > 1 { ends } else { Vec::new() },
            phases,
            left_out: self.notes(),
            ..Draft::default()
        };
        super::channels::turn(&mut draft, self.channels_first);
        if let Some(model) = self.models.get(model).filter(|_| draft.layers.len() > 1) {
            super::feed::lead_in(&mut draft, &model.feed);
        }
        draft
    }

    /// Gives a last dense layer whose units are not known as many as there are classes in what the notebook has printed.
    fn count_classes(&mut self, last: &mut Layer, classes: i64) {
        let is_units = |argument: &&mut Argument| argument.name.is_none() || argument.is("units");
        let units = last.arguments.iter_mut().find(is_units);
        let Some(units) = units.filter(|units| last.class == "Dense" && matches!(units.value, Literal::Unknown(_)))
        else {
            return;
        };
        let note = format!(
            "{} is {classes}, of which the notebook's output speaks: \"belonging to {classes} classes\"",
            units.value
        );
        units.value = Literal::Int(classes);
        if !self.notes_of_functions.contains(&note) {
            self.notes_of_functions.push(note);
        }
    }

    /// The layer that samples reach first, in models within models.
    fn first_layer(&self, model: Id) -> Option<Id> {
        let mut model = model;
        for _ in 0..self.models.len() {
            match self.models.get(model)?.layers.first()? {
                Item::Layer(layer) => return Some(*layer),
                Item::Model(inner) => model = *inner,
            }
        }
        None
    }

    /// The shape of the samples that the model is trained on.
    fn shape_of_samples(&self, model: Id) -> Option<Literal> {
        let (_, shape) = self.fitted.iter().find(|(fitted, _)| *fitted == model)?;
        let sizes: Option<Vec<Literal>> = shape
            .as_ref()?
            .iter()
            .skip(1)
            .map(|size| size.map(Literal::Int))
            .collect();
        sizes.filter(|sizes| !sizes.is_empty()).map(Literal::Tuple)
    }
}

/// Whether all sizes of an input are known.
fn is_whole(input: &Layer) -> bool {
    let shape = input.arguments.first().and_then(|argument| argument.value.items());
    shape.is_some_and(|sizes| sizes.iter().all(|size| matches!(size, Literal::Int(_))))
}

/// An `Input` for a network whose input is not known, so that `cnnc check` asks for it.
fn missing_input() -> Layer {
    Layer::new(
        "Input",
        vec![Argument::named("shape", Literal::Unknown("shape".to_owned()))],
    )
}
