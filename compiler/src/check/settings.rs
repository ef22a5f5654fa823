//! Checks that the inputs and outputs of a network go with the loss and the data set.

use super::{adapting, class_weight, metrics, moving};
use crate::activation::ActivationFunction;
use crate::call::suggest::any_of;
use crate::network::{Network, Node};
use crate::numbers::tuple;
use crate::ops::Hit;
use crate::shape::Shape;
use crate::training::callbacks::{Callback, CallbackKind};
use crate::training::compile::{Compile, Judgement};
use crate::training::constraints::Constraint;
use crate::training::data::{DataName, KnownData};
use crate::training::fit::TargetSource;
use crate::training::loading::{LabelMode, MaskMode, PictureFiles};
use crate::training::losses::{Ending, Targets};
use crate::training::metrics::Metric;
use crate::variable::Variable;
use grammar::diagnostic::Diagnostic;

pub(super) fn check(
    network: &Network,
    shapes: &[Option<Shape>],
    variables: &[Vec<Variable>],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let data = match network.fit.data {
        Some(DataName::Known(data)) => Some(data),
        Some(DataName::Path(_)) | None => None,
    };
    let several = network.has_several_ends();
    if several {
        super::ends::check(network, shapes, diagnostics);
    }
    if let Some(data) = data.filter(|_| !several) {
        input(network, &data.shape(), diagnostics);
    }
    let loading = network.fit.loading.as_ref();
    if let Some(loading) = loading.filter(|_| !several || super::ends::has_columns(network)) {
        input(network, &loading.train.shape(), diagnostics);
    }
    if let Some(loading) = loading.filter(|_| !several) {
        labels(network, &loading.train, diagnostics);
        targets(network, &loading.train, shapes, diagnostics);
    }
    moving::check(network, shapes, diagnostics);
    axes(network, variables, diagnostics);
    adapting::check(network, variables, diagnostics);
    let ends: Option<Vec<(&Node, &Shape)>> = network
        .outputs()
        .map(|id| network.nodes.get(id.0).zip(shapes.get(id.0).and_then(Option::as_ref)))
        .collect();
    let Some(ends) = ends else { return };
    let Some(&(node, shape)) = ends.first() else { return };
    if let Some(compile) = &network.compile {
        for (&(node, shape), judgement) in ends.iter().zip(compile.judgements()) {
            let ending = Ending {
                shape,
                activation: node.layer.activation(),
                span: node.span,
                activation_span: node.span_of("activation"),
                along_last_axis: node.layer.is_along_last_axis().then(|| node.layer.class()),
                functional: network.functional,
                class_of_place: class_of_place(network),
            };
            judgement.loss.check(&ending, &judgement.loss_place, diagnostics);
            sides(&judgement, &ending, diagnostics);
            metrics::check(&judgement, &ending, diagnostics);
            penalty_of_output(node, &judgement, diagnostics);
        }
        class_weight::check(network, shape, diagnostics);
        callbacks(compile, &network.fit.callbacks, diagnostics);
        blocked(network, variables, diagnostics);
        if !variables.iter().flatten().any(|variable| variable.trainable) {
            let nothing = Diagnostic::warning("W0408", "there is nothing to train");
            diagnostics.push(if variables.iter().all(Vec::is_empty) {
                nothing
                    .at(network.name_span, "no layer of this model has parameters")
                    .help("Conv2D and Dense have parameters")
            } else {
                nothing
                    .at(network.name_span, "every layer with parameters has trainable=False")
                    .help("leave trainable=False out if training should change the weights")
            });
        }
    }
    if let Some(data) = data
        && !several
        && shape.rank() == 1
        && network.fit.targets == TargetSource::Labels
    {
        // A single value may be compared with the number of a class.
        let number = network
            .compile
            .as_ref()
            .is_some_and(|compile| compile.loss.targets() == Targets::Values && shape.channels() == 1);
        if !number {
            classes(network, node, shape, data, diagnostics);
        }
    }
}

