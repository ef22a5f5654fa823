//! What dotted names stand for: Keras under all of its module paths, and the few others that matter.

use super::super::literal::{Argument, Literal};

/// The module paths of Keras; the rest of a name is the same after each of them.
const HOMES: [&str; 13] = [
    "tensorflow.python.keras.",
    "tensorflow.compat.v1.keras.",
    "tensorflow.compat.v2.keras.",
    "tensorflow.contrib.keras.",
    "tensorflow.contrib.keras.api.keras.",
    "tensorflow.keras.",
    "tf_keras.",
    "keras.src.",
    "keras.api.",
    "keras.legacy.",
    "keras.engine.",
    "keras.",
    "keras_core.",
];

/// The part of a name after Keras's module path: `layers.Conv2D` of `tensorflow.keras.layers.Conv2D`.
pub fn in_keras(path: &str) -> Option<&str> {
    HOMES.iter().find_map(|home| path.strip_prefix(home))
}

/// The first and the last component after Keras's module path: `("layers", "Conv2D")`; the first is empty for `keras.Model`.
pub fn module_and_name(path: &str) -> Option<(&str, &str)> {
    let rest = in_keras(path)?;
    let name = rest.rsplit('.').next().unwrap_or(rest);
    let module = rest.split_once('.').map_or("", |(module, _)| module);
    let module = match module {
        // Their parts move from release to release.
        "api" | "src" | "_tf_keras" => rest.rsplit('.').nth(1).unwrap_or(""),
        "initializations" => "initializers",
        "objectives" => "losses",
        module => module,
    };
    Some((module, name))
}

/// A function's name as that of a class: `he_normal` becomes `HeNormal`.
pub fn camel_case(name: &str) -> String {
    if name.starts_with(|first: char| first.is_ascii_uppercase()) {
        return name.to_owned();
    }
    name.split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_ascii_uppercase().to_string() + letters.as_str()
            })
        })
        .collect()
}

/// The class of the object that a call makes: `he_normal()` is a `HeNormal()`, `l2()` an `L2()`.
pub fn class(module: &str, name: &str) -> String {
    match (module, name) {
        ("regularizers", "l1l2" | "l1_l2") => "L1L2".to_owned(),
        ("regularizers", "l1") => "L1".to_owned(),
        ("regularizers", "l2") => "L2".to_owned(),
        ("constraints", "maxnorm" | "max_norm") => "MaxNorm".to_owned(),
        ("constraints", "nonneg" | "non_neg") => "NonNeg".to_owned(),
        ("constraints", "unitnorm" | "unit_norm") => "UnitNorm".to_owned(),
        ("initializers", "normal") => "RandomNormal".to_owned(),
        ("initializers", "uniform") => "RandomUniform".to_owned(),
        ("initializers", "zero") => "Zeros".to_owned(),
        ("initializers", "one") => "Ones".to_owned(),
        ("optimizers", "rmsprop") => "RMSprop".to_owned(),
        ("optimizers", "sgd") => "SGD".to_owned(),
        _ => camel_case(name),
    }
}

/// A dotted name as an argument: `keras.losses.mse` is "mse", `tf.nn.relu` is "relu", `Adam` is `Adam()`.
pub fn literal(path: &str) -> Literal {
    if let Some(name) = activation(path) {
        return Literal::Str(name.to_owned());
    }
    match module_and_name(path) {
        Some(("losses" | "metrics", name)) if name.starts_with(|first: char| first.is_ascii_lowercase()) => {
            Literal::Str(name.to_owned())
        }
        Some((
            module @ ("losses" | "optimizers" | "initializers" | "regularizers" | "constraints" | "metrics"),
            name,
        )) => Literal::Call(class(module, name), Vec::new()),
        Some(_) | None => Literal::Unknown(path.rsplit('.').next().unwrap_or(path).to_owned()),
    }
}

/// The name of the activation that a dotted name stands for; `None` if it is something else.
pub fn activation(path: &str) -> Option<&str> {
    let name = path.strip_prefix("tensorflow.nn.").filter(|name| {
        matches!(
            *name,
            "relu"
                | "relu6"
                | "softmax"
                | "sigmoid"
                | "tanh"
                | "elu"
                | "selu"
                | "softplus"
                | "softsign"
                | "silu"
                | "swish"
                | "gelu"
                | "leaky_relu"
        )
    });
    name.or(match path {
        "tensorflow.tanh" => Some("tanh"),
        "tensorflow.sigmoid" => Some("sigmoid"),
        _ => None,
    })
    .or_else(|| match module_and_name(path) {
        Some(("activations", name)) => Some(name),
        Some(("backend" | "ops", name @ ("relu" | "softmax" | "sigmoid" | "tanh" | "elu" | "hard_sigmoid"))) => {
            Some(name)
        }
        Some(_) | None => None,
    })
}

