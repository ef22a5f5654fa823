//! What convolutions share that work in groups of channels.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::layers::definition::Refusal;
use crate::numbers::count;
use grammar::diagnostic::Diagnostic;

/// The argument `groups`: the number of groups of channels, 1 by default.
pub(super) const GROUPS: Argument = Argument::optional(
    "groups",
    ArgumentKind::Count,
    Literal::Int(1),
    "groups of channels that are convolved separately",
);

/// Reads `groups`, which must divide the filters evenly (E0311).
pub(super) fn groups(arguments: &mut Arguments, filters: Option<usize>) -> Option<usize> {
    let groups = arguments.count("groups")?;
    let filters = filters?;
    if filters.is_multiple_of(groups) {
        return Some(groups);
    }
    let (span, of_filters) = (arguments.span_of("groups"), arguments.span_of("filters"));
    arguments.diagnostics().push(
        Diagnostic::error("E0311", "the groups must divide the filters evenly")
            .at(span, format!("{groups} groups"))
            .because(of_filters, count(filters, "filter"))
            .help("each group makes as many channels as the others"),
    );
    None
}

/// Errs where the groups do not divide the input's channels evenly.
pub(super) fn groups_fit(groups: usize, channels: usize) -> Result<(), Refusal> {
    if channels.is_multiple_of(groups) {
        return Ok(());
    }
    Err(Refusal::Argument {
        argument: "groups",
        message: "the groups must divide the channels evenly".to_owned(),
        label: format!("{groups} groups of {}", count(channels, "channel")),
        help: "each group takes as many channels as the others".to_owned(),
    })
}

/// Whether all channels are in one group, so that the argument is not worth printing.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
pub(super) const fn is_one(groups: &usize) -> bool {
    *groups == 1
}