/// Checks that the axes of constraints' norms are axes of their variables.
fn axes(network: &Network, variables: &[Vec<Variable>], diagnostics: &mut Vec<Diagnostic>) {
    for (node, variables) in network.nodes.iter().zip(variables) {
        for variable in variables {
            let rank = variable.shape.len() as i64;
            let given = variable.constraint.iter().flat_map(Constraint::axes);
            let Some(axis) = given.copied().find(|axis| !(-rank..rank).contains(axis)) else {
                continue;
            };
            let span = node
                .rules
                .argument_of(variable.name)
                .map_or(node.span, |name| node.span_of(name));
            diagnostics.push(
                Diagnostic::error("E0109", "`axis` must be an axis of what is constrained")
                    .at(span, format!("this has {axis}"))
                    .note(format!(
                        "the {} of {} is {}",
                        variable.name,
                        node.name,
                        tuple(&variable.shape)
                    ))
                    .help(format!("its axes are 0 to {}", rank - 1)),
            );
        }
    }
}

/// Checks that layers without a gradient step stand before all weights that train.
fn blocked(network: &Network, variables: &[Vec<Variable>], diagnostics: &mut Vec<Diagnostic>) {
    // For each layer, the first layer with such weights that it or its inputs depend on.
    let mut trained: Vec<Option<usize>> = Vec::new();
    for (index, node) in network.nodes.iter().enumerate() {
        let before = (node.inputs.iter()).find_map(|input| trained.get(input.0).copied().flatten());
        let before_it = before.and_then(|before| network.nodes.get(before));
        if let Some(first) = before_it.filter(|_| node.layer.blocks_gradients()) {
            let class = node.layer.class();
            diagnostics.push(
                Diagnostic::error("E0110", format!("{class} after weights that train is not supported"))
                    .at(node.span, "no gradient goes through this")
                    .because(first.span, format!("so that {} could not be trained", first.name))
                    .help(format!("put {class} before the first layer with weights")),
            );
        }
        let owner = node.shares.map_or(index, |owner| owner.0);
        let own = variables
            .get(owner)
            .is_some_and(|own| own.iter().any(|variable| variable.trainable));
        trained.push(before.or_else(|| own.then_some(index)));
    }
}

/// Reports a penalty of the output of a last softmax, which the loss takes over without a tensor for its output.
fn penalty_of_output(node: &Node, compile: &Judgement, diagnostics: &mut Vec<Diagnostic>) {
    let last = node.layer.activation().filter(|&last| compile.loss.absorbs(last));
    if let Some(last) = last
        && node.rules.activity.is_some()
    {
        let name = if last == ActivationFunction::Softmax {
            "softmax"
        } else {
            "sigmoid"
        };
        diagnostics.push(
            Diagnostic::error(
                "E0110",
                format!("`activity_regularizer` on a last {name} is not supported"),
            )
            .at(
                node.span_of("activity_regularizer"),
                format!("the loss takes what the {name} is made of"),
            )
            .help("put it on a layer before this one"),
        );
    }
}

/// Checks that what callbacks watch is reported, and that they may set what they set.
fn callbacks(compile: &Compile, callbacks: &[Callback], diagnostics: &mut Vec<Diagnostic>) {
    let mut restores = None;
    for callback in callbacks {
        if let Some(monitor) = callback.kind.monitor() {
            let metric = monitor.metric.as_str();
            match monitor.key(compile) {
                None => {
                    let names = compile.reported().into_iter();
                    let known: Vec<String> = names
                        .flat_map(|(name, _)| [name.clone(), format!("val_{name}")])
                        .collect();
                    diagnostics.push(
                        Diagnostic::error("E0428", format!("no metric is called `{metric}`"))
                            .at(callback.span, "watches it")
                            .help(format!("there is {}", any_of(known.iter().map(String::as_str)))),
                    );
                }
                Some(key) if key != metric => diagnostics.push(
                    Diagnostic::warning("W0421", format!("`{metric}` is called `{key}` here"))
                        .at(callback.span, "watches it")
                        .help(format!("monitor=\"{key}\"")),
                ),
                Some(_) => {}
            }
        }
        if callback.kind.sets_learning_rate() && !compile.optimizer.rule.learning_rate().is_constant() {
            diagnostics.push(
                Diagnostic::error("E0429", "the learning rate is a schedule's")
                    .at(callback.span, "would set it too")
                    .help("give the optimizer a number, or leave the callback out"),
            );
        }
        if matches!(&callback.kind, CallbackKind::EarlyStopping(stopping) if stopping.restore_best_weights)
            && let Some(first) = restores.replace(callback.span)
        {
            diagnostics.push(
                Diagnostic::error("E0430", "two callbacks restore the best weights")
                    .at(callback.span, "again here")
                    .because(first, "first here")
                    .help("one of the two can do without restore_best_weights"),
            );
        }
    }
}

