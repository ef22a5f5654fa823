//! Checks that a network with several inputs or outputs is given data with an array for each of them.

use crate::network::Network;
use crate::numbers::count;
use crate::shape::Shape;
use crate::training::data::DataName;
use crate::training::fit::TargetSource;
use crate::training::loading::LabelMode;
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// Reports data that do not have an array for each input and output.
pub(super) fn check(network: &Network, shapes: &[Option<Shape>], diagnostics: &mut Vec<Diagnostic>) {
    let what = if network.inputs() > 1 {
        format!("{} inputs", network.inputs())
    } else {
        format!("{} outputs", network.other_outputs.len() + 1)
    };
    let refused = |span: Span, label: String| {
        Diagnostic::error("E0514", format!("a network of {what} needs an array for each of them"))
            .at(span, label)
            .because(network.name_span, format!("has {what}"))
            .help(arrays(network))
    };
    let known = match network.fit.data {
        Some(DataName::Known(data)) => Some(data),
        Some(DataName::Path(_)) | None => None,
    };
    if let Some((known, span)) = known.zip(network.fit.data_span) {
        let label = format!("{} has one picture and one label for each sample", known.name());
        diagnostics.push(refused(span, label));
    }
    if has_columns(network) {
        columns(network, shapes, diagnostics);
    } else if let Some(loading) = &network.fit.loading {
        let label = "has one picture and one label for each sample".to_owned();
        diagnostics.push(refused(loading.train.span, label));
    }
    if network.fit.targets == TargetSource::Input {
        let label = "gives targets=\"input\"".to_owned();
        diagnostics.push(refused(network.fit.data_span.unwrap_or(network.name_span), label));
    }
}

/// Whether pictures come with a table that has a column for each output.
pub(super) fn has_columns(network: &Network) -> bool {
    let loading = network.fit.loading.as_ref();
    network.inputs() == 1 && loading.is_some_and(|loading| loading.train.label_mode == LabelMode::MultiOutput)
}

/// There is a column for each output, and each output is a number or a row of classes.
fn columns(network: &Network, shapes: &[Option<Shape>], diagnostics: &mut Vec<Diagnostic>) {
    let Some(loading) = &network.fit.loading else { return };
    for files in std::iter::once(&loading.train).chain(&loading.validation) {
        let columns = files.table.as_ref().map_or(0, |table| table.y_col.len());
        let outputs = network.other_outputs.len() + 1;
        if columns != outputs || files.label_mode != LabelMode::MultiOutput {
            diagnostics.push(
                Diagnostic::error("E0514", "there is no column for each output")
                    .at(
                        files.span_of("y_col"),
                        format!("these are {}", count(columns, "column")),
                    )
                    .because(network.name_span, format!("has {}", count(outputs, "output")))
                    .help("y_col=[...] names a column for each output, in their order"),
            );
            return;
        }
    }
    for id in network.outputs() {
        let shape = shapes.get(id.0).and_then(Option::as_ref);
        if let Some((node, shape)) = network.nodes.get(id.0).zip(shape)
            && shape.rank() > 1
        {
            diagnostics.push(
                Diagnostic::error("E0514", "an output of several axes cannot be compared with a column")
                    .at(node.span, format!("gives {shape}"))
                    .because(
                        loading.train.span_of("y_col"),
                        "a column has one number for each sample",
                    ),
            );
        }
    }
}

/// The contents of an archive of arrays for the network, in words.
pub fn arrays(network: &Network) -> String {
    let names = |ends: Vec<&str>, only: &str| match ends.as_slice() {
        [_] | [] => only.to_owned(),
        several => several.join("_train, "),
    };
    let inputs = (0..network.inputs()).map(crate::network::NodeId);
    let inputs = names(inputs.map(|id| network.called(id)).collect(), "x");
    let outputs = names(network.outputs().map(|id| network.called(id)).collect(), "y");
    format!("fit(data=\"FILE.npz\") with the arrays {inputs}_train, {outputs}_train")
}
