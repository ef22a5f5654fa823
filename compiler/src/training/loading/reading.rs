//! Arguments that several loaders share.

use super::labelling::{LabelMode, Table};
use super::pictures::{Aspect, Interpolation, Loader, PictureFiles, Share, Subset};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::call::values;
use crate::training::limits::MOST_SAMPLES_A_STEP;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// The number of samples of a step where neither `fit` nor the loader gives one.
const BATCH_SIZE: usize = 32;

/// The arguments that all loaders have in common.
pub(super) const DIRECTORY: Argument = Argument::required(
    "directory",
    ArgumentKind::Name,
    "the folder, relative to the description",
);
pub(super) const COLOR_MODE: Argument = Argument::optional(
    "color_mode",
    ArgumentKind::Word(&["rgb", "rgba", "grayscale"]),
    Literal::Str("rgb"),
    "3, 4 or 1 channels",
);
pub(super) const SHUFFLE: Argument = Argument::optional(
    "shuffle",
    ArgumentKind::Bool,
    Literal::Bool(true),
    "whether each epoch has its own order",
);
pub(super) const SAMPLES: Argument = Argument::optional(
    "batch_size",
    ArgumentKind::Count,
    Literal::Int(32),
    "samples a step; None means 32",
);

/// `target_size` of a generator's two calls.
pub(super) const TARGET_SIZE: Argument = Argument::optional(
    "target_size",
    ArgumentKind::Pair,
    Literal::Pair(256, 256),
    "height and width",
);

/// The `seed` of a generator's `flow_from_...` methods.
pub(super) const FLOW_SEED: Argument = Argument::optional(
    "seed",
    ArgumentKind::Natural,
    Literal::None,
    "read and not used: orders start at fit's seed",
);

/// What they would write into a folder.
pub(super) const SAVING: [Argument; 3] = [
    Argument::unsupported("save_to_dir", Literal::None),
    Argument::unsupported("save_prefix", Literal::Str("")),
    Argument::unsupported("save_format", Literal::Str("png")),
];

/// Their `subset`, which is one of what `doc` names.
pub(super) const fn subset(doc: &'static str) -> Argument {
    Argument::optional(
        "subset",
        ArgumentKind::Word(&["training", "validation"]),
        Literal::None,
        doc,
    )
}

/// What a generator's two calls read alike.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub(super) struct Flow {
    image_size: Option<(usize, usize)>,
    colours: Option<&'static str>,
    mode: Option<Option<&'static str>>,
    batch_size: Option<usize>,
    shuffle: Option<bool>,
    seed: Option<Option<u64>>,
    share: Option<Share>,
    spans: Vec<(&'static str, Span)>,
}

impl Flow {
    /// Reads it; `split` is the generator's `validation_split` and its place.
    pub(super) fn read(split: (f64, Span), arguments: &mut Arguments) -> Option<Self> {
        let image_size = arguments.read("target_size", values::pair);
        let colours = arguments.read("color_mode", values::word);
        let mode = arguments.read("class_mode", optional_word);
        let batch_size = arguments.read("batch_size", batch_size);
        let shuffle = arguments.bool("shuffle");
        let seed = arguments.read("seed", optional_natural);
        let share = subset_of(split.0, arguments)?;
        let mut spans = arguments.spans();
        spans.push(("validation_split", split.1));
        Some(Self {
            image_size,
            colours,
            mode,
            batch_size,
            shuffle,
            seed,
            share,
            spans,
        })
    }

    /// How labels are told; nothing where that cannot be read.
    pub(super) fn label_mode(&self) -> Option<LabelMode> {
        Some(match self.mode? {
            None | Some("input") => LabelMode::None,
            Some("binary") => LabelMode::Binary,
            Some("sparse") => LabelMode::Int,
            Some("raw") => LabelMode::Float,
            Some("multi_output") => LabelMode::MultiOutput,
            Some(_) => LabelMode::Categorical,
        })
    }