/// Reports thresholds for the output of a softmax that the loss has taken over, since the side that values are on cannot be told.
fn sides(compile: &Judgement, ending: &Ending<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let softmax =
        ending.activation == Some(ActivationFunction::Softmax) && compile.loss.absorbs(ActivationFunction::Softmax);
    let channels = ending.shape.channels();
    // Those of weighted samples are counted apart from the loss.
    let alike = || compile.metrics.iter().filter(|metric| !metric.weighted);
    // The loss counts one answer for each sample, that of class numbers the largest output.
    let counted = match compile.loss.targets() {
        Targets::ClassNumber => Some(Hit::Largest),
        Targets::Shares | Targets::Binary | Targets::Values => alike().find_map(|metric| metric.kind.hit(channels)),
    };
    if let Some(metric) = compile
        .metrics
        .iter()
        .filter(|metric| !metric.weighted || compile.loss.targets() == Targets::ClassNumber)
        .find(|metric| metric.kind.hit(channels).is_some_and(|hit| Some(hit) != counted))
    {
        diagnostics.push(
            Diagnostic::error("E0431", format!("`{}` cannot be counted here", metric.name))
                .at(
                    compile.loss_place.loss,
                    "what is right is counted in another way with this loss or the metric before it",
                )
                .help("metrics=[\"accuracy\"] is the accuracy that goes with the output"),
        );
    }
    let compared = compile.loss.targets() == Targets::Binary;
    let by_side = |metric: &&Metric| matches!(metric.kind.hit(ending.shape.channels()), Some(Hit::Above(_)));
    if let Some(metric) = alike().find(by_side).filter(|_| softmax && compared) {
        diagnostics.push(
            Diagnostic::error("E0424", format!("`{}` after a softmax is not supported", metric.name))
                .at(ending.activation_span, "shares of 1, of which the largest counts")
                .because(compile.loss_place.loss, "takes what goes into the softmax")
                .help("use \"categorical_accuracy\", or end with activation=\"sigmoid\""),
        );
    }
}

/// Whether samples of the data set fit the input: with the same sizes, with as many numbers where the input is a row,
/// or as a grey picture without its axis of one channel.
pub fn takes(shape: &Shape, data: &Shape) -> bool {
    if shape == data || (shape.rank() == 1 && shape.elements() == data.elements()) {
        return true;
    }
    matches!((shape.sizes(), data.sizes()), ([height, width], [h, w, 1]) if height == h && width == w)
}

fn input(network: &Network, wanted: &Shape, diagnostics: &mut Vec<Diagnostic>) {
    let Some(first) = network.nodes.first() else { return };
    let Some(shape) = first.layer.sample_shape() else {
        return;
    };
    // An absurd shape has been reported already.
    if shape.checked_elements().is_none() || takes(shape, wanted) {
        return;
    }
    let span = first.span_of("shape");
    let shown = format!("shape={}", tuple(wanted.sizes()));
    let mut diagnostic =
        Diagnostic::error("E0502", "the input does not have the data set's shape").at(span, format!("this is {shape}"));
    let loader = network.fit.loading.as_ref().map(|loading| &loading.train);
    let place = loader.map_or(network.fit.data_span, |files| Some(files.span));
    if let Some(place) = place {
        diagnostic = diagnostic.because(place, format!("its samples are {wanted}"));
    }
    let moved = match shape.sizes() {
        [channels, height, width] => (*height, *width, *channels) == wanted.as_map().unwrap_or_default(),
        _ => false,
    };
    if moved {
        diagnostic = diagnostic.note("channels come last");
        // Windows that did not fit were laid along the wrong axes.
        diagnostics.retain(|diagnostic| !diagnostic.code.starts_with("E03"));
    }
    diagnostics.push(diagnostic.help(format!("Input({shown})")).fix(span, shown));
}

/// Checks that outputs are compared with the samples themselves where a loader has no labels.
fn labels(network: &Network, files: &PictureFiles, diagnostics: &mut Vec<Diagnostic>) {
    if files.label_mode == LabelMode::None && network.fit.targets == TargetSource::Labels {
        diagnostics.push(
            Diagnostic::error("E0507", "there is nothing to compare outputs with")
                .at(files.span_of(files.label_argument()), "its pictures have no labels")
                .help("to compare outputs with the samples themselves: fit(..., targets=\"input\")"),
        );
    }
}

