//! Going on with a run that was broken off.

use super::error::Result;
use compiler::plan::Plan;
use runtime::error::{Result as RuntimeResult, RuntimeError};
use runtime::executor::Executor;
use runtime::run_directory::{History, Manifest, RunDirectory};
use runtime::train;

/// Gives the executor weights and optimizer of a run that was broken off, which must be the same one; its history, and the
/// seconds that it took so far.
pub(super) fn resume(
    directory: &RunDirectory,
    plan: &Plan,
    now: &Manifest,
    executor: &mut dyn Executor,
) -> Result<(History, f64)> {
    let then = directory.load_manifest()?;
    let same = [
        ("data", &then.data_sha256, &now.data_sha256),
        ("seed", &then.seed.to_string(), &now.seed.to_string()),
        ("batch size", &then.batch_size.to_string(), &now.batch_size.to_string()),
    ];
    if let Some((what, then, now)) = same.into_iter().find(|(_, then, now)| then != now) {
        return Err(RuntimeError::Mismatch {
            file: directory.path().join("run.yaml").display().to_string(),
            expected: format!("the {what} of the run to be resumed, {then}"),
            found: now.clone(),
        }
        .into());
    }
    let weights = directory.load_weights()?;
    executor.set_parameters(&train::parameters_from(plan, &weights, "")?)?;
    let slots = plan
        .optimizer
        .as_ref()
        .map(|optimizer| optimizer.slots())
        .unwrap_or_default();
    if !slots.is_empty() {
        let state = directory.load_optimizer()?;
        let slots: Vec<_> = slots
            .iter()
            .map(|slot| train::parameters_from(plan, &state, &format!("{slot}.")))
            .collect::<RuntimeResult<_>>()?;
        executor.set_slots(&slots)?;
    }
    Ok((directory.load_history()?, then.wall_seconds))
}