/// The module of the application whose `preprocess_input` a dotted name stands for, such as `vgg16`.
pub fn preprocessing(path: &str) -> Option<String> {
    let mut parts = path.rsplit('.');
    let (Some("preprocess_input"), Some(module)) = (parts.next(), parts.next()) else {
        return None;
    };
    match module_and_name(path) {
        Some(("applications", _)) => Some(module.to_owned()),
        Some(_) | None => None,
    }
}

/// The data set `keras.datasets.NAME`: its name in descriptions, the shape of its training samples, the number of its test
/// samples and that of its classes.
pub fn dataset(name: &str) -> Option<(&'static str, &'static [i64], i64, i64)> {
    Some(match name {
        "mnist" => ("mnist", &[60_000, 28, 28], 10_000, 10),
        "fashion_mnist" => ("fashion-mnist", &[60_000, 28, 28], 10_000, 10),
        "cifar10" => ("cifar10", &[50_000, 32, 32, 3], 10_000, 10),
        "cifar100" => ("cifar100", &[50_000, 32, 32, 3], 10_000, 100),
        _ => return None,
    })
}

/// Arguments with the names of Keras 3 in place of those of Keras 1 and Keras 2.
pub fn modern(class: &str, arguments: Vec<Argument>) -> Vec<Argument> {
    let convolution = class.contains("Conv");
    let placed = arguments.iter().filter(|argument| argument.name.is_none()).count();
    let mut arguments = arguments;
    let int = |argument: Option<&Argument>| {
        argument.is_some_and(|argument| argument.name.is_none() && matches!(argument.value, Literal::Int(_)))
    };
    // Convolution2D(32, 3, 3): rows and columns apart.
    if convolution && class.ends_with("2D") && placed >= 3 && int(arguments.get(1)) && int(arguments.get(2)) {
        // Conv2D(32, 3, 2) of today has a stride there; only the old name, or old arguments beside it, mean the old form.
        let old = [
            "border_mode",
            "subsample",
            "init",
            "W_regularizer",
            "nb_filter",
            "dim_ordering",
        ];
        let is_old = class == "Convolution2D"
            || arguments
                .iter()
                .any(|argument| old.iter().any(|name| argument.is(name)));
        if is_old {
            let columns = arguments.remove(2).value;
            if let Some(rows) = arguments.get_mut(1) {
                rows.value = Literal::Tuple(vec![rows.value.clone(), columns]);
            }
        }
    }
    let rows = arguments.iter().position(|argument| argument.is("nb_row"));
    let columns = arguments.iter().position(|argument| argument.is("nb_col"));
    if let (Some(rows), Some(columns)) = (rows, columns) {
        let pair = [rows, columns].map(|at| {
            arguments
                .get(at)
                .map_or(Literal::None, |argument| argument.value.clone())
        });
        arguments.retain(|argument| !argument.is("nb_row") && !argument.is("nb_col"));
        arguments.push(Argument::named("kernel_size", Literal::Tuple(pair.to_vec())));
    }
    for argument in &mut arguments {
        let Some(name) = &argument.name else { continue };
        let new = match name.as_str() {
            "nb_filter" => "filters",
            "border_mode" => "padding",
            "subsample" => "strides",
            "init" => "kernel_initializer",
            "W_regularizer" => "kernel_regularizer",
            "b_regularizer" => "bias_regularizer",
            "W_constraint" => "kernel_constraint",
            "b_constraint" => "bias_constraint",
            "bias" => "use_bias",
            "output_dim" => "units",
            "p" if class.contains("Dropout") => "rate",
            "mode" if class == "BatchNormalization" => "mode",
            "alpha" if class == "LeakyReLU" => "negative_slope",
            _ => continue,
        };
        argument.name = Some(new.to_owned());
    }
    arguments.retain(|argument| {
        let is_default = |name: &str, value: &Literal| argument.is(name) && argument.value == *value;
        !(is_default("dim_ordering", &Literal::Str("tf".to_owned())) || is_default("mode", &Literal::Int(0)))
    });
    for argument in &mut arguments {
        // As Keras reads them: in any case, and shapes as tuples.
        if argument.is("padding")
            && let Literal::Str(text) = &argument.value
        {
            argument.value = Literal::Str(text.to_ascii_lowercase());
        }
        if argument
            .name
            .as_deref()
            .is_some_and(|name| name.ends_with("_initializer"))
            && let Literal::Str(text) = &argument.value
        {
            argument.value = Literal::Str(initializer(text).to_owned());
        }
    }
    arguments
}

/// The name that an initializer has in descriptions, for an old name or that of a function.
fn initializer(name: &str) -> &str {
    match name {
        "normal" => "random_normal",
        "uniform" => "random_uniform",
        "zero" => "zeros",
        "one" => "ones",
        "RandomNormal" => "random_normal",
        "RandomUniform" => "random_uniform",
        "TruncatedNormal" => "truncated_normal",
        "GlorotUniform" => "glorot_uniform",
        "GlorotNormal" => "glorot_normal",
        "HeNormal" => "he_normal",
        "HeUniform" => "he_uniform",
        "LecunNormal" => "lecun_normal",
        "LecunUniform" => "lecun_uniform",
        other => other,
    }
}
