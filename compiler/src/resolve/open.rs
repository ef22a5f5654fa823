//! `Input(shape=(None, None, 3))`: sizes that the description leaves open are those of the data set, for which the network is
//! compiled.

use super::implied;
use crate::layers::Entry;
use crate::shape::Shape;
use crate::training::data::DataName;
use crate::training::fit::Fit;
use grammar::ast::{Argument, File, Value, ValueKind};

/// The file with the sizes of what `fit` trains on in the place of open ones, and which of the sizes they are. None where no size
/// is open, or the data set does not say it: then `Input` reports what is open.
pub(super) fn closed(file: &File, fit: &Fit) -> Option<(File, Vec<bool>)> {
    let known = match (&fit.loading, &fit.data) {
        (Some(loading), _) => loading.train.shape(),
        (None, Some(DataName::Known(data))) => data.shape(),
        (None, Some(DataName::Path(_)) | None) => return None,
    };
    let mut file = file.clone();
    let model = file.models.last_mut()?;
    let is_input = |name: &str| crate::layers::entry(name).is_some_and(Entry::is_input);
    let inputs = model
        .statements
        .iter()
        .filter(|statement| is_input(&statement.call.name.node));
    let written = inputs.count();
    let call = match written {
        0 => &mut model.statements.first_mut()?.call,
        1 => {
            let mut all = model.statements.iter_mut();
            &mut all.find(|statement| is_input(&statement.call.name.node))?.call
        }
        _ => return None,
    };
    let says = |(index, argument): &(usize, &mut Argument)| match &argument.name {
        Some(name) => name.node == if written == 0 { implied::SHAPE } else { "shape" },
        None => written == 1 && *index == 0,
    };
    let (_, argument) = call.arguments.iter_mut().enumerate().find(says)?;
    let open = fill(&mut argument.value, &known)?;
    Some((file, open))
}

/// Puts sizes where there are none, in a picture whose channels are known; which they are, or None if no size is open.
fn fill(value: &mut Value, known: &Shape) -> Option<Vec<bool>> {
    let (ValueKind::Tuple(items) | ValueKind::List(items)) = &mut value.kind else {
        return None;
    };
    let channels = i64::try_from(known.channels()).ok()?;
    let has_channels = items
        .last()
        .is_some_and(|item| item.kind == ValueKind::Integer(channels));
    // Otherwise the first may be meant for the batch.
    if items.len() != 3 || known.rank() != 3 || !has_channels {
        return None;
    }
    let mut open = Vec::with_capacity(items.len());
    for (item, &size) in items.iter_mut().zip(known.sizes()) {
        open.push(item.kind == ValueKind::None);
        if item.kind == ValueKind::None {
            item.kind = ValueKind::Integer(i64::try_from(size).ok()?);
        }
    }
    open.contains(&true).then_some(open)
}
