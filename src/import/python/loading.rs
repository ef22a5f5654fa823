//! Data sets that Keras's loaders read from folders, and what generators do to pictures.

use super::interpreter::Interpreter;
use super::paths;
use super::plain::{Given, shown};
use super::value::{Array, Loader, Source, Split, Value};
use crate::import::literal::{Argument, Literal};
use compiler::training::loading::SIGNATURES;
use std::rc::Rc;

/// The name of pandas's function that reads a table from a file.
pub const READ_CSV: &str = "read_csv";

/// The height and width of pictures where a loader is given none, as in Keras.
const SIDE: i64 = 256;

impl<'a> Interpreter<'a> {
    /// The generator that `ImageDataGenerator(...)` makes.
    pub fn generator(&mut self, arguments: &Given<'a>) -> Value<'a> {
        let mut made = Source::default();
        for (name, value) in named("ImageDataGenerator", arguments) {
            match (name.as_str(), value) {
                ("preprocessing_function", Value::Path(path)) if paths::preprocessing(&path).is_some() => {
                    made.preprocessing = paths::preprocessing(&path);
                }
                (_, value) => made.augmentation.push(Argument::named(&name, value.literal())),
            }
        }
        Value::Source(Rc::new(made))
    }

    /// The data set that `image_dataset_from_directory` makes, or the two that it makes with `subset="both"`.
    pub fn loader(&mut self, arguments: &Given<'a>) -> Value<'a> {
        const CALL: &str = "image_dataset_from_directory";
        let is_both = |(name, value): &(Option<String>, Value<'a>)| {
            name.as_deref() == Some("subset") && shown(value).as_deref() == Some("both")
        };
        let Some(place) = arguments.iter().position(is_both) else {
            return self.folder(arguments, CALL);
        };
        let parts = ["training", "validation"].map(|part| {
            let mut own = arguments.clone();
            if let Some((_, subset)) = own.get_mut(place) {
                *subset = Value::str(part);
            }
            self.folder(&own, CALL)
        });
        Value::tuple(parts.to_vec())
    }

    /// The pictures in a folder, as `image_dataset_from_directory` or a generator's `flow_from_directory` and
    /// `flow_from_dataframe` read them.
    pub fn folder(&mut self, arguments: &Given<'a>, call: &'static str) -> Value<'a> {
        let given = named(call, arguments);
        let find = |wanted: &str| given.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
        let size = find("image_size").or_else(|| find("target_size"));
        let pair = size.map_or(Some(vec![SIDE, SIDE]), |size| match size.int() {
            Some(side) => Some(vec![side, side]),
            None => size.items()?.iter().map(Value::int).collect(),
        });
        let channels = match find("color_mode").and_then(shown).as_deref() {
            Some("grayscale") => 1,
            Some("rgba") => 4,
            _ => 3,
        };
        let shape = match pair.as_deref() {
            Some([height, width]) => Some(vec![None, Some(*height), Some(*width), Some(channels)]),
            _ => None,
        };
        let by_table = call == "flow_from_dataframe";
        let path = if by_table {
            self.table(find("dataframe"))
        } else {
            self.directory(find("directory"))
        };
        let last = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
        let test = ["val", "valid", "validation", "test", "testing"].contains(&last.to_ascii_lowercase().as_str());
        let validation = test || find("subset").and_then(shown).as_deref() == Some("validation");
        let labels = find("class_names").or_else(|| find("classes")).and_then(Value::items);
        let mut loader = Loader {
            call,
            arguments: vec![Argument::placed(Literal::Str(path.clone()))],
            lines: self.lines,
        };
        for (name, value) in &given {
            let literal = value.literal();
            match name.as_str() {
                "directory" if by_table && literal != Literal::None => {
                    let folder = self.directory(Some(value));
                    loader.arguments.push(Argument::named(name, Literal::Str(folder)));
                }
                "directory" | "dataframe" => {}
                "image_size" | "target_size" if shape.is_none() => {
                    self.leave_out_because(format!("{name} (its value is not known)"));
                }
                name if holds_unknown(&literal) => {
                    self.leave_out_because(format!("{name}={literal} of {call} (its value is not known)"));
                }
                name => loader.arguments.push(Argument::named(name, literal)),
            }
        }
        let array = Array {
            shape,
            dataset: Some(path),
            split: if validation { Split::Test } else { Split::Train },
            scale: 1.0,
            classes: labels.and_then(|names| i64::try_from(names.len()).ok()),
            ..Array::default()
        };
        Value::Source(Rc::new(Source {
            samples: Some(array),
            loader: Some(loader),
            ..Source::default()
        }))
    }

    /// The path of a table that pandas read. Where it is not known, a made-up name stands for it, and a message says so.
    fn table(&mut self, value: Option<&Value<'a>>) -> String {
        let text = match value {
            Some(Value::Object(object)) if object.class == READ_CSV => {
                if let Some(Literal::Str(path)) = object.arguments.first().map(|argument| &argument.value) {
                    return path.replace('\\', "/");
                }
                "labels".to_owned()
            }
            Some(Value::Unknown(text)) => text.to_string(),
            Some(_) | None => "labels".to_owned(),
        };
        let path = format!("{}.csv", Literal::Unknown(text.clone()));
        self.leave_out_because(format!(
            "the table {text} (its value is not known: \"{path}\" stands for it)"
        ));
        path
    }

    /// The path of a folder. Where it is not known, a made-up name stands for it, and a message says so.
    fn directory(&mut self, value: Option<&Value<'a>>) -> String {
        if let Some(path) = value.and_then(shown).filter(|path| !path.is_empty()) {
            return path.replace('\\', "/");
        }
        let text = match value {
            Some(Value::Unknown(text)) => text.to_string(),
            Some(other) => other.literal().to_string(),
            None => "pictures".to_owned(),
        };
        let parts: Vec<String> = text
            .split('/')
            .map(|part| Literal::Unknown(part.to_owned()).to_string())
            .collect();
        let path = format!("{}/", parts.join("/"));
        self.leave_out_because(format!(
            "the folder {text} (its value is not known: \"{path}\" stands for it)"
        ));
        path
    }
}

/// The arguments by name; those passed by position get the names in the loader's signature.
fn named<'a>(call: &str, arguments: &Given<'a>) -> Vec<(String, Value<'a>)> {
    let signature = SIGNATURES.iter().find(|signature| signature.name == call);
    let place = |index: usize| {
        signature?
            .parameters
            .get(index)
            .map(|parameter| parameter.name.to_owned())
    };
    arguments
        .iter()
        .enumerate()
        .filter_map(|(index, (name, value))| Some((name.clone().or_else(|| place(index))?, value.clone())))
        .collect()
}

/// Whether a value holds an unknown one, so that a description cannot be read with it.
pub fn holds_unknown(literal: &Literal) -> bool {
    match literal {
        Literal::Unknown(_) => true,
        Literal::Tuple(items) | Literal::List(items) => items.iter().any(holds_unknown),
        Literal::Dictionary(entries) => entries
            .iter()
            .any(|(key, value)| holds_unknown(key) || holds_unknown(value)),
        Literal::Call(_, arguments) => arguments.iter().any(|argument| holds_unknown(&argument.value)),
        Literal::None | Literal::Bool(_) | Literal::Int(_) | Literal::Float(_) | Literal::Str(_) | Literal::Name(_) => {
            false
        }
    }
}
