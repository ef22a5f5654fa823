//! The initial weights of models that are used as layers: Keras's own files, from the cache or from a path.

use super::error::{Error, Result};
use super::examine::Description;
use super::executor;
use super::listener::{Listener, Notice};
use compiler::applications::Weights;
use compiler::network::CheckedNetwork;
use compiler::plan::Plan;
use compiler::saved;
use runtime::checkpoint::keras;
use runtime::data::cache_folder;
use runtime::data::fetch::weights::find_weights;
use runtime::error::RuntimeError;
use runtime::train;
use std::path::Path;

/// Reads these weights, by the names of the network's parameters.
///
/// # Errors
/// When a file does not exist, is not one of Keras's, or belongs to another model.
pub(super) fn read(description: &Description, listener: &dyn Listener) -> Result<keras::Values> {
    let mut all = keras::Values::new();
    for group in &description.network.network().groups {
        let path = match &group.weights {
            None => continue,
            Some(Weights::File(path)) => description.folder().join(path),
            Some(Weights::Imagenet(named)) => find_weights(named, cache_folder().as_deref())?,
        };
        let layers = saved::group(&description.network, group);
        all.extend(keras::load(&path, &layers)?);
        listener.notice(&Notice::Data(format!("weights of {}: {}", group.name, path.display())));
    }
    Ok(all)
}

/// The parameters that training begins with where a file of weights is given: all of its values or, for a file of another
/// network, those of the variables that both have.
///
/// # Errors
/// When the file cannot be read, has none of the network's variables, or has one with another shape.
pub(super) fn beginning(
    network: &CheckedNetwork,
    plan: &Plan,
    path: &Path,
    seed: u64,
    listener: &dyn Listener,
) -> Result<Vec<f32>> {
    let refused = match executor::weights(network, plan, path) {
        Err(Error::Runtime(error @ RuntimeError::Variables(_))) => error,
        done => return done,
    };
    let mut parameters = train::initial_parameters(plan, seed);
    let Ok(taken) = train::load_common(plan, path, &mut parameters) else {
        // It says more: all that is missing, surplus and of another shape.
        return Err(Error::Runtime(refused));
    };
    let list = |layers: &[String]| match layers {
        [] => "none".to_owned(),
        layers => layers.join(", "),
    };
    let surplus = match taken.surplus.as_slice() {
        [] => String::new(),
        layers => format!("; not in this network: {}", layers.join(", ")),
    };
    listener.notice(&Notice::Warning(format!(
        "warning: {} is from another network: its weights are used for {}; these start at random: {}{surplus}",
        path.display(),
        list(&taken.taken),
        list(&taken.anew),
    )));
    Ok(parameters)
}
