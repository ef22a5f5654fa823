//! Checks that a network with several inputs or outputs is given data with an array for each of them.

use crate::network::Network;
use crate::training::data::DataName;
use crate::training::fit::TargetSource;
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// Reports data that do not have an array for each input and output.
pub(super) fn check(network: &Network, diagnostics: &mut Vec<Diagnostic>) {
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
    if let Some(loading) = &network.fit.loading {
        let label = "has one picture and one label for each sample".to_owned();
        diagnostics.push(refused(loading.train.span, label));
    }
    if network.fit.targets == TargetSource::Input {
        let label = "gives targets=\"input\"".to_owned();
        diagnostics.push(refused(network.fit.data_span.unwrap_or(network.name_span), label));
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
