//! Keras's pretrained applications: networks that are layers in a description, whose own layers scripts freeze one by one.

use super::interpreter::Interpreter;
use super::loading::holds_unknown;
use super::objects::{Item, LayerObject, ModelObject, PartOfModel};
use super::plain::{Given, argument, shown};
use super::value::{Id, Value};
use crate::import::draft::{Draft, Layer};
use crate::import::literal::{Argument, Literal};
use crate::import::write;
use crate::session::examine_text;
use std::path::Path;
use std::rc::Rc;

/// Arguments that scripts pass to applications, but that do not change the network.
const IDLE: [&str; 4] = ["backend", "layers", "models", "utils"];

impl<'a> Interpreter<'a> {
    /// The model that `VGG16(include_top=False, input_shape=(150, 150, 3))` makes, which has one layer.
    pub fn application(&mut self, class: &str, given: &Given<'a>) -> Value<'a> {
        let entry = compiler::applications::entry(class);
        let signature = entry.map(|application| application.signature);
        let (mut arguments, mut shape, mut name, mut input, mut top) = (Vec::new(), None, None, None, true);
        for (place, (key, value)) in given.iter().enumerate() {
            let by_place = || signature?.parameters.get(place).map(|parameter| parameter.name);
            let Some(key) = key.as_deref().or_else(by_place) else {
                arguments.push(Argument::placed(value.literal()));
                continue;
            };
            let literal = value.literal();
            match key {
                "input_tensor" => {
                    input = self.tensors_of(value).and_then(|tensors| *tensors.first()?);
                    if input.is_none() && !matches!(value, Value::None) {
                        self.leave_out_because("input_tensor (its value is not known)");
                    }
                }
                "name" => name = shown(value),
                "input_shape" if is_shape(&literal) => shape = Some(literal),
                // Sizes that are left open are the samples'.
                "input_shape" => {}
                "weights" if holds_unknown(&literal) => {
                    self.leave_out_because(format!("weights={literal} of {class} (they are not known)"));
                    arguments.push(Argument::named(key, Literal::None));
                }
                "include_top" => {
                    top = value.truth() != Some(false);
                    arguments.push(Argument::named(key, literal));
                }
                _ if IDLE.contains(&key) => {}
                _ => arguments.push(Argument::named(key, literal)),
            }
        }
        if shape.is_none() && input.is_none() && top {
            let usual = entry.map_or(224, compiler::applications::Application::usual_size);
            let side = i64::try_from(usual).unwrap_or(i64::MAX);
            shape = Some(Literal::Tuple(vec![
                Literal::Int(side),
                Literal::Int(side),
                Literal::Int(3),
            ]));
        } else if let Some(shape) = &shape {
            arguments.push(Argument::named("input_shape", shape.clone()));
        }
        self.layers.push(LayerObject {
            class: class.to_owned(),
            arguments,
            name: name.map(|name| super::layers::layer_name(&name)),
            lines: self.lines,
            input_shape: shape,
            function: None,
            then: None,
            trainable: None,
            parts: None,
        });
        let layer = self.layers.len() - 1;
        let mut model = ModelObject {
            layers: vec![Item::Layer(layer)],
            is_application: true,
            lines: self.lines,
            ..ModelObject::default()
        };
        if let Some(input) = input {
            let output = self.tensor(layer, vec![Some(input)]);
            self.unrolled.insert(output);
            model.tensors = vec![input, output];
        }
        self.models.push(model);
        Value::Model(self.models.len() - 1)
    }

    /// The value of `vgg16.preprocess_input(x)`: the output of a layer if `x` is a tensor, other values if it is samples.
    pub fn preprocess(&mut self, path: &str, given: &Given<'a>) -> Value<'a> {
        let module = super::paths::preprocessing(path).unwrap_or_default();
        let function = format!("{module}.preprocess_input");
        match argument(given, 0, "x") {
            Some(unchanged @ (Value::Tensor(_) | Value::Array(_)))
                if compiler::applications::changes_nothing(&function) =>
            {
                unchanged.clone()
            }
            Some(Value::Tensor(tensor)) => {
                let tensor = *tensor;
                self.apply_class(&function, Vec::new(), vec![Some(tensor)])
            }
            Some(Value::Array(array)) => {
                let mut changed = array.as_ref().clone();
                changed.scale = f64::NAN;
                Value::array(changed)
            }
            _ => Value::unknown("preprocess_input"),
        }
    }

    /// The layers of an application, its input first; `None` where descriptions do not have the application.
    pub fn parts_of(&mut self, layer: Id) -> Option<Rc<Vec<PartOfModel>>> {
        let object = self.layers.get(layer)?;
        if let Some(parts) = &object.parts {
            return Some(Rc::clone(parts));
        }
        compiler::applications::entry(&object.class)?;
        let (lines, trainable) = (object.lines, object.trainable.clone());
        let any = || Literal::Tuple(vec![Literal::Int(224), Literal::Int(224), Literal::Int(3)]);
        let shape = object.input_shape.clone().unwrap_or_else(any);
        let mut arguments = object.arguments.clone();
        arguments.retain(|argument| !argument.is("weights"));
        arguments.push(Argument::named("weights", Literal::None));
        let draft = Draft {
            name: "part".to_owned(),
            layers: vec![
                Layer::new("Input", vec![Argument::named("shape", shape)]),
                Layer {
                    name: object.name.clone(),
                    ..Layer::new(&object.class, arguments)
                },
            ],
            ..Draft::default()
        };
        let examined = examine_text(Path::new("part.cnn"), &write::text(&draft).text);
        let network = examined.network.as_ref().filter(|_| !examined.failed())?;
        let found: Vec<(String, &'static str, bool)> = network
            .nodes()
            .map(|(_, node, _, variables)| (node.name.clone(), node.layer.keras_class(), !variables.is_empty()))
            .collect();
        let mut parts = Vec::new();
        for (name, class, has_weights) in found {
            self.layers.push(LayerObject {
                class: class.to_owned(),
                arguments: Vec::new(),
                name: Some(name.rsplit('/').next().unwrap_or(&name).to_owned()),
                lines,
                input_shape: None,
                function: None,
                then: None,
                trainable: trainable.clone(),
                parts: None,
            });
            parts.push(PartOfModel {
                layer: self.layers.len() - 1,
                name,
                has_weights,
            });
        }
        let parts = Rc::new(parts);
        self.layers.get_mut(layer)?.parts = Some(Rc::clone(&parts));
        Some(parts)
    }
}

/// Whether all sizes of a shape are known.
fn is_shape(literal: &Literal) -> bool {
    literal
        .items()
        .is_some_and(|sizes| sizes.iter().all(|size| matches!(size, Literal::Int(_))))
}