    /// The files in a folder, with the classes of these names, or what a table says.
    pub(super) fn files(
        self,
        span: Span,
        directory: String,
        class_names: Option<Vec<String>>,
        table: Option<Table>,
    ) -> Option<PictureFiles> {
        Some(PictureFiles {
            directory,
            loader: Loader::FlowFromDirectory,
            label_mode: self.label_mode()?,
            is_own_target: self.mode? == Some("input"),
            class_names,
            table,
            masks: None,
            channels: channels(self.colours?),
            image_size: self.image_size?,
            interpolation: Interpolation::Nearest,
            aspect: Aspect::Stretched,
            batch_size: self.batch_size?,
            shuffle: self.shuffle?,
            seed: self.seed?,
            share: self.share,
            span,
            spans: self.spans,
        })
    }
}

/// The argument for the folders of classes, under the name that the loader gives it.
pub(super) const fn classes(name: &'static str) -> Argument {
    Argument::optional(
        name,
        ArgumentKind::Strings,
        Literal::None,
        "the classes in the order of their labels; None means all, by name",
    )
}

/// The number of channels of a `color_mode`.
pub(super) fn channels(color_mode: &str) -> usize {
    match color_mode {
        "grayscale" => 1,
        "rgba" => 4,
        _ => 3,
    }
}

/// Reads the path of a folder, which is not empty.
pub(super) fn directory(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let path = values::string(argument, value, diagnostics)?;
    if path.is_empty() || path.contains('\0') {
        diagnostics
            .push(Diagnostic::error("E0109", "this is not a path").at(value.span, "the path of a folder is needed"));
        return None;
    }
    Some(path)
}

/// Reads one of the argument's words; Some(None) where the value is `None`.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub(super) fn optional_word(
    argument: &Argument,
    value: &Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Option<&'static str>> {
    if value.kind == ValueKind::None {
        return Some(None);
    }
    values::word(argument, value, diagnostics).map(Some)
}

/// Reads an integer from 0 to 2^32 - 1, the range of NumPy's seeds; Some(None) where the value is `None`.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub(super) fn optional_natural(
    argument: &Argument,
    value: &Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Option<u64>> {
    if value.kind == ValueKind::None {
        return Some(None);
    }
    let seed = values::natural(argument, value, diagnostics)? as u64;
    if seed > u64::from(u32::MAX) {
        diagnostics.push(values::out_of_range(argument, value, "below 2 ** 32", seed));
        return None;
    }
    Some(Some(seed))
}

/// Reads the number of samples of a step, 32 where the value is `None`.
pub(super) fn batch_size(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    if value.kind == ValueKind::None {
        return Some(BATCH_SIZE);
    }
    let given = values::count(argument, value, diagnostics)?;
    if given > MOST_SAMPLES_A_STEP {
        diagnostics.push(values::out_of_range(
            argument,
            value,
            &format!("at most {MOST_SAMPLES_A_STEP}"),
            given,
        ));
        return None;
    }
    Some(given)
}

/// Reads a list of names of folders; Some(None) where the value is `None`.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub(super) fn class_names(
    argument: &Argument,
    value: &Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Option<Vec<String>>> {
    let unfit = |name: &str| name.is_empty() || name == "." || name == ".." || name.contains(['/', '\\', '\0']);
    listed(
        argument,
        value,
        &|name| unfit(name).then_some("no name of a folder"),
        diagnostics,
    )
}

/// Reads a list of names of classes in a table; Some(None) where the value is `None`.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub(super) fn labels_in_table(
    argument: &Argument,
    value: &Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Option<Vec<String>>> {
    listed(
        argument,
        value,
        &|name| name.is_empty().then_some("no label"),
        diagnostics,
    )
}