/// Checks that a loader's targets other than classes have the output's shape, and a loss that takes them.
fn targets(network: &Network, files: &PictureFiles, shapes: &[Option<Shape>], diagnostics: &mut Vec<Diagnostic>) {
    if network.fit.targets != TargetSource::Labels || files.label_mode.are_classes() {
        return;
    }
    let output = network.nodes.get(network.output.0);
    let shape = shapes.get(network.output.0).and_then(Option::as_ref);
    let (Some(compile), Some(node), Some(output)) = (&network.compile, output, shape) else {
        return;
    };
    let place = files.span_of(files.target_argument());
    if compile.loss.targets() == Targets::ClassNumber && files.label_mode != LabelMode::None && !class_of_place(network)
    {
        let what = files.label_mode.what();
        diagnostics.push(
            Diagnostic::error("E0507", format!("the loss takes class numbers, the data set has {what}"))
                .at(compile.loss_place.loss, "compares outputs with the numbers of classes")
                .because(place, format!("these are {what}"))
                .help("for numbers there is loss=\"mse\", for several labels at once and for masks loss=\"binary_crossentropy\""),
        );
        return;
    }
    let Some(mut wanted) = files.target_shape() else { return };
    let nodes = network.nodes.iter().zip(shapes).rev();
    let last_moving = nodes.into_iter().find(|(node, _)| node.layer.moves_pictures());
    if let (Some((height, width, channels)), Some((_, Some(last)))) = (wanted.as_map(), last_moving)
        && let Some((rows, columns, _)) = last.as_map()
        && (height, width) != (rows, columns)
    {
        wanted = Shape::map(rows, columns, channels);
    }
    let classes = class_of_place(network) && output.channels() > 1;
    let places = |shape: &Shape| shape.as_map().map(|(height, width, _)| (height, width));
    let fits = if classes {
        places(output).is_some() && places(output) == places(&wanted)
    } else {
        takes(output, &wanted)
    };
    let levels = files.masks.as_ref().and_then(|masks| masks.levels.as_ref());
    if !fits {
        diagnostics.push(
            Diagnostic::error("E0507", "the output is not of the targets' shape")
                .at(node.span_of("units"), format!("gives {output}"))
                .because(place, format!("its targets are {wanted}")),
        );
    } else if let Some(levels) = levels.filter(|levels| classes && levels.len() != output.channels()) {
        diagnostics.push(
            Diagnostic::error("E0507", "the output does not have a channel for each class")
                .at(node.span_of("filters"), format!("gives {output}"))
                .because(
                    files.span_of("mask_levels"),
                    format!("these are {} classes", levels.len()),
                ),
        );
    }
}

/// Whether the data have a class for each place of a map.
fn class_of_place(network: &Network) -> bool {
    let loading = network.fit.loading.as_deref();
    let masks = loading.and_then(|loading| loading.train.masks.as_ref());
    network.fit.targets == TargetSource::Labels && masks.is_some_and(|masks| masks.mode == MaskMode::Int)
}

fn classes(network: &Network, node: &Node, shape: &Shape, data: KnownData, diagnostics: &mut Vec<Diagnostic>) {
    let (given, wanted) = (shape.channels(), data.classes());
    if given == wanted {
        return;
    }
    let span = node.span_of("units");
    let mut diagnostic = Diagnostic::error("E0503", "the output does not match the number of classes").at(
        span,
        format!("gives {given} {}", if given == 1 { "value" } else { "values" }),
    );
    if let Some(place) = network.fit.data_span {
        diagnostic = diagnostic.because(place, format!("has {wanted} classes"));
    }
    diagnostics.push(if span == node.span {
        diagnostic.help(format!("end with Dense({wanted}): one value per class"))
    } else {
        // The argument was given by its place or by its name: `10` or `units=10`.
        let by_place = (span.end - span.start) as usize == given.to_string().len();
        let units = if by_place {
            wanted.to_string()
        } else {
            format!("units={wanted}")
        };
        diagnostic
            .help(format!("{}({units}) gives one value per class", node.layer.class()))
            .fix(span, units)
    });
}
