//! `import` statements: names for modules and what is in them.

use super::value::{Scope, Value};
use ruff_python_ast::{Alias, StmtImportFrom};
use std::rc::Rc;

/// The name under which a scope holds the modules of `from keras.layers import *`; undefined names are looked for there.
pub const STARS: &str = "*";

/// Carries out `import tensorflow.keras as K` and the like.
pub fn import(alias: &Alias, scope: &Scope<'_>) {
    let path = alias.name.as_str();
    if let Some(name) = &alias.asname {
        scope.set(name.as_str(), Value::Path(Rc::from(path)));
    } else {
        let first = path.split('.').next().unwrap_or(path);
        scope.set(first, Value::Path(Rc::from(first)));
    }
}

/// Carries out `from keras.layers import Conv2D as C` and the like.
pub fn from(import: &StmtImportFrom, scope: &Scope<'_>) {
    let module = import.module.as_ref().map_or("", |module| module.as_str());
    for alias in &import.names {
        if alias.name.as_str() == "*" {
            let known = match scope.get(STARS) {
                Some(Value::Str(known)) => format!("{known} {module}"),
                _ => module.to_owned(),
            };
            scope.set(STARS, Value::str(known));
            continue;
        }
        let name = alias.asname.as_ref().unwrap_or(&alias.name);
        scope.set(name.as_str(), Value::Path(Rc::from(format!("{module}.{}", alias.name))));
    }
}

/// What an undefined name may stand for, by the modules that were imported with `*`.
pub fn starred(name: &str, scope: &Scope<'_>) -> Option<String> {
    let mut modules = match scope.get(STARS) {
        Some(Value::Str(modules)) => modules.to_string(),
        _ => String::new(),
    };
    // Pieces of scripts come without their imports.
    modules.push_str(" keras.layers keras.models keras.optimizers keras.callbacks keras.utils");
    let is_layer = compiler::layers::entry(name).is_some() || compiler::call::names::KERAS_LAYERS.contains(&name);
    let wanted = |module: &&str| match module.rsplit('.').next() {
        Some("layers" | "core" | "convolutional" | "pooling" | "normalization" | "advanced_activations" | "merge") => {
            is_layer
                || matches!(
                    name,
                    "concatenate" | "add" | "multiply" | "average" | "maximum" | "Input"
                )
        }
        Some("models") => matches!(name, "Sequential" | "Model"),
        Some("keras") => matches!(
            name,
            "layers" | "models" | "Sequential" | "Model" | "optimizers" | "losses" | "Input"
        ),
        Some("optimizers") => matches!(
            name,
            "SGD" | "Adam" | "RMSprop" | "Adagrad" | "Adadelta" | "Adamax" | "Nadam" | "AdamW"
        ),
        Some("callbacks") => matches!(
            name,
            "EarlyStopping" | "ModelCheckpoint" | "ReduceLROnPlateau" | "CSVLogger"
        ),
        Some("datasets") => super::paths::dataset(name).is_some(),
        Some("regularizers") => matches!(name, "l1" | "l2" | "L2" | "L1"),
        Some("np_utils" | "utils") => matches!(name, "to_categorical"),
        Some(_) | None => false,
    };
    let module = modules.split(' ').find(wanted)?;
    Some(format!("{module}.{name}"))
}