/// Reads a list of different names; Some(None) where the value is `None`. `unfit` says why a name cannot be meant.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
fn listed(
    argument: &Argument,
    value: &Value,
    unfit: &dyn Fn(&str) -> Option<&'static str>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Option<Vec<String>>> {
    let items = match &value.kind {
        ValueKind::None => return Some(None),
        ValueKind::List(items) | ValueKind::Tuple(items) if !items.is_empty() => items,
        ValueKind::List(_)
        | ValueKind::Tuple(_)
        | ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::String(_)
        | ValueKind::Bool(_)
        | ValueKind::Name(_)
        | ValueKind::Call(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => {
            diagnostics.push(values::wrong_type(argument, value));
            return None;
        }
    };
    let mut names: Vec<String> = Vec::with_capacity(items.len());
    for item in items {
        let ValueKind::String(name) = &item.kind else {
            diagnostics.push(values::wrong_type(argument, item));
            return None;
        };
        let why = unfit(name).or(names.contains(name).then_some("it is named twice"));
        if let Some(why) = why {
            diagnostics.push(Diagnostic::error("E0109", "a class cannot have this name").at(item.span, why));
            return None;
        }
        names.push(name.clone());
    }
    Some(Some(names))
}

/// Reads `validation_split` and `subset`, of which both or neither must be given.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub(super) fn share(arguments: &mut Arguments) -> Option<Option<Share>> {
    let split = arguments.read("validation_split", |argument, value, diagnostics| {
        if value.kind == ValueKind::None {
            return Some(0.0);
        }
        values::ranged(argument, value, diagnostics, "at least 0 and below 1", |share| {
            (0.0..1.0).contains(&share)
        })
    });
    let both = arguments
        .written("subset")
        .filter(|argument| argument.value.kind == ValueKind::String("both".to_owned()))
        .map(|argument| argument.span);
    if let Some(span) = both {
        arguments.diagnostics().push(
            Diagnostic::error("E0511", "subset=\"both\" gives two data sets")
                .at(span, "they have one name")
                .help("two names: train, valid = image_dataset_from_directory(...)"),
        );
        return None;
    }
    let subset = arguments.read("subset", optional_word);
    let (split, subset) = (split?, subset?);
    match (split > 0.0, subset) {
        (false, None) => Some(None),
        (true, Some(word)) => Some(Some(Share {
            validation_split: split,
            subset: if word == "training" {
                Subset::Training
            } else {
                Subset::Validation
            },
        })),
        (given, _) => {
            let (has, lacks) = if given {
                (
                    "validation_split",
                    "subset=\"training\" or subset=\"validation\", or with two names subset=\"both\"",
                )
            } else {
                ("subset", "validation_split=0.2")
            };
            let span = arguments.span_of(has);
            arguments.diagnostics().push(
                Diagnostic::error("E0511", "validation_split and subset go together")
                    .at(span, "one of the two is given")
                    .help(format!("add {lacks}")),
            );
            None
        }
    }
}

/// The part of the files that a generator's call takes; `split` is the share that validates.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub(super) fn subset_of(split: f64, arguments: &mut Arguments) -> Option<Option<Share>> {
    let subset = arguments.read("subset", optional_word)?;
    if subset.is_some() && split <= 0.0 {
        let span = arguments.span_of("subset");
        arguments.diagnostics().push(
            Diagnostic::error("E0511", "validation_split and subset go together")
                .at(span, "of the whole there are no subsets")
                .help("ImageDataGenerator(validation_split=0.2, ...) divides the files"),
        );
        return None;
    }
    Some(subset.map(|subset| Share {
        validation_split: split,
        subset: if subset == "training" {
            Subset::Training
        } else {
            Subset::Validation
        },
    }))
}

/// Reports that two arguments exclude one another (E0511).
pub(super) fn shut(one: &str, at: Span, other: &str, because: Span, arguments: &mut Arguments) {
    arguments.diagnostics().push(
        Diagnostic::error("E0511", format!("{one} and {other} exclude one another"))
            .at(at, "this")
            .because(because, "and this")
            .help("leave one of the two out"),
    );
}
